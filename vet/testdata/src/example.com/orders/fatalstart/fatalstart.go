// Package fatalstart starts a generated engine.
package fatalstart

import (
	"log"

	"example.com/orders/internal/failover"
)

// Good: New fails on a wrong configuration only. It connects in the background.
func start(clusters []failover.Cluster) *failover.Client {
	client, err := failover.New(clusters, failover.Options{})
	if err != nil {
		log.Fatal(err)
	}
	return client
}
