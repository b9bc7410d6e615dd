package bundle

import (
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/bundle/java"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// TestAnotherReaderPlugsIn adds a reader to the list: its sources are found, given
// by themselves, chosen by the same rules as Java's, and named in errors.
func TestAnotherReaderPlugsIn(t *testing.T) {
	defer func(before []*said.Reader) { readers = before }(readers)
	readers = []*said.Reader{&java.Reader, {
		Form: "notes", Noun: "note", Looked: "a .note that names a cluster",
		Source: func(name string) int64 {
			if strings.HasSuffix(name, ".note") {
				return 100
			}
			return 0
		},
		Beside: func(string) int64 { return 0 },
		Read: func(files []said.File) (list []said.Candidate, _ fault.List) {
			for _, f := range files {
				at := fault.Position{File: f.Name, Line: 1, Column: 1}
				store := said.Store{File: said.Of("client.p12", at), Password: said.Of("secret", at)}
				list = append(list, said.Candidate{Used: true, Configs: []said.Config{{At: at,
					Name: said.Of(strings.TrimSpace(string(f.Data)), at), Token: said.Of("t", at), TLS: said.TLS{Keystore: store, Truststore: store}}}})
			}
			return list, nil
		},
	}}
	note := []txtar.File{{Name: "a.note", Data: []byte("pr-note\n")}, {Name: "client.p12", Data: []byte("keys")}}
	plain := []txtar.File{{Name: "Client.java", Data: []byte(`class C { ClientConfig c = new ClientConfig().setClusterName("pr-java"); }`)}}
	dir := corpus.Dir(t, note)
	for what, path := range map[string]string{"directory": dir, "source": dir + "/a.note", "with TLS before without": corpus.Dir(t, append(plain, note...))} {
		b, err := Read(path)
		if err != nil || b.Form != "notes" || b.Clusters[0].Name.Text != "pr-note" || string(b.Clusters[0].Keystore.Data) != "keys" {
			t.Errorf("%s: %+v, %v", what, b, err)
		}
	}
	for want, files := range map[string][]txtar.File{
		"it has no Java source or note; found x.txt": {{Name: "x.txt"}},
		"here, \"pr-other\" at":                      append([]txtar.File{{Name: "b.note", Data: []byte("pr-other")}}, note...),
	} {
		if _, err := Read(corpus.Dir(t, files)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
