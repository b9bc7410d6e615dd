//go:build unix

package cli

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/Netflix/go-expect"
	"github.com/creack/pty"
	"github.com/hinshun/vt10x"
	"golang.org/x/term"
)

// session is a command that runs in a terminal, and the user before it.
type session struct {
	t       *testing.T
	user    *expect.Console
	screen  vt10x.Terminal
	columns int
	before  *term.State // of the terminal
	said    lockedBuffer
	code    chan int
}

// lockedBuffer is a buffer that is written and read at the same time.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// ended is written to the terminal once the command has ended.
const ended = "the command has ended\a"

// rows are so many that nothing leaves the screen.
const rows = 250

// inTerminal runs the command line in a terminal, in the current folder.
func inTerminal(t *testing.T, columns int, env map[string]string, args ...string) *session {
	t.Helper()
	s := newTerminal(t, columns, rows)
	tty := s.user.Tty()
	all := map[string]string{"TERM": "xterm", "HOME": t.TempDir()}
	for name, value := range env {
		all[name] = value
	}
	go func() {
		code := Main(Env{Args: args, Stdin: tty, Stdout: tty, Stderr: tty, LookupEnv: lookup(all),
			Now: func() time.Time { return time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC) }})
		fmt.Fprint(tty, "\x1b]0;"+ended) // a title, which the screen does not show
		s.code <- code
	}()
	return s
}

// newTerminal opens a terminal in which nothing runs yet.
func newTerminal(t *testing.T, columns, rows int) *session {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skip("no terminals here: ", err)
	}
	s := &session{t: t, columns: columns, code: make(chan int, 1)}
	s.screen = vt10x.New(vt10x.WithWriter(slave), vt10x.WithSize(columns, rows))
	s.user, err = expect.NewConsole(expect.WithStdin(master), expect.WithStdout(s.screen, &s.said), expect.WithCloser(master, slave), expect.WithDefaultTimeout(10*time.Second))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.user.Close() })
	tty := s.user.Tty()
	if err := pty.Setsize(tty, &pty.Winsize{Rows: uint16(rows), Cols: uint16(columns)}); err != nil {
		t.Fatal(err)
	}
	if s.before, err = term.GetState(int(tty.Fd())); err != nil {
		t.Fatal(err)
	}
	return s
}

// sees waits until the terminal shows a text.
func (s *session) sees(text string) {
	s.t.Helper()
	if _, err := s.user.ExpectString(text); err != nil {
		s.t.Fatalf("waiting for %q: %v; the screen shows\n%s", text, err, s.shown())
	}
}

// types waits until a question stands on the screen and the command listens, then
// types an answer.
func (s *session) types(question, answer string) {
	s.t.Helper()
	s.sees(question)
	for s.is(s.before) { // until then a Ctrl-C would be a signal
		time.Sleep(time.Millisecond)
	}
	if _, err := s.user.Send(answer); err != nil {
		s.t.Fatal(err)
	}
}

// is reports whether the terminal is in a state.
func (s *session) is(state *term.State) bool {
	now, err := term.GetState(int(s.user.Tty().Fd()))
	if err != nil {
		s.t.Fatal(err)
	}
	return *now == *state
}

// exits waits for the end of the command, which must leave the terminal as it was.
func (s *session) exits(code int) {
	s.t.Helper()
	s.sees(ended)
	got := <-s.code
	if !s.is(s.before) {
		s.t.Error("the terminal is not as it was")
	}
	if got != code {
		s.t.Errorf("exit code %d, want %d; the screen shows\n%s", got, code, s.shown())
	}
	if !s.screen.CursorVisible() {
		s.t.Error("the cursor is hidden")
	}
}

// shown is what the screen shows, without trailing blanks.
func (s *session) shown() string {
	var lines []string
	for line := range strings.Lines(s.screen.String()) {
		lines = append(lines, strings.TrimRight(line, " \n"))
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// fits checks that no line runs into the next: what is ours leaves the last column
// free. The command at the end is not broken, so that it can be copied.
func (s *session) fits() {
	s.t.Helper()
	shown, _, _ := strings.Cut(s.shown(), "the same without questions:")
	for line := range strings.Lines(shown) {
		if len([]rune(strings.TrimSpace(line))) >= s.columns {
			s.t.Errorf("as wide as the terminal: %q", line)
		}
	}
}

const (
	enter = "\r"
	down  = "\x1b[B"
	up    = "\x1b[A"
	tab   = "\t"
	ctrlC = "\x03"
	ctrlD = "\x04"
)

// nothingWritten checks that a folder holds what it held.
func nothingWritten(t *testing.T, dir string, names ...string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, e := range entries {
		have = append(have, e.Name())
	}
	if got, want := strings.Join(have, " "), strings.Join(names, " "); got != want {
		t.Errorf("%s holds %s, want %s", filepath.Base(dir), got, want)
	}
}
