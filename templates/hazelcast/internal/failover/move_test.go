package failover

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/hazelcast/hazelcast-go-client"
)

func TestSwitchDrainsUnderLoad(t *testing.T) {
	for _, standby := range []Standby{Warm, Cold} {
		f := startFleet(t, 2, Options{Standby: standby})
		b := &book{written: make(map[string]bool)}
		stop := f.write(16, b)
		for i := range 6 {
			there, here := f.clusters[(i+1)%2], f.clusters[i%2]
			if err := f.Switch(deadline(t, 5*time.Second), there.Name()); err != nil {
				t.Fatalf("%v\n%s", err, f.log)
			}
			after := time.Now()
			time.Sleep(20 * time.Millisecond)
			if w, ok := here.FirstAckAfter(after); ok {
				t.Errorf("%s acked %s after the switch to %s", here.Name(), w.ID, there.Name())
			}
		}
		stop()
		b.check(t, f.clusters)
		if calls := f.Stats().Calls; calls["unknown"] > 0 {
			t.Errorf("a drained switch left calls unknown: %v", calls)
		}
	}
}

func TestSwitchToAClusterThatIsDownChangesNothing(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 2, standin.Options{})
	clusters[1].Kill()
	f := startFleetOn(t, clusters, Options{Standby: Cold})
	if err := f.Switch(deadline(t, 5*time.Second), "c2"); err == nil || !strings.Contains(err.Error(), "refuses connections") {
		t.Errorf("%v, want that c2 refuses connections", err)
	}
	if err := f.Switch(deadline(t, 5*time.Second), "c3"); err == nil {
		t.Error("switched to a cluster that does not exist")
	}
	if _, err := f.Map("map").Put(context.Background(), "k", "v"); err != nil {
		t.Error(err)
	}
	if got := f.seen(); !slices.Equal(got, []string{"CLIENT_CONNECTED c1"}) {
		t.Errorf("events %v", got)
	}
}

func TestFailbackWaitsUntilTheHookAgrees(t *testing.T) {
	t.Parallel()
	var asked, agree atomic.Bool
	f := startFleet(t, 2, Options{
		Failback: 100 * time.Millisecond, RetryTime: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond,
		ReadyToReturn: func(context.Context, *hazelcast.Client) error {
			asked.Store(true)
			if agree.Load() {
				return nil
			}
			return errors.New("replication is behind")
		},
	})
	f.waitStandby("c2")
	f.clusters[0].Kill()
	f.waitActive("c2")
	if err := f.clusters[0].Restart(true); err != nil {
		t.Fatal(err)
	}
	f.eventually("the hook is asked", asked.Load)
	if got := f.Stats().Active; got != "c2" {
		t.Fatalf("went back to %s although the hook said no", got)
	}
	agree.Store(true)
	f.waitActive("c1")
	want := []string{"CLIENT_CONNECTED c1", "CLIENT_DISCONNECTED c1", "CLIENT_CONNECTED c2", "CLIENT_CHANGED_CLUSTER c2",
		"CLIENT_DISCONNECTED c2", "CLIENT_CONNECTED c1", "CLIENT_CHANGED_CLUSTER c1"}
	f.eventually("all events are delivered", func() bool { return len(f.seen()) >= len(want) })
	if got := f.seen(); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

func TestColdFailbackConnectsForTheReturnOnly(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 3, Options{Standby: Cold, Failback: 200 * time.Millisecond, RetryTime: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond,
		ReadyToReturn: func(context.Context, *hazelcast.Client) error { return nil }})
	f.clusters[0].Kill()
	f.waitActive("c2")
	if s := f.Stats().Standby; s != "" {
		t.Errorf("a cold standby is connected: %s", s)
	}
	if err := f.clusters[0].Restart(true); err != nil {
		t.Fatal(err)
	}
	f.waitActive("c1")
}

func TestPinnedClientStays(t *testing.T) {
	t.Parallel()
	f := newFleet(t, startClusters(t, 2, standin.Options{}), byDiscovery, Options{Pin: "c2", RetryTime: 10 * time.Millisecond})
	f.waitActive("c2")
	f.clusters[1].Kill()
	time.Sleep(300 * time.Millisecond)
	if s := f.Stats(); s.Active != "" || s.Standby != "" {
		t.Errorf("a client pinned to c2, which is down, uses another: %+v", s)
	}
	if err := f.clusters[1].Restart(true); err != nil {
		t.Fatal(err)
	}
	f.waitActive("c2")
	if err := f.Switch(deadline(t, 5*time.Second), "c1"); err != nil {
		t.Fatal(err)
	}
	f.clusters[0].ResetOnce()
	f.waitActive("c1")
}
