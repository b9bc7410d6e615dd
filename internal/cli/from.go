package cli

import (
	"fmt"
	"slices"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// missingBesideFrom refuses --from beside the flags that it replaces, and without --out.
func (f *projectFlags) missingBesideFrom() error {
	for _, flag := range []string{"--primary", "--secondary"} {
		if slices.Contains(f.given, flag) {
			return fromBeside(flag)
		}
	}
	if f.out == "" {
		return fault.New(fault.Input, fault.Position{}, "missing: --out", "give the folder that the project is written to")
	}
	return nil
}

// fromBeside refuses --from beside a flag that it replaces.
func fromBeside(flag string) error {
	return fault.New(fault.Input, fault.Position{},
		"--from and "+flag+" do not go together: a source of --from holds all clusters",
		"give --from alone, or --primary and --secondary")
}

// mostListed is up to which cluster of a list secrets are looked for in the environment.
const mostListed = 32

// list finds out what the source that --from names is for, and counts its clusters. The
// secrets that it lacks are those of passwordsOf.
func (f *projectFlags) list(passwordsOf func(n int) (bundle.Passwords, error)) error {
	if f.from == "" {
		return nil
	}
	var o bundle.Overrides
	for _, x := range f.settings() {
		field := x.change.Key
		if x.change.Cluster > 0 {
			field = fmt.Sprintf("%d.%s", x.change.Cluster, x.change.Key)
		}
		o.Fields = append(o.Fields, field)
	}
	if len(f.endpoints) > 0 { // where the registry of an XML is does not matter
		o.Fields = append(o.Fields, "fabricPath", "addresses")
	}
	for n := range mostListed {
		given, err := passwordsOf(n + 1)
		if err != nil {
			return err
		}
		o.Passwords = append(o.Passwords, given)
	}
	b, err := bundle.ReadWith(f.from, o)
	if err != nil {
		return err
	}
	switch isService := b.Registry != nil; {
	case isService && (f.kind == "" || f.kind == spec.KindWebservice):
		f.kind = spec.KindWebservice
		return f.checkKind()
	case isService:
		return fault.New(fault.Input, fault.In(b.Path), "the source sets up the failover of a web service, and not of Hazelcast clusters", "leave out --kind "+f.kind)
	case f.isService():
		return fault.New(fault.Input, fault.In(b.Path), "the source sets up Hazelcast clusters, and no failover of a web service",
			"give a Spring or Blueprint file with the FabricFailOverFeature, or leave out what is for a web service")
	}
	if f.entries = len(b.Clusters); f.entries < 2 {
		return fault.New(fault.Input, fault.In(b.Path), "the source sets up one cluster, but failover needs at least two",
			"give it with --primary, and the bundle of the next cluster with --secondary")
	}
	return nil
}

// bundles are the paths of the clusters' bundles, in order.
func (f *projectFlags) bundles() []string {
	switch {
	case f.from != "" && f.isService():
		return []string{f.from}
	case f.from != "":
		return slices.Repeat([]string{f.from}, f.entries)
	case f.isService():
		return nil
	}
	return append([]string{f.primary}, f.secondary...)
}

// sourceFlags names the flags that give the bundles.
func (f *projectFlags) sourceFlags() string {
	switch {
	case f.from != "":
		return "--from"
	case f.isService():
		return "a project without --from"
	}
	return "--primary and --secondary"
}
