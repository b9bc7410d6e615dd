package wizard

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestTypedPaths(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a backslash separates folders on Windows")
	}
	t.Chdir(t.TempDir())
	if err := os.WriteFile(`odd\ name's.zip`, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for typed, want := range map[string]string{
		"a.zip":                        "a.zip",
		"  a.zip  ":                    "a.zip",
		"my file.zip":                  "my file.zip",
		`my\ file.zip `:                "my file.zip",
		`'my file.zip'`:                "my file.zip",
		`"my file.zip"`:                "my file.zip",
		`'it'\''s.zip'`:                "it's.zip",
		`"a\"b\$c\d.zip"`:              `a"b$c\d.zip`,
		`/tmp/x\(1\).zip`:              "/tmp/x(1).zip",
		"~/a.zip":                      filepath.Join("/home/me", "a.zip"),
		"~other/a.zip":                 "~other/a.zip",
		"file:///tmp/my%20file.zip":    "/tmp/my file.zip",
		"file://localhost/tmp/a.zip":   "/tmp/a.zip",
		"file://elsewhere.org/tmp/a.z": "file://elsewhere.org/tmp/a.z",
		`odd\ name's.zip`:              `odd\ name's.zip`, // it is there as it is typed
		"& '/tmp/a b.zip'":             "/tmp/a b.zip",
		"":                             "",
	} {
		if got := typedPath(typed, "/home/me"); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

func TestPathsAreCompleted(t *testing.T) {
	home := t.TempDir()
	t.Chdir(t.TempDir())
	for _, name := range []string{"one.zip", "one.txt", "one.tar.gz", "Client.java", ".hidden.zip", filepath.Join(home, "h.tgz"), "folder/inner.ZIP"} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	sep := string(filepath.Separator)
	for typed, want := range map[string][]string{
		"":              {"Client.java", "folder" + sep, "one.tar.gz", "one.zip"},
		"o":             {"one.tar.gz", "one.zip"},
		"fo":            {"folder" + sep},
		"folder" + sep:  {"folder" + sep + "inner.ZIP"},
		".h":            {".hidden.zip"},
		"~" + sep:       {"~" + sep + "h.tgz"},
		"'one.z":        {"one.zip"},
		"nowhere" + sep: nil,
		home + sep:      {home + sep + "h.tgz"},
	} {
		if got := completions(typed, home); !slices.Equal(got, want) {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
}

func TestBundlesAreFoundHereAndInDownloads(t *testing.T) {
	w, _ := newWizard(t)
	w.Home = t.TempDir()
	writeBundle(t, filepath.Join(w.Home, "Downloads", "d"), "pr-d", storePassword)
	for _, name := range []string{"notes.zip", filepath.Join(w.Home, "Downloads", "notes.tgz")} {
		if err := os.WriteFile(name, []byte("no archive"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var labels []string
	for _, o := range w.found() {
		labels = append(labels, o.label(80))
	}
	if want := []string{"pr-a  a", "pr-b  b", "c", "pr-d  ~/Downloads/d"}; !slices.Equal(labels, want) {
		t.Errorf("got %q, want %q", labels, want)
	}
	t.Chdir(filepath.Join(w.Home, "Downloads"))
	w.offers = nil
	if n := len(w.found()); n != 1 {
		t.Errorf("in Downloads itself %d bundles are found, want 1", n)
	}
}

func TestTextFitsItsWidth(t *testing.T) {
	lines := Wrapped("one two three averyverylongword four", "  ", 10)
	if want := "  one two|  three|  averyverylongword|  four"; strings.Join(lines, "|") != want {
		t.Errorf("got %q, want %q", strings.Join(lines, "|"), want)
	}
	for text, want := range map[string]string{"short": "short", "1234567890": "1234567890", "12345678901": "123...8901"} {
		if got := elided(text, 10); got != want {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}
