package cli

import (
	"strings"
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

// tellSteps tells of two steps and a result on a terminal of the given width,
// and returns what was written to it before and after the end.
func tellSteps(t *testing.T, columns uint16, env map[string]string) (before, after string) {
	t.Helper()
	user, command := terminals(t)
	size := [4]uint16{24, columns}
	ioctl(t, user, syscall.TIOCSWINSZ, unsafe.Pointer(&size))
	read := func() string {
		time.Sleep(20 * time.Millisecond) // what was written arrives at once
		buffer := make([]byte, 1<<16)
		n, err := user.Read(buffer)
		if err != nil {
			t.Fatal(err)
		}
		return string(buffer[:n])
	}
	a := &app{Env: Env{Stdout: command, Stderr: command, LookupEnv: lookup(env)}}
	var o drill.Options
	end := a.steps("orders", &o)
	o.OnStep(drill.Step{What: "building"})
	time.Sleep(1100 * time.Millisecond)
	o.OnStep(drill.Step{What: "freeze", N: 2, Of: 11})
	a.say("kill passed")
	time.Sleep(2 * redraw)
	before = read()
	end()
	if before[len(before)-1] != '\n' {
		after = read()
	}
	time.Sleep(2 * redraw)
	_, _ = command.WriteString("$") // nothing may follow the end but this
	return before, after + read()
}

func TestATerminalShowsALiveLineThatIsClearedAtTheEnd(t *testing.T) {
	for _, setting := range []string{"", "NO_COLOR", "FORCE_COLOR"} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			before, after := tellSteps(t, 80, map[string]string{setting: "1"})
			if !strings.Contains(before, "\rorders: building, 0 s") || !strings.Contains(before, "\rorders: building, 1 s") {
				t.Errorf("the time is not counted: %q", before)
			}
			if lines := screen(before); len(lines) != 2 || lines[0] != "kill passed" || lines[1] != "orders: drill 2 of 11 (freeze), 0 s" {
				t.Errorf("the terminal shows %q", lines)
			}
			if lines := screen(before + after); len(lines) != 2 || lines[1] != "$" {
				t.Errorf("the terminal shows %q after the end", lines)
			}
			if strings.Contains(before+after, "\x1b") {
				t.Errorf("escape sequences: %q", before)
			}
		})
	}
}

func TestALiveLineNeverWraps(t *testing.T) {
	t.Parallel()
	before, _ := tellSteps(t, 20, nil)
	if lines := screen(before); lines[len(lines)-1] != "orders: drill 2 of" {
		t.Errorf("the terminal shows %q", lines)
	}
}

func TestADumbTerminalGetsLines(t *testing.T) {
	t.Parallel()
	before, after := tellSteps(t, 80, map[string]string{"TERM": "dumb"})
	if got := strings.ReplaceAll(before+after, "\r\n", "\n"); got != "orders: building\norders: drill 2 of 11 (freeze)\nkill passed\n$" {
		t.Errorf("%q", got)
	}
}
