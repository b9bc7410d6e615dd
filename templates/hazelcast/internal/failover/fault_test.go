package failover

import (
	"context"
	"errors"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/failover-gen/failover-gen/templates/outcome"
	"github.com/hazelcast/hazelcast-go-client"
)

// Each of these makes the primary impossible to reach at the start. The client
// must go to the secondary and say truly what is wrong with the primary.
func TestPrimaryThatCannotBeReached(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		spoil func(t *testing.T, primary *standin.Cluster, config *Cluster)
		cause string
	}{
		{"killed", func(_ *testing.T, p *standin.Cluster, _ *Cluster) { p.Kill() }, "refuses connections"},
		{"mute", func(_ *testing.T, p *standin.Cluster, _ *Cluster) { p.Freeze() }, "deadline"},
		{"blackhole", func(_ *testing.T, p *standin.Cluster, _ *Cluster) { p.Blackhole(); time.Sleep(100 * time.Millisecond) }, "time"},
		{"wrong password", func(_ *testing.T, p *standin.Cluster, _ *Cluster) { p.RefuseAuth(standin.CredentialsFailed) }, "refuses our credentials"},
		{"not allowed", func(_ *testing.T, p *standin.Cluster, _ *Cluster) { p.RefuseAuth(standin.NotAllowed) }, "does not allow this client"},
		{"expired server certificate", func(t *testing.T, p *standin.Cluster, _ *Cluster) {
			if err := p.Expire(); err != nil {
				t.Fatal(err)
			}
		}, "expired"},
		{"unknown authority", func(t *testing.T, _ *standin.Cluster, config *Cluster) {
			config.TLS = startClusters(t, 1, standin.Options{})[0].ClientTLS()
		}, "unknown authority"},
		{"no client certificate", func(_ *testing.T, _ *standin.Cluster, config *Cluster) { config.TLS.Certificates = nil }, "refuses our certificate"},
		{"wrong token", func(_ *testing.T, _ *standin.Cluster, config *Cluster) { config.Token = "wrong" }, "check the discovery URL and token"},
		{"discovery down", func(_ *testing.T, p *standin.Cluster, _ *Cluster) { p.Discovery().Down() }, "connection refused"},
		{"discovery hangs", func(_ *testing.T, p *standin.Cluster, _ *Cluster) { p.Discovery().Hang() }, "deadline"},
		{"discovery answers nonsense", func(_ *testing.T, p *standin.Cluster, _ *Cluster) { p.Discovery().Nonsense() }, "discovery"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			clusters := startClusters(t, 2, standin.Options{PrivateAddresses: true})
			f := newFleet(t, clusters, func(s *standin.Cluster) Cluster {
				config := byDiscovery(s)
				if s == clusters[0] {
					c.spoil(t, s, &config)
				}
				return config
			}, Options{ConnectTimeout: time.Second})
			if _, err := f.Map("map").Put(deadline(t, 5*time.Second), "k", "v"); err != nil {
				t.Fatalf("%v\n%s", err, f.log)
			}
			f.eventually("the cause names "+c.cause, func() bool { return strings.Contains(f.Stats().Causes["c1"], c.cause) })
			stats := f.Stats()
			if stats.Active != "c2" {
				t.Errorf("active %q, want c2", stats.Active)
			}
			for _, secret := range []string{clusters[0].Token(), clusters[1].Token()} {
				if strings.Contains(stats.Causes["c1"]+f.log.String(), secret) {
					t.Error("a token is in the log or in a cause")
				}
			}
		})
	}
}

func deadline(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestRefusedClusterIsTriedRarely(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 2, standin.Options{})
	clusters[0].RefuseAuth(standin.CredentialsFailed)
	f := startFleetOn(t, clusters, Options{RetryTime: time.Millisecond, RetryMax: time.Millisecond})
	f.waitActive("c2")
	time.Sleep(2500 * time.Millisecond) // pauses of 1 s and 2 s: two more tries at the most
	if answered, _ := clusters[0].Authentications(); answered > 3 {
		t.Errorf("%d authentications in 2.5 s", answered)
	}
	if n := clusters[0].Discovery().Requests(); n > 4 {
		t.Errorf("%d discovery requests in 2.5 s", n)
	}
}

func TestOneFrozenMemberOfTwoCondemnsNobody(t *testing.T) {
	clusters := startClusters(t, 2, standin.Options{Members: 2, PrivateAddresses: true})
	f := startFleetOn(t, clusters, Options{Silence: 400 * time.Millisecond, OpTimeout: 100 * time.Millisecond})
	f.waitStandby("c2")
	clusters[0].FreezeMember(0)
	defer clusters[0].ThawMember(0)
	time.Sleep(1000 * time.Millisecond) // idle, longer than silence
	if s := f.Stats(); s.Active != "c1" || s.Switches != 0 {
		t.Errorf("switched while one member of two still answered: %+v\n%s", s, f.log)
	}
}

func TestClusterWithOneMuteMemberCanBeReached(t *testing.T) {
	t.Parallel()
	for name, reach := range map[string]func(*standin.Cluster) Cluster{"by discovery": byDiscovery, "by address": byAddress} {
		t.Run(name, func(t *testing.T) {
			clusters := startClusters(t, 1, standin.Options{Members: 2, PrivateAddresses: name == "by discovery"})
			clusters[0].FreezeMember(0)
			defer clusters[0].ThawMember(0)
			newFleet(t, clusters, reach, Options{}).waitActive("c1")
		})
	}
}

func TestMembersThatNoAddressNamesAreFound(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 1, standin.Options{Members: 3})
	f := newFleet(t, clusters, func(c *standin.Cluster) Cluster {
		config := byAddress(c)
		config.Addresses = config.Addresses[:1]
		return config
	}, Options{})
	f.waitActive("c1")
	f.eventually("there is a connection to each of the three members", func() bool {
		answered, _ := clusters[0].Authentications()
		return answered >= 3
	})
	clusters[0].KillMember(0) // the only one that was named
	if _, err := f.Map("map").Put(deadline(t, 5*time.Second), "k", "v"); err != nil && outcome.Of(err) != outcome.Unknown {
		t.Error(err)
	}
	if got := f.seen(); !slices.Equal(got, []string{"CLIENT_CONNECTED c1"}) {
		t.Errorf("events %v", got)
	}
}

func TestOneKilledMemberOfTwoDoesNotSwitch(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 2, standin.Options{Members: 2})
	f := newFleet(t, clusters, byAddress, Options{})
	f.waitActive("c1")
	clusters[0].KillMember(0)
	for i := range 50 {
		if _, err := f.Map("map").Put(deadline(t, 5*time.Second), i, "v"); err != nil && outcome.Of(err) != outcome.Unknown {
			t.Fatal(err)
		}
	}
	if got := f.seen(); !slices.Equal(got, []string{"CLIENT_CONNECTED c1"}) {
		t.Errorf("events %v", got)
	}
}

func TestBothLostThenOneBack(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{RetryTime: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond})
	m := f.Map("map")
	f.waitStandby("c2")
	f.clusters[0].Kill()
	f.clusters[1].Kill()
	var err error
	f.eventually("calls are not sent any more", func() bool {
		_, err = m.Put(deadline(t, 500*time.Millisecond), "k", "v")
		return outcome.Of(err) != outcome.Unknown // that is what a connection leaves behind that is being cut
	})
	if outcome.Of(err) != outcome.NotSent || !strings.Contains(err.Error(), "c1: ") || !strings.Contains(err.Error(), "c2: ") {
		t.Errorf("want not sent with the cause of each cluster, got %v", err)
	}
	if err := f.clusters[1].Restart(true); err != nil {
		t.Fatal(err)
	}
	if _, err := m.Put(deadline(t, 8*time.Second), "k", "v"); err != nil {
		t.Errorf("%v\n%s", err, f.log)
	}
	f.waitActive("c2")
}

func TestStandbyLostWhileIdleComesBack(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{RetryTime: 10 * time.Millisecond, RetryMax: 50 * time.Millisecond})
	f.waitStandby("c2")
	f.clusters[1].Kill()
	f.eventually("the standby's loss is noticed", func() bool { return f.Stats().Standby == "" })
	if err := f.clusters[1].Restart(true); err != nil {
		t.Fatal(err)
	}
	f.waitStandby("c2")
	if got := f.seen(); !slices.Equal(got, []string{"CLIENT_CONNECTED c1"}) {
		t.Errorf("the standby made events: %v", got)
	}
}

func TestFrozenStandbyIsNotUsed(t *testing.T) {
	f := startFleet(t, 3, Options{Silence: 300 * time.Millisecond, ConnectTimeout: 500 * time.Millisecond})
	f.waitStandby("c2")
	f.clusters[1].Freeze()
	defer f.clusters[1].Thaw()
	f.waitStandby("c3")
	f.clusters[0].Kill()
	f.waitActive("c3")
}

func TestUnknownIsNotRepeatedUnasked(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{Silence: time.Second})
	m := f.Map("map")
	f.waitStandby("c2")
	if _, err := m.Put(context.Background(), "k", "first"); err != nil {
		t.Fatal(err)
	}
	f.clusters[0].Freeze()
	_, err := m.Put(deadline(t, 5*time.Second), "k", "asked-once")
	if outcome.Of(err) != outcome.Unknown {
		t.Errorf("%v, want unknown", err)
	}
	f.waitActive("c2")
	if f.clusters[1].Applied("asked-once") {
		t.Error("the write was repeated on c2 unasked")
	}
	f.clusters[0].Thaw()
}

func TestMayRepeatRepeatsOnTheNextCluster(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{Silence: time.Second})
	m := f.Map("map")
	f.waitStandby("c2")
	f.clusters[0].Freeze()
	defer f.clusters[0].Thaw()
	if _, err := m.Put(outcome.MayRepeat(deadline(t, 5*time.Second)), "k", "repeat-me"); err != nil {
		t.Fatal(err)
	}
	if !f.clusters[1].Applied("repeat-me") {
		t.Error("the write is not on c2")
	}
}

func TestReadsAreRepeated(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{Silence: time.Second})
	m := f.Map("map")
	f.waitStandby("c2")
	f.clusters[0].Freeze()
	defer f.clusters[0].Thaw()
	if _, err := m.Get(deadline(t, 5*time.Second), "k"); err != nil {
		t.Errorf("%v\n%s", err, f.log)
	}
}

func TestOtherPartitionCount(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 2, standin.Options{})
	clusters[1].SetPartitionCount(13)
	f := startFleetOn(t, clusters, Options{})
	f.waitStandby("c2")
	clusters[0].Kill()
	if _, err := f.Map("map").Put(deadline(t, 5*time.Second), "k", "v"); err != nil {
		t.Error(err)
	}
}

func TestClusterWhoseHookFailsIsLeftAside(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	f := startFleetOn(t, startClusters(t, 2, standin.Options{}), Options{OnActive: func(context.Context, *hazelcast.Client) error {
		if calls.Add(1) == 1 {
			return errors.New("listener could not be added")
		}
		return nil
	}})
	f.waitActive("c2")
	if cause := f.Stats().Causes["c1"]; !strings.Contains(cause, "listener could not be added") {
		t.Errorf("cause %q", cause)
	}
}

func TestSlowHookOnEventDelaysNoSwitch(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	f := startFleet(t, 2, Options{OnEvent: func(Event) { <-release }})
	defer close(release)
	f.waitStandby("c2")
	f.clusters[0].Kill()
	if _, err := f.Map("map").Put(deadline(t, 5*time.Second), "k", "v"); err != nil && outcome.Of(err) != outcome.Unknown {
		t.Error(err)
	}
	f.waitActive("c2")
}

func TestCloseIsFinal(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 2, Options{})
	if err := f.Close(deadline(t, 5*time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Map("map").Put(context.Background(), "k", "v"); outcome.Of(err) != outcome.NotSent {
		t.Errorf("%v, want not sent", err)
	}
}

func TestConfigurationErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		clusters []Cluster
		want     string
	}{
		{nil, "no cluster"},
		{[]Cluster{{Addresses: []string{"a:1"}}}, "no name"},
		{[]Cluster{{Name: "a"}}, "either addresses or a discovery URL"},
		{[]Cluster{{Name: "a", Addresses: []string{"nowhere"}}}, "host:port"},
		{[]Cluster{{Name: "a", DiscoveryURL: "http://example.com"}}, "https://"},
		{[]Cluster{{Name: "a", Addresses: []string{"a:1"}}, {Name: "a", Addresses: []string{"b:1"}}}, "twice"},
	} {
		if _, err := New(c.clusters, Options{}); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("New(%v): %v, want an error with %q", c.clusters, err, c.want)
		}
	}
}

func TestStandbyLostJustWhenItIsNeeded(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 3, Options{Silence: time.Second, OpTimeout: 100 * time.Millisecond, ConnectTimeout: 1500 * time.Millisecond})
	f.Map("map")
	f.waitStandby("c2")
	f.clusters[1].Freeze() // nobody has noticed yet...
	defer f.clusters[1].Thaw()
	f.clusters[0].Kill() // ...when it is taken
	f.waitActive("c3")
	if _, err := f.Map("map").Put(deadline(t, 5*time.Second), "k", "v"); err != nil {
		t.Error(err)
	}
}

// usage is what the process holds once what can end has ended.
func usage() (goroutines int, memory uint64) {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return runtime.NumGoroutine(), m.HeapAlloc + m.StackInuse
}

func TestFailedStartsLeaveNothingBehind(t *testing.T) {
	f := startFleet(t, 2, Options{Standby: Cold})
	f.clusters[1].RefuseAuth(standin.CredentialsFailed)
	goroutines, memory := usage()
	for range 40 {
		s, err := f.connect(deadline(t, 5*time.Second), f.targets[1], false)
		var refused *refusedError
		if s != nil || !errors.As(err, &refused) {
			t.Fatalf("session %v, error %v", s, err)
		}
	}
	f.eventually("all goroutines of the clients that did not start have ended", func() bool {
		now, held := usage()
		return now < goroutines+5 && held < memory+4<<20 // the client would leave 40, and half a megabyte each
	})
}

// The client's start fails then, and what it leaves behind would fill the stack
// within seconds, which kills the process.
func TestMemberThatGoesMuteAfterAuthentication(t *testing.T) {
	f := startFleet(t, 2, Options{Standby: Cold})
	f.clusters[1].HideMembers(true)
	goroutines, memory := usage()
	for range 3 {
		if s, err := f.connect(deadline(t, 300*time.Millisecond), f.targets[1], false); s != nil || err == nil {
			t.Fatalf("session %v, error %v", s, err)
		}
	}
	time.Sleep(time.Second)
	if _, held := usage(); held > memory+16<<20 { // the client would take 60 MB a second
		t.Errorf("%d MB more a second later", (held-memory)>>20)
	}
	f.clusters[1].ResetOnce()
	f.eventually("nothing is left once the connections are closed", func() bool {
		now, held := usage()
		return now < goroutines+5 && held < memory+4<<20
	})
	f.clusters[1].HideMembers(false)
	f.clusters[0].Kill()
	f.waitActive("c2")
}
