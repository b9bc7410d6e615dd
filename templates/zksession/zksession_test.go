package zksession

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"testing"
	"time"
)

func TestAnswersPassInPieces(t *testing.T) {
	var stream []byte
	for _, size := range []int{40, 16, 1000, 16} {
		stream = binary.BigEndian.AppendUint32(stream, uint32(size))
		stream = append(stream, bytes.Repeat([]byte{byte(size)}, size)...)
	}
	client, server := net.Pipe()
	go func() {
		for i := range stream {
			server.Write(stream[i : i+1])
		}
		server.Close()
	}()
	w := &wire{Conn: client, helloTimeout: time.Minute, failed: func(err error) { t.Error(err) }}
	got, err := io.ReadAll(w)
	if err != nil || !bytes.Equal(got, stream) {
		t.Errorf("%d bytes came, %v; want the same %d", len(got), err, len(stream))
	}
}

func TestAnAnswerWithoutAHeaderEndsTheConnection(t *testing.T) {
	client, server := net.Pipe()
	defer server.Close()
	w := &wire{Conn: client, greeted: true}
	go server.Write([]byte{0, 0, 0, 15, 1})
	if _, err := io.ReadFull(w, make([]byte, 4)); err == nil {
		t.Error("an answer shorter than a header was taken")
	}
}

// A failed write is told by the next read; see wire.
func TestAFailedWriteEndsTheConnection(t *testing.T) {
	client, server := net.Pipe()
	server.Close()
	w := &wire{Conn: client, greeted: true}
	if n, err := w.Write([]byte("request")); n != 7 || err != nil {
		t.Errorf("Write returned %d, %v", n, err)
	}
	if _, err := w.Read(make([]byte, 4)); err == nil {
		t.Error("Read returned no error")
	}
}

// An outage is logged, but not over and over.
func TestFewCausesAreKept(t *testing.T) {
	told := make(Causes)
	for port := range 100 {
		told.IsNew(fmt.Errorf("read tcp 127.0.0.1:%d: reset", port))
	}
	if len(told) != mostCauses || told.IsNew(errors.New("one more")) {
		t.Errorf("%d causes were kept, want %d", len(told), mostCauses)
	}
}
