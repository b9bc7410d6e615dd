package tree

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// Names of the folders in which a run prepares its work. Both begin as the
// .gitignore of every project expects.
const (
	staging = ".failover-gen-"
	// beside starts the name of the folder for a new project, which lies beside it.
	beside = staging + "new-"
	// inside is the folder for a project that exists, which lies in it.
	inside = staging + "work"
)

// ownerFile is locked by the run that uses a stage. The system unlocks it when
// the run ends, however it ends.
const ownerFile = "owner"

// patience is how long a run waits for another one that works in the same place.
const patience = 10 * time.Second

// Stage is a folder in which one run prepares its work, beside the place where
// the work will be. No two runs hold the same stage.
type Stage struct {
	dir  string
	lock *flock.Flock
}

// NewStage claims the stage for a new folder at target, whose parent exists. It
// takes over the stage of a run that was killed, and removes those of other
// killed runs beside it. Release must be called.
func NewStage(ctx context.Context, target string) (*Stage, error) {
	parent, name := filepath.Split(filepath.Clean(target))
	s, err := claim(ctx, filepath.Join(parent, beside+name), target, patience)
	if err != nil {
		return nil, err
	}
	if err := s.clear(); err != nil {
		s.Release()
		return nil, diskFault(target, "cleared of the work of a killed run", err)
	}
	sweep(ctx, filepath.Dir(s.dir), filepath.Base(s.dir))
	return s, nil
}

// Folder returns the path of a name in the stage.
func (s *Stage) Folder(name string) string { return filepath.Join(s.dir, name) }

// Release removes the stage with all that is left in it.
func (s *Stage) Release() {
	_ = os.RemoveAll(s.dir) // what cannot be removed now is removed by the next run
	_ = s.lock.Close()
}

// claim makes the folder and locks it, or waits up to wait for the run that has it.
// Errors name the place that the work is for.
func claim(ctx context.Context, folder, place string, wait time.Duration) (*Stage, error) {
	for begun := time.Now(); ; {
		if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
			return nil, diskFault(place, "written to", err)
		}
		if info, err := os.Lstat(folder); err == nil && !info.IsDir() {
			return nil, fault.New(fault.Input, fault.In(filepath.ToSlash(folder)), "is not a folder, and failover-gen needs this name for its work", "move it away")
		}
		s := &Stage{folder, flock.New(filepath.Join(folder, ownerFile), flock.SetPermissions(0o600))}
		locked, err := s.lock.TryLock()
		switch {
		case locked && s.isThere():
			return s, s.hide(place)
		case locked: // it was another run's, and was removed before we locked it
			_ = s.lock.Close()
			continue
		case errors.Is(err, fs.ErrNotExist):
			continue
		case err != nil:
			return nil, diskFault(place, "written to", err)
		case time.Since(begun) > wait:
			return nil, fault.New(fault.Environment, fault.In(filepath.ToSlash(place)), "another run of failover-gen is at work here", "wait until it has ended, then run again")
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// isThere reports whether the file that was locked is still the one in the folder.
func (s *Stage) isThere() bool {
	held, err := s.lock.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(filepath.Join(s.dir, ownerFile))
	return err == nil && os.SameFile(held, there)
}

// hide keeps the stage out of version control, should this run be killed.
func (s *Stage) hide(place string) error {
	if err := os.WriteFile(s.Folder(".gitignore"), []byte("*\n"), 0o600); err != nil {
		s.Release()
		return diskFault(place, "written to", err)
	}
	return nil
}

// clear removes what a killed run left in the stage.
func (s *Stage) clear() error {
	entries, err := os.ReadDir(s.dir)
	for _, e := range entries {
		if e.Name() != ownerFile && e.Name() != ".gitignore" {
			err = errors.Join(err, os.RemoveAll(s.Folder(e.Name())))
		}
	}
	return err
}

// sweep removes the stages in folder whose run is gone, but not the one named
// except and not the one of a project that exists: that one may hold the rest of
// an update. Errors do not count: the stages of others are not our business.
func sweep(ctx context.Context, folder, except string) {
	entries, _ := os.ReadDir(folder)
	for _, e := range entries {
		if !e.IsDir() || !strings.HasPrefix(e.Name(), staging) || e.Name() == except || e.Name() == inside {
			continue
		}
		if s, err := claim(ctx, filepath.Join(folder, e.Name()), folder, 0); err == nil {
			s.Release()
		}
	}
}
