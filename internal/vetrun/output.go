package vetrun

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// said is what go vet printed.
type said struct {
	packages int // that were analysed
	found    []Finding
	faults   fault.List
}

// diagnostic is a finding as the tool of go vet prints it with -json.
type diagnostic struct {
	Posn    string `json:"posn"` // file:line:column, where the file is absolute
	End     string `json:"end"`
	Message string `json:"message"`
	Fixes   []struct {
		Message string `json:"message"`
		Edits   []struct {
			File  string `json:"filename"`
			Start int    `json:"start"`
			End   int    `json:"end"`
			New   string `json:"new"`
		} `json:"edits"`
	} `json:"suggested_fixes"`
}

// parse reads what go vet printed for somebody who stands in the folder at: for each
// package a JSON document, and lines about what went wrong. A document begins with a
// line that is "{" and ends with one that is "}". Newer versions of Go print them to
// standard output, older ones to standard error.
func parse(out []byte, at string) (*said, error) {
	s := new(said)
	var document, text bytes.Buffer
	inside := false
	for line := range bytes.Lines(out) {
		switch bare := string(bytes.TrimRight(line, "\r\n")); {
		case bare == "{}": // nothing was found in a package
			s.packages++
		case bare == "{" && !inside:
			inside = true
			document.Reset()
			document.Write(line)
		case inside:
			document.Write(line)
			if bare != "}" {
				continue
			}
			inside = false
			s.packages++
			if err := s.document(document.Bytes(), at); err != nil {
				return nil, err
			}
		default:
			text.Write(line)
		}
	}
	s.complaints(text.String(), at)
	return s, nil
}

// document takes the findings of one package.
func (s *said) document(data []byte, at string) error {
	var packages map[string]map[string]json.RawMessage
	if err := json.Unmarshal(data, &packages); err != nil {
		return fault.Wrap(fault.Environment, fault.Position{}, "go vet printed what is not its JSON: "+err.Error(), "check which go is first on PATH", err)
	}
	for pkg, analyzers := range packages {
		for analyzer, raw := range analyzers {
			var list []diagnostic
			if json.Unmarshal(raw, &list) != nil { // then it holds an error
				s.faults = append(s.faults, fault.New(fault.Environment, fault.Position{}, fmt.Sprintf("%s failed on package %s: %s", analyzer, pkg, raw), "report it, with the code if you can"))
				continue
			}
			for _, d := range list {
				s.found = append(s.found, d.finding(analyzer, at))
			}
		}
	}
	return nil
}

// finding translates d.
func (d diagnostic) finding(analyzer, at string) Finding {
	f := Finding{Analyzer: analyzer, Message: d.Message, Fixes: []Fix{}}
	var name string
	name, f.Line, f.Column = position(d.Posn)
	f.File = relative(at, name)
	_, f.endLine, f.endColumn = position(d.End)
	for _, fix := range d.Fixes {
		to := Fix{Message: fix.Message, Edits: []Edit{}}
		for _, e := range fix.Edits {
			to.Edits = append(to.Edits, Edit{relative(at, e.File), e.Start, e.End, e.New})
		}
		f.Fixes = append(f.Fixes, to)
	}
	return f
}

// position splits "file:line:column". What is missing is 0.
func position(text string) (file string, line, column int) {
	match := places.FindStringSubmatch(text)
	if match == nil {
		return text, 0, 0
	}
	line, _ = strconv.Atoi(match[2])
	column, _ = strconv.Atoi(match[3])
	return match[1], line, column
}

var (
	places = regexp.MustCompile(`^(.+?):(\d+)(?::(\d+))?$`)
	// complaint is a line about a place, of the compiler or of go list.
	complaint = regexp.MustCompile(`^(?:vet: )?(.+?\.go:\d+(?::\d+)?): (.+)$`)
)

// What go prints where the machine is at fault and not the code.
var ofMachine = regexp.MustCompile(`module lookup disabled by GOPROXY|dial tcp|: permission denied|no space left on device|read-only file system|GOCACHE|build cache|toolchain not available| requires go >= `)

// What go prints where there is no module, or another one.
var outside = regexp.MustCompile(`go\.mod file not found|does not contain main module|outside main module`)

// complaints makes faults of the lines that are no findings. A line that does not
// begin one of its own belongs to the one before it.
func (s *said) complaints(text, at string) {
	crashed := strings.Contains(text, "\ngoroutine ") // an analyzer has panicked
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\r\n")
		match := complaint.FindStringSubmatch(line)
		switch {
		case strings.TrimSpace(line) == "" || strings.HasPrefix(line, "# ") || strings.HasPrefix(line, "go: downloading ") || strings.HasPrefix(line, "exit status "):
		case crashed:
			if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
				s.faults = append(s.faults, fault.New(fault.Environment, fault.Position{}, "an analyzer failed: "+line, "report it, with the code if you can; --only leaves analyzers out"))
			}
		case match != nil:
			name, at := place(match[1], at)
			s.faults = append(s.faults, fault.New(fault.Input, fault.Position{File: name, Line: at[0], Column: at[1]}, match[2], "repair it: this package was not analysed"))
		case strings.HasPrefix(line, "\t") && len(s.faults) > 0:
			last := s.faults[len(s.faults)-1]
			last.Cause += " " + strings.TrimSpace(line)
		default:
			kind, remedy := fault.Input, "see whether go build says the same"
			if outside.MatchString(line) {
				remedy = "run it inside the module that the packages belong to"
			}
			if ofMachine.MatchString(line) {
				kind, remedy = fault.Environment, "let go build succeed here first"
			}
			s.faults = append(s.faults, fault.New(kind, fault.Position{}, strings.TrimPrefix(line, "vet: "), remedy))
		}
	}
}

// place splits a place that go printed.
func place(text, at string) (name string, lineAndColumn [2]int) {
	name, line, column := position(text)
	if filepath.IsAbs(original(at, name)) {
		name = relative(at, name)
	}
	return filepath.ToSlash(strings.TrimPrefix(name, "./")), [2]int{line, column}
}
