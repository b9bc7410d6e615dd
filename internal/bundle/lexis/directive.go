package lexis

import (
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// condition is an #if that is open.
type condition struct {
	// open means that nobody knows whether its lines count, live that they do.
	open, live bool
	// taken means that a part that surely counts was met.
	taken bool
}

// directive reads a line for the preprocessor. Lines that surely do not count are skipped.
func (l *lexer) directive() *fault.Fault {
	at := l.at()
	start := l.off
	l.toLineEnd()
	line := strings.ReplaceAll(strings.ReplaceAll(l.src[start:l.off], "\\\r\n", " "), "\\\n", " ")
	name, rest, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(line, "#")), " ")
	rest, _, _ = strings.Cut(rest, "//")
	rest = strings.TrimSpace(rest)
	switch name {
	case "if", "ifdef", "ifndef":
		c := conditionOf(name, rest)
		l.conditions = append(l.conditions, c)
		if !c.live && !c.open {
			return l.skipPart(at)
		}
	case "else", "elif":
		if len(l.conditions) == 0 {
			return nil
		}
		c := &l.conditions[len(l.conditions)-1]
		if c.taken {
			return l.skipPart(at)
		}
		c.open, c.live = name == "elif" || c.open, name == "else" && !c.open
	case "endif":
		if n := len(l.conditions); n > 0 {
			l.conditions = l.conditions[:n-1]
		}
	case "define":
		l.define(rest, fault.Position{File: at.File, Line: at.Line, Column: at.Column + max(0, strings.Index(line, rest))})
	case "undef":
		l.defines[rest] = []Token{{Kind: Text, Why: "a name that the preprocessor defines more than once", At: at}}
	}
	return nil
}

func conditionOf(name, rest string) condition {
	switch {
	case name == "if" && (rest == "0" || rest == "false"):
		return condition{}
	case name == "if" && (rest == "1" || rest == "true"):
		return condition{live: true, taken: true}
	}
	return condition{open: true}
}

// skipPart skips to the directive that ends a part that does not count.
func (l *lexer) skipPart(at fault.Position) *fault.Fault {
	for depth := 0; l.off < len(l.src); {
		if l.src[l.off] == '\n' {
			l.newline(l.off + 1)
			continue
		}
		line := l.src[l.off:]
		if end := strings.IndexByte(line, '\n'); end >= 0 {
			line = line[:end]
		}
		word := strings.TrimSpace(line)
		if rest, isDirective := strings.CutPrefix(word, "#"); isDirective {
			rest = strings.TrimSpace(rest)
			switch {
			case strings.HasPrefix(rest, "if"):
				depth++
			case depth > 0 && strings.HasPrefix(rest, "endif"):
				depth--
			case depth == 0 && (strings.HasPrefix(rest, "endif") || strings.HasPrefix(rest, "el")):
				l.fresh = true
				l.off += strings.IndexByte(line, '#')
				return nil
			}
		}
		l.off += len(line)
	}
	return fault.New(fault.Input, at, "the condition that starts here is never closed", "add the missing #endif")
}

// define keeps a name that stands for one text. A name that is defined again, or
// where a condition is open, is not known.
func (l *lexer) define(rest string, at fault.Position) {
	name := rest[:wordLength(rest)]
	if name == "" || strings.HasPrefix(rest[len(name):], "(") || l.nested > 0 {
		return
	}
	body := strings.TrimSpace(rest[len(name):])
	_, again := l.defines[name]
	for _, c := range l.conditions {
		again = again || c.open
	}
	if again {
		l.defines[name] = []Token{{Kind: Text, Why: "a name that the preprocessor defines more than once", At: at}}
		return
	}
	inner := &lexer{lang: l.lang, file: l.file, src: body, line: at.Line, nested: 3, defines: map[string][]Token{}, depth: 1}
	for inner.blank() == nil && inner.off < len(inner.src) && len(inner.tokens) < 16 {
		if inner.token() != nil {
			return
		}
	}
	for i := range inner.tokens {
		inner.tokens[i].At = fault.Position{File: l.file, Line: at.Line, Column: at.Column + len(rest) - len(body) + inner.tokens[i].At.Column - 1}
		if inner.tokens[i].Kind != Text {
			return
		}
	}
	l.defines[name] = inner.tokens
}
