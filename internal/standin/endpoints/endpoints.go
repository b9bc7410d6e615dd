// Package endpoints runs stand-ins of a web service's endpoints inside this
// process, for tests and drills. Each answers the sample call of generated
// projects, a SOAP 1.1 call of one argument, and can be broken in well-defined ways
// at a well-defined instant. Each keeps a ledger of the calls that it carried out,
// which survives every fault.
//
// A stand-in is not a SOAP server: it looks for the first arg0 in a request and
// checks nothing else. It listens on 127.0.0.1 only.
package endpoints

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"
)

// Path is the path of every endpoint's URL, that of the documentation's example.
const Path = "/Foo"

// maxBody bounds a request, in bytes. The sample call has a few hundred.
const maxBody = 1 << 20

// Answer is how an endpoint answers the calls that it receives.
type Answer int

const (
	// Acks carries out every call.
	Acks Answer = iota
	// Faults answers every second call with a SOAP fault and does not carry it out.
	Faults
	// Unavailable does the same with HTTP status 503.
	Unavailable
)

// Endpoint is one stand-in. Its methods may be called from any goroutine.
type Endpoint struct {
	address string // host:port, the same after a restart

	// mu guards everything below. A fault holds it, so that each call is carried out
	// either before the fault or after it.
	mu       sync.Mutex
	thawed   *sync.Cond // frozen has become false
	server   *http.Server
	conns    map[*conn]struct{}
	accepted int
	frozen   bool
	answer   Answer
	calls    int // since answer was set
	delay    time.Duration
	applied  map[string]int // by id
	acks     []time.Time    // in order
}

// Start listens on a free port and returns an endpoint that is ready. Stop releases it.
func Start() (*Endpoint, error) {
	e := &Endpoint{address: "127.0.0.1:0", conns: make(map[*conn]struct{}), applied: make(map[string]int)}
	e.thawed = sync.NewCond(&e.mu)
	return e, e.Restart()
}

// URL is the address of the service.
func (e *Endpoint) URL() string { return "http://" + e.address + Path }

// Restart brings up a killed endpoint on its old port, healthy, with its ledger. It
// fails if the port was taken.
func (e *Endpoint) Restart() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.server != nil {
		return nil
	}
	l, err := net.Listen("tcp", e.address)
	if err != nil {
		return fmt.Errorf("stand-in endpoint: %w", err)
	}
	e.address, e.answer, e.delay = l.Addr().String(), Acks, 0
	server := &http.Server{ReadHeaderTimeout: time.Minute}
	server.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { e.serve(server, w, r) })
	e.server = server
	go func() { _ = server.Serve(&listener{l, e}) }() // ends when the endpoint is killed or stopped
	return nil
}

// Kill resets every connection, closes the port and returns the instant.
func (e *Endpoint) Kill() time.Time {
	e.mu.Lock()
	at, server := time.Now(), e.server
	e.server = nil
	for c := range e.conns {
		c.reset()
	}
	e.thaw()
	e.mu.Unlock()
	if server != nil {
		server.Close()
	}
	return at
}

// Refuse closes the port and lets the calls in flight end, like a server that is
// shut down in order, and returns the instant.
func (e *Endpoint) Refuse() time.Time {
	e.mu.Lock()
	at, server := time.Now(), e.server
	e.mu.Unlock()
	if server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = server.Shutdown(ctx) // what is still open then is reset
		e.Kill()
	}
	return at
}

// Freeze reads and answers nothing more until Thaw. Connections stay open and new
// ones are accepted, and calls that arrive meanwhile are carried out after Thaw.
func (e *Endpoint) Freeze() time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.frozen = true
	return time.Now()
}

// Thaw ends Freeze.
func (e *Endpoint) Thaw() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.thaw()
}

func (e *Endpoint) thaw() {
	e.frozen = false
	e.thawed.Broadcast()
}

// Answer changes how calls are answered, and returns the instant.
func (e *Endpoint) Answer(a Answer) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.answer, e.calls = a, 0
	return time.Now()
}

// Slow makes every answer take d.
func (e *Endpoint) Slow(d time.Duration) time.Time {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.delay = d
	return time.Now()
}

// Stop frees what the endpoint holds.
func (e *Endpoint) Stop() { e.Kill() }

// FirstAckAfter returns when the first call was answered at or after t; false if
// none was yet.
func (e *Endpoint) FirstAckAfter(t time.Time) (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	i := sort.Search(len(e.acks), func(i int) bool { return !e.acks[i].Before(t) })
	if i == len(e.acks) {
		return time.Time{}, false
	}
	return e.acks[i], true
}

// Acked counts the calls that were answered so far.
func (e *Endpoint) Acked() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.acks)
}

// Applications counts how often the call with this id was carried out.
func (e *Endpoint) Applications(id string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.applied[id]
}

// Connections counts the open connections.
func (e *Endpoint) Connections() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.conns)
}

// Accepted counts the connections that were accepted so far.
func (e *Endpoint) Accepted() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.accepted
}

const (
	envelope = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>%s</soap:Body></soap:Envelope>`
	answered = `<f:callResponse xmlns:f="http://failover.example.com/"><return>done</return></f:callResponse>`
	faulted  = `<soap:Fault><faultcode>soap:Server</faultcode><faultstring>the stand-in was told to answer with a fault</faultstring></soap:Fault>`
)

// serve answers one call that came in through a server that a fault may have ended.
func (e *Endpoint) serve(server *http.Server, w http.ResponseWriter, r *http.Request) {
	id, err := idOf(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	answer, delay := e.carryOut(server, id)
	time.Sleep(delay)
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	switch answer {
	case Faults:
		w.WriteHeader(http.StatusInternalServerError)
		fmt.Fprintf(w, envelope, faulted)
	case Unavailable:
		w.WriteHeader(http.StatusServiceUnavailable)
	default:
		fmt.Fprintf(w, envelope, answered)
		if http.NewResponseController(w).Flush() == nil {
			e.acknowledge()
		}
	}
}

// carryOut notes the call, unless it is to be refused. It does not return if the
// server was ended meanwhile.
func (e *Endpoint) carryOut(server *http.Server, id string) (Answer, time.Duration) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for e.frozen {
		e.thawed.Wait()
	}
	if e.server != server {
		panic(http.ErrAbortHandler)
	}
	answer := e.answer
	if e.calls++; e.calls%2 == 0 {
		answer = Acks
	}
	if answer == Acks {
		e.applied[id]++
	}
	return answer, e.delay
}

func (e *Endpoint) acknowledge() {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.acks = append(e.acks, time.Now())
}

// idOf returns the text of the first arg0.
func idOf(body io.Reader) (string, error) {
	d := xml.NewDecoder(body)
	for {
		token, err := d.Token()
		switch {
		case errors.Is(err, io.EOF):
			return "", errors.New("the request holds no arg0")
		case err != nil:
			return "", err
		}
		if start, ok := token.(xml.StartElement); ok && start.Name.Local == "arg0" {
			var id string
			err := d.DecodeElement(&id, &start)
			return strings.TrimSpace(id), err
		}
	}
}
