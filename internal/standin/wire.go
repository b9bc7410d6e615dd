package standin

import (
	"encoding/binary"
	"errors"
)

// Frame flags of the Open Client Protocol 2.
const (
	flagUnfragmented = 0xC000
	flagFinal        = 0x2000
	flagBegin        = 0x1000
	flagEnd          = 0x0800
	flagNull         = 0x0400
	flagEvent        = 0x0200
)

const (
	headerSize = 6        // length int32, flags uint16
	maxMessage = 16 << 20 // far above what a test sends; keeps a garbled length from eating the memory
)

var errMalformed = errors.New("malformed message")

// frame is one frame of a request. data points into the connection's buffer.
type frame struct {
	flags uint16
	data  []byte
}

// text returns the frame as a string, "" for the null frame.
func (f frame) text() string { return string(f.data) }

// nextMessage cuts one whole message off buf into frames, reusing its space.
// It returns the message's size in bytes, 0 if buf does not hold all of it yet.
func nextMessage(buf []byte, frames []frame) ([]frame, int, error) {
	frames = frames[:0]
	for at := 0; ; {
		if len(buf)-at < headerSize {
			return frames, 0, nil
		}
		size := int(binary.LittleEndian.Uint32(buf[at:]))
		if size < headerSize || size > maxMessage || at > maxMessage {
			return frames, 0, errMalformed
		}
		if len(buf)-at < size {
			return frames, 0, nil
		}
		f := frame{flags: binary.LittleEndian.Uint16(buf[at+4:]), data: buf[at+headerSize : at+size]}
		frames = append(frames, f)
		at += size
		if f.flags&flagFinal != 0 {
			return frames, at, nil
		}
	}
}

// message builds one outgoing message at the end of a buffer.
type message struct {
	buf  []byte
	last int // offset of the last frame
}

func (m *message) frame(flags uint16, data []byte) {
	m.last = len(m.buf)
	m.buf = binary.LittleEndian.AppendUint32(m.buf, uint32(headerSize+len(data)))
	m.buf = binary.LittleEndian.AppendUint16(m.buf, flags)
	m.buf = append(m.buf, data...)
}

// fixed starts the frame of a message or structure whose n bytes are all
// fixed fields, and returns them to be filled in before the next frame.
func (m *message) fixed(flags uint16, n int) []byte {
	m.last = len(m.buf)
	m.buf = binary.LittleEndian.AppendUint32(m.buf, uint32(headerSize+n))
	m.buf = binary.LittleEndian.AppendUint16(m.buf, flags)
	for range n {
		m.buf = append(m.buf, 0)
	}
	return m.buf[len(m.buf)-n:]
}

func (m *message) begin()        { m.frame(flagBegin, nil) }
func (m *message) end()          { m.frame(flagEnd, nil) }
func (m *message) null()         { m.frame(flagNull, nil) }
func (m *message) text(s string) { m.frame(0, []byte(s)) }

// nullable writes data, or the null frame for nil.
func (m *message) nullable(data []byte) {
	if data == nil {
		m.null()
		return
	}
	m.frame(0, data)
}

// finish marks the last frame as final and returns the buffer.
func (m *message) finish() []byte {
	flags := binary.LittleEndian.Uint16(m.buf[m.last+4:])
	binary.LittleEndian.PutUint16(m.buf[m.last+4:], flags|flagFinal)
	return m.buf
}

// response starts a response of type typ with n bytes of fixed fields after
// the backup count, which it returns.
func response(buf []byte, typ int32, correlation int64, n int) (message, []byte) {
	m := message{buf: buf}
	b := m.fixed(flagUnfragmented, 13+n)
	binary.LittleEndian.PutUint32(b, uint32(typ))
	binary.LittleEndian.PutUint64(b[4:], uint64(correlation))
	return m, b[13:]
}

// event starts an event of type typ with n bytes of fixed fields after the
// partition, which it returns.
func event(buf []byte, typ int32, correlation int64, n int) (message, []byte) {
	m := message{buf: buf}
	b := m.fixed(flagUnfragmented|flagEvent, 16+n)
	binary.LittleEndian.PutUint32(b, uint32(typ))
	binary.LittleEndian.PutUint64(b[4:], uint64(correlation))
	binary.LittleEndian.PutUint32(b[12:], 0xFFFFFFFF) // no partition
	return m, b[16:]
}

const uuidSize = 17

func putUUID(b []byte, id uuid) {
	b[0] = 0 // present
	binary.LittleEndian.PutUint64(b[1:], id.high)
	binary.LittleEndian.PutUint64(b[9:], id.low)
}

// address writes the structure of a member's address.
func (m *message) address(host string, port int) {
	m.begin()
	binary.LittleEndian.PutUint32(m.fixed(0, 4), uint32(port))
	m.text(host)
	m.end()
}
