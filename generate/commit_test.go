package generate

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// project commits a fresh project and returns its folder and files.
func project(t *testing.T) (string, []File) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "orders")
	files := render(t, resolved(t, nil))
	if _, err := Commit(context.Background(), dir, files, CommitOptions{}); err != nil {
		t.Fatal(err)
	}
	return dir, files
}

// changed are the files of the same project with another setting: clusters.go,
// failover.lock and, where it is written anew, failover.yaml differ.
func changed(t *testing.T) []File {
	t.Helper()
	return render(t, resolved(t, func(s *spec.Spec) { s.Failover.Standby = spec.StandbyCold }))
}

func commit(t *testing.T, dir string, files []File, o CommitOptions) (map[string]Action, error) {
	t.Helper()
	before := snapshot(t, dir)
	dry, dryErr := Commit(context.Background(), dir, files, CommitOptions{Force: o.Force, DryRun: true})
	sameTree(t, snapshot(t, dir), before)
	report, err := Commit(context.Background(), dir, files, o)
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

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
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

func wantActions(t *testing.T, got, want map[string]Action) {
	t.Helper()
	if !maps.Equal(got, want) {
		t.Errorf("actions %v, want %v", got, want)
	}
}

func TestASecondRunChangesNothing(t *testing.T) {
	dir, files := project(t)
	before, _ := os.Stat(filepath.Join(dir, "clusters.go"))
	actions, err := commit(t, dir, files, CommitOptions{})
	after, _ := os.Stat(filepath.Join(dir, "clusters.go"))
	if err != nil || len(actions) > 0 || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("%v %v", actions, err)
	}
}

func TestUneditedFilesFollowTheSpecAndYoursStay(t *testing.T) {
	dir, _ := project(t)
	write(t, dir, "main.go", "package main // mine\n")
	actions, err := commit(t, dir, changed(t), CommitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{"clusters.go": Update, spec.LockName: Update})
	if got := read(t, dir, "main.go"); got != "package main // mine\n" {
		t.Errorf("main.go is now %q", got)
	}
	if !strings.Contains(read(t, dir, "clusters.go"), "failover.Cold") {
		t.Error("clusters.go was not written anew")
	}
}

func TestAnEditedFileIsNeverLost(t *testing.T) {
	dir, files := project(t)
	edited := read(t, dir, "internal/failover/call.go") + "// mine\n"
	write(t, dir, "internal/failover/call.go", edited)
	os.Remove(filepath.Join(dir, "load.go"))
	before := snapshot(t, dir)

	actions, err := commit(t, dir, changed(t), CommitOptions{})
	hasLine(t, err, filepath.ToSlash(dir)+"/internal/failover/call.go: was edited", "call.go.new", "--force")
	if code := fault.ExitCode(err); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	wantActions(t, actions, map[string]Action{"internal/failover/call.go": Conflict, "clusters.go": Conflict})
	after := snapshot(t, dir)
	for _, name := range []string{"internal/failover/call.go.new", "clusters.go.new"} {
		if _, ok := after[name]; !ok {
			t.Errorf("%s is missing", name)
		}
		delete(after, name)
	}
	sameTree(t, after, before)

	// Taken over by hand: equal to today's output is not edited.
	write(t, dir, "internal/failover/call.go", string(fileNamed(t, files, "internal/failover/call.go").Data))
	actions, err = commit(t, dir, changed(t), CommitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{"clusters.go": Update, "clusters.go.new": Remove, "internal/failover/call.go.new": Remove,
		"load.go": Create, spec.LockName: Update})
}

func TestForceOverwrites(t *testing.T) {
	dir, files := project(t)
	whole := snapshot(t, dir)
	write(t, dir, "clusters.go", "package main\n")
	write(t, dir, spec.LockName, "{")
	if _, err := Commit(context.Background(), dir, files, CommitOptions{}); err == nil {
		t.Error("a damaged lock was passed over")
	}
	actions, err := commit(t, dir, files, CommitOptions{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{"clusters.go": Update, spec.LockName: Update})
	sameTree(t, snapshot(t, dir), whole)
}

func TestWhatIsNoLongerGeneratedGoesUnlessItWasEdited(t *testing.T) {
	dir, files := project(t)
	without := slices.DeleteFunc(slices.Clone(files), func(f File) bool {
		return strings.HasPrefix(f.Path, "internal/ledger/") || f.Path == "load.go" || f.Path == "resources/client2.keystore"
	})
	write(t, dir, "load.go", "package main\n")
	actions, err := commit(t, dir, without, CommitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{"internal/ledger/ledger.go": Remove})
}

func TestSecretsThatAreNoLongerUsedAreToldAndLeft(t *testing.T) {
	dir, files := project(t)
	var without []File
	for _, f := range files {
		switch f.Path {
		case ".env", "resources/client2.keystore":
			continue
		case spec.LockName:
			f.Data = append(f.Data, '\n')
		}
		without = append(without, f)
	}
	report, err := Commit(context.Background(), dir, without, CommitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	left := make(map[string]string)
	for _, f := range report.Files {
		if f.Left {
			left[f.Path] = f.Reason
		}
	}
	want := map[string]string{".env": "no longer kept up to date; delete it yourself if nothing needs it", "resources/client2.keystore": "no longer used; delete it yourself"}
	if !maps.Equal(left, want) {
		t.Errorf("left %v, want %v", left, want)
	}
	for name := range want {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestAModulePathDoesNotChangeUnderTheUsersImports(t *testing.T) {
	dir, _ := project(t)
	moved := render(t, resolved(t, func(s *spec.Spec) { s.Module = "example.com/sales" }))
	write(t, dir, "go.mod", strings.Replace(read(t, dir, "go.mod"), "example.com/orders", "example.com/sales", 1))
	before := snapshot(t, dir)
	_, err := Commit(context.Background(), dir, moved, CommitOptions{})
	hasLine(t, err, filepath.ToSlash(dir)+"/main.go:", `imports "example.com/orders/internal/failover"`, "replace example.com/orders by example.com/sales")
	if fault.ExitCode(err) != 2 {
		t.Errorf("exit code %d, want 2", fault.ExitCode(err))
	}
	sameTree(t, snapshot(t, dir), before)
	for _, name := range yours {
		write(t, dir, name, strings.ReplaceAll(read(t, dir, name), "example.com/orders", "example.com/sales"))
	}
	if _, err := Commit(context.Background(), dir, moved, CommitOptions{}); err != nil {
		t.Error(err)
	}
}

func TestAFolderThatAppearsMeanwhileIsLeft(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "orders")
	p, err := makePlan(dir, render(t, resolved(t, nil)), false)
	if err != nil {
		t.Fatal(err)
	}
	os.Mkdir(dir, 0o755)
	write(t, dir, "other.txt", "of someone else\n")
	before := snapshot(t, filepath.Dir(dir))
	hasLine(t, p.createTree(context.Background()), filepath.ToSlash(dir)+": appeared meanwhile, and was left as it is; ")
	sameTree(t, snapshot(t, filepath.Dir(dir)), before)
}

func TestSecretsAreRepaired(t *testing.T) {
	dir, files := project(t)
	whole := snapshot(t, dir)
	os.Chmod(filepath.Join(dir, ".env"), 0o644)
	write(t, dir, "resources/client.keystore", "other")
	actions, err := commit(t, dir, files, CommitOptions{})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{".env": Update, "resources/client.keystore": Update})
	sameTree(t, snapshot(t, dir), whole)
}

func TestFoldersThatAreNotOurs(t *testing.T) {
	files := render(t, resolved(t, nil))
	for name, c := range map[string]struct {
		make func(dir string)
		want string // "" succeeds
	}{
		"empty":              {func(dir string) { os.Mkdir(dir, 0o755) }, ""},
		"a new repository":   {func(dir string) { os.MkdirAll(dir+"/.git/objects", 0o755) }, ""},
		"deep and not there": {func(dir string) {}, ""},
		"someone's":          {func(dir string) { os.Mkdir(dir, 0o755); os.WriteFile(dir+"/notes.txt", nil, 0o644) }, "was not made by failover-gen: it holds notes.txt"},
		"a file":             {func(dir string) { os.WriteFile(dir, nil, 0o644) }, "exists and is not a folder"},
		"a link to nothing":  {func(dir string) { os.Symlink("nowhere", dir) }, "is a link that leads nowhere"},
	} {
		t.Run(name, func(t *testing.T) {
			parent := t.TempDir()
			dir := filepath.Join(parent, "orders")
			c.make(dir)
			if strings.HasPrefix(name, "deep") {
				dir = filepath.Join(dir, "a", "b")
			}
			before := snapshot(t, parent)
			_, err := Commit(context.Background(), dir, files, CommitOptions{})
			if c.want != "" {
				hasLine(t, err, filepath.ToSlash(dir)+": ", c.want)
				sameTree(t, snapshot(t, parent), before)
				if fault.ExitCode(err) != 2 {
					t.Errorf("exit code %d, want 2", fault.ExitCode(err))
				}
			} else if err != nil {
				t.Error(err)
			} else if _, err := os.Stat(filepath.Join(dir, spec.LockName)); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNothingIsWrittenThroughALink(t *testing.T) {
	for _, name := range []string{"clusters.go", "resources", "internal/failover", ".env", "clusters.go.new"} {
		t.Run(name, func(t *testing.T) {
			dir, _ := project(t)
			outside := filepath.Join(t.TempDir(), "outside")
			os.Mkdir(outside, 0o755)
			target := filepath.Join(dir, name)
			os.RemoveAll(target)
			if err := os.Symlink(outside, target); err != nil {
				t.Fatal(err)
			}
			_, err := Commit(context.Background(), dir, changed(t), CommitOptions{Force: true})
			hasLine(t, err, filepath.ToSlash(target)+": is a link")
			if entries, _ := os.ReadDir(outside); len(entries) > 0 {
				t.Errorf("written outside: %v", entries)
			}
		})
	}
}

func TestACancelledCommitWritesNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	parent := t.TempDir()
	if _, err := Commit(ctx, filepath.Join(parent, "a", "orders"), render(t, resolved(t, nil)), CommitOptions{}); err == nil {
		t.Error("no error")
	}
	sameTree(t, snapshot(t, parent), nil)
	dir, _ := project(t)
	before := snapshot(t, dir)
	if _, err := Commit(ctx, dir, changed(t), CommitOptions{}); err == nil {
		t.Error("no error")
	}
	sameTree(t, snapshot(t, dir), before)
}

// A run that was killed after any number of replacements is completed by the
// next one, and no file is taken for edited meanwhile.
func TestARunKilledAtAnyPointCanBeRepeated(t *testing.T) {
	files := changed(t)
	for killed := range 3 {
		dir, _ := project(t)
		os.Remove(filepath.Join(dir, "load.go"))
		p, err := makePlan(dir, files, false)
		if err != nil {
			t.Fatal(err)
		}
		steps := p.ordered()
		if len(steps) != 3 || steps[2].Path != spec.LockName {
			t.Fatalf("steps %v; want 3, the lock last", steps)
		}
		temporary := filepath.Join(dir, staging+"killed")
		os.Mkdir(temporary, 0o700)
		if err := p.writeAll(context.Background(), temporary); err != nil {
			t.Fatal(err)
		}
		root, err := os.OpenRoot(dir)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range steps[:killed] {
			if err := s.apply(root, filepath.Base(temporary)); err != nil {
				t.Fatal(err)
			}
		}
		root.Close()
		if _, err := Commit(context.Background(), dir, files, CommitOptions{}); err != nil {
			t.Errorf("after %d steps: %v", killed, err)
		}
		want := make(map[string]string)
		for _, f := range files {
			want[f.Path] = f.Mode.String() + " " + string(f.Data)
		}
		got := snapshot(t, dir)
		maps.DeleteFunc(got, func(name, text string) bool { return strings.HasPrefix(text, "d") && !strings.Contains(name, staging) })
		want[spec.FileName] = got[spec.FileName] // the user's, kept as it is
		sameTree(t, got, want)
	}
}
