package java

import (
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// literal collects the characters of a string, joining surrogate pairs that
// were written as two escapes.
type literal struct {
	b       strings.Builder
	high    rune
	garbled bool
}

func (l *literal) add(r rune) {
	if l.high != 0 {
		joined := utf16.DecodeRune(l.high, r)
		l.high = 0
		if joined != utf8.RuneError {
			l.b.WriteRune(joined)
			return
		}
		l.garbled = true
	}
	switch {
	case 0xD800 <= r && r < 0xDC00:
		l.high = r
	case r == invalidByte || utf16.IsSurrogate(r):
		l.garbled = true
	default:
		l.b.WriteRune(r)
	}
}

func (l *literal) finish() (string, bool) { return l.b.String(), l.garbled || l.high != 0 }

// simpleEscapes are the one-letter escape sequences (Java Language Specification 3.10.7).
var simpleEscapes = map[rune]rune{
	'n': '\n', 't': '\t', 'r': '\r', 'b': '\b', 'f': '\f', 's': ' ', '\\': '\\', '"': '"', '\'': '\'',
}

// addRaw adds characters in which escape sequences are not read yet. It reports
// whether they end in a backslash, which in a text block joins the next line.
func (l *literal) addRaw(raw []rune) (continued bool) {
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			l.add(raw[i])
			continue
		}
		if i++; i == len(raw) {
			return true
		}
		if '0' <= raw[i] && raw[i] <= '7' {
			r, n := octal(raw[i:])
			l.add(r)
			i += n - 1
			continue
		}
		r, known := simpleEscapes[raw[i]]
		if !known {
			r = invalidByte
		}
		l.add(r)
	}
	return false
}

// octal reads \0 to \377.
func octal(raw []rune) (r rune, n int) {
	limit := 2
	if raw[0] <= '3' {
		limit = 3
	}
	for n < min(limit, len(raw)) && '0' <= raw[n] && raw[n] <= '7' {
		r = r<<3 | (raw[n] - '0')
		n++
	}
	return r, n
}
