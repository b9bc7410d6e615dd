package standin

import (
	"crypto/tls"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"strconv"
	"sync/atomic"
	"time"
)

// condition is what a member does at the moment.
type condition int

const (
	running  condition = iota
	frozen             // accepts connections, reads and answers nothing
	vanished           // nor does it accept any: its accept queue is full
	down               // not listening
)

// member is one member of a cluster. The cluster's mutex guards all fields but
// held and the constants at the top.
type member struct {
	c     *Cluster
	index int
	port  int // 0 until first listening, then for good

	// held is true while the state is frozen or vanished. Reads and writes ask it
	// first, so that they need no mutex while the member runs.
	held atomic.Bool

	id       uuid
	state    condition
	listener *net.TCPListener // nil while down
	conns    map[*conn]struct{}
	fillers  []net.Conn // our own connections that keep the accept queue full
}

// public returns the address at which the member can be reached.
func (m *member) public() string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(m.port)) }

// advertised returns the address by which the member calls itself.
func (m *member) advertised() (host string, port int) {
	if m.c.opts.PrivateAddresses {
		return fmt.Sprintf("10.0.0.%d", m.index+1), m.port
	}
	return "127.0.0.1", m.port
}

// listen starts the member: on a free port for the first time, and on the same
// port from then on.
func (m *member) listen() error {
	var l net.Listener
	var err error
	if m.port == 0 {
		l, err = listenLow()
	} else {
		l, err = net.Listen("tcp", m.public())
	}
	if err != nil {
		return fmt.Errorf("stand-in %s, member %d: %w", m.c.opts.Name, m.index, err)
	}
	m.c.mu.Lock()
	defer m.c.mu.Unlock()
	if m.c.stopped || m.state != down {
		l.Close()
		if m.c.stopped {
			return errStopped
		}
		return nil
	}
	m.listener = l.(*net.TCPListener)
	if m.port == 0 { // never written again: it is read without the mutex
		m.port = l.Addr().(*net.TCPAddr).Port
	}
	m.set(running)
	m.c.wg.Add(1)
	go m.accept(m.listener)
	return nil
}

// listenLow listens on a random port below the range from which systems take the
// ports of outgoing connections. From that range, an outgoing connection could
// take the port of a member that is down for a while.
func listenLow() (net.Listener, error) {
	var l net.Listener
	var err error
	for range 100 {
		l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(20000+rand.IntN(10000))))
		if err == nil {
			return l, nil
		}
	}
	return nil, err
}

// set changes the member's state. The caller holds the cluster's mutex.
func (m *member) set(s condition) {
	m.state = s
	m.held.Store(s == frozen || s == vanished)
	m.c.changed.Broadcast()
}

// accept runs until l is closed.
func (m *member) accept(l *net.TCPListener) {
	defer m.c.wg.Done()
	for {
		raw, err := l.AcceptTCP()
		if errors.Is(err, os.ErrDeadlineExceeded) { // vanished
			if !m.awaitReturn(l) {
				return
			}
			continue
		}
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // no descriptors are left: wait for others to be closed
			time.Sleep(10 * time.Millisecond)
			continue
		}
		m.admit(l, raw)
	}
}

// awaitReturn waits while the member has vanished; false if l is done for.
func (m *member) awaitReturn(l *net.TCPListener) bool {
	m.c.mu.Lock()
	defer m.c.mu.Unlock()
	for m.state == vanished && m.listener == l {
		m.c.changed.Wait()
	}
	return m.listener == l
}

// admit serves a new connection, unless its listener is gone by now.
func (m *member) admit(l *net.TCPListener, raw *net.TCPConn) {
	m.c.mu.Lock()
	defer m.c.mu.Unlock()
	if m.listener != l {
		raw.SetLinger(0)
		raw.Close()
		return
	}
	k := &conn{m: m, raw: raw}
	k.stream = gated{k}
	if m.c.auth != nil {
		k.stream = tls.Server(gated{k}, m.c.auth.serverTLS())
	}
	m.conns[k] = struct{}{}
	m.c.wg.Add(1)
	go k.serve()
}

// reset closes every connection so that its peer sees a reset. The caller
// holds the cluster's mutex.
func (m *member) reset() {
	for k := range m.conns {
		k.closed = true
		k.raw.SetLinger(0)
		k.raw.Close()
	}
	m.c.changed.Broadcast()
}
