//go:build unix

package integration

import (
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// askedRuns is how often each fault is to be repeated for the tables of
// docs/real-hazelcast.md: what FAILOVER_RUNS says, 0 where it is not set.
func askedRuns(t *testing.T) int {
	text := os.Getenv("FAILOVER_RUNS")
	if text == "" {
		return 0
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("FAILOVER_RUNS is %q, want a number from 1", text)
	}
	return n
}

// result is one run of one fault.
type result struct {
	switched            bool
	gap                 time.Duration
	outcomes            map[string]int
	lost, twice, atRisk int
}

// table gathers results by fault, in the order of their first runs.
type table struct {
	names []string
	rows  map[string][]result
}

func (t *table) add(name string, r result) {
	if t.rows == nil {
		t.rows = make(map[string][]result)
	}
	if len(t.rows[name]) == 0 {
		t.names = append(t.names, name)
	}
	t.rows[name] = append(t.rows[name], r)
}

// String returns the table as Markdown. Calls, lost and twice are sums over the
// runs; gaps and writes at risk are medians, with the worst run beside.
func (t *table) String() string {
	var b strings.Builder
	b.WriteString("| fault | runs | switched | gap, median | gap, worst | acked | unknown | not sent | rejected | lost | twice | at risk, median | at risk, worst |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|---|---|\n")
	for _, name := range t.names {
		sum := result{outcomes: make(map[string]int)}
		switched := 0
		var gaps []time.Duration
		var risks []int
		for _, r := range t.rows[name] {
			for outcome, n := range r.outcomes {
				sum.outcomes[outcome] += n
			}
			sum.lost, sum.twice = sum.lost+r.lost, sum.twice+r.twice
			if r.switched {
				switched++
			}
			gaps, risks = append(gaps, r.gap), append(risks, r.atRisk)
		}
		fmt.Fprintf(&b, "| %s | %d | %d | %s | %s | %d | %d | %d | %d | %d | %d | %d | %d |\n", name, len(gaps), switched,
			shown(median(gaps)), shown(slices.Max(gaps)), sum.outcomes["acked"], sum.outcomes["unknown"], sum.outcomes["not_sent"], sum.outcomes["rejected"],
			sum.lost, sum.twice, median(risks), slices.Max(risks))
	}
	return b.String()
}

// median returns the middle value, of an even number the upper one.
func median[T cmp.Ordered](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func shown(d time.Duration) string {
	switch {
	case d == 0:
		return "-"
	case d < time.Second:
		return fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}
