package failover

import (
	"context"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
)

// LastGap is the time without acked writes: what the stand-in clusters see too.
func TestTheGapOfTheLastSwitch(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		lose  func(*standin.Cluster) time.Time
		least time.Duration
	}{
		"kill":   {func(c *standin.Cluster) time.Time { return c.Kill() }, 0},
		"freeze": {func(c *standin.Cluster) time.Time { return c.Freeze() }, 700 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startFleet(t, 2, Options{Silence: 800 * time.Millisecond, OpTimeout: 100 * time.Millisecond})
			m := f.Map("map")
			f.waitStandby("c2")
			if _, err := m.Put(context.Background(), "k", "before"); err != nil {
				t.Fatal(err)
			}
			if gap := f.Stats().LastGap; gap != 0 {
				t.Errorf("the gap is %v although nothing was lost", gap)
			}
			at := c.lose(f.clusters[0])
			for _, err := m.Put(context.Background(), "k", "after"); err != nil; {
				_, err = m.Put(context.Background(), "k", "after")
			}
			acked := time.Since(at)
			// The client may have heard of c1 up to a tick before that was lost.
			if gap := f.Stats().LastGap; gap < c.least || gap == 0 || gap > acked+2*tick {
				t.Errorf("the gap is %v, and a write was acked %v after the loss", gap, acked)
			}
		})
	}
}

// A cluster that is lost before it has acked anything does not end the gap.
func TestTheGapGoesOnOverAClusterThatAckedNothing(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 3, Options{})
	f.waitStandby("c2")
	f.clusters[0].Kill()
	f.waitActive("c2")
	time.Sleep(300 * time.Millisecond)
	f.clusters[1].Kill()
	f.waitActive("c3")
	if gap := f.Stats().LastGap; gap != 0 {
		t.Errorf("the gap is %v before a call was acked", gap)
	}
	if _, err := f.Map("map").Put(context.Background(), "k", "v"); err != nil {
		t.Fatal(err)
	}
	if gap := f.Stats().LastGap; gap < 300*time.Millisecond {
		t.Errorf("the gap is %v, which is that of the second loss", gap)
	}
}
