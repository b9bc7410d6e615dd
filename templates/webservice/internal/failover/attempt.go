package failover

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// attempt is one request to one endpoint and what came of it.
type attempt struct {
	response *http.Response // nil: none came
	err      error          // why there is none, or what is wrong with it
	outcome  outcome.Outcome
	failed   bool // the exceptions list it: the next endpoint's turn
	callers  bool // the caller ended it, or no endpoint can be to blame
	stale    bool // a kept connection ended, which says nothing about its endpoint

	trace     httptrace.ClientTrace
	mu        sync.Mutex // guards what follows: net/http calls from its own goroutines
	begun     bool       // a connection was asked for
	reused    bool
	conn      *countedConn // nil: it does not count
	before    int64        // what conn had written before this request
	wroteSome bool         // on an earlier connection, or on one that does not count
}

// attempt sends the request of a call to e.
func (c *call) attempt(e *entry, turn int64) *attempt {
	c.attempts++
	c.endpoint = e.URL
	a := &attempt{outcome: outcome.NotSent}
	url, err := c.target(e, c.req.URL)
	if err != nil {
		a.err, a.failed = err, c.listed.match(classify(err))
		return a
	}
	content, err := c.body.next()
	if err != nil {
		a.err, a.callers = fmt.Errorf("the request's GetBody: %w", err), true
		return a
	}
	limit, cause := c.o.AttemptTimeout, c.attemptTimeout
	if c.unbounded {
		if left := c.o.CallTimeout - time.Since(c.start); left < limit {
			limit, cause = left, c.callTimeout
		}
	}
	ctx, cancel := context.WithCancelCause(a.traced(c.ctx))
	timer := time.AfterFunc(limit, func() { cancel(cause) })
	inner := c.req.WithContext(ctx)
	inner.URL, inner.Body, inner.GetBody, inner.ContentLength = url, content, nil, c.body.length
	if strings.EqualFold(inner.Host, c.address.Host) {
		inner.Host = ""
	}
	if !c.repeat {
		sendOnce(inner)
	}
	response, err := c.base.RoundTrip(inner)
	var said *fault
	var head peeked
	if err == nil {
		said, head, err = peek(response)
	}
	if !timer.Stop() && err == nil {
		err = cause
	}
	if err == nil {
		response.Body = &responseBody{ReadCloser: response.Body, peeked: head, cancel: cancel, call: c, entry: e, turn: turn}
		a.judgeResponse(c, response, said)
		return a
	}
	if response != nil {
		response.Body.Close()
	}
	if ctx.Err() != nil {
		err = context.Cause(ctx) // HTTP/2 does not say it
	}
	a.judgeError(c, err, response != nil)
	cancel(nil)
	return a
}

// sendOnce keeps net/http from sending a request again when a kept connection
// ends, which it does if the method or a header says that this is harmless and
// it can repeat the body. It looks for headers under their canonical names only.
// Not prevented is that it repeats a TRACE, which has no body.
func sendOnce(req *http.Request) {
	if req.Body != nil && req.Body != http.NoBody {
		return // for lack of GetBody it can't
	}
	switch req.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions:
		req.Body = empty{}
	}
	for _, name := range []string{"Idempotency-Key", "X-Idempotency-Key"} {
		if values, ok := req.Header[name]; ok {
			req.Header = req.Header.Clone()
			delete(req.Header, name)
			req.Header[strings.ToLower(name)] = values
		}
	}
}

// judgeResponse says what a response means.
func (a *attempt) judgeResponse(c *call, r *http.Response, said *fault) {
	a.response = r
	a.outcome = outcomeOf(r.StatusCode, said)
	if r.StatusCode < 400 && said == nil {
		return
	}
	if a.failed = c.listed.matchResponse(r.StatusCode, said); !a.failed {
		return
	}
	a.err = fmt.Errorf("HTTP %s", r.Status)
	if said != nil {
		a.err = fmt.Errorf("HTTP %s with the SOAP fault %s", r.Status, said)
	}
}

// outcomeOf returns what is known of a call from its response. An endpoint that
// answers 503 has refused it. A fault says so as well; whoever lists it as an
// exception wants such a call repeated elsewhere.
func outcomeOf(status int, said *fault) outcome.Outcome {
	switch {
	case said != nil:
		return outcome.Rejected
	case status < 400:
		return outcome.Acked
	case status < 500:
		return outcome.Rejected
	case status == http.StatusServiceUnavailable:
		return outcome.NotSent
	default:
		return outcome.Unknown
	}
}

// judgeError says what the lack of a response means.
func (a *attempt) judgeError(c *call, err error, answered bool) {
	a.err = err
	if answered || a.sent(c.traced) {
		a.outcome = outcome.Unknown
	}
	if ended := c.ctx.Err(); ended != nil {
		a.callers = true
		if !errors.Is(err, ended) {
			a.err = fmt.Errorf("%w: %w", ended, err)
		}
		return
	}
	if broken := c.body.broken(); broken != nil {
		a.err, a.callers = fmt.Errorf("reading the request's body: %w", broken), true
		return
	}
	var deadline *timeoutError
	late := errors.As(err, &deadline)
	if !a.begun && c.traced && !late { // net/http itself refuses the request
		a.outcome, a.callers = outcome.Rejected, true
		return
	}
	classes := classify(err)
	a.stale = a.reused && !answered && !late && (a.outcome == outcome.NotSent || isAny(classes, eof, socket))
	a.failed = c.listed.match(classes)
}

// traced returns a context under which net/http tells what it does.
func (a *attempt) traced(ctx context.Context) context.Context {
	a.trace.GetConn = a.getConn
	a.trace.GotConn = a.gotConn
	a.trace.WroteHeaders = a.wroteHeaders
	return httptrace.WithClientTrace(ctx, &a.trace)
}

func (a *attempt) getConn(string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.begun = true
}

func (a *attempt) gotConn(info httptrace.GotConnInfo) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.wroteSome = a.wroteSome || a.wrote()
	a.begun, a.reused = true, info.Reused
	if a.conn = countedConnOf(info.Conn); a.conn != nil {
		a.before = a.conn.written.Load()
	}
}

func (a *attempt) wroteHeaders() {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.conn == nil {
		a.wroteSome = true
	}
}

// wrote reports whether something was written on the current connection.
func (a *attempt) wrote() bool { return a.conn != nil && a.conn.written.Load() > a.before }

// sent reports whether bytes of the request left this process, or may have.
func (a *attempt) sent(traced bool) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.wroteSome || a.wrote() || !a.begun && !traced
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

// responseBody is the body of a response that a caller reads. It begins with
// what was read of it already, and ends the attempt when it ends.
type responseBody struct {
	io.ReadCloser
	peeked
	cancel context.CancelCauseFunc
	call   *call
	entry  *entry
	turn   int64
}

// Read implements io.Reader. An endpoint that fails only now is left by the next call.
func (b *responseBody) Read(p []byte) (int, error) {
	n, err := b.peeked.read(p, b.ReadCloser)
	if err == nil {
		return n, nil
	}
	if err != io.EOF && b.call.ctx.Err() == nil && b.call.listed.match(classify(err)) {
		b.call.roster.condemn(b.entry, b.turn, err)
	}
	b.cancel(nil)
	return n, err
}

// Close implements io.Closer.
func (b *responseBody) Close() error {
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}

// Write implements io.Writer, for responses that switch protocols.
func (b *responseBody) Write(p []byte) (int, error) {
	if w, ok := b.ReadCloser.(io.Writer); ok {
		return w.Write(p)
	}
	return 0, errors.ErrUnsupported
}
