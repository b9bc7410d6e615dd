// Package failover sends the calls of a web-service client to one of several
// endpoints and moves to the next when that one fails, as JBoss Fuse's failover
// cluster does for Java. The endpoints are an ordered list that may change. The
// first is the master; which failures count is a list of Java exception names.
//
// Transport is an http.RoundTripper, and its Do is that of an http.Client, so
// that any HTTP or SOAP client can stand on it. What never left this process, or
// was refused, is repeated on the next endpoint. What was sent and not answered
// may have been carried out: it is repeated only if Replay or the call allows it.
// An endpoint that stops within the body of its response ends the caller's read
// with a timeout, never with a repeat.
//
// Read failover.go for the interface, call.go for what happens to a call,
// attempt.go for one attempt at one endpoint, lease.go and overdue.go for what ends
// an attempt or a read and whether its bytes left, body.go for what is sent again, roster.go for which
// endpoint is next, classify.go and names.go for which failures count, and soap.go
// for faults.
package failover

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// Endpoint is one entry of the list. A new ID is a new entry, whatever failed
// before under the same URL. The entries of a static list have no ID.
type Endpoint struct{ URL, ID string }

// List is an ordered list of endpoints, the preferred one first.
type List interface {
	// Current returns the list, which the caller does not change, and a channel
	// that is closed once the list is another. The list is nil until it is known.
	// If a List has an Err() error as well, that says why it is not.
	Current() (list []Endpoint, changed <-chan struct{})
}

// Static returns a list that never changes. Of its endpoints, the one that
// failed moves to the end; others are ignored until their entry goes.
func Static(urls ...string) List {
	list := make(static, 0, len(urls))
	for _, u := range urls {
		list = append(list, Endpoint{URL: u})
	}
	return list
}

type static []Endpoint

// Current implements List.
func (s static) Current() ([]Endpoint, <-chan struct{}) { return s, nil }

// Select says where a call begins.
type Select string

const (
	// Sticky begins at the endpoint that answered last, until that fails or goes.
	Sticky Select = "sticky"
	// First begins at the first endpoint of the list, as Java does.
	First Select = "first"
)

// Replay says which requests may be sent again although they may have been
// carried out. outcome.MayRepeat allows it for one call.
type Replay string

const (
	// Unsent repeats none of them.
	Unsent Replay = "unsent"
	// Idempotent repeats those of an idempotent method (RFC 9110, section 9.2.2)
	// or with an Idempotency-Key.
	Idempotent Replay = "idempotent"
	// Always repeats all of them, as Java does.
	Always Replay = "always"
)

// DefaultAddress is what callers use as the service's URL if Options names none.
const DefaultAddress = "http://failover"

// Options has a default for every field, which its comment names.
type Options struct {
	// Address is what callers use as the service's URL: DefaultAddress. The
	// endpoint's URL takes its place; what follows it in path and query stays.
	Address string
	// Exceptions are the Java names of the failures after which the next endpoint
	// is tried, those of subclasses and causes included: java.io.IOException.
	Exceptions []string
	// ExceptionMap says what other names in Exceptions stand for: the name of a
	// SOAP fault's code, subcode or detail ("{namespace}local"), or an HTTP status.
	ExceptionMap map[string]string
	Select       Select // Sticky
	Replay       Replay // Unsent
	// Compat is the behaviour of Java: First and Always, java.io.IOException is
	// always listed, and any HTTP status from 400 on, except 500, counts as one.
	Compat bool
	// AttemptTimeout ends an attempt that has no response header by then: 10 s. It
	// also ends a read of the response's body that waits as long for a byte. Only
	// this notices an endpoint that hangs, so callers' deadlines must be longer.
	AttemptTimeout time.Duration
	// CallTimeout ends a call whose caller gave no deadline and which has no response
	// header by then, after all attempts: 30 s. A body that flows may take longer: only
	// the caller's deadline or the Timeout of its http.Client bounds it.
	CallTimeout time.Duration
	// Base sends the requests: an http.Transport that speaks HTTP/1.1 and keeps
	// the connections of 256 callers. With another, a request counts as sent
	// once its header was written, perhaps only into a buffer.
	Base http.RoundTripper
	// OnEvent gets the events one at a time, in order. It may block: that delays
	// later events (of which 1,024 are kept), never a call. It may make calls;
	// only Close, which would wait for it, fails at once.
	OnEvent func(Event)
	// OnResult is called after each call, in the caller's goroutine, when the
	// response header is there or the call has failed.
	OnResult func(Result)
	// Logger defaults to slog.Default().
	Logger *slog.Logger
}

// EventType names a change of the endpoint in use, or of the list.
type EventType string

const (
	// Selected: an endpoint answered and is in use: the first that did, or again
	// the one that was in use before.
	Selected EventType = "ENDPOINT_SELECTED"
	// Failed: an endpoint failed. It is ignored from now on, or moved to the end
	// of a static list.
	Failed EventType = "ENDPOINT_FAILED"
	// Changed: another endpoint than before answered and is in use.
	Changed EventType = "ENDPOINT_CHANGED"
	// Listed: the list of endpoints changed.
	Listed EventType = "ENDPOINTS_LISTED"
)

// Event is one change. From is set on Changed only, Reason on Failed only.
type Event struct {
	Type           EventType
	Endpoint, From string
	Reason         error
	Time           time.Time
}

// Result is one finished call. Its response's body may not have been read yet.
type Result struct {
	Endpoint   string // the one last tried; empty if there was none
	Outcome    outcome.Outcome
	Status     int // of the response; 0 if there was none
	Err        error
	Start, End time.Time
	Attempts   int
	Context    context.Context // the request's
}

// Stats is a snapshot.
type Stats struct {
	Active   string           `json:"active"` // the endpoint in use; empty if none is
	Switches int64            `json:"switches"`
	Calls    map[string]int64 `json:"calls"`   // by outcome
	Known    int              `json:"known"`   // endpoints in the list
	Ignored  int              `json:"ignored"` // of those, the ones that failed
	Current  bool             `json:"current"` // the list is up to date; false while the registry cannot be read
}

// Transport sends each request to an endpoint of its list.
type Transport struct {
	o       Options
	log     *slog.Logger
	address *url.URL
	listed  *exceptions
	list    List
	roster  roster
	overdue overdue
	base    http.RoundTripper
	traced  bool // base tells httptrace what it does
	own     bool // base is ours to close
	client  http.Client

	attemptTimeout, callTimeout, silence *timeoutError

	calls   [4]atomic.Int64 // by outcome
	events  chan Event
	dropped atomic.Int64 // events
	hook    atomic.Value // the goroutine that runs OnEvent

	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// Check returns the error that New would return for any list. It starts nothing.
func Check(o Options) error {
	_, _, err := check(&o)
	return err
}

func check(o *Options) (*url.URL, *exceptions, error) {
	o.setDefaults()
	address, err := parseEndpoint(o.Address)
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("address %w", err)
	case o.Select != Sticky && o.Select != First:
		return nil, nil, fmt.Errorf("select %q is unknown; use sticky or first", o.Select)
	case o.Replay != Unsent && o.Replay != Idempotent && o.Replay != Always:
		return nil, nil, fmt.Errorf("replay %q is unknown; use unsent, idempotent or always", o.Replay)
	}
	listed, err := newExceptions(*o)
	return address, listed, err
}

func (o *Options) setDefaults() {
	o.Address = cmp.Or(strings.TrimRight(o.Address, "/"), DefaultAddress)
	o.Select = cmp.Or(o.Select, Sticky)
	o.Replay = cmp.Or(o.Replay, Unsent)
	o.AttemptTimeout = cmp.Or(max(o.AttemptTimeout, 0), 10*time.Second)
	o.CallTimeout = cmp.Or(max(o.CallTimeout, 0), 30*time.Second)
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Compat {
		o.Select, o.Replay = First, Always
	}
}

// New returns a Transport on list. Its errors are errors of configuration; what
// goes wrong with an endpoint is reported by calls, events and the log.
func New(list List, o Options) (*Transport, error) {
	address, listed, err := check(&o)
	if err != nil {
		return nil, err
	}
	if fixed, ok := list.(static); ok {
		if err := fixed.check(); err != nil {
			return nil, err
		}
	}
	t := &Transport{o: o, log: o.Logger, address: address, listed: listed, list: list, base: o.Base,
		attemptTimeout: &timeoutError{"no response header within " + o.AttemptTimeout.String(), false},
		callTimeout:    &timeoutError{"no endpoint answered within " + o.CallTimeout.String(), true},
		silence:        &timeoutError{"no more of the response's body within " + o.AttemptTimeout.String(), false},
		events:         make(chan Event, maxEvents)}
	for _, name := range listed.unknown {
		t.log.Warn("unknown exception: it has no effect", "name", name)
	}
	if t.base == nil {
		t.base, t.own = newBase(o.AttemptTimeout), true
	}
	_, t.traced = t.base.(*http.Transport)
	t.client.Transport = t
	t.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	t.ctx, t.cancel = context.WithCancel(context.Background())
	t.overdue.every = max(min(o.AttemptTimeout, o.CallTimeout)/32, time.Millisecond)
	t.roster = roster{first: o.Select == First, emit: t.emit, another: make(chan struct{})}
	now, changed := list.Current()
	t.roster.update(now, false)
	t.running.Go(t.deliverEvents)
	t.running.Go(func() { t.watch(changed) })
	return t, nil
}

func (s static) check() error {
	if len(s) == 0 {
		return errors.New("no endpoint given")
	}
	for i, e := range s {
		if _, err := parseEndpoint(e.URL); err != nil {
			return fmt.Errorf("endpoint %d: %w", i+1, err)
		}
	}
	return nil
}

// newBase returns a transport without HTTP/2: on a connection that requests
// share, nothing tells whether the bytes of one of them left.
func newBase(timeout time.Duration) *http.Transport {
	dialer := &net.Dialer{Timeout: timeout}
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           counted(dialer.DialContext),
		TLSHandshakeTimeout:   timeout,
		MaxIdleConnsPerHost:   256,
		IdleConnTimeout:       90 * time.Second,
		ExpectContinueTimeout: time.Second,
	}
}

// watch takes in every new list.
func (t *Transport) watch(changed <-chan struct{}) {
	for {
		select {
		case <-changed:
		case <-t.ctx.Done():
			return
		}
		var list []Endpoint
		list, changed = t.list.Current()
		t.roster.update(list, true)
	}
}

// Wait returns when the list has an endpoint, or else why it has none.
func (t *Transport) Wait(ctx context.Context) error {
	for {
		known, another := t.roster.known()
		if known {
			return nil
		}
		select {
		case <-another:
		case <-t.ctx.Done():
			return errClosed
		case <-ctx.Done():
			return t.noEndpoint(context.Cause(ctx))
		}
	}
}

var errClosed = errors.New("the failover transport is closed")

// noEndpoint adds to err why the list is empty, if the list has an Err that tells.
func (t *Transport) noEndpoint(err error) error {
	if cause := t.listErr(); cause != nil {
		return fmt.Errorf("no endpoint is known: %w (%w); see \"No endpoint is known\" in failover-gen's docs/operator.md", err, cause)
	}
	return fmt.Errorf("no endpoint is known: %w", err)
}

// listErr says why the list may be out of date, if the list has an Err that tells.
func (t *Transport) listErr() error {
	if list, ok := t.list.(interface{ Err() error }); ok {
		return list.Err()
	}
	return nil
}

// Stats returns a snapshot.
func (t *Transport) Stats() Stats {
	stats := t.roster.stats()
	stats.Calls = make(map[string]int64)
	for o := range t.calls {
		stats.Calls[outcome.Outcome(o).String()] = t.calls[o].Load()
	}
	stats.Current = t.listErr() == nil
	return stats
}

// Close stops watching the list and closes idle connections. Calls made after
// it fail as not sent; calls in flight are left alone.
func (t *Transport) Close() error {
	if t.hook.Load() == goroutine() {
		return errors.New("Close was called inside OnEvent, which it would wait for: call it from a goroutine of its own")
	}
	t.cancel()
	t.running.Wait()
	if t.own {
		t.base.(*http.Transport).CloseIdleConnections()
	}
	return nil
}

// emit has an event logged and OnEvent called. Calls must not wait for that, so
// events that find maxEvents before them are dropped.
func (t *Transport) emit(e Event) {
	e.Time = time.Now()
	select {
	case t.events <- e:
	default:
		t.dropped.Add(1)
	}
}

const maxEvents = 1024

// deliverEvents runs until Close, and then delivers what is left.
func (t *Transport) deliverEvents() {
	t.hook.Store(goroutine())
	for {
		select {
		case e := <-t.events:
			t.deliver(e)
		case <-t.ctx.Done():
			for len(t.events) > 0 {
				t.deliver(<-t.events)
			}
			return
		}
	}
}

func (t *Transport) deliver(e Event) {
	level := slog.LevelDebug
	if t.o.OnEvent == nil { // then the log is all that tells
		level = slog.LevelInfo
		if e.Type == Failed {
			level = slog.LevelWarn
		}
	}
	t.log.Log(context.Background(), level, string(e.Type), "endpoint", e.Endpoint, "from", e.From, "why", e.Reason)
	if n := t.dropped.Swap(0); n > 0 {
		t.log.Warn("OnEvent is too slow: events were dropped", "count", n)
	}
	if t.o.OnEvent != nil {
		t.o.OnEvent(e)
	}
}

// goroutine returns "goroutine N" of the current one. A stack is the only thing
// that tells.
func goroutine() string {
	var stack [64]byte
	id, _, _ := strings.Cut(string(stack[:runtime.Stack(stack[:], false)]), " [")
	return id
}
