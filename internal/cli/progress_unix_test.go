//go:build unix

package cli

import (
	"fmt"
	"io"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/drill"
)

// drain takes in what is written to the terminal, for the screen and for said.
func (s *session) drain() { go func() { _, _ = s.user.ExpectEOF() }() }

// until waits until the screen is as asked for, and returns what it shows.
func (s *session) until(what string, is func(screen string) bool) string {
	s.t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		switch shown := s.shown(); {
		case is(shown):
			return shown
		case time.Now().After(end):
			s.t.Fatalf("waiting for %s; the screen shows\n%s", what, shown)
		}
	}
}

// telling is an app whose output is the terminal.
func (s *session) telling(env map[string]string) *app {
	tty := s.user.Tty()
	return &app{Env: Env{Stdout: tty, Stderr: tty, LookupEnv: lookup(env)}}
}

// nothingFollows waits a while, and wants the screen to be as given behind "$".
func (s *session) nothingFollows(want string) {
	s.t.Helper()
	time.Sleep(3 * redraw)
	_, _ = io.WriteString(s.user.Tty(), "$")
	if shown := s.until("a $", func(screen string) bool { return strings.HasSuffix(screen, "$\n") }); shown != want+"$\n" {
		s.t.Errorf("after the end the screen shows\n%s", shown)
	}
}

func TestATerminalShowsALiveLineThatIsClearedAtTheEnd(t *testing.T) {
	for _, setting := range []string{"", "NO_COLOR", "FORCE_COLOR"} {
		t.Run(setting, func(t *testing.T) {
			t.Parallel()
			s := newTerminal(t, 80, 24)
			s.drain()
			a := s.telling(map[string]string{setting: "1"})
			var o drill.Options
			end := a.steps("orders", &o)
			o.OnStep(drill.Step{What: "building"})
			s.until("a second", regexp.MustCompile(`^orders: building, [1-9]\d* s\n$`).MatchString)
			o.OnStep(drill.Step{What: "freeze", N: 2, Of: 11})
			a.say("kill passed")
			s.until("the next line", func(screen string) bool {
				return strings.HasPrefix(screen, "kill passed\norders: drill 2 of 11 (freeze), ")
			})
			end()
			s.nothingFollows("kill passed\n")
			if strings.Contains(s.said.String(), "\x1b") {
				t.Errorf("escape sequences: %q", s.said.String())
			}
		})
	}
}

func TestALiveLineNeverWraps(t *testing.T) {
	t.Parallel()
	s := newTerminal(t, 20, 24)
	s.drain()
	var o drill.Options
	end := s.telling(nil).steps("orders", &o)
	o.OnStep(drill.Step{What: "freeze", N: 2, Of: 11})
	s.until("a line", func(screen string) bool { return screen == "orders: drill 2 of\n" })
	end()
	s.nothingFollows("")
}

func TestADumbTerminalGetsLines(t *testing.T) {
	t.Parallel()
	s := newTerminal(t, 80, 24)
	s.drain()
	a := s.telling(map[string]string{"TERM": "dumb"})
	var o drill.Options
	end := a.steps("orders", &o)
	o.OnStep(drill.Step{What: "building"})
	o.OnStep(drill.Step{What: "kill", N: 1, Of: 1, Look: (&staged{}).look})
	end()
	s.nothingFollows("orders: building\norders: drill 1 of 1 (kill)\n")
	if strings.Contains(s.said.String(), "\x1b") {
		t.Errorf("escape sequences: %q", s.said.String())
	}
}

// staged is a run in which the primary is killed at some look.
type staged struct {
	mu    sync.Mutex
	looks int
	begun time.Time
}

func (s *staged) look() drill.Look {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.begun.IsZero() {
		s.begun = time.Now()
	}
	s.looks++
	return lookAt(s.begun, s.looks)
}

func (s *staged) count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.looks
}

func TestATimelineIsRedrawnInPlace(t *testing.T) {
	for columns, first := range map[int]string{80: `orders: drill 2 of 11 \(freeze\), \d+ s; \d+ s in all\n`, 40: `orders: drill 2 of 11 \(freeze\), \d+ s\n`} {
		t.Run(fmt.Sprint(columns), func(t *testing.T) {
			t.Parallel()
			s := newTerminal(t, columns, 24)
			s.drain()
			a := s.telling(map[string]string{"LC_ALL": "C.UTF-8", "NO_COLOR": "1"})
			var o drill.Options
			end := a.steps("orders", &o)
			o.OnStep(drill.Step{What: "building"})
			run := &staged{}
			o.OnStep(drill.Step{What: "freeze", N: 2, Of: 11, Look: run.look})
			a.say("kill passed")
			shown := s.until("the switch", regexp.MustCompile(`^kill passed\n`+first+`(.*\n)+ .* CLIENT_CHANGED`).MatchString)
			lines := strings.Split(strings.TrimSuffix(shown, "\n"), "\n")
			if len(lines) != 8 || !strings.HasSuffix(lines[2], "kill") || !strings.Contains(lines[2], "█×") || !strings.Contains(lines[3], "░█") || !strings.HasPrefix(lines[7], "     0.6 s  CLIENT_CHANGED_CLUSTER") {
				t.Errorf("the screen shows\n%s", shown)
			}
			s.fits()
			end()
			s.nothingFollows("kill passed\n")
			if strings.Contains(s.said.String(), "\x1b[3") {
				t.Error("there are colours")
			}
		})
	}
}

// Where the timeline does not fit, and where other lines may come through a pipe, there
// is the one line that also a narrow terminal has room for.
func TestOneLineWhereATimelineHasNoPlace(t *testing.T) {
	const low, narrow = `^orders: drill 1 of 1 \(kill\), \d+ s; pr-5678 active, \d+ writes acked; last: kill pr-1234\n$`, `^orders: drill 1 of 1 \(kill\),.*\n$`
	for name, c := range map[string]struct {
		columns, rows int
		piped         bool
		want          string
	}{
		"low": {100, 6, false, low}, "narrow": {30, 24, false, narrow}, "piped": {100, 24, true, low},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newTerminal(t, c.columns, c.rows)
			s.drain()
			a := s.telling(nil)
			if c.piped {
				a.Stdout = io.Discard
			}
			var o drill.Options
			end := a.steps("orders", &o)
			run := &staged{}
			o.OnStep(drill.Step{What: "kill", N: 1, Of: 1, Look: run.look})
			s.until(c.want, func(screen string) bool {
				return run.count() > killedAt && regexp.MustCompile(c.want).MatchString(screen)
			})
			end()
			s.nothingFollows("")
		})
	}
}

// Terminals that wrap long lines again when they become narrower would keep rows of the
// timeline, if these were not counted.
func TestATimelineSurvivesANarrowerTerminal(t *testing.T) {
	p := &progress{shown: []int{79, 60, 30}}
	for columns, want := range map[int]string{80: "\x1b[2A", 40: "\x1b[4A", 0: ""} {
		var b strings.Builder
		p.erase(&b, columns)
		if !strings.HasPrefix(b.String(), want) {
			t.Errorf("%d columns: %q, want %q", columns, b.String(), want)
		}
	}
}
