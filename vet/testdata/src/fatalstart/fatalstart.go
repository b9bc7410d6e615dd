// Package main shows clients that do not start while a cluster is away.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
)

// Bad: with the cluster away, the start never returns: no error, no next cluster.
func main() {
	ctx := context.Background()
	client, err := hazelcast.StartNewClient(ctx) // want `StartNewClient tries forever when the cluster is away: its context comes from context.Background, which has no deadline, and ConnectionStrategy.Timeout is not set`
	if err != nil {
		log.Fatal(err)
	}
	other, err := connect(ctx, "a") // want `connect \(StartNewClientWithConfig\) tries forever when the cluster is away`
	fmt.Println(client, other, err)
	bounded()
}

func connect(ctx context.Context, name string) (*hazelcast.Client, error) {
	config := hazelcast.Config{}
	config.Cluster.Name = name
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

// Bad: the start is bounded, but the process ends with it, while the second
// cluster is well.
func bounded() {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client, err := hazelcast.StartNewClient(ctx) // want `the process ends when the first cluster is away, because StartNewClient fails then: try the next cluster, or try again later`
	if err != nil {
		fmt.Fprintln(os.Stderr, "no cluster:", err)
		os.Exit(1)
	}
	fmt.Println(client)
	other, err := connect(ctx, "b") // want `the process ends when the first cluster is away, because connect \(StartNewClientWithConfig\) fails then`
	must(err)
	fmt.Println(other)
}

// Bad: the caller's limit ends the process.
func mustConnect(ctx context.Context) *hazelcast.Client {
	client, err := hazelcast.StartNewClient(ctx) // want `the process ends when the first cluster is away until the context ends, because StartNewClient fails then`
	if err != nil {
		log.Panic(err)
	}
	return client
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

// Good: the next cluster is tried, and the caller decides.
func first(names ...string) (client *hazelcast.Client, err error) {
	for _, name := range names {
		ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
		client, err = connect(ctx, name)
		cancel()
		if err == nil {
			return client, nil
		}
		log.Println("cluster", name, "is away:", err)
	}
	return nil, err
}
