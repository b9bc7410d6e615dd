// Package proxy stands between a project and a server that must not be touched. It
// passes bytes on, and can be cut, reset, frozen and slowed as if the network between
// the two, or the server, had failed. It listens on 127.0.0.1 only, and looks at
// nothing that it passes on.
package proxy

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// dialTimeout is how long the server may take to accept a connection.
const dialTimeout = 5 * time.Second

// Proxy passes connections on to one server. Its methods may be called from any
// goroutine.
type Proxy struct {
	address, server string

	mu       sync.Mutex
	listener net.Listener  // nil while cut or closed
	frozen   chan struct{} // closed by Thaw; nil while bytes pass
	delay    time.Duration // see Slow
	changed  chan struct{} // closed when delay changes; nil while it is 0
	links    map[*link]struct{}
	work     sync.WaitGroup
}

// link is one connection of a client, and the one that is made for it to the server.
type link struct {
	client   net.Conn
	since    time.Time
	answered atomic.Bool // the server has sent something

	mu     sync.Mutex
	server net.Conn // nil until the server was dialled
	closed bool
}

// Listen returns a proxy for the server, given as host:port, that accepts
// connections on a free port. Close releases it.
func Listen(server string) (*Proxy, error) {
	p := &Proxy{server: server, links: make(map[*link]struct{})}
	return p, p.Restore()
}

// Address is where the proxy accepts connections, the same after Restore.
func (p *Proxy) Address() string { return p.address }

// Server is the address that the proxy passes connections on to.
func (p *Proxy) Server() string { return p.server }

// Cut resets all connections, refuses new ones until Restore, and returns the instant.
func (p *Proxy) Cut() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := time.Now()
	if p.listener != nil {
		p.listener.Close()
		p.listener = nil
	}
	p.reset()
	return at
}

// Reset resets all connections and returns the instant. New ones are accepted.
func (p *Proxy) Reset() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := time.Now()
	p.reset()
	return at
}

// reset ends all links. The caller holds the mutex.
func (p *Proxy) reset() {
	for l := range p.links {
		l.close(true)
	}
	clear(p.links)
}

// Restore accepts connections again. It fails if the port was taken meanwhile.
func (p *Proxy) Restore() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		return nil
	}
	listen := listenLow
	if p.address != "" {
		listen = func() (net.Listener, error) { return net.Listen("tcp", p.address) }
	}
	l, err := listen()
	if err != nil {
		return fmt.Errorf("proxy for %s: %w", p.server, err)
	}
	p.address, p.listener = l.Addr().String(), l
	p.work.Go(func() { p.accept(l) })
	return nil
}

// listenLow listens on a random port below the range from which systems take the
// ports of outgoing connections. From that range, an outgoing connection could
// take the port of a proxy that is cut for a while.
func listenLow() (l net.Listener, err error) {
	for range 100 {
		if l, err = net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(20000+rand.IntN(10000)))); err == nil {
			return l, nil
		}
	}
	return nil, err
}

// Freeze passes no byte on until Thaw, and returns the instant. Connections stay
// open and new ones are accepted, as by a process that is stopped.
func (p *Proxy) Freeze() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frozen == nil {
		p.frozen = make(chan struct{})
	}
	return time.Now()
}

// Thaw ends Freeze. The server then gets what was sent meanwhile.
func (p *Proxy) Thaw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.frozen != nil {
		close(p.frozen)
		p.frozen = nil
	}
}

// Slow delays what the server sends, and returns the instant. An answer takes d
// longer, or up to twice that if it comes while the one before is held. 0 ends it, and
// what is held is passed on at once.
func (p *Proxy) Slow(d time.Duration) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.changed != nil {
		close(p.changed)
		p.changed = nil
	}
	if p.delay = d; d > 0 {
		p.changed = make(chan struct{})
	}
	return time.Now()
}

// Close ends all connections and waits until nothing of the proxy runs. It may be
// called twice.
func (p *Proxy) Close() {
	p.Cut()
	p.Thaw()
	p.Slow(0)
	p.work.Wait()
}

// Connections counts the open connections.
func (p *Proxy) Connections() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.links)
}

// Lasting counts the connections on which the server has answered and which have
// been open for so long. A client that only looks whether the server is there does
// not stay.
func (p *Proxy) Lasting(d time.Duration) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := 0
	for l := range p.links {
		if l.answered.Load() && time.Since(l.since) >= d {
			n++
		}
	}
	return n
}

func (p *Proxy) accept(l net.Listener) {
	for {
		client, err := l.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(10 * time.Millisecond) // out of files: others may be closed soon
			continue
		}
		if k := p.admit(l, client); k != nil {
			p.work.Go(func() { p.pass(k) })
		}
	}
}

// admit notes a new connection, unless the proxy was cut since l accepted it.
func (p *Proxy) admit(l net.Listener, client net.Conn) *link {
	p.mu.Lock()
	defer p.mu.Unlock()
	k := &link{client: client, since: time.Now()}
	if p.listener != l {
		k.close(true)
		return nil
	}
	p.links[k] = struct{}{}
	return k
}

// pass dials the server and copies in both directions until one side closes.
func (p *Proxy) pass(k *link) {
	defer func() {
		k.close(false)
		p.mu.Lock()
		delete(p.links, k)
		p.mu.Unlock()
	}()
	p.gate()
	server, err := net.DialTimeout("tcp", p.server, dialTimeout)
	if err != nil || !k.reach(server) {
		return
	}
	var both sync.WaitGroup
	both.Go(func() { p.copy(server, k.client, func() {}) })
	both.Go(func() {
		p.copy(k.client, server, func() {
			p.linger()
			k.answered.Store(true)
		})
	})
	both.Wait()
}

// copy passes bytes on until either side is closed, and then closes both. It calls
// before for each part that it has read.
func (p *Proxy) copy(to, from net.Conn, before func()) {
	defer to.Close()
	defer from.Close()
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			before()
		}
		p.gate()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// gate waits while the proxy is frozen.
func (p *Proxy) gate() {
	p.mu.Lock()
	frozen := p.frozen
	p.mu.Unlock()
	if frozen != nil {
		<-frozen
	}
}

// linger waits while an answer is held.
func (p *Proxy) linger() {
	p.mu.Lock()
	delay, changed := p.delay, p.changed
	p.mu.Unlock()
	if changed == nil {
		return
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-changed:
	}
}

// reach notes the connection to the server, unless the link was closed meanwhile.
func (k *link) reach(server net.Conn) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.closed {
		server.Close()
		return false
	}
	k.server = server
	return true
}

// close ends both connections. The client may be shown a reset; to the server a
// client has gone.
func (k *link) close(reset bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.closed = true
	if c, ok := k.client.(*net.TCPConn); ok && reset {
		_ = c.SetLinger(0) // if it fails the connection ends without a reset
	}
	k.client.Close()
	if k.server != nil {
		k.server.Close()
	}
}
