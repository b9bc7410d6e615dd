package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// row is what was measured of one client and one fault.
type row struct {
	Client string
	TLS    bool
	Why    string // why it was not measured; "" if it was
	limit  time.Duration
	asked  int       // how many runs were to be made
	runs   []outcome // those that were
	failed []string  // what was wrong with the others, or with what a drill judged
}

// Name is the client, as the table has it.
func (r *row) Name() string {
	if r.TLS {
		return r.Client + ", TLS"
	}
	return r.Client
}

// Runs is how many runs there were.
func (r *row) Runs() int { return len(r.runs) }

// gaps are the gaps in order of length. Those of runs without a switch are longer
// than any other.
func (r *row) gaps() []time.Duration {
	var gaps []time.Duration
	for _, o := range r.runs {
		gaps = append(gaps, cmp.Or(o.gap, never))
	}
	slices.Sort(gaps)
	return gaps
}

// never is the gap of a run in which the next cluster acked nothing in time.
const never = time.Duration(1<<63 - 1)

// median is the middle gap, of an even number the longer one.
func (r *row) median() time.Duration {
	if len(r.runs) == 0 {
		return never
	}
	return r.gaps()[len(r.runs)/2]
}

func (r *row) worst() time.Duration {
	if len(r.runs) == 0 {
		return never
	}
	return r.gaps()[len(r.runs)-1]
}

// Median and Worst are for the table.
func (r *row) Median() string { return r.shown(r.median()) }

// Worst is the longest gap.
func (r *row) Worst() string { return r.shown(r.worst()) }

func (r *row) shown(gap time.Duration) string {
	if gap == never {
		return fmt.Sprintf("over %.0f s", r.limit.Seconds())
	}
	return shown(gap)
}

// shown is a time as the tables have it.
func shown(d time.Duration) string {
	if d < time.Second {
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// Sum is the sum over the runs; its gap means nothing.
func (r *row) Sum() outcome {
	sum := outcome{classes: make(map[string]int)}
	for _, o := range r.runs {
		sum.acked, sum.failed, sum.unknown = sum.acked+o.acked, sum.failed+o.failed, sum.unknown+o.unknown
		sum.lost, sum.twice = sum.lost+o.lost, sum.twice+o.twice
		for class, n := range o.classes {
			sum.classes[class] += n
		}
	}
	return sum
}

// Cells are the cells of the table after that of the client.
func (r *row) Cells() string {
	sum := r.Sum()
	return fmt.Sprintf("%d | %s | %s | %d | %d | %d | %d | %d", r.Runs(), r.Median(), r.Worst(), sum.acked, sum.failed, sum.unknown, sum.lost, sum.twice)
}

// Notes says what the numbers do not.
func (r *row) Notes() []string {
	var notes []string
	if missing := r.asked - len(r.runs); missing > 0 && len(r.runs) > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d runs could not be made", missing, r.asked))
	}
	notes = append(notes, r.failed...)
	classes := r.Sum().classes
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		notes = append(notes, fmt.Sprintf("puts that failed with %q: %d", strings.ReplaceAll(class, "_", " "), classes[class]))
	}
	return notes
}

// oneLine makes an error fit into a cell of a table.
func oneLine(err error) string {
	text := strings.ReplaceAll(strings.Join(strings.Fields(err.Error()), " "), "|", "/")
	return text[:min(len(text), 300)]
}
