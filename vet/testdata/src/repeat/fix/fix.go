package fix

import (
	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/cluster"
)

func config() hazelcast.Config {
	config := hazelcast.Config{Cluster: cluster.Config{RedoOperation: true}} // want `RedoOperation`
	config.Cluster.RedoOperation = true                                      // want `RedoOperation`
	return config
}
