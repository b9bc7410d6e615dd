// Package failover gives the client several clusters.
package failover

import (
	"context"
	"log"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/cluster"
	"github.com/hazelcast/hazelcast-go-client/types"
)

// Not reported here: the start fails when all clusters are away. What else is
// wrong with the client's own failover, nativefailover says.
func start() *hazelcast.Client {
	config := hazelcast.NewConfig()
	config.Failover.Enabled = true
	config.Failover.Configs = []cluster.Config{{Name: "a"}, {Name: "b"}}
	config.Failover.Configs[0].ConnectionStrategy.Timeout = types.Duration(time.Second)
	client, err := hazelcast.StartNewClientWithConfig(context.Background(), config)
	if err != nil {
		log.Fatal(err)
	}
	return client
}
