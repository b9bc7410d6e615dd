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
	"regexp"
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

var (
	setting      = regexp.MustCompile(`^(?:export[ \t]+)?([\w.-]+)[ \t]*=(.*)$`)
	comment      = regexp.MustCompile(`[ \t]#.*$`)
	singleQuoted = regexp.MustCompile(`^'((?:[^']|'\\'')*)'[ \t]*(?:#.*)?$`)
	doubleQuoted = regexp.MustCompile(`^"((?:[^"\\]|\\["\\$nr])*)"[ \t]*(?:#.*)?$`)
	escape       = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "\n", `\n`, "\r", `\r`)
	unescape     = strings.NewReplacer(`\\`, `\`, `\"`, `"`, `\$`, "$", `\n`, "\n", `\r`, "\r")
)

// Parse returns the entries of a file in their order and an Error for each line
// that is not one. A key that stands there twice is returned twice.
func Parse(data []byte) ([]Entry, []*Error) {
	var entries []Entry
	var faults []*Error
	text := strings.TrimPrefix(string(data), "\ufeff") // Windows editors put this mark first
	for i, line := range strings.Split(text, "\n") {
		line = strings.Trim(line, " \t\r")
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
	parts := setting.FindStringSubmatch(line)
	if parts == nil {
		return "", "", &Error{Cause: "this line is not a setting", Remedy: "write KEY='value', where KEY consists of letters, digits and _, or begin a comment with #"}
	}
	key, value = parts[1], strings.TrimLeft(parts[2], " \t")
	switch {
	case strings.HasPrefix(value, "'"):
		if parts = singleQuoted.FindStringSubmatch(value); parts == nil {
			return "", "", &Error{Cause: "the single quotes around the value do not match",
				Remedy: `write one ' on each side of the value, a ' inside it as '\'', and a comment behind it with #`}
		}
		return key, strings.ReplaceAll(parts[1], `'\''`, "'"), nil
	case strings.HasPrefix(value, `"`):
		if parts = doubleQuoted.FindStringSubmatch(value); parts == nil {
			return "", "", &Error{Cause: "the value in double quotes cannot be read",
				Remedy: `write one " on each side of the value, and inside it \" for a quote, \\ for a backslash, \n for a line break; or use single quotes`}
		}
		return key, unescape.Replace(parts[1]), nil
	}
	return key, strings.Trim(comment.ReplaceAllString(parts[2], ""), " \t"), nil
}

// Quote returns value as it stands behind KEY=, so that Parse reads it back: in
// single quotes, or in double quotes if it holds a line break.
func Quote(value string) string {
	if strings.ContainsAny(value, "\r\n") {
		return `"` + escape.Replace(value) + `"`
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}
