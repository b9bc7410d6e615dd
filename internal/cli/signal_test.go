//go:build unix

package cli

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// mainVariable makes the test binary run as the command itself.
const mainVariable = "TEST_RUN_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(mainVariable) != "" {
		os.Exit(Main(Env{Args: os.Args[1:], Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, LookupEnv: os.LookupEnv, Now: time.Now}))
	}
	os.Exit(m.Run())
}

// startDemo runs the demo in a child, to keep what it makes below dir.
func startDemo(t *testing.T, dir string, env ...string) (cmd *exec.Cmd, stdout io.ReadCloser, stderr *strings.Builder) {
	t.Helper()
	cmd, stderr = exec.Command(os.Args[0], "demo", "--keep", filepath.Join(dir, "kept")), new(strings.Builder)
	cmd.Env, cmd.Stderr = append(append(os.Environ(), mainVariable+"=1"), env...), stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return cmd, stdout, stderr
}

func TestASignalCancelsAndLeavesNothing(t *testing.T) {
	for signal, want := range map[syscall.Signal]int{syscall.SIGHUP: 129, syscall.SIGINT: 130, syscall.SIGTERM: 143} {
		dir := t.TempDir()
		cmd, out, errs := startDemo(t, dir)
		lines := bufio.NewScanner(out)
		for lines.Scan() && !strings.HasPrefix(lines.Text(), "now the project is built") {
		}
		if err := cmd.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
		for lines.Scan() {
		}
		_ = cmd.Wait()
		if code := cmd.ProcessState.ExitCode(); code != want || !strings.HasSuffix(errs.String(), "\ncancelled; run it again\n") {
			t.Errorf("%v: exit %d, %q; want %d", signal, code, errs.String(), want)
		}
		if entries, _ := os.ReadDir(dir); len(entries) > 0 {
			t.Errorf("%v: left behind: %v", signal, entries)
		}
	}
}

// A reader that had enough ends the command, which cleans up after itself.
func TestABrokenPipeCancelsAndLeavesNothing(t *testing.T) {
	dir := t.TempDir()
	cmd, out, errs := startDemo(t, dir, "TMPDIR="+dir)
	if _, err := bufio.NewReader(out).ReadString('\n'); err != nil {
		t.Fatal(err)
	}
	out.Close()
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 141 || errs.String() != "" {
		t.Errorf("exit %d, %q; want 141", code, errs.String())
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("left behind: %v", entries)
	}
}

func TestAHangUpThatIsIgnoredStaysSo(t *testing.T) {
	signal.Ignore(syscall.SIGHUP)
	defer signal.Reset(syscall.SIGHUP)
	c := cancelBySignal()
	defer c.stop()
	if !signal.Ignored(syscall.SIGHUP) {
		t.Error("it would cancel")
	}
}

// A member that never answers does not hold connect up once the user has enough.
func TestASignalEndsConnectAtOnce(t *testing.T) {
	dir := folder(t)
	newProject(t)
	patient := filepath.Join("orders", "failover.yaml")
	text, err := os.ReadFile(patient)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(patient, []byte(strings.Replace(string(text), "connectTimeout: 3s", "connectTimeout: 5m", 1)), 0o644); err != nil {
		t.Fatal(err)
	}
	if r := run(t, nil, "generate", "orders"); r.code != 0 {
		t.Fatalf("%+v", r)
	}
	mute, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer mute.Close()
	_ = mute.(*net.TCPListener).SetDeadline(time.Now().Add(time.Minute))
	cmd, stderr := exec.Command(os.Args[0], "connect", filepath.Join(dir, "orders")), new(strings.Builder)
	cmd.Env = append(os.Environ(), mainVariable+"=1", "FAILOVER_1_ADDRESSES="+mute.Addr().String(), "FAILOVER_2_ADDRESSES="+mute.Addr().String())
	cmd.Stderr = stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	conn, err := mute.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	begun := time.Now()
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait()
	if took := time.Since(begun); took > time.Minute || cmd.ProcessState.ExitCode() != 130 || stderr.String() != "cancelled; run it again\n" {
		t.Errorf("exit %d after %v, %q; want 130 at once", cmd.ProcessState.ExitCode(), took, stderr)
	}
}
