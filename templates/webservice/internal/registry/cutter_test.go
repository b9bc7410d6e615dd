package registry

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// cutter passes connections on to a ZooKeeper, and cuts those off that ask for
// an entry to be created.
type cutter struct {
	addr, target string

	mu      sync.Mutex
	cuts    int
	forward bool
	open    map[net.Conn]bool
	all     sync.WaitGroup
}

func newCutter(t *testing.T, target string) *cutter {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	c := &cutter{addr: listener.Addr().String(), target: target, open: make(map[net.Conn]bool)}
	c.all.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			c.all.Go(func() { c.serve(client) })
		}
	})
	t.Cleanup(func() {
		listener.Close()
		c.mu.Lock()
		for conn := range c.open {
			conn.Close()
		}
		c.mu.Unlock()
		c.all.Wait()
	})
	return c
}

// cut cuts off the next n requests to create an entry, after they were passed on
// if forward is true.
func (c *cutter) cut(n int, forward bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cuts, c.forward = n, forward
}

// left returns how many requests are still to be cut off.
func (c *cutter) left() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.cuts
}

// serve passes one connection on until either side ends it, or it is cut off.
func (c *cutter) serve(client net.Conn) {
	server, err := net.Dial("tcp", c.target)
	if err != nil {
		client.Close()
		return
	}
	c.mu.Lock()
	c.open[client], c.open[server] = true, true
	c.mu.Unlock()
	c.all.Go(func() {
		io.Copy(client, server)
		client.Close()
	})
	for {
		request, err := readRequest(client)
		if err != nil {
			break
		}
		cut, forward := c.take(request)
		if cut {
			client.Close()
		}
		if !cut || forward {
			server.Write(request)
		}
		if cut {
			time.Sleep(20 * time.Millisecond) // for the server to do it
			break
		}
	}
	server.Close()
	client.Close()
}

// take reports whether a request is to be cut off.
func (c *cutter) take(request []byte) (cut, forward bool) {
	const create = 1
	if len(request) < 12 || binary.BigEndian.Uint32(request[8:]) != create || !bytes.Contains(request, []byte(`"services"`)) {
		return false, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cuts == 0 {
		return false, false
	}
	c.cuts--
	return true, c.forward
}

// readRequest returns a request with its length before it.
func readRequest(conn net.Conn) ([]byte, error) {
	request := make([]byte, 4)
	if _, err := io.ReadFull(conn, request); err != nil {
		return nil, err
	}
	request = append(request, make([]byte, binary.BigEndian.Uint32(request))...)
	_, err := io.ReadFull(conn, request[4:])
	return request, err
}
