package generate

import (
	"errors"
	"io/fs"
	"path/filepath"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// Outside refuses an output folder that lies inside a bundle's directory, where
// it would become part of what it is made from.
func Outside(dir string, bundles []string) error {
	target, err := realPath(dir)
	if err != nil {
		return diskFault(dir, "found", err)
	}
	for _, b := range bundles {
		source, err := realPath(b)
		if err != nil {
			return diskFault(b, "found", err)
		}
		if rel, err := filepath.Rel(source, target); err == nil && filepath.IsLocal(rel) {
			return &fault.Fault{Kind: fault.Input, File: filepath.ToSlash(dir), Cause: "lies inside the bundle " + filepath.ToSlash(b), Remedy: "give a folder outside of it"}
		}
	}
	return nil
}

// Relative gives the path of a bundle as failover.yaml in dir names it:
// slash-separated and relative to dir, with links resolved so that it holds
// from whatever side dir is reached.
func Relative(dir, bundle string) (string, error) {
	from, err := realPath(dir)
	if err != nil {
		return "", diskFault(dir, "found", err)
	}
	to, err := realPath(bundle)
	if err != nil {
		return "", diskFault(bundle, "found", err)
	}
	if rel, err := filepath.Rel(from, to); err == nil {
		return filepath.ToSlash(rel), nil
	}
	return filepath.ToSlash(to), nil // on another volume
}

// DefaultModule returns the module path of a project in dir whose user gave none.
func DefaultModule(dir string) (string, error) {
	real, err := realPath(dir)
	if err != nil {
		return "", diskFault(dir, "found", err)
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
