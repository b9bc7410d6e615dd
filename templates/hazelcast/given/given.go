// Package given reads the settings of a project for failover-gen itself, and gives
// it the engine to measure. The project's own packages, ../internal/settings and
// ../internal/failover, do the work, so that both do the same; Go lets only packages
// of this folder import them. Projects do not get this package.
package given

import "github.com/failover-gen/failover-gen/templates/hazelcast/internal/settings"

// Cluster is what a client needs to know to reach one cluster.
type Cluster = settings.Cluster

// Load reads what .env and the environment give to a project that is started in
// folder and has these clusters compiled in. The error tells of everything that is
// wrong. The warnings are about what has no effect.
func Load(folder string, compiled []Cluster) (clusters []Cluster, warnings []string, err error) {
	s, err := settings.LoadIn(folder, compiled)
	return s.Clusters, s.Warnings, err
}

// Registry says how the processes of a fleet reach the registry that holds their pin.
type Registry = settings.Registry

// ReadRegistry reads what the environment and the .env in folder say of the registry.
func ReadRegistry(folder string) (Registry, error) { return settings.ReadRegistry(folder) }

// Names are those of the clusters of a project that is started in folder and has these
// compiled in: the environment and .env can give other names.
func Names(folder string, compiled []Cluster) (names []string) {
	s, _ := settings.LoadIn(folder, compiled) // a secret that is missing here changes no name
	for _, c := range s.Clusters {
		names = append(names, c.Name)
	}
	return names
}
