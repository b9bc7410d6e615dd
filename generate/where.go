package generate

import (
	"errors"
	"io/fs"
	"path/filepath"
	"syscall"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// Outside refuses an output folder that lies inside a bundle's directory, where
// it would become part of what it is made from.
func Outside(dir string, bundles []string) error {
	target, err := realPath(dir)
	if err != nil {
		return notFound(dir, err)
	}
	for _, b := range bundles {
		source, err := realPath(b)
		if err != nil {
			return notFound(b, err)
		}
		if rel, err := filepath.Rel(source, target); err == nil && filepath.IsLocal(rel) {
			f := fault.New(fault.Input, fault.In(filepath.ToSlash(dir)), "lies inside the bundle "+filepath.ToSlash(b), "give a folder outside of it")
			if rel == "." {
				f.Cause, f.Remedy = "is a bundle itself", "give another folder for the project"
			}
			return f
		}
	}
	return nil
}

// Relative gives the path of a bundle as failover.yaml in dir names it:
// slash-separated and relative to dir. It climbs from dir by real folders, so
// that it holds from whatever side dir is reached, and goes down by the names
// that the user gave: a link to the current bundle may lead elsewhere next time.
func Relative(dir, bundle string) (string, error) {
	from, err := realPath(dir)
	if err != nil {
		return "", notFound(dir, err)
	}
	to, err := filepath.Abs(bundle)
	if err != nil {
		return "", notFound(bundle, err)
	}
	given := filepath.Base(to)
	for folder := filepath.Dir(to); ; folder = filepath.Dir(folder) {
		real, err := realPath(folder)
		if err != nil {
			return "", notFound(bundle, err)
		}
		if below, err := filepath.Rel(real, from); err == nil && filepath.IsLocal(below) {
			rel, err := filepath.Rel(from, filepath.Join(real, given))
			return filepath.ToSlash(rel), err
		}
		if filepath.Dir(folder) == folder {
			return filepath.ToSlash(to), nil // on another volume
		}
		given = filepath.Join(filepath.Base(folder), given)
	}
}

// Located is where the bundle lies that failover.yaml in dir names: as the user
// would write it, unless dir is reached by a link on another way.
func Located(dir, bundle string) (string, error) {
	name := filepath.FromSlash(bundle)
	if filepath.IsAbs(name) {
		return name, nil
	}
	real, err := realPath(dir)
	if err != nil {
		return "", notFound(dir, err)
	}
	written, meant := filepath.Join(dir, name), filepath.Join(real, name)
	a, errA := realPath(written)
	b, errB := realPath(meant)
	if errA != nil || errB != nil || a != b {
		return meant, nil // if it cannot be read, the reader of the bundle says so
	}
	return written, nil
}

// DefaultModule returns the module path of a project in dir whose user gave none.
func DefaultModule(dir string) (string, error) {
	real, err := realPath(dir)
	if err != nil {
		return "", notFound(dir, err)
	}
	return spec.ModuleFor(filepath.Base(real)), nil
}

// realPath is the absolute path of name with links resolved as far as it exists.
func realPath(name string) (string, error) {
	abs, err := filepath.Abs(name)
	if err != nil {
		return "", err
	}
	rest := ""
	for {
		real, err := filepath.EvalSymlinks(abs)
		if err == nil {
			return filepath.Join(real, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || filepath.Dir(abs) == abs {
			return "", err
		}
		rest = filepath.Join(filepath.Base(abs), rest)
		abs = filepath.Dir(abs)
	}
}

// notFound is about a path whose place on the disk cannot be told.
func notFound(name string, err error) error {
	cause := err
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		cause = pathErr.Err
	}
	if errors.Is(err, syscall.ENOTDIR) {
		return fault.Wrap(fault.Input, fault.In(filepath.ToSlash(name)), "leads through something that is not a folder", "give another path", err)
	}
	return fault.Wrap(fault.Environment, fault.In(filepath.ToSlash(name)), "cannot be found: "+cause.Error(), "check the path and its permissions", err)
}
