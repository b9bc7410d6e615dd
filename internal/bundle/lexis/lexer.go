package lexis

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// Limits on one source. The console's largest has about 2,000 tokens.
const (
	// MaxSource is the largest source that is read, in bytes.
	MaxSource = 512 << 10
	maxTokens = 100_000
)

// Kind tells tokens apart.
type Kind uint8

const (
	// Word is an identifier or a keyword.
	Word Kind = iota
	// Text is a text literal, decoded.
	Text
	// Number is a number or a character.
	Number
	// Op is an operator, a separator or a bracket.
	Op
)

// Token is one word of a source.
type Token struct {
	Kind Kind
	Text string
	// Why says why the text of a literal is not known, "" where it is.
	Why  string
	At   fault.Position
	line int
	// first means that the token is the first on its line; in an indented language,
	// on the line of a statement. Its indentation is then known.
	first  bool
	indent int
	// maybe means that a preprocessor decides whether the token counts.
	maybe bool
}

func (t *Token) is(op string) bool   { return t.Kind == Op && t.Text == op }
func (t *Token) word(id string) bool { return t.Kind == Word && t.Text == id }
func (t *Token) opens() bool         { return t.Kind == Op && strings.Contains("([{"+openPart, t.Text) }
func (t *Token) closes() bool        { return t.Kind == Op && strings.Contains(")]}"+closePart, t.Text) }
func (t *Token) startsText() bool    { return t.Kind == Text || t.is(openPart) }
func (t *Token) oneOf(ops string) bool {
	return t.Kind == Op && strings.Contains(" "+ops+" ", " "+t.Text+" ")
}

// openPart and closePart enclose the parts of a text with expressions in it.
const openPart, closePart = "\x01", "\x02"

// lexer splits a source into tokens; comments and white space are gone.
type lexer struct {
	lang   *Language
	file   string
	src    string
	off    int
	line   int // counts from 1
	start  int // offset of the line
	tokens []Token
	// fresh means that no token of the line was met yet, joined that the line goes on
	// with the statement before.
	fresh bool
	depth int // of brackets, for indented languages
	// conditions are those of the preprocessor that are open.
	conditions []condition
	// defines are the texts that the preprocessor puts in place of names.
	defines map[string][]Token
	nested  int
}

func (l *lexer) at() fault.Position {
	return fault.Position{File: l.file, Line: l.line, Column: l.off - l.start + 1}
}

func lex(lang *Language, file, src string) (*lexer, *fault.Fault) {
	l := &lexer{lang: lang, file: file, src: src, line: 1, fresh: true, defines: map[string][]Token{}}
	if strings.HasPrefix(src, "\uFEFF") {
		l.off = 3
	}
	for {
		if err := l.blank(); err != nil {
			return nil, err
		}
		if l.off >= len(l.src) {
			return l, nil
		}
		if len(l.tokens) >= maxTokens {
			return nil, fault.New(fault.Input, l.at(), "the source is longer than any client's", "keep only the client's own sources in the bundle")
		}
		if err := l.token(); err != nil {
			return nil, err
		}
	}
}

// blank skips what is not a token.
func (l *lexer) blank() *fault.Fault {
	for l.off < len(l.src) {
		rest := l.src[l.off:]
		switch {
		case rest[0] == '\n':
			l.newline(l.off + 1)
			l.fresh = l.fresh || !l.lang.Indented || l.depth == 0
		case rest[0] == ' ', rest[0] == '\t', rest[0] == '\r', rest[0] == '\f', rest[0] == '\v':
			l.off++
		case rest[0] == '\\' && (strings.HasPrefix(rest, "\\\n") || strings.HasPrefix(rest, "\\\r\n")):
			l.newline(l.off + strings.IndexByte(rest, '\n') + 1)
		case l.lang.Hash && rest[0] == '#', l.lang.Slashes && strings.HasPrefix(rest, "//"):
			l.toLineEnd()
		case l.lang.Slashes && strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return fault.New(fault.Input, l.at(), "the comment that starts here is never closed", "add the missing */")
			}
			l.skip(end + 4)
		case rest[0] == '#' && l.lang.Directives && l.fresh:
			if err := l.directive(); err != nil {
				return err
			}
		case rest[0] == '#' && l.off <= 3 && strings.HasPrefix(rest, "#!"):
			l.toLineEnd()
		default:
			return nil
		}
	}
	return nil
}

func (l *lexer) newline(next int) { l.off, l.start, l.line = next, next, l.line+1 }

// toLineEnd moves to the end of the line. A C++ comment goes on after a backslash.
func (l *lexer) toLineEnd() {
	for {
		end := strings.IndexByte(l.src[l.off:], '\n')
		if end < 0 {
			l.off = len(l.src)
			return
		}
		l.off += end
		if !l.lang.Directives || !strings.HasSuffix(strings.TrimRight(l.src[:l.off], "\r"), `\`) {
			return
		}
		l.newline(l.off + 1)
	}
}

// skip moves over n bytes and counts their lines.
func (l *lexer) skip(n int) {
	for end := l.off + n; ; {
		next := strings.IndexByte(l.src[l.off:end], '\n')
		if next < 0 {
			l.off = end
			return
		}
		l.newline(l.off + next + 1)
	}
}

// add appends a token that starts here and has n bytes.
func (l *lexer) add(t Token, n int) {
	t.At, t.line = l.at(), l.line
	l.push(t)
	l.skip(n)
}

func (l *lexer) push(t Token) {
	if t.first = l.fresh; t.first {
		for _, c := range l.src[l.start:min(l.off, len(l.src))] {
			if c == '\t' {
				t.indent = (t.indent/8 + 1) * 8
			} else {
				t.indent++
			}
		}
		l.fresh = false
	}
	for _, c := range l.conditions {
		t.maybe = t.maybe || c.open
	}
	switch {
	case t.opens():
		l.depth++
	case t.closes():
		l.depth--
	}
	l.tokens = append(l.tokens, t)
}

// operators of more than one character, longest first. Those that start with > are
// left apart, for generics nest.
var operators = []string{"===", "!==", "**=", "...", "<<=", "??=", "||=", "&&=", "::", "->", "=>", "++", "--", "&&", "||", "??", "?.", "==", "!=", "<=", ":=", "+=", "-=", "*=", "/=", "&=", "|=", "^=", "%=", "**", "//"}

func (l *lexer) token() *fault.Fault {
	rest := l.src[l.off:]
	c, size := utf8.DecodeRuneInString(rest)
	switch {
	case l.startsText(rest):
		return l.text()
	case isLetter(c):
		n := wordLength(rest)
		l.add(Token{Kind: Word, Text: rest[:n]}, n)
	case '0' <= c && c <= '9':
		l.number(rest)
	case c == '\'':
		return l.character(rest)
	case c == '/' && l.lang.Regex && l.expectsValue():
		return l.regex(rest)
	case c >= utf8.RuneSelf || c == '\\' || c < ' ':
		// A character that no language knows makes the construct that it stands in
		// one that is not followed.
		l.add(Token{Kind: Op, Text: "?!"}, size)
	default:
		for _, op := range operators {
			if strings.HasPrefix(rest, op) {
				l.add(Token{Kind: Op, Text: op}, len(op))
				return nil
			}
		}
		l.add(Token{Kind: Op, Text: rest[:1]}, 1)
	}
	return nil
}

func isLetter(c rune) bool {
	return c == '_' || c == '$' || 'a' <= c|0x20 && c|0x20 <= 'z' || c >= utf8.RuneSelf && c != utf8.RuneError && unicode.IsLetter(c)
}

func wordLength(s string) int {
	for i, c := range s {
		if !isLetter(c) && (c < '0' || c > '9') {
			return i
		}
	}
	return len(s)
}

func (l *lexer) number(rest string) {
	n := 0
	for n < len(rest) && (rest[n] == '.' || rest[n] == '_' || '0' <= rest[n] && rest[n] <= '9' || 'a' <= rest[n]|0x20 && rest[n]|0x20 <= 'z' ||
		rest[n] == '\'' && l.lang == CPP && n+1 < len(rest) && '0' <= rest[n+1] && rest[n+1] <= '9') {
		n++
	}
	l.add(Token{Kind: Number, Text: strings.NewReplacer("_", "", "'", "").Replace(rest[:n])}, n)
}

// character reads a character literal, which is never a setting.
func (l *lexer) character(rest string) *fault.Fault {
	n := 1
	for n < len(rest) && rest[n] != '\'' && rest[n] != '\n' {
		if rest[n] == '\\' {
			n++
		}
		n++
	}
	if n >= len(rest) || rest[n] == '\n' {
		return fault.New(fault.Input, l.at(), "the character that starts here is not closed on its line", "add the missing quotation mark")
	}
	l.add(Token{Kind: Number, Text: "'"}, n+1)
	return nil
}

// expectsValue reports whether an expression can start here, so that a / is not a division.
func (l *lexer) expectsValue() bool {
	if len(l.tokens) == 0 {
		return true
	}
	last := &l.tokens[len(l.tokens)-1]
	switch last.Kind {
	case Word:
		return strings.Contains(" return typeof case in of delete void throw new do else await yield ", " "+last.Text+" ")
	case Op:
		return !last.oneOf(") ] } ++ --") && !last.is(closePart)
	}
	return false
}

// regex reads a regular expression.
func (l *lexer) regex(rest string) *fault.Fault {
	class := false
	for n := 1; n < len(rest) && rest[n] != '\n'; n++ {
		switch rest[n] {
		case '\\':
			n++
		case '[':
			class = true
		case ']':
			class = false
		case '/':
			if !class {
				n++
				l.add(Token{Kind: Number, Text: "/"}, n+wordLength(rest[n:]))
				return nil
			}
		}
	}
	return fault.New(fault.Input, l.at(), "the regular expression that starts here is not closed on its line", "correct the source: it must run")
}
