package java

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// Limits on one source. The console's largest has about 2,500 tokens.
const (
	// MaxSource is the largest source that is read, in bytes.
	MaxSource = 512 << 10
	maxTokens = 100_000
)

type tokenKind uint8

const (
	identifier tokenKind = iota // keywords included
	text                        // string literal or text block, decoded
	character
	number
	operator // operators and separators; > is always alone, for generics nest
)

type token struct {
	kind tokenKind
	// garbled marks a literal whose bytes are not UTF-8 or whose escapes are not characters.
	garbled bool
	// template marks a text with a variable in it, newline the first token of a line. Both
	// are of dialects.
	template, newline bool
	text              string
	line, column      int32
}

func (t token) is(op string) bool   { return t.kind == operator && t.text == op }
func (t token) word(id string) bool { return t.kind == identifier && t.text == id }

// scanner hands out the characters of a source after Unicode escapes and line
// ends were translated (Java Language Specification 3.3, 3.4).
type scanner struct {
	file string
	src  []byte
	// off is where the character after ch starts; ch is -1 at the end.
	off int
	ch  rune
	// escaped: ch came from \uhhhh. A backslash that did starts no further escape.
	escaped bool
	// slashes counts the backslashes directly before ch, because \\u0041 is not an escape.
	slashes      int
	line, column int32 // of ch
	width        int32 // bytes of ch in the source
}

func newScanner(file string, src []byte) *scanner {
	s := &scanner{file: file, src: src, line: 1, column: 1}
	if strings.HasPrefix(string(src[:min(3, len(src))]), "\uFEFF") {
		s.off, s.column = 3, 4
	}
	s.load()
	return s
}

// advance moves to the next character.
func (s *scanner) advance() {
	if s.ch < 0 {
		return
	}
	if s.ch == '\\' && !s.escaped {
		s.slashes++
	} else {
		s.slashes = 0
	}
	if s.ch == '\n' {
		s.line, s.column = s.line+1, 1
	} else {
		s.column += s.width
	}
	s.load()
}

func (s *scanner) load() {
	s.escaped = false
	if s.off >= len(s.src) {
		s.ch, s.width = -1, 0
		return
	}
	switch c := s.src[s.off]; {
	case c == '\r':
		s.ch, s.width = '\n', 1
		if s.off+1 < len(s.src) && s.src[s.off+1] == '\n' {
			s.width = 2
		}
	case c == '\\' && s.slashes%2 == 0:
		s.loadEscape()
	case c < utf8.RuneSelf:
		s.ch, s.width = rune(c), 1
	default:
		r, n := utf8.DecodeRune(s.src[s.off:])
		s.ch, s.width = r, int32(n)
		if r == utf8.RuneError && n == 1 {
			s.ch = invalidByte
		}
	}
	s.off += int(s.width)
}

// invalidByte stands for a byte that is not UTF-8. It is not a character.
const invalidByte = utf8.MaxRune + 1

// loadEscape reads \uhhhh, in which u may be repeated, or a plain backslash.
func (s *scanner) loadEscape() {
	s.ch, s.width = '\\', 1
	i := s.off + 1
	for i < len(s.src) && s.src[i] == 'u' {
		i++
	}
	if i == s.off+1 || i+4 > len(s.src) {
		return
	}
	var r rune
	for _, c := range s.src[i : i+4] {
		d := strings.IndexByte("0123456789abcdef", c|0x20)
		if d < 0 {
			return
		}
		r = r<<4 | rune(d)
	}
	s.ch, s.width, s.escaped = r, int32(i+4-s.off), true
}

func (s *scanner) fault(line, column int32, cause, remedy string) *fault.Fault {
	return fault.New(fault.Input, fault.Position{File: s.file, Line: int(line), Column: int(column)}, cause, remedy)
}

// operators of more than one character, longest first. Those with > are left
// apart, except where > is not the first character.
var operators = []string{"...", "<<=", "::", "->", "++", "--", "&&", "||", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "&=", "|=", "^=", "%=", "<<"}

// lex splits a source into tokens; comments and white space are gone.
func lex(file string, src []byte) ([]token, *fault.Fault) {
	s := newScanner(file, src)
	tokens := make([]token, 0, min(len(src)/4, maxTokens))
	for {
		if err := s.skipBlank(); err != nil {
			return nil, err
		}
		if s.ch < 0 {
			return tokens, nil
		}
		if len(tokens) == maxTokens {
			return nil, s.fault(s.line, s.column, "the source is longer than any client's", "keep only the client's own sources in the bundle")
		}
		t, err := s.token()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
	}
}

func (s *scanner) skipBlank() *fault.Fault {
	for {
		switch {
		case s.ch == ' ' || s.ch == '\t' || s.ch == '\n' || s.ch == '\f':
			s.advance()
		case s.ch == 0x1A && s.off >= len(s.src): // Java allows a final control-Z
			s.advance()
		case s.ahead("//"):
			for s.ch >= 0 && s.ch != '\n' {
				s.advance()
			}
		case s.ahead("/*"):
			if err := s.skipComment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
}

func (s *scanner) skipComment() *fault.Fault {
	line, column := s.line, s.column
	s.advance()
	s.advance()
	for !s.ahead("*/") {
		if s.ch < 0 {
			return s.fault(line, column, "the comment that starts here is never closed", "add the missing */")
		}
		s.advance()
	}
	s.advance()
	s.advance()
	return nil
}

// ahead reports whether the next characters are want, which is short and ASCII.
func (s *scanner) ahead(want string) bool {
	if s.ch != rune(want[0]) {
		return false
	}
	probe := *s
	for i := 1; i < len(want); i++ {
		if probe.advance(); probe.ch != rune(want[i]) {
			return false
		}
	}
	return true
}

func (s *scanner) token() (token, *fault.Fault) {
	t := token{kind: operator, line: s.line, column: s.column}
	switch {
	case s.ch == '_' || s.ch == '$' || s.ch < utf8.RuneSelf && isASCIILetter(s.ch) || s.ch >= utf8.RuneSelf && unicode.IsLetter(s.ch):
		t.kind, t.text = identifier, s.while(isIdentifierPart)
	case '0' <= s.ch && s.ch <= '9':
		t.kind, t.text = number, s.while(func(r rune) bool { return r == '.' || isIdentifierPart(r) })
	case s.ahead(`"""`):
		return s.textBlock()
	case s.ch == '"':
		return s.quoted('"', text)
	case s.ch == '\'':
		return s.quoted('\'', character)
	default:
		for _, op := range operators {
			if s.ahead(op) {
				t.text = op
				for range op {
					s.advance()
				}
				return t, nil
			}
		}
		// Any other character is a token of its own. A character that Java does not
		// know makes the construct that it stands in one that is not followed.
		if s.ch < utf8.RuneSelf {
			t.text = string(s.ch)
		} else {
			t.text = "?!"
		}
		s.advance()
	}
	return t, nil
}

func isASCIILetter(r rune) bool { return 'a' <= r|0x20 && r|0x20 <= 'z' }

func isIdentifierPart(r rune) bool {
	return r == '_' || r == '$' || '0' <= r && r <= '9' || r >= 0 && r < utf8.RuneSelf && isASCIILetter(r) ||
		r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r))
}

func (s *scanner) while(ok func(rune) bool) string {
	var b strings.Builder
	for s.ch >= 0 && ok(s.ch) {
		b.WriteRune(s.ch)
		s.advance()
	}
	return b.String()
}

// quoted reads a string or character literal.
func (s *scanner) quoted(quote rune, kind tokenKind) (token, *fault.Fault) {
	t := token{kind: kind, line: s.line, column: s.column}
	s.advance()
	var raw []rune
	for s.ch != quote {
		if s.ch == '\\' {
			raw = append(raw, s.ch)
			s.advance()
		}
		if s.ch < 0 || s.ch == '\n' {
			return t, s.fault(t.line, t.column, "the text that starts here is not closed on its line", "add the missing quotation mark")
		}
		raw = append(raw, s.ch)
		s.advance()
	}
	s.advance()
	var lit literal
	lit.addRaw(raw)
	t.text, t.garbled = lit.finish()
	return t, nil
}
