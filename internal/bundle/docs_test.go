package bundle

import (
	"fmt"
	"os"
	"path"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
)

// page is what docs/spellings.md says before each of its tables.
var page = [2]string{`# The Java sources that are read

failover-gen reads the Java sources of a client bundle and never runs them, so it must know how people write them. The first
table lists the spellings that it knows and what it takes from each, the second what it refuses and the words in which it does.
Each row is a test, and its link leads to the sources in full: a spelling that is not here may work, but it is not promised.
The tests read each spelling from a directory, a .zip and a .tar.gz, with and without a top-level folder, with Unix and with Windows
line ends, and from the path of the source alone where there is only one, and want the same values at the same positions each
time. Of tokens and passwords the table says only that they are read. This page is written by ` + "`go test ./internal/bundle -update`" + ` from what the tests find, and they fail when it says something else.

## Read

| spelling | read as |
|---|---|
`, `
## Refused

Before each message stands file:line:column, here without the sources' folder; BUNDLE is the path that was given.

| what is there | what is said |
|---|---|
`}

// folder is where the cases have their sources; the page says so once.
const folder = "src/main/java/com/example/"

const pagePath = "../../docs/spellings.md"

// TestPageOfSpellings keeps the page for users in step with the cases.
func TestPageOfSpellings(t *testing.T) {
	var got strings.Builder
	row := func(dir string, c *corpus.Case, outcome string) {
		link := "[" + c.Title + "](../internal/bundle/" + path.Join("testdata", dir, c.Name+".txtar") + ")"
		fmt.Fprintf(&got, "| %s | %s |\n", link, strings.NewReplacer("|", `\|`, folder, "").Replace(outcome))
	}
	got.WriteString(page[0])
	for _, c := range corpus.Load(t, "testdata/spellings") {
		row("spellings", &c, readAs(c.Want))
	}
	got.WriteString(page[1])
	for _, c := range corpus.Load(t, "testdata/errors") {
		var said []string
		for line := range strings.Lines(c.Want) {
			said = append(said, "`"+strings.TrimSpace(line)+"`")
		}
		row("errors", &c, strings.Join(said, "<br>"))
	}
	if *update {
		if err := os.WriteFile(pagePath, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want, err := os.ReadFile(pagePath); err != nil || string(want) != got.String() {
		t.Errorf("%s is not what the cases say; run go test ./internal/bundle -update (%v)", pagePath, err)
	}
}

// readAs words what a case wants: the values, and those of a second cluster
// after those of the first. Secrets are named only.
func readAs(want string) string {
	var clusters, warnings []string
	before := ""
	for line := range strings.Lines(want) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "warning: ") || strings.HasPrefix(line, "generate refuses: ") {
			warnings = append(warnings, "<br>`"+line+"`")
			continue
		}
		value, _, _ := strings.Cut(line, " at ")
		key, text, _ := strings.Cut(value, " = ")
		number, field, _ := strings.Cut(key, ".")
		text, _, _ = strings.Cut(strings.Trim(text, `"`), ": ") // a store's content follows its name
		word := field + " `" + path.Base(text) + "`"
		switch {
		case strings.HasSuffix(field, "assword") || field == "token":
			word = field
		case field == "discoveryURL":
			word = field + " `" + text + "`"
		}
		if number != before {
			before = number
			clusters = append(clusters, word)
			continue
		}
		clusters[len(clusters)-1] += ", " + word
	}
	return strings.Join(clusters, "<br>then ") + strings.Join(warnings, "")
}
