package tree

import (
	"bytes"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// step is what is done about one file.
type step struct {
	FileReport
	data []byte      // to be written, for Create, Update and Conflict
	mode fs.FileMode // of what is written
	// always says that the step is done even if an edited file is in the way.
	always bool
	// around says that the file is one of Want.Around, and old what is there.
	around bool
	old    []byte
}

// plan is everything that is going to be done. Making it changes nothing.
type plan struct {
	dir   string
	want  *Want
	fresh bool // dir does not exist
	steps []step
	// conflicts are what the user has edited and we want to replace. If there are
	// any, nothing but NAME.new files is written.
	conflicts []conflict
}

// conflict is something of the user's in the way, and what to do about it.
type conflict struct {
	at     fault.Position
	cause  string
	beside string // the name of what is put beside it, if anything is
	remedy string // after what is said of beside
}

// faults tells of the conflicts what was done, or with a dry run would be.
func (p *plan) faults(dryRun bool) error {
	var list fault.List
	for _, c := range p.conflicts {
		cause, remedy := c.cause+", so nothing was replaced", c.remedy
		if c.beside != "" {
			remedy = "compare it with " + c.beside + " beside it; " + remedy
		}
		if dryRun {
			cause, remedy = c.cause+", so nothing would be replaced", c.remedy
			if c.beside != "" {
				remedy = "without --dry-run " + c.beside + " is put beside it to compare; " + remedy
			}
		}
		list = append(list, fault.New(fault.Finding, c.at, cause, remedy))
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

// makePlan plans what Apply does: what comparePlan says, unless something of the
// user's is in the way.
func makePlan(dir string, w *Want, force bool) (*plan, error) {
	p, err := comparePlan(dir, w, force)
	if err == nil && len(p.conflicts) > 0 {
		p.standBack()
	}
	return p, err
}

// comparePlan compares what is wanted with what is in dir.
func comparePlan(dir string, w *Want, force bool) (*plan, error) {
	p := &plan{dir: filepath.Clean(dir), want: w}
	fresh, err := w.isFresh(dir)
	if err != nil {
		return nil, err
	}
	if fresh {
		p.fresh = true
		for _, f := range w.Files {
			p.add(f, Create, "", f.Data)
		}
		if err := p.addAround(); err != nil {
			return nil, err
		}
		return p, p.secrets(nil, force)
	}
	d, err := openDisk(dir)
	if err != nil {
		return nil, err
	}
	defer d.close()
	if err := p.sameLock(d, force); err != nil {
		return nil, err
	}
	if err := w.mustNotHaveMoved(d); err != nil {
		return nil, err
	}
	if err := p.files(d, force); err != nil {
		return nil, err
	}
	if err := p.addAround(); err != nil {
		return nil, err
	}
	return p, p.secrets(d, force)
}

// sameLock refuses a project whose lock is not the one that was read: another
// run has changed the project in between.
func (p *plan) sameLock(d *disk, force bool) error {
	text, err := d.read(p.want.Lock)
	if err != nil || force && p.want.LockText == nil || bytes.Equal(text, p.want.LockText) {
		return err
	}
	return fault.New(fault.Environment, fault.In(d.display(p.want.Lock)), "was changed while this run was at work", "run it again")
}

func (p *plan) add(f File, a Action, reason string, data []byte) {
	p.steps = append(p.steps, step{FileReport: FileReport{Path: f.Path, Action: a, Owner: f.Owner, Reason: reason}, data: data, mode: f.Mode})
}

// tell reports a file to which nothing is done.
func (p *plan) tell(name string, a Action, o Owner, reason string) {
	p.steps = append(p.steps, step{FileReport: FileReport{Path: name, Action: a, Owner: o, Reason: reason, Told: true}})
}

// files decides about every file that is not a secret.
func (p *plan) files(d *disk, force bool) error {
	recorded := make(map[string]Recorded)
	for _, r := range p.want.Recorded {
		recorded[r.Path] = r
	}
	var goMod []byte // as it will be
	for _, f := range p.want.Files {
		old, err := d.read(f.Path)
		if err != nil {
			return err
		}
		if old != nil && f.Owner == Merged {
			if f.Data, err = f.merged(d, p.want.Files, old, &goMod); err != nil {
				return err
			}
		}
		was, known := recorded[f.Path]
		p.compare(d, f, old, was, known, force)
	}
	return p.orphans(d)
}

// merged returns old with what f, one of files, asks for. goMod is the go.mod as it
// will be, which comes before go.sum.
func (f *File) merged(d *disk, files []File, old []byte, goMod *[]byte) (data []byte, err error) {
	switch f.Path {
	case "go.mod":
		var sums []byte
		if i := slices.IndexFunc(files, func(f File) bool { return f.Path == "go.sum" }); i >= 0 {
			sums = files[i].Data
		}
		*goMod, err = mergeGoMod(d.display(f.Path), f.Data, sums, old)
		return *goMod, err
	case "go.sum":
		return mergeGoSum(f.Data, old, *goMod), nil
	}
	return f.Data, nil
}

// compare decides about one file by its owner.
func (p *plan) compare(d *disk, f File, old []byte, was Recorded, known, force bool) {
	cause := "was edited since it was generated"
	if !known {
		cause = "was not made by failover-gen"
	}
	switch {
	case f.Owner == Scaffolded && slices.Contains(p.want.Take, f.Path) && bytes.Equal(old, f.Data):
		p.add(f, Keep, "as its template", nil)
	case f.Owner == Scaffolded && slices.Contains(p.want.Take, f.Path):
		p.add(f, createOrUpdate(old), p.want.takeReason(f.Path), f.Data)
	case old == nil && known && f.Owner == Scaffolded && f.Path != p.want.Spec:
		p.add(f, Absent, away, nil)
	case old == nil:
		p.add(f, Create, "", f.Data)
	case f.Owner == Scaffolded && f.movedOn(old, was) != "": // the lock forgets it with this run
		p.tell(f.Path, Keep, Scaffolded, f.movedOn(old, was))
	case f.Owner == Scaffolded:
		p.add(f, Keep, "yours to edit", nil)
	case bytes.Equal(old, f.Data):
		p.add(f, Keep, "", nil)
	case f.Owner == Merged || f.Path == p.want.Lock || known && Digest(old) == was.SHA256:
		p.add(f, Update, "", f.Data)
	case force:
		p.add(f, Update, "was edited; overwritten by --force", f.Data)
	default:
		p.add(f, Conflict, cause, f.Data)
		p.conflicts = append(p.conflicts, conflict{at: fault.In(d.display(f.Path)), cause: cause, beside: path.Base(f.Path) + newSuffix, remedy: "--force overwrites"})
	}
}

// takeReason says why a file of the user's is written.
func (w *Want) takeReason(name string) string {
	if name == w.Spec {
		return "as the flags say"
	}
	return "taken from its template"
}

func createOrUpdate(old []byte) Action {
	if old == nil {
		return Create
	}
	return Update
}

// orphans removes what a former run generated and this one does not, unless it
// was edited, and NAME.new files that are no longer needed. Secrets are left:
// there may be no other copy.
func (p *plan) orphans(d *disk) error {
	wanted := make(map[string]bool)
	for _, f := range p.want.Files {
		wanted[f.Path] = true
		if f.Owner != Generated {
			continue
		}
		if err := p.dropNew(d, f.Path, Generated, f.Data); err != nil {
			return err
		}
	}
	for _, s := range p.want.Secrets {
		wanted[s.Path] = true
	}
	wanted[memoryPath] = true
	for from := range p.want.Moves.Paths {
		wanted[from] = true // the plan of the secrets tells what becomes of it
	}
	for _, r := range p.want.Recorded {
		if wanted[r.Path] || r.Owner != Generated && r.Owner != Secret || !fs.ValidPath(r.Path) {
			continue
		}
		old, err := d.read(r.Path)
		switch {
		case err != nil:
			return err
		case old == nil:
		case r.Path == Dotenv:
			p.tell(r.Path, Keep, Secret, "no longer kept up to date; delete it yourself if nothing needs it")
		case r.Owner == Secret:
			p.tell(r.Path, Keep, Secret, "no longer used; delete it yourself")
		case Digest(old) == r.SHA256:
			p.add(File{Path: r.Path, Owner: Generated}, Remove, "no longer generated", nil)
		default:
			p.tell(r.Path, Keep, Generated, "no longer generated, but it was edited; delete it yourself")
		}
	}
	return nil
}

// dropNew removes NAME.new once NAME is to be what stands in it.
func (p *plan) dropNew(d *disk, name string, o Owner, data []byte) error {
	left, err := d.read(name + newSuffix)
	if left != nil && bytes.Equal(left, data) {
		p.add(File{Path: name + newSuffix, Owner: o}, Remove, "no longer needed", nil)
	}
	return err
}

// standBack turns every replacement into a NAME.new for generated files, and
// into nothing for all others.
func (p *plan) standBack() {
	p.steps = slices.DeleteFunc(p.steps, func(s step) bool { return s.Action == Create && !s.always })
	for i := range p.steps {
		s := &p.steps[i]
		if s.always || s.Action == Conflict || s.Action == Keep || s.Action == Absent {
			continue
		}
		s.Reason = "nothing is replaced while an edited file is in the way"
		if s.Owner == Generated && s.Action == Update && s.Path != p.want.Lock {
			s.Action = Conflict
		} else {
			s.Action = Keep
		}
	}
}
