package cli

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/drill"
)

// timeline is what a terminal shows of a run while it goes on: how each target was
// over time, how many writes were acked, and what happened last. It holds no more
// than the terminal shows, however long the run lasts.
type timeline struct {
	begun time.Time
	slot  time.Duration // how long each of cells lasts
	cells []cell
	look  drill.Look // the last one
	at    time.Time  // when that was
	late  []count    // those of the last second, and the one before
}

// count is how many writes were acked at a look.
type count struct {
	at    time.Time
	acked int
}

// cell is a stretch of time.
type cell struct {
	states []state // by target
	acked  float64
}

// state is how a target was. Where a cell has room for one only, the greatest is shown.
type state int

const (
	isNone    state = iota // it joined later
	isUp                   // no connection, as far as is known
	isStandby              // connected, and not active
	isActive               // it acks writes
	isBroken               // by the drill, so that it answers nothing
)

// states are the words for them, and the codes of their colours on a terminal. What is
// broken is called by what broke it.
var states = [...]struct{ word, code string }{
	isNone: {"", ""}, isUp: {"up", "2"}, isStandby: {"standby", "36"}, isActive: {"active", "32"}, isBroken: {"", "31"},
}

// alphabet is what a bar is made of.
type alphabet struct {
	states [isBroken + 1]rune
	levels []rune // of a rate, from low to high
}

var (
	blocks = alphabet{[...]rune{' ', '·', '░', '█', '×'}, []rune("▁▂▃▄▅▆▇█")}
	ascii  = alphabet{[...]rune{' ', '.', '-', '#', 'x'}, []rune(".:-=+*#@")}
)

// newTimeline begins one whose slots are as long as it takes to redraw.
func newTimeline(now time.Time) *timeline {
	return &timeline{begun: now, at: now, slot: redraw}
}

// add takes in what is seen now. Until there are targets, which a registry may need
// seconds for, nothing has begun.
func (t *timeline) add(l drill.Look, now time.Time) {
	if len(l.Targets) == 0 {
		t.begun, t.at = now, now
	}
	if !now.After(t.at) {
		return
	}
	grown := float64(max(0, l.Acked-t.look.Acked))
	t.late = append(t.late, count{now, l.Acked})
	for len(t.late) > 2 && now.Sub(t.late[1].at) >= time.Second {
		t.late = t.late[1:]
	}
	all := make([]state, len(l.Targets))
	for i, target := range l.Targets {
		all[i] = stateOf(l, target)
	}
	from, to := t.at.Sub(t.begun), now.Sub(t.begun)
	for i := int(from / t.slot); time.Duration(i)*t.slot < to; i++ {
		for len(t.cells) <= i {
			t.cells = append(t.cells, cell{})
		}
		within := min(to, time.Duration(i+1)*t.slot) - max(from, time.Duration(i)*t.slot)
		t.cells[i].merge(cell{all, grown * float64(within) / float64(to-from)})
	}
	t.look, t.at = l, now
}

// rate is how many writes were acked a second in the last second.
func (t *timeline) rate() float64 {
	first, last := t.late[0], t.late[len(t.late)-1]
	if first == last {
		return 0
	}
	return float64(last.acked-first.acked) / last.at.Sub(first.at).Seconds()
}

// stateOf is how a target is at a look.
func stateOf(l drill.Look, target drill.Seen) state {
	switch {
	case target.Broken != "":
		return isBroken
	case target.Name == l.Active:
		return isActive
	case target.Connected:
		return isStandby
	}
	return isUp
}

// merge adds what another cell holds.
func (c *cell) merge(other cell) {
	both := make([]state, max(len(c.states), len(other.states)))
	copy(both, c.states)
	for i, s := range other.states {
		both[i] = max(both[i], s)
	}
	c.states, c.acked = both, c.acked+other.acked
}

// fit makes the slots so long that the cells fit so many columns.
func (t *timeline) fit(columns int) {
	for len(t.cells) > columns {
		for i := 0; i < len(t.cells); i += 2 {
			half := t.cells[i]
			if i+1 < len(t.cells) {
				half.merge(t.cells[i+1])
			}
			t.cells[i/2] = half
		}
		t.cells, t.slot = t.cells[:(len(t.cells)+1)/2], 2*t.slot
	}
}

// The measures of a timeline, in columns. Between name, bar and word there are two.
const (
	wordWidth = 10 // "blackhole" and what is longer is cut
	minBar    = 8
	happening = 3 // lines for what happened last
)

// lines draws it for a terminal of so many columns; nil if that is too narrow.
func (t *timeline) lines(columns int, a alphabet, paint func(code, text string) styled) []string {
	nameWidth := len("acked")
	for _, target := range t.look.Targets {
		nameWidth = max(nameWidth, len([]rune(oneLine(target.Name))))
	}
	nameWidth = min(nameWidth, columns/4)
	bar := columns - nameWidth - wordWidth - 6
	if bar < minBar || len(t.look.Targets) == 0 {
		return nil
	}
	t.fit(bar)
	var lines []string
	for i, target := range t.look.Targets {
		now := stateOf(t.look, target)
		word := cmp.Or(states[now].word, target.Broken)
		lines = append(lines, "  "+padded(tailOf(target.Name, nameWidth), nameWidth)+"  "+t.bar(i, bar, a, paint)+"  "+string(paint(states[now].code, head(word, wordWidth))))
	}
	lines = append(lines, "  "+padded("acked", nameWidth)+"  "+t.rates(bar, a)+"  "+head(fmt.Sprintf("%.0f/s", t.rate()), wordWidth))
	for _, text := range t.happened() {
		text, _ = fit(text, columns-2)
		lines = append(lines, "  "+text)
	}
	return lines
}

// bar shows how a target was.
func (t *timeline) bar(target, width int, a alphabet, paint func(code, text string) styled) string {
	at := func(i int) state {
		if i < len(t.cells) && target < len(t.cells[i].states) {
			return t.cells[i].states[target]
		}
		return isNone
	}
	var b strings.Builder
	for i := 0; i < width; {
		end := i
		for end < width && at(end) == at(i) {
			end++
		}
		text := strings.Repeat(string(a.states[at(i)]), end-i)
		if code := states[at(i)].code; code != "" {
			text = string(paint(code, text))
		}
		b.WriteString(text)
		i = end
	}
	return b.String()
}

// rates shows how many writes were acked, as parts of the highest rate.
func (t *timeline) rates(width int, a alphabet) string {
	highest := 0.0
	for i := range t.cells {
		highest = max(highest, t.rateOf(i))
	}
	cells := []rune(strings.Repeat(" ", width))
	for i := range t.cells {
		if rate := t.rateOf(i); rate > 0 {
			cells[i] = a.levels[min(int(rate/highest*float64(len(a.levels))), len(a.levels)-1)]
		}
	}
	return string(cells)
}

// rateOf is the rate of a cell. The last one goes on, and may have only begun.
func (t *timeline) rateOf(i int) float64 {
	lasted := min(t.slot, t.at.Sub(t.begun.Add(time.Duration(i)*t.slot)))
	return t.cells[i].acked / float64(max(lasted, t.slot/2))
}

// happened are the last deeds and events, in order, with the time since the start.
func (t *timeline) happened() (lines []string) {
	type moment struct {
		at   time.Time
		text string
	}
	var list []moment
	for _, d := range t.look.Deeds {
		list = append(list, moment{d.Time, "> " + d.What + " " + d.Target})
	}
	for _, e := range t.look.Events {
		text := e.Name + " " + e.Cluster
		if e.From != "" {
			text = e.Name + " " + e.From + " -> " + e.Cluster
		}
		list = append(list, moment{e.Time, text})
	}
	slices.SortStableFunc(list, func(a, b moment) int { return a.at.Compare(b.at) })
	for _, m := range list[max(0, len(list)-happening):] {
		lines = append(lines, oneLine(fmt.Sprintf("%6.1f s  %s", max(0, m.at.Sub(t.begun).Seconds()), m.text)))
	}
	return lines
}

// padded fills a text with blanks.
func padded(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-len([]rune(text))))
}

// head is the beginning of a text, on one line.
func head(text string, width int) string {
	runes := []rune(oneLine(text))
	return string(runes[:min(len(runes), width)])
}

// tailOf is the end of a text, on one line: URLs differ there.
func tailOf(text string, width int) string {
	runes := []rune(oneLine(text))
	return string(runes[max(0, len(runes)-width):])
}
