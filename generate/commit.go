package generate

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/keystore/place"
)

// CommitOptions say how far a commit may go.
type CommitOptions struct {
	Force  bool // overwrite generated files that were edited
	DryRun bool // report, and touch nothing
}

// Report says what a commit did, or would do, in order of path.
type Report struct{ Files []FileReport }

// Changed reports whether anything was, or would be, written or removed.
func (r Report) Changed() bool {
	for _, f := range r.Files {
		if f.Action != Keep {
			return true
		}
	}
	return false
}

// Commit makes dir hold files. It is the only place that touches the disk. A
// project that is new appears as a whole or not at all. In one that exists,
// everything is written beside before the first file is replaced, each file is
// replaced at once, and the lock comes last, so that a commit that was killed
// can be repeated. Cancelling ctx ends it before the first replacement.
//
// If a generated file was edited the error is a fault.List of kind Finding, and
// nothing but NAME.new files is written.
func Commit(ctx context.Context, dir string, files []File, o CommitOptions) (Report, error) {
	p, err := makePlan(dir, files, o.Force)
	if err != nil {
		return Report{}, err
	}
	report := p.report()
	if !o.DryRun && report.Changed() {
		if p.fresh {
			err = p.createTree(ctx)
		} else {
			err = p.updateTree(ctx)
		}
		if err != nil {
			return Report{}, err
		}
	}
	return report, p.faults(o.DryRun)
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
	temporary, err := os.MkdirTemp(parent, staging)
	if err != nil {
		return diskFault(p.dir, "created", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temporary))
		}
	}()
	if err := p.writeAll(ctx, temporary); err != nil {
		return err
	}
	if err := os.Chmod(temporary, 0o755); err != nil {
		return diskFault(p.dir, "written", err)
	}
	switch err := os.Rename(temporary, p.dir); {
	case errors.Is(err, fs.ErrExist):
		return fault.Wrap(fault.Environment, fault.In(filepath.ToSlash(p.dir)),
			"appeared meanwhile, and was left as it is",
			"if another run of failover-gen made it, there is nothing to do but to run again", err)
	case err != nil:
		return diskFault(p.dir, "created", err)
	}
	return nil
}

// updateTree prepares what changes in a folder inside the project and moves it
// file by file: failover.yaml first, by which the project is known as ours, the
// lock last, by which it is known as complete.
func (p *plan) updateTree(ctx context.Context) error {
	root, err := os.OpenRoot(p.dir)
	if err != nil {
		return diskFault(p.dir, "opened", err)
	}
	defer root.Close()
	if err := removeStaging(root); err != nil {
		return diskFault(p.dir, "cleared of a former run's work", err)
	}
	temporary, err := os.MkdirTemp(p.dir, staging)
	if err != nil {
		return diskFault(p.dir, "written to", err)
	}
	defer os.RemoveAll(temporary)
	if err := p.writeAll(ctx, temporary); err != nil {
		return err
	}
	for _, s := range p.ordered() {
		if err := s.apply(root, filepath.Base(temporary)); err != nil {
			return diskFault(filepath.Join(p.dir, s.target()), "replaced", err)
		}
	}
	return nil
}

// ordered are the steps that change something, in the order of updateTree.
func (p *plan) ordered() []step {
	var first, middle, last []step
	for _, s := range p.steps {
		switch {
		case s.Action == Keep:
		case s.Path == spec.FileName:
			first = append(first, s)
		case s.Path == spec.LockName:
			last = append(last, s)
		default:
			middle = append(middle, s)
		}
	}
	return append(append(first, middle...), last...)
}

// target is the name that the step writes to.
func (s *step) target() string {
	if s.Action == Conflict {
		return s.Path + newSuffix
	}
	return s.Path
}

// apply moves one prepared file into its place, or removes one.
func (s *step) apply(root *os.Root, prepared string) error {
	target := filepath.FromSlash(s.target())
	if s.Action == Remove {
		return root.Remove(target)
	}
	if err := makeFolders(root, path.Dir(s.target())); err != nil {
		return err
	}
	return root.Rename(filepath.Join(prepared, target), target)
}

// writeAll writes what the plan creates or changes into an empty folder, under
// the names that the files will have.
func (p *plan) writeAll(ctx context.Context, folder string) error {
	root, err := os.OpenRoot(folder)
	if err != nil {
		return diskFault(folder, "opened", err)
	}
	defer root.Close()
	for _, s := range p.ordered() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.Action == Remove {
			continue
		}
		err := makeFolders(root, path.Dir(s.target()))
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

// makeFolders makes a folder and those above it inside root, mode 0755.
func makeFolders(root *os.Root, folder string) error {
	if folder == "." {
		return nil
	}
	if err := makeFolders(root, path.Dir(folder)); err != nil {
		return err
	}
	name := filepath.FromSlash(folder)
	switch err := root.Mkdir(name, 0o755); {
	case err == nil:
		return root.Chmod(name, 0o755)
	case errors.Is(err, fs.ErrExist):
		return nil
	default:
		return err
	}
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
		os.Remove(folders[i]) // fails if someone has put something in meanwhile, and should
	}
}

// removeStaging removes what a commit that was killed left behind.
func removeStaging(root *os.Root) error {
	entries, err := fs.ReadDir(root.FS(), ".")
	if err != nil {
		return err
	}
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), staging) {
			err = errors.Join(err, root.RemoveAll(e.Name()))
		}
	}
	return err
}
