package endpoints

import "net"

// listener hands out connections that a fault can hold or reset.
type listener struct {
	net.Listener
	e *Endpoint
}

// Accept notes each connection until it is closed.
func (l *listener) Accept() (net.Conn, error) {
	raw, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &conn{raw, l.e}
	l.e.mu.Lock()
	defer l.e.mu.Unlock()
	l.e.accepted++
	l.e.conns[c] = struct{}{}
	return c, nil
}

type conn struct {
	net.Conn
	e *Endpoint
}

// Read returns nothing while the endpoint is frozen: what arrived before and was
// not read yet counts as arrived after.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.e.mu.Lock()
	defer c.e.mu.Unlock()
	for c.e.frozen {
		c.e.thawed.Wait()
	}
	return n, err
}

// Close forgets the connection.
func (c *conn) Close() error {
	c.e.mu.Lock()
	delete(c.e.conns, c)
	c.e.mu.Unlock()
	return c.Conn.Close()
}

// reset closes the connection so that its peer sees a reset instead of an orderly
// end. The caller holds the endpoint's mutex.
func (c *conn) reset() {
	if tcp, ok := c.Conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // if that fails the peer sees an orderly end
	}
	_ = c.Conn.Close()
	delete(c.e.conns, c)
}
