package registry

import (
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

// A peer that is no ZooKeeper, or a broken one, neither stops the program nor
// takes its memory, and the error says what it may be.
func TestStrangersAreRefused(t *testing.T) {
	t.Parallel()
	hello := make([]byte, 40)
	binary.BigEndian.PutUint32(hello, 36)
	for name, test := range map[string]struct{ answer, text string }{
		"a web server":       {"HTTP/1.1 400 Bad Request\r\n\r\n", "does not answer as a ZooKeeper does"},
		"a TLS alert":        {"\x15\x03\x03\x00\x02\x02\x46", "does not answer as a ZooKeeper does"},
		"a short hello":      {"\x00\x00\x00\x02hi", "does not answer as a ZooKeeper does"},
		"nothing":            {"", "closed the connection before it answered"},
		"half a hello":       {string(hello[:20]), "closed the connection before it answered"},
		"one that says none": {"silence", "i/o timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := configured(t, stranger(t, test.answer))
			c.MaximumConnectionTimeout = 500 * time.Millisecond
			w := watch(t, c)
			if err := w.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("Wait returned %v, want %q", err, test.text)
			}
			r, err := Register(c, "cxf", "http://h/")
			if err != nil {
				t.Fatal(err)
			}
			if err := r.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("the registration's Wait returned %v, want %q", err, test.text)
			}
			if err := r.Close(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// stranger listens, and answers the first bytes of each connection.
func stranger(t *testing.T, answer string) (addr string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				io.ReadFull(conn, make([]byte, 8))
				if answer == "silence" {
					io.Copy(io.Discard, conn)
					return
				}
				io.WriteString(conn, answer)
				conn.(*net.TCPConn).CloseWrite()
				io.Copy(io.Discard, conn)
			}()
		}
	}()
	return listener.Addr().String()
}
