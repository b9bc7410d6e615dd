package failover

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// What was sent and not answered is repeated only if something allows it.
func TestWhoMayRepeat(t *testing.T) {
	key := func(r *http.Request) { r.Header.Set("Idempotency-Key", "1") }
	marked := func(r *http.Request) { *r = *r.WithContext(outcome.MayRepeat(r.Context())) }
	nothing := func(*http.Request) {}
	for _, test := range []struct {
		name, method string
		o            Options
		with         func(*http.Request)
		repeated     bool
	}{
		{"POST", "POST", Options{}, nothing, false},
		{"GET", "GET", Options{}, nothing, false},
		{"POST with a key", "POST", Options{}, key, false},
		{"POST that its caller marked", "POST", Options{}, marked, true},
		{"idempotent: POST", "POST", Options{Replay: Idempotent}, nothing, false},
		{"idempotent: PUT", "PUT", Options{Replay: Idempotent}, nothing, true},
		{"idempotent: GET", "GET", Options{Replay: Idempotent}, nothing, true},
		{"idempotent: POST with a key", "POST", Options{Replay: Idempotent}, key, true},
		{"always: POST", "POST", Options{Replay: Always}, nothing, true},
		{"compat: POST", "POST", Options{Compat: true}, nothing, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			good := serve(t, nil)
			closes := replies(t, "", false)
			tr := start(t, &changing{list: entries(0, closes, good.URL)}, test.o)
			content := callEnvelope("1")
			if test.method == "GET" {
				content = ""
			}
			req := newRequest(t, test.method, DefaultAddress, content)
			test.with(req)
			resp, err := tr.RoundTrip(req)
			if (err == nil) != test.repeated || good.requests() > 0 != test.repeated {
				t.Errorf("%v, want repeated: %v", err, test.repeated)
			}
			if err == nil {
				resp.Body.Close()
			} else if outcome.Of(err) != outcome.Unknown || tr.Stats().Ignored != 1 {
				t.Errorf("%v, %d ignored; want unknown, and that the endpoint is ignored", err, tr.Stats().Ignored)
			}
		})
	}
}

// once answers one request on each connection and closes it when the next comes.
func once(t *testing.T, requests *atomic.Int32) string {
	return raw(t, func(conn net.Conn) {
		if !readRequest(conn) {
			return
		}
		requests.Add(1)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
		if n, _ := conn.Read(make([]byte, 1<<16)); n > 0 {
			requests.Add(1)
		}
	})
}

// net/http repeats requests by itself when a kept connection ends: those that
// look harmless. It must not, unless the rules allow it. Nor does that condemn
// the endpoint.
func TestNetHTTPDoesNotRepeatBehindOurBack(t *testing.T) {
	for name, base := range map[string]func() http.RoundTripper{
		"own base": func() http.RoundTripper { return nil }, "given base": func() http.RoundTripper { return new(http.Transport) },
	} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST", "POST without a body", "PUT"} {
			for _, replay := range []Replay{Unsent, Always} {
				t.Run(fmt.Sprint(name, " ", method, " ", replay), func(t *testing.T) {
					var requests atomic.Int32
					url := once(t, &requests)
					tr := start(t, &changing{list: entries(0, url)}, Options{Replay: replay, Base: base()})
					method, bare, _ := strings.Cut(method, " ")
					content := ""
					if bare == "" && (method == "POST" || method == "PUT") {
						content = callEnvelope("1")
					}
					send := func() error {
						req := newRequest(t, method, DefaultAddress, content)
						req.Header.Set("Idempotency-Key", "1")
						resp, err := tr.Do(req)
						if err == nil {
							_, _ = io.Copy(io.Discard, resp.Body)
							resp.Body.Close()
						}
						return err
					}
					if err := send(); err != nil {
						t.Fatal(err)
					}
					err := send()
					if replay == Unsent && (outcome.Of(err) != outcome.Unknown || requests.Load() != 2) {
						t.Errorf("%v after %d requests, want unknown after 2", err, requests.Load())
					}
					if replay == Always && (err != nil || requests.Load() != 3) {
						t.Errorf("%v after %d requests, want success after 3", err, requests.Load())
					}
					if tr.Stats().Ignored > 0 {
						t.Error("the endpoint is ignored because a kept connection ended")
					}
				})
			}
		}
	}
}

// brokenConn refuses all writes once it was used, as a connection does that our
// side has closed.
type brokenConn struct {
	net.Conn
	broken *atomic.Bool
}

func (c brokenConn) Write(p []byte) (int, error) {
	if c.broken.Load() {
		return 0, net.ErrClosed
	}
	return c.Conn.Write(p)
}

// A request of which no byte could be written has not been sent, although
// httptrace says that its header was written: it goes out on a new connection.
func TestAHeaderInABufferIsNotSent(t *testing.T) {
	s := serve(t, nil)
	var broken [2]atomic.Bool
	dials := 0
	base := newBase(time.Second)
	base.DialContext = counted(func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		dials++
		return brokenConn{conn, &broken[min(dials, 2)-1]}, err
	})
	tr := start(t, &changing{list: entries(0, s.URL)}, Options{Base: base})
	for range 2 {
		if status, _, err := post(t, tr, background, callEnvelope("1")); status != 200 {
			t.Fatal(err)
		}
		broken[0].Store(true)
	}
	if s.requests() != 2 || dials != 2 {
		t.Errorf("%d requests on %d connections, want 2 on 2", s.requests(), dials)
	}
}

// onlyReader hides what http.NewRequest would make GetBody of.
type onlyReader struct{ io.Reader }

// A body without GetBody is repeated if it is small, and if it is large, for as
// long as it was not read.
func TestBodiesWithoutGetBody(t *testing.T) {
	for name, test := range map[string]struct {
		size    int
		length  int64 // as the caller declares it
		refused bool  // or else 503, after it was read
		moves   bool
	}{
		"small":                       {1000, -1, false, true},
		"small, length given":         {1000, 1000, false, true},
		"empty":                       {0, -1, false, true},
		"large":                       {maxBuffered + 1, -1, false, false},
		"large, length given":         {maxBuffered + 1, maxBuffered + 1, false, false},
		"large, but nobody read it":   {maxBuffered + 1, -1, true, true},
		"large, length given, unread": {maxBuffered + 1, maxBuffered + 1, true, true},
	} {
		t.Run(name, func(t *testing.T) {
			good := serve(t, nil)
			bad := refusing(t)
			if !test.refused {
				bad = serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(503) }).URL
			}
			tr := start(t, Static(bad, good.URL), Options{})
			content := strings.Repeat("x", test.size)
			req, _ := http.NewRequest("POST", DefaultAddress, onlyReader{strings.NewReader(content)})
			req.ContentLength = test.length
			resp, err := tr.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if moved := resp.StatusCode == 200; moved != test.moves || moved && (good.requests() != 1 || good.got[0] != content) {
				t.Errorf("status %d, want moved: %v", resp.StatusCode, test.moves)
			}
		})
	}
}

// A reader of the caller that fails is not the endpoint's failure.
func TestABodyThatCannotBeRead(t *testing.T) {
	a, b := serve(t, nil), serve(t, nil)
	tr := start(t, Static(a.URL, b.URL), Options{Replay: Always})
	mine := errors.New("my disk")
	for name, r := range map[string]io.Reader{
		"small": io.MultiReader(strings.NewReader("x"), failing{mine}),
		"large": io.MultiReader(strings.NewReader(strings.Repeat("x", maxBuffered+1)), failing{mine}),
	} {
		req, _ := http.NewRequest("POST", DefaultAddress, r)
		if _, err := tr.RoundTrip(req); !errors.Is(err, mine) || !errors.As(err, new(*outcome.Error)) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if tr.Stats().Ignored+a.requests()+b.requests() > 0 {
		t.Error("it failed over")
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// A call of which one attempt may have been carried out is unknown, whatever the
// last attempt says.
func TestUnknownStaysUnknown(t *testing.T) {
	tr := start(t, Static(replies(t, "", false), refusing(t)), Options{Replay: Always})
	if _, _, err := post(t, tr, background, callEnvelope("1")); outcome.Of(err) != outcome.Unknown {
		t.Errorf("%v, want unknown", err)
	}
}

// What net/http repeats by itself, where it may, stays sent although the second
// connection takes nothing.
func TestWhatNetHTTPRepeatedWasSent(t *testing.T) {
	var requests atomic.Int32
	var broken [2]atomic.Bool
	broken[1].Store(true)
	dials := 0
	base := newBase(time.Second)
	base.DialContext = counted(func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		dials++
		return brokenConn{conn, &broken[min(dials, 2)-1]}, err
	})
	tr := start(t, Static(once(t, &requests)), Options{Base: base, Replay: Always})
	for i, want := range []outcome.Outcome{outcome.Acked, outcome.Unknown} {
		resp, err := tr.RoundTrip(newRequest(t, "GET", DefaultAddress, ""))
		if err == nil {
			_, _ = io.Copy(io.Discard, resp.Body)
			resp.Body.Close()
		}
		if outcome.Of(err) != want {
			t.Errorf("call %d: %v, want %v", i, err, want)
		}
	}
	if dials != 2 || requests.Load() != 2 {
		t.Errorf("%d requests, %d connections; want that net/http repeats the second on a new one", requests.Load(), dials)
	}
}

// tooLate answers just when the time of the attempt is up.
type tooLate struct{}

func (tooLate) RoundTrip(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return &http.Response{StatusCode: 200, Body: http.NoBody}, nil
}

// A response that comes as its attempt ends can't be read: it is a timeout. And
// with a base that tells nothing, a request counts as sent.
func TestAResponseThatComesTooLate(t *testing.T) {
	tr := start(t, Static("http://a"), Options{Base: tooLate{}, AttemptTimeout: 10 * time.Millisecond})
	if _, err := tr.RoundTrip(newRequest(t, "GET", DefaultAddress, "")); outcome.Of(err) != outcome.Unknown || !errors.Is(err, tr.attemptTimeout) {
		t.Errorf("%v, want unknown after a timeout", err)
	}
}
