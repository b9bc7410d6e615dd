package tree

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/keystore/place"
)

// Options say how far Apply may go.
type Options struct {
	Force  bool // overwrite what was edited or renewed
	DryRun bool // report, and touch nothing
}

// Apply makes dir hold what is wanted. It is the only place that writes to a
// project. A project that is new appears as a whole or not at all. In one that
// exists, everything is written into a stage first, with a journal of what is to
// be done; a run that is killed after that is completed by the next one, one that
// is killed before leaves the project as it was. Cancelling ctx ends it before the
// first replacement.
//
// If something was edited the error is a fault.List of kind Finding, and nothing
// but NAME.new files is written.
func Apply(ctx context.Context, dir string, w *Want, o Options) (Report, error) {
	if err := Resume(ctx, dir, o.DryRun); err != nil {
		return Report{}, err
	}
	p, err := makePlan(dir, w, o.Force)
	if err != nil {
		return Report{}, err
	}
	if o.DryRun || !p.report().Changed() {
		return p.report(), p.faults(o.DryRun)
	}
	around, err := p.claimAround(ctx)
	if err != nil {
		return Report{}, err
	}
	if around != nil {
		defer around.Release()
	}
	if p.fresh {
		err = p.createTree(ctx)
	} else {
		p, err = updateTree(ctx, dir, w, o.Force)
	}
	if err == nil && around != nil && p.changesAround() {
		err = w.writeAround(around)
	}
	if err != nil {
		return Report{}, err
	}
	return p.report(), p.faults(false)
}

// createTree prepares the whole tree beside its place and moves it there.
func (p *plan) createTree(ctx context.Context) (err error) {
	parent := filepath.Dir(p.dir)
	made, err := makeParents(parent)
	defer func() {
		if err != nil {
			removeEmpty(made)
		}
	}()
	if err != nil {
		return err
	}
	stage, err := NewStage(ctx, p.dir)
	if err != nil {
		return err
	}
	defer func() { stage.Release() }() // before removeEmpty
	prepared := stage.Folder("tree")
	if err := os.Mkdir(prepared, 0o755); err != nil {
		return diskFault(p.dir, "created", err)
	}
	if err := p.writeAll(ctx, prepared); err != nil {
		return err
	}
	if err := os.Chmod(prepared, 0o755); err != nil {
		return diskFault(p.dir, "written", err)
	}
	switch err := os.Rename(prepared, p.dir); {
	case errors.Is(err, fs.ErrExist):
		return fault.Wrap(fault.Environment, fault.In(filepath.ToSlash(p.dir)),
			"appeared meanwhile, and was left as it is",
			"if another run of failover-gen made it, there is nothing to do but to run again", err)
	case err != nil:
		return diskFault(p.dir, "created", err)
	}
	return nil
}

// updateTree claims the project, plans again, since another run may have changed
// it, and does what the plan says.
func updateTree(ctx context.Context, dir string, w *Want, force bool) (*plan, error) {
	stage, err := claim(ctx, filepath.Join(dir, inside), dir, patience)
	if err != nil {
		return nil, err
	}
	defer stage.Release()
	sweep(ctx, dir, inside)
	if err := stage.clear(); err != nil {
		return nil, diskFault(dir, "cleared of the work of a killed run", err)
	}
	p, err := makePlan(dir, w, force)
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(stage.Folder(preparedFolder), 0o700); err != nil {
		return nil, diskFault(dir, "written to", err)
	}
	if err := p.writeAll(ctx, stage.Folder(preparedFolder)); err != nil {
		return nil, err
	}
	if err := stage.writeJournal(p.journal()); err != nil {
		return nil, diskFault(dir, "written to", err)
	}
	return p, stage.replay(dir)
}

const (
	preparedFolder = "files"
	journalFile    = "journal.json"
)

// entry is one line of a journal: a file that takes the place of another, or one
// that is removed.
type entry struct {
	Path   string `json:"path"`
	Remove bool   `json:"remove,omitempty"`
}

// journal lists what is to be done: first the spec, by which the project is
// known as ours, last the lock, by which it is known as complete.
func (p *plan) journal() []entry {
	var first, middle, last []entry
	for _, s := range p.steps {
		e := entry{s.target(), s.Action == Remove}
		switch {
		case s.around || s.Action == Keep || s.Action == Absent:
		case s.Path == p.want.Spec:
			first = append(first, e)
		case s.Path == p.want.Lock:
			last = append(last, e)
		default:
			middle = append(middle, e)
		}
	}
	return append(append(first, middle...), last...)
}

// writeJournal makes the stage one that will be completed: the journal is there
// as a whole or not at all.
func (s *Stage) writeJournal(entries []entry) error {
	data, err := json.Marshal(entries)
	if err != nil {
		return err
	}
	temporary := s.Folder(journalFile + ".tmp")
	f, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(temporary, s.Folder(journalFile))
}

// replay does what the journal says. It can be repeated: what was done before is
// found done.
func (s *Stage) replay(dir string) error {
	data, err := os.ReadFile(s.Folder(journalFile))
	if err != nil {
		return diskFault(s.Folder(journalFile), "read", err)
	}
	var entries []entry
	if err := json.Unmarshal(data, &entries); err != nil {
		return fault.Wrap(fault.Environment, fault.In(filepath.ToSlash(s.Folder(journalFile))), "is damaged: "+err.Error(), "remove the folder "+inside+" and run again", err)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return diskFault(dir, "opened", err)
	}
	defer root.Close()
	made := make(folders)
	for _, e := range entries {
		if err := e.apply(root, made); err != nil {
			return diskFault(filepath.Join(dir, e.Path), "replaced", err)
		}
	}
	return os.Remove(s.Folder(journalFile))
}

func (e entry) apply(root *os.Root, made folders) error {
	target := filepath.FromSlash(e.Path)
	if e.Remove {
		if err := root.Remove(target); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	prepared := filepath.Join(inside, preparedFolder, target)
	if _, err := root.Lstat(prepared); errors.Is(err, fs.ErrNotExist) {
		return nil // a killed run has done it
	}
	if err := made.make(root, path.Dir(e.Path)); err != nil {
		return err
	}
	return root.Rename(prepared, target)
}

// Resume completes the update of a run that was killed. A dry run only says that
// there is one. Call it before the lock of the project is read.
func Resume(ctx context.Context, dir string, dryRun bool) error {
	folder := filepath.Join(dir, inside)
	if _, err := os.Lstat(filepath.Join(folder, journalFile)); err != nil {
		return nil // if the folder cannot be read, the plan says so
	}
	if dryRun {
		return fault.New(fault.Finding, fault.In(filepath.ToSlash(dir)), "a run was killed while it replaced files", "run generate "+filepath.ToSlash(dir)+", which first completes that")
	}
	stage, err := claim(ctx, folder, dir, patience)
	if err != nil {
		return err
	}
	defer stage.Release()
	if _, err := os.Lstat(stage.Folder(journalFile)); err != nil {
		return nil // another run has completed it meanwhile
	}
	return stage.replay(dir)
}

// target is the name that the step writes to.
func (s *step) target() string {
	if s.Action == Conflict {
		return s.Path + newSuffix
	}
	return s.Path
}

// writeAll writes what the plan creates or changes into an empty folder, under
// the names that the files will have.
func (p *plan) writeAll(ctx context.Context, folder string) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return diskFault(folder, "opened", err)
	}
	defer root.Close()
	made := make(folders)
	for _, s := range p.steps {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.around || !s.writes() {
			continue
		}
		err := made.make(root, path.Dir(s.target()))
		if err == nil {
			err = writeFile(root, s)
		}
		if err != nil {
			return diskFault(filepath.Join(p.dir, s.target()), "written, so nothing was changed", err)
		}
	}
	return nil
}

// writeFile writes one file with its mode, whatever the umask. Secrets are
// synced to the disk; the rest can be generated again.
func writeFile(root *os.Root, s step) error {
	if s.Owner == Secret {
		_, err := place.Write(root, s.target(), s.data)
		return err
	}
	f, err := root.OpenFile(filepath.FromSlash(s.target()), os.O_WRONLY|os.O_CREATE|os.O_EXCL, s.mode)
	if err != nil {
		return err
	}
	_, err = f.Write(s.data)
	return errors.Join(err, f.Chmod(s.mode), f.Close())
}

// folders are those that are known to be there, so that each is made once.
type folders map[string]bool

// make makes a folder and those above it inside root, mode 0755.
func (made folders) make(root *os.Root, folder string) error {
	if folder == "." || made[folder] {
		return nil
	}
	if err := made.make(root, path.Dir(folder)); err != nil {
		return err
	}
	name := filepath.FromSlash(folder)
	err := root.Mkdir(name, 0o755)
	switch {
	case err == nil:
		err = root.Chmod(name, 0o755)
	case errors.Is(err, fs.ErrExist):
		err = nil
	}
	made[folder] = err == nil
	return err
}

// makeParents makes the folder and those above it that are missing, and returns
// them from the topmost down.
func makeParents(folder string) (made []string, err error) {
	if _, err := os.Stat(folder); err == nil || !errors.Is(err, fs.ErrNotExist) {
		return nil, nil // if it cannot be used, the next step says so
	}
	if made, err = makeParents(filepath.Dir(folder)); err != nil {
		return made, err
	}
	if err := os.Mkdir(folder, 0o755); err != nil {
		return made, diskFault(folder, "created", err)
	}
	return append(made, folder), nil
}

func removeEmpty(folders []string) {
	for i := len(folders) - 1; i >= 0; i-- {
		os.Remove(folders[i]) // fails if something was put in meanwhile, and should
	}
}
