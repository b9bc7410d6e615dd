package storefile

import (
	"encoding/asn1"
	"errors"
)

// Bounds of what toDER converts. A keystore has some 20 levels, and each layer
// of a file some 10 elements an entry.
const (
	maxDepth    = 64
	maxElements = 50 * maxEntries
)

var errBER = errors.New("storefile: malformed BER")

// toDER returns the value in ber in DER as far as PKCS12 needs it: with every
// length definite and every OCTET STRING in one piece. BER, which Bouncy Castle
// writes, allows lengths that only an end mark tells, and strings in parts. What
// is in DER already, or is malformed, comes back as it is: package asn1 refuses
// the latter.
//
// What an OCTET STRING holds is not looked into: each layer of a file is
// converted when it is reached, since the MAC covers the bytes as they stand.
func toDER(ber []byte) []byte {
	var check sizing
	rest, size, err := check.element(ber, 0)
	if err != nil || len(rest) > 0 || !check.differs {
		return ber
	}
	s := sizing{sizes: make([]int, 0, check.elements)}
	_, _, _ = s.element(ber, 0) // what has been checked
	w := &derWriter{sizes: s.sizes, out: make([]byte, 0, headerSize(size)+size)}
	w.element(ber, false)
	return w.out
}

// berHeader is the identifier of an element and the length of its content, -1
// if an end mark ends it.
type berHeader struct {
	tag    byte
	length int
}

const (
	constructed = 0x20
	octetString = asn1.TagOctetString
	octetParts  = octetString | constructed
)

// berHead splits the header off ber. Tags above 30 are refused: PKCS12 has none.
func berHead(ber []byte) (h berHeader, rest []byte, err error) {
	if len(ber) < 2 || ber[0]&0x1f == 0x1f {
		return h, nil, errBER
	}
	h.tag, h.length, rest = ber[0], int(ber[1]), ber[2:]
	switch n := h.length - 0x80; {
	case n == 0 && h.tag&constructed != 0:
		h.length = -1
		return h, rest, nil
	case n == 0 || n > 4 || n > len(rest):
		return h, nil, errBER
	case n > 0:
		h.length = 0
		for _, b := range rest[:n] {
			h.length = h.length<<8 | int(b)
		}
		rest = rest[n:]
	}
	if h.length < 0 || h.length > len(rest) { // below 0: larger than an int of 32 bits
		return h, nil, errBER
	}
	return h, rest, nil
}

// sizing is the first pass: it checks, and finds the sizes of all constructed
// elements in DER, which the second pass needs before it writes their content.
type sizing struct {
	sizes    []int // in the order in which the elements start; nil: not kept
	elements int
	differs  bool // from DER
}

// element sizes the first element of ber: size is that of its content.
func (s *sizing) element(ber []byte, depth int) (rest []byte, size int, err error) {
	h, rest, err := berHead(ber)
	if s.elements++; err != nil || depth > maxDepth || s.elements > maxElements {
		return nil, 0, errBER
	}
	written := len(ber) - len(rest)
	if h.tag&constructed == 0 {
		s.differs = s.differs || written != headerSize(h.length)
		return rest[h.length:], h.length, nil
	}
	index := len(s.sizes)
	if s.sizes != nil {
		s.sizes = append(s.sizes, 0)
	}
	content, after := h.split(rest)
	for !h.ends(content) {
		if h.tag == octetParts && (len(content) == 0 || content[0]&^constructed != octetString) {
			return nil, 0, errBER
		}
		var part int
		if content, part, err = s.element(content, depth+1); err != nil {
			return nil, 0, err
		}
		if size += part; h.tag != octetParts {
			size += headerSize(part)
		}
	}
	if s.sizes != nil {
		s.sizes[index] = size
	}
	s.differs = s.differs || h.length < 0 || h.tag == octetParts || written != headerSize(size)
	return h.after(content, after), size, nil
}

// split parts the content of an element from what follows it. Where only an end
// mark tells, what follows is in content too.
func (h berHeader) split(rest []byte) (content, after []byte) {
	if h.length < 0 {
		return rest, nil
	}
	return rest[:h.length], rest[h.length:]
}

// ends reports whether no more elements are in content.
func (h berHeader) ends(content []byte) bool {
	if h.length < 0 {
		return len(content) > 1 && content[0] == 0 && content[1] == 0
	}
	return len(content) == 0
}

// after returns what follows an element whose content has been read to its end.
func (h berHeader) after(content, after []byte) []byte {
	if h.length < 0 {
		return content[2:]
	}
	return after
}

// headerSize is how many bytes identifier and length take in DER.
func headerSize(length int) int {
	size := 2
	for n := length; length > 0x7f && n > 0; n >>= 8 {
		size++
	}
	return size
}

// derWriter is the second pass, over what the first has checked.
type derWriter struct {
	sizes []int
	out   []byte
}

// element writes the first element of ber, without its header if it is part of
// an OCTET STRING.
func (w *derWriter) element(ber []byte, part bool) (rest []byte) {
	h, rest, _ := berHead(ber)
	tag, size := h.tag, h.length
	if tag&constructed != 0 {
		size, w.sizes = w.sizes[0], w.sizes[1:]
	}
	if tag == octetParts {
		tag = octetString
	}
	if !part {
		w.header(tag, size)
	}
	if h.tag&constructed == 0 {
		w.out = append(w.out, rest[:size]...)
		return rest[size:]
	}
	content, after := h.split(rest)
	for !h.ends(content) {
		content = w.element(content, h.tag == octetParts)
	}
	return h.after(content, after)
}

func (w *derWriter) header(tag byte, length int) {
	if length <= 0x7f {
		w.out = append(w.out, tag, byte(length))
		return
	}
	digits := headerSize(length) - 2
	w.out = append(w.out, tag, 0x80|byte(digits))
	for shift := 8 * (digits - 1); shift >= 0; shift -= 8 {
		w.out = append(w.out, byte(length>>shift))
	}
}
