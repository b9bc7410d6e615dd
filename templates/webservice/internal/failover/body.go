package failover

import (
	"bytes"
	"io"
	"net/http"
	"sync/atomic"
)

// body gives each attempt the request's body from its beginning.
type body struct {
	first  io.ReadCloser                 // as it came; nil once an attempt has it
	again  func() (io.ReadCloser, error) // nil if there is no body
	stream *stream                       // a body that can't be read twice; nil: none
	length int64
}

// maxBuffered is how much of a body without GetBody is kept for repeats.
const maxBuffered = 1 << 20

// init reads the body of a request whose sender can't give it twice.
func (b *body) init(req *http.Request) error {
	b.length = req.ContentLength
	switch {
	case req.Body == nil || req.Body == http.NoBody:
		return nil
	case req.GetBody != nil:
		b.first, b.again = req.Body, req.GetBody
		return nil
	case b.length > maxBuffered:
		b.stream = &stream{Reader: req.Body, original: req.Body}
		return nil
	}
	head, err := io.ReadAll(io.LimitReader(req.Body, maxBuffered+1))
	if len(head) > maxBuffered && err == nil {
		b.stream = &stream{Reader: io.MultiReader(bytes.NewReader(head), req.Body), original: req.Body}
		return nil
	}
	req.Body.Close()
	if b.length <= 0 {
		b.length = int64(len(head))
	}
	if len(head) > 0 {
		b.again = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(head)), nil }
	}
	return err
}

// next returns the body for an attempt; nil if there is none.
func (b *body) next() (io.ReadCloser, error) {
	switch {
	case b.stream != nil:
		return b.stream, nil
	case b.first != nil:
		first := b.first
		b.first = nil
		return first, nil
	case b.again != nil:
		return b.again()
	}
	return nil, nil
}

// replayable reports whether next can return the body again.
func (b *body) replayable() bool { return b.stream == nil || !b.stream.begun.Load() }

// broken returns the error of the sender's reader, which no endpoint is to blame for.
func (b *body) broken() error {
	if b.stream != nil {
		if err := b.stream.err.Load(); err != nil {
			return *err
		}
	}
	return nil
}

// done closes a body that no attempt has closed.
func (b *body) done() {
	if b.first != nil {
		b.first.Close()
	}
	if b.stream != nil && !b.stream.begun.Load() {
		b.stream.original.Close()
	}
}

// stream is a body of which an attempt that reads none leaves all to the next.
type stream struct {
	io.Reader
	original io.Closer
	begun    atomic.Bool
	err      atomic.Pointer[error]
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	s.begun.Store(true)
	n, err := s.Reader.Read(p)
	if err != nil && err != io.EOF {
		s.err.Store(&err)
	}
	return n, err
}

// Close implements io.Closer.
func (s *stream) Close() error {
	if !s.begun.Load() {
		return nil
	}
	return s.original.Close()
}

// empty is a body without content. Unlike http.NoBody it keeps net/http from
// sending a request again by itself.
type empty struct{}

// Read implements io.Reader.
func (empty) Read([]byte) (int, error) { return 0, io.EOF }

// Close implements io.Closer.
func (empty) Close() error { return nil }
