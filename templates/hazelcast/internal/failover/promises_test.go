package failover

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/failover-gen/failover-gen/templates/outcome"
	"github.com/hazelcast/hazelcast-go-client"
)

func TestHangingDiscoveryHoldsUpNoCaller(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 2, standin.Options{})
	for _, c := range clusters {
		c.Discovery().Hang()
	}
	f := newFleet(t, clusters, byDiscovery, Options{})
	time.Sleep(100 * time.Millisecond)
	start := time.Now()
	_, err := f.Map("map").Put(deadline(t, 200*time.Millisecond), "k", "v")
	f.Stats()
	if took := time.Since(start); outcome.Of(err) != outcome.NotSent || took > time.Second {
		t.Errorf("a call with a deadline of 200 ms took %v: %v", took, err)
	}
}

func TestSwitchWhileNothingIsActiveMovesThePin(t *testing.T) {
	t.Parallel()
	f := newFleet(t, startClusters(t, 2, standin.Options{}), byDiscovery, Options{Pin: "c1"})
	f.waitActive("c1")
	f.clusters[0].Kill()
	f.eventually("c1 is lost", func() bool { return f.Stats().Active == "" })
	if err := f.Switch(deadline(t, 5*time.Second), "c2"); err != nil {
		t.Fatal(err)
	}
	f.waitActive("c2")
}

func TestSwitchThatFailsLeavesThePin(t *testing.T) {
	t.Parallel()
	for _, standby := range []Standby{Warm, Cold} {
		f := newFleet(t, startClusters(t, 2, standin.Options{}), byDiscovery, Options{Pin: "c1", Standby: standby})
		f.waitActive("c1")
		f.clusters[1].Slow(50 * time.Millisecond)
		first := make(chan error, 1)
		go func() { first <- f.Switch(context.Background(), "c2") }()
		time.Sleep(20 * time.Millisecond)
		if err := f.Switch(deadline(t, 5*time.Second), "c1"); err != nil {
			t.Error(err)
		}
		if err := <-first; err == nil {
			t.Error("the first switch was replaced by the second, and yet succeeded")
		}
		f.clusters[0].Kill()
		time.Sleep(500 * time.Millisecond)
		if s := f.Stats(); s.Active != "" {
			t.Errorf("pinned to c1, and %s is active", s.Active)
		}
	}
}

func TestSwitchGivenUpDoesNotHappen(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{Standby: Cold})
	f.clusters[1].Slow(50 * time.Millisecond)
	if err := f.Switch(deadline(t, 20*time.Millisecond), "c2"); err == nil {
		t.Fatal("the switch was as fast as 20 ms")
	}
	time.Sleep(time.Second)
	if s := f.Stats(); s.Active != "c1" {
		t.Errorf("%s is active", s.Active)
	}
}

func TestIdleStandbyIsNotCondemnedByAShortSilence(t *testing.T) {
	f := startFleet(t, 2, Options{Silence: 800 * time.Millisecond})
	f.waitStandby("c2")
	time.Sleep(2 * time.Second)
	if log := f.log.String(); strings.Contains(log, "standby is lost") {
		t.Error(log)
	}
}

// A cluster that answers every call with an error is not silent.
func TestErrorsAreAnswers(t *testing.T) {
	f := startFleet(t, 2, Options{Silence: 500 * time.Millisecond})
	if _, err := f.Map("map").Put(context.Background(), "k", "v"); err != nil {
		t.Fatal(err)
	}
	f.clusters[0].RefuseOperations(27) // illegal state
	time.Sleep(1000 * time.Millisecond)
	if s := f.Stats(); s.Switches > 0 {
		t.Errorf("switched: %+v", s)
	}
}

// What no member has answered must not keep a frozen cluster alive.
func TestLocalAnswersHideNoFreeze(t *testing.T) {
	f := startFleet(t, 2, Options{Silence: 500 * time.Millisecond})
	f.waitStandby("c2")
	f.clusters[0].Freeze()
	defer f.clusters[0].Thaw()
	for start := time.Now(); f.Stats().Active != "c2" && time.Since(start) < 5*time.Second; time.Sleep(20 * time.Millisecond) {
		_ = f.Do(context.Background(), func(context.Context, *hazelcast.Client) error { return nil })
	}
	f.waitActive("c2")
}

func TestReadsAreRepeatedAtAMeasuredPace(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 1, Options{})
	tries := 0
	err := f.call(deadline(t, time.Second), nil, &Result{}, freely, func(context.Context, *session, *hazelcast.Map) error {
		tries++
		return errors.New("unheard of")
	})
	if err == nil || tries > 20 {
		t.Errorf("%d tries in a second, %v", tries, err)
	}
}

func TestFailingHookIsTriedEverMoreRarely(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	newFleet(t, startClusters(t, 1, standin.Options{}), byDiscovery, Options{OnActive: func(context.Context, *hazelcast.Client) error {
		calls.Add(1)
		return errors.New("no")
	}})
	time.Sleep(3500 * time.Millisecond) // pauses of 1 s and 2 s
	if n := calls.Load(); n > 3 {
		t.Errorf("the hook ran %d times in 3.5 s", n)
	}
}

func TestHookThatHangsIsLeftBehind(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hook, _ := hangAt(2, release)
	f := startFleet(t, 2, Options{ConnectTimeout: time.Second, OnActive: hook})
	defer close(release)
	f.waitStandby("c2")
	f.clusters[0].Kill()
	f.eventually("the hook is given up", func() bool { return strings.Contains(f.Stats().Causes["c2"], "did not return within 1s") })
}

// A proxy that accepts and closes, in front of a cluster that is gone, must
// not be asked hundreds of times, nor late once the cluster is back.
func TestRejoinKeepsItsPace(t *testing.T) {
	t.Parallel()
	c := startClusters(t, 1, standin.Options{Plain: true})[0]
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var broken atomic.Bool
	var accepted atomic.Int64
	cut := make(chan struct{})
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			accepted.Add(1)
			to, err := net.Dial("tcp", c.Addresses()[0])
			if broken.Load() || err != nil {
				from.Close()
				continue
			}
			go pipe(from, to, cut)
			go pipe(to, from, cut)
		}
	}()
	f := newFleet(t, []*standin.Cluster{c}, func(c *standin.Cluster) Cluster {
		return Cluster{Name: c.Name(), Addresses: []string{l.Addr().String()}}
	}, Options{})
	f.waitActive("c1")
	before := accepted.Load()
	broken.Store(true)
	close(cut)
	time.Sleep(1100 * time.Millisecond)
	if n := accepted.Load() - before; n > 40 {
		t.Errorf("%d connections within Confirm", n)
	}
	cut = make(chan struct{})
	defer close(cut)
	broken.Store(false)
	start := time.Now()
	f.waitActive("c1")
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("it took %v to be back", took)
	}
}

func pipe(to, from net.Conn, cut <-chan struct{}) {
	go func() { <-cut; from.Close(); to.Close() }()
	buffer := make([]byte, 4096)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			to.Close()
			return
		}
		if _, err := to.Write(buffer[:n]); err != nil {
			return
		}
	}
}

func TestManyMapsOnASlowCluster(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 1, standin.Options{})
	clusters[0].Slow(30 * time.Millisecond)
	f := newFleet(t, clusters, byDiscovery, Options{})
	for i := range 150 {
		f.Map(fmt.Sprint("tenant-", i))
	}
	f.waitActive("c1")
}

func TestEventsBeforeCloseAreDelivered(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 1, standin.Options{Plain: true})
	for range 20 {
		f := newFleet(t, clusters, byAddress, Options{})
		if err := f.Wait(deadline(t, 5*time.Second)); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(deadline(t, 5*time.Second)); err != nil {
			t.Fatal(err)
		}
		if len(f.seen()) == 0 {
			t.Fatal("CLIENT_CONNECTED was never delivered")
		}
	}
}

func TestFailbackIdlesOnThePrimary(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{Failback: time.Millisecond, ReadyToReturn: func(context.Context, *hazelcast.Client) error { return nil }})
	f.waitStandby("c2")
	time.Sleep(50 * time.Millisecond) // the way back is long due, and there is none
	p := &policy{Client: f.Client, wake: time.Now().Add(time.Hour), active: f.current.Load().session}
	if p.considerReturn(); time.Until(p.wake) < 59*time.Minute {
		t.Errorf("the policy wakes up in %v for a return that is none", time.Until(p.wake))
	}
}

func TestCallWithoutADeadlineEndsByItself(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 1, Options{OpTimeout: time.Second})
	m := f.Map("map")
	if _, err := m.Put(context.Background(), "k", "v"); err != nil {
		t.Fatal(err)
	}
	f.clusters[0].Freeze()
	defer f.clusters[0].Thaw()
	type key struct{}
	withValue := context.WithValue(context.Background(), key{}, "value")
	canBeCanceled, cancel := context.WithCancel(context.Background())
	defer cancel()
	for name, ctx := range map[string]context.Context{"a value": withValue, "a cancel function": canBeCanceled} {
		start := time.Now()
		err := m.Do(ctx, func(inner context.Context, hm *hazelcast.Map) error {
			if inner.Value(key{}) != ctx.Value(key{}) {
				t.Errorf("%s: the call's context lost the caller's value", name)
			}
			child, cancel := context.WithCancel(inner) // as programs make them
			defer cancel()
			return hm.Set(child, "k", "v")
		})
		if took := time.Since(start); outcome.Of(err) != outcome.Unknown || !errors.Is(err, context.DeadlineExceeded) || took < 850*time.Millisecond || took > 1500*time.Millisecond {
			t.Errorf("%s: %v after %v", name, err, took)
		}
	}
	time.AfterFunc(50*time.Millisecond, cancel)
	start := time.Now()
	if err := m.Set(canBeCanceled, "k", "v"); !errors.Is(err, context.Canceled) || time.Since(start) > 700*time.Millisecond {
		t.Errorf("a canceled call: %v after %v", err, time.Since(start))
	}
}
