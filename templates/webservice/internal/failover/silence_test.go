package failover

import (
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// stops is a handler that sends the beginning of an answer, and then nothing until
// its client goes away.
func stops(contentType string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", contentType)
		_, _ = io.WriteString(w, envelope(`<a>`+strings.Repeat("text ", 2000))) // more than is looked at for a fault
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	}
}

// An endpoint that stops within the body is a timeout for the caller, whatever
// client it uses, and is left by the next call.
func TestABodyThatStopsEndsTheRead(t *testing.T) {
	for _, version := range []string{"HTTP 1.1", "HTTP 2"} {
		for _, contentType := range []string{"text/xml; charset=utf-8", "application/json"} {
			for _, kind := range []string{"Doer", "http.Client"} {
				t.Run(fmt.Sprint(version, " ", contentType, " ", kind), func(t *testing.T) {
					t.Parallel()
					stopping, good := httptest.NewUnstartedServer(stops(contentType)), serve(t, nil)
					o := Options{AttemptTimeout: 200 * time.Millisecond, CallTimeout: 500 * time.Millisecond}
					if version == "HTTP 2" {
						stopping.EnableHTTP2 = true
						stopping.StartTLS()
						o.Base = stopping.Client().Transport
					} else {
						stopping.Start()
					}
					t.Cleanup(stopping.Close)
					tr := start(t, &changing{list: entries(0, stopping.URL, good.URL)}, o)
					var client doer = tr
					if kind == "http.Client" {
						client = &http.Client{Transport: tr}
					}
					status, text, err := post(t, client, background, callEnvelope("1"))
					timeout, ok := errors.AsType[net.Error](err)
					if status != 200 || len(text) < 10_000 || !ok || !timeout.Timeout() || !errors.Is(err, os.ErrDeadlineExceeded) ||
						!errors.Is(err, tr.silence) || outcome.Of(err) != outcome.Unknown || classify(err)[0] != "java.net.SocketTimeoutException" {
						t.Errorf("status %d, %d bytes, %v; want the beginning, and then a timeout", status, len(text), err)
					}
					if status, _, err := post(t, client, background, callEnvelope("2")); status != 200 || good.requests() != 1 {
						t.Errorf("%d, %v; want an answer of the other endpoint", status, err)
					}
					wantEvents(t, tr.seen(letters(stopping.URL, good.URL)), "SELECTED A", "FAILED A", "CHANGED A B")
				})
			}
		}
	}
}

// A body that flows may take longer than any timeout, and so may a caller that
// does other things between two reads.
func TestABodyThatFlowsMayTakeLong(t *testing.T) {
	t.Parallel()
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		for range 12 {
			_, _ = io.WriteString(w, "x")
			w.(http.Flusher).Flush()
			time.Sleep(100 * time.Millisecond)
		}
	})
	tr := start(t, Static(s.URL), Options{AttemptTimeout: 500 * time.Millisecond, CallTimeout: 500 * time.Millisecond})
	resp, err := tr.Do(newRequest(t, "GET", DefaultAddress, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.ReadFull(resp.Body, make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(time.Second)
	if rest, err := io.ReadAll(resp.Body); string(rest) != "xxxxxx" || err != nil || tr.Stats().Ignored > 0 {
		t.Errorf("%q, %v, %d ignored", rest, err, tr.Stats().Ignored)
	}
	if len(tr.overdue.inFlight) > 0 {
		t.Error("a body that was read is still watched")
	}
}

// A protocol that took the place of HTTP may be silent for as long as it likes, and
// its errors are its own.
func TestAnotherProtocolMayBeSilent(t *testing.T) {
	t.Parallel()
	url := raw(t, func(conn net.Conn) {
		readRequest(conn)
		_, _ = io.WriteString(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n")
		time.Sleep(300 * time.Millisecond)
		_, _ = io.CopyN(conn, conn, 5)
		_ = conn.(*net.TCPConn).SetLinger(0)
	})
	tr := start(t, Static(url), Options{AttemptTimeout: 100 * time.Millisecond})
	resp, err := tr.RoundTrip(newRequest(t, "GET", DefaultAddress, ""))
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if _, err := io.WriteString(resp.Body.(io.Writer), "hello"); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := io.ReadFull(resp.Body, got); err != nil || string(got) != "hello" {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := resp.Body.Read(got); err == nil || errors.Is(err, tr.silence) {
		t.Errorf("%v, want that the connection was reset", err)
	}
}

// An endpoint that takes no more of the request's body is given up after
// AttemptTimeout, as one that does not answer.
func TestARequestThatIsNotReadIsATimeout(t *testing.T) {
	t.Parallel()
	content := strings.Repeat("x", 32<<20) // more than the buffers of a connection hold
	for name, body := range map[string]io.Reader{"can be repeated": strings.NewReader(content), "is a stream": onlyReader{strings.NewReader(content)}} {
		t.Run(name, func(t *testing.T) {
			stopped := make(chan bool)
			url := raw(t, func(net.Conn) { <-stopped })
			defer close(stopped)
			tr := start(t, &changing{list: entries(0, url)}, Options{AttemptTimeout: 200 * time.Millisecond})
			end := time.AfterFunc(20*time.Second, func() { panic("a call hangs") })
			defer end.Stop()
			req, _ := http.NewRequest("POST", DefaultAddress, body)
			if _, err := tr.Do(req); outcome.Of(err) != outcome.Unknown || !errors.Is(err, tr.attemptTimeout) || tr.Stats().Ignored != 1 {
				t.Errorf("%v, %d ignored; want unknown after a timeout", err, tr.Stats().Ignored)
			}
		})
	}
}
