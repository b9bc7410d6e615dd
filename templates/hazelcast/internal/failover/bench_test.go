package failover

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/logger"
)

type putter interface {
	Put(ctx context.Context, key, value any) (any, error)
}

// peers returns the raw client's map and the engine's, on one stand-in.
func peers(b *testing.B) (raw, engine putter) {
	b.Helper()
	c, err := standin.Start(standin.Options{Name: "bench", Plain: true})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(c.Stop)
	ctx := context.Background()
	config := hazelcast.NewConfig()
	config.Cluster.Name = "bench"
	config.Cluster.Network.Addresses = c.Addresses()
	config.Logger.Level = logger.OffLevel
	hz, err := hazelcast.StartNewClientWithConfig(ctx, config)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = hz.Shutdown(ctx) })
	rawMap, err := hz.GetMap(ctx, "map")
	if err != nil {
		b.Fatal(err)
	}
	client, err := New([]Cluster{byAddress(c)}, Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = client.Close(ctx) })
	if err := client.Wait(ctx); err != nil {
		b.Fatal(err)
	}
	return rawMap, client.Map("map")
}

// puts makes n puts from each of some goroutines and returns the time it took.
func puts(b *testing.B, ctx context.Context, m putter, goroutines, n int) time.Duration {
	start := time.Now()
	var all sync.WaitGroup
	for range goroutines {
		all.Go(func() {
			for i := range n {
				if _, err := m.Put(ctx, i%100, "value"); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	return time.Since(start)
}

// BenchmarkPutPaired runs the raw client and the engine in turn, in short
// stretches, under the same deadline of the caller. raw/engine is the engine's
// throughput as a share of the raw client's.
func BenchmarkPutPaired(b *testing.B) {
	for _, goroutines := range []int{1, 64} {
		b.Run(fmt.Sprint(goroutines), func(b *testing.B) {
			raw, engine := peers(b)
			ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
			defer cancel()
			stretch := max(1, 2048/goroutines)
			puts(b, ctx, raw, goroutines, stretch)
			puts(b, ctx, engine, goroutines, stretch)
			var rawTime, engineTime time.Duration
			rounds := 0
			for b.Loop() {
				if rounds%2 == 0 {
					rawTime += puts(b, ctx, raw, goroutines, stretch)
					engineTime += puts(b, ctx, engine, goroutines, stretch)
				} else {
					engineTime += puts(b, ctx, engine, goroutines, stretch)
					rawTime += puts(b, ctx, raw, goroutines, stretch)
				}
				rounds++
			}
			b.ReportMetric(float64(rawTime)/float64(engineTime), "raw/engine")
			b.ReportMetric(float64(engineTime.Nanoseconds())/float64(rounds*stretch*goroutines), "engine-ns/put")
		})
	}
}

// BenchmarkPut counts allocations. "engine-no-deadline" is a call whose caller
// gave no deadline, so that the engine makes one.
func BenchmarkPut(b *testing.B) {
	raw, engine := peers(b)
	bounded, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	for _, c := range []struct {
		name string
		ctx  context.Context
		m    putter
	}{
		{"raw", bounded, raw}, {"engine", bounded, engine}, {"engine-no-deadline", context.Background(), engine},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.m.Put(c.ctx, 1, "value"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
