package standin

import (
	"encoding/binary"
	"strings"
)

// Map operations on the entries that a predicate matches. The stand-in knows one
// predicate: a key that is a string and begins with a text.
const (
	typeMapKeysMatching = 0x012600
	typeMapRemoveAll    = 0x013E00
)

// matching carries out an operation on the entries that a predicate matches.
func (b *batch) matching(t *table, typ int32, correlation int64, predicate []byte) {
	prefix, ok := keyPrefix(predicate)
	if !ok {
		b.fail(correlation, CodeUnsupportedOperation, "the stand-in does not know this predicate")
		return
	}
	var keys []string
	for key := range t.entries {
		if text, ok := stringValue([]byte(key)); ok && strings.HasPrefix(string(text), prefix) {
			keys = append(keys, key)
		}
	}
	m, _ := b.respond(typ, correlation, 0)
	if typ == typeMapRemoveAll {
		for _, key := range keys {
			b.publish(t, entryRemoved, []byte(key), nil, t.entries[key].value)
			delete(t.entries, key)
		}
	} else {
		m.begin()
		for _, key := range keys {
			m.frame(0, []byte(key))
		}
		m.end()
	}
	b.done(m)
}

// keyPrefix returns what keys begin with by the serialized predicate __key LIKE
// 'prefix%': partition hash, type -2, one byte, factory, class, and two strings, all
// big endian.
func keyPrefix(data []byte) (prefix string, ok bool) {
	const head, typeIdentified, classLike = 17, 0xFFFFFFFE, 5
	if len(data) < head || binary.BigEndian.Uint32(data[4:]) != typeIdentified || binary.BigEndian.Uint32(data[13:]) != classLike {
		return "", false
	}
	attribute, rest, ok := sizedText(data[head:])
	if !ok || attribute != "__key" {
		return "", false
	}
	pattern, _, ok := sizedText(rest)
	prefix, isPrefix := strings.CutSuffix(pattern, "%")
	return prefix, ok && isPrefix && !strings.ContainsAny(prefix, `%_\`)
}

// sizedText cuts a string with its length in front off data.
func sizedText(data []byte) (text string, rest []byte, ok bool) {
	const size = 4
	if len(data) < size || uint64(binary.BigEndian.Uint32(data)) > uint64(len(data)-size) {
		return "", nil, false
	}
	end := size + int(binary.BigEndian.Uint32(data))
	return string(data[size:end]), data[end:], true
}

// Keys returns the keys of each map that holds entries. A key that is not a string
// is given as "".
func (c *Cluster) Keys() map[string][]string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := make(map[string][]string)
	for name, t := range c.maps {
		for key := range t.entries {
			text, _ := stringValue([]byte(key))
			all[name] = append(all[name], string(text))
		}
	}
	return all
}
