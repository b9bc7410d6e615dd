package wizard

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/spec"
)

// goldenStores is the folder of the golden tests' stores.
const goldenStores = "../../golden/testdata/stores"

// writeSeveralKeys writes the folder of a bundle whose keystore holds several keys.
func writeSeveralKeys(t *testing.T, stores, folder string) {
	t.Helper()
	writeBundle(t, folder, "pr-several", "1a2b3c4d5e6")
	for name, source := range map[string]string{"client.keystore": "several-keys.keystore", "client.truststore": "pr-1234.truststore"} {
		data, err := os.ReadFile(filepath.Join(stores, source))
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, "src", "main", "resources", name), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// writeWithoutTLS writes a bundle that sets up no TLS.
func writeWithoutTLS(t *testing.T, folder string) {
	t.Helper()
	source := `class Client { void main() {
	ClientConfig config = new ClientConfig();
	config.setClusterName("plain");
	config.getNetworkConfig().addAddress("10.0.0.1:5701");
	HazelcastClient.newHazelcastClient(config);
} }`
	err := os.Mkdir(folder, 0o755)
	for name, text := range map[string]string{"pom.xml": "<project/>", "Client.java": source} {
		err = errors.Join(err, os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheKeyIsChosenAmongSeveral(t *testing.T) {
	stores, err := filepath.Abs(goldenStores)
	if err != nil {
		t.Fatal(err)
	}
	w, said := newWizard(t, append([]answer{{question: "Primary bundle"},
		{question: "Secondary bundle", text: "pr-several"}, {question: "Key in client.keystore", text: notThisBundle},
		{question: "Secondary bundle", text: "pr-several"}, {question: "Key in client.keystore", text: `"invoices"`},
		{question: "Another secondary?"}}, rest...)...)
	writeSeveralKeys(t, stores, "s")
	if err := w.Ask(context.Background()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"2.alias=invoices"}; !slices.Equal(w.Answers.Set, want) || !slices.Equal(w.Answers.Bundles, []string{"a", "s"}) {
		t.Errorf("got %q for %q, want %q", w.Answers.Set, w.Answers.Bundles, want)
	}
	if !strings.Contains(said.String(), `holds several keys: "orders", "invoices"`) {
		t.Errorf("said:\n%s", said)
	}
}

func TestAClusterWithoutTLSIsConfirmed(t *testing.T) {
	w, said := newWizard(t, append([]answer{{question: "Primary bundle"},
		{question: "Secondary bundle", text: "plain"}, {question: "Does this cluster take connections without TLS?"}, // by Enter: no
		{question: "Secondary bundle", text: "plain"}, {question: "Does this cluster take connections without TLS?", text: "yes"},
		{question: "Another secondary?"}}, rest...)...)
	writeWithoutTLS(t, "plain")
	if err := w.Ask(context.Background()); err != nil {
		t.Fatal(err)
	}
	if want := []string{"2.tls=off"}; !slices.Equal(w.Answers.Set, want) {
		t.Errorf("got %q, want %q", w.Answers.Set, want)
	}
	if !strings.Contains(said.String(), "this client connects without TLS") {
		t.Errorf("said:\n%s", said)
	}
}

// What the user alone can choose is an error where nobody is asked, and is not asked
// where a flag gives it.
func TestNobodyChoosesForTheUser(t *testing.T) {
	stores, err := filepath.Abs(goldenStores)
	if err != nil {
		t.Fatal(err)
	}
	for second, c := range map[string]struct{ set, want string }{
		"s":     {"2.alias=orders", "choose one with --set 2.alias=ALIAS"},
		"plain": {"2.tls=off", "--set 2.tls=off"},
	} {
		w, _ := newWizard(t)
		writeSeveralKeys(t, stores, "s")
		writeWithoutTLS(t, "plain")
		w.Prompter = Defaults{}
		w.Given, w.Answers.Bundles = []string{"--primary", "--secondary"}, []string{"a", second}
		if err := w.Ask(context.Background()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %s", second, err, c.want)
		}
		w.reports, w.Answers = nil, Answers{Bundles: []string{"a", second}, Set: []string{c.set}}
		if err := w.Ask(context.Background()); err != nil || !slices.Equal(w.Answers.Set, []string{c.set}) {
			t.Errorf("%s with --set %s: %v, settings %q", second, c.set, err, w.Answers.Set)
		}
	}
}

// inModule makes a module of the folder, in which the wizard works below it.
func inModule(t *testing.T, folder string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, "go.mod"), []byte("module example.com/svc\n\ngo 1.26.0\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestInAModuleTheLayoutIsAsked(t *testing.T) {
	bundles := []answer{{question: "Primary bundle"}, {question: "Secondary bundle"}, {question: "Another secondary?"}}
	settings := []answer{{question: "Standby"}, {question: "Failback"}, {question: "Secrets"}}
	isPackage := answer{question: "Layout", text: "package"}
	for name, c := range map[string]struct {
		module      string // its folder
		given       []string
		answers     Answers
		questions   []answer
		layout, out string
		path        string
	}{
		"a package": {module: ".", questions: slices.Concat([]answer{isPackage}, settings, []answer{{question: "Output folder"}}),
			layout: "package", out: "failover", path: "example.com/svc/failover"},
		"a project by Enter": {module: ".", questions: slices.Concat([]answer{{question: "Layout"}, {question: "Module path"}}, settings, []answer{{question: "Output folder"}}),
			layout: "project", out: "failover-client", path: "example.com/failover-client"},
		"by flag": {module: ".", given: []string{"--layout"}, answers: Answers{Layout: "package"}, questions: slices.Concat(settings, []answer{{question: "Output folder", text: "internal/hz"}}),
			layout: "package", out: "internal/hz", path: "example.com/svc/internal/hz"},
		"the folder lies in a module": {module: "svc", questions: slices.Concat([]answer{{question: "Module path"}}, settings, []answer{{question: "Output folder", text: "svc/hz"}, isPackage}),
			layout: "package", out: "svc/hz", path: "example.com/svc/hz"},
		"the folder is given": {module: "svc", given: []string{"--out"}, answers: Answers{Out: "svc/hz"}, questions: slices.Concat([]answer{isPackage}, settings),
			layout: "package", out: "svc/hz", path: "example.com/svc/hz"},
		"a folder outside of the module": {module: "svc", given: []string{"--layout"}, answers: Answers{Layout: "package"},
			questions: slices.Concat(settings, []answer{{question: "Output folder", text: "elsewhere"}, {question: "Output folder", text: "svc"}, {question: "Output folder", text: "svc/hz"}}),
			layout:    "package", out: "svc/hz", path: "example.com/svc/hz"},
	} {
		t.Run(name, func(t *testing.T) {
			w, _ := newWizard(t, slices.Concat(bundles, c.questions)...)
			if err := os.MkdirAll(c.module, 0o755); err != nil {
				t.Fatal(err)
			}
			inModule(t, c.module)
			w.Given, w.Answers = c.given, c.answers
			if err := w.Ask(context.Background()); err != nil {
				t.Fatal(err)
			}
			if a := w.Answers; a.Layout != c.layout || a.Out != c.out || a.Module != c.path {
				t.Errorf("layout %s in %s, module %s; want %s in %s, %s", a.Layout, a.Out, a.Module, c.layout, c.out, c.path)
			}
		})
	}
}

func TestAPackageIsNotDrilledAtOnce(t *testing.T) {
	w, said := newWizard(t, slices.Concat([]answer{{question: "Primary bundle"}, {question: "Secondary bundle"}, {question: "Another secondary?"},
		{question: "Layout", text: "package"}, {question: "Layout"}}, rest)...)
	inModule(t, ".")
	w.Drill = true
	if err := w.Ask(context.Background()); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(said.String(), "not usable  --drill: a package has no program") {
		t.Errorf("said:\n%s", said)
	}
}

// The layout and the import path of a package stay as they are.
func TestThePackageOfAProjectIsNotAskedFor(t *testing.T) {
	w, _ := newWizard(t, append([]answer{{question: "Primary bundle"}, {question: "Secondary bundle"}, {question: "Another secondary?"}}, rest[1:4]...)...)
	inModule(t, ".")
	s := spec.Default()
	s.Layout, s.Module = spec.LayoutPackage, "example.com/svc/hz"
	s.Clusters = []spec.Cluster{{Bundle: "../a"}, {Bundle: "../b"}}
	w.Existing, w.Located, w.Given, w.Answers.Out = &s, []string{"a", "b"}, []string{"--out"}, "hz"
	if err := w.Ask(context.Background()); err != nil {
		t.Fatal(err)
	}
	if a := w.Answers; a.Layout != spec.LayoutPackage || a.Module != s.Module {
		t.Errorf("%+v", a)
	}
}
