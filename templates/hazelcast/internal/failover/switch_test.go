package failover

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

func TestKillSwitchesToTheStandby(t *testing.T) {
	t.Parallel()
	for _, standby := range []Standby{Warm, Cold} {
		t.Run(map[Standby]string{Warm: "warm", Cold: "cold"}[standby], func(t *testing.T) {
			f := startFleet(t, 2, Options{Standby: standby})
			m := f.Map("map")
			if _, err := m.Put(context.Background(), "k", "before"); err != nil {
				t.Fatal(err)
			}
			if standby == Warm {
				f.waitStandby("c2")
			}
			at := f.clusters[0].Kill()
			for i := 0; ; i++ {
				_, err := m.Put(context.Background(), "k", fmt.Sprint("after-", i))
				if err == nil {
					break
				}
				if o := outcome.Of(err); o == outcome.Rejected {
					t.Fatal(err)
				}
			}
			f.eventually("c2 has acked a write", func() bool { _, ok := f.clusters[1].FirstAckAfter(at); return ok })
			want := []string{"CLIENT_CONNECTED c1", "CLIENT_DISCONNECTED c1", "CLIENT_CONNECTED c2", "CLIENT_CHANGED_CLUSTER c2"}
			f.eventually("all events are delivered", func() bool { return len(f.seen()) >= len(want) })
			if got := f.seen(); !slices.Equal(got, want) {
				t.Errorf("events %v, want %v", got, want)
			}
		})
	}
}

func TestOneResetDoesNotSwitch(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{})
	m := f.Map("map")
	f.waitStandby("c2")
	f.clusters[0].ResetOnce()
	f.eventually("the client is connected again", func() bool { return len(f.seen()) >= 3 })
	if _, err := m.Put(context.Background(), "k", "v"); err != nil {
		t.Fatal(err)
	}
	want := []string{"CLIENT_CONNECTED c1", "CLIENT_DISCONNECTED c1", "CLIENT_CONNECTED c1"}
	if got := f.seen(); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

func TestFreezeIsNoticedBySilence(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{Silence: time.Second, OpTimeout: 200 * time.Millisecond})
	m := f.Map("map")
	f.waitStandby("c2")
	at := f.clusters[0].Freeze()
	defer f.clusters[0].Thaw()
	for i := 0; f.Stats().Active != "c2"; i++ {
		_, _ = m.Put(context.Background(), "k", fmt.Sprint("frozen-", i))
	}
	if _, err := m.Put(context.Background(), "k", "after"); err != nil {
		t.Fatal(err)
	}
	f.eventually("c2 has acked a write", func() bool { _, ok := f.clusters[1].FirstAckAfter(at); return ok })
}
