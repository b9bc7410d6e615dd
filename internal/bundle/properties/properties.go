// Package properties reads Java's properties files, with the position of each value,
// and finds the file that another one names. It resolves nothing and takes nothing
// from the system.
package properties

import (
	"path"
	"strconv"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// maxSource is the largest file that is read, in bytes.
const maxSource = 1 << 20

// Limit gives the size in bytes up to which a file of this name is read, 0 for a file
// that is not one of properties.
func Limit(name string) int64 {
	switch strings.ToLower(path.Ext(name)) {
	case ".properties", ".cfg":
		return maxSource
	}
	return 0
}

// Files are the properties files of a bundle, each read once.
type Files struct {
	files []said.File
	read  map[*said.File]map[string]said.Value
}

// New is the properties files among the files of a bundle.
func New(files []said.File) *Files {
	return &Files{files, make(map[*said.File]map[string]said.Value)}
}

// Find gives the file that a location names: by its whole name beside the given file or in the
// bundle, else the one with this last element.
func (p *Files) Find(named, file string) *said.File {
	named = path.Clean("/" + named)[1:]
	if named == "" || strings.Contains(named, "$") {
		return nil
	}
	for _, same := range []func(f said.File) bool{
		func(f said.File) bool { return f.Name == path.Join(path.Dir(file), named) },
		func(f said.File) bool { return f.Path == named || strings.HasSuffix("/"+f.Path, "/"+named) },
	} {
		var match []int
		for i, f := range p.files {
			if Limit(f.Path) > 0 && f.Data != nil && same(f) {
				match = append(match, i)
			}
		}
		if len(match) == 1 {
			return &p.files[match[0]]
		}
	}
	return nil
}

// Values gives those of one of the files.
func (p *Files) Values(f *said.File) map[string]said.Value {
	if p.read[f] == nil {
		p.read[f] = Read(f)
	}
	return p.read[f]
}

// maxLine bounds lines that go on in the next one, in bytes.
const maxLine = 64 << 10

// Read reads a properties file of Java: key and value separated by =, : or
// blanks, comments with # or !, lines that go on behind a backslash.
func Read(f *said.File) map[string]said.Value {
	values := make(map[string]said.Value)
	lines := strings.Split(string(f.Data), "\n")
	for i := 0; i < len(lines); i++ {
		number := i + 1
		line := strings.TrimLeft(strings.TrimSuffix(lines[i], "\r"), " \t\f")
		column := len(strings.TrimSuffix(lines[i], "\r")) - len(line)
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		if goesOn(line) {
			line, i = joined(lines, line, i)
		}
		end := 0
		for end < len(line) && !strings.ContainsRune("=: \t\f", rune(line[end])) {
			if line[end] == '\\' {
				end++
			}
			end++
		}
		end = min(end, len(line))
		value := strings.TrimLeft(line[end:], " \t\f")
		if value != "" && (value[0] == '=' || value[0] == ':') {
			value = strings.TrimLeft(value[1:], " \t\f")
		}
		at := fault.Position{File: f.Name, Line: number, Column: column + len(line) - len(value) + 1}
		values[unescaped(line[:end])] = said.Of(unescaped(value), at)
	}
	return values
}

// joined puts a line and those that it goes on in together. It gives the number of the
// last one too.
func joined(lines []string, line string, i int) (string, int) {
	var whole strings.Builder
	for goesOn(line) && i+1 < len(lines) && whole.Len() < maxLine {
		whole.WriteString(line[:len(line)-1])
		i++
		line = strings.TrimLeft(strings.TrimSuffix(lines[i], "\r"), " \t\f")
	}
	whole.WriteString(line)
	return whole.String(), i
}

// goesOn reports whether the next line belongs to this one: it ends in an odd
// number of backslashes.
func goesOn(line string) bool {
	return (len(line)-len(strings.TrimRight(line, `\`)))%2 == 1
}

// unescaped resolves the escapes of a properties file.
func unescaped(text string) string {
	if !strings.Contains(text, `\`) {
		return text
	}
	var out strings.Builder
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			out.WriteByte(text[i])
			continue
		}
		i++
		switch text[i] {
		case 'n':
			out.WriteByte('\n')
		case 't':
			out.WriteByte('\t')
		case 'r':
			out.WriteByte('\r')
		case 'f':
			out.WriteByte('\f')
		case 'u':
			digits := text[i+1 : min(len(text), i+5)]
			if code, err := strconv.ParseUint(digits, 16, 16); err == nil && len(digits) == 4 {
				out.WriteRune(rune(code))
				i += 4
			} else {
				out.WriteByte('u')
			}
		default:
			out.WriteByte(text[i])
		}
	}
	return out.String()
}
