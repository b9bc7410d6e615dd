package bundle

import (
	"fmt"
	"os"
	"path"
	"strconv"
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
		row("errors", &c, inLines(c.Want))
	}
	got.WriteString(otherPage[0])
	for _, form := range forms[1:] {
		for _, c := range corpus.Load(t, "testdata/"+form) {
			row(form, &c, formNames[form]+": "+readAs(c.Want))
		}
	}
	got.WriteString(otherPage[1])
	for _, form := range forms[1:] {
		for _, c := range corpus.Load(t, "testdata/"+form+"-errors") {
			row(form+"-errors", &c, formNames[form]+":<br>"+inLines(c.Want))
		}
	}
	got.WriteString(fabricPage[0])
	for _, c := range corpus.Load(t, "testdata/fabric") {
		row("fabric", &c, registryReadAs(c.Want))
	}
	got.WriteString(fabricPage[1])
	for _, c := range corpus.Load(t, "testdata/fabric-errors") {
		row("fabric-errors", &c, inLines(c.Want))
	}
	for _, part := range formPages {
		got.WriteString(part.read)
		for _, dir := range part.dirs {
			for _, c := range corpus.Load(t, "testdata/"+dir) {
				row(dir, &c, readAs(c.Want))
			}
		}
		got.WriteString(part.refused)
		for _, c := range corpus.Load(t, "testdata/"+part.errors) {
			row(part.errors, &c, inLines(c.Want))
		}
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

// formPage is what the page says before the two tables of a form, and where its cases are.
type formPage struct {
	dirs          []string
	errors        string
	read, refused string
}

// formPages are the parts of the page about further forms.
var formPages = []formPage{kubernetesPage, jvmPage, declaredPage, springPage}

// inLines shows messages below each other.
func inLines(messages string) string {
	var said []string
	for line := range strings.Lines(messages) {
		said = append(said, "`"+strings.TrimSpace(line)+"`")
	}
	return strings.Join(said, "<br>")
}

// formNames are those of the forms other than Java's.
var formNames = map[string]string{"clc": "CLC", "python": "Python", "go": "Go", "node": "Node.js", "dotnet": ".NET", "cpp": "C++"}

// otherPage is what the page says before each of the tables about other languages.
var otherPage = [2]string{`
# The sample clients of other languages that are read

failover-gen reads the console's sample clients for Python, .NET and CLC, the older ones for Go, Node.js and C++, and what people make
of them. They name PEM files (ca, cert, key) in place of keystores, and .NET names a client.pfx. Values are followed through
constants, variables, helper functions and the constants of other Go and C# files. What depends on a condition, on the environment or
on a function of a library is refused with its reason. The tests read each row from a directory, a .zip and a .tar.gz, as those of Java.

## Read

| what the sources have | read as |
|---|---|
`, `
## Refused

| what is there | what is said |
|---|---|
`}

// fabricPage is what the page says before each of the tables about XML files.
var fabricPage = [2]string{`
# The Spring and Blueprint files that are read

For a project of kind webservice, failover-gen reads the Spring or Blueprint file that has a bean of class FabricFailOverFeature. The
file is given by itself, or in a folder, .zip or .tar.gz in which it lies under META-INF/spring or OSGI-INF/blueprint. Of the
password the table says only that it is read. What has no effect in Go is listed, and inspect shows it.

## Read

| what the file has | read as |
|---|---|
`, `
## Refused

| what is there | what is said |
|---|---|
`}

// registryReadAs words what a case of a registry wants. The secret is named only.
func registryReadAs(want string) string {
	var values, rest []string
	for line := range strings.Lines(want) {
		line = strings.TrimSpace(line)
		value, _, _ := strings.Cut(line, " at ")
		key, text, isValue := strings.Cut(value, " = ")
		switch {
		case strings.HasPrefix(line, "warning: "), strings.HasPrefix(line, "no effect: "):
			rest = append(rest, "<br>`"+line+"`")
		case isValue && key == "password":
			values = append(values, key)
		case isValue:
			values = append(values, key+" `"+strings.Trim(text, `"`)+"`")
		}
	}
	return strings.Join(values, ", ") + strings.Join(rest, "")
}

// readAs words what a case wants: the values, and those of a second cluster
// after those of the first. Secrets are named only.
func readAs(want string) string {
	var clusters, warnings []string
	for line := range strings.Lines(want) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "warning: ") || strings.HasPrefix(line, "generate refuses: ") || strings.HasPrefix(line, "note: ") {
			warnings = append(warnings, "<br>`"+line+"`")
			continue
		}
		value, _, _ := strings.Cut(line, " at ")
		key, text, _ := strings.Cut(value, " = ")
		number, field, _ := strings.Cut(key, ".")
		text, _, _ = strings.Cut(strings.Trim(text, `"`), ": ") // a store's content follows its name
		word := field + " `" + path.Base(text) + "`"
		switch {
		case strings.HasSuffix(field, "assword") || field == "token" || field == "tls":
			word = field
		case field == "noTLS":
			word = "no TLS"
		case field == "discoveryURL":
			word = field + " `" + text + "`"
		}
		at, err := strconv.Atoi(number)
		if err != nil || at < 1 || at > len(clusters)+1 {
			continue
		}
		if at == len(clusters)+1 {
			clusters = append(clusters, word)
			continue
		}
		clusters[at-1] += ", " + word
	}
	return strings.Join(clusters, "<br>then ") + strings.Join(warnings, "")
}
