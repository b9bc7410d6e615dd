package hazelcast

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"github.com/failover-gen/failover-gen/generate/kind"
	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/gate"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// readSources reads the bundle of each cluster. Where one is not there, the lock
// of the project stands in for it.
func readSources(r *kind.Request) ([]source, error) {
	var sources []source
	var faults fault.List
	bundles := make(readBundles)
	for i := range r.Sources {
		s, err := readSource(r, i, bundles)
		if err == nil && s.isPlain(&r.Spec.Clusters[i]) {
			s.withoutTLS()
		}
		faults = with(faults, fault.All(err))
		sources = append(sources, s)
	}
	return sources, faults.ErrOrNil()
}

// with adds the faults that are not in the list yet: several clusters of one bundle
// have its faults in common.
func with(list, more fault.List) fault.List {
	for _, f := range more {
		if !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	return list
}

func readSource(r *kind.Request, i int, bundles readBundles) (source, error) {
	path := r.Sources[i]
	if _, err := os.Lstat(path); r.LockOnly || errors.Is(err, fs.ErrNotExist) && r.InSpec != nil {
		return fromLock(r, i)
	}
	b, err := bundles.read(r, path)
	if err != nil {
		return source{}, err
	}
	n := r.Spec.Clusters[i].Entry
	if n == 0 {
		if f := gate.One(b); f != nil {
			return source{}, f
		}
		n = 1
	}
	switch {
	case n > 1 && len(b.Clusters) == 1:
		return source{}, fault.New(fault.Input, fault.In(b.Path),
			fmt.Sprintf("the bundle sets up one cluster, so that it has no entry %d for cluster %d", n, i+1), "leave out the entry")
	case n > len(b.Clusters):
		return source{}, fault.New(fault.Input, fault.In(b.Path),
			fmt.Sprintf("the bundle sets up %d clusters, so that it has no entry %d for cluster %d", len(b.Clusters), n, i+1), "correct the entry")
	}
	one := *b
	one.Clusters = slices.Clone(b.Clusters[n-1 : n])
	b.Warnings = nil // they are about the bundle: the first of its clusters tells them
	s := source{bundle: &one}
	s.trustChain(r.Spec.Clusters[i].Alias)
	return s, nil
}

// readBundles holds the bundles by their paths: one can be that of several clusters.
type readBundles map[string]readBundle

type readBundle struct {
	bundle *bundle.Bundle
	err    error
}

// read reads the bundle at path once, with what the spec overrides in any of its clusters.
func (known readBundles) read(r *kind.Request, path string) (*bundle.Bundle, error) {
	if had, ok := known[path]; ok {
		return had.bundle, had.err
	}
	var o bundle.Overrides
	for i, c := range r.Spec.Clusters {
		if r.Sources[i] != path {
			continue
		}
		index := max(c.Entry, 1) - 1
		o.Numbers = append(o.Numbers, make([]int, max(0, index+1-len(o.Numbers)))...)
		o.Numbers[index] = i + 1
		o.Passwords = append(o.Passwords, make([]bundle.Passwords, max(0, index+1-len(o.Passwords)))...)
		if i < len(r.Passwords) {
			o.Passwords[index] = r.Passwords[i]
		}
		for _, key := range c.Overridden() {
			o.Fields = append(o.Fields, fmt.Sprintf("%d.%s", i+1, key))
		}
	}
	b, err := bundle.ReadWith(path, o)
	if err == nil {
		if wrong := b.LacksClusters(); wrong != nil {
			b, err = nil, wrong
		}
	}
	known[path] = readBundle{b, err}
	return b, err
}

// fromLock takes what the lock says of the n-th cluster, counted from 0.
func fromLock(r *kind.Request, n int) (source, error) {
	at, named, entry := r.InSpec(n), r.Spec.Clusters[n].Bundle, r.Spec.Clusters[n].Entry
	cause := fmt.Sprintf("the bundle %s does not exist", named)
	if r.LockOnly {
		cause = fmt.Sprintf("the bundle %s is not looked for", named)
	}
	if r.Lock == nil {
		return source{}, fault.New(fault.Input, at, cause, "correct the path here, or put the bundle there")
	}
	i := slices.IndexFunc(r.Lock.Clusters, func(c spec.LockCluster) bool { return c.Bundle == named && c.Entry == entry && c.Secrets != nil })
	switch old := len(r.Lock.Clusters) > 0 && r.Lock.Clusters[0].Secrets == nil; {
	case i < 0 && old:
		return source{}, fault.New(fault.Input, at, cause+", and the "+spec.LockName+" of an older failover-gen does not say enough to do without it",
			"put the bundle there once more, or correct the path here")
	case i < 0 && entry > 0:
		return source{}, fault.New(fault.Input, at, fmt.Sprintf("%s, and %s does not know its entry %d", cause, spec.LockName, entry), "correct bundle and entry here, or put the bundle there")
	case i < 0:
		return source{}, fault.New(fault.Input, at, cause+", and "+spec.LockName+" does not know it", "correct the path here, or put the bundle there")
	}
	return lockSource(&r.Lock.Clusters[i], at, named), nil
}

// lockSource is the bundle as the lock remembers it, without its secrets.
func lockSource(l *spec.LockCluster, at fault.Position, path string) source {
	c := bundle.Cluster{
		At:   at,
		Name: bundle.Value{Text: l.Name, At: at}, DiscoveryURL: bundle.Value{Text: l.DiscoveryURL, At: at}, Username: bundle.Value{Text: l.Username, At: at},
		ServerName: bundle.Value{Text: l.ServerName, At: at},
	}
	for _, x := range slots {
		*x.said(&c) = lockStore(*x.lock(l))
	}
	switch l.TLS {
	case spec.TLSOff:
		c.NoTLS = bundle.Value{Text: l.TLS, At: at}
	case spec.TLSOn:
		c.TLS = bundle.Value{Text: l.TLS, At: at}
	}
	for _, a := range l.Addresses {
		c.Addresses = append(c.Addresses, bundle.Value{Text: a, At: at})
	}
	return source{bundle: &bundle.Bundle{Path: path, Clusters: []bundle.Cluster{c}}, fromLock: true, lock: l}
}

func lockStore(l *spec.LockStore) *bundle.Store {
	if l == nil {
		return nil
	}
	return &bundle.Store{Path: l.Path, Inner: l.Path}
}
