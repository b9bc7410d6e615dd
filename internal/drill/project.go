package drill

import (
	"errors"
	"io/fs"
	"path/filepath"
	"syscall"
	"time"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// project is what a drill needs to know of a generated project.
type project struct {
	dir       string
	isPackage bool
	main      string // the folder of the program: dir, unless the project is a package
	work      string // the folder in which the program runs
	kind      kind
	size      int // how many targets a drill gives it
	// callTimeout is how long a call may take whose caller gave no deadline.
	callTimeout time.Duration
	// startTimeout is how long the project may take to its first write.
	startTimeout time.Duration
	// rest is how long the project is left alone where nothing must happen.
	rest time.Duration
	live *live // what the drill runs on; nil: stand-ins

	// Of a project of spec.KindHazelcast: its clusters, with the names and users that it
	// was generated with, and whether it keeps a client connected to the next one.
	clusters []spec.Cluster
	pem      []bool // by cluster: it has PEM files in place of both stores
	failover spec.Failover
	warm     bool

	// Of a project of spec.KindWebservice: how its calls are made, whether it may
	// repeat one that may have been carried out, where its endpoints are listed, and why a
	// drill has no such registry for it, "" where it has.
	calls      spec.Calls
	mayRepeat  bool
	registry   spec.Registry
	noRegistry string
}

// load reads failover.yaml and, where that leaves values to the bundles,
// failover.lock.
func load(dir string) (*project, error) {
	path := filepath.Join(dir, spec.FileName)
	s, err := spec.Load(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault.Wrap(fault.Input, fault.In(path), "is not there", "give the folder of a project that failover-gen generated", err)
	case errors.Is(err, syscall.ENOTDIR):
		return nil, fault.Wrap(fault.Input, fault.In(dir), "is not a folder", "give the folder of a project that failover-gen generated", err)
	case err != nil:
		return nil, err
	}
	lock, err := spec.LoadLock(filepath.Join(dir, spec.LockName))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	if lock == nil || lock.Spec != s.Digest() {
		return nil, fault.New(fault.Finding, fault.In(path),
			"says something other than the project was generated from, so a drill would prove nothing about it",
			"generate it again first: failover-gen generate "+filepath.ToSlash(dir))
	}
	p := &project{isPackage: s.Layout == spec.LayoutPackage, dir: dir, main: dir, work: dir, kind: kinds[s.Kind], startTimeout: 20 * time.Second, rest: time.Second}
	if f := p.kind.load(p, s, lock); f != nil {
		f.Position = fault.In(path)
		return nil, f
	}
	return p, nil
}

// runs says which program is drilled: one that imports the project if that is a
// package, "" for the project's own. The program runs in the folder of its module.
func (p *project) runs(program string) error {
	at := fault.In(filepath.Join(p.dir, spec.FileName))
	switch {
	case p.isPackage && program == "":
		return fault.New(fault.Input, at, "is of a package, which cannot run by itself", "name the folder of a program that imports it, like --main ./cmd/orders")
	case !p.isPackage && program != "":
		return fault.New(fault.Input, at, "is of a project, which has a program of its own", "leave out --main")
	case !p.isPackage:
		return nil
	}
	m, err := generate.ModuleAround(p.dir)
	if err != nil {
		return err
	}
	p.main, p.work = program, m.Root
	return nil
}
