package wizard

import (
	"context"
	"os"
	"strings"
	"testing"
)

// writeList writes a failover list of two clusters, the second one first.
func writeList(t *testing.T) {
	t.Helper()
	for name, text := range map[string]string{
		"hazelcast-client-failover.yaml": "hazelcast-client-failover:\n  clients: [b.yaml, a.yaml]\n",
		"a.yaml":                         "hazelcast-client:\n  cluster-name: pr-1\n  network:\n    cluster-members: [\"10.0.0.1:5701\"]\n    ssl: {enabled: false}\n",
		"b.yaml":                         "hazelcast-client:\n  cluster-name: pr-2\n  network:\n    cluster-members: [\"10.0.0.2:5701\"]\n    ssl: {enabled: false}\n",
		"broken.yaml":                    "hazelcast-client-failover:\n  clients: [a.yaml, away.yaml]\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// The first answer can be a source that lists all clusters: it is offered, all are
// shown in its order, and no other bundle is asked for.
func TestAListOfClustersIsTheOnlySource(t *testing.T) {
	const list = "hazelcast-client-failover.yaml"
	for name, c := range map[string]struct {
		given   string
		answers []answer
	}{
		"offered": {"", []answer{{question: "Primary bundle", text: list}}},
		"typed, after one that is wrong": {"", []answer{{question: "Primary bundle", text: anotherPath}, {question: "Path of the primary bundle", text: "broken.yaml"},
			{question: "Primary bundle", text: list}}},
		"given": {list, nil},
	} {
		t.Run(name, func(t *testing.T) {
			w, said := newWizard(t, append(c.answers, rest...)...)
			writeList(t)
			w.Answers.From = c.given
			if err := w.Ask(context.Background()); err != nil {
				t.Fatal(err)
			}
			if w.Answers.From != list || len(w.Answers.Bundles) > 0 {
				t.Errorf("from %q, bundles %q", w.Answers.From, w.Answers.Bundles)
			}
			text := said.String()
			first, second := strings.Index(text, "cluster    pr-2\n"), strings.Index(text, "cluster    pr-1\n")
			if !strings.Contains(text, "It lists 2 clusters, in this order:") || first < 0 || second < first {
				t.Errorf("said:\n%s", text)
			}
			if wrong := strings.Contains(text, "away.yaml") || strings.Contains(text, "not in the bundle"); wrong != (len(c.answers) > 1) {
				t.Errorf("what is wrong with the other list is said: %v\n%s", wrong, text)
			}
		})
	}
}
