package failover

import (
	"context"
	"crypto/tls"
	"net"
	"net/http/httptrace"
	"sync"
	"sync/atomic"
	"time"
)

// lease is what ends an attempt in time and tells whether its bytes left. To
// make one costs more than all else that the engine does for a call. So one
// that ended nothing serves another attempt, if the base is ours: then nothing
// calls it after its attempt.
type lease struct {
	ctx    context.Context // with trace
	cancel context.CancelCauseFunc
	unlink func() bool // undoes that the caller's end is the attempt's; nil: nothing to undo
	trace  httptrace.ClientTrace

	composed bool // trace calls that of a caller too

	deadline time.Time     // guarded by overdue, as is what follows
	late     *timeoutError // why overdue ends the attempt then
	at       int           // where overdue keeps it; -1: nowhere

	mu        sync.Mutex // guards what follows: net/http calls from its own goroutines
	begun     bool       // a connection was asked for
	reused    bool
	conn      *countedConn // nil: it does not count
	before    int64        // what conn had written before this request
	wroteSome bool         // on an earlier connection, or on one that does not count
}

var leases sync.Pool

// lease returns a lease that ends with the caller's context, or late if an
// attempt takes longer than limit, and a context under which to make it.
func (c *call) lease(limit time.Duration, late *timeoutError) (*lease, context.Context) {
	theirs := httptrace.ContextClientTrace(c.ctx)
	l, _ := leases.Get().(*lease)
	if l == nil || theirs != nil {
		l = newLease(theirs)
	}
	c.overdue.add(l, limit, late)
	if c.ctx == context.Background() {
		return l, l.ctx
	}
	if caller := c.ctx; caller.Done() != nil {
		l.unlink = context.AfterFunc(caller, func() { l.cancel(context.Cause(caller)) })
	}
	return l, leased{l.ctx, c.ctx}
}

func newLease(theirs *httptrace.ClientTrace) *lease {
	l := &lease{composed: theirs != nil}
	l.trace.GetConn = l.getConn
	l.trace.GotConn = l.gotConn
	l.trace.WroteHeaders = l.wroteHeaders
	ctx := context.Background()
	if theirs != nil {
		ctx = httptrace.WithClientTrace(ctx, theirs) // ours is added to it
	}
	ctx, l.cancel = context.WithCancelCause(ctx)
	l.ctx = httptrace.WithClientTrace(ctx, &l.trace)
	return l
}

// end ends a lease that overdue watches no more. It may be used again if nothing else
// has ended it.
func (l *lease) end(again bool) {
	if l.unlink != nil {
		again = l.unlink() && again
		l.unlink = nil
	}
	if !again || l.composed {
		l.cancel(nil)
		return
	}
	l.mu.Lock()
	l.begun, l.reused, l.conn, l.before, l.wroteSome = false, false, nil, 0, false
	l.mu.Unlock()
	leases.Put(l)
}

// leased has the end of a lease and the values of the caller's context.
type leased struct {
	context.Context
	caller context.Context
}

// Value implements context.Context.
func (l leased) Value(key any) any {
	if v := l.Context.Value(key); v != nil {
		return v
	}
	return l.caller.Value(key)
}

// Deadline implements context.Context.
func (l leased) Deadline() (time.Time, bool) { return l.caller.Deadline() }

func (l *lease) getConn(string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.begun = true
}

func (l *lease) gotConn(info httptrace.GotConnInfo) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wroteSome = l.wroteSome || l.wrote()
	l.begun, l.reused = true, info.Reused
	if l.conn = countedConnOf(info.Conn); l.conn != nil {
		l.before = l.conn.written.Load()
	}
}

func (l *lease) wroteHeaders() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conn == nil {
		l.wroteSome = true
	}
}

// wrote reports whether something was written on the current connection.
func (l *lease) wrote() bool { return l.conn != nil && l.conn.written.Load() > l.before }

// told returns whether a connection was asked for, whether the last was used
// before, and whether bytes of the request left this process or may have.
func (l *lease) told() (begun, reused, sent bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.begun, l.reused, l.wroteSome || l.wrote()
}

// countedConn counts the bytes that were written. httptrace alone tells only
// that a header went into a buffer, which may never have been sent.
type countedConn struct {
	net.Conn
	written atomic.Int64
}

// Write implements net.Conn.
func (c *countedConn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	c.written.Add(int64(n))
	return n, err
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

func counted(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		return &countedConn{Conn: conn}, nil
	}
}

// countedConnOf finds our connection below TLS, except where HTTP/2 shares it.
func countedConnOf(conn net.Conn) *countedConn {
	for {
		switch c := conn.(type) {
		case *countedConn:
			return c
		case *tls.Conn:
			if c.ConnectionState().NegotiatedProtocol == "h2" {
				return nil
			}
			conn = c.NetConn()
		default:
			return nil
		}
	}
}
