package storefile

import (
	"crypto"
	"crypto/sha1"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"time"
	"unicode/utf16"
)

// jksEntry is an entry as it stands in the file, not yet decoded.
type jksEntry struct {
	alias   string
	created time.Time
	key     []byte // nil for a certificate entry
	certs   [][]byte
}

// decodeJKS reads the JDK's own format: a header, the entries, and a SHA-1 over
// password and content, which is checked first.
func decodeJKS(data []byte, storePassword, keyPassword string) (*Store, error) {
	end := max(len(data)-sha1.Size, 0)
	if !digests(data[end:], utf16be(storePassword), []byte("Mighty Aphrodite"), data[:end]) {
		return nil, wrongPassword()
	}
	list, left, err := scanJKS(data[:end])
	if err != nil || left != 0 {
		return nil, errors.Join(errShort, err)
	}
	store, certBytes := &Store{Type: JKS}, 0
	for _, e := range list {
		entry := Entry{Alias: e.alias, Kind: KindCertificate, Created: e.created}
		for _, der := range e.certs {
			cert, err := parseCertificate(e.alias, der, &certBytes)
			if err != nil {
				return nil, err
			}
			entry.Chain = append(entry.Chain, cert)
		}
		if e.key != nil {
			entry.Kind = KindKey
			if entry.Key, err = decryptJKS(e, keyPassword); err != nil {
				return nil, err
			}
			entry.Chain = chainFor(entry.Key, nil, entry.Chain)
		}
		store.Entries = append(store.Entries, entry)
	}
	return store, nil
}

var errShort = errors.New("storefile: a length or tag makes no sense")

// scanJKS walks the entries; left is how many bytes follow them.
func scanJKS(data []byte) (list []jksEntry, left int, err error) {
	r := &jksReader{rest: data}
	magic, version, count := r.u32(), r.u32(), r.u32()
	if magic != 0xfeedfeed || version != 1 && version != 2 || count > maxEntries {
		return nil, 0, errShort
	}
	for range count {
		tag, name := r.u32(), r.take(r.u16())
		if len(name) > maxName {
			return nil, 0, errShort
		}
		e := jksEntry{alias: modifiedUTF8(name), created: created(int64(r.u32())<<32 | int64(r.u32()))}
		certs := uint32(1)
		if tag == 1 {
			e.key, certs = r.take(r.u32()), r.u32()
		}
		if r.short || tag != 1 && tag != 2 || certs > maxChain {
			return nil, 0, errShort
		}
		for range certs {
			if version == 2 && string(r.take(r.u16())) != "X.509" {
				return nil, 0, errShort
			}
			e.certs = append(e.certs, r.take(r.u32()))
		}
		list = append(list, e)
	}
	if r.short {
		return nil, 0, errShort
	}
	return list, len(r.rest), nil
}

// jksReader takes big-endian fields from rest. Once a field is longer than what
// remains, short is set and all further fields are empty.
type jksReader struct {
	rest  []byte
	short bool
}

func (r *jksReader) take(n uint32) []byte {
	if uint64(n) > uint64(len(r.rest)) {
		r.rest, r.short = nil, true
		return nil
	}
	field := r.rest[:n:n]
	r.rest = r.rest[n:]
	return field
}

func (r *jksReader) number(size uint32) uint32 {
	var b [4]byte
	copy(b[4-size:], r.take(size))
	return binary.BigEndian.Uint32(b[:])
}

func (r *jksReader) u16() uint32 { return r.number(2) }
func (r *jksReader) u32() uint32 { return r.number(4) }

// decryptJKS undoes the JDK's own key protection: the key XORed with a chain of
// SHA-1 over password and salt, then a SHA-1 over password and key.
func decryptJKS(e jksEntry, password string) (crypto.PrivateKey, error) {
	info, err := parse[encryptedKey](e.key)
	if err != nil || string(info.Algorithm.OID.Bytes) != oidJKSKey || len(info.Data) < 2*sha1.Size {
		return nil, &Error{Reason: Unsupported, Alias: e.alias, Cause: fmt.Sprintf("holds a key in entry %q that is not encrypted as in JKS", e.alias), Remedy: rebuild, Err: err}
	}
	secret, check := utf16be(password), info.Data[len(info.Data)-sha1.Size:]
	block, key := info.Data[:sha1.Size], info.Data[sha1.Size:len(info.Data)-sha1.Size]
	for i := range key {
		if i%sha1.Size == 0 {
			block = digest(secret, block)
		}
		key[i] ^= block[i%sha1.Size]
	}
	if !digests(check, secret, key) {
		return nil, wrongKeyPassword(e.alias)
	}
	return parseKey(e.alias, key)
}

func digest(parts ...[]byte) []byte {
	h := sha1.New()
	for _, part := range parts {
		h.Write(part)
	}
	return h.Sum(nil)
}

func digests(want []byte, parts ...[]byte) bool {
	return subtle.ConstantTimeCompare(want, digest(parts...)) == 1
}

// modifiedUTF8 reads Java's DataOutput.writeUTF: UTF-16 units of one to three
// bytes each. Other bytes come out as replacement characters.
func modifiedUTF8(b []byte) string {
	var units []uint16
	for len(b) > 0 {
		unit, size := uint16(b[0]), 1
		switch {
		case b[0]>>5 == 6 && len(b) > 1:
			unit, size = uint16(b[0]&0x1f)<<6|uint16(b[1]&0x3f), 2
		case b[0]>>4 == 14 && len(b) > 2:
			unit, size = uint16(b[0])<<12|uint16(b[1]&0x3f)<<6|uint16(b[2]&0x3f), 3
		case b[0] >= 0x80:
			unit = 0xfffd
		}
		units, b = append(units, unit), b[size:]
	}
	return string(utf16.Decode(units))
}
