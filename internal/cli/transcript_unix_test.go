//go:build unix

package cli

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

var update = flag.Bool("update", false, "write the transcripts of the wizard in README.md and docs/wizard.md again")

// The README and docs/wizard.md show what a terminal shows. Record both with
//
//	go test ./internal/cli -run TestTranscripts -update
func TestTranscriptsOfTheWizard(t *testing.T) {
	var files [2]string
	for i, name := range []string{"../../README.md", "../../docs/wizard.md"} {
		var err error
		if files[i], err = filepath.Abs(name); err != nil {
			t.Fatal(err)
		}
	}
	data := quickFolder(t)
	s := inTerminal(t, 80, nil, "init")
	s.follows(happy)
	s.exits(0)
	holdsTranscript(t, files[1], "A new project", "failover-gen init", s.shown())
	short, _, _ := strings.Cut(s.shown(), "\norders: ")
	holdsTranscript(t, files[0], "With questions", "./failover-gen init", short)

	s = inTerminal(t, 80, nil, "init", "--out", "orders")
	s.follows([]step{
		{"Primary bundle:", enter}, {"Secondary bundle:", enter}, {"Another secondary?", enter}, {"Module path:", enter},
		{"Standby:", down + enter}, {"Failback:", enter}, {"Secrets:", enter}, {"Write these files?", down + enter},
	})
	s.exits(0)
	holdsTranscript(t, files[1], "An existing project", "failover-gen init --out orders", s.shown())

	fabricFile(t, data)
	s = inTerminal(t, 80, nil, "init", "--kind", "webservice")
	s.follows([]step{
		{"Where are the endpoints listed?", enter}, {"Path of the file:", "fabric.xml" + enter}, {"Select:", enter}, {"Replay:", enter},
		{"Module path:", "example.com/foo" + enter}, {"Secrets:", enter}, {"Output folder:", enter}, {"Write these files?", down + enter},
	})
	s.exits(0)
	holdsTranscript(t, files[1], "A web service", "failover-gen init --kind webservice", s.shown())
}

// holdsTranscript checks that a file shows, below a heading, what a command showed.
func holdsTranscript(t *testing.T, file, heading, command, shown string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), "# "+heading+"\n")
	intro, rest, shows := strings.Cut(rest, "\n    $ ")
	if !found || !shows {
		t.Fatalf("%s has no transcript below %q", file, heading)
	}
	was, after := "    $ ", ""
	for line := range strings.Lines(rest) {
		if after != "" || strings.TrimSpace(line) != "" && !strings.HasPrefix(line, "    ") && was != "    $ " {
			after += line
		} else {
			was += line
		}
	}
	is := "    $ " + command + "\n"
	for line := range strings.Lines(shown) {
		is += strings.TrimRight("    "+line, " \n") + "\n"
	}
	was = strings.TrimRight(was, "\n") + "\n"
	is = strings.TrimRight(is, "\n") + "\n"
	switch {
	case was == is:
	case *update:
		if after != "" {
			after = "\n" + after
		}
		if err := os.WriteFile(file, []byte(before+"# "+heading+"\n"+intro+"\n"+is+after), 0o644); err != nil {
			t.Fatal(err)
		}
		t.Logf("recorded %s: read the difference", file)
	default:
		t.Errorf("%s\nif it is meant so, record it with -update", diff.Diff(filepath.Base(file), []byte(was), "the terminal", []byte(is)))
	}
}
