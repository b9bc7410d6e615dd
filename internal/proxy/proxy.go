// Package proxy stands between a project and a server that must not be touched. It
// passes bytes on, and can be cut as if the network between the two had failed. It
// listens on 127.0.0.1 only, and looks at nothing that it passes on.
package proxy

import (
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// dialTimeout is how long the server may take to accept a connection.
const dialTimeout = 5 * time.Second

// Proxy passes connections on to one server. Its methods may be called from any
// goroutine.
type Proxy struct {
	address, server string

	mu       sync.Mutex
	listener net.Listener // nil while cut or closed
	conns    map[net.Conn]struct{}
	work     sync.WaitGroup
}

// Listen returns a proxy for the server, given as host:port, that accepts
// connections on a free port. Close releases it.
func Listen(server string) (*Proxy, error) {
	p := &Proxy{address: "127.0.0.1:0", server: server, conns: make(map[net.Conn]struct{})}
	return p, p.Restore()
}

// Address is where the proxy accepts connections, the same after Restore.
func (p *Proxy) Address() string { return p.address }

// Cut closes all connections, refuses new ones until Restore, and returns the instant.
func (p *Proxy) Cut() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := time.Now()
	if p.listener != nil {
		p.listener.Close()
		p.listener = nil
	}
	for c := range p.conns {
		c.Close()
	}
	clear(p.conns)
	return at
}

// Restore accepts connections again. It fails if the port was taken meanwhile.
func (p *Proxy) Restore() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != nil {
		return nil
	}
	l, err := net.Listen("tcp", p.address)
	if err != nil {
		return fmt.Errorf("proxy for %s: %w", p.server, err)
	}
	p.address, p.listener = l.Addr().String(), l
	p.work.Go(func() { p.accept(l) })
	return nil
}

// Close cuts all connections and waits until nothing of the proxy runs.
func (p *Proxy) Close() {
	p.Cut()
	p.work.Wait()
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
		if p.hold(l, client) {
			p.work.Go(func() { p.pass(l, client) })
		}
	}
}

// hold notes a connection so that Cut closes it, and closes it if the proxy was
// cut since l accepted it.
func (p *Proxy) hold(l net.Listener, c net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener != l {
		c.Close()
		return false
	}
	p.conns[c] = struct{}{}
	return true
}

func (p *Proxy) release(c net.Conn) {
	p.mu.Lock()
	delete(p.conns, c)
	p.mu.Unlock()
	c.Close()
}

// pass copies in both directions until one side closes.
func (p *Proxy) pass(l net.Listener, client net.Conn) {
	defer p.release(client)
	server, err := net.DialTimeout("tcp", p.server, dialTimeout)
	if err != nil || !p.hold(l, server) {
		return
	}
	defer p.release(server)
	ended := make(chan struct{}, 2)
	for _, way := range [][2]net.Conn{{client, server}, {server, client}} {
		p.work.Go(func() {
			_, _ = io.Copy(way[1], way[0]) // how it ends does not matter: both sides are closed
			ended <- struct{}{}
		})
	}
	<-ended
}
