package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/logger"

	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/failover-gen/failover-gen/templates/hazelcast/given"
)

// pairs is how many pairs of slices of time there are, one slice by the engine and
// one by the raw client.
const pairs = 24

// slicePuts is what one slice of time showed.
type slicePuts struct {
	PerSecond float64
	P99       time.Duration
}

// pair is one slice of each client, one right after the other.
type pair struct{ Engine, Raw slicePuts }

// putsRow is a row of the table.
type putsRow struct {
	Goroutines int
	pairs      []pair
}

// puts measures the engine and the raw client in turn, on the same stand-in.
func (b *bench) puts(ctx context.Context) ([]putsRow, error) {
	var rows []putsRow
	for _, goroutines := range []int{1, 64, 512} {
		b.say("puts by %d goroutines", goroutines)
		c, err := standin.Start(standin.Options{Plain: true})
		if err != nil {
			return nil, err
		}
		row := putsRow{Goroutines: goroutines}
		out, err := exec.CommandContext(ctx, b.self, childArg, "puts", b.slice.String(), strconv.Itoa(goroutines), c.Name(), c.Addresses()[0]).Output()
		c.Stop()
		if err = errors.Join(err, json.Unmarshal(out, &row.pairs)); err != nil {
			return nil, fmt.Errorf("puts by %d goroutines: %w", goroutines, err)
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// Cells are the cells of the table after the first.
func (r putsRow) Cells() string {
	of := func(f func(pair) float64) float64 { return medianOf(r.pairs, f) }
	micros := func(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }
	return fmt.Sprintf("%.0f | %.0f | %.3f | %.0f µs | %.0f µs",
		of(func(p pair) float64 { return p.Engine.PerSecond }), of(func(p pair) float64 { return p.Raw.PerSecond }),
		of(func(p pair) float64 { return p.Engine.PerSecond / p.Raw.PerSecond }),
		of(func(p pair) float64 { return micros(p.Engine.P99) }), of(func(p pair) float64 { return micros(p.Raw.P99) }))
}

// medianOf is the middle value, of an even number the upper one.
func medianOf[T any](list []T, value func(T) float64) float64 {
	var values []float64
	for _, one := range list {
		values = append(values, value(one))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

type putter interface {
	Put(ctx context.Context, key, value any) (any, error)
}

// putInPairs is a child: the length of a slice, a number of goroutines, and the name
// and address of a cluster.
func putInPairs(args []string) error {
	slice, err1 := time.ParseDuration(args[0])
	goroutines, err2 := strconv.Atoi(args[1])
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	args = args[2:]
	// Both clients get the same deadline from their caller.
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	client, err := openEngine(ctx, args)
	if err != nil {
		return err
	}
	config := hazelcast.NewConfig()
	config.Cluster.Name = args[0]
	config.Cluster.Network.SetAddresses(args[1])
	config.Logger.Level = logger.OffLevel
	hz, err := hazelcast.StartNewClientWithConfig(ctx, config)
	if err != nil {
		return err
	}
	raw, err := hz.GetMap(ctx, "map")
	if err != nil {
		return err
	}
	engine := client.Map("map")
	var list []pair
	for i := range pairs + 1 {
		var p pair
		var err1, err2 error
		if i%2 == 0 {
			p.Engine, err1 = putFor(ctx, engine, goroutines, slice)
			p.Raw, err2 = putFor(ctx, raw, goroutines, slice)
		} else {
			p.Raw, err2 = putFor(ctx, raw, goroutines, slice)
			p.Engine, err1 = putFor(ctx, engine, goroutines, slice)
		}
		if err := errors.Join(err1, err2); err != nil {
			return err
		}
		if i > 0 { // the first pair warms up
			list = append(list, p)
		}
	}
	return json.NewEncoder(os.Stdout).Encode(list)
}

// openEngine connects the engine to clusters: a name and an address of each.
func openEngine(ctx context.Context, clusters []string) (*given.Engine, error) {
	var list []given.EngineCluster
	for i := 0; i < len(clusters); i += 2 {
		list = append(list, given.EngineCluster{Name: clusters[i], Addresses: []string{clusters[i+1]}})
	}
	client, err := given.NewEngine(list, given.EngineOptions{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		return nil, err
	}
	return client, client.Wait(ctx)
}

// putFor puts from some goroutines for a while. The values are numbers, which the
// ledgers of stand-ins leave out.
func putFor(ctx context.Context, m putter, goroutines int, d time.Duration) (slicePuts, error) {
	runtime.GC() // what the last slice left is not this one's
	times, errs := make([][]time.Duration, goroutines), make([]error, goroutines)
	start := time.Now()
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for i := 0; time.Since(start) < d && errs[g] == nil; i++ {
				began := time.Now()
				_, errs[g] = m.Put(ctx, g*1000+i%1000, i)
				times[g] = append(times[g], time.Since(began))
			}
		})
	}
	all.Wait()
	took := time.Since(start)
	sorted := slices.Sorted(slices.Values(slices.Concat(times...)))
	return slicePuts{float64(len(sorted)) / took.Seconds(), sorted[len(sorted)*99/100]}, errors.Join(errs...)
}
