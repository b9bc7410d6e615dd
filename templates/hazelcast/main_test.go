//go:build unix

package main

import (
	"bufio"
	"bytes"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestMain runs the program itself in the children that start makes. What CI sets
// for our own tests begins with FAILOVER_ too, and the program would warn of it.
func TestMain(m *testing.M) {
	if os.Getenv("TEST_RUNS_MAIN") != "" {
		main()
		return
	}
	for _, name := range []string{"FAILOVER_LONG", "FAILOVER_REQUIRE_CHROMIUM", "FAILOVER_REQUIRE_JAVA", "FAILOVER_REQUIRE_KUBECTL", "FAILOVER_REQUIRE_PROMTOOL", "FAILOVER_REQUIRE_TMUX", "FAILOVER_REQUIRE_ZOOKEEPER", "FAILOVER_RUNS", "FAILOVER_SOAK"} {
		_ = os.Unsetenv(name)
	}
	os.Exit(m.Run())
}

// start runs the program where no cluster can be reached, so that each call
// lasts for OpTimeout (2 s), and returns when the first is under way.
func start(t *testing.T, flags ...string) (child *exec.Cmd, stdout *bytes.Buffer) {
	t.Helper()
	home(t)
	child, stdout = exec.Command(os.Args[0], flags...), new(bytes.Buffer)
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

// output runs the program to its end.
func output(flags ...string) (exit int, stdout, stderr string) {
	var out, errors bytes.Buffer
	child := exec.Command(os.Args[0], flags...)
	child.Env, child.Stdout, child.Stderr = append(os.Environ(), "TEST_RUNS_MAIN=1"), &out, &errors
	_ = child.Run()
	return child.ProcessState.ExitCode(), out.String(), errors.String()
}

func TestArgumentsAreRefused(t *testing.T) {
	if exit, _, stderr := output("-v", "true"); exit != 2 || !strings.Contains(stderr, `"true"`) {
		t.Errorf("exit %d: %s", exit, stderr)
	}
}

func TestCheckOpensTheStoresAndEnds(t *testing.T) {
	home(t)
	exit, stdout, stderr := output("-check")
	for _, want := range []string{"cluster 1: pr-1234 at 127.0.0.1:1\n  client certificate  \"CN=pr-1234 client\", ", "\n  trusted             \"CN=pr-5678 authority\", ", "no fault was found"} {
		if !strings.Contains(stdout, want) {
			t.Errorf("it does not print %q", want)
		}
	}
	if exit != 0 || stderr != "" || strings.Contains(stdout, storePasswords[0]) || strings.Contains(stdout, storePasswords[1]) {
		t.Errorf("exit %d, stdout\n%s\nstderr\n%s", exit, stdout, stderr)
	}

	t.Setenv("FAILOVER_2_KEYSTORE_PASSWORD", "battery")
	t.Setenv("FAILOVER_1_KEYSTORE", "/none/such")
	exit, stdout, stderr = output("-check")
	if exit != 1 || stdout != "" || strings.Contains(stderr, "battery") || !strings.Contains(stderr, "FAILOVER_2_KEYSTORE_PASSWORD") || !strings.Contains(stderr, "/none/such") {
		t.Errorf("exit %d, stdout\n%s\nstderr\n%s", exit, stdout, stderr)
	}
}

func TestCheckWarnsOfWhatTheProgramIgnores(t *testing.T) {
	home(t)
	t.Setenv("FAILOVER_1_TOKNE", "battery")
	exit, _, stderr := output("-check")
	if exit != 0 || !strings.Contains(stderr, "level=WARN") || !strings.Contains(stderr, "did you mean FAILOVER_1_TOKEN?") || strings.Contains(stderr, "battery") {
		t.Errorf("exit %d: %s", exit, stderr)
	}
}

func TestHealthIsServedAtTheAddressThatIsAsked(t *testing.T) {
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(probe.Addr().String())
	probe.Close()
	start(t, "-health-port", port, "-health-address", "0.0.0.0")
	for _, page := range []string{"/live", "/stats", "/metrics"} {
		answer, err := http.Get("http://127.0.0.1:" + port + page)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %s", page, answer.Status)
		}
	}

	// 192.0.2.1 is for documentation: no machine has it.
	exit, _, stderr := output("-health-port", port, "-health-address", "192.0.2.1")
	if exit != 1 || !strings.Contains(stderr, "192.0.2.1:"+port) || !strings.Contains(stderr, "-health-address") {
		t.Errorf("exit %d: %s", exit, stderr)
	}
}
