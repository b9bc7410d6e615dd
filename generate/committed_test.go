package generate

import (
	"bytes"
	"context"
	"flag"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"

	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/templates"
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

// withOptions asks for the sample of a kind with a choice of options.
func withOptions(kind string, c templates.Choice) Request {
	return samples[kind](func(s *spec.Spec) {
		ordersModule(s)
		if slices.Contains(c.Options, "metrics") {
			s.Metrics = spec.MetricsPrometheus
		}
		if slices.Contains(c.Options, "pin") {
			s.Pin = spec.PinRegistry
		}
	})
}

// eachCombination runs a test for each go.mod that a project can have.
func eachCombination(t *testing.T, test func(t *testing.T, kind string, c templates.Choice)) {
	for kind := range samples {
		for _, c := range templates.Combinations(kind) {
			t.Run(path.Join(kind, c.With(kind)), func(t *testing.T) { test(t, kind, c) })
		}
	}
}

// freshProject writes the sample of a kind as a project of its own.
func freshProject(t *testing.T, kind string, c templates.Choice) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "orders")
	if _, err := tree.Apply(context.Background(), dir, &project(t, withOptions(kind, c)).Want, tree.Options{}); err != nil {
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

// ourModule parses our go.mod.
func ourModule(t *testing.T) *modfile.File {
	t.Helper()
	data, err := os.ReadFile("../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	mod, err := modfile.Parse("go.mod", data, nil)
	if err != nil {
		t.Fatal(err)
	}
	return mod
}

// TestCommittedModFiles makes go.mod and go.sum of each kind, with each combination
// of options, by tidying.
func TestCommittedModFiles(t *testing.T) {
	eachCombination(t, func(t *testing.T, kind string, c templates.Choice) {
		if *update {
			writeModFiles(t, kind, c)
			return // what was just written is embedded by the next run
		}
		mod := ourModule(t)
		theirs, err := modfile.Parse("go.mod", fileNamed(t, project(t, withOptions(kind, c)), "go.mod").Data, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(theirs.Require) == 0 || theirs.Go.Version != mod.Go.Version {
			t.Errorf("%d requirements, go %s; want some, and go %s", len(theirs.Require), theirs.Go.Version, mod.Go.Version)
		}
		versions := make(map[string]string)
		for _, r := range mod.Require {
			versions[r.Mod.Path] = r.Mod.Version
		}
		for _, r := range theirs.Require {
			// What only their dependencies' tests need is not among our requirements.
			if ours, shared := versions[r.Mod.Path]; r.Mod.Version != ours && (shared || !r.Indirect) {
				t.Errorf("%s %s, while we are at %q; run: go generate ./generate", r.Mod.Path, r.Mod.Version, versions[r.Mod.Path])
			}
		}
	})
}

// writeModFiles tidies a fresh project that requires what it required so far, and what
// else it imports, at the versions of ours. It does not start from all that we require:
// tidying keeps the versions that modules have which are needed no more.
func writeModFiles(t *testing.T, kind string, c templates.Choice) {
	dir, ours := freshProject(t, kind, c), ourModule(t)
	goMod, goSum := filepath.Join(dir, "go.mod"), filepath.Join(dir, "go.sum")
	for again := false; ; again = true {
		text, err := os.ReadFile(goMod)
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := modfile.Parse("go.mod", text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if raised := raise(t, theirs, ours, importsOf(t, dir)); again && !raised {
			break
		}
		if text, err = theirs.Format(); err == nil {
			err = os.WriteFile(goMod, text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
		if !again {
			appendFile(t, goSum, "../go.sum")
		}
		goCommand(t, dir, "mod", "tidy")
	}
	for name, to := range map[string]string{goMod: "go.mod.tmpl", goSum: "go.sum.tmpl"} {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		data = bytes.Replace(data, []byte("module example.com/orders"), []byte("module {{.Module}}"), 1)
		if err := os.WriteFile(filepath.Join(templatesOf(kind), c.With(kind), to), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// raise gives theirs the versions of ours, for what it requires or imports. It reports
// whether that changed anything.
func raise(t *testing.T, theirs, ours *modfile.File, imports []string) (changed bool) {
	t.Helper()
	required := make(map[string]string)
	for _, r := range theirs.Require {
		required[r.Mod.Path] = r.Mod.Version
	}
	for _, r := range ours.Require {
		isImported := slices.ContainsFunc(imports, func(path string) bool { return strings.HasPrefix(path+"/", r.Mod.Path+"/") })
		if was, ok := required[r.Mod.Path]; was == r.Mod.Version || !ok && !isImported {
			continue
		}
		changed = true
		if err := theirs.AddRequire(r.Mod.Path, r.Mod.Version); err != nil {
			t.Fatal(err)
		}
	}
	return changed
}

// importsOf lists what the Go files below a folder import.
func importsOf(t *testing.T, dir string) (imports []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(name string, _ fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".go" {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			imports = append(imports, strings.Trim(i.Path.Value, `"`))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}

// appendFile writes what is in another file to the end of one.
func appendFile(t *testing.T, name, from string) {
	t.Helper()
	have, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	more, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(name, append(have, more...), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// A fresh project needs no tidying, so that it builds with -mod=readonly. That its
// tests pass is held by the package golden.
func TestCommittedFilesMakeAProjectThatIsTidy(t *testing.T) {
	if *update {
		t.Skip("what was just written is embedded by the next run")
	}
	eachCombination(t, func(t *testing.T, kind string, c templates.Choice) {
		goCommand(t, freshProject(t, kind, c), "mod", "tidy", "-diff")
	})
}
