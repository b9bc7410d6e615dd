package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/failover-gen/failover-gen/internal/drill"
)

// progress says on standard error what takes long. On a terminal it is one line
// that is rewritten in place, with the time that the step has taken so far and what
// is seen of a run. It is cleared before anything else is printed. Elsewhere each
// step is one line.
type progress struct {
	stderr io.Writer
	width  func() int // of the terminal in characters; nil where a line cannot be rewritten
	mute   bool

	mu    sync.Mutex // held while anything is printed, so that lines do not mix
	step  string     // at work now; "" if none
	since time.Time
	look  func() drill.Look // at the run at work; nil if it is not one
	shown int               // characters of the line that stands on the terminal
	done  chan struct{}     // closed to end the rewriting; nil if there is none
	ended sync.WaitGroup
}

// redraw is how often the line is rewritten.
const redraw = 200 * time.Millisecond

// steps tells of the steps of a drill until end is called.
func (a *app) steps(project string, o *drill.Options) (end func()) {
	a.progress = a.newProgress()
	o.OnStep = func(s drill.Step) {
		what := project + ": " + s.What
		if s.Of > 0 {
			what = fmt.Sprintf("%s: drill %d of %d (%s)", project, s.N, s.Of, s.What)
		}
		a.progress.begin(what, s.Look)
	}
	return a.progress.end
}

// newProgress prepares for the streams and flags of a.
func (a *app) newProgress() *progress {
	p := &progress{stderr: a.Stderr, mute: a.json || a.quiet}
	if f, ok := a.Stderr.(*os.File); ok && isTerminal(f) && a.Getenv("TERM") != "dumb" {
		p.width = func() int {
			width, _, err := term.GetSize(int(f.Fd()))
			if err != nil {
				return 0
			}
			return width
		}
	}
	return p
}

// begin says that a step begins, and that the one before has ended.
func (p *progress) begin(step string, look func() drill.Look) {
	if p.mute {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step, p.since, p.look = oneLine(step), time.Now(), look
	if p.width == nil {
		fmt.Fprintln(p.stderr, p.step)
		return
	}
	p.draw()
	if p.done == nil {
		done := make(chan struct{})
		p.done = done
		p.ended.Go(func() { p.redraw(done) })
	}
}

// redraw rewrites the line until done is closed.
func (p *progress) redraw(done chan struct{}) {
	tick := time.NewTicker(redraw)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
			p.mu.Lock()
			p.draw()
			p.mu.Unlock()
		}
	}
}

// draw writes the line over the one that stands there.
func (p *progress) draw() {
	text := fmt.Sprintf("%s, %d s", p.step, int(time.Since(p.since).Seconds()))
	if p.look != nil {
		text += seen(p.look())
	}
	text, length := fit(text, p.width()-1) // a full line would wrap
	fmt.Fprint(p.stderr, "\r"+text+strings.Repeat(" ", max(0, p.shown-length)))
	p.shown = length
}

// seen tells how a run goes on.
func seen(l drill.Look) (text string) {
	if l.Active != "" {
		text = fmt.Sprintf("; %s active, %d writes acked", l.Active, l.Acked)
	}
	if l.Last.What != "" {
		text += fmt.Sprintf("; last: %s %s", l.Last.What, l.Last.Target)
	}
	return oneLine(text)
}

// fit cuts text to a number of columns of a terminal, and returns how many it
// takes. Characters from Hangul on are taken for wide ones.
func fit(text string, columns int) (string, int) {
	const firstWide = 0x1100
	length := 0
	for i, r := range text {
		width := 1
		if r >= firstWide {
			width = 2
		}
		if length+width > columns {
			return text[:i], length
		}
		length += width
	}
	return text, length
}

// aside clears the line and calls print, which prints other things. A nil
// progress has no line.
func (p *progress) aside(print func()) {
	if p == nil {
		print()
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	print()
}

func (p *progress) clear() {
	if p.shown > 0 {
		fmt.Fprint(p.stderr, "\r"+strings.Repeat(" ", p.shown)+"\r")
		p.shown = 0
	}
}

// end clears the line for good.
func (p *progress) end() {
	p.mu.Lock()
	if p.done != nil {
		close(p.done)
		p.done = nil
	}
	p.mu.Unlock()
	p.ended.Wait()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}
