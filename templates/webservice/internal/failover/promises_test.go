package failover

import (
	"context"
	"errors"
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
