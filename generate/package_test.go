package generate

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
)

// service makes a module with a program, and asks for a package in it.
func service(t *testing.T, goMod string) (dir string, r Request) {
	t.Helper()
	root := filepath.Join(t.TempDir(), "svc")
	for name, text := range map[string]string{
		"go.mod":  goMod,
		"main.go": "package main\n\nimport (\n\t\"fmt\"\n\n\t\"example.com/svc/internal/hz\"\n)\n\nfunc main() { fmt.Println(hz.Check(nil)) }\n",
	} {
		name = filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	dir = filepath.Join(root, "internal", "hz")
	m, err := ModuleAround(dir)
	if err != nil {
		t.Fatal(err)
	}
	r = bundled(t)
	r.Spec.Layout, r.Spec.Module, r.Module = spec.LayoutPackage, m.Import, m
	return dir, r
}

// A module with a package needs no tidying, whether it had requirements or not.
func TestAModuleWithAPackageIsTidy(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs the go command")
	}
	for name, goMod := range map[string]string{
		"without requirements":  "module example.com/svc\n\ngo 1.24.0\n",
		"with an older one":     "module example.com/svc\n\ngo 1.24.0\n\nrequire golang.org/x/sys v0.41.0 // indirect; pinned by us\n",
		"with one that is ours": "module example.com/svc\n\ngo 1.24.0\n\nrequire (\n\tgithub.com/hazelcast/hazelcast-go-client v1.5.0 // indirect\n\tgolang.org/x/sys v0.41.0 // indirect; pinned by us\n)\n",
		"as go writes it":       "module example.com/svc\n\ngo 1.24.0\n\nrequire (\n\tgolang.org/x/sys v0.41.0 // indirect\n\tgolang.org/x/crypto v0.50.0 // indirect\n)\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir, r := service(t, goMod)
			if _, err := tree.Apply(context.Background(), dir, &project(t, r).Want, tree.Options{}); err != nil {
				t.Fatal(err)
			}
			goCommand(t, r.Module.Root, "mod", "tidy", "-diff")
			goCommand(t, r.Module.Root, "build", "-mod=readonly", "./...")
		})
	}
}

func TestAVendorFolderThatLacksWhatThePackageNeedsIsTold(t *testing.T) {
	const hazelcast, pkcs12 = "# github.com/hazelcast/hazelcast-go-client ", "# software.sslmate.com/src/go-pkcs12 "
	dir, r := service(t, "module example.com/svc\n\ngo 1.24.0\n")
	mod := project(t, r).Want.Around.Files[0].Data
	all := ""
	for line := range strings.Lines(string(mod)) {
		if fields := strings.Fields(line); len(fields) >= 2 && strings.HasPrefix(fields[1], "v") {
			all += "# " + fields[0] + " " + fields[1] + "\n## explicit\n"
		}
	}
	for name, c := range map[string]struct{ vendored, want string }{
		"empty":     {"", "which the package needs; run go mod vendor in " + filepath.ToSlash(r.Module.Root)},
		"one older": {strings.Replace(all, hazelcast+"v1.6.0", hazelcast+"v1.5.0", 1), "the vendor folder of the module lacks github.com/hazelcast/hazelcast-go-client v1.6.0, "},
		"one newer": {strings.Replace(all, pkcs12+"v0.", pkcs12+"v1.", 1), ""},
		"all":       {all, ""},
	} {
		list := filepath.Join(r.Module.Root, "vendor", "modules.txt")
		if err := os.MkdirAll(filepath.Dir(list), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(list, []byte(c.vendored), 0o644); err != nil {
			t.Fatal(err)
		}
		var err error
		if r.Module, err = ModuleAround(dir); err != nil {
			t.Fatal(err)
		}
		notes := strings.Join(project(t, r).Notes, "\n")
		if c.want == "" && notes != "" || !strings.Contains(notes, c.want) {
			t.Errorf("%s: the notes are %q, want %q", name, notes, c.want)
		}
	}
}

// failover.yaml of a package says where its user finds what it speaks of.
func TestTheNotesOfAPackageSpeakOfThePackage(t *testing.T) {
	_, r := service(t, "module example.com/svc\n\ngo 1.24.0\n")
	text := string(fileNamed(t, project(t, r), spec.FileName).Data)
	for _, wrong := range []string{"main.go", "write loop"} {
		if strings.Contains(text, wrong) {
			t.Errorf("it speaks of %q:\n%s", wrong, text)
		}
	}
	if !strings.Contains(text, "once ReadyToReturn, an option of Open, says so") {
		t.Errorf("it does not say where the hook is:\n%s", text)
	}
}

func TestWhereAPackageMayLie(t *testing.T) {
	base := t.TempDir()
	for name, text := range map[string]string{"svc/go.mod": "module example.com/svc\n", "broken/go.mod": "require (\n"} {
		name = filepath.Join(base, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(base, "svc", "deep", "er"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(base, "svc", "deep", "er"), filepath.Join(base, "link")); err != nil {
		t.Skip("no links here: ", err)
	}
	for dir, want := range map[string]string{"svc/hz": "example.com/svc/hz", "svc/deep/er": "example.com/svc/deep/er", "link": "example.com/svc/deep/er", "link/hz": "example.com/svc/deep/er/hz"} {
		m, err := ModuleAround(filepath.Join(base, dir))
		if err != nil || m.Import != want {
			t.Errorf("%s: %+v, %v", dir, m, err)
			continue
		}
		if _, err := os.Stat(filepath.Join(m.Root, "go.mod")); err != nil {
			t.Errorf("%s: the module is looked for at the wrong place: %v", dir, err)
		}
	}
	for dir, want := range map[string]string{"nowhere": "nowhere: lies in no module", "svc": "svc: is the folder of a module itself", "broken/x": "broken/go.mod: names no module", "svc/my folder": `svc/my folder: cannot hold a package: "example.com/svc/my folder" is not an import path`} {
		_, err := ModuleAround(filepath.Join(base, dir))
		hasLine(t, err, want)
	}
}
