package cli

import (
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/drill"
)

var someResults = []drill.Result{
	{Scenario: "kill", Run: 1, Passed: true, GapMS: 0.7, Writes: drill.Writes{Acked: 12831}, AtRisk: 4809},
	{Scenario: "reset-once", Run: 12, Writes: drill.Writes{Acked: 9, Unknown: 1}},
}

func table(columns int, paint func(string, string) styled) string {
	var b strings.Builder
	for _, line := range resultTable(someResults, columns, paint) {
		b.WriteString(string(line) + "\n")
	}
	return b.String()
}

func TestTheTableOfResults(t *testing.T) {
	wide := `
scenario    run  result     gap  acked  lost  at risk  unknown
kill          1  passed  0.7 ms  12831     0     4809        0
reset-once   12  FAILED       -      9     0        0        1
0 in every run: not sent, rejected, duplicated
`
	narrow := `
scenario    run  result     gap  acked
kill          1  passed  0.7 ms  12831
reset-once   12  FAILED       -      9

scenario    run  lost  at risk  unknown
kill          1     0     4809        0
reset-once   12     0        0        1
0 in every run: not sent, rejected,
    duplicated
`
	for columns, want := range map[int]string{79: wide, 39: narrow} {
		if got := table(columns, plainly); got != want {
			t.Errorf("%d columns:\n%s", columns, got)
		}
	}
	if got := resultTable(nil, 79, plainly); got != nil {
		t.Errorf("no results: %q", got)
	}
}

func TestTheTableIsColouredByVerdict(t *testing.T) {
	got := table(79, func(code, text string) styled { return styled("<" + code + " " + text + ">") })
	if !strings.Contains(got, "  <32 passed>  ") || !strings.Contains(got, "<31 reset-once>  <31  12>  <31 FAILED>  ") || strings.Contains(got, "<32 kill") {
		t.Error(got)
	}
}

// What is no terminal gets a line a result, as before, and no table.
func TestAPipeGetsALineAResult(t *testing.T) {
	var out, errs strings.Builder
	a := &app{Env: Env{Stdout: &out, Stderr: &errs, LookupEnv: lookup(nil)}}
	r := someResults[0]
	a.tellResult(r)
	a.tellResults(drill.Report{Results: []drill.Result{r}})
	if !strings.HasPrefix(out.String(), r.Text()+"\n") || strings.Contains(out.String(), "scenario  run") {
		t.Error(out.String())
	}
}
