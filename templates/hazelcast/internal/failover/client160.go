package failover

// Everything that relies on how hazelcast-go-client v1.6.0 works inside is in
// this file: its log lines, the names of its types, settings that switch parts
// of it off, what its errors mean. Each workaround says what that version does
// wrong and what we do. With another version, check them one by one.

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/cluster"
	"github.com/hazelcast/hazelcast-go-client/cluster/discovery"
	"github.com/hazelcast/hazelcast-go-client/hzerrors"
	"github.com/hazelcast/hazelcast-go-client/logger"
	"github.com/hazelcast/hazelcast-go-client/types"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

const clientModule, clientVersion = "github.com/hazelcast/hazelcast-go-client", "v1.6.0"

// checkVersion warns if the program is linked with another version of the
// client. Where the build information does not tell, as in tests, it is silent.
func checkVersion(build *debug.BuildInfo, log *slog.Logger) {
	for _, module := range build.Deps {
		linked := module.Version
		if module.Replace != nil {
			linked = module.Replace.Version
		}
		if module.Path == clientModule && linked != "" && linked != clientVersion {
			log.Warn("the failover engine works around bugs of another version of "+clientModule+"; run a drill, and read client160.go",
				"linked", linked, "made for", clientVersion)
		}
	}
}

// start starts a client on nodes. It returns when ctx ends at the latest.
//
// v1.6.0 has no deadline on a TLS handshake and on authentication, so a start
// can hang whatever ctx says. We start in a goroutine, leave it behind when ctx
// ends, shut the client down if it comes later, and do not try t until then.
func (c *Client) start(ctx context.Context, t *target, nodes []discovery.Node) (*session, error) {
	s := newSession(t)
	watcher := &clientLog{to: c.log.With("cluster", t.Name), redacted: t.redacted, returned: make(chan struct{})}
	config := c.config(t, nodes, watcher)
	type result struct {
		hz  *hazelcast.Client
		err error
	}
	started := make(chan result, 1)
	t.hung.Store(true)
	go func() {
		hz, err := hazelcast.StartNewClientWithConfig(ctx, config)
		watcher.started.Store(err == nil)
		close(watcher.returned)
		started <- result{hz, err}
	}()
	select {
	case r := <-started:
		t.hung.Store(false)
		if r.err != nil {
			return nil, watcher.explain(r.err)
		}
		s.hz = r.hz
		// Not through the configuration, whose list of listeners may be shared
		// by what Configure copied it from.
		if _, err := r.hz.AddLifecycleListener(func(e hazelcast.LifecycleStateChanged) {
			if e.State == hazelcast.LifecycleStateDisconnected {
				s.connectionLost()
			}
		}); err != nil {
			c.discard(s)
			return nil, fmt.Errorf("starting the client: %w", err)
		}
		return s, nil
	case <-ctx.Done():
		go func() {
			if r := <-started; r.hz != nil {
				_ = r.hz.Shutdown(context.Background())
			}
			t.hung.Store(false)
		}()
		return nil, fmt.Errorf("starting the client: %w", ctx.Err())
	}
}

// config sets a client up for one cluster, without loops of its own, and so that
// each attempt at a call ends with an answer or an error.
func (c *Client) config(t *target, nodes []discovery.Node, log *clientLog) hazelcast.Config {
	config := hazelcast.NewConfig()
	if c.o.Configure != nil {
		c.o.Configure(&config)
	}
	config.Failover = cluster.FailoverConfig{}
	config.Logger.CustomLogger = log
	cc := &config.Cluster
	cc.Name = t.Name
	// v1.6.0 repeats calls in a hidden loop until InvocationTimeout: a call that
	// was never sent then ends as "deadline exceeded", and one that was sent may be
	// sent again. A nanosecond ends the loop after the first error, which we see.
	cc.RedoOperation = false
	cc.InvocationTimeout = types.Duration(time.Nanosecond)
	// v1.6.0 stalls as a whole once some 1,000 calls wait for a frozen member. We
	// have its heartbeat close that member's connection before Silence.
	cc.HeartbeatInterval = types.Duration(c.o.Silence / 5)
	cc.HeartbeatTimeout = types.Duration(3 * c.o.Silence / 5)
	cc.Security.Credentials.Username, cc.Security.Credentials.Password = t.Username, string(t.Password)
	// v1.6.0 reconnects without regard to refusals, and Shutdown spins meanwhile. We
	// allow one try and reconnect ourselves. The first try must begin within
	// Timeout, which a busy machine can miss if it is shorter.
	oneTry := types.Duration(20 * time.Millisecond)
	cc.ConnectionStrategy = cluster.ConnectionStrategyConfig{
		ReconnectMode: cluster.ReconnectModeOff, Timeout: oneTry,
		Retry: cluster.ConnectionRetryConfig{InitialBackoff: oneTry, MaxBackoff: oneTry},
	}
	cc.Cloud = cluster.CloudConfig{}
	cc.Network.ConnectionTimeout = types.Duration(t.timeout)
	cc.Network.SSL = cluster.SSLConfig{}
	if t.TLS != nil {
		cc.Network.SSL.SetTLSConfig(t.TLS)
		cc.Network.SSL.Enabled = true
	}
	cc.Network.Addresses = nil
	cc.Discovery = cluster.DiscoveryConfig{UsePublicIP: true, Strategy: &strategy{target: t, nodes: nodes, probed: time.Now()}}
	config.AddMembershipListener(t.learn)
	return config
}

// strategy tells the client which members can be reached. The cloud discovery of
// v1.6.0 has no HTTP timeout, panics on a bad port and asks without a pause, and
// a member that accepts connections and stays mute blocks the client forever. So
// we discover and probe ourselves.
type strategy struct {
	target *target
	mu     sync.Mutex
	nodes  []discovery.Node
	probed time.Time
}

// DiscoverNodes implements discovery.Strategy.
func (d *strategy) DiscoverNodes(ctx context.Context) ([]discovery.Node, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if time.Since(d.probed) < time.Second {
		return d.nodes, nil
	}
	ctx, cancel := context.WithTimeout(ctx, d.target.timeout)
	defer cancel()
	nodes, err := d.target.discover(ctx)
	if err == nil {
		nodes, err = d.target.reachable(ctx, nodes)
	}
	if err != nil {
		return nil, err
	}
	d.nodes, d.probed = nodes, time.Now()
	return nodes, nil
}

// discard fences a session and disconnects it in the background. Shutdown of
// v1.6.0 can hang, so it is given shutdownTime and then left behind.
func (c *Client) discard(s *session) {
	s.fence()
	close(s.stop)
	c.spawn(func() {
		finished := make(chan struct{})
		go func() {
			defer close(finished)
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_ = s.hz.Shutdown(ctx)
		}()
		select {
		case <-finished:
		case <-time.After(shutdownTime):
		}
	})
}

const shutdownTime = 3 * time.Second

// clientLog passes the client's log lines on, without secrets. From these lines
// it also repairs three faults of v1.6.0 in a start that fails: the error does
// not hold the cause, which only a debug line tells; a goroutine, the schema
// invoker, waits forever; and two functions may call each other without end.
type clientLog struct {
	to       *slog.Logger
	redacted *strings.Replacer
	returned chan struct{} // closed when the start has come back
	started  atomic.Bool   // with a client
	mu       sync.Mutex
	cause    string
}

// Log implements the client's logger.Logger.
func (l *clientLog) Log(weight logger.Weight, text func() string) {
	if !l.started.Load() {
		select {
		case <-l.returned:
			l.leftBehind(text())
		default:
			if weight == logger.WeightDebug {
				l.starting(text())
			}
		}
	}
	level := slog.LevelDebug
	if weight <= logger.WeightWarn {
		level = slog.LevelWarn
	}
	if weight < logger.WeightDebug && l.to.Enabled(context.Background(), level) {
		l.to.Log(context.Background(), level, "hazelcast client: "+l.redacted.Replace(strings.TrimSpace(text())))
	}
}

// schemaInvoker is the first line that the schema invoker logs.
const schemaInvoker = "Started the schema invoker"

func (l *clientLog) starting(line string) {
	if _, cause, ok := strings.Cut(line, "error connecting to cluster, attempt 1: "); ok {
		l.mu.Lock()
		l.cause = cause
		l.mu.Unlock()
	}
	if line == schemaInvoker {
		if <-l.returned; !l.started.Load() {
			l.leftBehind(line)
		}
	}
}

// leftBehind stops what goes on in a client that did not start. We end the
// schema invoker, which would hold half a megabyte, from within its log line. If
// the member went mute after authentication, two functions of v1.6.0 call each
// other until the stack is full and the process dies. We make them wait in
// their log lines, until the connection is closed, which ends them.
func (l *clientLog) leftBehind(line string) {
	switch {
	case line == schemaInvoker:
		runtime.Goexit()
	case strings.HasPrefix(line, "cluster.ViewListenerService.try"):
		time.Sleep(time.Second)
	}
}

// refusals are what v1.6.0 says when a cluster refuses a client. The errors are
// texts by then: the start does not wrap what it got.
var refusals = []struct{ text, what string }{
	{hzerrors.ErrAuthentication.Error(), "the cluster refuses our credentials"},
	{hzerrors.ErrClientNotAllowedInCluster.Error(), "the cluster does not allow this client"},
	{"remote error: tls:", "the cluster refuses our certificate"},
}

// explain returns why a start failed, as a refusedError if it was refused.
func (l *clientLog) explain(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause != "" {
		err = errors.New(l.redacted.Replace(l.cause))
	}
	for _, refusal := range refusals {
		if strings.Contains(err.Error(), refusal.text) {
			return &refusedError{refusal.what, err}
		}
	}
	return fmt.Errorf("starting the client: %w", err)
}

// What a failed call tells about the session that it ran on.
type sign int

const (
	nothing   sign = iota
	answered       // the cluster spoke
	busy           // the cluster spoke: not now, ask again shortly
	unplugged      // there is no connection left to send on
)

// classify says what is known of a call that returned err. Unknown is the
// default; everything else is listed. It relies on an InvocationTimeout of
// 1 ns, with which v1.6.0 returns the first error of each attempt.
func classify(err error) (outcome.Outcome, sign) {
	if err == nil {
		return outcome.Acked, answered
	}
	var own *outcome.Error
	switch {
	case isJoined(err): // a Do that made more than one call: one may have been applied
		return outcome.Unknown, nothing
	case errors.As(err, &own):
		return own.Outcome, nothing
	case errors.Unwrap(err) == hzerrors.ErrRetryableIO, // "invocations are paused"
		isAny(err, hzerrors.ErrClientNotActive, hzerrors.ErrClientOffline):
		return outcome.NotSent, unplugged
	case errors.Is(err, hzerrors.ErrIO) && errors.Unwrap(err) == nil: // "packet not sent", "no connection found"
		return outcome.NotSent, nothing
	case isAny(err, hzerrors.ErrPartitionMigrating, hzerrors.ErrWrongTarget, hzerrors.ErrTargetNotMember,
		hzerrors.ErrCallerNotMember, hzerrors.ErrRetryableHazelcast):
		return outcome.NotSent, busy
	case strings.HasPrefix(err.Error(), "err encoding gob: "), // a value of no serializable type
		isAny(err, hzerrors.ErrIllegalArgument, hzerrors.ErrInvalidConfiguration):
		return outcome.Rejected, nothing // the client itself may have said so
	case isAny(err, hzerrors.ErrAuthentication, hzerrors.ErrSecurity, hzerrors.ErrAccessControl,
		hzerrors.ErrClientNotAllowedInCluster, hzerrors.ErrUnsupportedOperation, hzerrors.ErrHazelcastOverLoad,
		hzerrors.ErrSplitBrainProtection, hzerrors.ErrReachedMaxSize, hzerrors.ErrWANReplicationQueueFull):
		return outcome.Rejected, answered
	case isFromServer(err): // such as "instance not active", also said of what a member was about to answer
		return outcome.Unknown, answered
	default: // such as a value put in place of one that can't be read here
		return outcome.Unknown, nothing
	}
}

// isFromServer reports whether a member said err. The type that v1.6.0 has for
// that is internal, so we compare its name.
func isFromServer(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if fmt.Sprintf("%T", err) == "*hzerrors.ServerError" {
			return true
		}
	}
	return false
}

// isJoined reports whether err wraps several errors.
func isJoined(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if _, several := err.(interface{ Unwrap() []error }); several {
			return true
		}
	}
	return false
}

func isAny(err error, targets ...error) bool {
	for _, target := range targets {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}
