package connect

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// noState is that of a connection whose handshake failed.
var noState tls.ConnectionState

// try puts the member at an address through the stages until one fails.
func (t *Target) try(ctx context.Context, address string) (a attempt) {
	a.address = address
	begun := time.Now()
	pass := func(detail string) {
		a.passed = append(a.passed, passed{time.Since(begun), detail})
		begun = time.Now()
	}
	fail := func(why *trouble) attempt {
		a.failed, a.trouble = time.Since(begun), why
		return a
	}
	raw, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return fail(t.network(address, err, "check that the cluster runs, and that firewall and allow list let this machine reach that port"))
	}
	defer raw.Close()
	pass(address)
	deadline, _ := ctx.Deadline()
	_ = raw.SetDeadline(deadline)
	defer context.AfterFunc(ctx, func() { raw.Close() })()

	conn := raw
	if t.TLS != nil {
		secure := tls.Client(raw, t.TLS)
		err := secure.HandshakeContext(ctx)
		a.certificates = shown(secure.ConnectionState(), err)
		if err != nil {
			return fail(t.whyNoTLS(address, err))
		}
		took := time.Since(begun)
		if err := objection(secure, took); err != nil {
			return fail(t.whyNoTLS(address, err))
		}
		_ = raw.SetDeadline(deadline)
		a.passed = append(a.passed, passed{took, tls.VersionName(secure.ConnectionState().Version)})
		conn, begun = secure, time.Now()
	}
	version, err := authenticate(conn, t.Name, t.Username, t.Password)
	if isAlert(err) { // it took longer than we listened
		a.passed = a.passed[:1]
		return fail(t.whyNoTLS(address, err))
	}
	if t.TLS == nil && (closed(err) || errors.Is(err, errNotHazelcast)) && speaksTLS(ctx, address) {
		err = errWantsTLS
	}
	if err != nil {
		return fail(t.whyNotAuthenticated(address, err))
	}
	pass(version)
	size, err := mapSize(conn, t.Map)
	if err != nil {
		return fail(t.whyNotRead(address, err))
	}
	pass(fmt.Sprintf("map %q has %d entries", t.Map, size))
	return a
}

// How long to listen after a handshake: as long as the handshake took, within
// these bounds.
const minListen, maxListen = 20 * time.Millisecond, 200 * time.Millisecond

// objection listens to a server after the handshake and returns what ended the
// connection, nil if nothing did. In TLS 1.3 a server that refuses our certificate
// says so only now. If we sent something first, the server could close the
// connection with that unread, and its reason be lost.
func objection(conn *tls.Conn, took time.Duration) error {
	_ = conn.SetReadDeadline(time.Now().Add(min(max(took, minListen), maxListen)))
	if _, err := conn.Read(make([]byte, 1)); err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
		return err
	}
	return nil
}

// speaksTLS reports whether a server answers to the start of a handshake as TLS
// does. No secret is sent, so that it does not matter who it is.
func speaksTLS(ctx context.Context, address string) bool {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return false
	}
	defer conn.Close()
	err = tls.Client(conn, &tls.Config{InsecureSkipVerify: true}).HandshakeContext(ctx)
	return err == nil || isAlert(err)
}
