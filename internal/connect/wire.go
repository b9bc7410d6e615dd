package connect

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
)

// Messages of the Open Client Protocol 2. A response has the type of its request
// plus one. A message is a run of frames, each with its length and its flags in
// front; the last one has the flag final.
const (
	typeError          = 0x000000
	typeAuthentication = 0x000100
	typeMapSize        = 0x012A00

	flagWhole = 0xC000 // of the first frame: the message is not cut into fragments
	flagFinal = 0x2000
	flagBegin = 0x1000 // of a list or structure
	flagEnd   = 0x0800
	flagNull  = 0x0400

	headerSize = 6       // of a frame
	requestAt  = 16      // where the fixed fields of a request start
	responseAt = 13      // and those of a response
	maxAnswer  = 1 << 20 // bytes of a message; those that we ask for have some hundred
	uuidSize   = 17
)

// What a member can answer instead of what was asked for.
type (
	// statusError is the status of an authentication that was refused.
	statusError byte
	// memberError is an error that a member raised.
	memberError struct {
		code        int32
		class, text string
	}
)

const (
	credentialsFailed   statusError = 1
	serializationFailed statusError = 2
	notAllowed          statusError = 3
)

func (s statusError) Error() string {
	return fmt.Sprintf("authentication was answered with status %d", byte(s))
}

func (e *memberError) Error() string {
	class := e.class[strings.LastIndexByte(e.class, '.')+1:]
	return strings.TrimSuffix(class+": "+e.text, ": ")
}

var (
	errNotHazelcast = errors.New("does not answer as a Hazelcast member")
	errWantsTLS     = errors.New("answers in TLS")
)

// authenticate introduces us as a client, and returns what the member says of its version.
func authenticate(conn net.Conn, cluster, user, password string) (detail string, err error) {
	fixed := make([]byte, uuidSize+1)
	rand.Read(fixed[1:uuidSize]) // our UUID, without which members of 5.7 raise an error; never fails, says its documentation
	fixed[uuidSize] = 1          // serialization version
	m := append([]byte("CP2"), request(typeAuthentication, fixed)...)
	m = text(m, cluster)
	for _, credential := range []string{user, password} {
		if credential == "" {
			m = frame(m, flagNull, nil)
		} else {
			m = text(m, credential)
		}
	}
	for _, about := range []string{"GOO", "1.6.0", "failover-gen connect"} { // language, its client's version, our name
		m = text(m, about)
	}
	m = frame(frame(m, flagBegin, nil), flagEnd|flagFinal, nil) // no labels
	frames, err := ask(conn, m, typeAuthentication, 41)
	if err != nil {
		return "", err
	}
	if status := frames[0].data[responseAt]; status != 0 {
		return "", statusError(status)
	}
	i := 1 // the member's address is a structure, or null
	if i < len(frames) && frames[i].flags&flagBegin != 0 {
		for i < len(frames) && frames[i].flags&flagEnd == 0 {
			i++
		}
	}
	if i++; i >= len(frames) { // members of 5.5 and later say more after their version
		return "", errNotHazelcast
	}
	return "Hazelcast " + short(frames[i].data), nil
}

// short is what a member says, as far as it is fit to be shown.
func short(said []byte) string {
	const most = 200
	return strings.ToValidUTF8(string(said[:min(len(said), most)]), "")
}

// mapSize reads the number of entries of a map. It makes no proxy, so that a map
// that does not exist is not created.
func mapSize(conn net.Conn, name string) (int32, error) {
	m := frame(request(typeMapSize, nil), flagFinal, []byte(name))
	frames, err := ask(conn, m, typeMapSize, 4)
	if err != nil {
		return 0, err
	}
	return int32(binary.LittleEndian.Uint32(frames[0].data[responseAt:])), nil
}

// ask sends a request and returns the frames of its response, whose first one has
// at least n bytes of fixed fields.
func ask(conn net.Conn, message []byte, typ uint32, n int) ([]part, error) {
	if _, err := conn.Write(message); err != nil {
		return nil, err
	}
	frames, err := readMessage(io.LimitReader(conn, maxAnswer))
	switch {
	case err != nil:
		return nil, err
	case len(frames[0].data) < responseAt:
		return nil, errNotHazelcast
	}
	switch answer := binary.LittleEndian.Uint32(frames[0].data); {
	case answer == typeError:
		return nil, raised(frames)
	case answer != typ+1 || len(frames[0].data) < responseAt+n:
		return nil, errNotHazelcast
	}
	return frames, nil
}

// raised is the error in a response of that type: the begin of a list, the begin
// of a structure, the code, the class, the text.
func raised(frames []part) error {
	if len(frames) < 6 || len(frames[3].data) < 4 {
		return errNotHazelcast
	}
	return &memberError{int32(binary.LittleEndian.Uint32(frames[3].data)), short(frames[4].data), short(frames[5].data)}
}

// part is one frame of a message.
type part struct {
	flags uint16
	data  []byte
}

// readMessage reads the frames of one message.
func readMessage(in io.Reader) (frames []part, err error) {
	for {
		var header [headerSize]byte
		if _, err := io.ReadFull(in, header[:]); err != nil {
			return nil, err
		}
		size, flags := binary.LittleEndian.Uint32(header[:]), binary.LittleEndian.Uint16(header[4:])
		if size < headerSize || size > maxAnswer || len(frames) > maxAnswer/1024 {
			return nil, errNotHazelcast
		}
		data := make([]byte, size-headerSize)
		if _, err := io.ReadFull(in, data); err != nil {
			return nil, err
		}
		frames = append(frames, part{flags, data})
		if flags&flagFinal != 0 {
			return frames, nil
		}
	}
}

// request starts a request that concerns no partition.
func request(typ uint32, fixed []byte) []byte {
	head := make([]byte, requestAt, requestAt+len(fixed))
	binary.LittleEndian.PutUint32(head, typ)
	binary.LittleEndian.PutUint32(head[12:], 0xFFFFFFFF)
	return frame(nil, flagWhole, append(head, fixed...))
}

func text(m []byte, s string) []byte { return frame(m, 0, []byte(s)) }

func frame(m []byte, flags uint16, data []byte) []byte {
	m = binary.LittleEndian.AppendUint32(m, uint32(headerSize+len(data)))
	m = binary.LittleEndian.AppendUint16(m, flags)
	return append(m, data...)
}
