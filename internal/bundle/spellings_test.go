package bundle

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/fault"
	"golang.org/x/tools/txtar"
)

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
	}
	for _, w := range b.Warnings {
		fmt.Fprintf(&out, "warning: %s\n", strings.NewReplacer(b.Path+"/top/", "", b.Path+"/", "", b.Path+"!", "").Replace(w))
	}
	return out.String()
}

// TestSpellings reads every spelling from a directory, and checks that each
// position is where the text stands.
func TestSpellings(t *testing.T) {
	for _, c := range loadCases(t, "spellings") {
		t.Run(c.name, func(t *testing.T) {
			b, err := Read(writeDir(t, c.files))
			if err != nil {
				t.Fatal(err)
			}
			got := describe(b)
			if *update {
				c.record(t, got)
			} else if got != c.want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.title, got, c.want)
			}
			for _, cluster := range b.Clusters {
				for _, at := range []fault.Position{cluster.Name.At, cluster.DiscoveryURL.At, cluster.Token.At, cluster.Username.At,
					cluster.Password.At, cluster.KeystorePassword.At, cluster.TruststorePassword.At} {
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
	isPOM := strings.HasSuffix(at.File, "pom.xml")
	if !isPOM && !strings.HasPrefix(rest, `"`) && !strings.HasPrefix(rest, `\u0022`) || isPOM && strings.ContainsAny(rest[:1], " <>") {
		t.Errorf("%s is at %q, where no value starts", at, rest)
	}
}

// TestContainers reads every spelling from every container, with Unix and
// Windows line ends, and wants the same each time.
func TestContainers(t *testing.T) {
	for _, c := range loadCases(t, "spellings") {
		crlf := make([]txtar.File, len(c.files))
		for i, f := range c.files {
			crlf[i] = f
			if strings.EqualFold(filepath.Ext(f.Name), ".java") {
				crlf[i].Data = bytes.ReplaceAll(f.Data, []byte("\n"), []byte("\r\n"))
			}
		}
		nested := in("a/b/top/", c.files)
		mac := append(in("top/", c.files), txtar.File{Name: "__MACOSX/top/._Demo.java", Data: []byte{0, 5, 22, 7}}, txtar.File{Name: ".DS_Store"})
		for kind, path := range map[string]string{
			"directory with a folder": writeDir(t, in("top/", c.files)),
			"directory with CRLF":     writeDir(t, crlf),
			"zip":                     writeFile(t, zipOf(t, c.files)),
			"zip with a folder":       writeFile(t, zipOf(t, in("top/", c.files))),
			"zip with three folders":  writeFile(t, zipOf(t, nested)),
			"zip made on macOS":       writeFile(t, zipOf(t, mac)),
			"zip with CRLF":           writeFile(t, zipOf(t, crlf)),
			"tar.gz":                  writeFile(t, tarOf(t, nil, c.files)),
			"tar.gz with a folder":    writeFile(t, tarOf(t, nil, in("top/", c.files))),
			"tar.gz with ./":          writeFile(t, tarOf(t, nil, in("./", c.files))),
		} {
			b, err := Read(path)
			if err != nil {
				t.Errorf("%s: %s: %v", c.name, kind, err)
			} else if got := describe(b); got != c.want {
				t.Errorf("%s: %s\ngot:\n%s\nwant:\n%s", c.name, kind, got, c.want)
			}
		}
	}
}
