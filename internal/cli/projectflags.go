package cli

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/spf13/pflag"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// projectFlags are those that say what a project is to be.
type projectFlags struct {
	serviceFlags
	primary, from                               string
	secondary                                   []string
	entries                                     int // clusters that the source of --from lists
	out, layout                                 string
	module, mapName, standby, failback, secrets string
	metrics, pinBy                              string
	set                                         []string
	given                                       []string // those that were given, as in "--map"
	isFresh                                     bool     // there is no failover.yaml yet; known after spec
	// edits says that they go into the failover.yaml of a project that exists, instead
	// of having to agree with it.
	edits bool
}

// bindBundles adds the flags that name bundles to those of a command.
func (f *projectFlags) bindBundles(flags *pflag.FlagSet) {
	flags.StringVar(&f.primary, "primary", "", "`BUNDLE` of the cluster to prefer")
	flags.StringArrayVar(&f.secondary, "secondary", nil, "`BUNDLE` of the next cluster; may be repeated")
}

// bind adds the flags that are not about bundles.
func (f *projectFlags) bind(flags *pflag.FlagSet) {
	flags.StringVar(&f.out, "out", "", "write the project to this `FOLDER`")
	flags.StringVar(&f.layout, "layout", "", "`WHAT`: project is a module of its own, package an importable package of the module around the folder (default project)")
	flags.StringVar(&f.module, "module", "", "Go module `PATH` (default example.com/FOLDER)")
	flags.StringVar(&f.mapName, "map", "", "`NAME` of the map that the sample write loop fills (default map)")
	flags.StringVar(&f.standby, "standby", "", "`HOW`: warm stays connected to the next cluster as well, cold connects when it is needed (default warm)")
	flags.StringVar(&f.failback, "failback", "", "`WHEN`: never stays on a cluster while it works, auto returns when a hook of yours says it is time (default never)")
	flags.StringVar(&f.metrics, "metrics", "", "`WHAT`: prometheus serves metrics, none does not (default none)")
	flags.StringVar(&f.pinBy, "pin", "", "`HOW`: registry lets an operator move all processes by ZooKeeper, none by a file only (default none)")
	flags.StringVar(&f.secrets, "secrets", "", "`WHERE`: dotenv writes the secrets to .env, none writes them nowhere (default dotenv)")
	flags.StringArrayVar(&f.set, "set", nil, "one value as `N.KEY=VALUE` or SECTION.KEY=VALUE, see above; may be repeated")
}

// note lists the flags that were given.
func (f *projectFlags) note(flags *pflag.FlagSet) {
	f.given = nil
	for _, name := range []string{"primary", "secondary", "kind", "from", "endpoint", "registry-address", "fabric-path", "out", "layout", "module", "map", "standby", "failback", "metrics", "pin", "secrets", "set"} {
		if flags.Changed(name) {
			f.given = append(f.given, "--"+name)
		}
	}
}

// spec puts the flags together. In a project that exists they must agree with
// its failover.yaml, which counts.
func (f *projectFlags) spec() (*spec.Spec, error) {
	path := filepath.Join(f.out, spec.FileName)
	existing, err := spec.Load(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return nil, err
	}
	if err := generate.Outside(f.out, f.bundles()); err != nil {
		return nil, err
	}
	f.isFresh = existing == nil
	s := spec.DefaultOf(f.projectKind())
	module, err := f.defaultModule()
	if err != nil {
		return nil, err
	}
	s.Module = module
	if existing != nil {
		s = *existing
		s.Clusters = slices.Clone(existing.Clusters)
	}
	if s.Kind != f.projectKind() {
		return nil, fault.New(fault.Input, fault.In(filepath.ToSlash(path)), "is that of a project of kind "+s.Kind, "give another --out")
	}
	var faults fault.List
	again := "run generate " + shellWord(filepath.ToSlash(f.out))
	contradicts := func(what, remedy string) {
		if f.edits {
			return
		}
		faults = append(faults, fault.New(fault.Input, fault.In(filepath.ToSlash(path)),
			"says something other than "+what, remedy+", or give another --out"))
	}
	setSources := f.setClusters
	if f.isService() {
		setSources = func(s *spec.Spec) error { return f.setService(s, existing == nil) }
	}
	if err := setSources(&s); err != nil {
		return nil, err
	}
	if existing != nil && !s.Equal(existing) {
		contradicts(f.sourceFlags(), "edit it and "+again)
	}
	for _, set := range f.settings() {
		before := s
		before.Clusters = slices.Clone(s.Clusters)
		if wrong := set.apply(&s); wrong != nil {
			set.name(wrong)
			faults = append(faults, wrong)
		} else if existing != nil && !s.Equal(&before) {
			remedy := "to change it, " + again + " " + set.usage()
			if set.change.Key == "layout" { // which stays
				remedy = "leave the flag out"
			}
			contradicts(set.flag, remedy)
		}
	}
	if f.isService() && existing == nil && len(faults) == 0 {
		faults = s.Webservice.Check()
		s.Webservice.SpellOut()
	}
	return &s, faults.ErrOrNil()
}

// defaultModule is the module path of a new project, or the import path of a package.
func (f *projectFlags) defaultModule() (string, error) {
	if f.layout != spec.LayoutPackage {
		return generate.DefaultModule(f.out)
	}
	m, err := generate.ModuleAround(f.out)
	if err != nil {
		return "", err
	}
	return m.Import, nil
}

// setClusters lists the bundles, and keeps what the spec says of those that it has.
func (f *projectFlags) setClusters(s *spec.Spec) error {
	var clusters []spec.Cluster
	for i, b := range f.bundles() {
		rel, err := generate.Relative(f.out, b)
		if err != nil {
			return err
		}
		c := spec.Cluster{Bundle: rel}
		if f.from != "" {
			c.Entry = i + 1
		}
		clusters = append(clusters, c)
	}
	for i, from := range spec.SameClusters(s.Clusters, clusters) {
		if from >= 0 {
			clusters[i] = s.Clusters[from]
		}
	}
	s.Clusters = clusters
	return nil
}

// isNew reports whether a flag is given that only a new project can have.
func (f *projectFlags) isNew() bool {
	return slices.ContainsFunc(f.given, func(flag string) bool {
		return slices.Contains([]string{"--primary", "--secondary", "--from", "--out", "--kind"}, flag)
	})
}

// edit changes the failover.yaml of an existing project as the flags say. It is
// written with the rest of the project.
func (f *projectFlags) edit(dir string, r *generate.Request) error {
	path := filepath.Join(dir, spec.FileName)
	var changes []spec.Change
	var faults fault.List
	for _, x := range f.settings() {
		before := *r.Spec
		before.Clusters = slices.Clone(before.Clusters)
		if wrong := x.apply(&before); wrong != nil {
			x.name(wrong)
			faults = append(faults, wrong)
		}
		changes = append(changes, x.change)
	}
	if len(changes) == 0 || len(faults) > 0 {
		return faults.ErrOrNil()
	}
	text, err := r.SpecText, error(nil)
	if text == nil {
		text, err = os.ReadFile(path)
	}
	if err != nil {
		return err
	}
	if r.SpecText, err = spec.Edit(filepath.ToSlash(path), text, changes); err != nil {
		return err
	}
	r.Spec, err = spec.Parse(filepath.ToSlash(path), r.SpecText)
	return err
}
