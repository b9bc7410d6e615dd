// Package hazelcast makes what depends on the kind of a project whose clusters are
// Hazelcast's: from the spec and the client bundles of the clusters to the values
// of the templates, the secrets, and what the lock keeps. It opens the keystores
// with the reader that the project gets, so that a project whose stores cannot be
// opened is never written.
package hazelcast

import (
	"context"
	"fmt"
	"path"
	"slices"
	"sync"

	"github.com/failover-gen/failover-gen/generate/kind"
	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// scaffolded lists the files that are the user's to edit.
var scaffolded = []string{"main.go", "health.go", "writeloop.go", "writeloop_test.go", "README.md", ".gitignore", ".gitattributes"}

// Make implements kind.Maker. What is wrong with any bundle is reported at once.
func Make(ctx context.Context, r *kind.Request) (*kind.Made, error) {
	sources, err := readSources(r)
	if err != nil {
		return nil, err
	}
	made := &kind.Made{Scaffolded: scaffolded}
	clusters, err := resolve(ctx, r.Spec, sources)
	if err != nil {
		return nil, err
	}
	for i, c := range clusters {
		made.Warnings = append(made.Warnings, sources[i].bundle.Warnings...)
		made.Locked = append(made.Locked, c.locked(r.Spec.Clusters[i].Bundle))
		shown := kind.Cluster{Name: c.Name}
		for _, s := range []store{c.Keystore, c.Truststore} {
			if s.fullReader {
				made.FullReader = true
				made.Notes = append(made.Notes, s.Name+" needs the full reader of keystores, so the project gets internal/storefile in place of internal/keystore")
			}
			if s.Name != "" {
				shown.Files = append(shown.Files, path.Join(resources, s.Name))
			}
		}
		made.Clusters = append(made.Clusters, shown)
		if sources[i].fromLock {
			made.Notes = append(made.Notes, fmt.Sprintf("cluster %d: there is no bundle %s here, so %s says what it was", i+1, sources[i].bundle.Path, spec.LockName))
		}
	}
	made.Values = templateValues(r.Spec, clusters)
	m := movesOf(r, clusters)
	made.Moves = m.Moves
	made.Secrets = secrets(r.Spec, clusters, m.was)
	made.Notes = append(made.Notes, m.notes...)
	return made, nil
}

// resolve puts together what the spec and the sources say, and checks that a
// client can be made of it: the stores open, the key has its certificate, no
// cluster stands there twice. All stores are opened side by side. The error is a
// fault.List with everything that is wrong.
func resolve(ctx context.Context, s *spec.Spec, sources []source) ([]cluster, error) {
	var clusters []cluster
	var faults fault.List
	for i, from := range sources {
		c, wrong := merge(i+1, &s.Clusters[i], from)
		clusters = append(clusters, c)
		faults = append(faults, wrong...)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	faults = twice(clusters, sources)
	checks := make([]fault.List, len(sources))
	var wg sync.WaitGroup
	for i := range sources {
		if !sources[i].fromLock {
			wg.Go(func() { checks[i] = clusters[i].openStores(i+1, sources[i].cluster()) })
		}
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if faults = append(faults, slices.Concat(checks...)...); len(faults) > 0 {
		return nil, faults
	}
	return clusters, nil
}

// source is what is said of one cluster: by its bundle, or by the lock.
type source struct {
	bundle   *bundle.Bundle
	fromLock bool
	lock     *spec.LockCluster // where fromLock
}

func (s *source) cluster() *bundle.Cluster { return &s.bundle.Clusters[0] }
