package java

import "github.com/failover-gen/failover-gen/internal/fault"

// textBlock reads """...""" (Java Language Specification 3.10.6): indentation
// common to all lines and blanks at line ends are stripped before escapes are
// read, so the raw lines are collected first.
func (s *scanner) textBlock() (token, *fault.Fault) {
	t := token{kind: text, line: s.line, column: s.column}
	for range 3 {
		s.advance()
	}
	for isBlank(s.ch) {
		s.advance()
	}
	if s.ch != '\n' {
		return t, s.fault(t.line, t.column, `text after the """ that opens a text block`, "start the text on the next line")
	}
	s.advance()
	var lines [][]rune
	var line []rune
	for !s.ahead(`"""`) {
		switch {
		case s.ch < 0:
			return t, s.fault(t.line, t.column, "the text block that starts here is never closed", `add the missing """`)
		case s.ch == '\n':
			lines, line = append(lines, line), nil
		case s.ch == '\\':
			line = append(line, s.ch)
			if s.advance(); s.ch < 0 || s.ch == '\n' {
				continue // the line end is handled as one, the backslash stays at the end of the line
			}
			line = append(line, s.ch)
		default:
			line = append(line, s.ch)
		}
		s.advance()
	}
	for range 3 {
		s.advance()
	}
	t.text, t.garbled = unindent(append(lines, line))
	return t, nil
}

// unindent strips what is not content and reads the escapes.
func unindent(lines [][]rune) (string, bool) {
	last := len(lines) - 1
	indent := -1
	for i, line := range lines {
		n := leadingBlanks(line)
		if n == len(line) && i != last {
			continue // a blank line says nothing about the indentation, the closing line does
		}
		if indent < 0 || n < indent {
			indent = n
		}
	}
	var lit literal
	for i, line := range lines {
		line = line[min(indent, len(line)):]
		for len(line) > 0 && isBlank(line[len(line)-1]) {
			line = line[:len(line)-1]
		}
		continued := lit.addRaw(line)
		if i != last && !continued {
			lit.add('\n')
		}
	}
	return lit.finish()
}

func isBlank(r rune) bool { return r == ' ' || r == '\t' || r == '\f' }

func leadingBlanks(line []rune) int {
	n := 0
	for n < len(line) && isBlank(line[n]) {
		n++
	}
	return n
}
