// Package vetrun runs the analyzers of package vet over the packages of a module,
// and repairs what can be repaired safely. It lets go vet do the work, with this
// program as its tool: go vet loads packages as the user's own builds do, analyses
// them side by side, and keeps the results, so that only what has changed is
// analysed again.
//
// The package prints nothing, and runs no code of the user's.
package vetrun

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"golang.org/x/tools/go/analysis"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/vet"
)

// Request says what to look at.
type Request struct {
	// Packages are patterns as go vet takes them, relative to the working directory.
	Packages []string
	// Only names the analyzers to run; all if it is empty.
	Only []string
}

// Finding is what an analyzer has to say about a place.
type Finding struct {
	Analyzer string `json:"analyzer"`
	// File is relative to the working directory, with slashes. Line and Column count
	// from 1, Column in bytes.
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
	// Message says what is wrong and what to do.
	Message string `json:"message"`
	// URL is the page of reasons.
	URL   string `json:"url,omitempty"`
	Fixes []Fix  `json:"fixes"`

	endLine, endColumn int
}

// Fix is one way to repair a finding: all of its edits together, or none.
type Fix struct {
	Message string `json:"message"`
	Edits   []Edit `json:"edits"`
}

// Edit replaces the bytes from Start to before End of a file.
type Edit struct {
	File  string `json:"file"`
	Start int    `json:"start"`
	End   int    `json:"end"`
	New   string `json:"new"`
}

// Fault gives the finding as a fault, for a person to read.
func (f Finding) Fault() *fault.Fault {
	cause, remedy := f.Message, ""
	if i := strings.LastIndex(cause, "; "); i >= 0 {
		cause, remedy = cause[:i], cause[i+len("; "):]
	}
	switch {
	case remedy == "":
		remedy = "see " + f.URL
	case f.URL != "":
		remedy += " (see " + f.URL + ")"
	}
	return fault.New(fault.Finding, fault.Position{File: f.File, Line: f.Line, Column: f.Column}, f.Analyzer+": "+cause, remedy)
}

// Names returns the names of all analyzers, in the order of docs/vet.md.
func Names() []string {
	var names []string
	for _, a := range vet.Analyzers() {
		names = append(names, a.Name)
	}
	return names
}

// Run returns the findings in the packages, in the order of files and lines. The
// error is a fault.List: of kind Input for each package that cannot be loaded,
// whereas the findings in the others are still returned.
func Run(ctx context.Context, r Request) ([]Finding, error) {
	return run(ctx, r, nil)
}

// run is Run, on files of which some have a stand-in: by their absolute names, the
// names of the files to read in their place.
func run(ctx context.Context, r Request, standIns map[string]string) ([]Finding, error) {
	for _, p := range r.Packages {
		if strings.HasPrefix(p, "-") {
			return nil, fault.New(fault.Input, fault.Position{}, p+" is not a package", "name packages as go vet does, such as ./...; flags stand before them")
		}
	}
	at, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	said, err := ask(ctx, at, r, standIns)
	if err != nil {
		return nil, err
	}
	if said.packages == 0 && len(said.faults) > 0 {
		said.analyseTheRest(ctx, at, r, standIns)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	slices.SortStableFunc(said.faults, func(a, b *fault.Fault) int { return cmp.Compare(a.Error(), b.Error()) })
	said.faults = slices.CompactFunc(said.faults, func(a, b *fault.Fault) bool { return a.Error() == b.Error() })
	return said.findings(vet.Analyzers()), said.faults.ErrOrNil()
}

// ask runs go vet for somebody who stands in the folder at, and reads what it prints.
func ask(ctx context.Context, at string, r Request, standIns map[string]string) (*said, error) {
	stdout, stderr, err := goVet(ctx, r, standIns)
	if err != nil {
		return nil, err
	}
	return parse(append(stdout, stderr...), at)
}

// analyseTheRest adds what is found in the packages that can be loaded. Where one
// imports what is not there, go vet itself analyses none.
func (s *said) analyseTheRest(ctx context.Context, at string, r Request, standIns map[string]string) {
	const format = "{{if .ForTest}}{{.ForTest}}{{else}}{{.ImportPath}}{{end}} {{if or .Error .DepsErrors}}bad{{end}}"
	args := append([]string{"list", "-e", "-test", "-f", format}, r.Packages...)
	list, err := exec.CommandContext(ctx, "go", args...).Output()
	if err != nil {
		return
	}
	bad := make(map[string]bool)
	for line := range strings.Lines(string(list)) {
		if name, state, _ := strings.Cut(strings.TrimSpace(line), " "); !strings.HasSuffix(name, ".test") {
			bad[name] = bad[name] || state == "bad"
		}
	}
	r.Packages = nil
	for _, name := range slices.Sorted(maps.Keys(bad)) {
		if !bad[name] {
			r.Packages = append(r.Packages, name)
		}
	}
	if len(r.Packages) == 0 {
		return
	}
	if rest, err := ask(ctx, at, r, standIns); err == nil {
		s.found = rest.found
		s.faults = append(s.faults, rest.faults...)
	}
}

// goVet runs go vet and returns what it printed.
func goVet(ctx context.Context, r Request, standIns map[string]string) (stdout, stderr []byte, err error) {
	tool, err := exec.LookPath("go")
	if err != nil {
		return nil, nil, fault.Wrap(fault.Environment, fault.Position{}, "no Go toolchain was found", "install Go from https://go.dev/dl and put it on PATH", err)
	}
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	args := []string{"vet", "-vettool=" + self, "-json"}
	if len(standIns) > 0 {
		overlay, err := writeOverlay(standIns)
		if err != nil {
			return nil, nil, err
		}
		defer os.Remove(overlay)
		args = append(args, "-overlay="+overlay)
	}
	for _, name := range r.Only {
		args = append(args, "-"+name)
	}
	var out, complaints bytes.Buffer
	cmd := exec.CommandContext(ctx, tool, append(args, r.Packages...)...)
	cmd.Stdout, cmd.Stderr = &out, &complaints
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) } // lets it end its tools
	cmd.WaitDelay = 5 * time.Second
	err = cmd.Run()
	var ended *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, nil, ctx.Err()
	case err != nil && !errors.As(err, &ended):
		return nil, nil, fault.Wrap(fault.Environment, fault.Position{}, "go vet could not be started: "+err.Error(), "check that "+tool+" runs", err)
	case err != nil && out.Len()+complaints.Len() == 0:
		return nil, nil, fault.Wrap(fault.Environment, fault.Position{}, "go vet failed and said nothing: "+err.Error(), "run go vet yourself", err)
	}
	return out.Bytes(), complaints.Bytes(), nil
}

// findings brings what was said of each place into order. A package and its test
// may be analysed apart: what is said twice counts once.
func (s *said) findings(analyzers []*analysis.Analyzer) []Finding {
	pages := make(map[string]string)
	for _, a := range analyzers {
		pages[a.Name] = a.URL
	}
	for i := range s.found {
		s.found[i].URL = pages[s.found[i].Analyzer]
	}
	key := func(f Finding) string { return fmt.Sprint(f.Message, f.endLine, f.endColumn) }
	slices.SortFunc(s.found, func(a, b Finding) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Analyzer, b.Analyzer), cmp.Compare(key(a), key(b)))
	})
	return slices.CompactFunc(s.found, func(a, b Finding) bool {
		return a.File == b.File && a.Line == b.Line && a.Column == b.Column && a.Analyzer == b.Analyzer && key(a) == key(b)
	})
}

// relative names a file, or the one that a stand-in stands for, as somebody who
// stands in at would.
func relative(at, name string) string {
	name = original(at, name)
	if rel, err := filepath.Rel(at, name); err == nil {
		name = rel
	}
	return filepath.ToSlash(name)
}
