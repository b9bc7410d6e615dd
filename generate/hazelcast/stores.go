package hazelcast

import (
	"path"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/keystore/place"
)

// store is a keystore, a truststore or a PEM file on its way into the project.
type store struct {
	Name       string // of the file in the project's resources
	Data       []byte // nil where only the lock tells of it
	fullReader bool
}

// slot is one of the files that a cluster can have for TLS.
type slot struct {
	group string // of what only works together
	isPEM bool
	said  func(*bundle.Cluster) **bundle.Store
	made  func(*cluster) *store
	lock  func(*spec.LockCluster) **spec.LockStore
}

// slots are in the order of fileNames.
var slots = []slot{
	{"keystore", false, func(b *bundle.Cluster) **bundle.Store { return &b.Keystore }, func(c *cluster) *store { return &c.Keystore },
		func(l *spec.LockCluster) **spec.LockStore { return &l.Keystore }},
	{"truststore", false, func(b *bundle.Cluster) **bundle.Store { return &b.Truststore }, func(c *cluster) *store { return &c.Truststore },
		func(l *spec.LockCluster) **spec.LockStore { return &l.Truststore }},
	{"ca", true, func(b *bundle.Cluster) **bundle.Store { return &b.CA }, func(c *cluster) *store { return &c.CA },
		func(l *spec.LockCluster) **spec.LockStore { return &l.CA }},
	{"key", true, func(b *bundle.Cluster) **bundle.Store { return &b.Cert }, func(c *cluster) *store { return &c.Cert },
		func(l *spec.LockCluster) **spec.LockStore { return &l.Cert }},
	{"key", true, func(b *bundle.Cluster) **bundle.Store { return &b.Key }, func(c *cluster) *store { return &c.Key },
		func(l *spec.LockCluster) **spec.LockStore { return &l.Key }},
}

// fileNames are the names of the files of cluster n, by slot.
func fileNames(n int) []string {
	keystore, truststore := place.Names(n)
	ca, cert, key := place.PEMNames(n)
	return []string{keystore, truststore, ca, cert, key}
}

// storePaths are where the files of cluster n lie in a project, by slot.
func storePaths(n int) []string {
	paths := fileNames(n)
	for i, name := range paths {
		paths[i] = path.Join(resources, name)
	}
	return paths
}
