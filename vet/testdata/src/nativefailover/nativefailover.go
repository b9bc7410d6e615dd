// Package nativefailover shows with which settings the client's own failover hangs.
package nativefailover

import (
	"context"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/cluster"
	"github.com/hazelcast/hazelcast-go-client/types"
)

// Bad: with the defaults, the first put on the second cluster came after 122.5 s.
func defaults(ctx context.Context) (*hazelcast.Client, error) {
	primary := cluster.Config{Name: "pr-1234"}
	primary.Network.SetAddresses("10.0.0.1:5701")
	secondary := cluster.Config{Name: "pr-5678"}
	secondary.Network.SetAddresses("10.0.1.1:5701")

	config := hazelcast.NewConfig()
	config.Failover.Enabled = true                 // want `the client's own failover never goes on from a member that accepts its connection and stays mute` `TryCount 0 means 2,147,483,647 tries`
	config.Failover.SetConfigs(primary, secondary) // want `no ConnectionStrategy.Timeout is set for this cluster: once lost, it is retried for the default of 120 s`
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

// Bad: the root's Timeout does not count, and with one candidate there is no other to go to.
func rootIsNotACandidate(ctx context.Context) (*hazelcast.Client, error) {
	return hazelcast.StartNewClientWithConfig(ctx, hazelcast.Config{
		Cluster: cluster.Config{
			Name:               "pr-1234",
			ConnectionStrategy: cluster.ConnectionStrategyConfig{Timeout: types.Duration(time.Second)},
		},
		Failover: cluster.FailoverConfig{
			Enabled:  true, // want `the client's own failover never goes on`
			TryCount: 10,
			Configs: []cluster.Config{ // want `Failover.Configs holds one cluster, and the root Cluster is not a candidate`
				{Name: "pr-5678"}, // want `no ConnectionStrategy.Timeout is set for this cluster.*that of the root Cluster does not count`
			},
		},
	})
}

// Bad: the lost cluster is retried for all of its Timeout.
func longTimeout(config *hazelcast.Config) {
	config.Cluster.ConnectionStrategy.Timeout = types.Duration(30 * time.Second)
	second := config.Cluster
	second.Name = "pr-5678"
	config.Failover.Enabled = true                     // want `the client's own failover never goes on`
	config.Failover.TryCount = 0                       // want `TryCount 0 means`
	config.Failover.SetConfigs(config.Cluster, second) // want `retried for all of its ConnectionStrategy.Timeout, 30s, before the next has its turn`
	config.Cluster.Network.ConnectionTimeout = types.Duration(time.Second)
}

// Bad: the client shuts down where it should go on.
func reconnectOff(config *hazelcast.Config, candidates []cluster.Config) {
	config.Cluster.ConnectionStrategy.ReconnectMode = cluster.ReconnectModeOff                 // want `with ReconnectModeOff the client shuts down when it loses a cluster`
	config.Failover = cluster.FailoverConfig{Enabled: true, TryCount: 10, Configs: candidates} // want `the client's own failover never goes on`
}

// As good as these settings can be: only the mute member is left.
func short(ctx context.Context) (*hazelcast.Client, error) {
	strategy := cluster.ConnectionStrategyConfig{Timeout: types.Duration(500 * time.Millisecond)}
	config := hazelcast.NewConfig()
	config.Failover.TryCount = 10
	config.Failover.Configs = []cluster.Config{
		{Name: "pr-1234", ConnectionStrategy: strategy},
		{Name: "pr-5678", ConnectionStrategy: strategy},
	}
	config.Failover.Enabled = true // want `the client's own failover never goes on`
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

// Good: two plain clients under an engine that bounds every step. See the engine
// that failover-gen generates.

// Silent: an operator decides, or nothing is enabled.
func decidedElsewhere(config *hazelcast.Config, enabled bool) {
	config.Failover.Enabled = enabled
	config.Cluster.ConnectionStrategy.ReconnectMode = cluster.ReconnectModeOff
}
