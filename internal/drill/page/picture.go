package page

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/drill"
)

// The measures of a picture, in the units of its viewBox. A page shows a unit as
// about one pixel.
const (
	width     = 800
	left      = 64 // of the plot; numbers of the vertical axis stand before it
	right     = 780
	top       = 44 // of the first lane, below the explanation and the names of gaps
	laneH     = 68
	gapTop    = 38
	chartGap  = 30 // between the lanes and the chart, for its title
	chartH    = 120
	axisH     = 48  // with the margin above the picture
	charWidth = 7.6 // of a character in a label; generous, because fonts differ
)

// picture is what the template draws. All positions are texts, ready for it.
type picture struct {
	ID, Title, Desc string
	Height          int
	GapH            int // from below the names of the gaps to the axis
	Lanes           []lane
	Gaps            []band
	BaseY           int // of the axis below the chart
	ChartTitle      string
	Outcomes        []outcome
	Rows            []tick // of the vertical axis
	Columns         []tick // of the horizontal axis
	Style           any    // of a picture that stands alone; nil in a page
}

// ChartY is the top of the chart.
func (p picture) ChartY() int { return p.BaseY - chartH }

// TitleY is where the title of the chart stands, and what its colours mean.
func (p picture) TitleY() int { return p.ChartY() - 12 }

// SwatchY is where the samples of these colours stand.
func (p picture) SwatchY() int { return p.TitleY() - 10 }

// ColumnY is where the times stand below the axis.
func (p picture) ColumnY() int { return p.BaseY + 18 }

// AxisY is where the name of the axis stands.
func (p picture) AxisY() int { return p.BaseY + 36 }

// lane is one target over time.
type lane struct {
	Name   string
	Y      int
	Active []band // when it was the active one
	Broken []band // when it was broken
	Deeds  []mark
	Events []mark
	Above  []label // of deeds
	Below  []label // of events
}

type band struct{ X, Width, LabelX, Label string }

type mark struct{ X, Title string }

type label struct{ X, Text string }

type outcome struct{ Class, Name, Path, SwatchX, NameX string }

type tick struct{ At, Label string }

// scene is what a picture is drawn from.
type scene struct {
	drill.Chart
	noun    string
	result  drill.Result
	moments []moment
}

// x is where an instant stands.
func (s *scene) x(t time.Time) float64 {
	share := float64(t.Sub(s.From)) / float64(s.To.Sub(s.From))
	return left + min(max(share, 0), 1)*(right-left)
}

// within reports whether the picture shows an instant.
func (s *scene) within(t time.Time) bool { return !t.Before(s.From) && !t.After(s.To) }

// band is a stretch of time; false if the picture shows nothing of it.
func (s *scene) band(from, to time.Time) (band, bool) {
	if from.After(s.To) || to.Before(s.From) {
		return band{}, false
	}
	const visible = 2
	x, end := s.x(from), s.x(to)
	return band{X: number(x), Width: number(max(end-x, visible))}, true
}

// draw makes the picture.
func (s *scene) draw(id, title string) picture {
	p := picture{ID: id, Title: title, Desc: s.describe()}
	names := s.lanes()
	for i, name := range names {
		p.Lanes = append(p.Lanes, s.lane(name, top+i*laneH))
	}
	p.BaseY = top + len(names)*laneH + chartGap + chartH
	p.Height, p.GapH = p.BaseY+axisH, p.BaseY-gapTop
	p.ChartTitle = fmt.Sprintf("writes that ended, in each %s", duration(s.Slot))
	s.drawGaps(&p)
	s.drawChart(&p)
	s.drawColumns(&p)
	return p
}

// lanes are the names of the lanes: the targets, and what else something was done to.
func (s *scene) lanes() []string {
	names := slices.Clone(s.result.Course.Targets)
	for _, m := range s.moments {
		if !slices.Contains(names, m.target) {
			names = append(names, m.target)
		}
	}
	return names
}

func (s *scene) lane(name string, y int) lane {
	l := lane{Name: fit(clean(name)), Y: y}
	for _, a := range active(s.result.Course) {
		if b, ok := s.band(a.From, a.To); ok && a.target == name {
			l.Active = append(l.Active, b)
		}
	}
	for _, span := range broken(s.result, name) {
		if b, ok := s.band(span.From, span.To); ok {
			l.Broken = append(l.Broken, b)
		}
	}
	var above, below []labelled
	for _, m := range s.moments {
		if m.target != name || !s.within(m.time) {
			continue
		}
		x := s.x(m.time)
		if m.deed {
			l.Deeds = append(l.Deeds, mark{number(x), m.Since + " " + m.What})
			above = append(above, labelled{x, []int{m.N}, " " + m.What})
		} else {
			l.Events = append(l.Events, mark{number(x), m.Since + " " + m.What})
			below = append(below, labelled{x, []int{m.N}, ""})
		}
	}
	l.Above, l.Below = place(above), place(below)
	return l
}

func (s *scene) drawGaps(p *picture) {
	end := 0.0 // of the label before
	for _, g := range s.result.Course.Gaps {
		b, ok := s.band(g.From, g.To)
		if !ok {
			continue
		}
		text := "gap " + drill.GapText(float64(g.Length())/float64(time.Millisecond))
		w := textWidth(text)
		if x := min(max(s.x(g.From), left), right-w); x > end {
			b.LabelX, b.Label, end = number(x), text, x+w+charWidth
		}
		p.Gaps = append(p.Gaps, b)
	}
}

// outcomes are the outcomes from the bottom of a bar to its top.
var outcomes = []struct {
	class, name string
	of          func(drill.Writes) int
}{
	{"acked", "acked", func(w drill.Writes) int { return w.Acked }},
	{"notsent", "not sent", func(w drill.Writes) int { return w.NotSent }},
	{"unknown", "unknown", func(w drill.Writes) int { return w.Unknown }},
	{"rejected", "rejected", func(w drill.Writes) int { return w.Rejected }},
}

// How high a bar is at least: a single write among thousands is to be seen, and one
// that was not acked is what a reader looks for.
const (
	leastAcked = 1
	leastOther = 3
)

func (s *scene) drawChart(p *picture) {
	most := 1
	for _, w := range s.Slots {
		most = max(most, w.Acked+w.NotSent+w.Unknown+w.Rejected)
	}
	full := nice(float64(most), 1, 2, 3, 4, 6, 8)
	p.Rows = []tick{
		{strconv.Itoa(p.BaseY), "0"},
		{strconv.Itoa(p.ChartY()), count(full)},
	}
	if math.Mod(full, 2) == 0 {
		p.Rows = append(p.Rows, tick{strconv.Itoa(p.BaseY - chartH/2), count(full / 2)})
	}
	paths := make([]strings.Builder, len(outcomes))
	for i, w := range s.Slots {
		x := s.x(s.From.Add(time.Duration(i) * s.Slot))
		wide := s.x(s.From.Add(time.Duration(i+1)*s.Slot)) - x
		y := float64(p.BaseY)
		for n, o := range outcomes {
			if of := o.of(w); of > 0 {
				least := float64(leastOther)
				if n == 0 {
					least = leastAcked
				}
				h := min(max(float64(of)/full*chartH, least), y-float64(p.ChartY()))
				y -= h
				fmt.Fprintf(&paths[n], "M%s %sh%sv%sh-%sz", number(x), number(y), number(wide), number(h), number(wide))
			}
		}
	}
	x := float64(right)
	for n, o := range slices.Backward(outcomes) {
		nameX := x - textWidth(o.name)
		p.Outcomes = append(p.Outcomes, outcome{o.class, o.name, paths[n].String(), number(nameX - 16), number(nameX)})
		x = nameX - 30
	}
	slices.Reverse(p.Outcomes)
}

// drawColumns puts numbers on the horizontal axis: the time since the first fault.
func (s *scene) drawColumns(p *picture) {
	zero := zeroOf(s.result)
	step := time.Duration(nice(float64(s.To.Sub(s.From))/8, 1, 2, 5))
	first := s.From.Sub(zero).Truncate(step)
	for at := first; at <= s.To.Sub(zero); at += step {
		x := s.x(zero.Add(at))
		text := duration(at)
		if at >= s.From.Sub(zero) && x+textWidth(text)/2 < width && x-textWidth(text)/2 > 0 {
			p.Columns = append(p.Columns, tick{number(x), text})
		}
	}
}

// describe tells in words what the picture shows.
func (s *scene) describe() string {
	var parts []string
	for _, a := range active(s.result.Course) {
		if _, ok := s.band(a.From, a.To); ok {
			parts = append(parts, fmt.Sprintf("%s was active from %s to %s", a.target, since(s.result, a.From), since(s.result, a.To)))
		}
	}
	if len(s.result.Course.Gaps) == 0 {
		parts = append(parts, "no write had to wait for another "+s.noun)
	} else {
		parts = append(parts, "the longest gap was "+drill.GapText(s.result.GapMS))
	}
	return strings.Join(parts, "; ") + ". Times count from the first fault. The tables hold the same facts."
}

// stretch is when a target was active.
type stretch struct {
	drill.Span
	target string
}

// active says by the project's events which target was active when.
func active(c drill.Course) (list []stretch) {
	for _, e := range c.Events {
		n := len(list)
		if e.Cluster == "" || n > 0 && e.From == "" {
			continue
		}
		if n > 0 {
			list[n-1].To = e.Time
		}
		list = append(list, stretch{drill.Span{From: e.Time, To: c.Whole.To}, e.Cluster})
	}
	return list
}

// broken says when a target was broken.
func broken(r drill.Result, target string) (list []drill.Span) {
	open := false
	for _, d := range r.Deeds {
		switch {
		case d.Target != target:
		case d.Breaks() && !open:
			list, open = append(list, drill.Span{From: d.Time, To: r.Course.Whole.To}), true
		case d.Restarts() && open:
			list[len(list)-1].To, open = d.Time, false
		}
	}
	return list
}

// nice is the least multiple of a power of ten that is not below x, by one of the
// factors, which rise from 1.
func nice(x float64, factors ...float64) float64 {
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, n := range factors {
		if n*power >= x {
			return n * power
		}
	}
	return 10 * power
}
