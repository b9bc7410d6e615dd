// Package dotenv reads .env files: one KEY=value a line. It takes the forms
// that users know from other tools, and it expands nothing: a password with a $
// in it stays what it is. These lines all mean the same:
//
//	KEY=it's
//	KEY='it'\''s'   # a quote inside single quotes, as a shell has it
//	KEY="it's"      # in double quotes, \" \\ \$ \n and \r are escapes
//	export KEY="it's"
//
// Errors name the line and never show a value.
package dotenv

import (
	"fmt"
	"strings"
)

// Entry is one setting of a file.
type Entry struct {
	Key, Value string
	Line       int // counted from 1
}

// Error is what is wrong with one line, and what to do about it.
type Error struct {
	Line          int
	Cause, Remedy string
}

// Error returns the line, the cause and the remedy.
func (e *Error) Error() string { return fmt.Sprintf("line %d: %s; %s", e.Line, e.Cause, e.Remedy) }

const blanks = " \t\r"

// Parse returns the entries of a file in their order and an Error for each line
// that is not one. A key that stands there twice is returned twice.
func Parse(data []byte) ([]Entry, []*Error) {
	var entries []Entry
	var faults []*Error
	text := strings.TrimPrefix(string(data), "\ufeff") // Windows editors put this mark first
	for i, line := range strings.Split(text, "\n") {
		line = strings.Trim(line, blanks)
		if line == "" || line[0] == '#' {
			continue
		}
		key, value, fault := parseLine(line)
		if fault != nil {
			fault.Line = i + 1
			faults = append(faults, fault)
			continue
		}
		entries = append(entries, Entry{Key: key, Value: value, Line: i + 1})
	}
	return entries, faults
}

func parseLine(line string) (key, value string, fault *Error) {
	key, rest, ok := strings.Cut(line, "=")
	if !ok {
		return "", "", &Error{Cause: "there is no = in this line", Remedy: "write KEY='value', or begin a comment with #"}
	}
	if name, ok := strings.CutPrefix(key, "export"); ok && strings.TrimLeft(name, blanks) != name {
		key = name
	}
	key = strings.Trim(key, blanks)
	if key == "" || strings.ContainsFunc(key, notInKey) {
		return "", "", &Error{Cause: "what stands before the = is not a name", Remedy: "write KEY='value'; a name consists of letters, digits and _"}
	}
	unspaced := strings.TrimLeft(rest, blanks)
	switch {
	case strings.HasPrefix(unspaced, "'"):
		value, rest, fault = single(unspaced[1:])
	case strings.HasPrefix(unspaced, `"`):
		value, rest, fault = double(unspaced[1:])
	default:
		return key, bare(rest), nil
	}
	if rest = strings.TrimLeft(rest, blanks); fault == nil && rest != "" && rest[0] != '#' {
		fault = &Error{Cause: "text stands behind the closing quote", Remedy: `write a quote inside a value as '\'' in single quotes and as \" in double quotes, and begin a comment with #`}
	}
	return key, value, fault
}

func notInKey(r rune) bool {
	return r != '_' && r != '.' && r != '-' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// bare ends at a # behind a blank, or with the line.
func bare(text string) string {
	for i := 1; i < len(text); i++ {
		if text[i] == '#' && strings.ContainsRune(blanks, rune(text[i-1])) {
			text = text[:i]
		}
	}
	return strings.Trim(text, blanks)
}

// single returns the value up to the closing quote, and what follows it.
func single(text string) (value, rest string, fault *Error) {
	for {
		part, behind, closed := strings.Cut(text, "'")
		if !closed {
			return "", "", &Error{Cause: "the single quote that opens the value is not closed in this line",
				Remedy: `put ' behind the value; write a ' inside it as '\''; a value with line breaks needs double quotes and \n`}
		}
		value += part
		if text, closed = strings.CutPrefix(behind, `\''`); !closed {
			return value, behind, nil
		}
		value += "'"
	}
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '$': '$', 'n': '\n', 'r': '\r'}

// double returns the value up to the closing quote, and what follows it.
func double(text string) (value, rest string, fault *Error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			return b.String(), text[i+1:], nil
		case c == '\\' && i+1 < len(text):
			i++
			plain, known := escapes[text[i]]
			if !known {
				return "", "", &Error{Cause: "a backslash in double quotes stands before a character that it cannot escape", Remedy: `write \\ for a backslash, or put the value in single quotes`}
			}
			b.WriteByte(plain)
		default:
			b.WriteByte(c)
		}
	}
	return "", "", &Error{Cause: "the double quote that opens the value is not closed in this line", Remedy: `put " behind the value; write a " inside it as \" and a line break as \n`}
}

// Quote returns value as it stands behind KEY=, so that Parse reads it back: in
// single quotes, or in double quotes if it holds a line break.
func Quote(value string) string {
	if strings.ContainsAny(value, "\r\n") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "\n", `\n`, "\r", `\r`).Replace(value) + `"`
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
