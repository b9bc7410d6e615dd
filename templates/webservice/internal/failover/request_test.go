package failover

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

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

// A caller that reads on after it has closed the body, or whose time is up, has
// done that itself.
func TestWhatACallerDoesToABodyIsNoFailure(t *testing.T) {
	s := raw(t, func(conn net.Conn) {
		readRequest(conn)
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nbegin")
		_, _ = io.Copy(io.Discard, conn)
	})
	tr := start(t, &changing{list: entries(0, s)}, Options{})
	resp, err := tr.RoundTrip(newRequest(t, "GET", DefaultAddress, ""))
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if _, err := resp.Body.Read(make([]byte, 10)); err == nil {
		t.Error("a closed body can be read")
	}
	if tr.Stats().Ignored > 0 {
		t.Error("the endpoint is ignored because its body was closed")
	}
	short, cancel := context.WithTimeout(background, 100*time.Millisecond)
	defer cancel()
	if _, text, err := post(t, tr, short, callEnvelope("1")); text != "begin" || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%q, %v", text, err)
	}
	if _, _, err := post(t, &http.Client{Transport: tr, Timeout: 100 * time.Millisecond}, background, callEnvelope("1")); err == nil {
		t.Error("the body has an end")
	}
	if tr.Stats().Ignored > 0 {
		t.Error("the endpoint is ignored")
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

// What keeps net/http from repeating a request does not show on the wire.
func TestARequestWithoutABodyHasNone(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "DELETE", "POST", "PUT"} {
		got := make(chan *http.Request, 1)
		s := serve(t, func(_ http.ResponseWriter, r *http.Request) { got <- r })
		tr := start(t, Static(s.URL), Options{})
		req := newRequest(t, method, DefaultAddress, "")
		req.Header.Set("Idempotency-Key", "1")
		resp, err := tr.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if r := <-got; r.ContentLength != 0 || r.TransferEncoding != nil || r.Header.Get("Idempotency-Key") != "1" {
			t.Errorf("%s arrived with length %d, encoding %q, key %q", method, r.ContentLength, r.TransferEncoding, r.Header.Get("Idempotency-Key"))
		}
		if req.Body != nil || len(req.Header) != 1 {
			t.Errorf("%s: the caller's request was changed: %v", method, req)
		}
	}
}

// The caller's own httptrace is told as well, and its context's values are kept.
func TestTheCallersContextIsKept(t *testing.T) {
	type key struct{}
	s := serve(t, nil)
	base := newBase(time.Second)
	base.Proxy = func(r *http.Request) (*url.URL, error) {
		if r.Context().Value(key{}) != "mine" {
			t.Error("the base does not see the value")
		}
		return nil, nil
	}
	tr := start(t, Static(refusing(t), s.URL), Options{Base: base})
	told := 0
	ctx := httptrace.WithClientTrace(background, &httptrace.ClientTrace{GetConn: func(string) { told++ }})
	if status, _, err := post(t, tr, context.WithValue(ctx, key{}, "mine"), callEnvelope("1")); status != 200 || told != 2 {
		t.Errorf("%v, told of %d attempts, want 2", err, told)
	}
}

// On HTTP/2, which a base may speak, requests share a connection: one counts as
// sent once its header was written.
func TestHTTP2(t *testing.T) {
	hang := make(chan bool)
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/hang" {
			<-hang
		}
		answer(w, r.Proto)
	}))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	defer close(hang)
	base := s.Client().Transport.(*http.Transport)
	tr := start(t, Static(s.URL+"/hang", s.URL), Options{Base: base, AttemptTimeout: 100 * time.Millisecond})
	_, _, err := post(t, tr, background, callEnvelope("1"))
	if outcome.Of(err) != outcome.Unknown || classify(err)[0] != "java.net.SocketTimeoutException" {
		t.Errorf("%v, want unknown after a timeout", err)
	}
	if status, text, err := post(t, tr, background, callEnvelope("1")); status != 200 || !strings.Contains(text, "HTTP/2.0") {
		t.Errorf("%d %q %v", status, text, err)
	}
}
