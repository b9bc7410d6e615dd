package failover

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// Do sends a request as http.Client.Do does, without following redirects. Any
// client that takes a Doer takes the Transport. A failed call returns an
// *outcome.Error.
func (t *Transport) Do(req *http.Request) (*http.Response, error) {
	resp, err := t.client.Do(req)
	if failed, ok := errors.AsType[*outcome.Error](err); ok {
		return resp, failed
	}
	return resp, err
}

// call is one request on its way from endpoint to endpoint.
type call struct {
	*Transport
	req       *http.Request
	ctx       context.Context // the caller's
	start     time.Time
	unbounded bool // the caller gave no deadline: CallTimeout ends the call
	repeat    bool // may be sent again although it may have been carried out
	body      body

	tried    []*entry
	stale    int     // attempts that ended with a kept connection
	errs     []error // why attempts failed
	unknown  bool    // an attempt may have been carried out
	attempts int
	endpoint string // last tried
}

// maxStale is how many kept connections may end under a call before that counts
// as a failure of their endpoint.
const maxStale = 3

// RoundTrip implements http.RoundTripper. The URL of a request begins with
// Options.Address. A body without GetBody is kept for repeats if it has up to
// 1 MiB; a request with a larger one fails over only until its body is read. A
// failed call returns an *outcome.Error. If every endpoint fails and the last
// one with a response, that is returned as it came.
func (t *Transport) RoundTrip(req *http.Request) (*http.Response, error) {
	c := call{Transport: t, req: req, ctx: req.Context(), start: time.Now()}
	_, bounded := c.ctx.Deadline()
	c.unbounded = !bounded
	c.repeat = t.o.Replay == Always || t.o.Replay == Idempotent && idempotent(req) || outcome.Repeatable(c.ctx)
	defer c.body.done()
	if err := c.body.init(req); err != nil {
		return c.fail(outcome.Rejected, fmt.Errorf("reading the request's body: %w", err))
	}
	if _, ok := t.rest(req.URL); !ok {
		return c.fail(outcome.Rejected, fmt.Errorf("the URL %s does not begin with %s: only such requests are sent to an endpoint", redacted(req.URL), t.o.Address))
	}
	if t.ctx.Err() != nil {
		return c.fail(outcome.NotSent, errClosed)
	}
	return c.run()
}

// await returns once the list has an endpoint.
func (c *call) await() error {
	ctx := c.ctx
	if c.unbounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, c.start.Add(c.o.CallTimeout), c.callTimeout)
		defer cancel()
	}
	return c.Wait(ctx)
}

// run tries one endpoint after the other, each once.
func (c *call) run() (*http.Response, error) {
	e, turn := c.roster.choose(nil)
	for ; e == nil; e, turn = c.roster.choose(nil) {
		if err := c.await(); err != nil {
			return c.fail(outcome.NotSent, err)
		}
	}
	for {
		a := c.attempt(e, turn)
		switch {
		case a.callers:
			return c.finish(a)
		case a.stale && c.stale < maxStale:
			if c.stale++; !c.repeatable(a) {
				return c.finish(a)
			}
			c.note(a)
			if next, now := c.roster.choose(c.tried); next != nil { // the same one, unless others have left it
				e, turn = next, now
			}
			continue
		case !a.failed:
			if a.response != nil {
				c.roster.answered(e, turn)
			}
			return c.finish(a)
		}
		c.roster.condemn(e, turn, a.err)
		c.tried = append(c.tried, e)
		if !c.repeatable(a) {
			return c.finish(a)
		}
		if e, turn = c.roster.choose(c.tried); e == nil {
			return c.finish(a)
		}
		if a.response != nil {
			a.response.Body.Close()
		}
		c.note(a)
	}
}

// note keeps why an attempt failed that was not the last, with its endpoint.
func (c *call) note(a attempt) {
	c.errs = append(c.errs, fmt.Errorf("%s: %w", c.endpoint, a.err))
}

// repeatable reports whether the call may go on after a failed attempt.
func (c *call) repeatable(a attempt) bool {
	if a.outcome == outcome.Unknown {
		if !c.repeat {
			return false
		}
		c.unknown = true
	}
	return c.body.replayable() && !c.over()
}

// over reports whether the time of the call is up.
func (c *call) over() bool {
	return ended(c.req) != nil || c.unbounded && time.Since(c.start) >= c.o.CallTimeout
}

// ended returns why the caller has ended a request, or nil if it has not. The
// Timeout of an http.Client closes Cancel, perhaps just before the context ends.
func ended(req *http.Request) error {
	select {
	case <-req.Cancel: //lint:ignore SA1019 http.Client sets it
		return context.Canceled
	default:
		return req.Context().Err()
	}
}

// fail ends a call without an attempt.
func (c *call) fail(o outcome.Outcome, err error) (*http.Response, error) {
	return c.finish(attempt{outcome: o, err: err})
}

// finish counts and reports a call after its last attempt.
func (c *call) finish(a attempt) (*http.Response, error) {
	o, err := a.outcome, error(nil)
	if c.unknown && o != outcome.Acked {
		o = outcome.Unknown
	}
	if a.response == nil {
		err = a.err
		if len(c.errs) > 0 {
			c.note(a)
			err = joined(c.errs)
		}
		err = &outcome.Error{Outcome: o, Target: c.endpoint, Err: err}
	}
	c.calls[o].Add(1)
	if c.o.OnResult != nil {
		r := Result{Endpoint: c.endpoint, Outcome: o, Err: err, Start: c.start, End: time.Now(), Attempts: c.attempts, Context: c.ctx}
		if a.response != nil {
			r.Status = a.response.StatusCode
		}
		c.o.OnResult(r)
	}
	return a.response, err
}

// joined is the errors of several attempts. Unlike those of errors.Join it is
// one line, as logs need.
type joined []error

// Error lists the errors in order.
func (j joined) Error() string {
	texts := make([]string, len(j))
	for i, err := range j {
		texts[i] = err.Error()
	}
	return strings.Join(texts, "; ")
}

// Unwrap returns the errors in order.
func (j joined) Unwrap() []error { return j }

// idempotent reports whether RFC 9110 lets a request be repeated, or its sender does.
func idempotent(req *http.Request) bool {
	switch req.Method {
	case "", http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace, http.MethodPut, http.MethodDelete:
		return true
	}
	return req.Header.Get("Idempotency-Key") != ""
}

// rest returns what follows the address in the path of a request's URL.
func (t *Transport) rest(u *url.URL) (string, bool) {
	if u == nil || u.Scheme != t.address.Scheme || !strings.EqualFold(u.Host, t.address.Host) {
		return "", false
	}
	rest, ok := strings.CutPrefix(u.EscapedPath(), t.address.EscapedPath())
	if rest == "/" {
		rest = ""
	}
	return rest, ok && (rest == "" || rest[0] == '/')
}

// target puts an endpoint in place of the address.
func (t *Transport) target(e *entry, u *url.URL) (*url.URL, error) {
	rest, _ := t.rest(u)
	if rest == "" && u.RawQuery == "" {
		return e.url, e.err
	}
	if e.err != nil {
		return nil, e.err
	}
	out := *e.url
	if rest != "" {
		escaped := strings.TrimRight(e.url.EscapedPath(), "/") + rest
		path, err := url.PathUnescape(escaped)
		if err != nil {
			return nil, err
		}
		out.Path, out.RawPath = path, escaped
	}
	if out.RawQuery != "" && u.RawQuery != "" {
		out.RawQuery += "&"
	}
	out.RawQuery += u.RawQuery
	return &out, nil
}

func redacted(u *url.URL) string {
	if u == nil {
		return "(none)"
	}
	return u.Redacted()
}
