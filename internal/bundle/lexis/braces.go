package lexis

import "strings"

// block reads the statements of a language with braces.
func (p *parser) block(i, end int, inClass bool) []Stmt {
	if p.depth++; p.depth > maxDepth {
		p.depth--
		return nil
	}
	defer func() { p.depth-- }()
	var list []Stmt
	for i < end {
		var some []Stmt
		before, outer := i, p.maybe
		p.maybe = outer || p.toks[i].maybe
		some, i = p.statement(i, end, inClass)
		i = min(i, end)
		some = append(some, p.hidden(before, i)...)
		if p.maybe = outer; p.toks[before].maybe {
			some = []Stmt{{Kind: Branch, At: p.at(before), Body: some}}
		}
		list = append(list, some...)
		if i <= before {
			i = before + 1
		}
	}
	return list
}

// modifiers may stand before a declaration and change nothing that counts here.
const modifiers = " public private protected internal static export default sealed abstract virtual override inline constexpr consteval extern partial unsafe readonly explicit async declare thread_local mutable "

// statement reads one statement. What it cannot read it passes over.
func (p *parser) statement(i, end int, inClass bool) ([]Stmt, int) {
	declared := false
	for i < end && p.toks[i].Kind == Word {
		word := p.toks[i].Text
		next := p.tok(i+1, end)
		isDeclared := strings.Contains(" const let var auto final ", " "+word+" ")
		if !isDeclared && !strings.Contains(modifiers, " "+word+" ") || next.Kind != Word && !next.oneOf("& && * { [") && !next.is("::") {
			break
		}
		if next.is("{") && !isDeclared {
			break
		}
		declared = declared || isDeclared
		i++
	}
	if i >= end {
		return nil, end
	}
	t := &p.toks[i]
	switch {
	case t.is(";"):
		return nil, i + 1
	case t.is("{") && !declared:
		return []Stmt{{Kind: Block, At: t.At, Body: p.block(i+1, p.match[i], inClass)}}, p.match[i] + 1
	case t.is("[") && p.lang == CSharp:
		return nil, p.match[i] + 1 // an attribute
	case t.is("@"):
		return nil, min(i+2, end) // a decorator
	case t.Kind == Word:
		if list, next := p.control(i, end, inClass); next > i {
			return list, next
		}
		if f, next := p.method(i, end, inClass); next > i {
			return f, next
		}
	}
	if declared || p.lang.Typed || inClass {
		if list, next := p.declaration(i, end, declared, inClass); next > i {
			return list, next
		}
	}
	return p.simple(i, end)
}

// control reads a statement that starts with a keyword; next is i where none does.
func (p *parser) control(i, end int, inClass bool) (list []Stmt, next int) {
	t, following := &p.toks[i], p.tok(i+1, end)
	switch t.Text {
	case "if", "while", "for", "foreach", "switch", "catch", "else", "do", "try", "finally", "unchecked", "checked", "using", "lock", "fixed", "await":
		return p.nested(i, end, inClass)
	case "return", "throw", "co_return", "yield":
		return p.leaving(i, end)
	case "import":
		if !following.oneOf("( .") {
			next := p.statementEnd(i+1, end)
			return p.bound(i+1, p.find(i+1, next, func(t *Token) bool { return t.word("from") })), next
		}
	case "break", "continue", "goto", "typedef", "type":
		if !following.oneOf("( . =") {
			return nil, p.statementEnd(i+1, end)
		}
	case "delete":
		target, stop := p.expression(i+1, end)
		value := &Node{Kind: Other, At: t.At, Why: "a value that is deleted"}
		return []Stmt{{Kind: Assign, At: t.At, Target: target, Value: value}}, p.statementEnd(stop, end)
	case "default":
		if following.is(":") {
			return nil, i + 2
		}
	case "case":
		if colon := p.find(i, end, func(t *Token) bool { return t.is(":") }); colon < end {
			return nil, colon + 1
		}
	case "namespace", "class", "struct", "interface", "record", "enum", "union", "template":
		if following.Kind == Word || following.oneOf("{ <") {
			return p.class(i, end)
		}
	}
	if following.is(":") && p.lang == CPP || t.Text == "export" && following.is("{") {
		return nil, i + 2 // a label such as public:
	}
	return nil, i
}

// nested reads a keyword with the statement that belongs to it.
func (p *parser) nested(i, end int, inClass bool) ([]Stmt, int) {
	t, following := &p.toks[i], p.tok(i+1, end)
	after := i + 1
	if following.word("constexpr") || following.word("await") && t.Text != "await" {
		after++
	}
	if p.tok(after, end).is("(") {
		after = p.match[after] + 1
	}
	switch t.Text {
	case "try", "finally", "unchecked", "checked":
		return p.statement(after, end, false)
	case "using", "lock", "fixed":
		if following.is("(") {
			header := p.block(i+2, after-1, false)
			body, next := p.statement(after, end, false)
			return append(header, body...), next
		}
		if t.Text != "using" || following.word("namespace") || !p.hasBeforeEnd(i, end, "=") {
			return nil, p.statementEnd(i, end)
		}
		return p.statement(i+1, end, inClass)
	case "await":
		if following.word("using") || following.word("foreach") {
			return p.statement(i+1, end, false)
		}
		return nil, i
	}
	body, next := p.statement(after, end, false)
	if t.Text == "if" && p.startsProgram(i+1, after) {
		return body, next
	}
	return []Stmt{{Kind: Branch, At: t.At, Body: body}}, next
}

// leaving reads a statement after which nothing runs, or yield.
func (p *parser) leaving(i, end int) ([]Stmt, int) {
	s := Stmt{Kind: Return, At: p.at(i)}
	if p.toks[i].word("yield") {
		s.Kind = Do
	}
	if p.ends(i+1, end) {
		s.Kind = Return
		return []Stmt{s}, p.statementEnd(i, end)
	}
	value, stop := p.value(i+1, end)
	s.Value = value
	return []Stmt{s}, p.statementEnd(stop, end)
}

// startsProgram reports whether a condition only asks how the program was started:
// without arguments, or as the main module.
func (p *parser) startsProgram(i, end int) bool {
	var condition strings.Builder
	for ; i < end && condition.Len() < 40; i++ {
		condition.WriteString(p.toks[i].Text)
	}
	switch condition.String() {
	case "(args.Length==0)", "(require.main===module)":
		return true
	}
	return false
}

// ends reports whether a statement ends before i.
func (p *parser) ends(i, end int) bool {
	return i >= end || p.toks[i].is(";") || p.lang.Lines && p.toks[i].first
}

// class reads a class, or a namespace, whose members count as if they stood outside.
func (p *parser) class(i, end int) ([]Stmt, int) {
	word := p.toks[i].Text
	if word == "template" {
		if next := p.generics(i+1, end); next > 0 {
			return nil, next
		}
		return nil, i + 1
	}
	open := p.find(i, end, func(t *Token) bool { return t.oneOf("{ ; =") })
	name := p.tok(i+1, end)
	if name.word("class") || name.word("struct") {
		name = p.tok(i+2, end)
	}
	switch {
	case open >= end || !p.toks[open].is("{"):
		if open < end && p.toks[open].is("=") {
			return nil, i // a variable of a type struct X
		}
		return nil, min(open+1, end)
	case word == "enum":
		return nil, p.match[open] + 1
	case word == "namespace":
		return p.block(open+1, p.match[open], false), p.match[open] + 1
	}
	body := p.block(open+1, p.match[open], true)
	return []Stmt{{Kind: Class, At: name.At, Name: name.Text, Body: body}}, p.match[open] + 1
}

// method reads the declaration of a function with its body; next is i where none stands.
func (p *parser) method(i, end int, inClass bool) ([]Stmt, int) {
	j := i
	for j < end && (p.toks[j].Kind == Word || p.toks[j].oneOf(":: < > , . * & ? && ~ [ ]")) && !strings.Contains(" new return throw await ", " "+p.toks[j].Text+" ") {
		j++
	}
	if j >= end || j == i || !p.toks[j].is("(") || p.toks[j-1].Kind != Word {
		return nil, i
	}
	if j == i+1 && !inClass { // a call, except for the function of the same form in JavaScript
		return nil, i
	}
	name, given := p.toks[j-1].Text, p.params(j+1, p.match[j])
	k := p.match[j] + 1
	for k < end && !p.toks[k].oneOf("{ ; = =>") {
		if t := &p.toks[k]; t.Kind != Word && !t.oneOf(": :: -> < > , . * & && ( ?") {
			return nil, i
		}
		k = p.past(k)
	}
	var f *Node
	switch {
	case k < end && p.toks[k].is("{"):
		f = p.function(j-1, given, p.block(k+1, p.match[k], false))
		k = p.match[k] + 1
	case k < end && p.toks[k].is("=>") && p.lang == CSharp:
		var body []Stmt
		body, k = p.assigned(k+1, end)
		f = p.function(j-1, given, body)
		k = p.statementEnd(k, end)
	default:
		return nil, i
	}
	return []Stmt{{Kind: Define, At: f.At, Name: name, Value: f}}, k
}

// declaration reads "name = value" after const or the like, or "Type name = value".
func (p *parser) declaration(i, end int, declared, inClass bool) ([]Stmt, int) {
	start := i
	var class *Node
	if p.lang.Typed {
		if class, i = p.typeName(i, end, declared); i == start && !declared {
			return nil, start
		}
	}
	for i < end && p.toks[i].oneOf("& && * #") || p.tok(i, end).word("const") {
		i++
	}
	name := p.tok(i, end)
	if name.oneOf("{ [") || name.is("(") && p.lang == CSharp && declared { // several names for the parts of one value
		eq := p.find(i, end, func(t *Token) bool { return t.oneOf("= ;") })
		if eq >= end || !p.toks[eq].is("=") {
			return nil, start
		}
		value, stop := p.expression(eq+1, end)
		return append([]Stmt{{Kind: Do, At: name.At, Value: value}}, p.bound(i, eq)...), p.statementEnd(stop, end)
	}
	if name.Kind != Word {
		return nil, start
	}
	s := Stmt{Kind: Declare, At: name.At, Name: name.Text}
	i++
	if p.lang == JavaScript && p.tok(i, end).is(":") {
		i = p.find(i, end, func(t *Token) bool { return t.oneOf("= ;") || t.first })
	}
	if p.tok(i, end).is("[") && p.lang == CPP { // an array of characters
		i = p.match[i] + 1
	}
	return p.initializer(s, class, i, end, start, declared, inClass)
}

// initializer reads what follows the name in a declaration.
func (p *parser) initializer(s Stmt, class *Node, i, end, start int, declared, inClass bool) ([]Stmt, int) {
	t, nameAt := p.tok(i, end), i-1
	switch {
	case t.is("{") && p.lang == CSharp: // a property
		i = p.match[i] + 1
		if p.tok(i, end).is("=") {
			s.Value, i = p.value(i+1, end)
			return []Stmt{s}, p.statementEnd(i, end)
		}
		return []Stmt{s}, i
	case t.is("=>") && p.lang == CSharp:
		s.Value, i = p.value(i+1, end)
		return []Stmt{s}, p.statementEnd(i, end)
	case t.is("="):
		s.Value, i = p.value(i+1, end)
		if p.lang == CPP {
			s.Value = held(s.Value, p.toks[max(start, nameAt-1)].oneOf("& && *"))
		}
		if p.tok(i, end).is("=") { // a = b = value
			s.Value, i = p.value(i+1, end)
		}
	case t.oneOf("( {") && p.lang == CPP:
		s.Value = &Node{Kind: Call, New: true, At: s.At, X: class, Args: p.args(i+1, p.match[i])}
		i = p.match[i] + 1
	case t.oneOf("; ,") || i >= end || p.ends(i, end):
		if p.lang == CPP && class != nil {
			s.Value = &Node{Kind: Call, New: true, At: s.At, X: class}
		}
	case t.is(":"): // of a loop over elements
		return nil, end
	case t.word("of") || t.word("in"):
		return nil, end
	default:
		return nil, start
	}
	if p.tok(i, end).is(",") {
		more, next := p.initializerAfterComma(class, i+1, end, declared, inClass)
		return append([]Stmt{s}, more...), next
	}
	return []Stmt{s}, p.statementEnd(i, end)
}

func (p *parser) initializerAfterComma(class *Node, i, end int, declared, inClass bool) ([]Stmt, int) {
	if p.depth++; p.depth > maxDepth || p.tok(i, end).Kind != Word {
		p.depth--
		return nil, p.statementEnd(i, end)
	}
	defer func() { p.depth-- }()
	s := Stmt{Kind: Declare, At: p.toks[i].At, Name: p.toks[i].Text}
	list, next := p.initializer(s, class, i+1, end, i, declared, inClass)
	return list, max(next, i+1)
}

// typeName reads a type that a name follows; the index stays where none does. After
// auto or var there may be none.
func (p *parser) typeName(i, end int, declared bool) (*Node, int) {
	start := i
	var class *Node
	for i < end && p.toks[i].Kind == Word {
		if class == nil {
			class = &Node{Kind: NameNode, At: p.at(i), Text: p.toks[i].Text}
		} else {
			class = &Node{Kind: Member, At: p.at(i), Text: p.toks[i].Text, X: class}
		}
		i++
		if next := p.generics(i, end); next > 0 {
			i = next
		}
		if !p.tok(i, end).oneOf(". ::") {
			break
		}
		i++
	}
	for i < end && (p.toks[i].oneOf("* & && ?") || p.toks[i].is("[") && p.match[i] == i+1 || p.toks[i].word("const")) {
		i = p.past(i)
	}
	if name := p.tok(i, end); i > start && name.Kind == Word && p.tok(i+1, end).oneOf("= ; , ( { : => [") {
		return class, i
	}
	return nil, start
}

// simple reads an assignment or an expression.
func (p *parser) simple(i, end int) ([]Stmt, int) {
	target, next := p.expression(i, end)
	s := Stmt{Kind: Do, At: target.At, Value: target}
	switch t := p.tok(next, end); {
	case t.is("="), t.is("+="):
		s.Kind, s.Target = Assign, target
		s.Value, next = p.value(next+1, end)
		if t.is("+=") {
			s.Value = &Node{Kind: Add, At: s.Value.At, Args: []Arg{{Value: target}, {Value: s.Value}}}
		}
		var list []Stmt
		for p.tok(next, end).is("=") { // a = b = value
			list = append(list, s)
			inner := s.Value
			s = Stmt{Kind: Assign, At: inner.At, Target: inner}
			s.Value, next = p.value(next+1, end)
		}
		for i := range list {
			list[i].Value = s.Value
		}
		return append(list, s), p.statementEnd(next, end)
	case t.oneOf("-= *= /= &= |= ^= %= ??= ||= &&= <<= **="):
		s.Kind, s.Target, s.Value = Assign, target, &Node{Kind: Other, At: target.At, Why: conditional}
	}
	return []Stmt{s}, p.statementEnd(next, end)
}

// value reads an expression after which nothing of the statement is left. What is left
// could change it.
func (p *parser) value(i, end int) (*Node, int) {
	n, next := p.expression(i, end)
	if !p.ends(next, end) && !p.toks[next].oneOf(", =") {
		return &Node{Kind: Other, At: n.At, Why: computed}, next
	}
	return n, next
}

// statementEnd gives the index after a statement of which i is a part.
func (p *parser) statementEnd(i, end int) int {
	for ; i < end; i = p.past(i) {
		if p.toks[i].is(";") {
			return i + 1
		}
		if p.lang.Lines && p.toks[i].first {
			return i
		}
	}
	return end
}

// hasBeforeEnd reports whether an operator stands in the rest of a statement.
func (p *parser) hasBeforeEnd(i, end int, op string) bool {
	stop := p.find(i, end, func(t *Token) bool { return t.is(";") || t.is(op) })
	return stop < end && p.toks[stop].is(op)
}

// held marks a variable that gets a copy of an object that exists already, or refers to
// another variable.
func held(n *Node, refers bool) *Node {
	if refers && n.Kind == NameNode {
		return &Node{Kind: Reference, At: n.At, X: n}
	}
	if refers {
		return n
	}
	isGetter := n.Kind == Call && n.X != nil && n.X.Kind == Member && strings.HasPrefix(n.X.Text, "get_")
	if n.Kind == NameNode || n.Kind == Member || isGetter {
		return &Node{Kind: Copy, At: n.At, X: n}
	}
	return n
}

// bound declares the names in a pattern such as {a, b: c}: nobody knows what they are.
func (p *parser) bound(i, end int) []Stmt {
	var list []Stmt
	for ; i < end; i++ {
		t := &p.toks[i]
		if t.Kind != Word || t.word("as") || p.tok(i+1, end).is(":") || p.tok(i+1, end).word("as") {
			continue
		}
		list = append(list, Stmt{Kind: Declare, At: t.At, Name: t.Text, Value: &Node{Kind: Symbol, At: t.At, Text: t.Text}})
	}
	return list
}
