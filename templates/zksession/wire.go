package zksession

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

const (
	shortestAnswer = 16       // the header of an answer
	shortestHello  = 36       // the first answer, which opens the session
	longestAnswer  = 64 << 20 // the names of a million entries
)

// wire is a connection to a ZooKeeper. It works around faults of
// go-zookeeper/zk v1.0.4, which
//   - waits ten times too long for the first answer, and forever for its second half;
//   - panics on an answer shorter than a header, and allocates whatever length a
//     stranger's answer seems to name;
//   - blocks forever when a write fails while credentials are sent again, so that
//     a failed write is told by the next read instead.
type wire struct {
	net.Conn
	helloTimeout time.Duration
	failed       func(error) // hears why there was no first answer

	// Only the goroutine that reads uses these.
	greeted bool
	header  []byte // what is left to hand out of a header that was read
	body    int    // what is left to read of an answer

	once sync.Once
}

// Read checks the length of each answer before it hands it out.
func (w *wire) Read(p []byte) (int, error) {
	n, err := w.read(p)
	if err != nil && !w.greeted {
		w.failed(w.explain(err))
	}
	return n, err
}

func (w *wire) read(p []byte) (int, error) {
	if len(w.header) == 0 && w.body == 0 {
		if err := w.readHeader(); err != nil {
			return 0, err
		}
	}
	if len(w.header) > 0 {
		n := copy(p, w.header)
		w.header = w.header[n:]
		return n, nil
	}
	n, err := w.Conn.Read(p[:min(len(p), w.body)])
	w.body -= n
	if w.body == 0 && err == nil {
		w.greeted = true
	}
	return n, err
}

// readHeader reads the length that an answer starts with.
func (w *wire) readHeader() error {
	header := make([]byte, 4)
	if _, err := io.ReadFull(w.Conn, header); err != nil {
		return err
	}
	length, shortest := binary.BigEndian.Uint32(header), uint32(shortestAnswer)
	if !w.greeted {
		shortest = shortestHello
	}
	if length < shortest || length > longestAnswer {
		return errNotZooKeeper
	}
	w.header, w.body = header, int(length)
	return nil
}

var errNotZooKeeper = errors.New("it does not answer as a ZooKeeper does; correct the address, or turn TLS on if the server wants it")

// explain says what a failure before the first answer may come from.
func (w *wire) explain(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("%s closed the connection before it answered: it may want TLS, or have as many connections as it allows (maxClientCnxns)", w.RemoteAddr())
	}
	return fmt.Errorf("%s: %w", w.RemoteAddr(), withoutPort(err))
}

// withoutPort takes our own port out of an error: it differs with each connection, and
// the same cause is logged once.
func withoutPort(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Source != nil {
		return op.Err
	}
	return err
}

// Write never fails; see wire.
func (w *wire) Write(p []byte) (int, error) {
	if _, err := w.Conn.Write(p); err != nil {
		w.Close()
	}
	return len(p), nil
}

// SetReadDeadline bounds the wait for the first answer.
func (w *wire) SetReadDeadline(t time.Time) error {
	if !w.greeted {
		t = time.Now().Add(w.helloTimeout)
	}
	return w.Conn.SetReadDeadline(t)
}

// Close closes the connection once.
func (w *wire) Close() error {
	var err error
	w.once.Do(func() { err = w.Conn.Close() })
	return err
}
