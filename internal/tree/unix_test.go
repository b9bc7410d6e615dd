//go:build unix

package tree

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// childVariable makes the test binary do as the test "NAME DIR" says.
const childVariable = "TEST_TREE_CHILD"

// Most tests wait for the disk more than they work, so many run at a time. Those that
// set the umask, or kill or race processes, run alone: they are not parallel.
func TestMain(m *testing.M) {
	if name, dir, ok := strings.Cut(os.Getenv(childVariable), " "); ok {
		os.Exit(fault.ExitCode(children[name](dir)))
	}
	if err := flag.Set("test.parallel", "8"); err != nil { // the command line, parsed later, wins
		panic(err)
	}
	os.Exit(m.Run())
}

// children are what a child process does.
var children = map[string]func(dir string) error{
	"full-disk": func(dir string) error {
		signal.Ignore(syscall.SIGXFSZ) // so that writing fails as on a full disk
		if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 4096, Max: 4096}); err != nil {
			return err
		}
		_, err := Apply(context.Background(), dir, large().want(&testing.T{}, dir), Options{Force: true})
		fmt.Println(err)
		return err
	},
	"hold": func(dir string) error {
		if _, err := NewStage(context.Background(), dir); err != nil {
			return err
		}
		fmt.Println("ready")
		_, err := io.Copy(io.Discard, os.Stdin)
		return err
	},
	"create": func(dir string) error { return slowly(dir, newProject()) },
	"move":   func(dir string) error { return slowly(dir, swapped()) },
	"cold":   func(dir string) error { return slowly(dir, newProject().with(cold)) },
	"warm": func(dir string) error {
		return slowly(dir, newProject().with(map[string]string{"load.go": "package main // warm\n"}))
	},
}

func slowly(dir string, p *project) error {
	w := p.want(&testing.T{}, dir)
	fmt.Println("ready")
	_, err := Apply(context.Background(), dir, w, Options{})
	return err
}

func child(t *testing.T, name, dir string) *exec.Cmd {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVariable+"="+name+" "+dir)
	return cmd
}

// ready starts a child and returns once it has said so.
func ready(t *testing.T, name, dir string) *exec.Cmd {
	t.Helper()
	cmd := child(t, name, dir)
	out, err := cmd.StdoutPipe()
	if err == nil {
		_, err = cmd.StdinPipe() // open until the child is killed
	}
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the child says %q, %v", line, err)
	}
	return cmd
}

// large is a project with a file that does not fit on the disk.
func large() *project {
	return newProject().with(map[string]string{"clusters.go": "package main\n\n// " + strings.Repeat("x", 8192) + "\n"})
}

func TestAFullDiskLeavesEverythingAsItWas(t *testing.T) {
	fresh := filepath.Join(t.TempDir(), "new", "orders")
	existing := create(t, newProject())
	empty := filepath.Join(t.TempDir(), "empty")
	os.Mkdir(empty, 0o755)
	for name, dir := range map[string]string{"fresh": fresh, "existing": existing, "empty": empty} {
		t.Run(name, func(t *testing.T) {
			parent := filepath.Dir(dir)
			if name == "fresh" {
				parent = filepath.Dir(parent)
			}
			before := snapshot(t, parent)
			cmd := child(t, "full-disk", dir)
			out, _ := cmd.CombinedOutput()
			if code := cmd.ProcessState.ExitCode(); code != int(fault.Environment) {
				t.Errorf("exit code %d, want 3", code)
			}
			if !strings.Contains(string(out), "cannot be written, so nothing was changed: file too large; ") {
				t.Errorf("output %q", out)
			}
			sameTree(t, snapshot(t, parent), before)
		})
	}
}

func TestAFreshTreeIsWholeAndItsModesDoNotDependOnTheUmask(t *testing.T) {
	var trees []map[string]string
	for _, umask := range []int{0o000, 0o077} {
		old := syscall.Umask(umask)
		dir := create(t, newProject())
		syscall.Umask(old)
		tree := snapshot(t, dir)
		trees = append(trees, tree)
		for _, f := range newProject().want(t, "").Files {
			if want := f.Mode.String() + " " + string(f.Data); tree[f.Path] != want {
				t.Errorf("umask %03o: %s is %.60q", umask, f.Path, tree[f.Path])
			}
		}
		if entries, _ := os.ReadDir(filepath.Dir(dir)); len(entries) != 1 {
			t.Errorf("umask %03o: beside the project: %v", umask, entries)
		}
		if info, _ := os.Stat(dir); info.Mode().Perm() != 0o755 {
			t.Errorf("umask %03o: the folder has mode %v", umask, info.Mode())
		}
	}
	sameTree(t, trees[1], trees[0])
}

func TestTheStageOfAKilledRunIsRemovedAndThatOfALiveOneIsNot(t *testing.T) {
	parent := t.TempDir()
	killed, alive := ready(t, "hold", filepath.Join(parent, "killed")), ready(t, "hold", filepath.Join(parent, "alive"))
	_ = killed.Process.Kill()
	_ = killed.Wait()
	older := filepath.Join(parent, staging+"1234567") // as earlier versions made them
	os.Mkdir(older, 0o700)
	dir := filepath.Join(parent, "orders")
	if _, err := Apply(context.Background(), dir, newProject().want(t, dir), Options{}); err != nil {
		t.Fatal(err)
	}
	var names []string
	entries, _ := os.ReadDir(parent)
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got, want := strings.Join(names, " "), beside+"alive orders"; got != want {
		t.Errorf("beside the project lie %s, want %s", got, want)
	}
	// The same place, while another run has it.
	ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
	defer cancel()
	if _, err := NewStage(ctx, filepath.Join(parent, "alive")); err == nil {
		t.Error("a stage was taken from a live run")
	}
	_, err := claim(context.Background(), filepath.Join(parent, beside+"alive"), "orders", 0)
	hasLine(t, err, "another run of failover-gen is at work here; wait")
	_ = alive.Process.Kill()
	_ = alive.Wait()
	s, err := NewStage(context.Background(), filepath.Join(parent, "alive"))
	if err != nil {
		t.Fatal(err)
	}
	s.Release()
}

// A run that is killed at any moment loses nothing: the next one makes the tree
// whole, and what the operator renewed is where it belongs.
func TestARunKilledAtAnyMomentCanBeRepeated(t *testing.T) {
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	chance := rand.New(rand.NewPCG(seed, 0))
	whole := snapshot(t, create(t, newProject()))
	movedWhole := make(map[string]string)
	for try := range long(20, 500) {
		name, p, want := "create", newProject(), whole
		dir := filepath.Join(t.TempDir(), "orders")
		if try%2 == 1 {
			name, p = "move", swapped()
			dir = create(t, newProject())
			write(t, dir, keystore2, "renewed key two")
		}
		cmd := ready(t, name, dir)
		time.Sleep(time.Duration(chance.IntN(4000)) * time.Microsecond)
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if err := Resume(context.Background(), dir, false); err != nil {
			t.Fatal(err)
		}
		if lock, _ := os.ReadFile(filepath.Join(dir, "failover.lock")); strings.Contains(string(lock), Digest([]byte(cold["clusters.go"]))) {
			p.moves = Moves{} // the lock tells that the move is done
		}
		if _, err := Apply(context.Background(), dir, p.want(t, dir), Options{}); err != nil {
			t.Fatalf("%s, after the kill: %v", name, err)
		}
		got := snapshot(t, dir)
		if name == "move" {
			if got[keystore1] != "-rw------- renewed key two" || got[keystore2] != "-rw------- key one" {
				t.Fatalf("the keystores are %q and %q", got[keystore1], got[keystore2])
			}
			if len(movedWhole) == 0 {
				movedWhole = maps.Clone(got)
			}
			want = movedWhole
		}
		sameTree(t, got, want)
		if entries, _ := os.ReadDir(filepath.Dir(dir)); len(entries) != 1 {
			t.Errorf("beside the project: %v", entries)
		}
	}
}

// long is the number of tries: many where the long tests are asked for.
func long(short, long int) int {
	if os.Getenv("FAILOVER_LONG") != "" {
		return long
	}
	return short
}

// Of two runs that work on one project at once, one waits or fails clearly, and
// what is there in the end is what one of them wants: never a mixture.
func TestTwoRunsAtOnceMakeNoMixture(t *testing.T) {
	results := make(map[string]map[string]string)
	for _, name := range []string{"cold", "warm"} {
		dir := create(t, newProject())
		if out, err := child(t, name, dir).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
		results[name] = snapshot(t, dir)
	}
	for range long(5, 50) {
		dir := create(t, newProject())
		runs := map[string]*exec.Cmd{"cold": child(t, "cold", dir), "warm": child(t, "warm", dir)}
		for _, cmd := range runs {
			cmd.Stderr = cmd.Stdout
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
		got := snapshot(t, dir)
		if done == 0 || !maps.Equal(got, results["cold"]) && !maps.Equal(got, results["warm"]) {
			t.Errorf("%d runs succeeded, and the project is neither's", done)
		}
	}
}

// Two first runs: one makes the project, the other finds it.
func TestTwoFirstRunsAtOnceMakeOneProject(t *testing.T) {
	whole := snapshot(t, create(t, newProject()))
	for range long(5, 50) {
		dir := filepath.Join(t.TempDir(), "orders")
		a, b := child(t, "create", dir), child(t, "create", dir)
		for _, cmd := range []*exec.Cmd{a, b} {
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
		}
		_, _ = a.Process.Wait()
		_, _ = b.Process.Wait()
		sameTree(t, snapshot(t, dir), whole)
		if entries, _ := os.ReadDir(filepath.Dir(dir)); len(entries) != 1 {
			t.Errorf("beside the project: %v", entries)
		}
	}
}

// Only what is written asks for space on the disk.
func TestTheRemedyFitsWhatFailed(t *testing.T) {
	for _, c := range []struct {
		what string
		err  error
		want string
	}{
		{"read", syscall.EIO, "check its permissions, then run again"},
		{"opened", syscall.EACCES, "check its permissions, then run again"},
		{"written", syscall.EACCES, "check its permissions, then run again"},
		{"written", syscall.ENOSPC, "make room on the disk, then run again"},
		{"replaced", syscall.EIO, "check its permissions and the space on the disk, then run again"},
	} {
		if got := diskFault("a", c.what, c.err).Remedy; got != c.want {
			t.Errorf("%s, %v: %s, want %s", c.what, c.err, got, c.want)
		}
	}
}
