//go:build unix

package generate

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// fullVariable makes the test binary commit a project on a disk that takes no
// file larger than some bytes.
const fullVariable = "TEST_COMMIT_ON_FULL_DISK"

func TestMain(m *testing.M) {
	if dir := os.Getenv(fullVariable); dir != "" {
		commitOnFullDisk(dir)
	}
	os.Exit(m.Run())
}

func commitOnFullDisk(dir string) {
	signal.Ignore(syscall.SIGXFSZ) // so that writing fails as on a full disk
	t := &testing.T{}
	files := changed(t)
	limit := syscall.Rlimit{Cur: 4096, Max: 4096}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &limit); err != nil {
		fmt.Println(err)
		os.Exit(9)
	}
	_, err := Commit(context.Background(), dir, files, CommitOptions{Force: true})
	if err != nil {
		fmt.Println(err)
	}
	os.Exit(fault.ExitCode(err))
}

func TestAFullDiskLeavesEverythingAsItWas(t *testing.T) {
	fresh := filepath.Join(t.TempDir(), "new", "orders")
	existing, _ := project(t)
	write(t, existing, "internal/failover/failover.go", "package failover // edited, so that a large file is to be replaced\n")
	empty := filepath.Join(t.TempDir(), "empty")
	os.Mkdir(empty, 0o755)
	for name, dir := range map[string]string{"fresh": fresh, "existing": existing, "empty": empty} {
		t.Run(name, func(t *testing.T) {
			parent := filepath.Dir(dir)
			if name == "fresh" {
				parent = filepath.Dir(parent)
			}
			before := snapshot(t, parent)
			cmd := exec.Command(os.Args[0])
			cmd.Env = append(os.Environ(), fullVariable+"="+dir)
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
		dir, files := project(t)
		syscall.Umask(old)
		tree := snapshot(t, dir)
		trees = append(trees, tree)
		for _, f := range files {
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
