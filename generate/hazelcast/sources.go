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
	for i := range r.Sources {
		s, err := readSource(r, i)
		if err == nil && r.Spec.Clusters[i].TLS == spec.TLSOff {
			s.withoutTLS()
		}
		faults = append(faults, fault.All(err)...)
		sources = append(sources, s)
	}
	return sources, faults.ErrOrNil()
}

func readSource(r *kind.Request, i int) (source, error) {
	path := r.Sources[i]
	if _, err := os.Lstat(path); r.LockOnly || errors.Is(err, fs.ErrNotExist) && r.InSpec != nil {
		return fromLock(r, i)
	}
	o := bundle.Overrides{First: i + 1}
	for _, key := range r.Spec.Clusters[i].Overridden() {
		o.Fields = append(o.Fields, fmt.Sprintf("%d.%s", i+1, key))
	}
	b, err := bundle.ReadWith(path, o)
	if err != nil {
		return source{}, err
	}
	if f := gate.One(b); f != nil {
		return source{}, f
	}
	return source{bundle: b}, nil
}

// fromLock takes what the lock says of the n-th cluster, counted from 0.
func fromLock(r *kind.Request, n int) (source, error) {
	at, named := r.InSpec(n), r.Spec.Clusters[n].Bundle
	cause := fmt.Sprintf("the bundle %s does not exist", named)
	if r.LockOnly {
		cause = fmt.Sprintf("the bundle %s is not looked for", named)
	}
	if r.Lock == nil {
		return source{}, fault.New(fault.Input, at, cause, "correct the path here, or put the bundle there")
	}
	i := slices.IndexFunc(r.Lock.Clusters, func(c spec.LockCluster) bool { return c.Bundle == named && c.Secrets != nil })
	switch old := len(r.Lock.Clusters) > 0 && r.Lock.Clusters[0].Secrets == nil; {
	case i < 0 && old:
		return source{}, fault.New(fault.Input, at, cause+", and the "+spec.LockName+" of an older failover-gen does not say enough to do without it",
			"put the bundle there once more, or correct the path here")
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
		Keystore: lockStore(l.Keystore), Truststore: lockStore(l.Truststore),
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
