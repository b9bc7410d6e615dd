package failover

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// failure is a row of the table of Java exceptions: an endpoint that fails in one way.
type failure struct {
	name  string
	class string // the most specific one
	url   func(t *testing.T) string
	base  func() *http.Transport // nil: the engine's own
	dial  dialFunc               // of the failing endpoint only; nil: the base's
	body  string                 // of the request; empty: a small one
	o     Options
	want  outcome.Outcome // of a call that is not repeated
	early bool            // the failure may come before the request is written, which then is not sent
}

// failures are made by real connections, but for those whose name says otherwise.
var failures = []failure{
	{name: "refused", class: "java.net.ConnectException", url: func(t *testing.T) string { return refusing(t) }, want: outcome.NotSent},
	{name: "reset", class: "java.net.SocketException", url: func(t *testing.T) string {
		return raw(t, func(conn net.Conn) {
			readRequest(conn)
			_ = conn.(*net.TCPConn).SetLinger(0)
		})
	}},
	{name: "closed while sending", class: "java.net.SocketException", body: strings.Repeat("x", 16<<20), url: func(t *testing.T) string {
		return raw(t, func(conn net.Conn) {
			_, _ = io.ReadFull(conn, make([]byte, 1<<20))
			_ = conn.(*net.TCPConn).SetLinger(0)
		})
	}},
	{name: "no such local address", class: "java.net.BindException", url: func(t *testing.T) string { return refusing(t) }, want: outcome.NotSent,
		dial: (&net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(192, 0, 2, 1)}}).DialContext},
	{name: "no route (made by hand)", class: "java.net.NoRouteToHostException", url: func(t *testing.T) string { return refusing(t) }, want: outcome.NotSent,
		dial: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.OpError{Op: "dial", Net: "tcp", Err: syscall.EHOSTUNREACH}
		}},
	{name: "silent", class: "java.net.SocketTimeoutException", url: silent, o: Options{AttemptTimeout: 100 * time.Millisecond}},
	{name: "silent, by ResponseHeaderTimeout", class: "java.net.SocketTimeoutException", url: silent,
		base: func() *http.Transport { return &http.Transport{ResponseHeaderTimeout: 100 * time.Millisecond} }},
	{name: "silent in the handshake", class: "java.net.SocketTimeoutException", want: outcome.NotSent, o: Options{AttemptTimeout: 100 * time.Millisecond},
		url: func(t *testing.T) string { return secure(silent(t)) }},
	{name: "silent in the handshake, by TLSHandshakeTimeout", class: "java.net.SocketTimeoutException", want: outcome.NotSent,
		url:  func(t *testing.T) string { return secure(silent(t)) },
		base: func() *http.Transport { return &http.Transport{TLSHandshakeTimeout: 100 * time.Millisecond} }},
	{name: "stops in the body", class: "java.net.SocketTimeoutException", o: Options{AttemptTimeout: 100 * time.Millisecond}, url: func(t *testing.T) string {
		return replies(t, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<soap:Envelope xmlns", true)
	}},
	{name: "unknown host", class: "java.net.UnknownHostException", want: outcome.NotSent,
		url: func(*testing.T) string { return "http://failover.invalid/Foo" }},
	{name: "untrusted certificate", class: "javax.net.ssl.SSLHandshakeException", want: outcome.NotSent,
		url: func(t *testing.T) string { return tlsServer(t, nil).URL }},
	{name: "certificate for another host", class: "javax.net.ssl.SSLPeerUnverifiedException", want: outcome.NotSent,
		url:  func(t *testing.T) string { return strings.Replace(tlsServer(t, nil).URL, "127.0.0.1", "localhost", 1) },
		base: trusting},
	{name: "alert for lack of a client certificate", class: "javax.net.ssl.SSLHandshakeException", want: outcome.NotSent,
		url: func(t *testing.T) string {
			return tlsServer(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert, MaxVersion: tls.VersionTLS12}).URL
		}, base: trusting},
	{name: "alert after the handshake", class: "javax.net.ssl.SSLHandshakeException",
		url: func(t *testing.T) string {
			return tlsServer(t, &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS13}).URL
		}, base: trusting, early: true},
	{name: "no common version", class: "javax.net.ssl.SSLHandshakeException", want: outcome.NotSent,
		url: func(t *testing.T) string { return tlsServer(t, &tls.Config{MinVersion: tls.VersionTLS13}).URL },
		base: func() *http.Transport {
			base := trusting()
			base.TLSClientConfig.MaxVersion = tls.VersionTLS12
			return base
		}},
	{name: "https to a server of http", class: "javax.net.ssl.SSLException", want: outcome.NotSent,
		url: func(t *testing.T) string { return secure(serve(t, nil).URL) }},
	{name: "https to something else", class: "javax.net.ssl.SSLException", want: outcome.NotSent,
		url: func(t *testing.T) string {
			return secure(raw(t, func(conn net.Conn) { _, _ = io.WriteString(conn, "220 mail.example.com\r\n") }))
		}},
	{name: "closed", class: "java.io.EOFException", url: func(t *testing.T) string { return raw(t, func(conn net.Conn) { readRequest(conn) }) }},
	{name: "closed in the header", class: "java.io.EOFException", url: func(t *testing.T) string { return replies(t, "HTTP/1.1 200 OK\r\nA: b\r\n", false) }},
	{name: "closed in the body", class: "java.io.EOFException", url: func(t *testing.T) string {
		return replies(t, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n<soap:Envelope xmlns", false)
	}},
	{name: "malformed response", class: "java.net.ProtocolException", url: func(t *testing.T) string { return replies(t, "Good morning.\r\n\r\n", false) }},
	{name: "malformed header", class: "java.net.ProtocolException", url: func(t *testing.T) string { return replies(t, "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", false) }},
	{name: "malformed URL", class: "java.net.MalformedURLException", url: func(*testing.T) string { return "http://[::1/Foo" }, want: outcome.NotSent},
	{name: "URL of another scheme", class: "java.net.MalformedURLException", url: func(*testing.T) string { return "ftp://localhost/Foo" }, want: outcome.NotSent},
}

// readRequest reads a request, and reports whether there was one.
func readRequest(conn net.Conn) bool {
	req, err := http.ReadRequest(bufio.NewReader(conn))
	if err == nil {
		_, _ = io.Copy(io.Discard, req.Body)
	}
	return err == nil
}

// silent returns the URL of a server that answers nothing.
func silent(t *testing.T) string {
	return raw(t, func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) })
}

// replies returns the URL of a server that answers a request with text, and then
// closes the connection or stays.
func replies(t *testing.T, text string, stay bool) string {
	return raw(t, func(conn net.Conn) {
		readRequest(conn)
		_, _ = io.WriteString(conn, text)
		if stay {
			_, _ = io.Copy(io.Discard, conn)
		}
	})
}

func secure(url string) string { return strings.Replace(url, "http://", "https://", 1) }

func tlsServer(t *testing.T, config *tls.Config) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w, "ok") }))
	s.TLS = config
	s.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.StartTLS()
	t.Cleanup(s.Close)
	return s
}

// trusting returns a base that accepts the certificates of tlsServer.
func trusting() *http.Transport {
	s := httptest.NewTLSServer(nil)
	defer s.Close()
	pool := x509.NewCertPool()
	pool.AddCert(s.Certificate())
	return &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}}
}

// newResolver returns a resolver that asks a server of ours, which knows no name.
func newResolver(t *testing.T) *net.Resolver {
	t.Helper()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	go func() {
		message := make([]byte, 1500)
		for {
			n, from, err := conn.ReadFrom(message)
			if err != nil {
				return
			}
			message[2], message[3] = message[2]|0x80, 0x83 // an answer: no such name
			_, _ = conn.WriteTo(message[:n], from)
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", conn.LocalAddr().String())
	}}
}

// transportFor returns a Transport on the failing endpoint and a good one.
func (f failure) transportFor(t *testing.T, url, good, listed string) *transport {
	o := f.o
	o.Exceptions = []string{listed}
	base := new(http.Transport)
	if f.base != nil {
		base = f.base()
	}
	if f.class == "java.net.UnknownHostException" {
		base.DialContext = (&net.Dialer{Resolver: newResolver(t)}).DialContext
	}
	if f.dial != nil {
		base.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
			if strings.Contains(url, address) {
				return f.dial(ctx, network, address)
			}
			return new(net.Dialer).DialContext(ctx, network, address)
		}
	}
	if f.base != nil || base.DialContext != nil {
		o.Base = base
	}
	list := &changing{list: entries(0, url, good)}
	return start(t, list, o)
}

// An error of each kind is of its Java class and of the classes which that
// extends: with each of them listed a call fails over, with others it does not.
func TestEachRowOfTheJavaTable(t *testing.T) {
	t.Parallel()
	good := serve(t, nil)
	for _, f := range failures {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			if f.class == "javax.net.ssl.SSLPeerUnverifiedException" && !resolvesLocalhost() {
				t.Skip("localhost is not a name here")
			}
			url := f.url(t)
			content := f.body
			if content == "" {
				content = callEnvelope("1")
			}
			for class := f.class; class != ""; class = parents[class] {
				tr := f.transportFor(t, url, good.URL, class)
				ctx := outcome.MayRepeat(context.Background())
				status, _, err := post(t, tr, ctx, content)
				if err != nil || status != 200 || tr.lastResult().Endpoint != good.URL {
					t.Errorf("listed %s: status %d from %q, %v; want that the call fails over", class, status, tr.lastResult().Endpoint, err)
				}
				wantEvents(t, tr.seen(letters(url, good.URL)), "FAILED A", "SELECTED B")
			}
			other := "java.net.BindException"
			if f.class == other {
				other = eof
			}
			tr := f.transportFor(t, url, good.URL, other)
			_, _, err := post(t, tr, context.Background(), content)
			failed, ok := errors.AsType[*outcome.Error](err)
			if !ok || failed.Target != url || failed.Outcome != f.want && !(f.early && failed.Outcome == outcome.NotSent) {
				t.Fatalf("listed %s: %v; want an error of %s with outcome %s", other, err, url, f.want)
			}
			if got := classify(err)[0]; got != f.class {
				t.Errorf("%v is of class %s, want %s", err, got, f.class)
			}
			wantEvents(t, tr.seen(nil))
		})
	}
}

func resolvesLocalhost() bool {
	_, err := net.LookupHost("localhost")
	return err == nil
}

// Responses: what the list must name, and what becomes of the call.
func TestResponsesFailOverIfTheirClassIsListed(t *testing.T) {
	const fault11 = `<soap:Fault xmlns:a="http://acme.com/"><faultcode>a:Busy</faultcode><faultstring>later</faultstring><detail><a:Wait/></detail></soap:Fault>`
	fault12 := strings.ReplaceAll(envelope(`<soap:Fault><soap:Code><soap:Value>soap:Receiver</soap:Value><soap:Subcode><soap:Value xmlns:a="http://acme.com/">a:Busy</soap:Value></soap:Subcode></soap:Code><soap:Reason><soap:Text xml:lang="en">later</soap:Text></soap:Reason></soap:Fault>`), soap11, soap12)
	const httpException = "org.apache.cxf.transport.http.HTTPException"
	const soapFault = "javax.xml.ws.soap.SOAPFaultException"
	for _, test := range []struct {
		name, contentType, body string
		status                  int
		listed                  []string
		mapped                  string // what com.acme.Busy stands for
		compat, moves           bool
		want                    outcome.Outcome // of a call to this endpoint alone
	}{
		{name: "404", status: 404, listed: []string{ioException}, moves: true, want: outcome.Rejected},
		{name: "404 as HTTPException", status: 404, listed: []string{httpException}, moves: true, want: outcome.Rejected},
		{name: "404 unlisted", status: 404, listed: []string{soapFault}, want: outcome.Rejected},
		{name: "408", status: 408, listed: []string{ioException}, moves: true, want: outcome.Rejected},
		{name: "429", status: 429, listed: []string{ioException}, moves: true, want: outcome.Rejected},
		{name: "503", status: 503, listed: []string{ioException}, moves: true, want: outcome.NotSent},
		{name: "503 as HTTPException", status: 503, listed: []string{httpException}, moves: true, want: outcome.NotSent},
		{name: "503 as WebServiceException", status: 503, listed: []string{"jakarta.xml.ws.WebServiceException"}, moves: true, want: outcome.NotSent},
		{name: "503 as SocketException", status: 503, listed: []string{socket}, want: outcome.NotSent},
		{name: "400", status: 400, listed: []string{ioException, webService}, want: outcome.Rejected},
		{name: "400 in compat", status: 400, compat: true, moves: true, want: outcome.Rejected},
		{name: "500", status: 500, listed: []string{ioException}, want: outcome.Unknown},
		{name: "500 in compat", status: 500, compat: true, want: outcome.Unknown},
		{name: "503 by its number", status: 503, listed: []string{"com.acme.Busy"}, mapped: "503", moves: true, want: outcome.NotSent},
		{name: "fault 1.1", status: 500, contentType: "text/xml; charset=utf-8", body: envelope(fault11), listed: []string{soapFault}, moves: true, want: outcome.Rejected},
		{name: "fault 1.1 with status 200", status: 200, contentType: "text/xml", body: envelope(fault11), listed: []string{soapFault}, moves: true, want: outcome.Rejected},
		{name: "fault 1.1 as SoapFault", status: 500, contentType: "text/xml", body: envelope(fault11), listed: []string{"org.apache.cxf.binding.soap.SoapFault"}, moves: true, want: outcome.Rejected},
		{name: "fault 1.1 unlisted", status: 500, contentType: "text/xml", body: envelope(fault11), listed: []string{ioException}, want: outcome.Rejected},
		{name: "fault 1.1 by its code", status: 500, contentType: "text/xml", body: envelope(fault11), listed: []string{"com.acme.Busy"}, mapped: "{http://acme.com/}Busy", moves: true, want: outcome.Rejected},
		{name: "fault 1.1 by its detail", status: 500, contentType: "text/xml", body: envelope(fault11), listed: []string{"com.acme.Busy"}, mapped: "{http://acme.com/}Wait", moves: true, want: outcome.Rejected},
		{name: "fault 1.1 by another code", status: 500, contentType: "text/xml", body: envelope(fault11), listed: []string{"com.acme.Busy"}, mapped: "{http://acme.com/}Gone", want: outcome.Rejected},
		{name: "fault 1.2", status: 500, contentType: `application/soap+xml; charset=utf-8; action="x"`, body: fault12, listed: []string{" jakarta.xml.ws.soap.SOAPFaultException "}, moves: true, want: outcome.Rejected},
		{name: "fault 1.2 by its subcode", status: 500, contentType: "application/soap+xml", body: fault12, listed: []string{"com.acme.Busy"}, mapped: "{http://acme.com/}Busy", moves: true, want: outcome.Rejected},
		{name: "fault that is not XML by its type", status: 500, contentType: "text/plain", body: envelope(fault11), listed: []string{soapFault}, want: outcome.Unknown},
		{name: "no fault, but the word", status: 200, contentType: "text/xml", body: envelope("<Fault xmlns='urn:x'/>"), listed: []string{soapFault}, want: outcome.Acked},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			bad := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", test.contentType)
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			})
			good := serve(t, nil)
			o := Options{Exceptions: test.listed, Compat: test.compat}
			if test.mapped != "" {
				o.ExceptionMap = map[string]string{"com.acme.Busy": test.mapped}
			}
			tr := start(t, &changing{list: entries(0, bad.URL, good.URL)}, o)
			status, _, err := post(t, tr, context.Background(), callEnvelope("1"))
			if moved := tr.lastResult().Endpoint == good.URL; err != nil || moved != test.moves || moved != (status == 200 && good.requests() == 1) && test.status != 200 {
				t.Errorf("status %d, %v, moved: %v; want moved: %v", status, err, moved, test.moves)
			}
			alone := start(t, Static(bad.URL), o)
			status, text, err := post(t, alone, context.Background(), callEnvelope("1"))
			if err != nil || status != test.status || text != test.body || alone.lastResult().Outcome != test.want {
				t.Errorf("alone: status %d, %q, %v, outcome %v; want the response as it came, outcome %s", status, text, err, alone.lastResult().Outcome, test.want)
			}
		})
	}
}

// The deadline of the whole call is a TimeoutException, which is not an IOException.
func TestTheOverallDeadlineIsATimeoutException(t *testing.T) {
	for listed, condemned := range map[string]int{ioException: 0, timeout: 1} {
		hangs, good := silent(t), serve(t, nil)
		tr := start(t, &changing{list: entries(0, hangs, good.URL)}, Options{Exceptions: []string{listed}, CallTimeout: 50 * time.Millisecond})
		_, _, err := post(t, tr, context.Background(), callEnvelope("1"))
		if outcome.Of(err) != outcome.Unknown || classify(err)[0] != timeout || tr.Stats().Ignored != condemned || good.requests() > 0 {
			t.Errorf("listed %s: %v (%s), %d ignored; want unknown, a %s and %d ignored", listed, err, classify(err)[0], tr.Stats().Ignored, timeout, condemned)
		}
	}
}

// What its caller ends is never held against an endpoint, whatever is listed.
func TestTheCallersEndIsNoFailure(t *testing.T) {
	hangs, good := silent(t), serve(t, nil)
	tr := start(t, &changing{list: entries(0, hangs, good.URL)}, Options{Exceptions: []string{throwable}, Replay: Always})
	for name, end := range map[string]func() (context.Context, context.CancelFunc){
		"deadline": func() (context.Context, context.CancelFunc) {
			return context.WithTimeout(context.Background(), 50*time.Millisecond)
		},
		"cancel": func() (context.Context, context.CancelFunc) {
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(50*time.Millisecond, cancel)
			return ctx, cancel
		},
	} {
		ctx, cancel := end()
		_, _, err := post(t, tr, ctx, callEnvelope("1"))
		if !errors.Is(err, ctx.Err()) || ctx.Err() == nil || outcome.Of(err) != outcome.Unknown {
			t.Errorf("%s: %v, want unknown because of %v", name, err, ctx.Err())
		}
		cancel()
	}
	client := &http.Client{Transport: tr, Timeout: 50 * time.Millisecond}
	if _, _, err := post(t, client, context.Background(), callEnvelope("1")); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Client.Timeout: %v", err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := post(t, tr, ended, callEnvelope("1")); outcome.Of(err) != outcome.NotSent || !errors.Is(err, context.Canceled) {
		t.Errorf("ended before: %v, want not_sent", err)
	}
	if good.requests() > 0 || tr.Stats().Ignored > 0 {
		t.Errorf("%d calls failed over, %d endpoints are ignored; want none", good.requests(), tr.Stats().Ignored)
	}
}
