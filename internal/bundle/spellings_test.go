package bundle

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/fault"
)

var update = flag.Bool("update", false, "record what is read as what is wanted")

// describe writes a bundle as the cases want it: one line a value, with its
// position inside the bundle. Secrets are revealed; they are the corpus's own.
func describe(b *Bundle) string {
	var out strings.Builder
	inner := func(file string) string {
		file = strings.TrimPrefix(file, b.Path)
		return strings.TrimPrefix(strings.TrimLeft(file, "!/"), "top/")
	}
	line := func(i int, field, text string, at fault.Position) {
		fmt.Fprintf(&out, "%d.%s = %q at %s:%d:%d\n", i+1, field, text, inner(at.File), at.Line, at.Column)
	}
	for i, c := range b.Clusters {
		value := func(field string, v Value) {
			if v.Text != "" {
				line(i, field, v.Text, v.At)
			}
		}
		secret := func(field string, s Secret) {
			if s.Present() {
				line(i, field, s.Reveal(), s.At)
			}
		}
		store := func(field string, s *Store) {
			if s != nil {
				line(i, field, s.Inner+": "+strings.TrimSpace(string(s.Data)), s.NamedAt)
			}
		}
		value("name", c.Name)
		value("discoveryURL", c.DiscoveryURL)
		secret("token", c.Token)
		for _, a := range c.Addresses {
			value("address", a)
		}
		value("username", c.Username)
		secret("password", c.Password)
		store("keystore", c.Keystore)
		secret("keystorePassword", c.KeystorePassword)
		secret("keyPassword", c.KeyPassword)
		store("truststore", c.Truststore)
		secret("truststorePassword", c.TruststorePassword)
		store("ca", c.CA)
		store("cert", c.Cert)
		store("key", c.Key)
		value("serverName", c.ServerName)
		value("tls", c.TLS)
		value("noTLS", c.NoTLS)
	}
	short := strings.NewReplacer(b.Path+"/top/", "", b.Path+"/", "", b.Path+"!", "")
	for _, f := range b.Loose {
		fmt.Fprintf(&out, "generate refuses: %s\n", short.Replace(f.Error()))
	}
	for i, c := range b.Clusters {
		for _, n := range c.Notes {
			fmt.Fprintf(&out, "note: %d: %s\n", i+1, short.Replace(n))
		}
	}
	for _, w := range b.Warnings {
		fmt.Fprintf(&out, "warning: %s\n", short.Replace(w))
	}
	return out.String()
}

// forms are the folders of the cases that are read; those that are refused are in
// folders of the same name with -errors, except Java's.
var forms = []string{"spellings", "clc", "python", "go", "node", "dotnet", "cpp"}

// spellings loads the cases of all forms.
func spellings(t testing.TB) (cases []corpus.Case) {
	t.Helper()
	for _, form := range forms {
		cases = append(cases, corpus.Load(t, "testdata/"+form)...)
	}
	return cases
}

// TestSpellings reads every spelling from a directory, and checks that each
// position is where the text stands.
func TestSpellings(t *testing.T) {
	for _, c := range spellings(t) {
		t.Run(c.Dir()+"/"+c.Name, func(t *testing.T) {
			b, err := Read(corpus.Dir(t, c.Files))
			if err != nil {
				t.Fatal(err)
			}
			got := describe(b)
			if *update {
				c.Record(t, got)
			} else if got != c.Want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.Title, got, c.Want)
			}
			for _, cluster := range b.Clusters {
				for _, at := range []fault.Position{cluster.Name.At, cluster.DiscoveryURL.At, cluster.Token.At, cluster.Username.At,
					cluster.Password.At, cluster.KeystorePassword.At, cluster.TruststorePassword.At, cluster.KeyPassword.At, cluster.ServerName.At} {
					checkPosition(t, at)
				}
			}
		})
	}
}

// checkPosition looks the position up in the file: a literal starts there.
func checkPosition(t *testing.T, at fault.Position) {
	t.Helper()
	if at.File == "" {
		return
	}
	data, err := os.ReadFile(at.File)
	if err != nil {
		t.Fatal(err)
	}
	rest := strings.Split(string(data), "\n")[at.Line-1][at.Column-1:]
	starts := ` <>` // what no value of a document starts with
	switch filepath.Ext(at.File) {
	case ".java":
		if strings.HasPrefix(rest, `"`) || strings.HasPrefix(rest, `\u0022`) {
			return
		}
		starts = rest[:1]
	case ".py", ".go", ".js", ".ts", ".cs", ".cpp":
		if strings.HasPrefix(strings.TrimLeft(rest, "rfRu8L@$"), rest[:1]) && !strings.ContainsAny(rest[:1], "\"'`") || rest[0] == ' ' {
			starts = rest[:1]
		}
	}
	if strings.ContainsAny(rest[:1], starts) {
		t.Errorf("%s is at %q, where no value starts", at, rest)
	}
}

// TestContainers reads every spelling from every container, with Unix and
// Windows line ends, and wants the same each time.
func TestContainers(t *testing.T) {
	for _, c := range spellings(t) {
		crlf := make([]txtar.File, len(c.Files))
		for i, f := range c.Files {
			crlf[i] = f
			if sourceLimit(f.Name) > 0 {
				crlf[i].Data = bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))
			}
		}
		nested := corpus.In("a/b/top/", c.Files)
		mac := append(corpus.In("top/", c.Files), txtar.File{Name: "__MACOSX/top/._Demo.java", Data: []byte{0, 5, 22, 7}}, txtar.File{Name: ".DS_Store"})
		for kind, path := range map[string]string{
			"directory with a folder": corpus.Dir(t, corpus.In("top/", c.Files)),
			"directory with CRLF":     corpus.Dir(t, crlf),
			"zip":                     corpus.File(t, corpus.Zip(t, c.Files)),
			"zip with a folder":       corpus.File(t, corpus.Zip(t, corpus.In("top/", c.Files))),
			"zip with three folders":  corpus.File(t, corpus.Zip(t, nested)),
			"zip made on macOS":       corpus.File(t, corpus.Zip(t, mac)),
			"zip with CRLF":           corpus.File(t, corpus.Zip(t, crlf)),
			"tar.gz":                  corpus.File(t, corpus.Tar(t, nil, c.Files)),
			"tar.gz with a folder":    corpus.File(t, corpus.Tar(t, nil, corpus.In("top/", c.Files))),
			"tar.gz with ./":          corpus.File(t, corpus.Tar(t, nil, corpus.In("./", c.Files))),
		} {
			b, err := Read(path)
			if err != nil {
				t.Errorf("%s: %s: %v", c.Name, kind, err)
			} else if got := describe(b); got != c.Want {
				t.Errorf("%s: %s\ngot:\n%s\nwant:\n%s", c.Name, kind, got, c.Want)
			}
		}
	}
}
