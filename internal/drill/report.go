package drill

import (
	"fmt"
	"slices"
	"strings"
)

// Passed reports whether there are results and every run passed.
func (r Report) Passed() bool { return len(r.Results) > 0 && r.passed() == len(r.Results) }

// passed counts the runs that passed.
func (r Report) passed() int {
	n := 0
	for _, x := range r.Results {
		if x.Passed {
			n++
		}
	}
	return n
}

// Text returns one line for the run, and one more for each failure.
func (r Result) Text() string {
	var b strings.Builder
	verdict := "passed"
	if !r.Passed {
		verdict = "FAILED"
	}
	fmt.Fprintf(&b, "%-16s  run %-3d %s  gap %10s  acked %d, not sent %d, unknown %d, rejected %d  lost %d, duplicated %d, at risk %d\n",
		r.Scenario, r.Run, verdict, GapText(r.GapMS), r.Writes.Acked, r.Writes.NotSent, r.Writes.Unknown, r.Writes.Rejected, r.LostAcked, r.Duplicated, r.AtRisk)
	for _, f := range r.Failures {
		fmt.Fprintf(&b, "    %s\n", f)
	}
	return b.String()
}

// GapText is a gap in milliseconds, "-" if there was none.
func GapText(ms float64) string {
	if ms == 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f ms", ms)
}

// legendOf explains the words of a result that all kinds have, a line each.
func legendOf(what, article, noun string) string {
	return fmt.Sprintf(`gap         time from the fault to the first %[3]s that another %[1]s acked; "-" where the %[1]s must not change
acked       %[3]ss that %[2]s %[1]s confirmed
not sent    %[3]ss that never left the project
unknown     %[3]ss that were sent and never answered: they may have been applied
rejected    %[3]ss that %[2]s %[1]s refused
lost        acked %[3]ss that the %[1]s which acked them does not hold
duplicated  %[3]ss that were applied more than once
`, noun, article, what)
}

// Closing returns what stands below the results: a line for each scenario that
// ran more than once, the legend, the seed, and how many runs passed.
func (r Report) Closing() string {
	return fmt.Sprintf("%s\n%s\nseed %d: with --seed %d the faults strike at the same moments again\n%d of %d passed\n",
		r.repeated(), r.Legend, r.Seed, r.Seed, r.passed(), len(r.Results))
}

// Repeat sums up a scenario that ran more than once.
type Repeat struct {
	Scenario        string
	Runs, Passed    int
	Median, Longest float64 // gaps, in milliseconds
}

// Repeated sums up each scenario that ran more than once.
func (r Report) Repeated() (list []Repeat) {
	var names []string
	runs := make(map[string]Report)
	for _, x := range r.Results {
		if !slices.Contains(names, x.Scenario) {
			names = append(names, x.Scenario)
		}
		runs[x.Scenario] = Report{Results: append(runs[x.Scenario].Results, x)}
	}
	for _, name := range names {
		of := runs[name]
		if len(of.Results) < 2 {
			continue
		}
		var gaps []float64
		for _, x := range of.Results {
			gaps = append(gaps, x.GapMS)
		}
		slices.Sort(gaps)
		median := (gaps[(len(gaps)-1)/2] + gaps[len(gaps)/2]) / 2
		list = append(list, Repeat{name, len(gaps), of.passed(), median, gaps[len(gaps)-1]})
	}
	return list
}

// repeated returns a line for each scenario that ran more than once.
func (r Report) repeated() string {
	var b strings.Builder
	for _, x := range r.Repeated() {
		fmt.Fprintf(&b, "%-16s  %d of %d passed; gap median %s, longest %s\n", x.Scenario, x.Passed, x.Runs, GapText(x.Median), GapText(x.Longest))
	}
	return b.String()
}
