//go:build unix

package integration

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/cli"
	"github.com/failover-gen/failover-gen/internal/drill"
)

// TestDrillTable drills every scenario with both kinds of standby, two and three
// clusters, 1 and 64 writers, often enough for FAILOVER_RUNS runs of each
// scenario and kind of standby.
func TestDrillTable(t *testing.T) {
	runs := askedRuns(t)
	if runs == 0 {
		t.Skip("no table is asked for: set FAILOVER_RUNS=10; it takes half an hour")
	}
	var rows table
	var log strings.Builder
	for _, standby := range []string{"warm", "cold"} {
		for _, clusters := range []int{2, 3} {
			dir := generateProject(t, clusters, "--standby", standby)
			for _, writers := range []int{1, 64} {
				report := drillProject(t, dir, "--scenario", drill.All, "--writers", strconv.Itoa(writers), "--repeat", strconv.Itoa((runs+3)/4))
				fmt.Fprintf(&log, "%s standby, %d clusters, %d writers, seed %d\n", standby, clusters, writers, report.Seed)
				for _, r := range report.Results {
					fmt.Fprint(&log, r.Text())
					rows.add(r.Scenario+", "+standby, result{
						switched: slices.Contains(r.Events, "CLIENT_CHANGED_CLUSTER"), gap: time.Duration(r.GapMS * float64(time.Millisecond)),
						outcomes: map[string]int{"acked": r.Writes.Acked, "not_sent": r.Writes.NotSent, "unknown": r.Writes.Unknown, "rejected": r.Writes.Rejected},
						lost:     r.LostAcked, twice: r.Duplicated, atRisk: r.AtRisk,
					})
					if !r.Passed {
						t.Errorf("%s standby, %d clusters, %d writers: %s", standby, clusters, writers, r.Text())
					}
				}
			}
		}
	}
	t.Logf("\n%s\n%s", log.String(), &rows)
}

func drillProject(t *testing.T, dir string, flags ...string) drill.Report {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := cli.Main(cli.Env{
		Args:  append([]string{"drill", dir, "--json"}, flags...),
		Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, LookupEnv: os.LookupEnv, Now: time.Now,
	})
	var report drill.Report
	if err := json.Unmarshal(stdout.Bytes(), &report); err != nil || code > 1 {
		t.Fatalf("drill: exit %d, %v\n%s", code, err, &stderr)
	}
	return report
}
