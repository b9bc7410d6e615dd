package fabric

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// variables are what ${...} stands for in one file.
type variables struct {
	values map[string]said.Value
	marks  []mark
	// elsewhere names the configuration that can give a variable another value where
	// the program runs.
	elsewhere map[string]string
	warnings  []said.Warning
	loads     int
	files     *propertyFiles
	file      string
}

// mark is what stands around the name of a variable.
type mark struct{ prefix, suffix string }

// propertyFiles are the files beside the XML, each read once.
type propertyFiles struct {
	files []said.File
	read  map[*said.File]map[string]said.Value
}

// variablesOf gathers the variables of a file from its own elements and from the
// properties files that these name.
func variablesOf(d *document, files *propertyFiles) *variables {
	v := &variables{values: make(map[string]said.Value), marks: []mark{{"${", "}"}}, elsewhere: make(map[string]string), files: files, file: d.file}
	d.root.walk(func(e *element) {
		switch {
		case e.in(springNS+"context", "property-placeholder"), e.in(springNS+"util", "properties"):
			v.load(e.attribute("location"))
		case e.isBean("bean") && strings.HasSuffix(e.word("class"), "PropertyPlaceholderConfigurer"),
			e.isBean("bean") && strings.HasSuffix(e.word("class"), "PropertySourcesPlaceholderConfigurer"):
			v.configurer(e)
		case e.in(ariesNS, "property-placeholder"):
			v.blueprint(e)
		}
	})
	return v
}

// blueprint takes the defaults of a property placeholder.
func (v *variables) blueprint(e *element) {
	v.mark(e.word("placeholder-prefix"), e.word("placeholder-suffix"))
	pid := e.word("persistent-id")
	e.walk(func(c *element) {
		switch {
		case c.name == "property" && c.parent != nil && c.parent.name == "default-properties":
			name := c.word("name")
			v.values[name] = c.value()
			if pid != "" {
				v.elsewhere[name] = pid
			}
		case c.name == "location":
			v.load(said.Of(string(c.text), c.textAt))
		}
	})
}

// configurer takes what the bean of Spring that resolves variables is given.
func (v *variables) configurer(e *element) {
	prefix, suffix := "", ""
	defer func() { v.mark(prefix, suffix) }()
	for _, p := range e.properties() {
		switch p.name {
		case "location", "locations":
			if p.value.State == said.Known {
				v.load(p.value)
			}
			if p.element == nil {
				continue
			}
			p.element.walk(func(c *element) {
				if c.isBean("value") && p.value.State != said.Known {
					v.load(said.Of(string(c.text), c.textAt))
				}
			})
		case "placeholderPrefix":
			prefix = strings.TrimSpace(p.value.Text)
		case "placeholderSuffix":
			suffix = strings.TrimSpace(p.value.Text)
		case "properties":
			if p.element == nil {
				continue
			}
			p.element.walk(func(c *element) {
				if c.isBean("prop") {
					v.values[c.word("key")] = said.Of(strings.TrimSpace(string(c.text)), c.textAt)
				}
			})
		}
	}
}

// mark adds what stands around names; "" is the usual.
func (v *variables) mark(prefix, suffix string) {
	if m := (mark{cmp.Or(prefix, "${"), cmp.Or(suffix, "}")}); !slices.Contains(v.marks, m) && len(v.marks) < maxNested {
		v.marks = append(v.marks, m)
	}
}

// maxLoads bounds how many properties files the elements of one file may name.
const maxLoads = 64

// load reads the properties files that a location names, of which later ones win. A
// file that is not there leaves its variables without a value.
func (v *variables) load(location said.Value) {
	for named := range strings.SplitSeq(location.Text, ",") {
		named = strings.TrimSpace(named)
		for _, prefix := range []string{"classpath*:", "classpath:", "file:"} {
			named = strings.TrimPrefix(named, prefix)
		}
		if v.loads++; v.loads > maxLoads {
			return
		}
		if found := v.files.find(named, v.file); found != nil {
			for name, value := range v.files.properties(found) {
				v.values[name] = value
			}
		} else if named != "" {
			v.warnings = append(v.warnings, said.Warning{At: location.At, Text: "the properties file named here is not beside this file, so its variables have no value"})
		}
	}
}

// find gives the file that a location names: by its whole name beside the XML file
// or in the bundle, else the one with this last element.
func (p *propertyFiles) find(named, file string) *said.File {
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
			if Beside(f.Path) > 0 && f.Data != nil && same(f) {
				match = append(match, i)
			}
		}
		if len(match) == 1 {
			return &p.files[match[0]]
		}
	}
	return nil
}

// maxNested bounds variables whose values hold variables.
const maxNested = 8

// resolve puts the values of variables in place of their names.
func (v *variables) resolve(value said.Value) said.Value {
	if value.State != said.Known {
		return value
	}
	if strings.Contains(value.Text, "#{") {
		return said.Unknown("an expression (#{...})", value.At)
	}
	budget := 1 << 16
	for _, m := range v.marks {
		if value = v.expand(value, m, maxNested, &budget); value.State != said.Known {
			break
		}
	}
	return value
}

// expand resolves value, in which variables may be nested so deep. The budget
// bounds the text that comes of it.
func (v *variables) expand(value said.Value, m mark, depth int, budget *int) said.Value {
	var out strings.Builder
	at := value.At
	rest := value.Text
	for {
		before, after, found := strings.Cut(rest, m.prefix)
		out.WriteString(before)
		if *budget -= len(before) + 1; *budget < 0 {
			return said.Unknown("a text that is far too long", value.At)
		}
		if !found {
			return said.Of(out.String(), at)
		}
		inner, behind, closed := m.cut(after)
		if !closed || depth == 0 {
			return said.Unknown("a variable that cannot be resolved", value.At)
		}
		got := v.lookup(inner, value.At, m, depth, budget)
		if got.State != said.Known {
			return got
		}
		if before == "" && behind == "" && out.Len() == 0 {
			at = got.At
		}
		out.WriteString(got.Text)
		rest = behind
	}
}

// cut splits text behind the end of the variable that begins before it. A default
// may hold variables.
func (m mark) cut(text string) (inner, behind string, closed bool) {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], m.prefix):
			depth++
			i += len(m.prefix) - 1
		case strings.HasPrefix(text[i:], m.suffix):
			if depth == 0 {
				return text[:i], text[i+len(m.suffix):], true
			}
			depth--
			i += len(m.suffix) - 1
		}
	}
	return "", "", false
}

func (v *variables) lookup(inner string, at fault.Position, m mark, depth int, budget *int) said.Value {
	name, fallback, hasFallback := inner, "", false
	got, ok := v.values[name]
	if !ok {
		name, fallback, hasFallback = strings.Cut(inner, ":")
		got, ok = v.values[name]
	}
	switch {
	case ok && got.State != said.Known:
		return said.Unknown("a variable whose value is "+got.Why, at)
	case ok:
		if pid := v.elsewhere[name]; pid != "" {
			v.tell(said.Warning{At: at, Text: "the value is the default in this file; the configuration " + shownName(pid) + " may have another one where the program runs"})
		}
		return v.expand(got, m, depth-1, budget)
	case hasFallback:
		return v.expand(said.Of(fallback, at), m, depth-1, budget)
	case !safe(name):
		return said.Unknown("a variable that has no value here", at)
	}
	return said.Unknown("the variable "+m.prefix+name+m.suffix+", to which neither this file nor a properties file beside it gives a value", at)
}

func (v *variables) tell(w said.Warning) {
	if !slices.Contains(v.warnings, w) {
		v.warnings = append(v.warnings, w)
	}
}

func shownName(name string) string {
	if safe(name) {
		return name
	}
	return "named there"
}

// properties reads one of the files.
func (p *propertyFiles) properties(f *said.File) map[string]said.Value {
	if p.read[f] == nil {
		p.read[f] = properties(f)
	}
	return p.read[f]
}

// maxLine bounds lines that go on in the next one, in bytes.
const maxLine = 64 << 10

// properties reads a properties file of Java: key and value separated by =, : or
// blanks, comments with # or !, lines that go on behind a backslash.
func properties(f *said.File) map[string]said.Value {
	values := make(map[string]said.Value)
	lines := strings.Split(string(f.Data), "\n")
	for i := 0; i < len(lines); i++ {
		number := i + 1
		line := strings.TrimLeft(strings.TrimSuffix(lines[i], "\r"), " \t\f")
		column := len(strings.TrimSuffix(lines[i], "\r")) - len(line)
		if line == "" || line[0] == '#' || line[0] == '!' {
			continue
		}
		for goesOn(line) && i+1 < len(lines) && len(line) < maxLine {
			i++
			line = line[:len(line)-1] + strings.TrimLeft(strings.TrimSuffix(lines[i], "\r"), " \t\f")
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
