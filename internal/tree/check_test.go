package tree

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// checked returns the states that Check finds, and holds it to touching nothing.
func checked(t *testing.T, dir string, p *project) (map[string]State, []string) {
	t.Helper()
	w := p.want(t, dir)
	for i := range w.Secrets { // as from a lock
		w.Secrets[i].Data, w.Secrets[i].Unknown = nil, true
	}
	before := snapshot(t, dir)
	differences, absent, err := Check(dir, w)
	if err != nil {
		t.Fatal(err)
	}
	sameTree(t, snapshot(t, dir), before)
	states := make(map[string]State)
	for _, d := range differences {
		states[d.Path] = d.State
		if d.State != Missing && string(d.Old) != read(t, dir, d.Path) {
			t.Errorf("%s: the old content is %q", d.Path, d.Old)
		}
	}
	return states, absent
}

func TestCheckFindsWhatApplyWouldChange(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	if states, absent := checked(t, dir, newProject()); len(states)+len(absent) > 0 {
		t.Errorf("a fresh project is not in step: %v, absent %v", states, absent)
	}
	write(t, dir, "load.go", "package main // edited\n")
	remove(t, dir, "internal/deep/a.go")
	remove(t, dir, "README.md")
	remove(t, dir, Dotenv)
	write(t, dir, "internal/deep/b.go", "package deep // not ours\n")
	write(t, dir, "main.go", "package main // mine\n")
	write(t, dir, keystore1, "renewed")
	q := newProject().with(cold)
	delete(q.files, "load.go")
	q.files["new.go"] = "package main\n"
	states, absent := checked(t, dir, q)
	want := map[string]State{"clusters.go": Outdated, "failover.lock": Outdated, "internal/deep/a.go": Missing, "internal/deep/b.go": Unexpected, "load.go": Unexpected, "new.go": Missing}
	if !maps.Equal(states, want) || strings.Join(absent, " ") != Dotenv {
		t.Errorf("states %v, want %v; absent %v", states, want, absent)
	}
	if states, _ = checked(t, dir, newProject().with(cold)); states["load.go"] != Edited || states["clusters.go"] != Outdated {
		t.Errorf("with an edited file: %v", states)
	}
}

func TestATemplateThatMovedOnIsNamed(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	q := newProject().with(map[string]string{"main.go": "package main // newer\n"})
	if states, _ := checked(t, dir, q); states["main.go"] != Moved || len(states) != 2 {
		t.Errorf("states %v, want main.go and the lock", states)
	}
	w := q.want(t, dir)
	report, err := Apply(t.Context(), dir, w, Options{DryRun: true})
	if err != nil {
		t.Fatal(err)
	}
	told := func(f FileReport) bool {
		return f.Path == "main.go" && f.Action == Keep && f.Told && strings.Contains(f.Reason, "generate --take main.go takes it")
	}
	if !slices.ContainsFunc(report.Files, told) { // after this run the lock knows the new template only
		t.Errorf("generate does not tell of main.go: %+v", report.Files)
	}
	w.Take = []string{"main.go"}
	if _, err := Apply(t.Context(), dir, w, Options{}); err != nil {
		t.Fatal(err)
	}
	if states, _ := checked(t, dir, q); len(states) > 0 {
		t.Errorf("after it was taken: %v", states)
	}
}

func TestWhatCannotBeChecked(t *testing.T) {
	t.Parallel()
	w := newProject().want(t, "")
	if _, _, err := Check(filepath.Join(t.TempDir(), "none"), w); fault.ExitCode(err) == 0 {
		t.Error("a folder that does not exist was checked")
	}
	dir := create(t, newProject())
	os.MkdirAll(filepath.Join(dir, inside), 0o700)
	write(t, dir, filepath.Join(inside, journalFile), "[]")
	_, _, err := Check(dir, newProject().want(t, dir))
	hasLine(t, err, filepath.ToSlash(dir)+": a run was killed while it replaced files")
}
