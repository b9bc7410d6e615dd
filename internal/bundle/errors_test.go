package bundle

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// refused loads the cases that are not read.
func refused(t testing.TB) (cases []corpus.Case) {
	t.Helper()
	for _, form := range forms[1:] {
		cases = append(cases, corpus.Load(t, "testdata/"+form+"-errors")...)
	}
	return append(cases, corpus.Load(t, "testdata/errors")...)
}

// TestErrors wants every fault of every faulty bundle, word for word.
func TestErrors(t *testing.T) {
	for _, c := range refused(t) {
		t.Run(c.Dir()+"/"+c.Name, func(t *testing.T) {
			path := corpus.Dir(t, c.Files)
			_, err := Read(path)
			if err == nil {
				t.Fatal("read without error")
			}
			got := strings.NewReplacer(path+"/", "", path, "BUNDLE").Replace(err.Error()) + "\n"
			if *update {
				c.Record(t, got)
			} else if got != c.Want {
				t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.Title, got, c.Want)
			}
			wantInput(t, err)
		})
	}
}

// wantInput checks what every error of this package promises.
func wantInput(t *testing.T, err error) {
	t.Helper()
	var one *fault.Fault
	var list fault.List
	if !errors.As(err, &one) && !errors.As(err, &list) {
		t.Fatalf("%T is not a fault", err)
	}
	for _, f := range fault.All(err) {
		if f.Kind != fault.Input || f.File == "" || f.Cause == "" || f.Remedy == "" {
			t.Errorf("incomplete fault: %#v", f)
		}
	}
	if strings.Contains(err.Error(), corpus.Canary) {
		t.Errorf("a secret is in the error: %v", err)
	}
}

func TestPathErrors(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct{ name, data, want string }{
		{"empty", "", "the file is empty"},
		{"text", "hello", "neither a .zip nor a .tar.gz"},
		{"keystore", "\xfe\xed\xfe\xed\x00", "a Java keystore"},
		{"pkcs12", "\x30\x82\x01\x00", "a keystore or a certificate"},
		{"page", "<!DOCTYPE html>", "a web page"},
		{"7z", "7z\xbc\xaf\x27\x1c", "a 7z archive"},
		{"plain.tar", strings.Repeat("\x00", 257) + "ustar\x00", "a plain .tar"},
		{"cut.zip", "PK\x03\x04", "damaged or cut short"},
		{"empty.zip", string(corpus.Zip(t, nil)), "found nothing"},
		{"gzip", "\x1f\x8b", "damaged or cut short"},
	} {
		path := filepath.Join(dir, c.name)
		if err := os.WriteFile(path, []byte(c.data), 0o644); err != nil {
			t.Fatal(err)
		}
		_, err := Read(path)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
			continue
		}
		wantInput(t, err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "missing"): "there is no such file",
		os.DevNull:                    "neither a file nor a directory",
	} {
		if _, err := Read(path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", path, err, want)
		}
	}
	if _, err := Read(""); err == nil || !strings.Contains(err.Error(), "path of the bundle is empty") {
		t.Errorf("empty path: %v", err)
	}
}

// TestOverrides: what the user gives by flag is not asked of the bundle, and
// flags are named by the cluster's number in the project.
func TestOverrides(t *testing.T) {
	cases := map[string]corpus.Case{}
	for _, c := range corpus.Load(t, "testdata/errors") {
		cases[c.Name] = c
	}
	_, err := ReadWith(corpus.Dir(t, cases["not-followed"].Files), Overrides{Numbers: []int{2}, Fields: []string{"2.name", "1.discoveryURL", "2.addresses"}})
	switch {
	case err == nil:
		t.Fatal("the token cannot be followed, yet there is no error")
	case strings.Contains(err.Error(), "cluster name"), strings.Contains(err.Error(), "the address"):
		t.Errorf("overridden, yet asked for: %v", err)
	case !strings.Contains(err.Error(), "--set 2.discoveryURL="):
		t.Errorf("the flag for cluster 2 is not named: %v", err)
	}
	b, err := ReadWith(corpus.Dir(t, cases["pom-disagrees"].Files), Overrides{Fields: []string{"1.name", "1.discoveryURL"}})
	if err != nil || b.Clusters[0].Name.Text != "pr-1001" {
		t.Errorf("overridden values need not agree: %v", err)
	}
}
