package generate

import (
	"bytes"
	"context"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
	"golang.org/x/mod/modfile"
)

//go:generate go test -run ^TestCommitted -count=1 . -update

var update = flag.Bool("update", false, "write the committed renderings again; go.mod and go.sum need the module cache or a proxy")

// samples make the sample project of each kind, whose rendering is committed.
var samples = map[string]func(change func(*spec.Spec)) Request{spec.KindHazelcast: lockOnly, spec.KindWebservice: serviceSample}

func templatesOf(kind string) string { return "../templates/" + kind + "/" }

// rendered returns one file of the sample project of a kind.
func rendered(t *testing.T, kind, name string) []byte {
	t.Helper()
	return fileNamed(t, project(t, samples[kind](nil)), name).Data
}

func hold(t *testing.T, name string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if have, _ := os.ReadFile(name); !bytes.Equal(have, want) {
		t.Errorf("%s is not what its template gives for the sample project; run: go generate ./generate", name)
	}
}

func TestCommittedFilesAreTheRenderingsForTheSamples(t *testing.T) {
	hold(t, templatesOf(spec.KindHazelcast)+"clusters.go", rendered(t, spec.KindHazelcast, "clusters.go"))
	for _, name := range []string{"service.go", "internal/settings/compiled.go"} {
		hold(t, templatesOf(spec.KindWebservice)+name, rendered(t, spec.KindWebservice, name))
	}
}

// freshProject writes the sample of a kind as a project of its own.
func freshProject(t *testing.T, kind string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "orders")
	if _, err := tree.Apply(context.Background(), dir, &project(t, samples[kind](ordersModule)).Want, tree.Options{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

func goCommand(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// TestCommittedModFiles makes go.mod and go.sum of each kind from ours, by tidying.
func TestCommittedModFiles(t *testing.T) {
	for kind := range samples {
		t.Run(kind, func(t *testing.T) { committedModFiles(t, kind) })
	}
}

func committedModFiles(t *testing.T, kind string) {
	ours, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", ours, nil)
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		dir := freshProject(t, kind)
		start := bytes.Replace(ours, []byte("module "+mod.Module.Mod.Path), []byte("module example.com/orders"), 1)
		sums, _ := os.ReadFile("../go.sum")
		for name, data := range map[string][]byte{"go.mod": start, "go.sum": sums} {
			if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		goCommand(t, dir, "mod", "tidy")
		for name, to := range map[string]string{"go.mod": "go.mod.tmpl", "go.sum": "go.sum.tmpl"} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			data = bytes.Replace(data, []byte("module example.com/orders"), []byte("module {{.Module}}"), 1)
			if err := os.WriteFile(templatesOf(kind)+to, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		return // what was just written is embedded by the next run
	}
	versions := make(map[string]string)
	for _, r := range mod.Require {
		versions[r.Mod.Path] = r.Mod.Version
	}
	theirs, err := modfile.Parse("go.mod", rendered(t, kind, "go.mod"), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(theirs.Require) == 0 || theirs.Go.Version != mod.Go.Version {
		t.Errorf("%d requirements, go %s; want some, and go %s", len(theirs.Require), theirs.Go.Version, mod.Go.Version)
	}
	for _, r := range theirs.Require {
		// What only their dependencies' tests need is not among our requirements.
		if ours, shared := versions[r.Mod.Path]; r.Mod.Version != ours && (shared || !r.Indirect) {
			t.Errorf("%s %s, while we are at %q; run: go generate ./generate", r.Mod.Path, r.Mod.Version, versions[r.Mod.Path])
		}
	}
}

// A fresh project needs no tidying. That it builds and passes its tests is held
// by the package golden.
func TestCommittedFilesMakeAProjectThatIsTidy(t *testing.T) {
	if *update {
		t.Skip("what was just written is embedded by the next run")
	}
	for kind := range samples {
		t.Run(kind, func(t *testing.T) { goCommand(t, freshProject(t, kind), "mod", "tidy", "-diff") })
	}
}
