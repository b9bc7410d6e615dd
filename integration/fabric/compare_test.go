package fabric

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"testing"

	"github.com/go-zookeeper/zk"
)

// failure is a way for a server to fail.
type failure func(t *testing.T) (url string)

// answering returns a failure with an HTTP answer.
func answering(status int, contentType, body string) failure {
	return func(t *testing.T) string {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			w.Header().Set("Content-Type", contentType)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, body)
		}))
		t.Cleanup(s.Close)
		return s.URL + "/Foo"
	}
}

// breaking returns a failure of the connection once the request has arrived.
func breaking(do func(c net.Conn)) failure {
	return func(t *testing.T) string {
		l, err := net.Listen("tcp", "localhost:0")
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					defer c.Close()
					request := make([]byte, 4096)
					_, _ = c.Read(request)
					do(c)
				}()
			}
		}()
		return fmt.Sprintf("http://%s/Foo", l.Addr())
	}
}

const soapFault = `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><soap:Fault>` +
	`<faultcode>soap:Server</faultcode><faultstring>out of order</faultstring></soap:Fault></soap:Body></soap:Envelope>`

// Ways to fail before, during and after the answer.
var (
	refusing   = failure(func(t *testing.T) string { return fmt.Sprintf("http://localhost:%d/Foo", freePort(t)) })
	unresolved = failure(func(*testing.T) string { return "http://no-such-host.invalid/Foo" })
	notTLS     = failure(func(t *testing.T) string {
		return "https" + strings.TrimPrefix(answering(200, "text/xml", soapFault)(t), "http")
	})
	hanging   = breaking(func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	ending    = breaking(func(net.Conn) {})
	resetting = breaking(func(c net.Conn) { _ = c.(*net.TCPConn).SetLinger(0) })
	babbling  = breaking(func(c net.Conn) { _, _ = io.WriteString(c, "garbage\r\n\r\n") })
	truncated = breaking(func(c net.Conn) {
		_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 1000\r\n\r\n"+soapFault[:60])
	})
	faulting = answering(500, "text/xml; charset=utf-8", soapFault)
)

// comparison is one call with a list of two servers. The first fails in some
// way; the second is healthy.
type comparison struct {
	name       string
	first      failure
	exceptions string
	fabric     bool // a real Fabric client goes on to the second server
	ours       bool // so does our client with compat
}

var comparisons = []comparison{
	{"refused", refusing, "", true, true},
	{"refused, another exception listed", refusing, "java.net.SocketTimeoutException", true, true},
	{"unknown host", unresolved, "", true, true},
	{"plain HTTP where TLS is expected", notTLS, "", true, true},
	{"reset", resetting, "", true, true},
	{"end of file", ending, "", true, true},
	{"not HTTP", babbling, "", true, true},
	{"no answer in time", hanging, "", true, true},
	{"status 401", answering(401, "text/html", "<html>who?</html>"), "", true, true},
	{"status 404", answering(404, "text/html", "<html>not here</html>"), "", true, true},
	{"status 503", answering(503, "text/html", "<html>later</html>"), "", true, true},
	{"status 500 with HTML", answering(500, "text/html", "<html>sorry</html>"), "", false, false},
	{"status 500 with nothing", answering(500, "text/xml", ""), "", false, false},
	{"status 302", answering(302, "text/html", "<html>elsewhere</html>"), "", false, false},
	{"status 200 with HTML", answering(200, "text/html", "<html>welcome</html>"), "", false, false},
	{"status 200 with nothing", answering(200, "text/xml", ""), "", false, false},
	{"fault", faulting, "", false, false},
	{"fault, CXF's class listed", faulting, "org.apache.cxf.binding.soap.SoapFault", true, true},
	{"fault, the parent of CXF's class listed", faulting, "org.apache.cxf.interceptor.Fault", true, true},

	// Java's XML parser hides the end of the file behind an exception of its own.
	{"answer that breaks off", truncated, "", false, true},
	// The documentation's own example; Java never sees this class.
	{"fault, the documented class listed", faulting, "javax.xml.ws.soap.SOAPFaultException", false, true},
	// Of several classes Java takes the last only.
	{"fault, two classes listed", faulting, "org.apache.cxf.binding.soap.SoapFault;java.net.SocketTimeoutException", false, true},
}

// A client with compat moves on for the failures that a real Fabric client moves
// on for, and for no others but three: where Java's feature does not do what its
// documentation says.
func TestCompatMovesOnForWhatARealClientDoes(t *testing.T) {
	z := startZooKeeper(t)
	healthy := answering(200, "text/xml; charset=utf-8", `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>`+
		`<f:callResponse xmlns:f="http://failover.example.com/"><return>healthy</return></f:callResponse></soap:Body></soap:Envelope>`)(t)
	args := []string{z.address}
	for i, c := range comparisons {
		path := fmt.Sprintf("compare/%d", i)
		z.list(path, c.first(t), healthy)
		args = append(args, path, c.exceptions)
	}
	java := startJava(t, "the Fabric client", nil, "com.example.failover.Probe", args...)
	ours := start(t, "the Go client", exec.Command(goPart(t, "compare"), args...))
	java.await("it is done", func() bool { return strings.Contains(java.printed(), "\ndone\n") })
	<-ours.ended
	theirs, mine := results(java), results(ours)
	for i, c := range comparisons {
		path := fmt.Sprintf("compare/%d", i)
		t.Logf("%s\n  a Fabric client: %s\n  ours: %s", c.name, theirs[path], mine[path])
		if moved := theirs[path] == "ok healthy"; moved != c.fabric {
			t.Errorf("%s: a Fabric client moves on: %v, want %v", c.name, moved, c.fabric)
		}
		if moved := mine[path] == "ok healthy"; moved != c.ours {
			t.Errorf("%s: our client moves on: %v, want %v", c.name, moved, c.ours)
		}
	}
}

// results returns what a client printed, by path.
func results(p *process) map[string]string {
	byPath := make(map[string]string)
	for line := range strings.Lines(p.printed()) {
		path, result, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		byPath[path] = result
	}
	return byPath
}

// list writes a list as servers would.
func (z *zooKeeper) list(path string, urls ...string) {
	z.t.Helper()
	full := "/fabric/cxf/endpoints/" + path
	for i := 1; i <= len(full); i++ {
		if i == len(full) || full[i] == '/' {
			if _, err := z.conn.Create(full[:i], nil, 0, zk.WorldACL(zk.PermAll)); err != nil && err != zk.ErrNodeExists {
				z.t.Fatal(err)
			}
		}
	}
	for _, url := range urls {
		data := fmt.Appendf(nil, `{"id":"cxf","container":"test","services":[%q]}`, url)
		if _, err := z.conn.Create(full+"/0", data, zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll)); err != nil {
			z.t.Fatal(err)
		}
	}
}
