package failover

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

var background = context.Background()

// The story as the documentation tells it: the master dies, the slave serves; the
// old master restarts and stands last; the new one dies, the old one serves.
func TestTheDocumentedStory(t *testing.T) {
	a, b := serve(t, nil), serve(t, nil)
	list := &changing{list: entries(1, a.URL, b.URL)}
	tr := start(t, list, Options{})
	served := func(want *server) {
		t.Helper()
		if status, _, err := post(t, tr, background, callEnvelope("1")); status != 200 || tr.lastResult().Endpoint != want.URL {
			t.Fatalf("%v from %s, want an answer of %s", err, tr.lastResult().Endpoint, want.URL)
		}
	}
	served(a)
	a.kill()
	time.Sleep(20 * time.Millisecond)
	served(b)
	a.start(t)
	served(b) // its old entry is ignored for as long as it is listed
	list.set(entries(2, b.URL, a.URL)...)
	await(t, func() bool { return tr.Stats().Ignored == 0 })
	served(b)
	b.kill()
	time.Sleep(20 * time.Millisecond)
	served(a)
	wantEvents(t, without(tr.seen(letters(a.URL, b.URL)), "LISTED"), "SELECTED A", "FAILED A", "CHANGED A B", "FAILED B", "CHANGED B A")
}

func without(lines []string, line string) []string {
	return slices.DeleteFunc(lines, func(l string) bool { return l == line })
}

// await waits for something that happens in the background.
func await(t *testing.T, what func() bool) {
	t.Helper()
	for range 1000 {
		if what() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it does not happen")
}

// unavailable is a handler that answers 503 while bad is set.
func unavailable(bad *atomic.Bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		if bad.Load() {
			http.Error(w, "later", http.StatusServiceUnavailable)
			return
		}
		answer(w, "ok")
	}
}

func TestWhereACallBegins(t *testing.T) {
	for _, test := range []struct {
		name   string
		sel    Select
		static bool
		want   string // who is asked: A fails until the third call
	}{
		{"sticky stays", Sticky, false, "AB B B B"},
		{"first begins at the first", First, false, "AB AB A A"},
		{"sticky on a static list", Sticky, true, "AB B B B"},
		{"first on a static list: who failed moves to the end", First, true, "AB B B B"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var mu sync.Mutex
			asked := ""
			var bad atomic.Bool
			bad.Store(true)
			note := func(name string, h http.HandlerFunc) http.HandlerFunc {
				return func(w http.ResponseWriter, r *http.Request) {
					mu.Lock()
					asked += name
					mu.Unlock()
					h(w, r)
				}
			}
			var good atomic.Bool
			a, b := serve(t, note("A", unavailable(&bad))), serve(t, note("B", unavailable(&good)))
			var list List = &changing{list: entries(0, a.URL, b.URL)}
			if test.static {
				list = Static(a.URL, b.URL)
			}
			tr := start(t, list, Options{Select: test.sel})
			for i := range 4 {
				bad.Store(i < 2)
				if status, _, err := post(t, tr, background, callEnvelope("1")); status != 200 {
					t.Fatal(status, err)
				}
				mu.Lock()
				asked += " "
				mu.Unlock()
			}
			if got := strings.TrimSpace(asked); got != test.want {
				t.Errorf("asked %q, want %q", got, test.want)
			}
		})
	}
}

// When all failed, each call tries all of them again, and the last response is
// the caller's as it came.
func TestThereIsNoDeadEnd(t *testing.T) {
	var bad atomic.Bool
	bad.Store(true)
	a, b := serve(t, unavailable(&bad)), serve(t, unavailable(&bad))
	tr := start(t, &changing{list: entries(0, a.URL, b.URL)}, Options{})
	for range 2 {
		status, text, err := post(t, tr, background, callEnvelope("1"))
		if status != 503 || text != "later\n" || err != nil || tr.lastResult().Attempts != 2 {
			t.Errorf("%d %q %v after %d attempts, want the second 503", status, text, err, tr.lastResult().Attempts)
		}
	}
	if s := tr.Stats(); s.Ignored != 2 || s.Active != "" || s.Calls["not_sent"] != 2 {
		t.Errorf("%+v, want 2 ignored and none active", s)
	}
	bad.Store(false)
	if status, _, err := post(t, tr, background, callEnvelope("1")); status != 200 || tr.lastResult().Endpoint != a.URL {
		t.Errorf("%d, %v", status, err)
	}
	wantEvents(t, tr.seen(letters(a.URL, b.URL)), "FAILED A", "FAILED B", "SELECTED A")
}

// The errors of all attempts are in the error of the call, on one line.
func TestErrorsOfAttemptsAreJoined(t *testing.T) {
	a, b := refusing(t), refusing(t)
	tr := start(t, Static(a, b), Options{})
	_, _, err := post(t, tr, background, callEnvelope("1"))
	failed, ok := errors.AsType[*outcome.Error](err)
	if !ok || failed.Outcome != outcome.NotSent || failed.Target != b {
		t.Fatalf("%v", err)
	}
	if text := err.Error(); strings.Count(text, "connection refused") != 2 || !strings.Contains(text, a+": ") || strings.Contains(text, "\n") {
		t.Errorf("%q, want both causes on one line", text)
	}
}

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
		readRequest(conn)
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

// A request that net/http refuses to send must not walk the list.
func TestAWrongRequestIsRejected(t *testing.T) {
	a := serve(t, nil)
	tr := start(t, Static(a.URL, refusing(t)), Options{Replay: Always})
	header := newRequest(t, "POST", DefaultAddress, "x")
	header.Header["Bad header"] = []string{"x"}
	for name, req := range map[string]*http.Request{
		"header": header, "method": {Method: "P O S T", URL: header.URL, Header: http.Header{}}, "address": newRequest(t, "POST", "http://elsewhere/", "x"),
	} {
		if _, err := tr.RoundTrip(req); outcome.Of(err) != outcome.Rejected || tr.Stats().Ignored > 0 {
			t.Errorf("%s: %v, %d ignored; want rejected and none", name, err, tr.Stats().Ignored)
		}
	}
}

// The endpoint's URL takes the place of the address; the rest stays.
func TestTheRestOfTheURLStays(t *testing.T) {
	got := make(chan string, 1)
	s := serve(t, func(w http.ResponseWriter, r *http.Request) { got <- r.Host + r.RequestURI })
	host := strings.TrimPrefix(strings.TrimSuffix(s.URL, "/Foo"), "http://")
	for _, test := range [][4]string{
		{"", s.URL, "http://failover", host + "/Foo"},
		{"", s.URL, "http://failover/", host + "/Foo"},
		{"", s.URL, "http://failover?wsdl", host + "/Foo?wsdl"},
		{"", s.URL, "http://FAILOVER/a%2Fb/c?x=1", host + "/Foo/a%2Fb/c?x=1"},
		{"", s.URL + "/?y=2", "http://failover/a?x=1", host + "/Foo/a?y=2&x=1"},
		{"http://example.com/Foo/", s.URL, "http://example.com/Foo/Bar", host + "/Foo/Bar"},
	} {
		tr := start(t, Static(test[1]), Options{Address: test[0]})
		resp, err := tr.RoundTrip(newRequest(t, "GET", test[2], ""))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if at := <-got; at != test[3] {
			t.Errorf("%s on %s went to %s, want %s", test[2], test[1], at, test[3])
		}
	}
	tr := start(t, Static(s.URL), Options{Address: "http://example.com/Foo"})
	if _, err := tr.RoundTrip(newRequest(t, "GET", "http://example.com/Foobar", "")); outcome.Of(err) != outcome.Rejected {
		t.Errorf("/Foobar is not below /Foo: %v", err)
	}
	req := newRequest(t, "GET", DefaultAddress, "")
	req.Host = "virtual.example.com"
	resp, err := start(t, Static(s.URL), Options{}).RoundTrip(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if at := <-got; at != "virtual.example.com/Foo" {
		t.Errorf("a host of the caller's became %s", at)
	}
}

// The timeouts end with the header: a caller may read for longer.
func TestNoTimeoutCutsABody(t *testing.T) {
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain")
		for range 8 {
			_, _ = io.WriteString(w, "part")
			w.(http.Flusher).Flush()
			time.Sleep(50 * time.Millisecond)
		}
	})
	tr := start(t, Static(s.URL), Options{AttemptTimeout: 200 * time.Millisecond, CallTimeout: 200 * time.Millisecond})
	_, text, err := post(t, tr, background, callEnvelope("1"))
	if err != nil || text != strings.Repeat("part", 8) {
		t.Errorf("%q, %v", text, err)
	}
}

// An endpoint that fails while its body is read is left by the next call.
func TestAFailureInTheBodyCountsForTheNextCall(t *testing.T) {
	breaks := replies(t, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 1000\r\n\r\nbegin", false)
	good := serve(t, nil)
	tr := start(t, &changing{list: entries(0, breaks, good.URL)}, Options{})
	status, text, err := post(t, tr, background, callEnvelope("1"))
	if status != 200 || text != "begin" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d %q %v", status, text, err)
	}
	if status, _, err = post(t, tr, background, callEnvelope("1")); status != 200 || err != nil || tr.lastResult().Endpoint != good.URL {
		t.Errorf("%d %v from %s", status, err, tr.lastResult().Endpoint)
	}
}

// A large answer that is looked at for a fault reaches the caller whole.
func TestWhatWasReadAheadReachesTheCaller(t *testing.T) {
	for name, body := range map[string]string{
		"no fault":     envelope(`<a>` + strings.Repeat("text ", 100_000) + `</a>`),
		"late":         envelope(`<!--` + strings.Repeat("x", 2*maxPeeked) + `--><soap:Fault/>`),
		"no XML":       strings.Repeat("Fault", 50_000),
		"large header": strings.Replace(envelope("<a/>"), "<soap:Body>", "<soap:Header>"+strings.Repeat("<h>Fault</h>", 5000)+"</soap:Header><soap:Body>", 1),
		"nothing":      "",
	} {
		for _, chunked := range []bool{false, true} {
			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "text/xml")
				if chunked {
					w.(http.Flusher).Flush()
				} else {
					w.Header().Set("Content-Length", fmt.Sprint(len(body)))
				}
				_, _ = io.WriteString(w, body)
			})
			tr := start(t, Static(s.URL), Options{})
			if _, text, err := post(t, tr, background, callEnvelope("1")); text != body || err != nil || tr.lastResult().Outcome != outcome.Acked {
				t.Errorf("%s, chunked %v: %d bytes of %d, %v, %v", name, chunked, len(text), len(body), err, tr.lastResult().Outcome)
			}
		}
	}
}

// Calls wait for a list, and say why there is none.
func TestCallsWaitForTheList(t *testing.T) {
	s := serve(t, nil)
	list := &changing{err: errors.New("registry localhost:2181: connection refused")}
	tr := start(t, list, Options{CallTimeout: 100 * time.Millisecond})
	short, cancel := context.WithTimeout(background, 20*time.Millisecond)
	defer cancel()
	for name, ctx := range map[string]context.Context{"CallTimeout": background, "deadline": short} {
		_, _, err := post(t, tr, ctx, callEnvelope("1"))
		if outcome.Of(err) != outcome.NotSent || !strings.Contains(err.Error(), "registry localhost:2181: connection refused") {
			t.Errorf("%s: %v, want not_sent and why", name, err)
		}
	}
	if err := tr.Wait(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Wait: %v", err)
	}
	time.AfterFunc(30*time.Millisecond, func() { list.set(entries(0, s.URL)...) })
	long, cancel := context.WithTimeout(background, 10*time.Second)
	defer cancel()
	if status, _, err := post(t, tr, long, callEnvelope("1")); status != 200 {
		t.Error(err)
	}
	if err := tr.Wait(long); err != nil {
		t.Error(err)
	}
	wantEvents(t, tr.seen(letters(s.URL)), "LISTED", "SELECTED A")
}

// An active endpoint that leaves the list is left by the next call; the call in
// flight goes on.
func TestAnEntryThatGoesIsLeft(t *testing.T) {
	in, out := make(chan bool), make(chan bool)
	a := serve(t, func(w http.ResponseWriter, _ *http.Request) { in <- true; <-out; answer(w, "ok") })
	b := serve(t, nil)
	list := &changing{list: entries(0, a.URL, b.URL)}
	tr := start(t, list, Options{})
	var flying sync.WaitGroup
	flying.Go(func() {
		if status, _, err := post(t, tr, background, callEnvelope("1")); status != 200 {
			t.Error(err)
		}
	})
	<-in
	list.set(entries(1, b.URL)...)
	await(t, func() bool { return tr.Stats().Known == 1 })
	if status, _, err := post(t, tr, background, callEnvelope("1")); status != 200 || b.requests() != 1 {
		t.Error(status, err)
	}
	out <- true
	flying.Wait()
	wantEvents(t, tr.seen(letters(a.URL, b.URL)), "LISTED", "SELECTED B")
}

// When one of many callers has found the master dead, the others do not try it.
func TestOthersFollowWithoutTrying(t *testing.T) {
	var dials atomic.Int32
	dead := refusing(t)
	good := serve(t, nil)
	base := newBase(time.Second)
	base.DialContext = counted(func(ctx context.Context, network, address string) (net.Conn, error) {
		if strings.Contains(dead, address) {
			dials.Add(1)
		}
		return new(net.Dialer).DialContext(ctx, network, address)
	})
	tr := start(t, &changing{list: entries(0, dead, good.URL)}, Options{Base: base})
	if _, _, err := post(t, tr, background, callEnvelope("1")); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 32 {
		all.Go(func() { _, _, _ = post(t, tr, background, callEnvelope("1")) })
	}
	all.Wait()
	if dials.Load() != 1 || good.requests() != 33 {
		t.Errorf("%d attempts at the dead master, %d answers; want 1 and 33", dials.Load(), good.requests())
	}
}

// A call that began before its endpoint failed, was left and came back says
// nothing about what is there now.
func TestALateFailureCondemnsNothingNew(t *testing.T) {
	for _, list := range []List{Static("http://a/"), &changing{list: entries(0, "http://a/")}} {
		tr := start(t, list, Options{})
		e, old := tr.roster.choose(nil)
		tr.roster.condemn(e, old, errors.New("first"))
		_, now := tr.roster.choose(nil)
		tr.roster.answered(e, now)
		tr.roster.condemn(e, old, errors.New("late"))
		tr.roster.condemn(e, now, errors.New("late as well"))
		if s := tr.Stats(); s.Ignored > 0 || s.Active != "http://a/" {
			t.Errorf("%+v", s)
		}
	}
}

// Close is refused inside OnEvent; after it calls fail as not sent.
func TestClose(t *testing.T) {
	s := serve(t, nil)
	inside := make(chan error, 1)
	var tr *Transport
	tr, err := New(Static(s.URL), Options{Logger: slog.New(slog.DiscardHandler), OnEvent: func(Event) { inside <- tr.Close() }})
	if err != nil {
		t.Fatal(err)
	}
	if status, _, err := post(t, tr, background, callEnvelope("1")); status != 200 {
		t.Fatal(err)
	}
	if err := <-inside; err == nil {
		t.Error("Close inside OnEvent would wait for itself")
	}
	if err := errors.Join(tr.Close(), tr.Close()); err != nil {
		t.Error(err)
	}
	if _, _, err := post(t, tr, background, callEnvelope("1")); outcome.Of(err) != outcome.NotSent || !errors.Is(err, errClosed) {
		t.Error(err)
	}
}

// A slow OnEvent delays no call.
func TestASlowHookDelaysNoCall(t *testing.T) {
	s := serve(t, nil)
	release := make(chan bool)
	tr, err := New(Static(refusing(t), s.URL), Options{Logger: slog.New(slog.DiscardHandler), OnEvent: func(Event) { <-release }})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if status, _, err := post(t, tr, background, callEnvelope("1")); status != 200 {
			t.Error(err)
		}
	}
	close(release)
	_ = tr.Close()
}

func TestCheck(t *testing.T) {
	for want, o := range map[string]Options{
		"":               {Exceptions: []string{" java.io.IOException ", "", "jakarta.xml.ws.soap.SOAPFaultException"}},
		"is unknown":     {Exceptions: []string{"com.acme.Busy"}},
		"select":         {Select: "random"},
		"replay":         {Replay: "never"},
		"address":        {Address: "failover"},
		"neither":        {ExceptionMap: map[string]string{"com.acme.Busy": "Busy"}},
		"not a failure":  {ExceptionMap: map[string]string{"com.acme.Busy": "302"}},
		"only 404":       {ExceptionMap: map[string]string{"com.acme.Busy": "409"}},
		"exceptionMap: ": {ExceptionMap: map[string]string{"com.acme.Busy": "{http://acme.com/}a:Busy"}},
	} {
		err := Check(o)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
	for _, list := range []List{Static(), Static("http://a", "localhost:80"), Static("http://user@host/")} {
		if _, err := New(list, Options{}); err == nil {
			t.Errorf("%v is accepted", list)
		}
	}
	var log strings.Builder
	tr := start(t, Static("http://a"), Options{Compat: true, Exceptions: []string{"com.acme.Busy"}, Logger: slog.New(slog.NewTextHandler(&log, nil))})
	_ = tr.Close()
	if !strings.Contains(log.String(), "com.acme.Busy") {
		t.Errorf("the log does not warn: %s", log.String())
	}
}
