package failover

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// attempt is what came of one request to one endpoint.
type attempt struct {
	response *http.Response // nil: none came
	err      error          // why there is none, or what is wrong with it
	outcome  outcome.Outcome
	failed   bool // the exceptions list it: the next endpoint's turn
	callers  bool // the caller ended it, or no endpoint can be to blame
	stale    bool // a kept connection ended, which says nothing about its endpoint
}

// attempt sends the request of a call to e.
func (c *call) attempt(e *entry, turn int64) attempt {
	c.attempts++
	c.endpoint = e.URL
	url, err := c.target(e, c.req.URL)
	if err != nil {
		return attempt{err: err, outcome: outcome.NotSent, failed: c.listed.match(classify(err))}
	}
	content, err := c.body.next()
	if err != nil {
		return attempt{err: fmt.Errorf("the request's GetBody: %w", err), outcome: outcome.NotSent, callers: true}
	}
	limit, late := c.o.AttemptTimeout, c.attemptTimeout
	if c.unbounded {
		if left := c.o.CallTimeout - time.Since(c.start); left < limit {
			limit, late = left, c.callTimeout
		}
	}
	l, ctx := c.lease(limit, late)
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
	var head *peeked
	if err == nil {
		said, head, err = peek(response)
	}
	if !c.overdue.remove(l) && err == nil {
		err = late
	}
	if err != nil {
		if response != nil {
			response.Body.Close()
		}
		if ctx.Err() != nil {
			err = context.Cause(ctx) // HTTP/2 does not say it
		}
		a := c.judgeError(l, err, response != nil)
		l.end(false)
		return a
	}
	if head != nil && head.err == io.EOF { // the whole body is here
		response.Body.Close()
		response.Body = head
		l.end(c.own)
	} else {
		rest := &responseBody{ReadCloser: response.Body, peeked: head, t: c.Transport, req: c.req, entry: e, turn: turn,
			patient: response.StatusCode == http.StatusSwitchingProtocols}
		rest.lease.Store(l)
		response.Body = rest
	}
	response.Request = c.req // whose context does not end with the attempt
	return c.judgeResponse(response, said)
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
func (c *call) judgeResponse(r *http.Response, said *fault) attempt {
	a := attempt{response: r, outcome: outcomeOf(r.StatusCode, said)}
	if r.StatusCode < 400 && said == nil {
		return a
	}
	if a.failed = c.listed.matchResponse(r.StatusCode, said); !a.failed {
		return a
	}
	a.err = fmt.Errorf("HTTP %s", r.Status)
	if said != nil {
		a.err = fmt.Errorf("HTTP %s with the SOAP fault %s", r.Status, said)
	}
	return a
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

// judgeError says what the lack of a response means, or of the rest of one.
func (c *call) judgeError(l *lease, err error, answered bool) attempt {
	begun, reused, sent := l.told()
	a := attempt{err: err, outcome: outcome.NotSent}
	if answered || sent || !begun && !c.traced {
		a.outcome = outcome.Unknown
	}
	if end := ended(c.req); end != nil {
		a.callers = true
		if !errors.Is(err, end) {
			a.err = fmt.Errorf("%w: %w", end, err)
		}
		return a
	}
	if broken := c.body.broken(); broken != nil {
		a.err, a.callers = fmt.Errorf("reading the request's body: %w", broken), true
		return a
	}
	_, late := errors.AsType[*timeoutError](err)
	if !begun && c.traced && !late { // net/http itself refuses the request
		a.outcome, a.callers = outcome.Rejected, true
		return a
	}
	classes := classify(err)
	a.stale = reused && !answered && !late && (a.outcome == outcome.NotSent || isAny(classes, eof, socket))
	a.failed = c.listed.match(classes)
	return a
}

// responseBody is the body of a response that a caller reads. It begins with
// what was read of it already, and ends the attempt when it ends.
type responseBody struct {
	io.ReadCloser
	*peeked // nil: nothing
	t       *Transport
	req     *http.Request // the caller's
	entry   *entry
	turn    int64
	patient bool                  // it is another protocol's, which may be silent
	lease   atomic.Pointer[lease] // nil: it has ended
	reading sync.Mutex            // overdue takes a lease once, and a caller might read from two goroutines
}

// Read implements io.Reader. An endpoint that fails only now, or sends nothing for
// AttemptTimeout, is left by the next call. The time between two reads is the
// caller's and does not count.
func (b *responseBody) Read(p []byte) (int, error) {
	b.reading.Lock()
	defer b.reading.Unlock()
	l := b.lease.Load()
	if l == nil {
		return b.next(p)
	}
	if !b.patient {
		b.t.overdue.add(l, b.t.o.AttemptTimeout, b.t.silence)
	}
	n, err := b.next(p)
	b.t.overdue.remove(l)
	if err == nil {
		return n, nil
	}
	late, _ := context.Cause(l.ctx).(*timeoutError)
	if late != nil && err != io.EOF {
		err = late // HTTP/2 does not say it
	}
	if b.end(err == io.EOF && late == nil) && err != io.EOF && ended(b.req) == nil && b.t.listed.match(classify(err)) {
		b.t.roster.condemn(b.entry, b.turn, err)
	}
	return n, err
}

// next reads what was read ahead, then the rest.
func (b *responseBody) next(p []byte) (int, error) {
	if b.peeked != nil {
		return b.peeked.next(p, b.ReadCloser)
	}
	return b.ReadCloser.Read(p)
}

// Close implements io.Closer.
func (b *responseBody) Close() error {
	err := b.ReadCloser.Close()
	b.end(false)
	return err
}

// end ends the lease of the attempt, which may be used again after a body that
// was read whole. It reports whether the lease had not ended before.
func (b *responseBody) end(whole bool) bool {
	l := b.lease.Swap(nil)
	if l == nil {
		return false
	}
	l.end(whole && b.t.own)
	return true
}

// Write implements io.Writer, for responses that switch protocols.
func (b *responseBody) Write(p []byte) (int, error) {
	if w, ok := b.ReadCloser.(io.Writer); ok {
		return w.Write(p)
	}
	return 0, errors.ErrUnsupported
}
