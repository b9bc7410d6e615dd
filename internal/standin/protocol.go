package standin

import (
	"encoding/binary"
	"time"
)

// Message types of the Open Client Protocol that a client sends around its
// map operations. A response has the request's type plus one.
const (
	typeError                = 0x000000
	typeAuthentication       = 0x000100
	typeClusterView          = 0x000300
	typeMembersViewEvent     = 0x000302
	typePartitionsViewEvent  = 0x000303
	typeCreateProxy          = 0x000400
	typeDestroyProxy         = 0x000500
	typeDistributedObjects   = 0x000800
	typeAddObjectListener    = 0x000900
	typeRemoveObjectListener = 0x000A00
	typePing                 = 0x000B00
	typeStatistics           = 0x000C00
	typeCreateProxies        = 0x000E00 // the Java client, on the next cluster
	typeAddBackupListener    = 0x000F00 // the Java client; there are no backups to tell of
	typeSchema               = 0x001300
	typeAllSchemas           = 0x001500
)

// Status codes of an authentication response, for RefuseAuth.
const (
	Accepted            = 0
	CredentialsFailed   = 1 // wrong cluster name, user or password
	SerializationFailed = 2
	NotAllowed          = 3 // not allowed in this cluster
)

// Error codes of the protocol that a refused operation may carry, for
// RefuseOperations.
const (
	CodeInstanceNotActive    = 19
	CodeIO                   = 22
	CodeIllegalArgument      = 23
	CodePartitionMigrating   = 39
	CodeReachedMaxSize       = 43
	CodeRetryable            = 46
	CodeTargetNotMember      = 53
	CodeUnsupportedOperation = 61
	CodeAccessControl        = 64
)

// serverVersion is the version that members tell to clients.
const serverVersion = "5.5.0"

// batch holds the requests of one read until they are answered.
type batch struct {
	k             *conn
	authenticated bool
	frames        []frame
	out           []byte
	written       []*record // applied in this batch, to be acknowledged once out is sent
	notify        []*conn   // have events pending
}

// process applies every whole message in buf and returns how many bytes they took.
// It holds the cluster's mutex, so that a fault comes before the whole batch or
// after it.
func (b *batch) process(buf []byte) (used int, err error) {
	c := b.k.m.c
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := b.k.awaitLocked(); err != nil {
		return 0, err
	}
	for {
		frames, n, err := nextMessage(buf[used:], b.frames)
		b.frames = frames
		if err != nil || n == 0 {
			return used, err
		}
		used += n
		if err := b.handle(frames); err != nil {
			return used, err
		}
	}
}

// write sends the answers and notes the time before they are sent: a client cannot
// have them earlier. So an ack is never dated after a fault that a client's next
// step causes.
func (b *batch) write() bool {
	if b.k.m.held.Load() && b.k.await() != nil {
		return false
	}
	at := time.Now()
	if len(b.out) > 0 {
		if err := b.k.write(b.out); err != nil {
			return false
		}
		b.out = b.out[:0]
	}
	if len(b.written) > 0 {
		c := b.k.m.c
		c.mu.Lock()
		c.ledger.acknowledge(b.written, at)
		c.mu.Unlock()
		b.written = b.written[:0]
	}
	for _, k := range b.notify {
		k.flush()
	}
	b.notify = b.notify[:0]
	return true
}

// respond starts the answer to a request; the caller fills in the n bytes of
// fixed fields and ends the message with done.
func (b *batch) respond(typ int32, correlation int64, n int) (message, []byte) {
	return response(b.out, typ+1, correlation, n)
}

func (b *batch) done(m message) { b.out = m.finish() }

// handle answers one request. It runs under the cluster's mutex.
func (b *batch) handle(frames []frame) error {
	head := frames[0].data
	if len(head) < 16 {
		return errMalformed
	}
	typ, correlation := int32(binary.LittleEndian.Uint32(head)), int64(binary.LittleEndian.Uint64(head[4:]))
	if !b.authenticated {
		if typ != typeAuthentication {
			return errMalformed
		}
		return b.authenticate(correlation, frames)
	}
	switch typ {
	case typeAuthentication:
		return b.authenticate(correlation, frames)
	case typeClusterView:
		if b.k.m.c.hideView {
			return nil
		}
		b.empty(typ, correlation)
		b.k.viewer = correlation
		b.k.m.c.appendView(b.k)
		b.notify = append(b.notify, b.k)
	case typeCreateProxy, typeCreateProxies, typeDestroyProxy, typePing, typeStatistics, typeSchema, typeAllSchemas:
		b.empty(typ, correlation)
	case typeDistributedObjects:
		m, _ := b.respond(typ, correlation, 0)
		m.begin()
		m.end()
		b.done(m)
	case typeAddObjectListener, typeAddBackupListener:
		m, fixed := b.respond(typ, correlation, uuidSize)
		putUUID(fixed, newUUID())
		b.done(m)
	case typeRemoveObjectListener:
		b.boolean(typ, correlation, true)
	default:
		return b.operate(typ, correlation, frames)
	}
	return nil
}

func (b *batch) empty(typ int32, correlation int64) {
	m, _ := b.respond(typ, correlation, 0)
	b.done(m)
}

func (b *batch) boolean(typ int32, correlation int64, v bool) {
	m, fixed := b.respond(typ, correlation, 1)
	if v {
		fixed[0] = 1
	}
	b.done(m)
}

// fail answers with an error of the given code.
func (b *batch) fail(correlation int64, code int32, text string) {
	m, _ := response(b.out, typeError, correlation, 0)
	m.begin()
	m.begin()
	binary.LittleEndian.PutUint32(m.fixed(0, 4), uint32(code))
	m.text("com.hazelcast.core.HazelcastException")
	m.text(text)
	m.begin() // stack trace
	m.end()
	m.end()
	m.end()
	b.done(m)
}

// authenticate answers whether name, user and password are right.
func (b *batch) authenticate(correlation int64, frames []frame) error {
	if len(frames) < 4 {
		return errMalformed
	}
	m, c := b.k.m, b.k.m.c
	status := c.refuse
	if status == Accepted && frames[1].text() != c.opts.Name {
		status = CredentialsFailed
	}
	if status == Accepted && c.opts.Username != "" && (frames[2].text() != c.opts.Username || frames[3].text() != c.opts.Password) {
		status = CredentialsFailed
	}
	c.auths.Add(1)
	msg, fixed := b.respond(typeAuthentication, correlation, 41)
	fixed[0] = status
	if status != Accepted {
		c.refusals.Add(1)
		fixed[1], fixed[23] = 1, 1 // no uuids
		msg.null()
	} else {
		b.authenticated = true
		putUUID(fixed[1:], m.id)
		fixed[18] = 1 // serialization version
		binary.LittleEndian.PutUint32(fixed[19:], uint32(c.partitions))
		putUUID(fixed[23:], c.id)
		fixed[40] = 1 // failover is supported
		host, port := m.advertised()
		msg.address(host, port)
	}
	msg.text(serverVersion)
	b.done(msg)
	return nil
}

// appendView adds the current members and partitions to k's pending events.
// The caller holds the mutex and flushes k later.
func (c *Cluster) appendView(k *conn) {
	var up []*member
	for _, m := range c.members {
		if m.state != down {
			up = append(up, m)
		}
	}
	c.viewed++
	msg, fixed := event(k.pending, typeMembersViewEvent, k.viewer, 4)
	binary.LittleEndian.PutUint32(fixed, uint32(c.viewed))
	msg.begin()
	for _, m := range up {
		m.info(&msg)
	}
	msg.end()
	msg, fixed = event(msg.finish(), typePartitionsViewEvent, k.viewer, 4)
	binary.LittleEndian.PutUint32(fixed, uint32(c.viewed))
	msg.begin()
	for i := range up {
		share := msg.fixed(0, 4*((c.partitions-i+len(up)-1)/len(up)))
		for at, p := 0, i; p < c.partitions; at, p = at+4, p+len(up) {
			binary.LittleEndian.PutUint32(share[at:], uint32(p))
		}
	}
	msg.end()
	ids := msg.fixed(0, uuidSize*len(up))
	for i, m := range up {
		putUUID(ids[uuidSize*i:], m.id)
	}
	k.pending = msg.finish()
}

// info writes the structure that describes the member in the member view.
func (m *member) info(msg *message) {
	msg.begin()
	putUUID(msg.fixed(0, uuidSize+1), m.id) // the last byte: no lite member
	host, port := m.advertised()
	msg.address(host, port)
	msg.begin() // attributes
	msg.end()
	msg.begin()
	msg.frame(0, []byte{5, 5, 0}) // serverVersion
	msg.end()
	msg.begin() // address map
	msg.end()
	msg.end()
}
