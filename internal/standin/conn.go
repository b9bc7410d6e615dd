package standin

import (
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"time"
)

const (
	handshakeTimeout = 10 * time.Second
	bufferSize       = 64 << 10
)

// conn is one client's connection to one member. Its goroutine reads requests,
// applies all that have arrived, and writes all their answers at once.
type conn struct {
	m      *member
	raw    *net.TCPConn
	stream net.Conn // raw behind the gate, and behind TLS if the cluster has it

	wmu sync.Mutex // taken before the cluster's mutex; keeps answers and events from mixing

	// Guarded by the cluster's mutex:
	closed  bool
	pending []byte // events to be written by flush
	viewer  int64  // correlation of its cluster view listener, 0 if none
}

// gated is the raw connection of a member that may be frozen. While the member is
// frozen, reads and writes wait, also those of the TLS handshake.
type gated struct{ k *conn }

// Read waits until the member runs before it returns what has arrived.
func (g gated) Read(p []byte) (int, error) {
	n, err := g.k.raw.Read(p)
	if err == nil && g.k.m.held.Load() {
		err = g.k.await()
	}
	return n, err
}

// Write waits until the member runs before it sends.
func (g gated) Write(p []byte) (int, error) {
	if g.k.m.held.Load() {
		if err := g.k.await(); err != nil {
			return 0, err
		}
	}
	return g.k.raw.Write(p)
}

func (g gated) Close() error                       { return g.k.raw.Close() }
func (g gated) LocalAddr() net.Addr                { return g.k.raw.LocalAddr() }
func (g gated) RemoteAddr() net.Addr               { return g.k.raw.RemoteAddr() }
func (g gated) SetDeadline(t time.Time) error      { return g.k.raw.SetDeadline(t) }
func (g gated) SetReadDeadline(t time.Time) error  { return g.k.raw.SetReadDeadline(t) }
func (g gated) SetWriteDeadline(t time.Time) error { return g.k.raw.SetWriteDeadline(t) }

// await waits until the member neither is frozen nor has vanished.
func (k *conn) await() error {
	k.m.c.mu.Lock()
	defer k.m.c.mu.Unlock()
	return k.awaitLocked()
}

// awaitLocked is await for callers that hold the cluster's mutex, and hold it
// again when it returns.
func (k *conn) awaitLocked() error {
	for k.m.held.Load() && !k.closed {
		k.m.c.changed.Wait()
	}
	if k.closed {
		return net.ErrClosed
	}
	return nil
}

// serve runs the connection to its end.
func (k *conn) serve() {
	c := k.m.c
	defer c.wg.Done()
	defer func() {
		k.raw.Close()
		c.mu.Lock()
		delete(k.m.conns, k)
		for _, t := range c.maps {
			t.forget(k)
		}
		c.mu.Unlock()
	}()
	k.raw.SetReadDeadline(time.Now().Add(handshakeTimeout))
	var starter [3]byte
	if _, err := io.ReadFull(k.stream, starter[:]); err != nil || string(starter[:]) != "CP2" {
		return
	}
	k.raw.SetReadDeadline(time.Time{})
	k.converse()
}

// converse reads batches of requests and answers them until the connection
// ends.
func (k *conn) converse() {
	var (
		in   = make([]byte, bufferSize)
		have int // bytes in in
		b    = batch{k: k}
	)
	for {
		n, err := k.stream.Read(in[have:])
		if err != nil {
			return
		}
		if have, err = k.collect(in, have+n); err != nil {
			return
		}
		used, err := b.process(in[:have])
		if err != nil || !b.write() {
			return
		}
		have = copy(in, in[used:have])
		if have == len(in) { // a message larger than the buffer
			in = append(in, make([]byte, len(in))...)
		}
	}
}

// collect continues to read into in, which holds have bytes, for as long as Slow
// says, and returns how many bytes it holds then. It does not sleep instead: then
// requests that arrived meanwhile would wait for each other.
func (k *conn) collect(in []byte, have int) (int, error) {
	d := time.Duration(k.m.c.slow.Load())
	if d == 0 {
		return have, nil
	}
	k.raw.SetReadDeadline(time.Now().Add(d))
	defer k.raw.SetReadDeadline(time.Time{})
	for have < len(in) {
		n, err := k.stream.Read(in[have:])
		have += n
		if errors.Is(err, os.ErrDeadlineExceeded) {
			break
		}
		if err != nil {
			return have, err
		}
	}
	return have, nil
}

// write sends p whole.
func (k *conn) write(p []byte) error {
	k.wmu.Lock()
	defer k.wmu.Unlock()
	_, err := k.stream.Write(p)
	return err
}

// flush sends the pending events, in the order in which they happened.
func (k *conn) flush() {
	k.wmu.Lock()
	defer k.wmu.Unlock()
	k.m.c.mu.Lock()
	events := k.pending
	k.pending = nil
	k.m.c.mu.Unlock()
	if len(events) > 0 {
		k.stream.Write(events) // a broken connection is noticed by its reader
	}
}
