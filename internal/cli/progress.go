package cli

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"os"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/failover-gen/failover-gen/internal/drill"
)

// progress says on standard error what takes long. On a terminal it is redrawn in
// place: one line with the time that the step has taken so far, and below it the
// timeline of a run. It is cleared before anything else is printed. Elsewhere each
// step is one line.
type progress struct {
	stderr  io.Writer
	size    func() (columns, rows int) // of the terminal; nil where nothing can be redrawn
	drawn   bool                       // there is a timeline
	letters alphabet
	paint   func(code, text string) styled
	mute    bool

	mu    sync.Mutex // held while anything is printed, so that lines do not mix
	first time.Time  // when the first step began
	step  string     // at work now; "" if none
	since time.Time
	look  func() drill.Look // at the run at work; nil if it is not one
	line  *timeline         // of that run
	shown []int             // columns of each line that stands on the terminal
	done  chan struct{}     // closed to end the redrawing; nil if there is none
	ended sync.WaitGroup
}

// redraw is how often the terminal is redrawn.
const redraw = 100 * time.Millisecond

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

// newProgress prepares for the streams and flags of a. Where standard output goes
// through a pipe to the same terminal, as with tee, its lines come at any time: one live
// line bears that, a timeline does not.
func (a *app) newProgress() *progress {
	p := &progress{stderr: a.Stderr, mute: a.json || a.quiet, drawn: isTerminal(a.Stdout), letters: a.alphabet()}
	p.paint = func(code, text string) styled { return a.colourOn(a.Stderr, code, text) }
	if f, ok := a.Stderr.(*os.File); ok && isTerminal(f) && a.Getenv("TERM") != "dumb" {
		p.size = func() (columns, rows int) {
			columns, rows, err := term.GetSize(int(f.Fd()))
			if err != nil {
				return 0, 0
			}
			return columns, rows
		}
	}
	return p
}

// alphabet is what the terminal can show by its locale, as the first of three
// variables says that is set. Windows has no such variables.
func (a *app) alphabet() alphabet {
	locale := strings.ToUpper(cmp.Or(a.Getenv("LC_ALL"), a.Getenv("LC_CTYPE"), a.Getenv("LANG")))
	if runtime.GOOS == "windows" || strings.Contains(locale, "UTF-8") || strings.Contains(locale, "UTF8") {
		return blocks
	}
	return ascii
}

// begin says that a step begins, and that the one before has ended.
func (p *progress) begin(step string, look func() drill.Look) {
	if p.mute {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step, p.since, p.look = oneLine(step), time.Now(), look
	if p.first.IsZero() {
		p.first = p.since
	}
	p.line = newTimeline(p.since)
	if p.size == nil {
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

// redraw redraws until done is closed.
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

// draw writes over what stands there. The cursor stays in the first column of the
// last line, so that a Ctrl-C which the terminal shows is overwritten.
func (p *progress) draw() {
	columns, rows := p.size()
	lines := p.lines(columns-1, rows-1) // a full line would wrap
	var b strings.Builder
	p.erase(&b, columns)
	p.shown = nil
	for _, line := range lines {
		p.shown = append(p.shown, lengthOf(line))
	}
	b.WriteString(strings.Join(lines, "\n") + "\r")
	fmt.Fprint(p.stderr, b.String())
}

// erase erases the lines that stand there, and goes to the first column of the first.
// Where the terminal has become narrower, they may take more rows than they did. One
// line alone is overwritten with blanks: that needs no code.
func (p *progress) erase(b *strings.Builder, columns int) {
	rows := 0
	for _, length := range p.shown {
		rows += max(1, (length+columns-1)/max(1, columns))
	}
	switch {
	case rows > 1:
		fmt.Fprintf(b, "\x1b[%dA\r\x1b[J", rows-1) // up, and erase all below
	case rows == 1:
		b.WriteString("\r" + strings.Repeat(" ", p.shown[0]) + "\r")
	}
}

// colourCodes are what a line holds that takes no column.
var colourCodes = regexp.MustCompile("\x1b\\[[0-9]*m")

func lengthOf(line string) int {
	_, length := fit(colourCodes.ReplaceAllString(line, ""), math.MaxInt)
	return length
}

// lines are what the terminal shows, if it has so many columns and rows.
func (p *progress) lines(columns, rows int) []string {
	text := fmt.Sprintf("%s, %d s", p.step, int(time.Since(p.since).Seconds()))
	if p.look != nil {
		l := p.look()
		p.line.add(l, time.Now())
		if below := p.line.lines(columns, p.letters, p.paint); p.drawn && below != nil && len(below) < rows {
			if all := fmt.Sprintf("; %d s in all", int(time.Since(p.first).Seconds())); p.first != p.since && len(text)+len(all) <= columns {
				text += all
			}
			text, _ = fit(text, columns)
			return append([]string{text}, below...)
		}
		text += seen(l)
	}
	text, _ = fit(text, columns)
	return []string{text}
}

// seen tells in one line how a run goes on.
func seen(l drill.Look) (text string) {
	if l.Active != "" {
		text = fmt.Sprintf("; %s active, %d writes acked", l.Active, l.Acked)
	}
	if n := len(l.Deeds); n > 0 {
		text += fmt.Sprintf("; last: %s %s", l.Deeds[n-1].What, l.Deeds[n-1].Target)
	}
	return oneLine(text)
}

// fit cuts text to a number of columns of a terminal, and returns how many it takes.
func fit(text string, columns int) (string, int) {
	length := 0
	for i, r := range text {
		if length+columnsOf(r) > columns {
			return text[:i], length
		}
		length += columnsOf(r)
	}
	return text, length
}

// columnsOf is how many columns a character takes. From Hangul on they are taken for
// wide ones, but for the symbols, of which bars are made.
func columnsOf(r rune) int {
	const firstWide, firstSymbol, lastSymbol = 0x1100, 0x2000, 0x2bff
	if r >= firstWide && (r < firstSymbol || r > lastSymbol) {
		return 2
	}
	return 1
}

// aside clears the lines and calls print, which prints other things. A nil
// progress has none.
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
	if p.size == nil {
		return
	}
	columns, _ := p.size()
	var b strings.Builder
	p.erase(&b, columns)
	fmt.Fprint(p.stderr, b.String())
	p.shown = nil
}

// end clears the lines for good.
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
