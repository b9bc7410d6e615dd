package tree

import (
	"regexp"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/templates/dotenv"
)

// envFile is the text of a .env whose lines are edited one by one. Lines that
// are not ours stay as they are.
type envFile struct{ lines []string }

func parseEnv(text []byte) *envFile {
	if len(text) == 0 {
		return &envFile{}
	}
	return &envFile{strings.Split(strings.TrimSuffix(string(text), "\n"), "\n")}
}

func (e *envFile) text() []byte {
	if len(e.lines) == 0 {
		return []byte{}
	}
	return []byte(strings.Join(e.lines, "\n") + "\n")
}

// find returns the value of a key and its line, from 1; 0 if it is not there.
func (e *envFile) find(key string) (value string, line int) {
	entries, _ := dotenv.Parse(e.text()) // lines that are wrong are for the program to report
	i := slices.IndexFunc(entries, func(x dotenv.Entry) bool { return x.Key == key })
	if i < 0 {
		return "", 0
	}
	return entries[i].Value, entries[i].Line
}

// set gives a key its value, in its line if there is one, else in a new one at
// the end. A comment behind the old value stays.
func (e *envFile) set(key, value string) {
	old, line := e.find(key)
	if line == 0 {
		e.lines = append(e.lines, key+"="+dotenv.Quote(value))
		return
	}
	text := e.lines[line-1]
	before, rest, _ := strings.Cut(text, "=")
	e.lines[line-1] = before + "=" + dotenv.Quote(value) + commentBehind(rest, old)
}

// commentBehind returns the comment that follows a value in its line, with a
// blank before it: the longest one without which the line has the same value.
func commentBehind(rest, value string) string {
	for i := range len(rest) {
		if rest[i] != '#' {
			continue
		}
		if entries, _ := dotenv.Parse([]byte("K=" + rest[:i])); len(entries) == 1 && entries[0].Value == value {
			return " " + strings.TrimRight(rest[i:], "\r")
		}
	}
	return ""
}

var keyInLine = regexp.MustCompile(`^(\s*#?\s*(?:export\s+)?)([A-Za-z0-9_.-]+)(\s*=)`)

// rename replaces the prefixes of keys, all at once. Keys in lines that are
// commented out are renamed as well: they would mislead under the old name.
func (e *envFile) rename(prefixes map[string]string) {
	for i, line := range e.lines {
		m := keyInLine.FindStringSubmatchIndex(line)
		if m == nil {
			continue
		}
		key := line[m[4]:m[5]]
		e.lines[i] = line[:m[4]] + withPrefix(key, prefixes) + line[m[5]:]
	}
}

// withPrefix returns the key with its prefix replaced, if it has one of them.
func withPrefix(key string, prefixes map[string]string) string {
	for from, to := range prefixes { // no key has two of them
		if name, ok := strings.CutPrefix(key, from); ok {
			return to + name
		}
	}
	return key
}

// has reports whether a key with the prefix is set.
func (e *envFile) has(prefix string) bool {
	entries, _ := dotenv.Parse(e.text())
	return slices.ContainsFunc(entries, func(x dotenv.Entry) bool { return strings.HasPrefix(x.Key, prefix) })
}

// disable comments out the keys with a prefix, with a note in the same line, and
// returns them.
func (e *envFile) disable(prefix, note string) (keys []string) {
	entries, _ := dotenv.Parse(e.text())
	for _, x := range entries {
		if strings.HasPrefix(x.Key, prefix) {
			keys = append(keys, x.Key)
			e.lines[x.Line-1] = "# " + note + ": " + strings.TrimLeft(e.lines[x.Line-1], " 	")
		}
	}
	return keys
}
