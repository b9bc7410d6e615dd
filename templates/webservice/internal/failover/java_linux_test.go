package failover

import (
	"context"
	"net"
	"net/http"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// full returns the URL of a port that answers no attempt to connect, because
// nobody accepts the one connection that waits there.
func full(t *testing.T) string {
	t.Helper()
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Close(fd) })
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		t.Fatal(err)
	}
	name, err := syscall.Getsockname(fd)
	if err != nil {
		t.Fatal(err)
	}
	address := "127.0.0.1:" + strconv.Itoa(name.(*syscall.SockaddrInet4).Port)
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return "http://" + address + "/Foo"
}

// A connection that is never answered ends with the attempt, or with what the
// kernel says after it has tried often enough.
func TestConnectionsThatAreNeverAnswered(t *testing.T) {
	t.Parallel()
	tries := &net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, syscall.TCP_SYNCNT, 1) })
	}}
	for name, test := range map[string]struct {
		class string
		o     Options
	}{
		"attempt":        {"java.net.SocketTimeoutException", Options{AttemptTimeout: 100 * time.Millisecond}},
		"Dialer.Timeout": {"java.net.SocketTimeoutException", Options{Base: &http.Transport{DialContext: (&net.Dialer{Timeout: 100 * time.Millisecond}).DialContext}}},
		"kernel":         {"java.net.ConnectException", Options{Base: &http.Transport{DialContext: tries.DialContext}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			good := serve(t, nil)
			test.o.Exceptions = []string{test.class}
			tr := start(t, &changing{list: entries(0, full(t), good.URL)}, test.o)
			if status, _, err := post(t, tr, context.Background(), callEnvelope("1")); status != 200 {
				t.Errorf("%v, want that the call fails over", err)
			}
			test.o.Exceptions = []string{eof}
			tr = start(t, &changing{list: entries(0, full(t), good.URL)}, test.o)
			_, _, err := post(t, tr, context.Background(), callEnvelope("1"))
			if err == nil || classify(err)[0] != test.class || outcome.Of(err) != outcome.NotSent {
				t.Errorf("%v, want a %s that was not sent", err, test.class)
			}
		})
	}
}
