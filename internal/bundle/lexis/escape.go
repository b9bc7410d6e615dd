package lexis

import (
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// simple are the escapes that all the languages share.
var simple = map[byte]string{'n': "\n", 't': "\t", 'r': "\r", 'b': "\b", 'f': "\f", 'v': "\v", '\\': `\`, '\'': "'", '"': `"`}

// unescape gives what a text with backslashes means, or why that is not known.
func (l *Language) unescape(raw string) (text, why string) {
	const garbled = "a text whose escapes are not characters"
	var b strings.Builder
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			b.WriteByte(raw[i])
			i++
			continue
		}
		if i++; i == len(raw) {
			return "", garbled
		}
		c := raw[i]
		special, isSimple := simple[c]
		switch {
		case isSimple:
			b.WriteString(special)
			i++
		case c == 'a' && l != JavaScript:
			b.WriteByte('\a')
			i++
		case c == '\n' && (l != CSharp):
			i++
		case c == 'x', c == 'u', c == 'U' && l != JavaScript, c == 'N' && l == Python, '0' <= c && c <= '7':
			r, n := l.code(raw[i:])
			if n == 0 {
				return "", garbled
			}
			b.WriteRune(r)
			i += n
		case l.Backslash == Dropped:
			_, n := utf8.DecodeRuneInString(raw[i:])
			b.WriteString(raw[i : i+n])
			i += n
		case l.Backslash == Kept:
			b.WriteByte('\\')
		default:
			return "", garbled
		}
	}
	return b.String(), ""
}

// code reads the number of a character and gives the length of its spelling, 0 where
// it is none that can be a part of a text.
func (l *Language) code(s string) (r rune, n int) {
	digits, base := "", 16
	switch c := s[0]; {
	case c == 'u' && l == JavaScript && strings.HasPrefix(s, "u{"):
		end := strings.IndexByte(s, '}')
		if end < 0 {
			return 0, 0
		}
		digits, n = s[2:end], end+1
	case c == 'x' && (l == CSharp || l == CPP):
		n = 1
		for n < len(s) && (n < 5 || l == CPP) && strings.IndexByte("0123456789abcdefABCDEF", s[n]) >= 0 {
			n++
		}
		digits = s[1:n]
	case c == 'x' || c == 'u' || c == 'U':
		n = map[byte]int{'x': 3, 'u': 5, 'U': 9}[c]
		if len(s) < n {
			return 0, 0
		}
		digits = s[1:n]
	case '0' <= c && c <= '7':
		n = 1
		for l != JavaScript && l != CSharp && n < 3 && n < len(s) && '0' <= s[n] && s[n] <= '7' {
			n++
		}
		digits, base = s[:n], 8
		if (l == JavaScript || l == CSharp) && (c != '0' || n < len(s) && '0' <= s[n] && s[n] <= '9') {
			return 0, 0
		}
	default:
		return 0, 0
	}
	number, err := strconv.ParseUint(digits, base, 32)
	if err != nil || number > utf8.MaxRune || number > 0x7f && l == CPP && s[0] != 'u' && s[0] != 'U' {
		return 0, 0
	}
	r = rune(number)
	if utf16.IsSurrogate(r) {
		if rest := s[n:]; strings.HasPrefix(rest, `\u`) && len(rest) >= 6 && l != Python && l != CPP {
			if low, err := strconv.ParseUint(rest[2:6], 16, 32); err == nil {
				if joined := utf16.DecodeRune(r, rune(low)); joined != utf8.RuneError {
					return joined, n + 6
				}
			}
		}
		return 0, 0
	}
	return r, n
}
