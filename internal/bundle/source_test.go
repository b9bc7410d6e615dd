package bundle

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/bundle/java"
)

// TestSingleSource reads every spelling that has one source from the path of
// that source, and wants what the directory gives.
func TestSingleSource(t *testing.T) {
	read := 0
	for _, c := range spellings(t) {
		var sources []string
		for _, f := range c.Files {
			if sourceLimit(f.Name) > 0 {
				sources = append(sources, f.Name)
			}
		}
		if len(sources) != 1 || c.Dir() != "spellings" && strings.Contains(sources[0], "/") {
			continue
		}
		read++
		dir := corpus.Dir(t, c.Files)
		b, err := Read(filepath.Join(dir, filepath.FromSlash(sources[0])))
		if err != nil {
			t.Errorf("%s: %v", c.Name, err)
			continue
		}
		if b.Path != dir+"/"+sources[0] {
			t.Errorf("%s: path %s", c.Name, b.Path)
		}
		b.Path = dir // to name files as the case does
		if got := describe(b); got != c.Want {
			t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.Title, got, c.Want)
		}
	}
	if read < 15 {
		t.Errorf("only %d spellings have one source", read)
	}
}

// apart puts the source of a bundle into one folder and its stores into another.
func apart(bundle []txtar.File, source, stores string) []txtar.File {
	var files []txtar.File
	for _, f := range bundle {
		folder := stores
		if strings.HasSuffix(f.Name, ".java") {
			folder = source
		}
		files = append(files, txtar.File{Name: folder + filepath.Base(f.Name), Data: f.Data})
	}
	return files
}

func TestSingleSourceFindsItsStores(t *testing.T) {
	bundle := corpus.Good(t, "testdata/spellings")
	for _, c := range []struct{ source, stores, from, given, keystore string }{
		{"", "", "", "Demo.java", "client.keystore"},
		{"", "", "", "./Demo.java", "client.keystore"},
		{"", "resources/", "", "Demo.java", "resources/client.keystore"},
		{"java/", "resources/", "", "java/Demo.java", "resources/client.keystore"},
		{"java/", "resources/", "java", "Demo.java", "../resources/client.keystore"},
		{".hidden/", ".hidden/", "", ".hidden/Demo.java", ".hidden/client.keystore"},
		{"target/", "target/", "", "target/Demo.java", "target/client.keystore"},
		{"p/src/main/java/com/target/app/", "p/src/main/resources/", "", "p/src/main/java/com/target/app/Demo.java", "p/src/main/resources/client.keystore"},
		{"p/src/main/java/com/target/app/", "p/", "p/src", "main/java/com/target/app/Demo.java", "../client.keystore"},
		{"src/main/java/", "src/main/resources/", "src/main/java", "Demo.java", "../resources/client.keystore"},
	} {
		dir := corpus.Dir(t, apart(bundle, c.source, c.stores))
		// What is beside it, and says something else, is not asked.
		if err := os.WriteFile(filepath.Join(dir, c.source, "Other.java"), []byte(`class Other { ClientConfig c = new ClientConfig().setClusterName("other"); }`), 0o600); err != nil {
			t.Fatal(err)
		}
		t.Chdir(filepath.Join(dir, c.from))
		b, err := Read(filepath.FromSlash(c.given))
		if err != nil {
			t.Errorf("%s from %q: %v", c.given, c.from, err)
			continue
		}
		cluster := b.Clusters[0]
		if cluster.Keystore.Path != c.keystore || cluster.Name.At.File != strings.TrimPrefix(c.given, "./") || b.Path != c.given {
			t.Errorf("%s from %q: keystore %s, name at %s, path %s", c.given, c.from, cluster.Keystore.Path, cluster.Name.At, b.Path)
		}
		checkPosition(t, cluster.Name.At)
	}
}

func TestSingleSourceErrors(t *testing.T) {
	for _, c := range corpus.Load(t, "testdata/spellings") {
		if c.Name != "constants-elsewhere" {
			continue
		}
		_, err := Read(filepath.Join(corpus.Dir(t, c.Files), "src/main/java/com/example/Demo.java"))
		if err == nil || !strings.Contains(err.Error(), "or give the directory of the bundle, for its other sources to be read too") {
			t.Errorf("values of another source: %v", err)
		}
	}
	dir := corpus.Dir(t, apart(corpus.Good(t, "testdata/spellings"), "alone/", "far/"))
	outside := corpus.File(t, corpus.Good(t, "testdata/spellings")[0].Data)
	for name, data := range map[string]string{"large.java": strings.Repeat(" ", java.MaxSource+1), "empty.java": "", "other.java": "class Other {}", "zip.java": "PK\x03\x04"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link.java")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"alone/Demo.java": `no file is called "client.keystore"; put the file beside the source, or give the directory of the bundle`,
		"large.java":      "the source is larger than 512 KiB; ",
		"empty.java":      "none of its Java sources sets up a client; ",
		"other.java":      "none of its Java sources sets up a client; ",
		"zip.java":        "none of its Java sources sets up a client; ",
		"link.java":       "the source is a symbolic link that leads nowhere, or out of the bundle; ",
		"none.java":       "there is no such file or directory; ",
	} {
		_, err := Read(filepath.Join(dir, name))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", name, err, want)
			continue
		}
		wantInput(t, err)
	}
}
