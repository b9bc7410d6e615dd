package hazelcast

import (
	"context"

	"github.com/failover-gen/failover-gen/generate/kind"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/templates/hazelcast/given"
)

// Compiled returns what clusters.go of a project says of each cluster, from its
// spec and its lock. It says too whether a project of them gets the full reader of
// keystores.
func Compiled(ctx context.Context, s *spec.Spec, l *spec.Lock) (list []given.Cluster, fullReader bool, err error) {
	r := &kind.Request{Spec: s, Lock: l, LockOnly: true, InSpec: func(n int) fault.Position { return s.Clusters[n].BundleAt }}
	for _, c := range s.Clusters {
		r.Sources = append(r.Sources, c.Bundle)
	}
	sources, err := readSources(r)
	if err != nil {
		return nil, false, err
	}
	clusters, _, err := resolve(ctx, s, sources)
	if err != nil {
		return nil, false, err
	}
	for _, c := range clusters {
		v := given.Cluster{
			Name: c.Name, DiscoveryURL: c.DiscoveryURL, ServerName: c.ServerName, Alias: c.Alias, Username: c.Username, Addresses: c.Addresses,
			Keystore: c.Keystore.Name, Truststore: c.Truststore.Name, CA: c.CA.Name, Cert: c.Cert.Name, Key: c.Key.Name, SystemRoots: c.SystemRoots,
		}
		for _, name := range []string{"TOKEN", "PASSWORD"} {
			if c.has(name) {
				v.Needs = append(v.Needs, name)
			}
		}
		list = append(list, v)
		fullReader = fullReader || c.Keystore.fullReader || c.Truststore.fullReader
	}
	return list, fullReader, nil
}
