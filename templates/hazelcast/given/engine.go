package given

import "github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"

type (
	// Engine is the client that moves between clusters.
	Engine = failover.Client
	// EngineCluster says how the engine reaches one cluster.
	EngineCluster = failover.Cluster
	// EngineOptions are the engine's options.
	EngineOptions = failover.Options
)

// NewEngine starts the engine; see failover.New.
func NewEngine(clusters []EngineCluster, o EngineOptions) (*Engine, error) {
	return failover.New(clusters, o)
}
