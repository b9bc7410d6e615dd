//go:build unix

package integration

import (
	"crypto/tls"
	"fmt"
	"net"
	"sync"
	"testing"
)

// proxy ends TLS, asking for a client certificate, and passes bytes on to a
// member. Down makes its address refuse, as that of a dead member does.
type proxy struct {
	config   *tls.Config
	addr     string
	mu       sync.Mutex
	port     int // of the member
	listener net.Listener
	conns    map[net.Conn]bool
	hold     chan struct{} // nil, or closed when a blackhole ends
	done     sync.WaitGroup
}

func newProxy(t *testing.T, config *tls.Config, port int) *proxy {
	t.Helper()
	l, err := listenLow()
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{config: config, addr: l.Addr().String(), port: port, conns: make(map[net.Conn]bool)}
	p.serve(l)
	return p
}

// up makes the address accept again.
func (p *proxy) up(t *testing.T) {
	t.Helper()
	l, err := net.Listen("tcp", p.addr)
	if err != nil {
		t.Fatal(err)
	}
	p.serve(l)
}

func (p *proxy) serve(plain net.Listener) {
	l := tls.NewListener(plain, p.config)
	p.mu.Lock()
	p.listener = l
	p.mu.Unlock()
	p.done.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.done.Go(func() { p.pass(conn) })
		}
	})
}

// follow makes the proxy pass new connections to another port.
func (p *proxy) follow(port int) {
	p.mu.Lock()
	p.port = port
	p.mu.Unlock()
}

func (p *proxy) down() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
	for conn := range p.conns {
		_ = conn.Close()
	}
}

func (p *proxy) pass(client net.Conn) {
	defer client.Close()
	p.wait()
	p.mu.Lock()
	port := p.port
	p.mu.Unlock()
	server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		return
	}
	defer server.Close()
	p.mu.Lock()
	p.conns[client], p.conns[server] = true, true
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { p.copy(server, client) })
	both.Go(func() { p.copy(client, server) })
	both.Wait()
	p.mu.Lock()
	delete(p.conns, client)
	delete(p.conns, server)
	p.mu.Unlock()
}

func (p *proxy) copy(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		p.wait()
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

// blackhole keeps every byte, in both directions, until release.
func (p *proxy) blackhole() {
	p.mu.Lock()
	p.hold = make(chan struct{})
	p.mu.Unlock()
}

func (p *proxy) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hold != nil {
		close(p.hold)
		p.hold = nil
	}
}

func (p *proxy) wait() {
	p.mu.Lock()
	hold := p.hold
	p.mu.Unlock()
	if hold != nil {
		<-hold
	}
}

func (p *proxy) close() {
	p.release()
	p.down()
	p.done.Wait()
}
