package generate

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// Action is what happens to a file.
type Action string

const (
	Create   Action = "create"
	Update   Action = "update"
	Keep     Action = "keep"
	Remove   Action = "remove"
	Conflict Action = "conflict" // kept, and NAME.new put beside it
)

// FileReport is one line of a Report.
type FileReport struct {
	Path   string `json:"path"`
	Action Action `json:"action"`
	Owner  Owner  `json:"owner"`
	Reason string `json:"reason,omitempty"`
	// Left says that the project no longer needs the file, which is kept nevertheless.
	Left bool `json:"-"`
}

// newSuffix ends the name under which a file is put beside one that was edited.
const newSuffix = ".new"

// staging starts the name of a folder in which a commit prepares its work.
const staging = ".failover-gen-"

// maxExisting bounds a file of a project that is read for comparison, in bytes.
const maxExisting = 32 << 20

// step is what a commit does about one file.
type step struct {
	FileReport
	data []byte      // to be written, for Create, Update and Conflict
	mode fs.FileMode // of what is written
}

// plan is everything that a commit is going to do. Making it changes nothing.
type plan struct {
	dir   string
	fresh bool // dir does not exist
	steps []step
	// conflicts are the files that were edited. If there are any, nothing but
	// NAME.new files is written.
	conflicts []conflict
}

// conflict is a file in the way, as the user would name it, and why.
type conflict struct{ file, cause string }

// faults tells of the conflicts what was done, or with a dry run would be.
func (p *plan) faults(dryRun bool) error {
	var list fault.List
	for _, c := range p.conflicts {
		beside := path.Base(c.file) + newSuffix
		f := fault.New(fault.Finding, fault.In(c.file), c.cause+", so nothing was replaced", "compare it with "+beside+" beside it; --force overwrites")
		if dryRun {
			f.Cause, f.Remedy = c.cause+", so nothing would be replaced", "without --dry-run "+beside+" is put beside it to compare; --force overwrites"
		}
		list = append(list, f)
	}
	return list.ErrOrNil()
}

// report lists the steps for the user, in order of path.
func (p *plan) report() Report {
	var r Report
	for _, s := range p.steps {
		r.Files = append(r.Files, s.FileReport)
	}
	slices.SortStableFunc(r.Files, func(a, b FileReport) int { return strings.Compare(a.Path, b.Path) })
	return r
}

// makePlan compares files with what is in dir.
func makePlan(dir string, files []File, force bool) (*plan, error) {
	p := &plan{dir: filepath.Clean(dir)}
	fresh, err := isFresh(dir)
	if err != nil {
		return nil, err
	}
	if fresh {
		p.fresh = true
		for _, f := range files {
			p.add(f, Create, "", f.Data)
		}
		return p, nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, diskFault(dir, "opened", err)
	}
	defer root.Close()
	t := &tree{dir: dir, root: root, lock: &spec.Lock{}}
	if data, err := t.read(spec.LockName); err != nil {
		return nil, err
	} else if data != nil {
		if t.lock, err = spec.ParseLock(t.display(spec.LockName), data); err != nil && !force {
			return nil, err
		} else if err != nil {
			t.lock = &spec.Lock{}
		}
	}
	if err := t.mustNotHaveMoved(files); err != nil {
		return nil, err
	}
	for _, f := range files {
		if err := p.compare(t, f, force); err != nil {
			return nil, err
		}
	}
	if err := p.orphans(t, files); err != nil {
		return nil, err
	}
	if len(p.conflicts) > 0 {
		p.standBack()
	}
	return p, nil
}

func (p *plan) add(f File, a Action, reason string, data []byte) {
	p.steps = append(p.steps, step{FileReport{Path: f.Path, Action: a, Owner: f.Owner, Reason: reason}, data, f.Mode})
}

// leave keeps a file that the project no longer needs.
func (p *plan) leave(name string, o Owner, reason string) {
	p.steps = append(p.steps, step{FileReport: FileReport{Path: name, Action: Keep, Owner: o, Reason: reason, Left: true}})
}

// compare decides about one file by its owner.
func (p *plan) compare(t *tree, f File, force bool) error {
	old, err := t.read(f.Path)
	if err != nil {
		return err
	}
	reason := ""
	switch {
	case old == nil:
		p.add(f, Create, "", f.Data)
		return nil
	case f.Owner == Scaffolded:
		p.add(f, Keep, "yours to edit", nil)
		return nil
	case f.Owner == Merged || f.Path == dotenv:
		if f.Data, reason, err = t.mergeFile(f, old); err != nil {
			return err
		}
	}
	recorded, known := t.lock.Digest(f.Path)
	same := bytes.Equal(old, f.Data)
	switch {
	case same && f.Owner == Secret && t.mode(f.Path) != f.Mode:
		p.add(f, Update, "was readable by others", f.Data)
	case same:
		p.add(f, Keep, "", nil)
	case f.Owner != Generated || f.Path == spec.LockName || known && digest(old) == recorded:
		p.add(f, Update, reason, f.Data)
	case force:
		p.add(f, Update, "was edited; overwritten by --force", f.Data)
	default:
		cause := "was edited since it was generated"
		if !known {
			cause = "was not made by failover-gen"
		}
		p.add(f, Conflict, cause, f.Data)
		p.conflicts = append(p.conflicts, conflict{t.display(f.Path), cause})
	}
	return nil
}

// orphans removes what a former run generated and this one does not, unless it
// was edited, and NAME.new files that nobody needs any more. Secrets are left:
// there may be no other copy.
func (p *plan) orphans(t *tree, files []File) error {
	wanted := make(map[string][]byte, len(files))
	for _, f := range files {
		wanted[f.Path] = f.Data
		if f.Owner != Generated {
			continue
		}
		left, err := t.read(f.Path + newSuffix)
		if err != nil {
			return err
		}
		if left != nil && bytes.Equal(left, f.Data) {
			p.add(File{Path: f.Path + newSuffix, Owner: Generated}, Remove, "no longer needed", nil)
		}
	}
	for _, f := range t.lock.Files {
		if _, ok := wanted[f.Path]; ok || f.Owner != string(Generated) && f.Owner != string(Secret) || !fs.ValidPath(f.Path) {
			continue
		}
		old, err := t.read(f.Path)
		switch {
		case err != nil:
			return err
		case old == nil:
		case f.Path == dotenv:
			p.leave(f.Path, Secret, "no longer kept up to date; delete it yourself if nothing needs it")
		case f.Owner == string(Secret):
			p.leave(f.Path, Secret, "no longer used; delete it yourself")
		case digest(old) == f.SHA256:
			p.add(File{Path: f.Path, Owner: Generated}, Remove, "no longer generated", nil)
		default:
			p.leave(f.Path, Generated, "no longer generated, but it was edited; delete it yourself")
		}
	}
	return nil
}

// standBack turns every replacement into a NAME.new for generated files, and
// into nothing for all others.
func (p *plan) standBack() {
	p.steps = slices.DeleteFunc(p.steps, func(s step) bool { return s.Action == Create })
	for i := range p.steps {
		s := &p.steps[i]
		if s.Action == Conflict || s.Action == Keep {
			continue
		}
		s.Reason = "nothing is replaced while an edited file is in the way"
		if s.Owner == Generated && s.Action == Update && s.Path != spec.LockName {
			s.Action = Conflict
		} else {
			s.Action = Keep
		}
	}
}

// tree reads a project that exists.
type tree struct {
	dir   string
	root  *os.Root
	lock  *spec.Lock
	goMod []byte // as it will be, once it was compared
}

func (t *tree) display(name string) string { return filepath.ToSlash(filepath.Join(t.dir, name)) }

func (t *tree) mode(name string) fs.FileMode {
	info, err := t.root.Lstat(filepath.FromSlash(name))
	if err != nil {
		return 0
	}
	return info.Mode().Perm()
}

// read returns the content of a file, nil if it is not there. Links are
// refused, also on the way to it: what is written must land in the project.
func (t *tree) read(name string) ([]byte, error) {
	for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
		if info, err := t.root.Lstat(filepath.FromSlash(folder)); err == nil && !info.IsDir() {
			return nil, t.refuse(folder, "a folder")
		}
	}
	info, err := t.root.Lstat(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, diskFault(t.display(name), "read", err)
	}
	if !info.Mode().IsRegular() {
		return nil, t.refuse(name, "a file")
	}
	if info.Size() > maxExisting {
		return nil, fault.New(fault.Input, fault.In(t.display(name)), "is far too large for a file of failover-gen", "move it away")
	}
	f, err := t.root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, diskFault(t.display(name), "read", err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		return nil, diskFault(t.display(name), "read", err)
	}
	return append([]byte{}, data...), nil // never nil: an empty file is there
}

func (t *tree) refuse(name, expected string) error {
	return fault.New(fault.Input, fault.In(t.display(name)),
		"is a link or something else where "+expected+" belongs",
		"move it away; failover-gen writes through no link")
}

// isFresh reports whether dir does not exist. A folder that does must be a
// project of ours, or hold nothing but perhaps a new repository.
func isFresh(dir string) (bool, error) {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(dir); err == nil {
			return false, fault.New(fault.Input, fault.In(filepath.ToSlash(dir)), "is a link that leads nowhere", "give another folder")
		}
		return true, nil
	case err != nil:
		return false, diskFault(dir, "opened", err)
	case !info.IsDir():
		return false, fault.New(fault.Input, fault.In(filepath.ToSlash(dir)), "exists and is not a folder", "give a folder that does not exist yet")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, diskFault(dir, "read", err)
	}
	ours := !slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() != ".git" && !strings.HasPrefix(e.Name(), staging) })
	for _, e := range entries {
		ours = ours || e.Name() == spec.FileName || e.Name() == spec.LockName
	}
	if !ours {
		return false, fault.New(fault.Input, fault.In(filepath.ToSlash(dir)),
			"exists and was not made by failover-gen: it holds "+entries[0].Name()+" but no "+spec.FileName,
			"give a folder that does not exist yet")
	}
	return false, nil
}

// diskFault says what could not be done to a file.
func diskFault(name, what string, err error) *fault.Fault {
	cause := err
	var pathErr *fs.PathError
	var linkErr *os.LinkError
	switch {
	case errors.As(err, &pathErr):
		cause = pathErr.Err
	case errors.As(err, &linkErr):
		cause = linkErr.Err
	}
	if errors.Is(err, syscall.ENOTDIR) {
		return fault.Wrap(fault.Input, fault.In(filepath.ToSlash(name)), "leads through something that is no folder", "give another path", err)
	}
	return fault.Wrap(fault.Environment, fault.In(filepath.ToSlash(name)),
		"cannot be "+what+": "+cause.Error(),
		"check its permissions and the space on the disk, then run again", err)
}
