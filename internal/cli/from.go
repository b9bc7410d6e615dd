package cli

import (
	"fmt"
	"slices"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// missingBesideFrom refuses --from beside the flags that it replaces, and without --out.
func (f *projectFlags) missingBesideFrom() error {
	for _, flag := range []string{"--primary", "--secondary"} {
		if slices.Contains(f.given, flag) {
			return fault.New(fault.Input, fault.Position{},
				"--from and "+flag+" do not go together: a source of --from holds all clusters",
				"give --from alone, or --primary and --secondary")
		}
	}
	if f.out == "" {
		return fault.New(fault.Input, fault.Position{}, "missing: --out", "give the folder that the project is written to")
	}
	return nil
}

// mostListed is up to which cluster of a list secrets are looked for in the environment.
const mostListed = 32

// list counts the clusters of the source that --from names. The secrets that it lacks
// are those of passwordsOf.
func (f *projectFlags) list(passwordsOf func(n int) (bundle.Passwords, error)) error {
	if f.from == "" {
		return nil
	}
	var o bundle.Overrides
	for _, x := range f.settings() {
		if x.change.Cluster > 0 {
			o.Fields = append(o.Fields, fmt.Sprintf("%d.%s", x.change.Cluster, x.change.Key))
		}
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
	if f.entries = len(b.Clusters); f.entries < 2 {
		return fault.New(fault.Input, fault.In(b.Path), "the source sets up one cluster, but failover needs at least two",
			"give it with --primary, and the bundle of the next cluster with --secondary")
	}
	return nil
}

// bundles are the paths of the clusters' bundles, in order.
func (f *projectFlags) bundles() []string {
	if f.from != "" {
		return slices.Repeat([]string{f.from}, f.entries)
	}
	return append([]string{f.primary}, f.secondary...)
}

// sourceFlags names the flags that give the bundles.
func (f *projectFlags) sourceFlags() string {
	if f.from != "" {
		return "--from"
	}
	return "--primary and --secondary"
}
