// Package generate makes a project: from a spec and the bundles that it names to
// files in memory (Project), which package tree then makes a folder hold. What
// depends on the kind of the project is in the packages below this one. Whatever
// fails, fails before anything is written. The package asks nothing, prints
// nothing and writes nothing.
package generate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/generate/hazelcast"
	"github.com/failover-gen/failover-gen/generate/kind"
	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
)

// kinds are the kinds of projects. A new one is added here.
var kinds = map[string]kind.Maker{spec.KindHazelcast: hazelcast.Make}

// Request is what a project is to be made from.
type Request struct {
	Spec *spec.Spec
	// Bundles are the paths of the clusters' bundles, in the order of the spec.
	Bundles []string
	// Module is where a package lies; nil for a project.
	Module *Module
	// SpecText is a failover.yaml that says what Spec says, to be written in place of
	// the project's; nil where that stays.
	SpecText []byte
	// Lock is the failover.lock of the project so far; nil if there is none.
	Lock *spec.Lock
	// InSpec says that failover.yaml names the bundles, and not flags.
	InSpec bool
	// LockOnly says not to look for the bundles: the lock says what they said.
	LockOnly bool
	// Take lists scaffolded files that the user wants as their templates are now.
	Take []string
	// Passwords are those of the stores, by cluster, that the user gives beside the
	// bundles; it may be shorter than Bundles.
	Passwords []bundle.Passwords
}

// Result is a project in memory.
type Result struct {
	Want     tree.Want
	Clusters []kind.Cluster // in order of preference
	Warnings []string       // odd, but usable; one line each
	Notes    []string       // what the user has to know or do besides; one line each
}

// Project makes the files of a project. Equal requests give equal bytes on every
// machine. A bundle that is not there is replaced by what the lock says of it.
// The error is a fault.List with everything that is wrong.
func Project(ctx context.Context, r Request) (*Result, error) {
	if err := r.mustFit(); err != nil {
		return nil, err
	}
	request := &kind.Request{Spec: r.Spec, Sources: r.Bundles, Lock: r.Lock, LockOnly: r.LockOnly, Passwords: r.Passwords}
	if r.InSpec {
		request.InSpec = func(n int) fault.Position { return r.Spec.Clusters[n].BundleAt }
	}
	made, err := kinds[r.Spec.Kind](ctx, request)
	if err != nil {
		return nil, err
	}
	files, around, err := render(&r, made)
	if err != nil {
		return nil, err
	}
	for _, name := range r.Take {
		if !slices.Contains(made.Scaffolded, name) {
			return nil, notTaken(name, files, made.Scaffolded)
		}
	}
	want := tree.Want{
		Files: files, Secrets: made.Secrets, Moves: made.Moves,
		Spec: spec.FileName, Lock: spec.LockName, Module: r.Spec.Module, Take: r.Take, Around: around,
	}
	if r.SpecText != nil {
		want.Take = append(slices.Clone(want.Take), spec.FileName)
	}
	if r.Lock != nil {
		want.LockText, want.WasModule = r.Lock.Text(), r.Lock.Module
		for _, f := range r.Lock.Files {
			want.Recorded = append(want.Recorded, tree.Recorded{Path: f.Path, Owner: tree.Owner(f.Owner), SHA256: f.SHA256})
		}
	}
	notes := made.Notes
	if around != nil {
		note, err := r.Module.mustVendor(around)
		if err != nil {
			return nil, err
		}
		if note != "" {
			notes = append(notes, note)
		}
	}
	return &Result{Want: want, Clusters: made.Clusters, Warnings: made.Warnings, Notes: notes}, nil
}

// notTaken says why a file cannot be taken from its template.
func notTaken(name string, files []tree.File, scaffolded []string) error {
	remedy := "give one of " + strings.Join(scaffolded, ", ")
	if slices.ContainsFunc(files, func(f tree.File) bool { return f.Path == name && f.Owner == tree.Generated }) {
		return fault.New(fault.Input, fault.Position{}, fmt.Sprintf("--take %s: this file is generated, and not yours", name), "leave the flag out, and give --force if you edited the file; or "+remedy)
	}
	return fault.New(fault.Input, fault.Position{}, fmt.Sprintf("--take %s: this is not a file that failover-gen scaffolds", name), remedy)
}
