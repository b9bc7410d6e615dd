package connect

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"
)

// answering returns a connection whose other side reads a request, sends answer and
// hangs up.
func answering(t *testing.T, answer []byte) net.Conn {
	t.Helper()
	here, there := net.Pipe()
	_ = here.SetDeadline(time.Now().Add(10 * time.Second))
	t.Cleanup(func() { here.Close() })
	go func() {
		defer there.Close()
		_, _ = there.Read(make([]byte, 4096))
		_, _ = there.Write(answer)
	}()
	return here
}

// head is the first frame of a response, with n bytes of fixed fields.
func head(flags uint16, typ uint32, n int) []byte {
	fixed := make([]byte, responseAt+n)
	binary.LittleEndian.PutUint32(fixed, typ)
	return frame(nil, flags, fixed)
}

func accepted() []byte { return head(flagWhole, typeAuthentication+1, 41) }

func TestTheVersionOfAMemberIsReadFromEveryShapeOfAnswer(t *testing.T) {
	address := frame(text(frame(frame(nil, flagBegin, nil), 0, make([]byte, 4)), "10.0.0.1"), flagEnd, nil)
	null := frame(nil, flagNull, nil)
	more := frame(frame(frame(nil, flagBegin, nil), flagEnd, nil), flagNull|flagFinal, nil) // as members of 5.5 and later
	for name, tt := range map[string]struct {
		answer []byte
		want   string
	}{
		"with an address":       {slices.Concat(accepted(), address, frame(nil, flagFinal, []byte("5.3.0"))), "Hazelcast 5.3.0"},
		"without one":           {slices.Concat(accepted(), null, frame(nil, flagFinal, []byte("4.2"))), "Hazelcast 4.2"},
		"and more than that":    {slices.Concat(accepted(), address, text(nil, "5.7.0"), more), "Hazelcast 5.7.0"},
		"that cannot be shown":  {slices.Concat(accepted(), null, frame(nil, flagFinal, []byte("5\xff.7"))), "Hazelcast 5.7"},
		"that is far too long ": {slices.Concat(accepted(), null, frame(nil, flagFinal, []byte(strings.Repeat("5", 9999)))), "Hazelcast " + strings.Repeat("5", 200)},
	} {
		if got, err := authenticate(answering(t, tt.answer), "c", "", ""); err != nil || got != tt.want {
			t.Errorf("%s: got %q (%v), want %q", name, got, err, tt.want)
		}
	}
}

func TestAnswersThatNoMemberGivesAreRefused(t *testing.T) {
	size := func(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }
	for name, tt := range map[string]struct {
		answer []byte
		want   error
	}{
		"nothing":               {nil, io.EOF},
		"cut off in the header": {accepted()[:3], io.ErrUnexpectedEOF},
		"cut off in a frame":    {accepted()[:20], io.ErrUnexpectedEOF},
		"no last frame":         {accepted(), io.EOF},
		"a frame of no size":    {append(size(0), 0, 0), errNotHazelcast},
		"a frame of 2 GiB":      {append(size(1<<31), 0, 0), errNotHazelcast},
		"endless frames":        {slices.Repeat(frame(nil, 0, nil), 5000), errNotHazelcast},
		"no fixed fields":       {frame(nil, flagWhole|flagFinal, nil), errNotHazelcast},
		"too few of them":       {head(flagWhole|flagFinal, typeAuthentication+1, 40), errNotHazelcast},
		"another response":      {head(flagWhole|flagFinal, typeMapSize+1, 41), errNotHazelcast},
		"an error without text": {head(flagWhole|flagFinal, typeError, 0), errNotHazelcast},
		"no version":            {head(flagWhole|flagFinal, typeAuthentication+1, 41), errNotHazelcast},
		"an address without end": {
			slices.Concat(accepted(), frame(nil, flagBegin, nil), frame(nil, flagFinal, nil)), errNotHazelcast},
	} {
		if _, err := authenticate(answering(t, tt.answer), "c", "", ""); !errors.Is(err, tt.want) {
			t.Errorf("%s: got %v, want %v", name, err, tt.want)
		}
	}
}
