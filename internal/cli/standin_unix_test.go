//go:build unix

package cli

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
)

func TestStandInsObeyKeys(t *testing.T) {
	folder(t)
	newProject(t)
	for _, leave := range []string{"q", ctrlC, ctrlD} {
		s := inTerminal(t, 80, nil, "standin", "orders", "--env", "stand-ins.env")
		s.types("s status, q quit", "s")
		s.sees("running, 0 connections")
		s.types("2  pr-", "2f1k")
		s.sees("chosen: 2 pr-")
		s.sees("freeze  cluster 2 (pr-")
		s.types("kill  cluster 1 (pr-", leave)
		s.exits(0)
		if column := s.screen.Cursor().X; column != 0 {
			t.Errorf("the shell goes on in column %d", column)
		}
		nothingWritten(t, ".", "a.zip", "b.zip", "orders")
	}
}

func TestASignalEndsStandInsInOrder(t *testing.T) {
	folder(t)
	newProject(t)
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		cmd, stderr := exec.Command(os.Args[0], "standin", "orders", "--env", "stand-ins.env"), new(strings.Builder)
		cmd.Env, cmd.Stderr = append(os.Environ(), mainVariable+"=1"), stderr
		stdout, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		for lines := bufio.NewScanner(stdout); lines.Scan() && !strings.HasPrefix(lines.Text(), "# in another terminal"); {
		}
		_ = cmd.Process.Signal(signal)
		if err := cmd.Wait(); err != nil || stderr.String() != "" {
			t.Errorf("%v: %v, %q", signal, err, stderr)
		}
		nothingWritten(t, ".", "a.zip", "b.zip", "orders")
	}
}
