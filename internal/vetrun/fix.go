package vetrun

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// Change is a file as it is and as it would be repaired.
type Change struct {
	File     string // as in Finding
	Old, New []byte
}

// Repair is what can be repaired.
type Repair struct {
	Changes []Change // in the order of File
	// Left are the findings that would remain.
	Left []Finding
	// Skipped says why a fix was not taken, for each that was not.
	Skipped []string
}

// rounds bounds how often Plan repairs what the repair before has left.
const rounds = 5

// Plan works out the repair of findings, which Run has returned for r without an
// error. It takes the first fix of each finding that has one, unless that changes
// what another fix has changed, or a generated file. Then it does the same with what
// is found in the result, because fixes of one place can only be made one after the
// other. It writes nothing. The error is of kind Finding if what it has made is not
// valid Go: then there is no repair.
func Plan(ctx context.Context, r Request, findings []Finding) (*Repair, error) {
	repair := &Repair{Left: findings}
	files := make(map[string]*source)
	for range rounds {
		changed, err := repair.round(files)
		if err != nil {
			return nil, err
		}
		if !changed {
			break
		}
		if err := repair.check(ctx, r); err != nil {
			return nil, err
		}
	}
	return repair, nil
}

// round makes the fixes of what is left in files, and reports whether that changes any.
func (r *Repair) round(files map[string]*source) (changed bool, err error) {
	r.Skipped = nil
	for _, f := range r.Left {
		if len(f.Fixes) == 0 {
			continue
		}
		reason, err := take(files, f.Fixes[0])
		if err != nil {
			return false, err
		}
		if reason != "" {
			r.Skipped = append(r.Skipped, f.Fault().Position.String()+": "+f.Analyzer+" is not repaired: "+reason)
		}
	}
	r.Changes = nil
	for _, name := range slices.Sorted(maps.Keys(files)) {
		s := files[name]
		before := s.text
		if err := s.edit(name); err != nil {
			return false, err
		}
		changed = changed || !bytes.Equal(before, s.text)
		if !bytes.Equal(s.old, s.text) {
			r.Changes = append(r.Changes, Change{name, s.old, s.text})
		}
	}
	return changed, nil
}

// source is a file that fixes change.
type source struct {
	old     []byte // as it was read
	text    []byte // with the edits of the rounds before
	refused string // why it must not be changed; "" if it may
	edits   []Edit // in order, and none overlaps another
}

// take adds a fix to files as a whole, or says why not.
func take(files map[string]*source, fix Fix) (reason string, err error) {
	for _, e := range fix.Edits {
		s, ok := files[e.File]
		if !ok {
			if s, err = readSource(e.File); err != nil {
				return "", err
			}
			files[e.File] = s
		}
		switch {
		case s.refused != "":
			return s.refused, nil
		case e.Start < 0 || e.End < e.Start || e.End > len(s.text):
			return e.File + " has changed meanwhile; run it again", nil
		case slices.ContainsFunc(s.edits, e.overlaps):
			return "another fix changes the same place; run it again", nil
		}
	}
	for _, e := range fix.Edits {
		if s := files[e.File]; !slices.Contains(s.edits, e) { // fixes may share an import
			s.edits = append(s.edits, e)
		}
	}
	return "", nil
}

// overlaps reports whether both edits cannot be made. The same edit twice is one.
func (e Edit) overlaps(other Edit) bool {
	return e != other && e.Start <= other.End && other.Start <= e.End
}

// readSource reads a file and finds out whether it may be changed.
func readSource(name string) (*source, error) {
	info, err := os.Stat(filepath.FromSlash(name))
	if err != nil {
		return nil, unreadable(name, err)
	}
	text, err := os.ReadFile(filepath.FromSlash(name))
	if err != nil {
		return nil, unreadable(name, err)
	}
	s := &source{old: text, text: text}
	parsed, err := parser.ParseFile(token.NewFileSet(), name, text, parser.PackageClauseOnly|parser.ParseComments)
	switch {
	case err != nil:
		s.refused = name + " has changed meanwhile; run it again"
	case ast.IsGenerated(parsed):
		s.refused = name + " is generated; repair what generates it"
	case info.Mode()&0o200 == 0: // as in the module cache
		s.refused = name + " is not to be written"
	}
	return s, nil
}

// edit makes the edits, and formats the result.
func (s *source) edit(name string) error {
	if len(s.edits) == 0 {
		return nil
	}
	slices.SortFunc(s.edits, func(a, b Edit) int { return cmp.Compare(a.Start, b.Start) })
	var out bytes.Buffer
	at := 0
	for _, e := range s.edits {
		out.Write(s.text[at:e.Start])
		out.WriteString(e.New)
		at = e.End
	}
	out.Write(s.text[at:])
	formatted, err := format.Source(out.Bytes())
	if err != nil {
		return notValid(fault.In(name), err.Error())
	}
	s.text, s.edits = formatted, nil
	return nil
}

func notValid(at fault.Position, cause string) error {
	return fault.New(fault.Finding, at, "the fixes together are not valid Go: "+cause, "nothing was written; repair by hand, and report it, with the code if you can")
}

func unreadable(name string, err error) error {
	cause := err
	if wrapped := new(fs.PathError); errors.As(err, &wrapped) {
		cause = wrapped.Err
	}
	return fault.Wrap(fault.Environment, fault.In(name), "cannot be read: "+cause.Error(), "check its permissions", err)
}

// check analyses the packages as if the changes were made: they must compile, and
// what is then found is what is left.
func (r *Repair) check(ctx context.Context, request Request) error {
	folder, err := os.MkdirTemp("", standInPrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder)
	standIns := make(map[string]string)
	for _, c := range r.Changes {
		name, err := filepath.Abs(filepath.FromSlash(c.File))
		if err != nil {
			return err
		}
		standIns[name] = filepath.Join(folder, strings.TrimPrefix(name, filepath.VolumeName(name)))
		if err := os.MkdirAll(filepath.Dir(standIns[name]), 0o700); err != nil {
			return err
		}
		if err := os.WriteFile(standIns[name], c.New, 0o600); err != nil {
			return err
		}
	}
	left, err := run(ctx, request, standIns)
	if faults := fault.All(err); len(faults) > 0 {
		if faults[0].Kind == fault.Input {
			return notValid(faults[0].Position, faults[0].Cause)
		}
		return err
	}
	r.Left = left
	return nil
}

// standInPrefix begins the name of the folder that stand-ins are written to.
const standInPrefix = "failover-gen-vet-"

// standIn matches the name of a stand-in. What follows is that of the file itself.
var standIn = regexp.MustCompile(`^(?:.*[/\\])?` + standInPrefix + `[0-9]+([/\\])`)

// original names the file that a stand-in stands for, in place of the stand-in. This
// works for stand-ins of earlier runs, too: go vet keeps what it found in a file,
// with the name that it had then, and says it again for a file with the same text.
func original(at, name string) string {
	if standIn.MatchString(name) {
		return filepath.VolumeName(at) + standIn.ReplaceAllString(name, "$1")
	}
	return name
}

// writeOverlay writes the file by which go reads stand-ins in place of files.
func writeOverlay(standIns map[string]string) (name string, err error) {
	data, err := json.Marshal(map[string]map[string]string{"Replace": standIns})
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp("", "failover-gen-overlay-*.json")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(f.Name())
		return "", err
	}
	return f.Name(), nil
}
