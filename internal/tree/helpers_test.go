package tree

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// project is a small project in memory, with all that a real one has: files of
// every owner, two clusters with stores and texts, a spec and a lock.
type project struct {
	files   map[string]string // by path; the owner is that of owners
	secrets map[string]string // by path or key
	without []string          // secrets that have no source
	moves   Moves
	module  string
}

var owners = map[string]Owner{"failover.yaml": Scaffolded, "main.go": Scaffolded, "README.md": Scaffolded, "go.mod": Merged}

const testMod = "module example.com/orders\n\ngo 1.26.0\n"

func newProject() *project {
	return &project{
		module: "example.com/orders",
		files: map[string]string{
			"failover.yaml": "version: 1\n", "clusters.go": "package main // one\n", "internal/deep/a.go": "package deep\n", "load.go": "package main\n",
			"main.go": "package main\n\nimport _ \"example.com/orders/internal/deep\"\n", "README.md": "# orders\n", "go.mod": testMod,
		},
		secrets: map[string]string{
			"resources/client.keystore": "key one", "FAILOVER_1_KEYSTORE_PASSWORD": "pass one", "FAILOVER_1_TOKEN": "token one",
			"resources/client2.keystore": "key two", "FAILOVER_2_KEYSTORE_PASSWORD": "pass two", "FAILOVER_2_TOKEN": "token two",
		},
	}
}

// with returns a copy with some files or secrets changed.
func (p *project) with(changed map[string]string) *project {
	q := &project{files: maps.Clone(p.files), secrets: maps.Clone(p.secrets), without: p.without, moves: p.moves, module: p.module}
	for name, text := range changed {
		if _, ok := p.secrets[name]; ok {
			q.secrets[name] = text
		} else {
			q.files[name] = text
		}
	}
	return q
}

// group names what only works together.
func group(name string) string {
	cluster := "1"
	if strings.Contains(name, "2") {
		cluster = "2"
	}
	if strings.HasSuffix(name, "TOKEN") {
		return cluster + " token"
	}
	return cluster + " keystore"
}

// want is what dir shall be, seen from the lock that is in it.
func (p *project) want(t testing.TB, dir string) *Want {
	t.Helper()
	w := &Want{Spec: "failover.yaml", Lock: "failover.lock", Module: p.module, Moves: p.moves}
	var lock []Recorded
	for _, name := range slices.Sorted(maps.Keys(p.files)) {
		owner := owners[name]
		if owner == "" {
			owner = Generated
		}
		f := File{Path: name, Data: []byte(p.files[name]), Mode: 0o644, Owner: owner}
		w.Files = append(w.Files, f)
		r := Recorded{Path: name, Owner: owner}
		if owner == Generated || owner == Scaffolded && name != "failover.yaml" {
			r.SHA256 = Digest(f.Data)
		}
		lock = append(lock, r)
	}
	for _, name := range slices.Sorted(maps.Keys(p.secrets)) {
		v := Value{Path: name, Data: []byte(p.secrets[name]), Group: group(name), Unknown: slices.Contains(p.without, name)}
		if strings.HasPrefix(name, "FAILOVER_") {
			v.Path, v.Key = Dotenv, name
		}
		w.Secrets = append(w.Secrets, v)
		lock = append(lock, Recorded{Path: v.Path, Owner: Secret})
	}
	text, err := json.Marshal(struct {
		Module string
		Files  []Recorded
	}{p.module, lock})
	if err != nil {
		t.Fatal(err)
	}
	w.Files = append(w.Files, File{Path: "failover.lock", Data: text, Mode: 0o644, Owner: Generated})
	w.LockText, _ = os.ReadFile(filepath.Join(dir, "failover.lock"))
	var last struct {
		Module string
		Files  []Recorded
	}
	if json.Unmarshal(w.LockText, &last) == nil {
		w.Recorded, w.WasModule = last.Files, last.Module
	}
	return w
}

// create writes a fresh project and returns its folder.
func create(t testing.TB, p *project) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "orders")
	if _, err := Apply(context.Background(), dir, p.want(t, dir), Options{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// apply makes dir hold p, and returns what was done. A dry run before must touch
// nothing and say the same.
func apply(t *testing.T, dir string, p *project, o Options) (map[string]Action, error) {
	t.Helper()
	before := snapshot(t, dir)
	dry, dryErr := Apply(context.Background(), dir, p.want(t, dir), Options{Force: o.Force, DryRun: true})
	sameTree(t, snapshot(t, dir), before)
	report, err := Apply(context.Background(), dir, p.want(t, dir), o)
	if !slices.Equal(dry.Files, report.Files) || (dryErr == nil) != (err == nil) {
		t.Errorf("the dry run says %v %v, the real one %v %v", dry.Files, dryErr, report.Files, err)
	}
	actions := make(map[string]Action)
	for _, f := range report.Files {
		if f.Action != Keep {
			actions[f.Path] = f.Action
		}
	}
	return actions, err
}

// reasons returns what a dry run says of each file.
func reasons(t *testing.T, dir string, p *project) map[string]string {
	t.Helper()
	report, _ := Apply(context.Background(), dir, p.want(t, dir), Options{DryRun: true})
	all := make(map[string]string)
	for _, f := range report.Files {
		if f.Reason != "" {
			all[f.Path] = f.Reason
		}
	}
	return all
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func wantActions(t *testing.T, got, want map[string]Action) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("actions %v, want %v", got, want)
	}
}

// snapshot is everything below dir: path to mode and content; folders have none.
func snapshot(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.Walk(dir, func(name string, info os.FileInfo, err error) error {
		if err != nil || name == dir {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		text := info.Mode().String()
		if info.Mode().IsRegular() {
			data, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			text += " " + string(data)
		}
		all[filepath.ToSlash(rel)] = text
		return nil
	})
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	return all
}

func sameTree(t *testing.T, got, want map[string]string) {
	t.Helper()
	for name, text := range want {
		if have, ok := got[name]; !ok {
			t.Errorf("%s is missing", name)
		} else if have != text {
			t.Errorf("%s differs: %.80q, want %.80q", name, have, text)
		}
	}
	for name := range got {
		if _, ok := want[name]; !ok {
			t.Errorf("%s was not expected", name)
		}
	}
}

// hasLine checks that err has a line that holds all parts.
func hasLine(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
lines:
	for line := range strings.Lines(err.Error()) {
		for _, p := range parts {
			if !strings.Contains(line, p) {
				continue lines
			}
		}
		return
	}
	t.Errorf("got %q, want a line with %q", err, parts)
}
