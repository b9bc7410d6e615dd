package connect

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"io"
	"net"
	"testing"

	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/standin"
)

func issue(t *testing.T, parent *pki.Pair, template x509.Certificate) *pki.Pair {
	t.Helper()
	pair, err := pki.Issue(parent, pki.EC, template)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// listen accepts connections and leaves them.
func listen(t *testing.T) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return l
}

// answerWith has the target connect to a member that finishes TLS as those of c do,
// and then does as told.
func answerWith(t *testing.T, c *standin.Cluster, target *Target, then func(net.Conn)) {
	t.Helper()
	l := tls.NewListener(listen(t), c.ServerTLS())
	target.DiscoveryURL, target.Addresses = "", []string{l.Addr().String()}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer conn.Close()
				then(conn)
			}()
		}
	}()
}

// mute finishes the handshake and reads what comes.
func mute(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }

// hangUp waits for the first bytes, and closes.
func hangUp(conn net.Conn) { _, _ = conn.Read(make([]byte, 1024)) }

func webServer(conn net.Conn) {
	_, _ = conn.Read(make([]byte, 1024))
	_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
}

// onlyLogin accepts the login, and answers nothing else.
func onlyLogin(conn net.Conn) {
	_, _ = conn.Read(make([]byte, 1024))
	head := make([]byte, responseAt+41)
	binary.LittleEndian.PutUint32(head, typeAuthentication+1)
	answer := frame(frame(nil, flagWhole, head), flagNull, nil)
	_, _ = conn.Write(frame(answer, flagFinal, []byte("5.7.0")))
	mute(conn)
}

// relay passes one connection on to a member. Once that has ended, sent returns the
// types of the messages that the member got.
func relay(t *testing.T, to string) (address string, sent func() []uint32) {
	t.Helper()
	var types []uint32
	l, done := listen(t), make(chan struct{})
	go func() {
		defer close(done)
		from, err := l.Accept()
		if err != nil {
			return
		}
		defer from.Close()
		member, err := net.Dial("tcp", to)
		if err != nil {
			return
		}
		defer member.Close()
		go func() { _, _ = io.Copy(from, member) }()
		in := io.TeeReader(from, member)
		_, _ = io.ReadFull(in, make([]byte, 3))
		for {
			frames, err := readMessage(in)
			if err != nil {
				return
			}
			types = append(types, binary.LittleEndian.Uint32(frames[0].data))
		}
	}()
	return l.Addr().String(), func() []uint32 { <-done; return types }
}
