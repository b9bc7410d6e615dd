package failover

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/failover-gen/failover-gen/templates/outcome"
	"github.com/hazelcast/hazelcast-go-client"
)

// hangAt returns an OnActive hook that hangs when it runs for the n-th time,
// whatever its context says, until release is closed; and a channel that tells.
func hangAt(n int64, release <-chan struct{}) (hook func(context.Context, *hazelcast.Client) error, hangs chan struct{}) {
	var calls atomic.Int64
	hangs = make(chan struct{})
	return func(context.Context, *hazelcast.Client) error {
		if calls.Add(1) == n {
			close(hangs)
			<-release
		}
		return nil
	}, hangs
}

// takes returns how long it takes until the condition holds.
func (f *fleet) takes(what string, condition func() bool) time.Duration {
	f.t.Helper()
	start := time.Now()
	f.eventually(what, condition)
	return time.Since(start)
}

func TestLossIsHeardWhileTheHookOfTheNextRuns(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hook, hangs := hangAt(2, release)
	f := startFleet(t, 2, Options{OnActive: hook, ConnectTimeout: 10 * time.Second})
	f.waitStandby("c2")
	switched := make(chan error, 1)
	go func() { switched <- f.Switch(context.Background(), "c2") }()
	<-hangs
	f.clusters[0].Kill()
	if took := f.takes("the loss is told", func() bool { return slices.Contains(f.seen(), "CLIENT_DISCONNECTED c1") }); took > 500*time.Millisecond {
		t.Errorf("the loss was told after %v", took)
	}
	close(release)
	if took := f.takes("c2 is active", func() bool { return f.Stats().Active == "c2" }); took > 500*time.Millisecond {
		t.Errorf("c2 was active %v after its hook had agreed", took)
	}
	if err := <-switched; err != nil {
		t.Error(err)
	}
}

func TestClusterLostWhileItsOwnHookRuns(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hook, hangs := hangAt(1, release)
	f := newFleet(t, startClusters(t, 2, standin.Options{}), byDiscovery, Options{OnActive: hook, ConnectTimeout: 10 * time.Second})
	defer close(release)
	<-hangs
	f.clusters[0].Kill()
	if took := f.takes("c2 is active", func() bool { return f.Stats().Active == "c2" }); took > time.Second {
		t.Errorf("c2 was active after %v", took)
	}
}

// stuck makes one call that is inside the active cluster until release is closed.
func (f *fleet) stuck(release <-chan struct{}) {
	inside := make(chan struct{})
	go func() {
		_ = f.Do(context.Background(), func(context.Context, *hazelcast.Client) error {
			close(inside)
			<-release
			return nil
		})
	}()
	<-inside
}

// drainingSwitch begins a switch to c2 and returns when c1 takes no calls any more.
func (f *fleet) drainingSwitch(ctx context.Context) (switched chan error) {
	s := f.current.Load().session
	switched = make(chan error, 1)
	go func() { switched <- f.Switch(ctx, "c2") }()
	f.eventually("c1 is fenced", func() bool { return s.fences.Load() > 0 })
	return switched
}

func TestLossIsHeardWhileASwitchDrains(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{OpTimeout: 10 * time.Second})
	release := make(chan struct{})
	defer close(release)
	f.waitStandby("c2")
	f.stuck(release)
	switched := f.drainingSwitch(context.Background())
	f.clusters[0].Kill()
	if took := f.takes("c2 is active", func() bool { return f.Stats().Active == "c2" }); took > 500*time.Millisecond {
		t.Errorf("c2 was active after %v", took)
	}
	if err := <-switched; err != nil {
		t.Error(err)
	}
	want := []string{"CLIENT_CONNECTED c1", "CLIENT_DISCONNECTED c1", "CLIENT_CONNECTED c2", "CLIENT_CHANGED_CLUSTER c2"}
	f.eventually("all events are delivered", func() bool { return slices.Equal(f.seen(), want) })
}

// Until the switch has happened, its end by any other way leaves the active
// cluster as it was.
func TestSwitchThatEndsWhileItDrainsChangesNothing(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(f *fleet, giveUp func()){
		"the next cluster is lost": func(f *fleet, _ func()) { f.clusters[1].Kill() },
		"the caller gives up":      func(_ *fleet, giveUp func()) { giveUp() },
		"another switch is asked for": func(f *fleet, _ func()) {
			if err := f.Switch(context.Background(), "c1"); err != nil {
				f.t.Error(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := startFleet(t, 2, Options{OpTimeout: 10 * time.Second})
			release := make(chan struct{})
			defer close(release)
			f.waitStandby("c2")
			f.stuck(release)
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			switched := f.drainingSwitch(ctx)
			start := time.Now()
			end(f, cancel)
			if err := <-switched; err == nil {
				t.Error("the switch succeeded")
			}
			if _, err := f.Map("map").Put(context.Background(), "k", "v"); err != nil || time.Since(start) > time.Second {
				t.Errorf("a call after %v: %v", time.Since(start), err)
			}
			if got := f.seen(); !slices.Equal(got, []string{"CLIENT_CONNECTED c1"}) {
				t.Errorf("events %v", got)
			}
		})
	}
}

func TestSwitchGivenUpWhileTheHookRunsDoesNotHappen(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	hook, hangs := hangAt(2, release)
	f := startFleet(t, 2, Options{OnActive: hook, ConnectTimeout: 10 * time.Second})
	f.waitStandby("c2")
	ctx, cancel := context.WithCancel(context.Background())
	go func() { <-hangs; cancel() }()
	if err := f.Switch(ctx, "c2"); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that the caller gave up", err)
	}
	close(release)
	f.waitStandby("c2") // on a new session: the hook has done things to the other
	if got := f.seen(); !slices.Equal(got, []string{"CLIENT_CONNECTED c1"}) {
		t.Errorf("events %v", got)
	}
}

// uses makes a hook call the failover client in every way and say what came of it.
func (f *fleet) uses(t *testing.T, client *Client, want map[string]string) {
	t.Helper()
	for name, call := range map[string]func() error{
		"Put": func() error { _, err := client.Map("map").Put(context.Background(), "k", "v"); return err },
		"Do": func() error {
			return client.Do(context.Background(), func(context.Context, *hazelcast.Client) error { return nil })
		},
		"Wait":   func() error { return client.Wait(context.Background()) },
		"Switch": func() error { return client.Switch(context.Background(), "c1") },
		"Close":  func() error { return client.Close(context.Background()) },
	} {
		start := time.Now()
		err := call()
		if want[name] == "" && err != nil || want[name] != "" && (err == nil || !strings.Contains(err.Error(), want[name])) {
			t.Errorf("%s: %v, want %q", name, err, want[name])
		}
		if took := time.Since(start); took > 500*time.Millisecond {
			t.Errorf("%s took %v", name, took)
		}
	}
}

func TestHooksThatUseTheClient(t *testing.T) {
	t.Parallel()
	const inHook = "use the client that it is given"
	t.Run("OnActive", func(t *testing.T) {
		var client atomic.Pointer[Client]
		ready, done := make(chan struct{}), make(chan struct{})
		f := newFleet(t, startClusters(t, 1, standin.Options{}), byDiscovery, Options{OnActive: func(context.Context, *hazelcast.Client) error {
			defer close(done)
			<-ready
			(&fleet{}).uses(t, client.Load(), map[string]string{"Put": inHook, "Do": inHook, "Wait": inHook, "Switch": "inside OnActive", "Close": "inside OnActive"})
			return nil
		}})
		client.Store(f.Client)
		close(ready)
		<-done
		f.waitActive("c1")
	})
	t.Run("ReadyToReturn", func(t *testing.T) {
		var client atomic.Pointer[Client]
		asked := make(chan struct{}, 100)
		f := startFleet(t, 2, Options{Failback: 50 * time.Millisecond, RetryTime: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond,
			ReadyToReturn: func(context.Context, *hazelcast.Client) error {
				if len(asked) == 0 {
					(&fleet{}).uses(t, client.Load(), map[string]string{"Close": "inside ReadyToReturn"})
				}
				asked <- struct{}{}
				return errors.New("not yet") // but Switch was called
			}})
		client.Store(f.Client)
		f.waitStandby("c2")
		f.clusters[0].Kill()
		f.waitActive("c2")
		if err := f.clusters[0].Restart(true); err != nil {
			t.Fatal(err)
		}
		<-asked
		f.waitActive("c1")
	})
	t.Run("OnEvent", func(t *testing.T) {
		var client atomic.Pointer[Client]
		done := make(chan struct{})
		f := startFleet(t, 2, Options{OnEvent: func(e Event) {
			if e.Type == Disconnected && e.Cluster == "c1" {
				(&fleet{}).uses(t, client.Load(), map[string]string{"Close": "inside OnEvent", "Switch": "refuses connections"})
				close(done)
			}
		}})
		client.Store(f.Client)
		f.waitStandby("c2")
		f.clusters[0].Kill()
		<-done
		f.waitActive("c2")
	})
}

// In a voluntary switch the hook's calls go to the cluster that is still active.
func TestCallsInsideOnActiveReachTheActiveCluster(t *testing.T) {
	t.Parallel()
	var client atomic.Pointer[Client]
	f := startFleet(t, 2, Options{OnActive: func(context.Context, *hazelcast.Client) error {
		if c := client.Load(); c != nil {
			_, err := c.Map("map").Put(context.Background(), "k", "from the hook")
			return err
		}
		return nil
	}})
	client.Store(f.Client)
	if err := f.Switch(deadline(t, 5*time.Second), "c2"); err != nil {
		t.Fatal(err)
	}
	if !f.clusters[0].Applied("from the hook") {
		t.Error("the write is not on c1")
	}
}

// A panic in a hook ends the process, and the stack names the hook's function.
// The client runs in a child.
func TestPanicInAHookNamesIt(t *testing.T) {
	t.Parallel()
	if hook := os.Getenv("FAILOVER_PANIC_TEST"); hook != "" {
		panicIn(hook, strings.Split(os.Getenv("FAILOVER_PANIC_ADDRESSES"), ","))
		return
	}
	clusters := startClusters(t, 2, standin.Options{Plain: true})
	addresses := clusters[0].Addresses()[0] + "," + clusters[1].Addresses()[0]
	for hook, function := range map[string]string{
		"OnActive": "failover.panickyHook(", "OnEvent": "failover.panickyEvent(",
		"OnResult": "failover.panickyResult(", "ReadyToReturn": "failover.panickyHook(", "Configure": "failover.panickyConfig(",
	} {
		t.Run(hook, func(t *testing.T) {
			t.Parallel()
			child := exec.Command(os.Args[0], "-test.run=^TestPanicInAHookNamesIt$")
			child.Env = append(os.Environ(), "FAILOVER_PANIC_TEST="+hook, "FAILOVER_PANIC_ADDRESSES="+addresses)
			output, err := child.CombinedOutput()
			if err == nil || !bytes.Contains(output, []byte("panic: in "+hook)) || !bytes.Contains(output, []byte(function)) {
				t.Errorf("%v; the output names no %s:\n%s", err, function, output)
			}
		})
	}
}

func panickyHook(context.Context, *hazelcast.Client) error {
	panic("in " + os.Getenv("FAILOVER_PANIC_TEST"))
}
func panickyEvent(Event)              { panic("in OnEvent") }
func panickyResult(Result)            { panic("in OnResult") }
func panickyConfig(*hazelcast.Config) { panic("in Configure") }

func panicIn(hook string, addresses []string) {
	o := Options{Logger: slog.New(slog.DiscardHandler), Failback: 50 * time.Millisecond,
		ReadyToReturn: func(context.Context, *hazelcast.Client) error { return nil }}
	switch hook {
	case "OnActive":
		o.OnActive = panickyHook
	case "ReadyToReturn":
		o.ReadyToReturn = panickyHook
	case "OnEvent":
		o.OnEvent = panickyEvent
	case "OnResult":
		o.OnResult = panickyResult
	case "Configure":
		o.Configure = panickyConfig
	}
	var clusters []Cluster
	for i, address := range addresses {
		clusters = append(clusters, Cluster{Name: fmt.Sprintf("c%d", i+1), Addresses: []string{address}})
	}
	client, err := New(clusters, o)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, _ = client.Map("map").Get(context.Background(), "k")
	fmt.Println(client.Switch(context.Background(), "c2")) // so that there is a way back
	time.Sleep(5 * time.Second)
}

func TestLossIsLoggedWhenNobodyListensToEvents(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 1, standin.Options{Plain: true})
	f := &fleet{t: t, log: &logCatcher{}}
	client, err := New([]Cluster{byAddress(clusters[0])}, Options{Logger: slog.New(f.log)})
	if err != nil {
		t.Fatal(err)
	}
	f.Client = client
	defer client.Close(deadline(t, 5*time.Second))
	f.waitActive("c1")
	clusters[0].Kill()
	f.eventually("the loss is logged", func() bool { return strings.Contains(f.log.String(), "WARN CLIENT_DISCONNECTED cluster=c1") })
	if _, err := f.Map("map").Put(deadline(t, 100*time.Millisecond), "k", "v"); outcome.Of(err) != outcome.NotSent {
		t.Error(err)
	}
}

func TestCloseWhileASwitchDrainsIsFinal(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{OpTimeout: 10 * time.Second})
	release := make(chan struct{})
	f.waitStandby("c2")
	f.stuck(release)
	switched := f.drainingSwitch(context.Background())
	if err := f.Close(deadline(t, 100*time.Millisecond)); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
	if err := <-switched; !errors.Is(err, errClosed) {
		t.Errorf("the switch ended with %v", err)
	}
	if _, err := f.Map("map").Put(context.Background(), "k", "v"); outcome.Of(err) != outcome.NotSent {
		t.Errorf("%v, want not sent", err)
	}
	f.eventually("no cluster is active", func() bool { return f.Stats().Active == "" })
	close(release)
}

func TestEventsThatNobodyTakesAreBounded(t *testing.T) {
	t.Parallel()
	log := &logCatcher{}
	c := &Client{ctx: context.Background(), log: slog.New(log), events: make(chan Event, 1)}
	c.emit(Event{Type: Connected, Cluster: "c1"})
	c.emit(Event{Type: Disconnected, Cluster: "c1"}) // it would hang here
	if !strings.Contains(log.String(), "an event is dropped event=CLIENT_DISCONNECTED") {
		t.Error(log)
	}
}
