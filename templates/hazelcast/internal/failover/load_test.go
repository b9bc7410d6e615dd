package failover

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/failover-gen/failover-gen/templates/outcome"
	"pgregory.net/rapid"
)

// book is what the writers were told.
type book struct {
	mu      sync.Mutex
	written map[string]bool // id -> acked
}

// write starts n tight writers of unique values. Stop waits for them.
func (f *fleet) write(n int, b *book) (stop func()) {
	var done atomic.Bool
	var writers sync.WaitGroup
	m := f.Map("map")
	for w := range n {
		writers.Go(func() {
			for i := 0; !done.Load(); i++ {
				id := fmt.Sprintf("w%d-%d", w, i)
				_, err := m.Put(context.Background(), rand.IntN(1000), id)
				b.mu.Lock()
				b.written[id] = err == nil
				b.mu.Unlock()
			}
		})
	}
	return func() { done.Store(true); writers.Wait() }
}

// check holds the promises against what the stand-ins applied: every acked
// write was applied, and no write was applied twice.
func (b *book) check(t interface {
	Helper()
	Errorf(string, ...any)
}, clusters []*standin.Cluster) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, acked := range b.written {
		times := 0
		for _, c := range clusters {
			times += c.Applications(id)
		}
		if acked && times == 0 {
			t.Errorf("%s was acked and is nowhere", id)
		}
		if times > 1 {
			t.Errorf("%s was applied %d times", id, times)
		}
	}
}

// switchesUnderTest is 1,000 in CI and a few elsewhere.
func switchesUnderTest() int {
	if os.Getenv("FAILOVER_LONG") != "" {
		return 1000
	}
	return 30
}

func TestManySwitchesLoseNothingAndLeakNothing(t *testing.T) {
	f := startFleet(t, 2, Options{RetryTime: time.Millisecond, RetryMax: 5 * time.Millisecond})
	b := &book{written: make(map[string]bool)}
	f.Map("map")
	f.waitStandby("c2")
	stop := f.write(4, b)
	before := 0
	for i := range switchesUnderTest() {
		here, there := f.clusters[i%2], f.clusters[(i+1)%2]
		f.waitStandby(there.Name())
		if i == 10 {
			before = runtime.NumGoroutine()
		}
		here.Kill()
		f.waitActive(there.Name())
		if err := here.Restart(true); err != nil {
			t.Fatal(err)
		}
	}
	f.waitStandby(f.clusters[switchesUnderTest()%2^1].Name())
	time.Sleep(100 * time.Millisecond)
	if after := runtime.NumGoroutine(); after > before+20 {
		t.Errorf("%d goroutines after, %d at the tenth switch", after, before)
	}
	stop()
	b.check(t, f.clusters)
	if got := f.Stats().Switches; got != int64(switchesUnderTest()) {
		t.Errorf("%d switches, want %d", got, switchesUnderTest())
	}
	t.Logf("%d writes, %+v", len(b.written), f.Stats())
}

// Whatever happens to three clusters, in whatever order: no acked write is
// lost, none is applied twice, and the events tell a story that makes sense.
func TestAnyCourseOfFaultsKeepsThePromises(t *testing.T) {
	inParallel(t, func(rt *rapid.T) {
		var clusters []*standin.Cluster
		for i := range 3 {
			c, err := standin.Start(standin.Options{Name: fmt.Sprintf("c%d", i+1), Plain: true})
			if err != nil {
				rt.Fatal(err)
			}
			defer c.Stop()
			clusters = append(clusters, c)
		}
		f := &fleet{clusters: clusters, log: &logCatcher{}}
		err := f.start(byAddress, Options{
			Standby: rapid.SampledFrom([]Standby{Warm, Cold}).Draw(rt, "standby"),
			Silence: 150 * time.Millisecond, OpTimeout: 100 * time.Millisecond, Confirm: 50 * time.Millisecond,
			ConnectTimeout: 150 * time.Millisecond, RetryTime: time.Millisecond, RetryMax: 10 * time.Millisecond, headStart: usual,
		})
		if err != nil {
			rt.Fatal(err)
		}
		b := &book{written: make(map[string]bool)}
		stop := f.write(rapid.SampledFrom([]int{1, 16}).Draw(rt, "writers"), b)
		for range rapid.IntRange(1, 4).Draw(rt, "faults") {
			c := rapid.SampledFrom(clusters).Draw(rt, "cluster")
			switch rapid.SampledFrom([]string{"kill", "restart", "reset", "freeze", "thaw"}).Draw(rt, "fault") {
			case "kill":
				c.Kill()
			case "restart":
				if err := c.Restart(true); err != nil {
					rt.Fatal(err)
				}
			case "reset":
				c.ResetOnce()
			case "freeze":
				c.Freeze()
			case "thaw":
				c.Thaw()
			}
			time.Sleep(time.Duration(rapid.IntRange(0, 150).Draw(rt, "ms")) * time.Millisecond)
		}
		for _, c := range clusters {
			c.Thaw()
			_ = c.Restart(true) // those that are up stay up
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := f.Wait(ctx); err != nil {
			rt.Errorf("with every cluster back: %v\n%s", err, f.log)
		}
		stop()
		if _, err := f.Map("map").Put(outcome.MayRepeat(ctx), "last", "last"); err != nil {
			rt.Errorf("with every cluster back: %v", err)
		}
		if err := f.Close(ctx); err != nil {
			rt.Errorf("close: %v", err)
		}
		b.check(rt, clusters)
		checkStory(rt, f.events)
	})
}

// checkStory holds the order of events: connected and disconnected alternate,
// and a change of cluster follows a connection to another one, at once.
func checkStory(rt *rapid.T, events []Event) {
	connected, last := "", ""
	for i, e := range events {
		switch {
		case e.Type == Connected && connected == "":
			connected = e.Cluster
			changes := i+1 < len(events) && events[i+1].Type == ChangedCluster
			if delivered := i+1 < len(events); delivered && changes != (last != "" && last != e.Cluster) {
				rt.Errorf("event %d: connected to %s after %q, change told: %v", i, e.Cluster, last, changes)
			}
		case e.Type == Disconnected && connected == e.Cluster:
			connected, last = "", e.Cluster
		case e.Type == ChangedCluster && connected == e.Cluster && e.From == last && e.From != e.Cluster:
		default:
			rt.Errorf("event %d makes no sense: %+v", i, e)
		}
	}
}
