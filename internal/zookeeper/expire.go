package zookeeper

import (
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"time"
)

const (
	closeSession = -11
	// secret is what ZooKeeper's servers mix into a session's password, which is
	// otherwise made from the session's id: anybody who knows the id can end it.
	secret = 0xB3415C00
)

// expire takes a session over, as its client does after it lost a connection,
// and closes it.
func expire(addr string, session int64) error {
	conn, err := net.DialTimeout("tcp", addr, 5*time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return err
	}
	hello := binary.BigEndian.AppendUint32(nil, 0)       // version of the protocol
	hello = binary.BigEndian.AppendUint64(hello, 0)      // last transaction seen
	hello = binary.BigEndian.AppendUint32(hello, 10_000) // session timeout
	hello = binary.BigEndian.AppendUint64(hello, uint64(session))
	hello = binary.BigEndian.AppendUint32(hello, 16)
	hello = append(hello, password(session)...)
	answer, err := ask(conn, hello)
	if err != nil {
		return fmt.Errorf("ZooKeeper did not take the session over: %w", err)
	}
	if len(answer) < 16 || int64(binary.BigEndian.Uint64(answer[8:])) != session {
		return fmt.Errorf("ZooKeeper knows no session 0x%x", session)
	}
	request := binary.BigEndian.AppendUint32(nil, 1) // number of the request
	if _, err := ask(conn, binary.BigEndian.AppendUint32(request, 1<<32+closeSession)); err != nil {
		return fmt.Errorf("ZooKeeper did not close the session: %w", err)
	}
	return nil
}

// ask sends a message and returns the answer.
func ask(conn net.Conn, message []byte) ([]byte, error) {
	if _, err := conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(message))), message...)); err != nil {
		return nil, err
	}
	var length [4]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, err
	}
	answer := make([]byte, min(binary.BigEndian.Uint32(length[:]), 1<<20))
	_, err := io.ReadFull(conn, answer)
	return answer, err
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
