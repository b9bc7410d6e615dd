// Package discovery has the signatures of hazelcast-go-client/cluster/discovery v1.6.0 that the test data uses.
package discovery

import "context"

type Strategy interface {
	DiscoverNodes(ctx context.Context) ([]Node, error)
}

type Node struct{ PublicAddr, PrivateAddr string }
