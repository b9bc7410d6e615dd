package failover

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/hazelcast/hazelcast-go-client"
)

func (f *fleet) pin(name string) error { return f.Pin(deadline(f.t, 10*time.Second), name) }

func TestPinMovesAndKeepsTheClientThere(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 3, Options{RetryTime: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond})
	f.waitStandby("c2")
	if err := f.pin("c3"); err != nil {
		t.Fatal(err)
	}
	f.eventually("the pinned client has no standby", func() bool { s := f.Stats(); return s.Active == "c3" && s.Standby == "" })
	f.clusters[2].Kill()
	f.waitActive("")
	time.Sleep(300 * time.Millisecond)
	if s := f.Stats(); s.Active != "" || s.Standby != "" {
		t.Errorf("a client pinned to c3, which is down, uses another: %+v", s)
	}
	if err := f.pin("c2"); err != nil {
		t.Fatal(err)
	}
	f.waitActive("c2")
	want := []string{"CLIENT_CONNECTED c1", "CLIENT_DISCONNECTED c1", "CLIENT_CONNECTED c3", "CLIENT_CHANGED_CLUSTER c3",
		"CLIENT_DISCONNECTED c3", "CLIENT_CONNECTED c2", "CLIENT_CHANGED_CLUSTER c2"}
	f.eventually("all events are delivered", func() bool { return len(f.seen()) >= len(want) })
	if got := f.seen(); !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

func TestPinToTheActiveClusterKeepsTheConnection(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{RetryTime: 10 * time.Millisecond})
	f.waitStandby("c2")
	if err := f.pin("c1"); err != nil {
		t.Fatal(err)
	}
	f.eventually("the standby is given up", func() bool { return f.Stats().Standby == "" })
	f.clusters[0].Kill()
	f.waitActive("")
	time.Sleep(300 * time.Millisecond)
	if s := f.Stats(); s.Active != "" {
		t.Errorf("a client pinned to c1, which is down, uses %s", s.Active)
	}
	if got, want := f.seen(), []string{"CLIENT_CONNECTED c1", "CLIENT_DISCONNECTED c1"}; !slices.Equal(got, want) {
		t.Errorf("events %v, want %v", got, want)
	}
}

func TestAPinTakenAwayLeavesTheClientWhereItIsAndFree(t *testing.T) {
	t.Parallel()
	f := newFleet(t, startClusters(t, 2, standin.Options{}), byDiscovery, Options{Pin: "c2", RetryTime: 10 * time.Millisecond,
		Failback: time.Hour, ReadyToReturn: func(context.Context, *hazelcast.Client) error { return nil }})
	f.waitActive("c2")
	if err := f.pin(""); err != nil {
		t.Fatal(err)
	}
	f.waitStandby("c1")
	if s := f.Stats(); s.Active != "c2" || s.Switches != 0 {
		t.Errorf("it left: %+v", s)
	}
	f.clusters[1].Kill()
	f.waitActive("c1")
	if err := f.pin(""); err != nil {
		t.Errorf("taking away a pin that is not there: %v", err)
	}
}

func TestAPinThatFailsChangesNothing(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 3, Options{Standby: Cold, RetryTime: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond})
	f.clusters[2].Kill()
	if err := f.pin("c3"); err == nil || !strings.Contains(err.Error(), "refuses connections") || Refused(err) {
		t.Errorf("%v, want that c3 refuses connections", err)
	}
	if err := f.pin("c4"); err == nil || !strings.Contains(err.Error(), `no cluster "c4"`) {
		t.Errorf("pinned to a cluster that does not exist: %v", err)
	}
	f.clusters[0].Kill()
	f.waitActive("c2") // it is as free as it was
	if err := f.pin("c2"); err != nil {
		t.Fatal(err)
	}
	if err := f.pin("c3"); err == nil {
		t.Error("moved to c3, which is down")
	}
	f.clusters[1].Kill()
	f.waitActive("")
	if err := f.clusters[0].Restart(true); err != nil {
		t.Fatal(err)
	}
	time.Sleep(300 * time.Millisecond)
	if s := f.Stats(); s.Active != "" {
		t.Errorf("still pinned to c2, it uses %s", s.Active)
	}
}

func TestARefusedPinIsToldAsSuch(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{Standby: Cold})
	f.clusters[1].RefuseAuth(standin.CredentialsFailed)
	if err := f.pin("c2"); !Refused(err) {
		t.Errorf("%v is no refusal", err)
	}
}

func TestPinEndsWithItsContextAndWithTheClient(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{Standby: Cold})
	f.clusters[1].Freeze()
	defer f.clusters[1].Thaw()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if err := f.Pin(ctx, "c2"); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v, want that the time is over", err)
	}
	if err := f.Close(deadline(t, 10*time.Second)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"c2", ""} {
		if err := f.pin(name); !errors.Is(err, errClosed) {
			t.Errorf("Pin(%q) of a closed client: %v", name, err)
		}
	}
}

// While a pin moves the client there and back, no write is lost or on the old cluster
// after the first on the new one.
func TestPinsUnderLoad(t *testing.T) {
	f := startFleet(t, 2, Options{})
	b := &book{written: make(map[string]bool)}
	stop := f.write(16, b)
	for i := range 6 {
		there, here := f.clusters[(i+1)%2], f.clusters[i%2]
		if err := f.pin(there.Name()); err != nil {
			t.Fatalf("%v\n%s", err, f.log)
		}
		after := time.Now()
		if i%2 == 0 {
			if err := f.pin(""); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(20 * time.Millisecond)
		if w, ok := here.FirstAckAfter(after); ok {
			t.Errorf("%s acked %s after the move to %s", here.Name(), w.ID, there.Name())
		}
	}
	stop()
	b.check(t, f.clusters)
	if calls := f.Stats().Calls; calls["unknown"] > 0 {
		t.Errorf("a drained move left calls unknown: %v", calls)
	}
}
