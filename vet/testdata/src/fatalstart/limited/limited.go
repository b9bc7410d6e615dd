// Package limited sets a limit in the configuration.
package limited

import (
	"context"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/types"
)

// Good: the start fails after 5 s.
func start() (*hazelcast.Client, error) {
	config := hazelcast.NewConfig()
	config.Cluster.ConnectionStrategy.Timeout = types.Duration(5 * time.Second)
	return hazelcast.StartNewClientWithConfig(context.Background(), config)
}

// Bad: it fails, and the process with it.
func run() {
	client, err := start() // want `the process ends when the first cluster is away, because start \(StartNewClientWithConfig\) fails then`
	if err != nil {
		panic(err)
	}
	defer client.Shutdown(context.Background())
}
