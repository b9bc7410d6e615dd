package java

// This file reads the declarations of Kotlin, Scala and Groovy, as far as configurations
// are written with them.

// parseDialect reads a source. What stands outside classes becomes a class around all.
func parseDialect(d *dialect, file string, src []byte) *unit {
	u := &unit{file: file, dialect: d}
	if u.tokens, u.fault = lexDialect(d, file, src); u.fault != nil {
		return u
	}
	if u.pairBrackets(); u.fault != nil {
		return u
	}
	top := &class{name: "", unit: u, fields: map[string]*field{}}
	u.classes = append(u.classes, top)
	p := &parser{unit: u, end: len(u.tokens)}
	p.members(top, nil, true)
	return u
}

var dialectModifiers = map[string]bool{
	"public": true, "protected": true, "private": true, "internal": true, "static": true, "final": true, "abstract": true, "open": true,
	"override": true, "const": true, "lateinit": true, "lazy": true, "implicit": true, "sealed": true, "data": true, "case": true,
	"suspend": true, "inline": true, "operator": true, "transient": true, "volatile": true, "synchronized": true, "enum": true, "inner": true,
	"tailrec": true, "infix": true, "external": true, "annotation": true, "value": true, "actual": true, "expect": true, "package": true,
}

// members reads the body of a class. Statements among them belong to its constructor;
// those of an object or script are run as its main method.
func (p *parser) members(c *class, params []param, static bool) {
	p.depth++
	defer func() { p.depth-- }()
	if p.tooDeep() {
		return
	}
	var statements []*stmt
	for !p.done() {
		before := p.i
		given := p.skipDialectModifiers()
		switch {
		case p.done():
		case p.atWord("import"), p.atWord("package"):
			p.skipLine()
		case p.typeDeclaration(c):
		case p.acceptWord("init") && p.at("{"):
			statements = append(statements, p.dialectBlock())
		case p.function(c, static):
		case p.variable(func(name string, at int, x *expr) {
			c.fields[name] = &field{name: name, at: p.pos(at), static: static, init: x, class: c, value: given}
		}):
		default:
			statements = append(statements, p.dialectStatement()...)
		}
		if p.i == before {
			p.i++
		}
	}
	c.initializers = append(c.initializers, statements...)
	if static && len(statements) > 0 && !c.declaresItself("main") {
		c.methods = append(c.methods, &method{name: "main", at: p.pos(p.end - 1), static: true, class: c, parsed: true, body: statements})
	}
	if len(params) > 0 {
		c.methods = append(c.methods, &method{name: "<init>", at: params[0].at, class: c, params: params, parsed: true, record: true})
	}
}

// declaresItself reports whether the class itself has a method of that name.
func (c *class) declaresItself(name string) bool {
	for _, m := range c.methods {
		if m.name == name {
			return true
		}
	}
	return false
}

// skipDialectModifiers skips annotations and modifiers, and gives what @Value holds.
func (p *parser) skipDialectModifiers() (given *token) {
	for !p.done() {
		before := p.i
		if v := p.springValue(p.i); v != nil && !v.template {
			given = v
		}
		if p.at("@") {
			p.i++
			if p.is(p.i+1, ":") { // @field:Value
				if v := p.springValueAt(p.i + 2); v != nil && !v.template {
					given = v
				}
				p.i += 2
			}
			for p.i++; p.at("."); p.i += 2 {
			}
			if p.at("(") && !p.tokens[p.i].newline {
				p.i = int(p.match[p.i]) + 1
			}
		} else if t := p.tokens[p.i]; t.kind == identifier && dialectModifiers[t.text] && p.name(p.i+1) && !p.is(p.i+1, ".") {
			p.i++
		} else if (p.atWord("private") || p.atWord("protected")) && p.is(p.i+1, "[") { // Scala: private[pkg]
			p.i = int(p.match[p.i+1]) + 1
		}
		if p.i == before {
			return given
		}
	}
	return given
}

func (p *parser) skipLine() {
	for p.i++; p.i < p.end && !p.tokens[p.i].newline && !p.at(";"); p.i++ {
	}
}

// typeDeclaration reads a class, object, interface or trait.
func (p *parser) typeDeclaration(outer *class) bool {
	i := p.i
	companion := p.word(i, "companion") && p.word(i+1, "object")
	if companion {
		i++
	}
	keyword := p.tokens[i].text
	if p.tokens[i].kind != identifier || keyword != "class" && keyword != "object" && keyword != "interface" && keyword != "trait" || !companion && !p.name(i+1) {
		return false
	}
	static := keyword == "object"
	p.i = i + 1
	c := outer
	if !companion {
		c = &class{name: p.tokens[p.i].text, outer: outer, unit: p.unit, fields: map[string]*field{}}
		for _, have := range p.classes { // Scala and Kotlin keep static members in an object of the same name
			if p.dialect.scala && have.name == c.name && have.outer == outer {
				c = have
			}
		}
	}
	if !companion || p.name(p.i) {
		p.i++
	}
	if p.at("<") {
		if next := p.skipAngles(p.i); next > 0 {
			p.i = min(next, p.end)
		}
	} else if p.at("[") {
		p.i = int(p.match[p.i]) + 1
	}
	for p.i < p.end && (p.acceptWord("private") || p.acceptWord("internal") || p.acceptWord("constructor")) {
	}
	var params []param
	if p.at("(") && !p.tokens[p.i].newline {
		params = p.dialectParams(p.i)
		for _, x := range params {
			c.fields[x.name] = &field{name: x.name, at: x.at, class: c, value: x.value}
		}
		p.i = int(p.match[p.i]) + 1
	}
	for p.i < p.end && !p.at("{") && !(p.tokens[p.i].newline && !p.headerGoesOn()) && !p.at(";") {
		if p.name(p.i) && !p.is(p.i+1, ".") && len(c.inherits) < maxLineage && p.tokens[p.i].text != "App" {
			c.inherits = append(c.inherits, p.tokens[p.i].text)
		}
		if p.at(":") && p.dialect.scala {
			p.failAt(p.i, "a body without braces is not read", "put braces around it")
			return true
		}
		if p.at("(") || p.at("[") {
			p.i = int(p.match[p.i])
		}
		p.i++
	}
	if c != outer {
		p.classes = append(p.classes, c)
	}
	if p.at("{") {
		p.within(func() { p.members(c, params, static) })
	} else if len(params) > 0 {
		c.methods = append(c.methods, &method{name: "<init>", at: params[0].at, class: c, params: params, parsed: true, record: true})
	}
	return true
}

// headerGoesOn reports whether a line goes on with the header of a class.
func (p *parser) headerGoesOn() bool {
	return p.at(":") || p.atWord("extends") || p.atWord("with") || p.atWord("implements") || p.is(p.i-1, ":") || p.is(p.i-1, ",")
}

// function reads a function: fun and def, or in Groovy a type before the name.
func (p *parser) function(c *class, static bool) bool {
	i := p.i
	keyword := p.word(i, "fun") && p.dialect.kotlin || p.word(i, "def") && !p.dialect.kotlin
	switch {
	case keyword:
		i++
	case p.dialect.groovy && p.name(i) && !p.word(i, "return") && !p.word(i, "new"):
		if i = p.groovyType(i); i < 0 {
			return false
		}
	default:
		return false
	}
	if p.is(i, "<") {
		if i = p.skipAngles(i); i < 0 {
			return false
		}
	}
	for p.name(i) && p.is(i+1, ".") { // an extension
		i += 2
	}
	if !p.name(i) || !p.is(i+1, "(") && !(keyword && p.dialect.scala) {
		return false
	}
	at := i
	m := &method{name: p.tokens[i].text, at: p.pos(i), static: static, class: c, parsed: true}
	for i++; p.is(i, "[") || p.is(i, "("); i = int(p.match[i]) + 1 {
		if p.is(i, "(") {
			m.params = append(m.params, p.dialectParams(i)...)
		}
	}
	p.i = min(i, p.end)
	if p.accept(":") {
		p.skipDialectType()
	}
	for p.acceptWord("throws") || p.accept(",") {
		p.skipDialectType()
	}
	switch {
	case p.at("{"), p.accept("=") && p.at("{") && !p.dialect.kotlin:
		m.body = p.dialectBlock().body
		if !p.dialect.kotlin {
			m.body = returning(m.body)
		}
	case p.is(p.i-1, "="):
		p.refuseIndented(at)
		x := p.wholeExpression()
		m.body = []*stmt{{op: stReturn, at: x.at, x: x}}
	default:
		return true // abstract
	}
	c.methods = append(c.methods, m)
	return true
}

// refuseIndented refuses a body in Scala that has no braces and goes over several
// lines, from the cursor on: its end is where the lines stand less far to the right
// than the declaration at index from.
func (p *parser) refuseIndented(from int) {
	if !p.dialect.scala || p.done() || !p.tokens[p.i].newline || p.at("{") {
		return
	}
	for from > 0 && !p.tokens[from].newline {
		from--
	}
	left, lines := p.tokens[from].column, 0
	for i := p.i; i < p.end; i++ {
		switch t := p.tokens[i]; {
		case t.newline && t.column <= left:
			return
		case t.newline && !p.is(i, ".") && !p.is(i, ")"):
			if lines++; lines > 1 {
				p.failAt(p.i, "a body without braces is not read", "put braces around it")
				return
			}
		}
		if p.is(i, "(") || p.is(i, "{") || p.is(i, "[") {
			i = int(p.match[i])
		}
	}
}

// groovyType gives the index of the name that is declared behind the type at i, -1 if
// there is none: a b can also be a call without parentheses.
func (p *parser) groovyType(i int) int {
	next := p.skipType(i)
	if next < 0 || next >= p.end || !p.name(next) || p.tokens[next].newline {
		return -1
	}
	last := p.tokens[i].text
	for ; i+2 < next && p.is(i+1, "."); i += 2 {
		last = p.tokens[i+2].text
	}
	switch last {
	case "int", "long", "boolean", "char", "double", "float", "byte", "short", "void":
		return next
	}
	if last[0] < 'A' || last[0] > 'Z' {
		return -1
	}
	return next
}

// returning makes the last expression of a body its result.
func returning(body []*stmt) []*stmt {
	n := len(body)
	if n == 0 || body[n-1].op == stReturn {
		return body
	}
	last := body[n-1]
	if last.op == stExpr && last.x != nil {
		return append(body[:n-1:n-1], &stmt{op: stReturn, at: last.at, x: last.x})
	}
	if last.op == stBranch {
		return append(body, &stmt{op: stReturn, at: last.at, x: &expr{op: exNotKnown, at: last.at, name: "a value that depends on a condition"}})
	}
	return body
}

// dialectParams reads the parameters in the parentheses at open.
func (p *parser) dialectParams(open int) (list []param) {
	outer := *p
	p.i, p.end = open+1, int(p.match[open])
	for !p.done() {
		given := p.skipDialectModifiers()
		for p.acceptWord("val") || p.acceptWord("var") || p.acceptWord("def") || p.acceptWord("vararg") {
		}
		name := p.i
		if p.dialect.groovy {
			if next := p.skipType(p.i); next > 0 && next < p.end && p.name(next) {
				name = next
			}
		}
		if p.name(name) {
			list = append(list, param{name: p.tokens[name].text, value: given, at: p.pos(name)})
		}
		p.i = max(name, p.i) + 1
		p.skipTo(",")
		p.accept(",")
	}
	p.i, p.end = outer.i, outer.end
	return list
}

// skipDialectType skips the type at the cursor.
func (p *parser) skipDialectType() {
	for p.i < p.end {
		switch {
		case p.at("(") || p.at("["):
			p.i = int(p.match[p.i]) + 1
		case p.at("<"):
			next := p.skipAngles(p.i)
			if next < 0 {
				return
			}
			p.i = min(next, p.end)
		case p.name(p.i) && !p.tokens[p.i].newline, p.at("?"), p.at("."), p.at("->"):
			p.i++
		case p.at("=>") && p.dialect.scala:
			p.i++
		default:
			return
		}
	}
}

// variable reads a declaration, and gives each name with its value.
func (p *parser) variable(declare func(name string, at int, x *expr)) bool {
	i := p.i
	switch {
	case p.word(i, "val"), p.word(i, "var"), p.word(i, "def"):
		i++
		if p.dialect.groovy && p.word(i-1, "def") {
			if next := p.skipType(i); next > 0 && p.name(next) && !p.tokens[next].newline {
				i = next // def String name
			}
		}
	case p.dialect.groovy && p.name(i) && !p.word(i, "return") && !p.word(i, "new") && !p.word(i, "throw") && !p.word(i, "assert"):
		if i = p.groovyType(i); i < 0 || !p.is(i+1, "=") && !(i+1 >= p.end || p.tokens[i+1].newline || p.is(i+1, ";")) {
			return false
		}
	default:
		return false
	}
	if p.is(i, "<") {
		if i = p.skipAngles(i); i < 0 {
			return false
		}
	}
	p.i = min(i, p.end)
	if !p.name(i) { // several at once
		p.skipTo("=")
		if p.accept("=") {
			p.dialectExpression()
		}
		return true
	}
	for p.i++; p.accept("."); p.i++ { // an extension
		i = p.i
	}
	if p.accept(":") {
		p.skipDialectType()
	}
	var x *expr
	switch {
	case p.accept("="):
		p.refuseIndented(i)
		x = p.wholeExpression()
	case p.atWord("by"):
		x = p.notKnown(p.i, "a value that is computed when it is used", p.byWhat())
	}
	declare(p.tokens[i].text, i, x)
	for p.i < p.end && (p.atWord("get") || p.atWord("set")) && p.is(p.i+1, "(") { // accessors
		at := p.i
		p.i = int(p.match[p.i+1]) + 1
		if p.accept(":") {
			p.skipDialectType()
		}
		if p.accept("=") {
			x = p.dialectExpression()
		} else if p.at("{") {
			p.dialectBlock()
			x = p.notKnown(at, "a value that is computed when it is used")
		}
		if p.tokens[at].text == "get" {
			declare(p.tokens[i].text, i, x)
		}
	}
	return true
}

func (p *parser) byWhat() *expr {
	p.i++
	return p.dialectExpression()
}
