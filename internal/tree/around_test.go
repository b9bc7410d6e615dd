//go:build unix

package tree

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// serviceMod is the go.mod of a module before a package comes into it.
const serviceMod = "module example.com/svc\n\ngo 1.24.0\n\nrequire example.com/own v1.0.0 // ours\n"

// needs is what each package of the tests asks of the module around it. Both need
// one module, in different versions.
var needs = map[string]string{"a": "example.com/shared v1.2.0", "b": "example.com/shared v1.1.0"}

// service makes the folder of a module, and returns that of a package to be in it.
func service(t *testing.T, name string) (dir string) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "svc")
	if err := os.Mkdir(root, 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, root, "go.mod", serviceMod)
	return filepath.Join(root, name)
}

// wantIn is the package that dir shall be, in the module of the folder above.
func wantIn(t testing.TB, dir string, p *project) *Want {
	name := filepath.Base(dir)
	delete(p.files, "go.mod")
	p.module = "example.com/svc/" + name
	p.files["main.go"] = "package " + name + "\n"
	w := p.want(t, dir)
	module, _, _ := strings.Cut(needs[name], " ")
	mod := fmt.Sprintf("module example.com/svc\n\ngo 1.26.0\n\nrequire (\n\t%s\n\texample.com/only-%s v1.0.0\n)\n", needs[name], name)
	sum := fmt.Sprintf("example.com/only-%s v1.0.0 h1:c=\n%s h1:a=\n%s/go.mod h1:b=\n", name, needs[name], needs[name])
	if module == "" {
		t.Fatal("no such package: ", name)
	}
	w.Around = &Around{Root: filepath.Dir(dir), Up: "..", Files: []File{
		{Path: "go.mod", Data: []byte(mod), Mode: 0o644, Owner: Merged}, {Path: "go.sum", Data: []byte(sum), Mode: 0o644, Owner: Merged}}}
	return w
}

func init() {
	children["package"] = func(dir string) error {
		w := wantIn(&testing.T{}, dir, newProject())
		fmt.Println("ready")
		_, err := Apply(context.Background(), dir, w, Options{})
		return err
	}
	children["cold-package"] = func(dir string) error {
		w := wantIn(&testing.T{}, dir, newProject().with(cold))
		fmt.Println("ready")
		_, err := Apply(context.Background(), dir, w, Options{})
		return err
	}
}

// isIn checks that the module has what its packages need, and its own line.
func isIn(t *testing.T, root string, lines ...string) {
	t.Helper()
	mod := read(t, root, "go.mod")
	for _, line := range append(lines, "example.com/own v1.0.0 // ours") {
		if !strings.Contains(mod, line) {
			t.Errorf("go.mod lacks %s:\n%s", line, mod)
		}
	}
}

// nothingToDo checks that another run changes nothing, and check finds nothing.
func nothingToDo(t *testing.T, dir string, p *project) {
	t.Helper()
	differences, _, err := Check(dir, wantIn(t, dir, p))
	if err != nil || len(differences) > 0 {
		t.Errorf("check: %v, %v", differences, err)
	}
	report, err := Apply(context.Background(), dir, wantIn(t, dir, p), Options{})
	if err != nil || report.Changed() {
		t.Errorf("again: %v, %v", report, err)
	}
}

// A run that was killed between the folder's commit and the module's files leaves a
// module that asks for too little: check names it, and the next run completes it.
func TestAModuleThatAKilledRunLeftIsCompleted(t *testing.T) {
	for name, last := range map[string]string{"before both": "", "between go.mod and go.sum": "go.mod"} {
		t.Run(name, func(t *testing.T) {
			dir := service(t, "a")
			w := wantIn(t, dir, newProject())
			around := w.Around
			if w.Around = nil; last != "" {
				w.Around = &Around{Root: around.Root, Up: around.Up, Files: around.Files[:1]}
			}
			if _, err := Apply(context.Background(), dir, w, Options{}); err != nil {
				t.Fatal(err)
			}
			differences, _, err := Check(dir, wantIn(t, dir, newProject()))
			var found []string
			for _, d := range differences {
				found = append(found, d.Path)
			}
			want := "../go.mod ../go.sum"
			if last != "" {
				want = "../go.sum"
			}
			if got := strings.Join(found, " "); err != nil || got != want {
				t.Errorf("check finds %s, %v; want %s", got, err, want)
			}
			if _, err := Apply(context.Background(), dir, wantIn(t, dir, newProject()), Options{}); err != nil {
				t.Fatal(err)
			}
			isIn(t, filepath.Dir(dir), needs["a"], "example.com/only-a v1.0.0")
			nothingToDo(t, dir, newProject())
		})
	}
}

func TestAPackageWhoseRunIsKilledAtAnyMomentIsCompleted(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	whole := make(map[string]map[string]string)
	for try := range long(20, 500) {
		name, p := "package", newProject()
		dir := service(t, "a")
		if try%2 == 1 {
			name, p = "cold-package", newProject().with(cold)
			if _, err := Apply(context.Background(), dir, wantIn(t, dir, newProject()), Options{}); err != nil {
				t.Fatal(err)
			}
			write(t, filepath.Dir(dir), "go.mod", serviceMod) // so that there is something to merge again
		}
		cmd := ready(t, name, dir)
		time.Sleep(time.Duration(chance.IntN(5000)) * time.Microsecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if err := Resume(context.Background(), dir, false); err != nil {
			t.Fatal(err)
		}
		if _, err := Apply(context.Background(), dir, wantIn(t, dir, p), Options{}); err != nil {
			t.Fatalf("%s, after the kill: %v", name, err)
		}
		got := snapshot(t, filepath.Dir(dir))
		if whole[name] == nil {
			whole[name] = maps.Clone(got)
			isIn(t, filepath.Dir(dir), needs["a"], "example.com/only-a v1.0.0")
		}
		sameTree(t, got, whole[name])
	}
}

// Of two runs into one module, one waits for the other: the module has what both
// packages need, the shared module in the higher version.
func TestTwoPackagesOfOneModuleAtOnce(t *testing.T) {
	for range long(5, 50) {
		first := service(t, "a")
		second := filepath.Join(filepath.Dir(first), "b")
		both := []*exec.Cmd{child(t, "package", first), child(t, "package", second)}
		for _, cmd := range both {
			cmd.Stderr = os.Stderr
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
		}
		for _, cmd := range both {
			if err := cmd.Wait(); err != nil {
				t.Error(err)
			}
		}
		isIn(t, filepath.Dir(first), "example.com/shared v1.2.0", "example.com/only-a v1.0.0", "example.com/only-b v1.0.0")
		nothingToDo(t, first, newProject())
		nothingToDo(t, second, newProject())
	}
}

// Of two runs into one package, one waits or fails clearly, and the package is what
// one of them wants.
func TestTwoRunsIntoOnePackageMakeNoMixture(t *testing.T) {
	for range long(5, 50) {
		dir := service(t, "a")
		runs := map[string]*exec.Cmd{"package": child(t, "package", dir), "cold-package": child(t, "cold-package", dir)}
		for _, cmd := range runs {
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
		}
		done := 0
		for name, cmd := range runs {
			err := cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code == 0 {
				done++
			} else if code != int(fault.Environment) {
				t.Errorf("%s ended with %v", name, err)
			}
		}
		isIn(t, filepath.Dir(dir), needs["a"])
		p := newProject()
		if read(t, dir, "clusters.go") == cold["clusters.go"] {
			p = p.with(cold)
		}
		if done == 0 {
			t.Error("neither run succeeded")
		}
		nothingToDo(t, dir, p)
	}
}

// An edited file in the way keeps the module as it is too.
func TestAnEditedPackageLeavesTheModuleAlone(t *testing.T) {
	dir := service(t, "a")
	if _, err := Apply(context.Background(), dir, wantIn(t, dir, newProject()), Options{}); err != nil {
		t.Fatal(err)
	}
	root := filepath.Dir(dir)
	write(t, root, "go.mod", serviceMod)
	write(t, dir, "clusters.go", "package a // mine\n")
	_, err := Apply(context.Background(), dir, wantIn(t, dir, newProject().with(cold)), Options{})
	hasLine(t, err, "clusters.go: was edited since it was generated, so nothing was replaced")
	if got := read(t, root, "go.mod"); got != serviceMod {
		t.Errorf("go.mod was changed:\n%s", got)
	}
	if _, err := Apply(context.Background(), dir, wantIn(t, dir, newProject().with(cold)), Options{Force: true}); err != nil {
		t.Fatal(err)
	}
	isIn(t, root, needs["a"])
}

// What the module has stays: higher versions, sums, and the mode of the files.
func TestTheLinesOfTheModuleStay(t *testing.T) {
	dir := service(t, "a")
	root := filepath.Dir(dir)
	write(t, root, "go.mod", strings.Replace(serviceMod, "require ", "require example.com/shared v1.9.0\n\nrequire ", 1))
	write(t, root, "go.sum", "example.com/own v1.0.0 h1:x=\n")
	if err := os.Chmod(filepath.Join(root, "go.mod"), 0o640); err != nil {
		t.Fatal(err)
	}
	if _, err := Apply(context.Background(), dir, wantIn(t, dir, newProject()), Options{}); err != nil {
		t.Fatal(err)
	}
	isIn(t, root, "example.com/shared v1.9.0", "example.com/only-a v1.0.0")
	if !strings.Contains(read(t, root, "go.sum"), "example.com/own v1.0.0 h1:x=\n") {
		t.Error("go.sum has lost a line")
	}
	if info, err := os.Stat(filepath.Join(root, "go.mod")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	nothingToDo(t, dir, newProject())
}

// go.mod is not written through a link, and nothing is written then.
func TestALinkInPlaceOfGoModIsRefused(t *testing.T) {
	dir := service(t, "a")
	root := filepath.Dir(dir)
	if err := os.Rename(filepath.Join(root, "go.mod"), filepath.Join(root, "elsewhere")); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("elsewhere", filepath.Join(root, "go.mod")); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, root)
	_, err := Apply(context.Background(), dir, wantIn(t, dir, newProject()), Options{})
	hasLine(t, err, "go.mod: is a link or something else where a file belongs")
	sameTree(t, snapshot(t, root), before)
}
