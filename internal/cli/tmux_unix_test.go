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

// tmux is a terminal that none of us wrote. Arrow keys and answers go through it as
// through that of a user.
func TestInitInTmux(t *testing.T) {
	if _, err := exec.LookPath("tmux"); err != nil {
		if os.Getenv("FAILOVER_REQUIRE_TMUX") != "" {
			t.Fatal("FAILOVER_REQUIRE_TMUX is set, but there is no tmux: ", err)
		}
		t.Skip("there is no tmux here; CI requires it with FAILOVER_REQUIRE_TMUX=1")
	}
	quickFolder(t)
	socket := fmt.Sprintf("failover-gen-%d", os.Getpid())
	tmux := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("tmux", append([]string{"-L", socket, "-f", os.DevNull}, args...)...)
		cmd.Env = append(os.Environ(), mainVariable+"=1", "TMUX=")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("tmux %s: %v\n%s", args[0], err, out)
		}
		return string(out)
	}
	tmux("new-session", "-d", "-x", "80", "-y", "60", "'"+os.Args[0]+"' init --no-drill; echo \"exit code $?\"; cat")
	defer tmux("kill-server")
	shows := func(text string) string {
		t.Helper()
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			switch screen := tmux("capture-pane", "-p"); {
			case strings.Contains(screen, text):
				return screen
			case time.Now().After(end):
				t.Fatalf("waiting for %q; the screen shows\n%s", text, screen)
			}
		}
	}
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
		shows(step[0])
		tmux(append([]string{"send-keys"}, step[1:]...)...)
	}
	screen := shows("exit code 0")
	if want := "    --primary secondary.zip \\\n    --secondary primary.zip \\\n    --out orders \\\n    --standby cold\n"; !strings.Contains(screen, want) {
		t.Errorf("the screen lacks %q:\n%s", want, screen)
	}
}
