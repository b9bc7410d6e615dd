//go:build unix

package main

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain runs the program itself in the children that start makes.
func TestMain(m *testing.M) {
	if os.Getenv("TEST_RUNS_MAIN") != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// start runs the program where no cluster can be reached, so that each call
// lasts for OpTimeout (2 s), and returns when the first is under way.
func start(t *testing.T) (child *exec.Cmd, stdout *bytes.Buffer) {
	t.Helper()
	home(t)
	child, stdout = exec.Command(os.Args[0]), new(bytes.Buffer)
	child.Env, child.Stdout = append(os.Environ(), "TEST_RUNS_MAIN=1"), stdout
	stderr, err := child.StderrPipe()
	if err == nil {
		err = child.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = child.Process.Kill() })
	if lines := bufio.NewScanner(stderr); !lines.Scan() || !strings.Contains(lines.Text(), "not available") {
		t.Fatalf("the program began with %q", lines.Text())
	}
	time.Sleep(300 * time.Millisecond)
	return child, stdout
}

func TestASignalEndsTheProgramAfterTheCallUnderWay(t *testing.T) {
	child, stdout := start(t)
	_ = child.Process.Signal(syscall.SIGTERM)
	if err := child.Wait(); err != nil {
		t.Error(err)
	}
	if got, want := stdout.String(), "stopped: 0 acked, 1 not sent, 0 unknown, 0 rejected; 0 switches\n"; got != want {
		t.Errorf("it printed %q, want %q", got, want)
	}
}

func TestASecondSignalEndsTheProgramAtOnce(t *testing.T) {
	child, stdout := start(t)
	ended := make(chan error, 1)
	go func() { ended <- child.Wait() }()
	for running := true; running; {
		_ = child.Process.Signal(os.Interrupt)
		select {
		case <-ended:
			running = false
		case <-time.After(100 * time.Millisecond):
		}
	}
	if status, _ := child.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("it ended with %v", child.ProcessState)
	}
	if stdout.Len() > 0 {
		t.Errorf("it still printed %q", stdout)
	}
}

func TestArgumentsAreRefused(t *testing.T) {
	child := exec.Command(os.Args[0], "-v", "true")
	child.Env = append(os.Environ(), "TEST_RUNS_MAIN=1")
	out, _ := child.CombinedOutput()
	if code := child.ProcessState.ExitCode(); code != 2 || !strings.Contains(string(out), `"true"`) {
		t.Errorf("exit %d: %s", code, out)
	}
}
