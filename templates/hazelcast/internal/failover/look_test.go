package failover

import (
	"context"
	"log/slog"
	"net"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
)

// afterAnHour are pauses that a test does not see the end of, but once in a thousand times.
var afterAnHour = Options{RetryTime: time.Hour, RetryMax: time.Hour, Confirm: 10 * time.Millisecond}

// atOnce is what is promised for the return of a cluster, and a second for a
// machine that runs other tests as well.
const atOnce = 2*time.Second + time.Second

func TestWorkResumesSoonAfterAnOutage(t *testing.T) {
	t.Parallel()
	for name, reach := range map[string]func(*standin.Cluster) Cluster{"by discovery": byDiscovery, "by address": byAddress} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFleet(t, startClusters(t, 2, standin.Options{PrivateAddresses: name == "by discovery"}), reach, afterAnHour)
			f.waitActive("c1")
			f.waitStandby("c2")
			for range 3 {
				for _, c := range f.clusters {
					c.Kill()
				}
				f.waitCauses("c1", "c2")
				time.Sleep(jitter(lookTime)) // the cluster may return at any time between two looks
				back := time.Now()
				if err := f.clusters[1].Restart(true); err != nil {
					t.Fatal(err)
				}
				if _, err := f.Map("map").Put(deadline(t, 10*time.Second), "k", "v"); err != nil {
					t.Fatalf("%v\n%s", err, f.log)
				}
				if took := time.Since(back); took > atOnce {
					t.Errorf("work resumed %v after the return\n%s", took, f.log)
				}
				f.waitActive("c2")
			}
		})
	}
}

// waitCauses waits until an attempt at each of the clusters has failed, and none is active.
func (f *fleet) waitCauses(names ...string) {
	f.t.Helper()
	f.eventually("an attempt at each cluster has failed", func() bool {
		stats := f.Stats()
		for _, name := range names {
			if stats.Active != "" || stats.Standby != "" || stats.Causes[name] == "" {
				return false
			}
		}
		return true
	})
}

// The addresses have their turn one after the other.
func TestOneMemberOfThreeThatReturnsIsSeen(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 1, standin.Options{Members: 3})
	f := newFleet(t, clusters, byAddress, afterAnHour)
	f.waitActive("c1")
	clusters[0].Kill()
	f.waitCauses("c1")
	back := time.Now()
	if err := clusters[0].RestartMember(1); err != nil {
		t.Fatal(err)
	}
	f.waitActive("c1")
	if took := time.Since(back); took > 2*lookTime+atOnce {
		t.Errorf("one of three members was back, and the cluster active %v later", took)
	}
}

// relay counts the connections that it passes on to a cluster of one member.
type relay struct {
	net.Listener
	accepted atomic.Int64
}

func newRelay(t *testing.T, c *standin.Cluster) *relay {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r, never := &relay{Listener: l}, make(chan struct{})
	go func() {
		defer close(never)
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			r.accepted.Add(1)
			to, err := net.Dial("tcp", c.Addresses()[0])
			if err != nil {
				from.Close()
				continue
			}
			go pipe(from, to, never)
			go pipe(to, from, never)
		}
	}()
	t.Cleanup(func() { l.Close() })
	return r
}

func (r *relay) reach(c *standin.Cluster) Cluster {
	return Cluster{Name: c.Name(), Addresses: []string{r.Addr().String()}}
}

// A cluster that refused us has a port that answers, which tells nothing.
func TestRefusedClusterIsNotLookedAt(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 1, standin.Options{Plain: true})
	clusters[0].RefuseAuth(standin.CredentialsFailed)
	r := newRelay(t, clusters[0])
	newFleet(t, clusters, r.reach, Options{}).eventually("the cluster has refused us twice", func() bool {
		_, refused := clusters[0].Authentications()
		return refused == 2
	})
	time.Sleep(200 * time.Millisecond)
	before := r.accepted.Load()
	time.Sleep(1500 * time.Millisecond) // the next attempt comes 2 s after the second
	if n := r.accepted.Load() - before; n > 0 {
		t.Errorf("%d connections in the pause", n)
	}
}

// While a cluster is active no call waits for another one.
func TestStandbyIsNotLookedFor(t *testing.T) {
	t.Parallel()
	clusters := startClusters(t, 2, standin.Options{Plain: true})
	r := newRelay(t, clusters[1])
	f := newFleet(t, clusters, func(c *standin.Cluster) Cluster {
		if c == clusters[1] {
			return r.reach(c)
		}
		return byAddress(c)
	}, afterAnHour)
	f.waitStandby("c2")
	clusters[1].Kill()
	f.eventually("the standby is lost", func() bool { return f.Stats().Standby == "" })
	time.Sleep(100 * time.Millisecond)
	before := r.accepted.Load()
	time.Sleep(2 * lookTime)
	if n := r.accepted.Load() - before; n > 0 {
		t.Errorf("%d connections to a standby in a pause", n)
	}
}

// A port that answers while its cluster is not ready: looks at it must become as
// rare as attempts. The clock is a false one, so five minutes take a few seconds;
// the listener is outside its reach.
func TestLooksInVainBecomeRare(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	var accepted, open atomic.Int64
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			accepted.Add(1)
			open.Add(1)
			time.AfterFunc(2*lookListen, func() { conn.Close(); open.Add(-1) }) // longer than a look
		}
	}()
	tls := startClusters(t, 1, standin.Options{})[0].ClientTLS()
	synctest.Test(t, func(t *testing.T) {
		client, err := New([]Cluster{{Name: "c", Addresses: []string{l.Addr().String()}, TLS: tls}}, Options{Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		first := accepted.Load()
		time.Sleep(4 * time.Minute)
		rest := accepted.Load() - first
		if err := client.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if first > 40 || rest > 65 {
			t.Errorf("%d connections in the first minute, %d in four more", first, rest)
		}
	})
	for open.Load() > 0 {
		time.Sleep(minListen)
	}
}
