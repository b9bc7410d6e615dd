//go:build unix

package cli

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// tmux is a terminal that none of us wrote.
type tmux struct {
	t      *testing.T
	socket string
}

// inTmux runs the command line in a terminal of so many columns, and then says with
// which code it ended.
func inTmux(t *testing.T, columns int, args string) *tmux {
	t.Helper()
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("FAILOVER_REQUIRE_TMUX") != "" {
			t.Fatal("FAILOVER_REQUIRE_TMUX is set, but there is no tmux: ", err)
		}
		t.Skip("there is no tmux here; CI requires it with FAILOVER_REQUIRE_TMUX=1")
	}
	m := &tmux{t, fmt.Sprintf("failover-gen-%d-%d", os.Getpid(), columns)}
	m.do("new-session", "-d", "-x", fmt.Sprint(columns), "-y", "60", "'"+os.Args[0]+"' "+args+"; echo \"exit code $?\"; cat")
	t.Cleanup(func() { m.do("kill-server") })
	return m
}

// do gives tmux a command, and returns what it prints.
func (m *tmux) do(args ...string) string {
	m.t.Helper()
	cmd := exec.Command("tmux", append([]string{"-u", "-L", m.socket, "-f", os.DevNull}, args...)...)
	cmd.Env = append(os.Environ(), mainVariable+"=1", "TMUX=", "LC_ALL=C.UTF-8")
	out, err := cmd.CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %s: %v\n%s", args[0], err, out)
	}
	return string(out)
}

// shows waits until the terminal shows a text, and returns all that it shows.
func (m *tmux) shows(text string) string {
	m.t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
		switch screen := m.do("capture-pane", "-p"); {
		case strings.Contains(screen, text):
			return screen
		case time.Now().After(end):
			m.t.Fatalf("waiting for %q; the screen shows\n%s", text, screen)
		}
	}
}

// Arrow keys and answers go through tmux as through the terminal of a user.
func TestInitInTmux(t *testing.T) {
	quickFolder(t)
	m := inTmux(t, 80, "init --no-drill")
	for _, step := range [][]string{
		{"? Primary bundle:  [arrow keys]\n> pr-1234", "Down", "Enter"},
		{"? Secondary bundle:  [arrow keys]\n> pr-1234", "Enter"},
		{"? Another secondary? (y/N)", "Enter"},
		{"? Module path: (example.com/failover-client)", "example.com/orders", "Enter"},
		{"? Standby:  [arrow keys]\n> warm", "Down", "Enter"},
		{"? Failback:  [arrow keys]\n> never", "Enter"},
		{"? Secrets:  [arrow keys]\n> dotenv", "Enter"},
		{"? Output folder: (orders)", "Enter"},
		{"? Write these files? (Y/n)", "Enter"},
	} {
		m.shows(step[0])
		m.do(append([]string{"send-keys"}, step[1:]...)...)
	}
	screen := m.shows("exit code 0")
	if want := "    --primary secondary.zip \\\n    --secondary primary.zip \\\n    --out orders \\\n    --standby cold\n"; !strings.Contains(screen, want) {
		t.Errorf("the screen lacks %q:\n%s", want, screen)
	}
}

// A run is drawn while it goes on. Nothing of that stays when the demo ends, or when it
// is left by Ctrl-C.
func TestTheTimelineInTmux(t *testing.T) {
	for _, columns := range []int{80, 40} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			m := inTmux(t, columns, "demo")
			screen := m.shows("active\n  acked ")
			_, drawn, _ := strings.Cut(screen, "demo: drill")
			for line := range strings.Lines(drawn) {
				if len([]rune(strings.TrimSuffix(line, "\n"))) >= columns {
					t.Errorf("as wide as the terminal: %q", line)
				}
			}
			end := "exit code 0"
			if columns == 40 {
				m.do("send-keys", "C-c")
				end = "cancelled; run it again\nexit code 130"
			}
			if screen = m.shows(end); strings.ContainsAny(screen, "█░×^") || strings.Contains(screen, "demo: ") {
				t.Errorf("left behind:\n%s", screen)
			}
		})
	}
}
