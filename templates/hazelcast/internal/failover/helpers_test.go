package failover

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

// TestMain allows one leak, which is the client's (v1.6.0): where the last
// connection closes while Shutdown is at work, Pause can keep a lock for which
// the goroutine that hands out responses then waits forever.
//
// Most tests wait more than they work, so many run at a time. Those that count
// goroutines or memory, or load the machine, run alone: they are not parallel.
func TestMain(m *testing.M) {
	for name, value := range map[string]string{"test.parallel": "8", "rapid.checks": "13"} {
		if err := flag.Set(name, value); err != nil { // the command line, parsed later, wins
			panic(err)
		}
	}
	code := m.Run()
	allowed := goleak.IgnoreAnyFunction("github.com/hazelcast/hazelcast-go-client/internal/invocation.(*Service).handleGroupLost")
	leak := goleak.Find(allowed)
	for start := time.Now(); leak != nil && time.Since(start) < 5*time.Second; { // leftBehind sleeps for a second
		leak = goleak.Find(allowed)
	}
	if code == 0 && leak != nil {
		fmt.Fprintln(os.Stderr, leak)
		code = 1
	}
	os.Exit(code)
}

// inParallel checks a property eight times rapid.checks times: 104 times by default.
func inParallel(t *testing.T, property func(*rapid.T)) {
	for i := range 8 {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, property)
		})
	}
}

// fleet is some stand-in clusters and a client on them.
type fleet struct {
	*Client
	t        *testing.T
	clusters []*standin.Cluster
	mu       sync.Mutex
	events   []Event
	log      *logCatcher
}

// startClusters starts n stand-in clusters named "c1", "c2", ...
func startClusters(t *testing.T, n int, o standin.Options) []*standin.Cluster {
	t.Helper()
	var clusters []*standin.Cluster
	for i := range n {
		o.Name = fmt.Sprintf("c%d", i+1)
		c, err := standin.Start(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Stop)
		clusters = append(clusters, c)
	}
	return clusters
}

// byDiscovery says how to reach a stand-in as the cloud's clusters are reached.
func byDiscovery(c *standin.Cluster) Cluster {
	return Cluster{Name: c.Name(), DiscoveryURL: c.DiscoveryURL(), Token: Secret(c.Token()), TLS: c.ClientTLS()}
}

// byAddress says how to reach a stand-in by plain addresses.
func byAddress(c *standin.Cluster) Cluster {
	return Cluster{Name: c.Name(), Addresses: c.Addresses(), TLS: c.ClientTLS()}
}

// startFleet starts n clusters of one member and a client that is connected.
func startFleet(t *testing.T, n int, o Options) *fleet {
	t.Helper()
	return startFleetOn(t, startClusters(t, n, standin.Options{PrivateAddresses: true}), o)
}

func startFleetOn(t *testing.T, clusters []*standin.Cluster, o Options) *fleet {
	t.Helper()
	f := newFleet(t, clusters, byDiscovery, o)
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := f.Wait(ctx); err != nil {
		t.Fatal(err)
	}
	return f
}

func newFleet(t *testing.T, clusters []*standin.Cluster, reach func(*standin.Cluster) Cluster, o Options) *fleet {
	t.Helper()
	f := &fleet{t: t, clusters: clusters, log: &logCatcher{}}
	if err := f.start(reach, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := f.Close(ctx); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return f
}

// start has clusters tried one after the other, so that on a busy machine as well
// the first becomes active. Tests of attempts that overlap set headStart.
func (f *fleet) start(reach func(*standin.Cluster) Cluster, o Options) error {
	o.headStart = cmp.Or(o.headStart, time.Minute)
	var configs []Cluster
	for _, c := range f.clusters {
		configs = append(configs, reach(c))
	}
	o.Logger = slog.New(f.log)
	inner := o.OnEvent
	o.OnEvent = func(e Event) {
		if inner != nil {
			inner(e)
		}
		f.mu.Lock()
		f.events = append(f.events, e)
		f.mu.Unlock()
	}
	client, err := New(configs, o)
	f.Client = client
	return err
}

// seen returns the events so far as "TYPE cluster".
func (f *fleet) seen() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []string
	for _, e := range f.events {
		list = append(list, string(e.Type)+" "+e.Cluster)
	}
	return list
}

// eventually waits up to 10 s for a condition.
func (f *fleet) eventually(what string, condition func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !condition(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			f.t.Fatalf("waited in vain until %s; stats %+v; events %v\nlog:\n%s", what, f.Stats(), f.seen(), f.log)
		}
	}
}

func (f *fleet) waitStandby(name string) {
	f.t.Helper()
	f.eventually("the standby is "+name, func() bool { return f.Stats().Standby == name })
}

func (f *fleet) waitActive(name string) {
	f.t.Helper()
	f.eventually("the active cluster is "+name, func() bool { return f.Stats().Active == name })
}

// logCatcher keeps the log as text.
type logCatcher struct {
	mu   sync.Mutex
	text []byte
}

func (l *logCatcher) Enabled(context.Context, slog.Level) bool { return true }
func (l *logCatcher) WithAttrs([]slog.Attr) slog.Handler       { return l }
func (l *logCatcher) WithGroup(string) slog.Handler            { return l }
func (l *logCatcher) Handle(_ context.Context, r slog.Record) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = fmt.Appendf(l.text, "%s %s %s", r.Time.Format("15:04:05.000"), r.Level, r.Message)
	r.Attrs(func(a slog.Attr) bool { l.text = fmt.Appendf(l.text, " %s", a); return true })
	l.text = append(l.text, '\n')
	return nil
}
func (l *logCatcher) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
