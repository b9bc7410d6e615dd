package failover

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
	"pgregory.net/rapid"
)

// usual is the head start that New gives to an attempt by itself.
const usual = -1

// An attempt at the first two takes ConnectTimeout, and the first is due again
// before the second has ended.
func TestDeadClustersStarveNoOther(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 3, standin.Options{PrivateAddresses: true})
	clusters[0].Blackhole()
	clusters[1].Freeze()
	defer clusters[1].Thaw()
	start := time.Now()
	f := newFleet(t, clusters, byDiscovery, Options{headStart: usual})
	if err := f.Wait(deadline(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(start); f.Stats().Active != "c3" || took > 4*time.Second {
		t.Errorf("%q is active after %v", f.Stats().Active, took)
	}
}

func TestDeadClustersStarveNoOtherAfterALoss(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 4, Options{Standby: Cold, headStart: usual})
	f.clusters[1].Freeze()
	defer f.clusters[1].Thaw()
	f.clusters[2].Freeze()
	defer f.clusters[2].Thaw()
	start := time.Now()
	f.clusters[0].Kill()
	f.waitActive("c4")
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestDeadClustersStarveNoStandby(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 4, standin.Options{PrivateAddresses: true})
	for _, c := range clusters[1:3] {
		c.Freeze()
		defer c.Thaw()
	}
	start := time.Now()
	f := startFleetOn(t, clusters, Options{headStart: usual})
	f.waitStandby("c4")
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("it took %v", took)
	}
}

// With n clusters of which any may time out, whichever else, the time to a
// living one is bounded by ConnectTimeout and a second, at the start and after
// the loss of what was active.
func TestTimeToALivingClusterIsBounded(t *testing.T) {
	inParallel(t, func(rt *rapid.T) {
		n := rapid.IntRange(2, 8).Draw(rt, "clusters")
		alive := rapid.IntRange(0, n-1).Draw(rt, "one that lives")
		frozen := rapid.SliceOfN(rapid.Bool(), n, n).Draw(rt, "frozen")
		f := &fleet{log: &logCatcher{}}
		for i := range n {
			c, err := standin.Start(standin.Options{Name: fmt.Sprintf("c%d", i+1), Plain: true})
			if err != nil {
				rt.Fatal(err)
			}
			defer c.Stop()
			if frozen[i] && i != alive {
				c.Freeze()
				defer c.Thaw()
			}
			f.clusters = append(f.clusters, c)
		}
		o := Options{ConnectTimeout: 400 * time.Millisecond, Confirm: 10 * time.Millisecond, RetryTime: time.Millisecond, Standby: Cold, headStart: usual}
		start := time.Now()
		if err := f.start(byAddress, o); err != nil {
			rt.Fatal(err)
		}
		defer f.Close(deadline(t, 5*time.Second))
		within := func(what string) {
			if err := f.Wait(deadline(t, 5*time.Second)); err != nil {
				rt.Fatal(err)
			}
			if took := time.Since(start); took > o.ConnectTimeout+time.Second {
				rt.Errorf("%s: %s was active after %v only\n%s", what, f.Stats().Active, took, f.log)
			}
		}
		within("at the start")
		first := f.current.Load().session.target
		if first.index == alive {
			return
		}
		start = time.Now()
		f.clusters[first.index].Kill()
		for f.Stats().Active == first.Name {
			time.Sleep(time.Millisecond)
		}
		within("after the loss")
	})
}

// Callers do not wait for the better cluster, but of two that are connected
// before one is needed the better one is taken, whichever came first.
func TestOfTwoThatAreReadyTheBetterIsTaken(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 3, Options{Standby: Cold})
	connect := func(i int) *session {
		s, err := f.connect(deadline(t, 5*time.Second), f.targets[i], false)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	for _, order := range [][]int{{1, 2}, {2, 1}} {
		p := &policy{Client: f.Client, last: f.targets[0]}
		for _, i := range order {
			p.attempted(attemptDone{target: f.targets[i], session: connect(i)})
		}
		if p.spare.target.Name != "c2" {
			t.Errorf("when they came in the order %v, %s is taken", order, p.spare.target.Name)
		}
		p.discard(p.takeSpare())
	}
}

func TestEachIsTriedOnceBeforeAnyIsTriedAgain(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := &Client{inbox: make(chan any, 1000)}
		c.o.setDefaults(1)
		var cancel context.CancelFunc
		c.ctx, cancel = context.WithCancel(context.Background())
		cancel() // every attempt ends at once
		p := &policy{Client: c}
		c.o.headStart = 0
		n := rapid.IntRange(1, 5).Draw(rt, "clusters")
		for i := range n {
			c.targets = append(c.targets, newTarget(Cluster{Name: fmt.Sprint(i), Addresses: []string{"127.0.0.1:1"}}, i, c.o))
		}
		for turn := range 3 * n {
			p.try(c.targets...)
			for _, other := range c.targets {
				if other.trying != (other.index == turn%n) {
					rt.Errorf("turn %d of %d clusters: cluster %d is tried: %v", turn, n, other.index, other.trying)
				}
				other.trying = false
			}
		}
		c.running.Wait()
	})
}
