package drill

import (
	"fmt"
	"slices"
	"strings"
)

// Passed reports whether there are results and every run passed.
func (r Report) Passed() bool {
	return len(r.Results) > 0 && !slices.ContainsFunc(r.Results, func(r Result) bool { return !r.Passed })
}

// Text returns the report for people: a line a run, its failures below it,
// and the summary.
func (r Report) Text() string {
	var b strings.Builder
	for _, x := range r.Results {
		b.WriteString(x.Text())
	}
	return b.String() + r.Summary()
}

// Summary returns a line for each scenario that was run more than once, with
// the median and the longest gap; "" if there is none.
func (r Report) Summary() string {
	var b strings.Builder
	var names []string
	for _, x := range r.Results {
		if !slices.Contains(names, x.Scenario) {
			names = append(names, x.Scenario)
		}
	}
	for _, name := range names {
		var gaps []float64
		passed := 0
		for _, x := range r.Results {
			if x.Scenario == name {
				gaps = append(gaps, x.GapMS)
				if x.Passed {
					passed++
				}
			}
		}
		if len(gaps) < 2 {
			continue
		}
		slices.Sort(gaps)
		median := (gaps[(len(gaps)-1)/2] + gaps[len(gaps)/2]) / 2
		fmt.Fprintf(&b, "%-10s %d of %d passed; gap median %.1f ms, longest %.1f ms\n", name, passed, len(gaps), median, gaps[len(gaps)-1])
	}
	return b.String()
}

// Text returns one line for the run, and one more for each failure.
func (r Result) Text() string {
	var b strings.Builder
	verdict := "passed"
	if !r.Passed {
		verdict = "FAILED"
	}
	fmt.Fprintf(&b, "%-10s run %-3d %s  gap %7.1f ms  acked %d, not sent %d, unknown %d, rejected %d  lost %d, duplicated %d, at risk %d\n",
		r.Scenario, r.Run, verdict, r.GapMS, r.Writes.Acked, r.Writes.NotSent, r.Writes.Unknown, r.Writes.Rejected, r.LostAcked, r.Duplicated, r.AtRisk)
	for _, f := range r.Failures {
		fmt.Fprintf(&b, "    %s\n", f)
	}
	return b.String()
}
