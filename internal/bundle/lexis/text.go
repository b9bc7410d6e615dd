package lexis

import (
	"strings"
	"unicode/utf8"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// opening is how a text literal starts.
type opening struct {
	prefix string // letters before the quotation mark
	quote  string // what closes the literal
	length int    // of all that stands before the content
}

func (o *opening) has(letter string) bool { return strings.ContainsAny(o.prefix, letter) }

// startsText reports whether a text literal starts here.
func (l *lexer) startsText(rest string) bool { return l.opening(rest).quote != "" }

func (l *lexer) opening(rest string) opening {
	n := 0
	for n < len(rest) && n < 3 && strings.IndexByte(l.lang.Prefixes, rest[n]) >= 0 {
		n++
	}
	for l.lang.Verbatim && n < len(rest) && n < 4 && (rest[n] == '@' || rest[n] == '$') {
		n++
	}
	if n >= len(rest) {
		return opening{}
	}
	o := opening{prefix: rest[:n], length: n}
	switch c := rest[n]; {
	case c == '"', c == '\'' && l.lang.Apostrophe:
		o.quote = rest[n : n+1]
		run := 1
		for n+run < len(rest) && rest[n+run] == c {
			run++
		}
		if run >= 3 && (l.lang.Triple || l.lang.Verbatim && !o.has("@")) {
			o.quote = rest[n : n+3]
			if l.lang.Verbatim { // raw literals have as many as they need
				o.quote = rest[n : n+run]
			}
		}
	case c == '`' && l.lang.Template && n == 0:
		o.quote = "`"
	default:
		return opening{}
	}
	o.length += len(o.quote)
	return o
}

// text reads a text literal.
func (l *lexer) text() *fault.Fault {
	rest := l.src[l.off:]
	o := l.opening(rest)
	end, after := l.closing(rest, &o)
	if end < 0 {
		cause := "the text that starts here is not closed on its line"
		if len(o.quote) > 1 || o.quote == "`" || o.has("@R") {
			cause = "the text that starts here is never closed"
		}
		return fault.New(fault.Input, l.at(), cause, "add the missing quotation mark")
	}
	raw := strings.ReplaceAll(rest[o.length:end], "\r\n", "\n")
	switch {
	case o.quote == "`":
		return l.parts(&o, raw, "${", after)
	case l.hasParts(&o):
		return l.parts(&o, raw, "{", after)
	}
	text, why := l.decode(&o, raw)
	l.add(Token{Kind: Text, Text: text, Why: why}, after)
	return nil
}

// hasParts reports whether braces in a literal enclose expressions.
func (l *lexer) hasParts(o *opening) bool {
	return l.lang == Python && o.has("fF") || l.lang == CSharp && o.has("$")
}

// closing finds where the content of a literal ends and where what follows starts; -1
// where it is not closed.
func (l *lexer) closing(rest string, o *opening) (end, after int) {
	if l.lang == CPP && o.has("R") {
		paren := strings.IndexByte(rest[o.length:], '(')
		if paren < 0 || paren > 16 {
			return -1, 0
		}
		quote := ")" + rest[o.length:o.length+paren] + `"`
		o.length += paren + 1
		end = strings.Index(rest[o.length:], quote)
		if end < 0 {
			return -1, 0
		}
		return o.length + end, o.length + end + len(quote)
	}
	escapes := !(l.lang == CSharp && (o.has("@") || len(o.quote) > 2))
	for i := o.length; i < len(rest); i++ {
		switch c := rest[i]; {
		case c == '\\' && escapes:
			if strings.HasPrefix(rest[i+1:], "\r\n") {
				i++
			}
			i++
		case strings.HasPrefix(rest[i:], o.quote):
			if o.has("@") && strings.HasPrefix(rest[i+1:], `"`) {
				i++
				continue
			}
			return i, i + len(o.quote)
		case c == '\n' && len(o.quote) == 1 && o.quote != "`" && !o.has("@"):
			return -1, 0
		case c == '{' && l.hasParts(o):
			if strings.HasPrefix(rest[i:], "{{") {
				i++
				continue
			}
			n := expressionLength(rest[i+1:], 0)
			if n < 0 {
				return -1, 0
			}
			i += 1 + n
		case o.quote == "`" && strings.HasPrefix(rest[i:], "${"):
			n := expressionLength(rest[i+2:], 0)
			if n < 0 {
				return -1, 0
			}
			i += 2 + n
		}
	}
	return -1, 0
}

// expressionLength gives the length of an expression up to the brace that closes it,
// -1 where none does. Texts in it may hold braces.
func expressionLength(s string, depth int) int {
	open := 0
	for i := 0; i < len(s) && depth < 8; i++ {
		switch c := s[i]; {
		case c == '{':
			open++
		case c == '}' && open == 0:
			return i
		case c == '}':
			open--
		case c == '"' || c == '\'' || c == '`':
			for i++; i < len(s) && s[i] != c; i++ {
				if s[i] == '\\' {
					i++
				} else if c == '`' && strings.HasPrefix(s[i:], "${") {
					n := expressionLength(s[i+2:], depth+1)
					if n < 0 {
						return -1
					}
					i += 2 + n
				}
			}
		}
	}
	return -1
}

// parts reads a text with expressions in it. They are lexed, and stand between
// brackets of their own.
func (l *lexer) parts(o *opening, raw, open string, after int) *fault.Fault {
	at, line := l.at(), l.line
	put := func(t Token) {
		t.At, t.line, t.first = at, line, false
		l.push(t)
	}
	piece := func(raw string) {
		text, why := l.decode(o, raw)
		put(Token{Kind: Text, Text: text, Why: why})
	}
	put(Token{Kind: Op, Text: openPart})
	for {
		i := nextExpression(raw, open)
		if i < 0 {
			break
		}
		piece(unbraced(raw[:i], open))
		n := expressionLength(raw[i+len(open):], 0)
		if n < 0 {
			return fault.New(fault.Input, at, "an expression in the text that starts here is never closed", "add the missing }")
		}
		expression := raw[i+len(open) : i+len(open)+n]
		raw = raw[i+len(open)+n+1:]
		if strings.ContainsAny(expression, ":!=\\@\"") && open == "{" || l.nested > 2 {
			put(Token{Kind: Op, Text: "+"})
			put(Token{Kind: Text, Why: "a text with a format in it"})
			put(Token{Kind: Op, Text: "+"})
			continue
		}
		inner := &lexer{lang: l.lang, file: l.file, src: expression, line: line, nested: l.nested + 1, defines: map[string][]Token{}, depth: 1}
		for inner.blank() == nil && inner.off < len(inner.src) && len(l.tokens)+len(inner.tokens) < maxTokens {
			if err := inner.token(); err != nil {
				return fault.New(fault.Input, at, "an expression in the text that starts here cannot be read", "correct the source: it must run")
			}
		}
		put(Token{Kind: Op, Text: "+"})
		put(Token{Kind: Op, Text: openPart})
		for _, t := range inner.tokens {
			put(t)
		}
		put(Token{Kind: Op, Text: closePart})
		put(Token{Kind: Op, Text: "+"})
	}
	piece(unbraced(raw, open))
	put(Token{Kind: Op, Text: closePart})
	l.skip(after)
	return nil
}

// nextExpression finds where the next expression of a text starts. A doubled brace is
// a brace, and a backslash hides the dollar sign of a template.
func nextExpression(raw, open string) int {
	for i := 0; i < len(raw); i++ {
		switch {
		case open == "${" && raw[i] == '\\':
			i++
		case open == "{" && strings.HasPrefix(raw[i:], "{{"):
			i++
		case strings.HasPrefix(raw[i:], open):
			return i
		}
	}
	return -1
}

func unbraced(raw, open string) string {
	if open != "{" {
		return raw
	}
	return strings.NewReplacer("{{", "{", "}}", "}").Replace(raw)
}

// decode gives what a literal's content means, or why that is not known.
func (l *lexer) decode(o *opening, raw string) (text, why string) {
	switch {
	case !utf8.ValidString(raw):
		return "", "a text that is not UTF-8"
	case l.lang == Python && o.has("bB"):
		return "", "bytes"
	case l.lang == Python && o.has("rR"), l.lang == CPP && o.has("R"):
		return raw, ""
	case l.lang == CSharp && o.has("@"):
		return strings.ReplaceAll(raw, `""`, `"`), ""
	case l.lang == CSharp && len(o.quote) > 2:
		if strings.Contains(raw, "\n") {
			return "", "a raw text of several lines"
		}
		return raw, ""
	}
	if !strings.Contains(raw, `\`) {
		return raw, ""
	}
	return l.lang.unescape(raw)
}
