package standin

import (
	"bytes"
	"encoding/binary"
)

// Map operations that members carry out.
const (
	typeMapPut            = 0x010100
	typeMapGet            = 0x010200
	typeMapRemove         = 0x010300
	typeMapContainsKey    = 0x010600
	typeMapDelete         = 0x010900
	typeMapSet            = 0x010F00
	typeMapAddListener    = 0x011900
	typeMapEntryEvent     = 0x011902
	typeMapRemoveListener = 0x011A00
	typeMapSize           = 0x012A00
	typeMapIsEmpty        = 0x012B00
	typeMapClear          = 0x012D00
)

// Entry event types, also the bits of a listener's mask.
const (
	entryAdded   = 1
	entryRemoved = 2
	entryUpdated = 4
)

// table is one map. Keys and values are kept in the client's serialized form.
type table struct {
	entries   map[string]*entry
	listeners []listener
}

// entry is stored by pointer, so that an update allocates nothing.
type entry struct{ value []byte }

type listener struct {
	k           *conn
	id          uuid
	correlation int64
	mask        uint32
	values      bool // events carry values
	local       bool // only what happens at the listener's own member
}

// forget drops the listeners of a connection that has ended.
func (t *table) forget(k *conn) {
	kept := t.listeners[:0]
	for _, l := range t.listeners {
		if l.k != k {
			kept = append(kept, l)
		}
	}
	t.listeners = kept
}

// operate carries out one map operation. Each names its map, then the key and
// the value if it has them.
func (b *batch) operate(typ int32, correlation int64, frames []frame) error {
	c := b.k.m.c
	if c.refuseOp != 0 {
		b.fail(correlation, c.refuseOp, "refused by the stand-in")
		return nil
	}
	want := 0
	switch typ {
	case typeMapPut, typeMapSet:
		want = 4
	case typeMapGet, typeMapRemove, typeMapContainsKey, typeMapDelete, typeMapKeysMatching, typeMapRemoveAll:
		want = 3
	case typeMapSize, typeMapIsEmpty, typeMapClear, typeMapAddListener, typeMapRemoveListener:
		want = 2
	default:
		b.fail(correlation, CodeUnsupportedOperation, "the stand-in does not know this operation")
		return nil
	}
	if len(frames) < want {
		return errMalformed
	}
	t := c.maps[string(frames[1].data)]
	if t == nil {
		t = &table{entries: map[string]*entry{}}
		c.maps[frames[1].text()] = t
	}
	switch {
	case typ == typeMapKeysMatching, typ == typeMapRemoveAll:
		b.matching(t, typ, correlation, frames[2].data)
	case want == 4:
		b.store(t, typ, correlation, frames[2].data, frames[3].data)
	case want == 3:
		b.look(t, typ, correlation, frames[2].data)
	default:
		return b.whole(t, typ, correlation, frames[0].data)
	}
	return nil
}

// store carries out put, which answers the old value, and set, which answers nothing.
func (b *batch) store(t *table, typ int32, correlation int64, key, value []byte) {
	e := t.entries[string(key)]
	change := uint32(entryUpdated)
	if e == nil {
		e, change = &entry{}, entryAdded
		t.entries[string(key)] = e
	}
	m, _ := b.respond(typ, correlation, 0)
	if typ == typeMapPut {
		m.nullable(e.value)
	}
	b.done(m)
	if len(t.listeners) > 0 {
		b.publish(t, change, key, value, e.value)
	}
	e.value = append(e.value[:0], value...)
	if id, ok := stringValue(value); ok {
		b.written = append(b.written, b.k.m.c.ledger.apply(id))
	}
}

// look carries out the operations on one key that have no value.
func (b *batch) look(t *table, typ int32, correlation int64, key []byte) {
	e := t.entries[string(key)]
	var value []byte
	if e != nil {
		value = e.value
	}
	switch typ {
	case typeMapContainsKey:
		b.boolean(typ, correlation, e != nil)
		return
	case typeMapDelete:
		b.empty(typ, correlation)
	default:
		m, _ := b.respond(typ, correlation, 0)
		m.nullable(value)
		b.done(m)
	}
	if e != nil && typ != typeMapGet {
		b.publish(t, entryRemoved, key, nil, value)
		delete(t.entries, string(key))
	}
}

// whole carries out the operations on a whole map.
func (b *batch) whole(t *table, typ int32, correlation int64, head []byte) error {
	switch typ {
	case typeMapSize:
		m, fixed := b.respond(typ, correlation, 4)
		binary.LittleEndian.PutUint32(fixed, uint32(len(t.entries)))
		b.done(m)
	case typeMapIsEmpty:
		b.boolean(typ, correlation, len(t.entries) == 0)
	case typeMapClear:
		clear(t.entries)
		b.empty(typ, correlation)
	case typeMapAddListener:
		if len(head) < 22 {
			return errMalformed
		}
		l := listener{k: b.k, id: newUUID(), correlation: correlation, values: head[16] == 1, mask: binary.LittleEndian.Uint32(head[17:]), local: head[21] == 1}
		t.listeners = append(t.listeners, l)
		m, fixed := b.respond(typ, correlation, uuidSize)
		putUUID(fixed, l.id)
		b.done(m)
	case typeMapRemoveListener:
		if len(head) < 16+uuidSize {
			return errMalformed
		}
		b.boolean(typ, correlation, t.unlisten(head[16:16+uuidSize]))
	}
	return nil
}

// unlisten drops the listener whose encoded id is given.
func (t *table) unlisten(id []byte) bool {
	for i, l := range t.listeners {
		var b [uuidSize]byte
		putUUID(b[:], l.id)
		if bytes.Equal(b[:], id) {
			t.listeners = append(t.listeners[:i], t.listeners[i+1:]...)
			return true
		}
	}
	return false
}

// publish gives an entry event to each listener that asked for it. It is sent
// after the answers of this batch.
func (b *batch) publish(t *table, change uint32, key, value, old []byte) {
	for _, l := range t.listeners {
		if l.mask&change == 0 || l.local && l.k.m != b.k.m {
			continue
		}
		m, fixed := event(l.k.pending, typeMapEntryEvent, l.correlation, 4+uuidSize+4)
		binary.LittleEndian.PutUint32(fixed, change)
		putUUID(fixed[4:], b.k.m.id)
		binary.LittleEndian.PutUint32(fixed[4+uuidSize:], 1) // entries affected
		m.nullable(key)
		if l.values {
			m.nullable(value)
			m.nullable(old)
		} else {
			m.null()
			m.null()
		}
		m.null() // merging value
		l.k.pending = m.finish()
		b.notify = append(b.notify, l.k)
	}
}

// stringValue returns the bytes of a serialized string: partition hash, type
// -11, length, all big endian, then UTF-8.
func stringValue(data []byte) ([]byte, bool) {
	const typeString = 0xFFFFFFF5
	if len(data) < 12 || binary.BigEndian.Uint32(data[4:]) != typeString || uint64(binary.BigEndian.Uint32(data[8:])) != uint64(len(data)-12) {
		return nil, false
	}
	return data[12:], true
}
