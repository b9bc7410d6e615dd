package zookeeper

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"
)

const (
	closeSession = -11
	// secret is what ZooKeeper's servers mix into a session's password, which is
	// otherwise made from the session's id: anybody who knows the id can end it.
	secret = 0xB3415C00
)

// expire takes a session over, as its client does after it lost a connection,
// and closes it. A client that is quick takes it back before it is closed.
func expire(addr string, session int64) error {
	for tries := 1; ; tries++ {
		err := closeAsClient(addr, session)
		takenBack := errors.Is(err, io.EOF) || errors.Is(err, os.ErrDeadlineExceeded)
		switch {
		case errors.Is(err, errUnknown) && tries > 1:
			return nil
		case !takenBack, tries == 20:
			return err
		}
	}
}

var errUnknown = errors.New("ZooKeeper does not know the session")

func closeAsClient(addr string, session int64) error {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(2 * time.Second)); err != nil {
		return err
	}
	hello := binary.BigEndian.AppendUint32(nil, 0)       // version of the protocol
	hello = binary.BigEndian.AppendUint64(hello, 0)      // last transaction seen
	hello = binary.BigEndian.AppendUint32(hello, 10_000) // session timeout
	hello = binary.BigEndian.AppendUint64(hello, uint64(session))
	hello = binary.BigEndian.AppendUint32(hello, 16)
	hello = append(hello, password(session)...)
	request := binary.BigEndian.AppendUint32(nil, 1) // number of the request
	request = binary.BigEndian.AppendUint32(request, 1<<32+closeSession)
	// Both at once, so that the client has little time in between.
	if _, err := conn.Write(append(framed(hello), framed(request)...)); err != nil {
		return err
	}
	answer, err := readFrame(conn)
	if err != nil {
		return fmt.Errorf("ZooKeeper did not take the session 0x%x over: %w", session, err)
	}
	if len(answer) < 16 || int64(binary.BigEndian.Uint64(answer[8:])) != session {
		return fmt.Errorf("%w 0x%x", errUnknown, session)
	}
	if _, err := readFrame(conn); err != nil {
		return fmt.Errorf("ZooKeeper did not close the session 0x%x: %w", session, err)
	}
	return nil
}

// framed puts its length before a message.
func framed(message []byte) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(message))), message...)
}

// readFrame reads a message.
func readFrame(conn net.Conn) ([]byte, error) {
	var length [4]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, err
	}
	message := make([]byte, min(binary.BigEndian.Uint32(length[:]), 1<<20))
	_, err := io.ReadFull(conn, message)
	return message, err
}

// password returns what java.util.Random makes of a session's id.
func password(session int64) []byte {
	const factor, mask = 0x5DEECE66D, 1<<48 - 1
	state := (uint64(session^secret) ^ factor) & mask
	var bytes []byte
	for len(bytes) < 16 {
		state = (state*factor + 0xB) & mask
		bytes = binary.LittleEndian.AppendUint32(bytes, uint32(state>>16))
	}
	return bytes
}
