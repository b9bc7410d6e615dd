package vet

import (
	"context"
	"testing"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/cluster"
	"github.com/hazelcast/hazelcast-go-client/logger"
	"github.com/hazelcast/hazelcast-go-client/nearcache"
	"github.com/hazelcast/hazelcast-go-client/types"

	"github.com/failover-gen/failover-gen/internal/standin"
)

func TestNativeFailover(t *testing.T) {
	check(t, NativeFailover, "nativefailover")
}

// failingOver returns a configuration whose failover is enabled, with short times.
func failingOver(clusters ...*standin.Cluster) hazelcast.Config {
	config := hazelcast.NewConfig()
	config.Logger.Level = logger.OffLevel
	config.Failover.Enabled, config.Failover.TryCount = true, 10
	for _, c := range clusters {
		candidate := cluster.Config{Name: c.Name()}
		candidate.Network.SetAddresses(c.Addresses()...)
		candidate.Network.SSL.Enabled = true
		candidate.Network.SSL.SetTLSConfig(c.ClientTLS())
		candidate.ConnectionStrategy.Timeout = types.Duration(200 * time.Millisecond)
		candidate.ConnectionStrategy.Retry.InitialBackoff = types.Duration(50 * time.Millisecond)
		config.Failover.Configs = append(config.Failover.Configs, candidate)
	}
	return config
}

// startClient starts a client for the time of a test.
func startClient(t *testing.T, config hazelcast.Config) *hazelcast.Client {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client, err := hazelcast.StartNewClientWithConfig(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Shutdown(context.Background()) })
	return client
}

// until waits for something that must become true.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s: not within 30 s", what)
		}
	}
}

func authentications(c *standin.Cluster) int {
	answered, _ := c.Authentications()
	return answered
}

// The root cluster is not a candidate, as nativefailover says.
func TestRootClusterIsNotACandidate(t *testing.T) {
	root, listed := startStandin(t, "pr-1234"), startStandin(t, "pr-5678")
	config := failingOver(listed)
	config.Cluster.Name = root.Name()
	config.Cluster.Network.SetAddresses(root.Addresses()...)
	config.Cluster.Network.SSL.Enabled = true
	config.Cluster.Network.SSL.SetTLSConfig(root.ClientTLS())
	listed.Kill()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	config.Failover.TryCount = 3
	if _, err := hazelcast.StartNewClientWithConfig(ctx, config); err == nil {
		t.Error("the client started on the root cluster")
	}
	if n := authentications(root); n > 0 {
		t.Errorf("the root cluster was asked %d times", n)
	}
}

// With ReconnectModeOff, the client shuts down where it should go on.
func TestReconnectOffEndsTheClient(t *testing.T) {
	primary, secondary := startStandin(t, "pr-1234"), startStandin(t, "pr-5678")
	config := failingOver(primary, secondary)
	config.Cluster.ConnectionStrategy.ReconnectMode = cluster.ReconnectModeOff
	client := startClient(t, config)
	primary.Kill()
	until(t, "the client has shut down", func() bool { return !client.Running() })
	if n := authentications(secondary); n > 0 {
		t.Errorf("the secondary was asked %d times", n)
	}
}

// A near cache goes on answering from the lost cluster, as stale says.
func TestNearCacheOutlivesItsCluster(t *testing.T) {
	primary, secondary := startStandin(t, "pr-1234"), startStandin(t, "pr-5678")
	config := failingOver(primary, secondary)
	near := nearcache.Config{Name: "orders"}
	near.SetInvalidateOnChange(false)
	config.AddNearCache(near)
	client := startClient(t, config)
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	orders, err := client.GetMap(ctx, "orders")
	if err != nil {
		t.Fatal(err)
	}
	if err := orders.Set(ctx, "1", "open"); err != nil {
		t.Fatal(err)
	}
	if value, err := orders.Get(ctx, "1"); err != nil || value != "open" { // which the near cache keeps
		t.Fatal(value, err)
	}
	primary.Kill()
	until(t, "the secondary is connected", func() bool { return authentications(secondary) > 0 })
	var size int
	until(t, "the secondary answers", func() bool { size, err = orders.Size(ctx); return err == nil })
	value, err := orders.Get(ctx, "1")
	if size != 0 || err != nil || value != "open" {
		t.Errorf("the secondary has %d entries, and Get returned %v, %v: a near cache is cleared now; stale and docs/vet.md say that it is not", size, value, err)
	}
}
