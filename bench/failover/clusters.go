package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
)

const (
	processes  = 3 // with each number of clusters, in turn
	slicesEach = 7 // of puts in each process
)

// clusterCounts is with how many clusters the engine is weighed.
var clusterCounts = []int{2, 3, 4, 6, 8}

// weight is what a process with the engine weighs. It tells HeapMiB, ResidentMiB and
// Goroutines itself, and PerSecond later.
type weight struct {
	Clusters, Connections int
	HeapMiB, ResidentMiB  float64
	Goroutines            int
	PerSecond             []float64 // puts, by slice
}

// Cells are the cells of the table.
func (w weight) Cells() string {
	resident := "not measured"
	if w.ResidentMiB > 0 {
		resident = fmt.Sprintf("%.1f MiB", w.ResidentMiB)
	}
	return fmt.Sprintf("%d | %d | %d | %.1f MiB | %s | %.0f | %.0f to %.0f", w.Clusters, w.Connections, w.Goroutines, w.HeapMiB, resident,
		medianOf(w.PerSecond, func(v float64) float64 { return v }), slices.Min(w.PerSecond), slices.Max(w.PerSecond))
}

// clusters weighs the engine with a warm standby and ever more clusters. The processes
// take turns, because the throughput of one that has begun is much its own.
func (b *bench) clusters(ctx context.Context) ([]weight, error) {
	rows := make([]weight, len(clusterCounts))
	for round := range processes {
		for i, n := range clusterCounts {
			b.say("%d clusters, process %d of %d", n, round+1, processes)
			w, err := b.weigh(ctx, n)
			if err != nil {
				return nil, fmt.Errorf("%d clusters: %w", n, err)
			}
			w.PerSecond = append(w.PerSecond, rows[i].PerSecond...)
			rows[i] = w
		}
	}
	return rows, nil
}

func (b *bench) weigh(ctx context.Context, n int) (weight, error) {
	var list []*standin.Cluster
	defer func() {
		for _, c := range list {
			c.Stop()
		}
	}()
	args := []string{childArg, "weigh", b.slice.String()}
	for i := range n {
		c, err := standin.Start(standin.Options{Name: fmt.Sprint("cluster-", i+1), Plain: true})
		if err != nil {
			return weight{}, err
		}
		list, args = append(list, c), append(args, c.Name(), c.Addresses()[0])
	}
	cmd := exec.CommandContext(ctx, b.self, args...)
	out, err := cmd.StdoutPipe()
	if err != nil {
		return weight{}, err
	}
	if err := cmd.Start(); err != nil {
		return weight{}, err
	}
	var w weight
	said := json.NewDecoder(out)
	err = said.Decode(&w) // now it is connected
	w.Clusters = n
	for _, c := range list {
		w.Connections += c.Connections()
	}
	return w, errors.Join(err, said.Decode(&w.PerSecond), cmd.Wait())
}

// weighClusters is a child: the length of a slice of puts, then a name and an address of
// each cluster. It prints a weight, and then how many puts it made each second, by slice.
func weighClusters(args []string) error {
	slice, err := time.ParseDuration(args[0])
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Hour)
	defer cancel()
	client, err := openEngine(ctx, args[1:])
	if err != nil {
		return err
	}
	for client.Stats().Standby == "" {
		time.Sleep(10 * time.Millisecond)
	}
	time.Sleep(time.Second) // what was needed to connect is gone
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	const mib = 1 << 20
	out := json.NewEncoder(os.Stdout)
	if err := out.Encode(weight{HeapMiB: float64(m.HeapAlloc) / mib, ResidentMiB: resident(), Goroutines: runtime.NumGoroutine()}); err != nil {
		return err
	}
	var perSecond []float64
	for range slicesEach + 1 {
		s, err := putFor(ctx, client.Map("map"), 64, slice)
		if err != nil {
			return err
		}
		perSecond = append(perSecond, s.PerSecond)
	}
	return out.Encode(perSecond[1:]) // the first slice warms up
}

// resident is the memory of this process in MiB, 0 where the system does not tell.
func resident() float64 {
	status, _ := os.ReadFile("/proc/self/status")
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kib, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	n, _ := strconv.ParseFloat(kib, 64)
	return n / 1024
}
