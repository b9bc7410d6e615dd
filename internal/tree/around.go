package tree

import (
	"bytes"
	"context"
	"os"
	"path"
	"path/filepath"
)

// A package changes two files outside of its folder: go.mod and go.sum of the module
// around it. They are written after the folder, each as a whole. A run that is
// killed in between leaves a module that asks for too little, which check finds and
// the next generate repairs.

// addAround plans what is done about the files of the module around the package.
func (p *plan) addAround() error {
	a := p.want.Around
	if a == nil {
		return nil
	}
	d, err := openDisk(a.Root)
	if err != nil {
		return err
	}
	defer d.close()
	var goMod []byte // as it will be
	for _, f := range a.Files {
		old, err := d.read(f.Path)
		if err != nil {
			return err
		}
		s := step{FileReport: FileReport{Path: path.Join(a.Up, f.Path), Action: Create, Owner: f.Owner}, data: f.Data, mode: f.Mode, around: true, old: old}
		if old != nil {
			if s.data, err = f.merged(d, a.Files, old, &goMod); err != nil {
				return err
			}
			s.mode, s.Action = d.mode(f.Path), Update
			if bytes.Equal(old, s.data) {
				s.Action = Keep
			}
		}
		p.steps = append(p.steps, s)
	}
	return nil
}

// changesAround reports whether a file of the module around is to be written.
func (p *plan) changesAround() bool {
	for _, s := range p.steps {
		if s.around && s.writes() {
			return true
		}
	}
	return false
}

// writes reports whether the step writes a file.
func (s *step) writes() bool { return s.Action != Keep && s.Action != Absent && s.Action != Remove }

// claimAround claims the module around for this run, so that no other run merges
// into the same files; nil if nothing is to be written there.
func (p *plan) claimAround(ctx context.Context) (*Stage, error) {
	if !p.changesAround() {
		return nil, nil
	}
	return NewStage(ctx, filepath.Join(p.want.Around.Root, "go.mod"))
}

// writeAround merges into the files of the module around. It reads them again,
// because another run may have changed them before this one claimed them.
func (w *Want) writeAround(stage *Stage) error {
	now := plan{want: w}
	if err := now.addAround(); err != nil {
		return err
	}
	root, err := os.OpenRoot(stage.dir)
	if err != nil {
		return diskFault(stage.dir, "opened", err)
	}
	defer root.Close()
	for _, s := range now.steps {
		if !s.writes() {
			continue
		}
		target := filepath.Join(w.Around.Root, path.Base(s.Path))
		s.Path = path.Base(s.Path)
		err := writeFile(root, s)
		if err == nil {
			err = os.Rename(stage.Folder(s.Path), target)
		}
		if err != nil {
			return diskFault(target, "replaced", err)
		}
	}
	return nil
}
