// Package generate makes a project: from a spec and the bundles that it names
// to files in memory (Resolve, Render: they touch no disk), and from there in
// one step onto the disk (Commit). Whatever fails, fails before anything is
// written or leaves what was there. The package asks nothing and prints
// nothing; it refuses to overwrite what a user wrote.
package generate

import (
	"io/fs"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// Owner says who has the last word on a file.
type Owner string

const (
	// Generated: ours. Replaced on re-generation unless it was edited.
	Generated Owner = "generated"
	// Scaffolded: the user's. Written once, never touched again.
	Scaffolded Owner = "scaffolded"
	// Merged: both. Our requirements are raised, the user's lines stay.
	Merged Owner = "merged"
	// Secret: from the bundles, kept out of version control.
	Secret Owner = "secret"
)

// File is one file of a project.
type File struct {
	Path  string // slash-separated, inside the project
	Data  []byte
	Mode  fs.FileMode // 0644, or 0600 for secrets
	Owner Owner
}

// Project is everything that is known about a project before it is rendered.
type Project struct {
	Spec     spec.Spec
	Clusters []Cluster // in order of preference
	Warnings []string  // odd, but usable; one line each
}

// Cluster is one cluster with every override applied.
type Cluster struct {
	Name, DiscoveryURL, ServerName, Alias, Username   string
	Addresses                                         []string // "host:port"
	Token, Password                                   bundle.Secret
	KeystorePassword, KeyPassword, TruststorePassword bundle.Secret
	Keystore, Truststore                              Store
	said                                              spec.LockCluster // what the bundle said, for the lock
}

// Store is a keystore or truststore on its way into resources/.
type Store struct {
	Name string // of the file in resources/
	Data []byte
}
