package tree

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// cold is the same project with another setting: clusters.go and the lock differ.
var cold = map[string]string{"clusters.go": "package main // two\n"}

func TestASecondRunChangesNothing(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	before, _ := os.Stat(filepath.Join(dir, "clusters.go"))
	actions, err := apply(t, dir, newProject(), Options{})
	after, _ := os.Stat(filepath.Join(dir, "clusters.go"))
	if err != nil || len(actions) > 0 || !after.ModTime().Equal(before.ModTime()) {
		t.Errorf("%v %v", actions, err)
	}
}

func TestUneditedFilesFollowTheSpecAndYoursStay(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	write(t, dir, "main.go", "package main // mine\n")
	actions, err := apply(t, dir, newProject().with(cold), Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{"clusters.go": Update, "failover.lock": Update})
	if got := read(t, dir, "main.go"); got != "package main // mine\n" {
		t.Errorf("main.go is now %q", got)
	}
	if got := read(t, dir, "clusters.go"); got != cold["clusters.go"] {
		t.Errorf("clusters.go is now %q", got)
	}
}

func TestAnEditedFileIsNeverLost(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	write(t, dir, "internal/deep/a.go", "package deep // mine\n")
	remove(t, dir, "load.go")
	before := snapshot(t, dir)

	moved := newProject().with(cold).with(map[string]string{"internal/deep/a.go": "package deep // new\n"})
	actions, err := apply(t, dir, moved, Options{})
	hasLine(t, err, filepath.ToSlash(dir)+"/internal/deep/a.go: was edited", "a.go.new", "--force")
	if code := fault.ExitCode(err); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	wantActions(t, actions, map[string]Action{"internal/deep/a.go": Conflict, "clusters.go": Conflict})
	after := snapshot(t, dir)
	for _, name := range []string{"internal/deep/a.go.new", "clusters.go.new"} {
		if _, ok := after[name]; !ok {
			t.Errorf("%s is missing", name)
		}
		delete(after, name)
	}
	sameTree(t, after, before)

	// Taken over by hand: what equals today's output is not edited.
	write(t, dir, "internal/deep/a.go", "package deep // new\n")
	actions, err = apply(t, dir, moved, Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{"clusters.go": Update, "clusters.go.new": Remove, "internal/deep/a.go.new": Remove,
		"load.go": Create, "failover.lock": Update})
}

func TestForceOverwrites(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	whole := snapshot(t, dir)
	write(t, dir, "clusters.go", "package main\n")
	actions, err := apply(t, dir, newProject(), Options{Force: true})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{"clusters.go": Update})
	sameTree(t, snapshot(t, dir), whole)
}

func TestAScaffoldedFileThatWasRemovedStaysAway(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	remove(t, dir, "main.go")
	remove(t, dir, "load.go")
	for _, o := range []Options{{}, {Force: true}} {
		actions, err := apply(t, dir, newProject().with(cold), o)
		if err != nil {
			t.Fatal(err)
		}
		if actions["main.go"] != Absent {
			t.Errorf("%+v: main.go: %q, want %q", o, actions["main.go"], Absent)
		}
		if _, err := os.Stat(filepath.Join(dir, "main.go")); err == nil {
			t.Errorf("%+v: main.go came back", o)
		}
	}
	read(t, dir, "load.go") // a generated file does come back
	// A new version of failover-gen can have a file that the lock does not know.
	actions, err := apply(t, dir, newProject().with(cold).with(map[string]string{"README2.md": ""}), Options{})
	if err != nil || actions["README2.md"] != Create {
		t.Errorf("%v, %v", actions, err)
	}
}

func TestWhatIsNoLongerGeneratedGoesUnlessItWasEdited(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	p := newProject()
	for _, name := range []string{"internal/deep/a.go", "load.go"} {
		delete(p.files, name)
	}
	delete(p.secrets, "resources/client2.keystore")
	write(t, dir, "load.go", "package main // mine\n")
	actions, err := apply(t, dir, p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	wantActions(t, actions, map[string]Action{"internal/deep/a.go": Remove, "failover.lock": Update})
}

func TestSecretsThatAreNoLongerUsedAreToldAndLeft(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	p := newProject()
	for name := range p.secrets {
		if strings.HasPrefix(name, "FAILOVER_") || strings.Contains(name, "2") {
			delete(p.secrets, name)
		}
	}
	report, err := Apply(context.Background(), dir, p.want(t, dir), Options{})
	if err != nil {
		t.Fatal(err)
	}
	left := make(map[string]string)
	for _, f := range report.Files {
		if f.Told {
			left[f.Path] = f.Reason
		}
	}
	want := map[string]string{".env": "no longer kept up to date; delete it yourself if nothing needs it", "resources/client2.keystore": "no longer used; delete it yourself"}
	if !maps.Equal(left, want) {
		t.Errorf("left %v, want %v", left, want)
	}
	for name := range want {
		read(t, dir, name)
	}
}

func TestAModulePathDoesNotChangeUnderTheUsersImports(t *testing.T) {
	t.Parallel()
	dir := create(t, newProject())
	p := newProject().with(map[string]string{"go.mod": strings.Replace(testMod, "orders", "sales", 1)})
	p.module = "example.com/sales"
	write(t, dir, "go.mod", p.files["go.mod"])
	before := snapshot(t, dir)
	_, err := Apply(context.Background(), dir, p.want(t, dir), Options{})
	hasLine(t, err, filepath.ToSlash(dir)+"/main.go:3:10: ", `imports "example.com/orders/internal/deep"`, "replace example.com/orders by example.com/sales")
	if fault.ExitCode(err) != 2 {
		t.Errorf("exit code %d, want 2", fault.ExitCode(err))
	}
	sameTree(t, snapshot(t, dir), before)
	write(t, dir, "main.go", strings.Replace(p.files["main.go"], "orders", "sales", 1))
	if _, err := Apply(context.Background(), dir, p.want(t, dir), Options{}); err != nil {
		t.Error(err)
	}
}

func TestFoldersThatAreNotOurs(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		make func(dir string)
		want string // "" succeeds
	}{
		"empty":              {func(dir string) { os.Mkdir(dir, 0o755) }, ""},
		"a new repository":   {func(dir string) { os.MkdirAll(dir+"/.git/objects", 0o755) }, ""},
		"deep and not there": {func(string) {}, ""},
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
			_, err := Apply(context.Background(), dir, newProject().want(t, dir), Options{})
			if c.want != "" {
				hasLine(t, err, filepath.ToSlash(dir)+": ", c.want)
				sameTree(t, snapshot(t, parent), before)
				if fault.ExitCode(err) != 2 {
					t.Errorf("exit code %d, want 2", fault.ExitCode(err))
				}
			} else if err != nil {
				t.Error(err)
			} else {
				read(t, dir, "failover.lock")
			}
		})
	}
}

func TestNothingIsWrittenThroughALink(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"clusters.go", "resources", "internal/deep", ".env", "clusters.go.new", "resources/.written"} {
		t.Run(name, func(t *testing.T) {
			dir := create(t, newProject())
			outside := filepath.Join(t.TempDir(), "outside")
			os.Mkdir(outside, 0o755)
			target := filepath.Join(dir, name)
			os.RemoveAll(target)
			if err := os.Symlink(outside, target); err != nil {
				t.Fatal(err)
			}
			_, err := Apply(context.Background(), dir, newProject().with(cold).want(t, dir), Options{Force: true})
			hasLine(t, err, filepath.ToSlash(target)+": is a link")
			if entries, _ := os.ReadDir(outside); len(entries) > 0 {
				t.Errorf("written outside: %v", entries)
			}
		})
	}
}

func TestACancelledRunWritesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	parent := t.TempDir()
	dir := filepath.Join(parent, "a", "orders")
	if _, err := Apply(ctx, dir, newProject().want(t, dir), Options{}); err == nil {
		t.Error("no error")
	}
	sameTree(t, snapshot(t, parent), nil)
	dir = create(t, newProject())
	before := snapshot(t, dir)
	if _, err := Apply(ctx, dir, newProject().with(cold).want(t, dir), Options{}); err == nil {
		t.Error("no error")
	}
	sameTree(t, snapshot(t, dir), before)
}
