package tree

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// maxExisting bounds a file of a project that is read for comparison, in bytes.
const maxExisting = 32 << 20

// disk reads a project that exists.
type disk struct {
	dir  string
	root *os.Root
}

func openDisk(dir string) (*disk, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, diskFault(dir, "opened", err)
	}
	return &disk{dir, root}, nil
}

func (d *disk) close() { _ = d.root.Close() }

// display names a file as the user would.
func (d *disk) display(name string) string { return filepath.ToSlash(filepath.Join(d.dir, name)) }

func (d *disk) mode(name string) fs.FileMode {
	info, err := d.root.Lstat(filepath.FromSlash(name))
	if err != nil {
		return 0
	}
	return info.Mode().Perm()
}

// read returns the content of a file, nil if it is not there. Links are
// refused, also on the way to it: what is written must land in the project.
func (d *disk) read(name string) ([]byte, error) {
	for folder := path.Dir(name); folder != "."; folder = path.Dir(folder) {
		if info, err := d.root.Lstat(filepath.FromSlash(folder)); err == nil && !info.IsDir() {
			return nil, d.refuse(folder, "a folder")
		}
	}
	info, err := d.root.Lstat(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, diskFault(d.display(name), "read", err)
	}
	if !info.Mode().IsRegular() {
		return nil, d.refuse(name, "a file")
	}
	if info.Size() > maxExisting {
		return nil, fault.New(fault.Input, fault.In(d.display(name)), "is far too large for a file of failover-gen", "move it away")
	}
	f, err := d.root.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, diskFault(d.display(name), "read", err)
	}
	defer f.Close()
	b := bytes.NewBuffer(make([]byte, 0, info.Size()+bytes.MinRead)) // never nil: an empty file is there
	if _, err := b.ReadFrom(f); err != nil {
		return nil, diskFault(d.display(name), "read", err)
	}
	return b.Bytes(), nil
}

func (d *disk) refuse(name, expected string) error {
	return fault.New(fault.Input, fault.In(d.display(name)),
		"is a link or something else where "+expected+" belongs",
		"move it away; failover-gen does not write through links")
}

// isFresh reports whether dir does not exist. A folder that exists must be a
// project of ours, or hold nothing but perhaps a new repository.
func (w *Want) isFresh(dir string) (bool, error) {
	info, err := os.Stat(dir)
	name := fault.In(filepath.ToSlash(dir))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if _, err := os.Lstat(dir); err == nil {
			return false, fault.New(fault.Input, name, "is a link that leads nowhere", "give another folder")
		}
		return true, nil
	case err != nil:
		return false, diskFault(dir, "opened", err)
	case !info.IsDir():
		return false, fault.New(fault.Input, name, "exists and is not a folder", "give a folder that does not exist yet")
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return false, diskFault(dir, "read", err)
	}
	entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == ".git" || strings.HasPrefix(e.Name(), staging) })
	ours := len(entries) == 0 || slices.ContainsFunc(entries, func(e fs.DirEntry) bool { return e.Name() == w.Spec || e.Name() == w.Lock })
	if !ours {
		return false, fault.New(fault.Input, name,
			"exists and was not made by failover-gen: it holds "+entries[0].Name()+" but no "+w.Spec,
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
		return fault.Wrap(fault.Input, fault.In(filepath.ToSlash(name)), "leads through something that is not a folder", "give another path", err)
	}
	remedy := "check its permissions and the space on the disk, then run again"
	switch {
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		remedy = "make room on the disk, then run again"
	case errors.Is(err, fs.ErrPermission) || what == "read" || what == "opened":
		remedy = "check its permissions, then run again"
	}
	return fault.Wrap(fault.Environment, fault.In(filepath.ToSlash(name)), "cannot be "+what+": "+cause.Error(), remedy, err)
}
