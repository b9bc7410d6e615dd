package wizard

import (
	"bufio"
	"bytes"
	"context"
	"os"
	"time"

	"golang.org/x/term"
)

const (
	// keysToLeave are Ctrl-C and Ctrl-D.
	keysToLeave = "\x03\x04"
	// whereIsTheCursor asks the terminal, which types the answer: ESC [ row ; column R.
	whereIsTheCursor = "\x1b[6n"
	endOfAnswer      = "R"
	// patience is how long such an answer is waited for once the user has left.
	patience = 200 * time.Millisecond
)

// keyboard is standard input whose reads end when ctx ends. While raw is set, they
// also end with ErrLeft at a key to leave, since no signal comes of it then.
type keyboard struct {
	*os.File
	ctx  context.Context
	raw  bool
	left bool
	// pending is what was typed and not read yet.
	pending []byte
	// asked counts the answers of the terminal that are outstanding.
	asked int
}

// Read reads what was typed, at most up to the end of one line or of one answer of the
// terminal, so that what is typed ahead is left for the next question.
func (k *keyboard) Read(p []byte) (int, error) {
	if k.left {
		return 0, ErrLeft
	}
	if len(k.pending) == 0 {
		if err := k.wait(len(p), nil); err != nil {
			return 0, err
		}
		if k.raw && bytes.ContainsAny(k.pending, keysToLeave) {
			return 0, k.leave()
		}
	}
	n := len(k.pending)
	if i := bytes.IndexAny(k.pending, "\r\n"+endOfAnswer); k.raw && i >= 0 {
		n = i + 1
		if k.pending[i] == endOfAnswer[0] {
			k.asked = max(0, k.asked-1) // it can be typed as well
		}
	}
	n = copy(p, k.pending[:n])
	k.pending = k.pending[n:]
	return n, nil
}

// wait waits until something is typed, ctx ends, or the time is over. A read that is
// given up goes on in the background, and ends with the process.
func (k *keyboard) wait(most int, over <-chan time.Time) error {
	type typed struct {
		text []byte
		err  error
	}
	done := make(chan typed, 1)
	go func() {
		text := make([]byte, most)
		n, err := k.File.Read(text)
		done <- typed{text[:n], err}
	}()
	select {
	case <-k.ctx.Done():
		return k.ctx.Err()
	case <-over:
		return os.ErrDeadlineExceeded
	case t := <-done:
		k.pending = t.text
		return t.err
	}
}

// Secret reads a line from a terminal that does not show it, and calls ask once the
// terminal no longer shows what is typed. It restores the terminal, whatever ends it:
// a line, Ctrl-C or Ctrl-D with ErrLeft, or ctx.
func Secret(ctx context.Context, in *os.File, ask func()) (string, error) {
	return (&keyboard{File: in, ctx: ctx}).secret(ask)
}

// secret reads a line that the terminal does not show, and calls ask once it no longer
// shows what is typed. ReadPassword of golang.org/x/term v0.47.0 is not used: it
// ignores Ctrl-D.
func (k *keyboard) secret(ask func()) (string, error) {
	before, err := term.MakeRaw(int(k.Fd()))
	if err != nil {
		return "", err
	}
	defer term.Restore(int(k.Fd()), before)
	k.raw = true
	defer func() { k.raw = false }()
	ask()
	var text []rune
	for in := bufio.NewReaderSize(k, 16); ; {
		switch r, _, err := in.ReadRune(); {
		case err != nil:
			return "", err
		case r == '\r' || r == '\n':
			return string(text), nil
		case r == '\b' || r == '\x7f': // backspace
			text = text[:max(0, len(text)-1)]
		default:
			text = append(text, r)
		}
	}
}

// leave takes the answers that the terminal still gives, so that the shell does not
// get them.
func (k *keyboard) leave() error {
	k.left = true
	over := time.After(patience)
	for {
		k.asked -= bytes.Count(k.pending, []byte(endOfAnswer))
		if k.asked <= 0 || k.wait(len(whereIsTheCursor)*16, over) != nil {
			return ErrLeft
		}
	}
}

// display is standard output that tells the keyboard which answers to expect.
type display struct {
	*os.File
	keys *keyboard
}

// Write writes to the terminal. It drops a question whose answer nobody would read.
func (d *display) Write(p []byte) (int, error) {
	if d.keys.left && string(p) == whereIsTheCursor {
		return len(p), nil
	}
	d.keys.asked += bytes.Count(p, []byte(whereIsTheCursor))
	return d.File.Write(p)
}
