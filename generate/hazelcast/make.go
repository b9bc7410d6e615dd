// Package hazelcast makes what depends on the kind of a project whose clusters are
// Hazelcast's: from the spec and the client bundles of the clusters to the values
// of the templates, the secrets, and what the lock keeps. It opens the keystores
// with the reader that the project gets, so that a project whose stores cannot be
// opened is never written.
package hazelcast

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/failover-gen/failover-gen/generate/kind"
	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/gate"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/templates"
)

// scaffolded lists the files that are the user's to edit.
var scaffolded = []string{"main.go", "health.go", "writeloop.go", "writeloop_test.go", "README.md", ".gitignore", ".gitattributes", "Dockerfile", ".dockerignore"}

// scaffoldedInPackage is scaffolded for a package.
var scaffoldedInPackage = []string{"README.md", ".gitignore", ".gitattributes"}

// Make implements kind.Maker. What is wrong with any bundle is reported at once.
func Make(ctx context.Context, r *kind.Request) (*kind.Made, error) {
	sources, err := readSources(r)
	if err != nil {
		return nil, err
	}
	made := &kind.Made{Scaffolded: scaffolded, Spec: r.Spec}
	if r.Tune {
		made.Spec, made.Notes = tune(r.Spec, sources)
	}
	if r.Spec.Layout == spec.LayoutPackage {
		made.Scaffolded = scaffoldedInPackage
	}
	clusters, shared, err := resolve(ctx, r.Spec, sources)
	if err != nil {
		return nil, err
	}
	made.Choice.Options = made.Spec.Options()
	hasPEM := false
	for i, c := range clusters {
		made.Warnings = append(made.Warnings, sources[i].bundle.Warnings...)
		made.Locked.Clusters = append(made.Locked.Clusters, c.locked(&r.Spec.Clusters[i]))
		shown := kind.Cluster{Name: c.Name}
		for _, x := range slots {
			s := x.made(&c)
			hasPEM = hasPEM || x.isPEM && s.Name != ""
			if s.fullReader {
				made.Choice.FullReader = true
				made.Notes = append(made.Notes, s.Name+" needs the full reader of keystores, so the project gets internal/storefile in place of internal/keystore")
			}
			if s.Name != "" {
				shown.Files = append(shown.Files, path.Join(resources, s.Name))
			}
		}
		made.Clusters = append(made.Clusters, shown)
		made.Notes = append(append(made.Notes, sources[i].cluster().Notes...), sources[i].notes...)
		made.Summary = append(made.Summary, fmt.Sprintf("cluster %d  %-12s %s", i+1, shown.Name, cmp.Or(strings.Join(shown.Files, ", "), "no TLS")))
		if sources[i].fromLock && !r.LockOnly {
			made.Notes = append(made.Notes, fmt.Sprintf("cluster %d: the bundle %s, relative to %s, is not there, so %s says what it was", i+1, sources[i].bundle.Path, spec.FileName, spec.LockName))
		}
	}
	if hasPEM {
		made.Choice.Options = append(made.Choice.Options, templates.OptionPEM)
	}
	made.Warnings = append(made.Warnings, shared...)
	made.Values = templateValues(made.Spec, clusters)
	m := movesOf(r, clusters)
	made.Moves = m.Moves
	made.Secrets = secrets(r.Spec, clusters, m.was)
	made.Notes = append(made.Notes, m.notes...)
	return made, nil
}

// resolve puts together what the spec and the sources say, and checks that a
// client can be made of it: the stores open, the key has its certificate, no
// cluster is in the list twice. It warns of stores that clusters share. All stores
// are opened side by side. The error is a fault.List with everything that is wrong.
func resolve(ctx context.Context, s *spec.Spec, sources []source) (clusters []cluster, warnings []string, err error) {
	var faults fault.List
	for i, from := range sources {
		c, wrong := merge(i+1, &s.Clusters[i], from)
		clusters = append(clusters, c)
		faults = with(faults, wrong)
	}
	if len(faults) > 0 {
		return nil, nil, faults
	}
	list := make([]gate.Cluster, len(clusters))
	for i := range clusters {
		list[i] = clusters[i].gate(i+1, &sources[i])
		if f := gate.Same(list, i); f != nil {
			faults = append(faults, f)
		}
	}
	stores, checks := make([]gate.Stores, len(clusters)), make([]fault.List, len(clusters))
	var wg sync.WaitGroup
	for i := range clusters {
		if !sources[i].fromLock {
			wg.Go(func() { stores[i], checks[i] = gate.Open(&list[i]) })
		}
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	if faults = append(faults, slices.Concat(checks...)...); len(faults) > 0 {
		return nil, nil, faults
	}
	for i, s := range stores {
		if !sources[i].fromLock {
			clusters[i].Keystore.fullReader, clusters[i].Truststore.fullReader = s.KeystoreFull, s.TruststoreFull
		}
		for _, f := range gate.Shared(list, stores, i) {
			warnings = append(warnings, f.Error())
		}
	}
	return clusters, warnings, nil
}

// source is what is said of one cluster: by its bundle, or by the lock.
type source struct {
	bundle   *bundle.Bundle
	fromLock bool
	lock     *spec.LockCluster // where fromLock
	notes    []string          // what was settled for want of a word in the source
}

func (s *source) cluster() *bundle.Cluster { return &s.bundle.Clusters[0] }

// isPlain reports whether the spec or the source declares that there is no TLS.
func (s *source) isPlain(in *spec.Cluster) bool {
	return in.TLS == spec.TLSOff || s.cluster().NoTLS.Text != ""
}

// withoutTLS drops the stores and their passwords: the cluster is declared to have
// no TLS.
func (s *source) withoutTLS() {
	c := s.cluster()
	for _, x := range slots {
		*x.said(c) = nil
	}
	c.TLS = bundle.Value{}
	c.KeystorePassword, c.KeyPassword, c.TruststorePassword = bundle.Secret{}, bundle.Secret{}, bundle.Secret{}
	if s.lock == nil {
		return
	}
	plain := *s.lock
	for _, x := range slots {
		*x.lock(&plain) = nil
	}
	plain.Secrets = slices.DeleteFunc(slices.Clone(plain.Secrets), func(name string) bool {
		return slices.Contains([]string{"KEYSTORE_PASSWORD", "KEY_PASSWORD", "TRUSTSTORE_PASSWORD"}, name)
	})
	s.lock = &plain
}
