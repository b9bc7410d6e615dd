package failover

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// envelope is a SOAP 1.1 call, and what answers it.
func envelope(body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>` + body + `</soap:Body></soap:Envelope>`
}

func callEnvelope(id string) string {
	return envelope(`<f:call xmlns:f="http://failover.example.com/"><arg0>` + id + `</arg0></f:call>`)
}

// answer answers a SOAP call with what it asked.
func answer(w http.ResponseWriter, text string) {
	w.Header().Set("Content-Type", "text/xml; charset=utf-8")
	_, _ = io.WriteString(w, envelope(`<f:callResponse xmlns:f="http://failover.example.com/"><return>`+text+`</return></f:callResponse>`))
}

// server is an endpoint that counts its requests and can be killed and restarted
// on its port.
type server struct {
	URL     string
	address string
	handler http.Handler
	quiet   bool // keeps no bodies

	mu   sync.Mutex
	http *http.Server
	got  []string // bodies, in order
}

// serve starts an endpoint. A nil handler answers every call with 200.
func serve(t testing.TB, handler http.HandlerFunc) *server {
	t.Helper()
	if handler == nil {
		handler = func(w http.ResponseWriter, _ *http.Request) { answer(w, "ok") }
	}
	s := &server{address: "127.0.0.1:0"}
	s.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, err := io.ReadAll(r.Body)
		if err != nil {
			return // it never came whole
		}
		s.mu.Lock()
		if !s.quiet {
			s.got = append(s.got, string(content))
		}
		s.mu.Unlock()
		handler(w, r)
	})
	s.start(t)
	t.Cleanup(s.kill)
	return s
}

func (s *server) start(t testing.TB) {
	t.Helper()
	var listener net.Listener
	var err error
	for range 100 { // the port of a server just killed may be in use for a moment
		if listener, err = net.Listen("tcp", s.address); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err != nil {
		t.Fatal(err)
	}
	s.address = listener.Addr().String()
	s.URL = "http://" + s.address + "/Foo"
	h := &http.Server{Handler: s.handler}
	s.mu.Lock()
	s.http = h
	s.mu.Unlock()
	go func() { _ = h.Serve(listener) }()
}

// kill closes the port and every connection.
func (s *server) kill() {
	s.mu.Lock()
	defer s.mu.Unlock()
	_ = s.http.Close()
}

func (s *server) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.got)
}

// refusing returns the URL of a port that nobody listens on.
func refusing(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return "http://" + listener.Addr().String() + "/Foo"
}

// raw serves connections with f, which ends when the test does.
func raw(t testing.TB, f func(net.Conn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	var open []net.Conn
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			open = append(open, conn)
			mu.Unlock()
			all.Go(func() {
				defer conn.Close()
				f(conn)
			})
		}
	})
	t.Cleanup(func() {
		listener.Close()
		mu.Lock()
		for _, conn := range open {
			conn.Close()
		}
		mu.Unlock()
		all.Wait()
	})
	return "http://" + listener.Addr().String() + "/Foo"
}

// changing is a List that a test sets.
type changing struct {
	mu      sync.Mutex
	list    []Endpoint
	changed chan struct{}
	err     error
}

func (c *changing) Current() ([]Endpoint, <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.changed == nil {
		c.changed = make(chan struct{})
	}
	return c.list, c.changed
}

func (c *changing) Err() error { return c.err }

func (c *changing) set(list ...Endpoint) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.list = list
	if c.changed != nil {
		close(c.changed)
	}
	c.changed = make(chan struct{})
}

// entries makes a list of registry entries of URLs, numbered from first.
func entries(first int, urls ...string) []Endpoint {
	var list []Endpoint
	for i, u := range urls {
		list = append(list, Endpoint{URL: u, ID: fmt.Sprintf("0%010d", first+i)})
	}
	return list
}

// transport is a Transport and what it told.
type transport struct {
	*Transport
	mu      sync.Mutex
	events  []Event
	results []Result
}

func start(t testing.TB, list List, o Options) *transport {
	t.Helper()
	tr := &transport{}
	o.OnEvent = func(e Event) {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		tr.events = append(tr.events, e)
	}
	o.OnResult = func(r Result) {
		tr.mu.Lock()
		defer tr.mu.Unlock()
		tr.results = append(tr.results, r)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	var err error
	if tr.Transport, err = New(list, o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = tr.Close()
		if base, ok := o.Base.(*http.Transport); ok {
			base.CloseIdleConnections()
		}
	})
	return tr
}

// seen closes the transport and returns its events, one line each, with the
// names of endpoints in place of their URLs.
func (tr *transport) seen(names map[string]string) []string {
	_ = tr.Close()
	tr.mu.Lock()
	defer tr.mu.Unlock()
	var lines []string
	for _, e := range tr.events {
		line := strings.TrimPrefix(strings.TrimPrefix(string(e.Type), "ENDPOINT_"), "ENDPOINTS_")
		if e.From != "" {
			line += " " + names[e.From]
		}
		if e.Endpoint != "" {
			line += " " + names[e.Endpoint]
		}
		lines = append(lines, line)
	}
	return lines
}

func (tr *transport) lastResult() Result {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	return tr.results[len(tr.results)-1]
}

// letters names URLs A, B, C in order.
func letters(urls ...string) map[string]string {
	names := make(map[string]string)
	for i, u := range urls {
		names[u] = string(rune('A' + i))
	}
	return names
}

func wantEvents(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("events %q, want %q", got, want)
	}
}

func newRequest(t testing.TB, method, url, content string) *http.Request {
	t.Helper()
	var r io.Reader
	if content != "" {
		r = strings.NewReader(content)
	}
	req, err := http.NewRequest(method, url, r)
	if err != nil {
		t.Fatal(err)
	}
	if content != "" {
		req.Header.Set("Content-Type", "text/xml; charset=utf-8")
		req.Header.Set("SOAPAction", `""`)
	}
	return req
}

// post makes a SOAP call and reads its response.
func post(t testing.TB, doer interface {
	Do(*http.Request) (*http.Response, error)
}, ctx context.Context, content string) (int, string, error) {
	t.Helper()
	end := time.AfterFunc(20*time.Second, func() { panic("a call hangs") })
	defer end.Stop()
	resp, err := doer.Do(newRequest(t, "POST", DefaultAddress, content).WithContext(ctx))
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}
