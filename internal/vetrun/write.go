package vetrun

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// Write makes the changes. Each file is replaced as a whole: all are written beside
// their places first, and take them once none has failed. A file that is no longer
// as it was read stops it before that.
func (r *Repair) Write() (err error) {
	type draft struct{ from, to string }
	var drafts []draft
	defer func() {
		for _, d := range drafts {
			_ = os.Remove(d.from) // it is gone where it has taken its place
		}
	}()
	for _, c := range r.Changes {
		place, err := filepath.EvalSymlinks(filepath.FromSlash(c.File))
		if err != nil {
			return unreadable(c.File, err)
		}
		now, err := os.ReadFile(place)
		if err != nil {
			return unreadable(c.File, err)
		}
		if !bytes.Equal(now, c.Old) {
			return fault.New(fault.Finding, fault.In(c.File), "has changed while it was analysed; nothing was written", "run it again")
		}
		name, err := writeDraft(place, c.New)
		if name != "" {
			drafts = append(drafts, draft{name, place})
		}
		if err != nil {
			return unwritable(c.File, err)
		}
	}
	for i, d := range drafts {
		if err := os.Rename(d.from, d.to); err != nil {
			return unwritable(r.Changes[i].File, err)
		}
	}
	return nil
}

// writeDraft writes data beside place, with the permissions of what is there.
func writeDraft(place string, data []byte) (name string, err error) {
	info, err := os.Stat(place)
	if err != nil {
		return "", err
	}
	f, err := os.CreateTemp(filepath.Dir(place), ".failover-gen-*")
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	return f.Name(), errors.Join(err, f.Chmod(info.Mode().Perm()), f.Sync(), f.Close())
}

func unwritable(name string, err error) error {
	return fault.Wrap(fault.Environment, fault.In(name), "cannot be replaced: "+err.Error(), "check permissions and space, then run it again", err)
}
