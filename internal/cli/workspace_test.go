package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestAGoWorkFileThatKeepsTheProjectFromBuildingIsNamed(t *testing.T) {
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(root)
	for name, text := range map[string]string{
		"go.work": "go 1.26\n\nuse ./listed\n", "nearer/go.work": "go 1.26\n\nuse ./orders\n", "broken/go.work": "use (\n",
		"listed/x": "", "nearer/orders/x": "", "broken/orders/x": "", "services/orders/x": "",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("listed", "link"); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		dir, setting string
		warned       bool
	}{
		{"services/orders", "", true}, {"services/orders", "auto", true}, {"not/there/yet", "", true}, {".", "", true},
		{"services/orders", "off", false}, {"listed", "", false}, {"./listed/", "", false}, {"link", "", false}, {"nearer/orders", "", false},
		{"broken/orders", "", false}, // the go command says what is wrong with it
		{"nearer/orders", filepath.Join(root, "go.work"), true}, {"services/orders", filepath.Join(root, "none"), false},
	} {
		var errs bytes.Buffer
		a := &app{Env: Env{Stderr: &errs, LookupEnv: lookup(map[string]string{"GOWORK": c.setting})}}
		a.warnOfWorkspace(c.dir)
		if warned := strings.HasPrefix(errs.String(), "warning: go.work does not list "); warned != c.warned || !warned && errs.Len() > 0 {
			t.Errorf("%s with GOWORK=%s: %q, want a warning: %v", c.dir, c.setting, errs.String(), c.warned)
		}
	}
}
