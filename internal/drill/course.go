package drill

import "time"

// Course is what a picture of a run shows beyond its counts.
type Course struct {
	Targets []string // in order of preference; one that joined later stands last
	Events  []Event  // all of the project's, those before the first fault too
	Gaps    []Span   // from a fault to the first write acked by another target
	// Whole is the run from the start of the project to its end.
	Whole Chart
	// Near is the longest gap and a while around it; without slots if there was no gap.
	Near Chart
}

// Span is a stretch of time.
type Span struct{ From, To time.Time }

// Length is how long the span lasts.
func (s Span) Length() time.Duration { return s.To.Sub(s.From) }

// Chart counts writes by the time at which they ended.
type Chart struct {
	Span
	Slot  time.Duration // how long each of Slots lasts
	Slots []Writes
}

// maxSlots bounds the slots of a chart, so that a report stays small however long
// a run lasts and however much it writes.
const maxSlots = 150

// newChart makes an empty chart. A slot lasts 1, 2 or 5 times a power of ten, so
// that people can reckon with it.
func newChart(over Span) Chart {
	slot := 10 * time.Microsecond
	for i := 0; over.Length() > maxSlots*slot; i++ {
		if i%3 == 1 {
			slot = slot / 2 * 5
		} else {
			slot *= 2
		}
	}
	return Chart{over, slot, make([]Writes, (over.Length()+slot-1)/slot)}
}

// count adds a write that ended at t. What lies outside is left out.
func (c *Chart) count(t time.Time, outcome string) {
	if since := t.Sub(c.From); since >= 0 && since < c.Slot*time.Duration(len(c.Slots)) {
		c.Slots[since/c.Slot].count(outcome)
	}
}

// margin is how much is shown before and after the longest gap at least.
const margin = 5 * time.Millisecond

// newCourse prepares for the project's ledger.
func (s *stage) newCourse() Course {
	c := Course{Gaps: s.gaps, Whole: newChart(Span{s.started, s.ended})}
	for _, t := range s.targets {
		c.Targets = append(c.Targets, t.Name())
	}
	var longest Span
	for _, g := range s.gaps {
		if g.Length() > longest.Length() {
			longest = g
		}
	}
	if longest.Length() > 0 {
		around := max(margin, longest.Length()/2)
		c.Near = newChart(Span{longest.From.Add(-around), longest.To.Add(around)})
	}
	return c
}
