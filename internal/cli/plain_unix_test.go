//go:build unix

package cli

import (
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/Netflix/go-expect"
)

// inOwnTerminal runs the command line as a process whose terminal sends signals.
func inOwnTerminal(t *testing.T, env []string, args ...string) (*session, *exec.Cmd) {
	t.Helper()
	s := &session{t: t}
	var err error
	if s.user, err = expect.NewConsole(expect.WithStdout(&s.said), expect.WithDefaultTimeout(10*time.Second)); err != nil {
		t.Skip("no terminals here: ", err)
	}
	t.Cleanup(func() { s.user.Close() })
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(append(os.Environ(), mainVariable+"=1"), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.user.Tty(), s.user.Tty(), s.user.Tty()
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s.user.Tty().Close()
	return s, cmd
}

// answers types an answer once a text is there. The terminal shows what is typed.
func (s *session) answers(text, answer string) {
	s.t.Helper()
	if _, err := s.user.ExpectString(text); err != nil {
		s.t.Fatalf("waiting for %q: %v; the terminal shows\n%s", text, err, s.said.String())
	}
	if _, err := s.user.Send(answer); err != nil {
		s.t.Fatal(err)
	}
}

// ends waits for the end of the process.
func (s *session) ends(cmd *exec.Cmd, code int) {
	s.t.Helper()
	if _, err := s.user.ExpectEOF(); errors.Is(err, os.ErrDeadlineExceeded) {
		_ = cmd.Process.Kill()
	}
	_ = cmd.Wait()
	if got := cmd.ProcessState.ExitCode(); got != code {
		s.t.Errorf("exit code %d, want %d; the terminal shows\n%s", got, code, s.said.String())
	}
	if strings.Contains(s.said.String(), "\x1b") {
		s.t.Errorf("there are control codes: %q", s.said.String())
	}
}

// The questions of a new project in lines. The second bundle lacks its passwords.
var inLines = [][2]string{
	{"Primary bundle:\r\n  1. pr-1234  primary.zip\r\n  2. secondary.zip\r\n  3. another path\r\nNumber, or Enter for 1: ", "\n"},
	{"Secondary bundle:\r\n  1. secondary.zip\r\n  2. another path\r\nNumber, or Enter for 1: ", "1\n"},
	{"Password of the keystore, which is not shown: ", "6f7a8b9c0d1\n"},
	{"Another secondary? yes or no, or Enter for no: ", "\n"},
	{"Module path, or Enter for example.com/failover-client: ", "example.com/orders\n"},
	{"Standby:\r\n  1. warm: stay connected to the next cluster as well\r\n  2. cold: ", "\n"},
	{"Failback:\r\n", "\n"},
	{"Secrets:\r\n", "\n"},
	{"Output folder, or Enter for orders: ", "\n"},
	{"Write these files?\r\n  1. yes, and drill the project at once\r\n  2. yes\r\n  3. no\r\nNumber, or Enter for 1: ", "2\n"},
}

func TestInitInLines(t *testing.T) {
	for name, c := range map[string]struct {
		env, args []string
	}{
		"by flag":     {[]string{"TERM=xterm"}, []string{"init", "--plain"}},
		"by terminal": {[]string{"TERM=dumb"}, []string{"init"}},
	} {
		t.Run(name, func(t *testing.T) {
			data := quickFolder(t)
			packBundle(t, data, "secondary.zip", "pr-5678", "6f7a8b9c0d1", "YOUR_SSL_PASSWORD")
			s, cmd := inOwnTerminal(t, c.env, c.args...)
			for _, step := range inLines {
				s.answers(step[0], step[1])
			}
			s.ends(cmd, 0)
			if _, err := os.Stat("orders/failover.lock"); err != nil || strings.Contains(s.said.String(), "6f7a8b9c0d1") {
				t.Errorf("%v; the terminal shows\n%s", err, s.said.String())
			}
		})
	}
}

func TestInitInLinesIsLeftAtEachQuestion(t *testing.T) {
	data := quickFolder(t)
	packBundle(t, data, "secondary.zip", "pr-5678", "6f7a8b9c0d1", "YOUR_SSL_PASSWORD")
	for i, at := range inLines {
		for name, key := range map[string]string{"Ctrl-C": ctrlC, "Ctrl-D": ctrlD} {
			t.Run(strings.Fields(at[0])[0]+" "+name, func(t *testing.T) {
				s, cmd := inOwnTerminal(t, nil, "init", "--plain")
				for _, step := range inLines[:i] {
					s.answers(step[0], step[1])
				}
				s.answers(at[0], key)
				s.ends(cmd, 130)
				nothingWritten(t, ".", "primary.zip", "secondary.zip")
			})
		}
	}
}
