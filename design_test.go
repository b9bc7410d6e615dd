package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// The page on the design names files, packages and messages of the engine. Whoever
// renames one finds the page by this test.
func TestTheDesignPageNamesWhatIsThere(t *testing.T) {
	page := read(t, "docs/design.md")
	rows := tableRows(page, "promise")
	for _, row := range rows {
		if len(row) != 3 {
			t.Errorf("a row of the promises has %d cells: %q", len(row), row)
			continue
		}
		path := filepath.Join(filepath.FromSlash(row[1]), row[2])
		if _, err := os.Stat(path); err != nil {
			t.Errorf("%q lives in a file that is not there: %v", row[0], err)
		}
	}
	if len(rows) < 20 {
		t.Errorf("only %d promises were found", len(rows))
	}
	engine := read(t, "templates/hazelcast/internal/failover/policy.go") + read(t, "templates/hazelcast/internal/failover/move.go")
	states := tableRows(page, "state")
	for _, row := range states {
		for _, name := range regexp.MustCompile("`([a-z]+[A-Z]?[a-zA-Z]*)`").FindAllStringSubmatch(row[1], -1) {
			if !regexp.MustCompile(`(?i)\b` + name[1] + `\b`).MatchString(engine) {
				t.Errorf("the engine hears no %s", name[1])
			}
		}
	}
	if len(states) < 8 {
		t.Errorf("only %d states were found", len(states))
	}
	for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(page, -1) {
		if _, err := os.Stat(filepath.Join("docs", link[1])); err != nil {
			t.Error(err)
		}
	}
}

// tableRows are the cells of each row of a table whose first column has this name.
func tableRows(page, name string) (rows [][]string) {
	in := false
	for line := range strings.Lines(page) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			in = false
			continue
		}
		cells := strings.Split(strings.Trim(line, "| "), " | ")
		switch {
		case cells[0] == name:
			in = true
		case in && !strings.HasPrefix(line, "|---"):
			rows = append(rows, cells)
		}
	}
	return rows
}
