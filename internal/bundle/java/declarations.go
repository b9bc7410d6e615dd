package java

import (
	"cmp"
	"slices"
)

// maxDepth bounds nesting of classes, statements and expressions.
const maxDepth = 200

var modifiers = map[string]bool{
	"public": true, "protected": true, "private": true, "static": true, "final": true, "abstract": true, "native": true,
	"synchronized": true, "transient": true, "volatile": true, "strictfp": true, "default": true, "sealed": true,
}

// parseUnit reads imports and classes. Bodies of methods are read when they are needed.
func parseUnit(file string, src []byte) *unit {
	u := &unit{file: file}
	if u.tokens, u.fault = lex(file, src); u.fault != nil {
		return u
	}
	if u.pairBrackets(); u.fault != nil {
		return u
	}
	i := 0
	for i < len(u.tokens) {
		switch {
		case u.word(i, "import"), u.word(i, "package"):
			end := i
			for end < len(u.tokens) && !u.is(end, ";") {
				end++
			}
			if u.word(i, "import") && u.word(i+1, "static") && end-i >= 5 {
				u.staticImports = append(u.staticImports, [2]string{u.tokens[end-3].text, u.tokens[end-1].text})
			}
			i = end + 1
		default:
			if next := u.parseType(nil, i, 0); next > i {
				i = next
			} else {
				i++
			}
		}
	}
	return u
}

// parseType reads the class, interface, enum or record declared at i and
// returns the index after it, or i when none is.
func (u *unit) parseType(outer *class, i, depth int) int {
	keyword := i
	if u.is(i, "@") && u.word(i+1, "interface") {
		keyword++
	}
	isRecord := u.word(keyword, "record") && u.name(keyword+1) && (u.is(keyword+2, "(") || u.is(keyword+2, "<"))
	if !isRecord && !u.word(keyword, "class") && !u.word(keyword, "interface") && !u.word(keyword, "enum") || !u.name(keyword+1) {
		return i
	}
	if depth > maxDepth {
		u.failAt(i, "classes are nested too deeply to follow", "keep only the client's own sources in the bundle")
		return len(u.tokens)
	}
	c := &class{name: u.tokens[keyword+1].text, outer: outer, unit: u, fields: map[string]*field{}}
	open := keyword + 2
	header, sealed := -1, false
	for open < len(u.tokens) && !u.is(open, "{") && !u.is(open, ";") {
		if u.is(open, "(") {
			if header < 0 {
				header = open
			}
			open = int(u.match[open])
		}
		sealed = sealed || u.word(open, "permits")
		if u.name(open) && !sealed && !u.is(open+1, ".") && len(c.inherits) < maxLineage {
			c.inherits = append(c.inherits, u.tokens[open].text)
		}
		open++
	}
	if !u.is(open, "{") {
		return open + 1
	}
	u.classes = append(u.classes, c)
	from, to := open+1, int(u.match[open])
	if isRecord && header > 0 {
		c.addRecordHeader(header)
	}
	if u.word(keyword, "enum") {
		for from < to && !u.is(from, ";") {
			if u.is(from, "(") || u.is(from, "{") {
				from = int(u.match[from])
			}
			from++
		}
	}
	u.parseMembers(c, from, to, depth)
	return to + 1
}

// maxLineage bounds how many classes a class inherits from.
const maxLineage = 16

// inherit fills the lineage after all sources were read. Other words of a header,
// such as extends and type arguments, rarely name a class of the sources, and do
// no harm where they do.
func (p *program) inherit(c *class) {
	c.lineage = []*class{c}
	for i := 0; i < len(c.lineage); i++ {
		for _, name := range c.lineage[i].inherits {
			base := p.classNamed(c.lineage[i].unit, name)
			if base != nil && !slices.Contains(c.lineage, base) && len(c.lineage) < maxLineage {
				c.lineage = append(c.lineage, base)
			}
		}
	}
}

// classNamed finds a class of the sources; of several with one name, the one in the same file.
func (p *program) classNamed(u *unit, name string) *class {
	list := p.classes[name]
	if len(list) == 1 {
		return list[0]
	}
	for _, c := range list {
		if c.unit == u {
			return c
		}
	}
	return nil
}

// field finds a field of the class or of those that it inherits from.
func (c *class) field(name string) *field {
	for _, from := range c.lineage {
		if fd := from.fields[name]; fd != nil {
			return fd
		}
	}
	return nil
}

// declares reports whether the class has or inherits a method of that name.
func (c *class) declares(name string) bool {
	for _, from := range c.lineage {
		for _, m := range from.methods {
			if m.name == name {
				return true
			}
		}
	}
	return false
}

// hasMethod reports whether the class or one around it declares a method of that name.
func (c *class) hasMethod(name string) bool {
	for ; c != nil; c = c.outer {
		if c.declares(name) {
			return true
		}
	}
	return false
}

// method finds the method for a call by name and number of arguments. It gives nil
// where several fit: they differ in types, which are not followed.
func (c *class) method(name string, args int) *method {
	for _, from := range c.lineage {
		var found []*method
		for _, m := range from.methods {
			n := len(m.params)
			if m.name == name && (n == args || n > 0 && m.params[n-1].variadic && args >= n-1) {
				found = append(found, m)
			}
		}
		switch {
		case len(found) == 1:
			return found[0]
		case len(found) > 1 || name == "<init>":
			return nil
		}
	}
	return nil
}

// addRecordHeader makes the constructor and the fields that a record's header implies.
func (c *class) addRecordHeader(open int) {
	m := &method{name: "<init>", at: c.unit.pos(open), class: c, parsed: true, record: true}
	m.params = c.unit.parseParams(open)
	c.methods = append(c.methods, m)
	for _, p := range m.params {
		c.fields[p.name] = &field{name: p.name, at: p.at, class: c}
	}
}

func (u *unit) parseMembers(c *class, from, to, depth int) {
	for i := from; i < to && u.fault == nil; {
		static := false
		var given *token
		for start := -1; start != i; {
			start = i
			given = cmp.Or(u.springValue(i), given)
			i = u.skipAnnotation(i)
			if i < to && u.tokens[i].kind == identifier && modifiers[u.tokens[i].text] {
				static = static || u.word(i, "static")
				i++
			}
		}
		next := i
		switch {
		case i >= to:
			return
		case u.is(i, ";"):
			next++
		case u.is(i, "{"):
			next = int(u.match[i]) + 1
			block := &stmt{op: stBlock, at: u.pos(i), body: u.parseBlock(i)}
			if static {
				c.staticInits = append(c.staticInits, block)
			} else {
				c.initializers = append(c.initializers, block)
			}
		default:
			if next = u.parseType(c, i, depth+1); next == i {
				next = u.parseMember(c, i, to, static, given)
			}
		}
		i = max(next, i+1)
	}
}

// parseMember reads a method, a constructor or fields; given is a field's @Value.
func (u *unit) parseMember(c *class, i, to int, static bool, given *token) int {
	if u.is(i, "<") {
		if j := u.skipAngles(i); j > 0 {
			i = j
		}
	}
	if u.word(i, c.name) && u.is(i+1, "(") {
		return u.parseMethod(c, "<init>", i+1, to, false)
	}
	name := u.skipType(i)
	if name < 0 || name >= to || !u.name(name) {
		return u.endOfMember(i, to)
	}
	if u.is(name+1, "(") {
		return u.parseMethod(c, u.tokens[name].text, name+1, to, static)
	}
	end := u.endOfStatement(i, to)
	for name < end && u.name(name) {
		f := &field{name: u.tokens[name].text, at: u.pos(name), static: static, class: c, value: given}
		name++
		for u.is(name, "[") && name < end {
			name = int(u.match[name]) + 1
		}
		if u.is(name, "=") {
			f.init, name = u.parseInitializer(name+1, end)
		}
		c.fields[f.name] = f
		if !u.is(name, ",") {
			break
		}
		name++
	}
	return end + 1
}

// parseMethod reads a method whose parameters open at index open.
func (u *unit) parseMethod(c *class, name string, open, to int, static bool) int {
	m := &method{name: name, at: u.pos(open - 1), static: static, class: c, params: u.parseParams(open)}
	i := int(u.match[open]) + 1
	for i < to && !u.is(i, "{") && !u.is(i, ";") {
		i++
	}
	if !u.is(i, "{") {
		return i + 1 // abstract
	}
	m.from, m.to = i, int(u.match[i])
	c.methods = append(c.methods, m)
	return m.to + 1
}

func (u *unit) parseParams(open int) []param {
	var params []param
	end := int(u.match[open])
	for i := open + 1; i < end; {
		given := u.springValue(i)
		i = u.skipModifiers(i)
		name := u.skipType(i)
		if name > 0 && name < end && u.name(name) {
			params = append(params, param{u.tokens[name].text, given, u.pos(name), u.is(name-1, "...")})
		}
		for i < end && !u.is(i, ",") {
			if u.is(i, "<") {
				if j := u.skipAngles(i); j > 0 {
					i = j
					continue
				}
			}
			i++
		}
		i++
	}
	return params
}

// skipModifiers skips final and annotations.
func (u *unit) skipModifiers(i int) int {
	for {
		j := u.skipAnnotation(i)
		if u.word(j, "final") {
			j++
		}
		if j == i {
			return i
		}
		i = j
	}
}

// endOfMember finds the end of a member that is not understood.
func (u *unit) endOfMember(i, to int) int {
	for ; i < to; i++ {
		switch {
		case u.is(i, ";"):
			return i + 1
		case u.is(i, "{"):
			return int(u.match[i]) + 1
		case u.is(i, "("), u.is(i, "["):
			i = int(u.match[i])
		}
	}
	return to
}

// endOfStatement finds the semicolon that ends the statement at i, or to.
func (u *unit) endOfStatement(i, to int) int {
	for ; i < to && !u.is(i, ";"); i++ {
		if u.is(i, "(") || u.is(i, "[") || u.is(i, "{") {
			i = int(u.match[i])
		}
	}
	return min(i, to)
}

func (m *method) statements() []*stmt {
	if !m.parsed {
		m.parsed = true
		m.body = m.class.unit.parseBlock(m.from)
	}
	return m.body
}
