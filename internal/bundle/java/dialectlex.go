package java

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// dialectLexer splits a source of Kotlin, Scala or Groovy into tokens.
type dialectLexer struct {
	*dialect
	file         string
	src          string
	i            int
	line, column int32
	// at is the offset for which line and column hold.
	at      int
	tokens  []token
	newline bool
}

// dialectOperators have more than one character, the longest first.
var dialectOperators = []string{"===", "!==", "?.", "?:", "!!", "::", "->", "=>", "<-", "+=", "-=", "==", "!=", "<=", "&&", "||", "..", "++", "--", "*."}

func lexDialect(d *dialect, file string, src []byte) ([]token, *fault.Fault) {
	l := &dialectLexer{dialect: d, file: file, src: strings.TrimPrefix(string(src), "\uFEFF"), line: 1, column: 1}
	if strings.HasPrefix(l.src, "#!") {
		l.until("\n")
	}
	for {
		if err := l.skipBlank(); err != nil {
			return nil, err
		}
		if l.i >= len(l.src) {
			return l.tokens, nil
		}
		if len(l.tokens) == maxTokens {
			return nil, l.fault(l.i, "the source is longer than any client's", "keep only the client's own sources in the bundle")
		}
		t := token{kind: operator, newline: l.newline || len(l.tokens) == 0}
		t.line, t.column = l.position(l.i)
		if err := l.token(&t); err != nil {
			return nil, err
		}
		l.tokens, l.newline = append(l.tokens, t), false
	}
}

// position gives line and column of an offset. Offsets only grow.
func (l *dialectLexer) position(i int) (line, column int32) {
	for ; l.at < i; l.at++ {
		if l.column++; l.src[l.at] == '\n' {
			l.line, l.column = l.line+1, 1
		}
	}
	return l.line, l.column
}

func (l *dialectLexer) fault(i int, cause, remedy string) *fault.Fault {
	line, column := l.position(i)
	return fault.New(fault.Input, fault.Position{File: l.file, Line: int(line), Column: int(column)}, cause, remedy)
}

func (l *dialectLexer) ahead(text string) bool { return strings.HasPrefix(l.src[l.i:], text) }

// until moves behind the next text, or to the end.
func (l *dialectLexer) until(text string) bool {
	n := strings.Index(l.src[l.i:], text)
	if n < 0 {
		l.i = len(l.src)
		return false
	}
	l.i += n + len(text)
	return true
}

func (l *dialectLexer) skipBlank() *fault.Fault {
	for l.i < len(l.src) {
		switch c := l.src[l.i]; {
		case c == '\n':
			l.newline = true
			l.i++
		case c == ' ' || c == '\t' || c == '\r' || c == '\f':
			l.i++
		case l.ahead("//"):
			l.until("\n")
			l.newline = true
		case l.ahead("/*"):
			if err := l.skipComment(); err != nil {
				return err
			}
		default:
			return nil
		}
	}
	return nil
}

// skipComment skips a comment. In Kotlin and Scala comments nest.
func (l *dialectLexer) skipComment() *fault.Fault {
	start := l.i
	line, _ := l.position(start)
	depth := 0
	for l.i < len(l.src) {
		switch {
		case l.ahead("/*") && (depth == 0 || !l.groovy):
			depth++
			l.i += 2
		case l.ahead("*/"):
			l.i += 2
			if depth--; depth == 0 {
				end, _ := l.position(l.i)
				l.newline = l.newline || end > line
				return nil
			}
		default:
			l.i++
		}
	}
	return fault.New(fault.Input, fault.Position{File: l.file, Line: int(line)}, "the comment that starts here is never closed", "add the missing */")
}

func (l *dialectLexer) token(t *token) *fault.Fault {
	r, size := utf8.DecodeRuneInString(l.src[l.i:])
	switch {
	case r == '_' || r == '$' && !l.groovyDollar() || unicode.IsLetter(r):
		t.kind, t.text = identifier, l.while(isIdentifierPart)
		if l.scala && l.i < len(l.src) && l.src[l.i] == '"' { // s"..", f"..", raw".."
			return l.text(t, '"', t.text)
		}
		return nil
	case '0' <= r && r <= '9':
		t.kind, t.text = number, l.while(isIdentifierPart)
		return nil
	case r == '`':
		end := strings.IndexAny(l.src[l.i+1:], "`\n")
		if end <= 0 || l.src[l.i+1+end] != '`' {
			return l.fault(l.i, "the name that starts here is not closed", "add the missing quotation mark")
		}
		t.kind, t.text = identifier, l.src[l.i+1:l.i+1+end]
		l.i += end + 2
		return nil
	case r == '"', r == '\'' && l.groovy:
		return l.text(t, byte(r), "")
	case r == '\'' && l.isCharacter():
		return l.text(t, '\'', "")
	case l.groovy && (l.ahead("$/") || r == '/' && l.startsOperand()):
		return l.slashy(t)
	}
	for _, op := range dialectOperators {
		if l.ahead(op) {
			t.text = op
			l.i += len(op)
			return nil
		}
	}
	if t.text = "?!"; r < utf8.RuneSelf {
		t.text = string(r)
	}
	l.i += size
	return nil
}

func (l *dialectLexer) groovyDollar() bool { return l.groovy && l.ahead("$/") }

func (l *dialectLexer) while(ok func(rune) bool) string {
	start := l.i
	for l.i < len(l.src) {
		r, size := utf8.DecodeRuneInString(l.src[l.i:])
		if r == utf8.RuneError && size == 1 || !ok(r) {
			break
		}
		l.i += size
	}
	return l.src[start:l.i]
}

// isCharacter tells 'a' from Scala's symbol 'a.
func (l *dialectLexer) isCharacter() bool {
	rest := l.src[l.i+1:]
	if strings.HasPrefix(rest, `\`) {
		return true
	}
	_, size := utf8.DecodeRuneInString(rest)
	return size < len(rest) && size > 0 && rest[size] == '\''
}

// startsOperand reports whether an operand can stand here, so that / opens a text.
func (l *dialectLexer) startsOperand() bool {
	if len(l.tokens) == 0 {
		return true
	}
	last := l.tokens[len(l.tokens)-1]
	return last.kind == operator && !last.is(")") && !last.is("]") && !last.is("}") || last.word("return")
}

// slashy skips one of Groovy's texts between slashes. Its value is not followed.
func (l *dialectLexer) slashy(t *token) *fault.Fault {
	start, end := l.i, "/"
	if l.ahead("$/") {
		end = "/$"
		l.i++
	}
	l.i++
	for l.i < len(l.src) && !l.ahead(end) {
		if end == "/" && l.ahead(`\/`) {
			l.i++
		}
		l.i++
	}
	if l.i >= len(l.src) {
		return l.fault(start, "the text that starts here is not closed", "add the missing slash")
	}
	l.i += len(end)
	t.kind, t.template = text, true
	return nil
}

// text reads a text between quotation marks; prefix is that of Scala's interpolators.
func (l *dialectLexer) text(t *token, quote byte, prefix string) *fault.Fault {
	start := l.i
	t.kind, t.text = text, ""
	if quote == '\'' && !l.groovy {
		t.kind = character
	}
	mark := string(quote)
	if triple := strings.Repeat(mark, 3); t.kind == text && l.ahead(triple) {
		mark = triple
	}
	l.i += len(mark)
	long := len(mark) == 3
	verbatim := long && (l.kotlin || l.scala && prefix == "") || prefix == "raw"
	interpolated := quote == '"' && (l.kotlin || l.groovy) || prefix != ""
	t.template = prefix == "f"
	var lit literal
	for !l.ahead(mark) {
		if l.i >= len(l.src) || !long && l.src[l.i] == '\n' {
			l.i = min(l.i, len(l.src))
			return l.faultAt(t, start)
		}
		switch {
		case interpolated && l.ahead("$"):
			t.template = t.template || l.isTemplate()
			if l.ahead("${") {
				if !l.skipTemplate(0) {
					return l.faultAt(t, start)
				}
				continue
			}
			lit.add('$')
			l.i++
		case !verbatim && l.src[l.i] == '\\':
			l.escape(&lit)
		case l.ahead("\r\n"):
			l.i++
		default:
			r, size := utf8.DecodeRuneInString(l.src[l.i:])
			if r == utf8.RuneError && size == 1 {
				r = invalidByte
			}
			lit.add(r)
			l.i += size
		}
	}
	for l.i += len(mark); long && l.i < len(l.src) && l.src[l.i] == quote; l.i++ {
		lit.add(rune(quote)) // of more than three, the last three close
	}
	t.text, t.garbled = lit.finish()
	return nil
}

func (l *dialectLexer) faultAt(t *token, _ int) *fault.Fault {
	return fault.New(fault.Input, fault.Position{File: l.file, Line: int(t.line), Column: int(t.column)}, "the text that starts here is not closed", "add the missing quotation mark")
}

// isTemplate reports whether the dollar sign ahead begins a variable.
func (l *dialectLexer) isTemplate() bool {
	r, _ := utf8.DecodeRuneInString(l.src[l.i+1:])
	return r == '{' || r == '_' || r == '`' || unicode.IsLetter(r) || l.scala && r == '$'
}

// skipTemplate skips ${...}, in which texts and braces can stand.
func (l *dialectLexer) skipTemplate(depth int) bool {
	braces := 0
	for l.i++; l.i < len(l.src); l.i++ {
		switch c := l.src[l.i]; {
		case c == '{':
			braces++
		case c == '}':
			if braces--; braces == 0 {
				l.i++
				return true
			}
		case c == '"', c == '\'' && l.groovy:
			if depth > maxTemplates || !l.skipText(c, depth) {
				return false
			}
			l.i--
		}
	}
	return false
}

// maxTemplates bounds texts in templates in texts.
const maxTemplates = 20

func (l *dialectLexer) skipText(quote byte, depth int) bool {
	for l.i++; l.i < len(l.src); l.i++ {
		switch {
		case l.src[l.i] == '\\':
			l.i++
		case l.src[l.i] == quote:
			l.i++
			return true
		case quote == '"' && l.ahead("${"):
			if !l.skipTemplate(depth + 1) {
				return false
			}
			l.i--
		}
	}
	return false
}

// escape reads an escape sequence.
func (l *dialectLexer) escape(lit *literal) {
	l.i++
	if l.i >= len(l.src) {
		return
	}
	switch c := l.src[l.i]; {
	case c == 'u' && l.i+4 < len(l.src):
		var r rune
		for _, digit := range []byte(l.src[l.i+1 : l.i+5]) {
			d := strings.IndexByte("0123456789abcdef", digit|0x20)
			if d < 0 {
				r = invalidByte
				break
			}
			r = r<<4 | rune(d)
		}
		lit.add(r)
		l.i += 5
	case c == '$' && !l.scala:
		lit.add('$')
		l.i++
	case c == '\n' && l.groovy:
		l.i++
	case c == 's', '0' <= c && c <= '7': // not the same in all of these languages
		lit.add(invalidByte)
		l.i++
	default:
		r, known := simpleEscapes[rune(c)]
		if !known {
			r = invalidByte
		}
		lit.add(r)
		l.i++
	}
}
