package cli

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/failover-gen/failover-gen/internal/drill"
)

// column is one of the table of results.
type column struct {
	name string
	left bool // where its texts begin at the left
	// always says that the column is shown even if it is 0 in every run.
	always bool
	cell   func(drill.Result) string
}

// resultColumns are those of the table. The first two name a run.
var resultColumns = []column{
	{"scenario", true, true, func(r drill.Result) string { return oneLine(r.Scenario) }},
	{"run", false, true, func(r drill.Result) string { return strconv.Itoa(r.Run) }},
	{"result", true, true, verdictOf},
	{"gap", false, true, func(r drill.Result) string { return drill.GapText(r.GapMS) }},
	{"acked", false, true, func(r drill.Result) string { return strconv.Itoa(r.Writes.Acked) }},
	{"lost", false, true, func(r drill.Result) string { return strconv.Itoa(r.LostAcked) }},
	{"at risk", false, false, func(r drill.Result) string { return strconv.Itoa(r.AtRisk) }},
	{"unknown", false, false, func(r drill.Result) string { return strconv.Itoa(r.Writes.Unknown) }},
	{"not sent", false, false, func(r drill.Result) string { return strconv.Itoa(r.Writes.NotSent) }},
	{"rejected", false, false, func(r drill.Result) string { return strconv.Itoa(r.Writes.Rejected) }},
	{"duplicated", false, false, func(r drill.Result) string { return strconv.Itoa(r.Duplicated) }},
}

// naming is how many of resultColumns name a run.
const naming = 2

func verdictOf(r drill.Result) string {
	if r.Passed {
		return "passed"
	}
	return "FAILED"
}

// tellResult prints one result as soon as it is there. On a terminal the counts
// follow in the table.
func (a *app) tellResult(r drill.Result) {
	code := "32"
	if !r.Passed {
		code = "31"
	}
	first, failures, _ := strings.Cut(r.Text(), "\n")
	if a.columns() > 0 {
		first = fmt.Sprintf("%s run %d: %s", r.Scenario, r.Run, verdictOf(r))
		if r.GapMS > 0 {
			first += ", gap " + drill.GapText(r.GapMS)
		}
	}
	for _, line := range hanging(oneLine(first), a.columns()) {
		a.say("%s", a.colour(code, line))
	}
	a.printFitted(failures)
}

// tellResults prints what stands below the results: on a terminal their table first.
func (a *app) tellResults(r drill.Report) {
	if columns := a.columns(); columns > 0 {
		for _, line := range resultTable(r.Results, columns, a.colour) {
			a.say("%s", line)
		}
	}
	a.printFitted(r.Closing())
}

// resultTable makes a table of results. What is 0 in every run is named in a line
// below. Where the columns do not fit so many of the terminal, the rest follows in a
// second table, and so on.
func resultTable(results []drill.Result, columns int, paint func(code, text string) styled) (lines []styled) {
	var shown []column
	var zero []string
	for _, c := range resultColumns {
		if c.always || !zeroIn(c, results) {
			shown = append(shown, c)
		} else {
			zero = append(zero, c.name)
		}
	}
	if len(results) == 0 {
		return nil
	}
	for _, part := range split(shown, results, columns) {
		lines = append(append(lines, ""), part.draw(results, paint)...)
	}
	if len(zero) > 0 {
		for _, line := range hanging("0 in every run: "+strings.Join(zero, ", "), columns) {
			lines = append(lines, styled(line))
		}
	}
	return lines
}

func zeroIn(c column, results []drill.Result) bool {
	for _, r := range results {
		if c.cell(r) != "0" {
			return false
		}
	}
	return true
}

// between is what stands between two columns.
const between = "  "

// split deals the columns out to tables that are not wider than given. Each begins
// with those that name a run.
func split(shown []column, results []drill.Result, columns int) (parts []part) {
	all := part{}
	for _, c := range shown {
		width := len(c.name)
		for _, r := range results {
			width = max(width, len([]rune(c.cell(r))))
		}
		all = append(all, wide{c, width})
	}
	for rest := all[naming:]; len(rest) > 0; {
		p := all[:naming:naming]
		for len(rest) > 0 && (len(p) == naming || append(p, rest[0]).width() <= columns) {
			p, rest = append(p, rest[0]), rest[1:]
		}
		parts = append(parts, p)
	}
	return parts
}

// part is a table, wide a column of it with its width.
type part []wide

type wide struct {
	column
	width int
}

func (p part) width() int {
	n := len(between) * (len(p) - 1)
	for _, c := range p {
		n += c.width
	}
	return n
}

// draw returns the head of the table and a line for each result.
func (p part) draw(results []drill.Result, paint func(code, text string) styled) []styled {
	line := func(cell func(wide) styled) styled {
		var cells []string
		for _, c := range p {
			cells = append(cells, string(cell(c)))
		}
		return styled(strings.TrimRight(strings.Join(cells, between), " "))
	}
	lines := []styled{line(func(c wide) styled { return styled(c.fill(c.name)) })}
	for _, r := range results {
		lines = append(lines, line(func(c wide) styled {
			text := c.fill(c.cell(r))
			if c.name == "result" && r.Passed {
				return paint("32", text)
			}
			if !r.Passed {
				return paint("31", text)
			}
			return styled(text)
		}))
	}
	return lines
}

// fill fills a text with blanks to the width of the column.
func (c wide) fill(text string) string {
	blanks := strings.Repeat(" ", max(0, c.width-len([]rune(text))))
	if c.left {
		return text + blanks
	}
	return blanks + text
}
