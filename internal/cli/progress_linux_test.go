package cli

import (
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
	"unsafe"

	"github.com/failover-gen/failover-gen/internal/drill"
)

// screen is what a terminal of one line each shows after the text: "\r" goes
// back to the start of the line, and what follows replaces what stands there.
func screen(text string) (lines []string) {
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		var cells []rune
		at := 0
		for _, r := range line {
			if r == '\r' {
				at = 0
				continue
			}
			if at == len(cells) {
				cells = append(cells, ' ')
			}
			cells[at] = r
			at++
		}
		lines = append(lines, strings.TrimRight(string(cells), " "))
	}
	return lines
}

// watched is what has been written to a terminal so far.
type watched struct {
	mu   sync.Mutex
	text string
}

// watch reads from the user's end of a terminal until it is closed.
func watch(user *os.File) *watched {
	w := &watched{}
	go func() {
		buffer := make([]byte, 1024)
		for {
			n, err := user.Read(buffer)
			if err != nil {
				return
			}
			w.mu.Lock()
			w.text += string(buffer[:n])
			w.mu.Unlock()
		}
	}()
	return w
}

// until waits until the end of the text is as asked for, and returns the text.
func (w *watched) until(t *testing.T, ends func(text string) bool) string {
	t.Helper()
	for start := time.Now(); time.Since(start) < 20*time.Second; time.Sleep(5 * time.Millisecond) {
		w.mu.Lock()
		text := w.text
		w.mu.Unlock()
		if ends(text) {
			return text
		}
	}
	t.Fatalf("written after 20s: %q", w.text)
	return ""
}

// tellSteps tells of two steps and a result on a terminal of the given width,
// each once the terminal shows what it must before. It returns what was written
// before the end, and all that was written.
func tellSteps(t *testing.T, columns uint16, env map[string]string, first, second string) (before, all string) {
	t.Helper()
	user, command := terminals(t)
	size := [4]uint16{24, columns}
	ioctl(t, user, syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	w := watch(user)
	a := &app{Env: Env{Stdout: command, Stderr: command, LookupEnv: lookup(env)}}
	var o drill.Options
	end := a.steps("orders", &o)
	o.OnStep(drill.Step{What: "building"})
	w.until(t, func(text string) bool { return strings.Contains(text, first) })
	o.OnStep(drill.Step{What: "freeze", N: 2, Of: 11})
	a.say("kill passed")
	before = w.until(t, func(text string) bool {
		_, after, printed := strings.Cut(text, "kill passed\r\n")
		return printed && strings.Contains(after, second)
	})
	end()
	time.Sleep(2 * redraw) // nothing may be written any more
	_, _ = command.WriteString("$")
	return before, w.until(t, func(text string) bool { return strings.HasSuffix(text, "$") })
}

func TestATerminalShowsALiveLineThatIsClearedAtTheEnd(t *testing.T) {
	for _, setting := range []string{"", "NO_COLOR", "FORCE_COLOR"} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			before, all := tellSteps(t, 80, map[string]string{setting: "1"}, "\rorders: building, 1 s", "\rorders: drill 2 of 11 (freeze), ")
			if !strings.HasPrefix(before, "\rorders: building, 0 s") {
				t.Errorf("it begins with %q", before)
			}
			if lines := screen(before); len(lines) != 2 || lines[0] != "kill passed" || !strings.HasPrefix(lines[1], "orders: drill 2 of 11 (freeze), ") {
				t.Errorf("the terminal shows %q", lines)
			}
			if lines := screen(all); len(lines) != 2 || lines[1] != "$" {
				t.Errorf("the terminal shows %q after the end", lines)
			}
			if strings.Contains(all, "\x1b") {
				t.Errorf("escape sequences: %q", all)
			}
		})
	}
}

func TestALiveLineNeverWraps(t *testing.T) {
	t.Parallel()
	before, _ := tellSteps(t, 20, nil, "\rorders: building, 0", "\rorders: drill 2 of ")
	if lines := screen(before); lines[len(lines)-1] != "orders: drill 2 of" {
		t.Errorf("the terminal shows %q", lines)
	}
}

func TestADumbTerminalGetsLines(t *testing.T) {
	t.Parallel()
	_, all := tellSteps(t, 80, map[string]string{"TERM": "dumb"}, "building\r\n", "")
	if got := strings.ReplaceAll(all, "\r\n", "\n"); got != "orders: building\norders: drill 2 of 11 (freeze)\nkill passed\n$" {
		t.Errorf("%q", got)
	}
}
