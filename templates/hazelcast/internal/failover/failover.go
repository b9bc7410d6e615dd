// Package failover keeps a program writing when its Hazelcast cluster is lost.
// It holds an ordered list of clusters, is connected to one of them at a time,
// and moves to the next when the active one is lost: when its last connection
// closed and it accepts no new one, or when it has answered nothing for too long.
//
// A call returns with what is known of it (package outcome). What never left
// this process is tried again, on the next cluster if need be. What was sent
// and not answered is reported as unknown and not repeated, because it may have
// been applied. Nothing is copied between clusters: WAN replication does that.
//
// Read failover.go for the interface, policy.go for when the cluster changes,
// attempts.go for which clusters are tried, look.go for how the return of one is
// seen early, move.go for how one becomes active, pin.go for a pin, call.go for
// what happens to a call, session.go for how a loss is noticed, connect.go for
// how a cluster is reached, and client160.go for everything that depends on the
// version of hazelcast-go-client.
package failover

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hazelcast/hazelcast-go-client"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// Secret is text that printing and encoding do not show. Only fmt's verbs on a
// struct that holds it in an unexported field get past that.
type Secret string

// String hides the secret.
func (Secret) String() string { return "(secret)" }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return "(secret)" }

// MarshalText hides the secret from encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// Cluster says how to reach one cluster. It needs addresses or a discovery URL.
type Cluster struct {
	Name         string
	Addresses    []string // "host:port"
	DiscoveryURL string   // https; plain http is accepted on a loopback address only
	Token        Secret   // for the discovery URL
	Username     string
	Password     Secret
	TLS          *tls.Config // complete, with ServerName; nil is plain TCP
}

// Standby says what is done ahead of a loss.
type Standby int

const (
	// Warm keeps a connected client on the next cluster.
	Warm Standby = iota
	// Cold connects to the next cluster only when it is needed.
	Cold
)

// Options has a default for every field, which its comment names.
type Options struct {
	Standby        Standby       // Warm
	OpTimeout      time.Duration // deadline of a call whose caller gave none: 2 s
	Silence        time.Duration // nothing answered for so long: lost: 5 s
	Confirm        time.Duration // time to get back in after the last connection closed: 1 s
	ConnectTimeout time.Duration // discovery, probe and start of one cluster together: 3 s
	RetryTime      time.Duration // first pause before a cluster is tried again: 100 ms
	RetryMax       time.Duration // longest such pause: 30 s
	Failback       time.Duration // stay so long before going back to a better cluster: never
	Pin            string        // name of the only cluster to use; Pin and Switch move the pin: none

	headStart time.Duration // how long an attempt to connect runs before the next begins beside it; set by tests only

	// Configure may set serialization, near caches and the like on the Config
	// that it is given. The engine's own settings are applied after it.
	Configure func(*hazelcast.Config)
	// OnActive runs on every activation, before any call enters: the place to
	// add listeners. It has ConnectTimeout. An error makes the cluster
	// unavailable. It must use the client that it is given: calls of this
	// package go to the cluster that is still active, and while none is, they
	// fail at once, as Wait does. Switch and Close always fail at once.
	OnActive func(context.Context, *hazelcast.Client) error
	// ReadyToReturn says whether a better cluster has caught up, so that it may
	// become active again. Failback needs it. An error is a no. It may use this
	// package's Client, whose calls go to the active cluster; Close fails at once.
	ReadyToReturn func(context.Context, *hazelcast.Client) error
	// OnEvent gets the events one at a time, in order. It may block: that delays
	// later events (of which 1,024 are kept), never a switch. So it may use the
	// Client; only Close, which would wait for it, fails at once.
	OnEvent func(Event)
	// OnResult is called after each call, in the caller's goroutine. It may use
	// the Client; for the calls that it makes it is called again.
	OnResult func(Result)
	// Logger defaults to slog.Default().
	Logger *slog.Logger
}

// EventType names a change of connection, as the Java client does.
type EventType string

const (
	Connected      EventType = "CLIENT_CONNECTED"
	Disconnected   EventType = "CLIENT_DISCONNECTED"
	ChangedCluster EventType = "CLIENT_CHANGED_CLUSTER"
)

// Event is one change. From is set on ChangedCluster only.
type Event struct {
	Type          EventType
	Cluster, From string
	Time          time.Time
	Reason        string // why a Disconnected happened
}

// Result is one finished call.
type Result struct {
	Op         string // "put", "get", ...; "do" for Client.Do and Map.Do
	Map        string
	Key, Value any    // as the caller gave them
	Cluster    string // the cluster last tried; empty if there was none
	Outcome    outcome.Outcome
	Err        error
	Start, End time.Time
}

// Stats is a snapshot of the engine.
type Stats struct {
	Active    string            `json:"active"`  // empty when no cluster is active
	Standby   string            `json:"standby"` // the cluster of the connected standby; empty if there is none
	Switches  int64             `json:"switches"`
	Calls     map[string]int64  `json:"calls"`              // by outcome
	LastHeard time.Time         `json:"lastHeard,omitzero"` // when the active cluster last answered, to 50 ms
	Causes    map[string]string `json:"causes"`             // by cluster: why the last attempt to reach it failed
	Clusters  []ClusterStats    `json:"clusters"`           // in order of preference
	// LastGap is how long no call was acked in the last change of cluster: from the
	// loss to the first acked call on the next cluster. A silent cluster is lost from
	// its last answer on. LastGap is zero before the first such call.
	LastGap time.Duration `json:"lastGapNanoseconds"`
}

// ClusterStats is what is known of one cluster, whether it is active or not.
type ClusterStats struct {
	Name string `json:"name"`
	// CertificateEnds is when the client certificate for the cluster ends. It is zero
	// if there is none.
	CertificateEnds time.Time `json:"certificateEnds,omitzero"`
}

// Client is the engine. Its methods may be called from any goroutine.
type Client struct {
	targets []*target
	o       Options
	log     *slog.Logger

	current  atomic.Pointer[state]
	mapNames sync.Map // every name given to Map, so that a standby can prepare
	results  [shards]results
	window   atomic.Pointer[window]
	switches atomic.Int64
	lastGap  atomic.Int64 // Stats.LastGap
	standby  atomic.Pointer[session]
	hooks    sync.Map // goroutine -> name of the hook that runs on it

	events  chan Event
	inbox   chan any // to the policy goroutine
	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup // every goroutine of the engine
}

// results counts a part of the finished calls, by outcome.
type results struct {
	by [4]atomic.Int64
	_  [96]byte
}

// state is what callers see. Its channel is closed when another replaces it.
type state struct {
	session  *session // nil: no cluster is active
	replaced chan struct{}
}

// Check returns the error that New would return. It starts nothing.
func Check(clusters []Cluster, o Options) error {
	if len(clusters) == 0 {
		return errors.New("no cluster given")
	}
	seen := make(map[string]bool)
	for _, cluster := range clusters {
		if err := cluster.check(); err != nil {
			return fmt.Errorf("cluster %q: %w", cluster.Name, err)
		}
		if seen[cluster.Name] {
			return fmt.Errorf("cluster %q is given twice", cluster.Name)
		}
		seen[cluster.Name] = true
	}
	if o.Failback > 0 && o.ReadyToReturn == nil {
		return errors.New("going back by itself (Failback) needs a ReadyToReturn hook: a cluster that can be reached need not have caught up")
	}
	if o.Pin != "" && !seen[o.Pin] {
		return fmt.Errorf("pinned to %q, but there is no cluster of that name", o.Pin)
	}
	return nil
}

// New checks the configuration and connects in the background. Its errors are
// errors of configuration; what goes wrong with a cluster is reported by Wait,
// by calls and in the log.
func New(clusters []Cluster, o Options) (*Client, error) {
	if err := Check(clusters, o); err != nil {
		return nil, err
	}
	o.setDefaults(len(clusters))
	if build, ok := debug.ReadBuildInfo(); ok {
		checkVersion(build, o.Logger)
	}
	c := &Client{o: o, log: o.Logger, events: make(chan Event, maxEvents), inbox: make(chan any)}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	c.current.Store(&state{replaced: make(chan struct{})})
	for i, cluster := range clusters {
		c.targets = append(c.targets, newTarget(cluster, i, o))
	}
	c.spawn(c.deliverEvents)
	c.spawn(c.policy)
	return c, nil
}

func (c Cluster) check() error {
	if c.Name == "" {
		return errors.New("it has no name")
	}
	if (c.DiscoveryURL == "") == (len(c.Addresses) == 0) {
		return errors.New("give either addresses or a discovery URL")
	}
	for _, address := range c.Addresses {
		if _, port, err := net.SplitHostPort(address); err != nil || port == "" {
			return fmt.Errorf("address %q is not of the form host:port", address)
		}
	}
	if c.TLS != nil && c.TLS.ServerName == "" && !c.TLS.InsecureSkipVerify {
		return errors.New("its TLS configuration has no ServerName")
	}
	if c.DiscoveryURL == "" {
		return nil
	}
	u, err := url.Parse(c.DiscoveryURL)
	if err != nil || u.Host == "" {
		return errors.New("its discovery URL is not a URL")
	}
	if ip := net.ParseIP(u.Hostname()); u.Scheme != "https" && (u.Scheme != "http" || !ip.IsLoopback()) {
		return errors.New("its discovery URL must begin with https://: the token travels in it")
	}
	return nil
}

func (o *Options) setDefaults(clusters int) {
	or := func(d, standard time.Duration) time.Duration { return cmp.Or(max(d, 0), standard) }
	o.OpTimeout = or(o.OpTimeout, 2*time.Second)
	o.Silence = or(o.Silence, 5*time.Second)
	o.Confirm = or(o.Confirm, time.Second)
	o.ConnectTimeout = or(o.ConnectTimeout, 3*time.Second)
	o.RetryTime = or(o.RetryTime, 100*time.Millisecond)
	o.RetryMax = or(o.RetryMax, 30*time.Second)
	// The last of many clusters has its turn before the first attempt has timed out.
	o.headStart = or(o.headStart, min(500*time.Millisecond, o.ConnectTimeout/time.Duration(clusters)))
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
}

// Wait returns when a cluster is active, or when ctx ends with each cluster's
// last cause.
func (c *Client) Wait(ctx context.Context) error {
	for {
		current := c.current.Load()
		if current.session != nil {
			return nil
		}
		if err := c.await(ctx, current); err != nil {
			return err
		}
	}
}

// await blocks until old is replaced.
func (c *Client) await(ctx context.Context, old *state) error {
	if c.hookOfCaller() == "OnActive" {
		return errors.New("no cluster is active until OnActive has returned: in this hook, use the client that it is given")
	}
	select {
	case <-old.replaced:
		return nil
	case <-c.ctx.Done():
		return errClosed
	case <-ctx.Done():
		return c.noCluster(ctx.Err())
	}
}

var errClosed = errors.New("the failover client is closed")

// noCluster adds to err why each cluster could not be reached.
func (c *Client) noCluster(err error) error {
	var causes []string
	for _, t := range c.targets {
		if cause := t.cause(); cause != nil {
			causes = append(causes, fmt.Sprintf("%s: %v", t.Name, cause))
		}
	}
	if len(causes) == 0 {
		return fmt.Errorf("no cluster is active yet: %w", err)
	}
	return fmt.Errorf("no cluster is active: %w (%s); see \"No cluster is active\" in failover-gen's docs/operator.md", err, strings.Join(causes, "; "))
}

// Stats returns a snapshot.
func (c *Client) Stats() Stats {
	stats := Stats{Switches: c.switches.Load(), LastGap: time.Duration(c.lastGap.Load()), Calls: make(map[string]int64), Causes: make(map[string]string)}
	if s := c.current.Load().session; s != nil {
		stats.Active = s.target.Name
		stats.LastHeard = time.UnixMilli(s.heard.Load())
	}
	if s := c.standby.Load(); s != nil {
		stats.Standby = s.target.Name
	}
	for i := range c.results {
		for o := range c.results[i].by {
			stats.Calls[outcome.Outcome(o).String()] += c.results[i].by[o].Load()
		}
	}
	for _, t := range c.targets {
		if cause := t.cause(); cause != nil {
			stats.Causes[t.Name] = cause.Error()
		}
		stats.Clusters = append(stats.Clusters, ClusterStats{t.Name, t.certificateEnds()})
	}
	return stats
}

// certificateEnds returns when the client certificate ends, zero if there is none.
func (c Cluster) certificateEnds() time.Time {
	if c.TLS == nil || len(c.TLS.Certificates) == 0 || c.TLS.Certificates[0].Leaf == nil {
		return time.Time{}
	}
	return c.TLS.Certificates[0].Leaf.NotAfter
}

// Close waits until calls in flight have finished or ctx ends, then disconnects. Calls
// made after it fail as not sent. It returns ctx's error if something of the
// engine was still running by then.
func (c *Client) Close(ctx context.Context) error {
	if hook := c.hookOfCaller(); hook != "" {
		return fmt.Errorf("Close was called inside %s, which it would wait for: call it after the hook has returned, or from a goroutine of its own", hook)
	}
	if s := c.current.Load().session; s != nil {
		s.fence()
		s.drain(ctx)
	}
	c.cancel()
	finished := make(chan struct{})
	go func() {
		c.running.Wait()
		close(finished)
	}()
	select {
	case <-finished:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("closing: %w", ctx.Err())
	}
}

// spawn runs f as a goroutine that Close waits for.
func (c *Client) spawn(f func()) {
	c.running.Add(1)
	go func() {
		defer c.running.Done()
		f()
	}()
}

// runHook runs a hook of the program. A panic in it is not caught, so that the
// stack names the hook.
func (c *Client) runHook(name string, hook func() error) error {
	id := goroutine()
	c.hooks.Store(id, name)
	defer c.hooks.Delete(id)
	return hook()
}

// hookOfCaller names the hook whose goroutine calls us; "" if none does. It
// costs about a microsecond, so calls ask only when they would have to wait.
func (c *Client) hookOfCaller() string {
	name, _ := c.hooks.Load(goroutine())
	hook, _ := name.(string)
	return hook
}

// goroutine returns "goroutine N" of the current one. A stack is the only thing
// that tells.
func goroutine() string {
	var stack [64]byte
	id, _, _ := strings.Cut(string(stack[:runtime.Stack(stack[:], false)]), " [")
	return id
}

// emit logs an event and has OnEvent called. The policy must not wait for that,
// so events that find maxEvents before them are dropped.
func (c *Client) emit(e Event) {
	e.Time = time.Now()
	level := slog.LevelDebug
	if c.o.OnEvent == nil { // then the log is all that tells
		level = slog.LevelWarn
		if e.Type == Connected {
			level = slog.LevelInfo
		}
	}
	c.log.Log(c.ctx, level, string(e.Type), "cluster", e.Cluster, "why", cmp.Or(e.Reason, e.From))
	select {
	case c.events <- e:
	default:
		c.log.Warn("OnEvent is too slow: an event is dropped", "event", e.Type, "cluster", e.Cluster)
	}
}

const maxEvents = 1024

func (c *Client) deliverEvents() {
	for e := range c.events {
		if c.o.OnEvent != nil {
			_ = c.runHook("OnEvent", func() error { c.o.OnEvent(e); return nil })
		}
	}
}
