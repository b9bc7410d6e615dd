package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// copies makes n copies of the files of orders, in p00, p01 and so on.
func copies(t testing.TB, n int, files ...string) []string {
	t.Helper()
	var dirs []string
	for i := range n {
		dir := fmt.Sprintf("p%02d", i)
		dirs = append(dirs, dir)
		if len(files) == 0 {
			if err := os.CopyFS(dir, os.DirFS("orders")); err != nil {
				t.Fatal(err)
			}
		}
		for _, name := range files {
			data, err := os.ReadFile(filepath.Join("orders", name))
			if err == nil {
				err = os.MkdirAll(dir, 0o755)
			}
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, name), data, 0o644)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	return dirs
}

// Projects are worked on side by side, and yet the output is that of one run after
// the other, in the order of the arguments; the exit code is the worst.
func TestSeveralProjectsAreToldInTheirOrder(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	folder(t)
	newProject(t)
	dirs := copies(t, 15)
	for _, bundle := range []string{"a.zip", "b.zip"} { // the locks say what they were: no stores have to be opened
		if err := os.Remove(bundle); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range map[string]string{
		"p00/clusters.go":          "package main\n", // edited
		"p03/failover.yaml":        "version: 2\n",
		"p06/failover.lock":        "{",
		"p08/internal/ledger/x.go": "package ledger\n", // unexpected
		"p11/failover.lock":        "",
		"p12/load.go":              "package main\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, gone := range []string{"p04", "p09/internal", "p10/check.go", "p13/.env"} {
		if err := os.RemoveAll(gone); err != nil {
			t.Fatal(err)
		}
	}
	slices.Reverse(dirs[5:]) // the order of the arguments counts, not that of the names
	for _, command := range [][]string{{"check"}, {"diff"}, {"generate", "--dry-run"}, {"generate"}} {
		var alone result
		if len(command) == 1 && command[0] == "generate" {
			alone = copyAndRun(t, command, dirs)
		} else {
			alone = oneByOne(t, command, dirs)
		}
		together := run(t, nil, append(command, dirs...)...)
		if together.stdout != alone.stdout {
			t.Errorf("%v: together:\n%s\none by one:\n%s", command, together.stdout, alone.stdout)
		}
		if together.stderr != alone.stderr {
			t.Errorf("%v: together:\n%s\none by one:\n%s", command, together.stderr, alone.stderr)
		}
		if together.code != alone.code || alone.code != 2 {
			t.Errorf("%v: exit %d together, the worst one by one is %d, want 2", command, together.code, alone.code)
		}
	}
}

// oneByOne runs the command for each of the folders.
func oneByOne(t *testing.T, command, dirs []string) (all result) {
	t.Helper()
	for _, dir := range dirs {
		r := run(t, nil, append(slices.Clone(command), dir)...)
		all.stdout, all.stderr, all.code = all.stdout+r.stdout, all.stderr+r.stderr, max(all.code, r.code)
	}
	return all
}

// copyAndRun is oneByOne in a copy of everything.
func copyAndRun(t *testing.T, command, dirs []string) result {
	t.Helper()
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	other := t.TempDir()
	if err := os.CopyFS(other, os.DirFS(here)); err != nil {
		t.Fatal(err)
	}
	if err := os.Chdir(other); err != nil {
		t.Fatal(err)
	}
	defer os.Chdir(here)
	return oneByOne(t, command, dirs)
}

// A folder that is given more than once, by whatever name, and packages of the same
// module are worked on one after the other.
func TestTheSameFolderIsWorkedOnOnceAtATime(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(4))
	folder(t)
	newProject(t)
	if err := os.Symlink("orders", "link"); err != nil {
		t.Skip("no links here: ", err)
	}
	for range 10 {
		if err := os.Remove("orders/load.go"); err != nil {
			t.Fatal(err)
		}
		r := run(t, nil, "generate", "orders", "./orders/", "link", "orders")
		if r.code != 0 || !strings.HasPrefix(r.stdout, "orders: 1 created") || strings.Count(r.stdout, "nothing to change") != 3 {
			t.Fatalf("%+v", r)
		}
	}
	for name, text := range map[string]string{"shop/go.mod": "module example.com/shop\n\ngo 1.26\n", "shop/go.sum": "", "shop/a/x.go": "", "alone/x.go": ""} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if a, b := placeOf("shop/a"), placeOf("shop/b/not/there"); a != b || a != placeOf("shop") {
		t.Errorf("packages of one module are at %q and %q", a, b)
	}
	if a, b := placeOf("orders"), placeOf("alone"); a == b {
		t.Errorf("two projects are both at %q", a)
	}
}

// Of several projects each fault says which of them it is about, also where the
// fault is in a bundle or in no file.
func TestFaultsOfSeveralProjectsNameThem(t *testing.T) {
	folder(t)
	newProject(t)
	dirs := copies(t, 2)
	if err := os.WriteFile("b.zip", []byte("no archive"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := run(t, nil, append([]string{"generate"}, dirs...)...)
	lines := strings.Split(strings.TrimSpace(r.stderr), "\n")
	if r.code != 2 || len(lines) != 2 || !strings.HasPrefix(lines[0], "b.zip: in p00: ") || !strings.HasPrefix(lines[1], "b.zip: in p01: ") {
		t.Errorf("%+v", r)
	}
	r = run(t, nil, "generate", "--take", "none.go", "p00", "p01")
	if !strings.HasPrefix(r.stderr, "b.zip: in p00: ") {
		t.Errorf("%+v", r)
	}
	if err := os.Remove("b.zip"); err != nil { // the lock says what it was
		t.Fatal(err)
	}
	r = run(t, nil, "generate", "--take", "none.go", "p00", "p01")
	if r.code != 2 || !strings.HasPrefix(r.stderr, "in p00: --take none.go: ") || !strings.Contains(r.stderr, "\nin p01: --take none.go: ") {
		t.Errorf("%+v", r)
	}
}

// BenchmarkSeveral shows how many projects a second are generated and checked, from
// their locks and so without key derivation. New are clones that have only
// failover.yaml and failover.lock, and get all that is generated. With -cpu 1,2 it
// shows what the second processor gives.
func BenchmarkSeveral(b *testing.B) {
	bundles, err := made()
	if err != nil {
		b.Fatal(err)
	}
	b.Chdir(b.TempDir())
	for i, name := range []string{"a.zip", "b.zip"} {
		if err := os.WriteFile(name, bundles[i].Data, 0o600); err != nil {
			b.Fatal(err)
		}
	}
	command := func(args ...string) {
		code := Main(Env{Args: args, Stdout: io.Discard, Stderr: os.Stderr, LookupEnv: lookup(nil), Now: time.Now})
		if code != 0 {
			b.Fatalf("%v: exit code %d", args[:2], code)
		}
	}
	command("generate", "--primary", "a.zip", "--secondary", "b.zip", "--out", "orders")
	for _, name := range []string{"a.zip", "b.zip"} {
		if err := os.Remove(name); err != nil {
			b.Fatal(err)
		}
	}
	for _, n := range []int{50, 100, 200} {
		b.Run(fmt.Sprintf("%d", n), func(b *testing.B) {
			fresh := func() []string {
				for i := range n {
					if err := os.RemoveAll(fmt.Sprintf("p%02d", i)); err != nil {
						b.Fatal(err)
					}
				}
				return copies(b, n, "failover.yaml", "failover.lock")
			}
			dirs := fresh()
			perSecond := func(b *testing.B) { b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "projects/s") }
			b.Run("generate-new", func(b *testing.B) {
				for b.Loop() {
					b.StopTimer()
					fresh()
					b.StartTimer()
					command(append([]string{"generate"}, dirs...)...)
				}
				perSecond(b)
			})
			b.Run("generate-again", func(b *testing.B) {
				for b.Loop() {
					command(append([]string{"generate"}, dirs...)...)
				}
				perSecond(b)
			})
			b.Run("check", func(b *testing.B) {
				for b.Loop() {
					command(append([]string{"check"}, dirs...)...)
				}
				perSecond(b)
			})
		})
	}
}
