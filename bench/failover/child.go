package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/cluster"
	"github.com/hazelcast/hazelcast-go-client/hzerrors"
	"github.com/hazelcast/hazelcast-go-client/logger"
	"github.com/hazelcast/hazelcast-go-client/types"
)

// childArg makes this program one of its own children: what is measured runs as a
// process of its own, and not in that of the stand-ins.
const childArg = "child"

var children = map[string]func(args []string) error{
	"write": writeByGo,
	"puts":  putInPairs,
	"weigh": weighClusters,
}

// beChild runs the child that the first argument names. It exits if that fails.
func beChild(args []string) {
	if err := children[args[0]](args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// keys is how many different keys the write loops write to, as the tutorial's.
const keys = 100_000

// tunedRetry lets the plain client give a lost cluster up as early as its settings allow.
var tunedRetry = cluster.ConnectionStrategyConfig{
	Timeout: types.Duration(time.Millisecond),
	Retry:   cluster.ConnectionRetryConfig{InitialBackoff: types.Duration(10 * time.Millisecond)},
}

// tunedDeadline ends each call of the tuned client, as the engine's OpTimeout does.
// Without one a call may hang forever after its connection was cut (hazelcast-go-client v1.6.0).
const tunedDeadline = 2 * time.Second

// writeByGo is the peer of the plain Go client: "defaults" or "tuned", then a name
// and an address for each cluster. See peer.
func writeByGo(args []string) error {
	var begun, returned atomic.Int64
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		fmt.Println("ended", begun.Load(), returned.Load())
		os.Exit(0)
	}()
	tuned := args[0] == "tuned"
	ctx := context.Background()
	client, err := hazelcast.StartNewClientWithConfig(ctx, failoverConfig(tuned, args[1:]))
	if err != nil {
		return err
	}
	m, err := client.GetMap(ctx, "map")
	if err != nil {
		return err
	}
	call := func(f func(context.Context) error) error {
		if !tuned {
			return f(ctx)
		}
		ctx, cancel := context.WithTimeout(ctx, tunedDeadline)
		defer cancel()
		return f(ctx)
	}
	for round := int64(1); ; round++ {
		begun.Store(round)
		if err := call(func(ctx context.Context) error {
			_, err := m.Put(ctx, fmt.Sprint("key-", rand.IntN(keys)), fmt.Sprint("value-", round))
			return err
		}); err != nil {
			fmt.Println("failed", round, sent(err), class(err))
		}
		returned.Store(round)
		_ = call(func(ctx context.Context) error { // reads are not judged
			_, err := m.Get(ctx, fmt.Sprint("key-", rand.IntN(keys)))
			return err
		})
		if round%10 == 0 {
			_ = call(func(ctx context.Context) error {
				_, err := m.Size(ctx)
				return err
			})
		}
	}
}

func failoverConfig(tuned bool, clusters []string) hazelcast.Config {
	config := hazelcast.NewConfig()
	config.Logger.Level = logger.OffLevel
	config.Failover.Enabled = true
	for i := 0; i < len(clusters); i += 2 {
		var c cluster.Config
		c.Name = clusters[i]
		c.Network.SetAddresses(clusters[i+1])
		if tuned {
			c.ConnectionStrategy = tunedRetry
		}
		config.Failover.SetConfigs(append(config.Failover.Configs, c)...)
	}
	return config
}

// sent says whether a put that failed may have been sent: "unknown" or "unsent".
func sent(err error) string {
	for _, unsent := range []error{hzerrors.ErrClientOffline, hzerrors.ErrClientNotActive, hzerrors.ErrRetryableIO} {
		if errors.Is(err, unsent) {
			return "unsent"
		}
	}
	return "unknown"
}

// class is what is printed of an error: one word.
func class(err error) string {
	for next := err; next != nil; next = errors.Unwrap(err) {
		err = next
	}
	return strings.Join(strings.Fields(err.Error()), "_")
}
