package tree

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// State is how a file of a project differs from what is wanted.
type State string

const (
	// Missing files are wanted and not there.
	Missing State = "missing"
	// Outdated files are as they were written, and something else is wanted now.
	Outdated State = "outdated"
	// Edited files are not as they were written.
	Edited State = "edited"
	// Unexpected files are not wanted: a former run wrote them, or they lie in a
	// folder that holds generated packages only.
	Unexpected State = "unexpected"
	// Moved files are the user's, and their template is another than it was when
	// they were written. It is not a fault of the project.
	Moved State = "moved"
)

// Difference is one file that is not as wanted.
type Difference struct {
	Path   string
	Owner  Owner
	State  State
	Reason string
	// Old is the content on the disk, New what is wanted; nil for no file.
	Old, New []byte
}

// Check compares dir with what is wanted, and touches nothing. Secrets are not
// compared: absent names those that are not there. The differences are in order of
// path. Errors are those of Apply.
func Check(dir string, w *Want) (differences []Difference, absent []string, err error) {
	if err := Resume(context.Background(), dir, true); err != nil {
		return nil, nil, err
	}
	p, err := comparePlan(dir, w, false)
	if err != nil {
		return nil, nil, err
	}
	if p.fresh {
		return nil, nil, diskFault(dir, "checked", fs.ErrNotExist)
	}
	d, err := openDisk(dir)
	if err != nil {
		return nil, nil, err
	}
	defer d.close()
	for _, s := range p.steps {
		if s.Owner == Secret {
			if s.Action == Absent {
				absent = append(absent, s.Path)
			}
			continue
		}
		one, err := s.difference(d)
		if err != nil {
			return nil, nil, err
		}
		if one != nil {
			differences = append(differences, *one)
		}
	}
	moved, err := w.movedTemplates(d)
	if err != nil {
		return nil, nil, err
	}
	unexpected, err := w.unexpected(d)
	differences = append(append(differences, moved...), unexpected...)
	slices.SortStableFunc(differences, func(a, b Difference) int { return strings.Compare(a.Path, b.Path) })
	return differences, absent, err
}

// difference is what a step would change, as a finding; nil if it changes nothing.
func (s *step) difference(d *disk) (*Difference, error) {
	one := &Difference{Path: s.Path, Owner: s.Owner, Reason: s.Reason, New: s.data}
	switch s.Action {
	case Create:
		one.State, one.Reason = Missing, "is not there"
	case Update:
		one.State, one.Reason = Outdated, "generate would update it"
	case Conflict:
		one.State = Edited
	case Remove:
		one.State = Unexpected
	default:
		if !s.Told || s.Owner == Scaffolded { // what is told of the user's files, movedTemplates finds
			return nil, nil
		}
		one.State = Unexpected
	}
	if s.around {
		one.Old = s.old
		return one, nil
	}
	var err error
	one.Old, err = d.read(s.Path)
	return one, err
}

// movedTemplates finds the files of the user whose template is another than the
// one from which they were made.
func (w *Want) movedTemplates(d *disk) (list []Difference, err error) {
	for _, f := range w.Files {
		i := slices.IndexFunc(w.Recorded, func(r Recorded) bool { return r.Path == f.Path })
		if i < 0 {
			continue
		}
		old, err := d.read(f.Path)
		if err != nil {
			return nil, err
		}
		if reason := f.movedOn(old, w.Recorded[i]); reason != "" {
			list = append(list, Difference{Path: f.Path, Owner: Scaffolded, State: Moved, Reason: reason, Old: old, New: f.Data})
		}
	}
	return list, nil
}

// movedOn says that the template of a file of the user is another than the one from
// which the file was made, and how to take it; "" if that is not so.
func (f *File) movedOn(old []byte, was Recorded) string {
	if f.Owner != Scaffolded || old == nil || was.SHA256 == "" || was.SHA256 == Digest(f.Data) || bytes.Equal(old, f.Data) {
		return ""
	}
	reason := "its template has changed since you edited it"
	if Digest(old) == was.SHA256 {
		reason = "its template has changed, and you have not edited it"
	}
	return reason + "; generate --take " + f.Path + " takes it"
}

// unexpected finds files in the folders of generated packages that no run wrote:
// Go would build them with the package.
func (w *Want) unexpected(d *disk) (list []Difference, err error) {
	known := make(map[string]bool)
	folders := make(map[string]bool)
	for _, f := range w.Files {
		known[f.Path] = true
		if dir := path.Dir(f.Path); f.Owner == Generated && dir != "." && path.Ext(f.Path) == ".go" {
			folders[dir] = true
		}
	}
	for _, r := range w.Recorded {
		known[r.Path] = true
	}
	for dir := range folders {
		entries, err := fs.ReadDir(d.root.FS(), dir)
		if err != nil {
			continue // its files are missing, which is told
		}
		for _, e := range entries {
			name := path.Join(dir, e.Name())
			if e.IsDir() || known[name] || strings.HasSuffix(name, newSuffix) {
				continue
			}
			old, err := d.read(name)
			if err != nil {
				return nil, err
			}
			list = append(list, Difference{Path: name, Owner: Generated, State: Unexpected, Old: old,
				Reason: fmt.Sprintf("was not made by failover-gen, and would be built with the generated package in %s", dir)})
		}
	}
	return list, nil
}
