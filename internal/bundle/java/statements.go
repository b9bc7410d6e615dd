package java

import "github.com/failover-gen/failover-gen/internal/fault"

// parser reads statements and expressions between two tokens. What it does not know
// becomes exNotKnown, and the evaluator says so if a value depends on it. Its only
// fault is nesting that is too deep.
type parser struct {
	*unit
	i, end int
	depth  int
	// flat means that the end of a line ends nothing: between parentheses, in dialects.
	flat bool
}

// parseBlock reads the statements between the braces that open at index open.
func (u *unit) parseBlock(open int) []*stmt {
	p := &parser{unit: u, i: open + 1, end: int(u.match[open])}
	return p.statements()
}

// parseInitializer reads the expression after = and returns the index after it.
func (u *unit) parseInitializer(i, end int) (*expr, int) {
	p := &parser{unit: u, i: i, end: end}
	x := p.expression()
	p.skipTo(",")
	return x, p.i
}

func (p *parser) tooDeep() bool {
	if p.depth <= maxDepth {
		return false
	}
	p.failAt(p.i, "the source is nested too deeply to follow", "keep only the client's own sources in the bundle")
	p.i = p.end
	return true
}

func (p *parser) done() bool           { return p.i >= p.end || p.fault != nil }
func (p *parser) at(op string) bool    { return p.i < p.end && p.tokens[p.i].is(op) }
func (p *parser) atWord(s string) bool { return p.i < p.end && p.tokens[p.i].word(s) }

func (p *parser) accept(op string) bool {
	if p.at(op) {
		p.i++
		return true
	}
	return false
}

func (p *parser) acceptWord(s string) bool {
	if p.atWord(s) {
		p.i++
		return true
	}
	return false
}

// skipTo moves to the next op outside brackets, or to the end.
func (p *parser) skipTo(op string) {
	for p.i < p.end && !p.at(op) {
		if p.at("(") || p.at("[") || p.at("{") {
			p.i = int(p.match[p.i])
		}
		p.i++
	}
	p.i = min(p.i, p.end)
}

// within calls f to read what stands inside the bracket at the cursor. After that the
// cursor is behind the bracket.
func (p *parser) within(f func()) {
	close, end, flat := int(p.match[p.i]), p.end, p.flat
	p.flat = !p.at("{")
	p.i, p.end = p.i+1, min(close, end)
	f()
	p.i, p.end, p.flat = min(close+1, end), end, flat
}

func (p *parser) statements() []*stmt {
	var list []*stmt
	for !p.done() {
		before := p.i
		if s := p.statement(); s != nil {
			list = append(list, s...)
		}
		if p.i == before {
			p.i++
		}
	}
	return list
}

func (p *parser) block() *stmt {
	s := &stmt{op: stBlock, at: p.pos(p.i)}
	p.within(func() { s.body = p.statements() })
	return s
}

// body reads a statement that stands for itself: a branch, a loop's body.
func (p *parser) body(op stmtOp) *stmt {
	at := p.pos(p.i)
	return &stmt{op: op, at: at, body: p.statement()}
}

// condition reads the expression in parentheses at the cursor.
func (p *parser) condition() (x *expr) {
	if p.at("(") {
		p.within(func() { x = p.expression() })
	}
	return x
}

func evaluate(at fault.Position, x *expr) *stmt { return &stmt{op: stExpr, at: at, x: x} }

// statement reads one statement; a declaration of several variables gives several.
func (p *parser) statement() []*stmt {
	p.depth++
	defer func() { p.depth-- }()
	if p.tooDeep() || p.done() {
		return nil
	}
	at := p.pos(p.i)
	switch t := p.tokens[p.i]; {
	case t.is(";"):
		p.i++
		return nil
	case t.is("{"):
		return []*stmt{p.block()}
	case t.kind == identifier && p.is(p.i+1, ":") && p.i+1 < p.end && t.text != "default":
		p.i += 2 // a label
		return p.statement()
	case t.word("if"):
		return p.ifStatement(at)
	case t.word("for"), t.word("while"):
		return []*stmt{p.loop(at)}
	case t.word("do"):
		p.i++
		once := p.body(stBlock)
		if p.acceptWord("while") {
			once.body = append(once.body, evaluate(at, p.condition()))
		}
		return []*stmt{once}
	case t.word("try"):
		return []*stmt{p.try(at)}
	case t.word("switch"):
		return []*stmt{p.switchStatement(at)}
	case t.word("synchronized") && p.is(p.i+1, "("):
		p.i++
		return []*stmt{evaluate(at, p.condition()), p.body(stBlock)}
	case t.word("return"):
		p.i++
		return []*stmt{{op: stReturn, at: at, x: p.toSemicolon()}}
	case t.word("throw"), t.word("yield"), t.word("assert"), t.word("break"), t.word("continue"), t.word("case"), t.word("default"):
		p.i = p.endOfStatement(p.i, p.end)
		return nil
	}
	if next := p.skipLocalClass(); next > p.i {
		p.i = min(next, p.end)
		return nil
	}
	if list, ok := p.locals(); ok {
		return list
	}
	return []*stmt{evaluate(at, p.toSemicolon())}
}

// toSemicolon reads an expression and moves behind the statement's end.
func (p *parser) toSemicolon() *expr {
	end, stop := p.end, p.endOfStatement(p.i, p.end)
	p.end = stop
	var x *expr
	if p.i < stop {
		x = p.expression()
	}
	p.i, p.end = min(stop+1, end), end
	return x
}

func (p *parser) skipLocalClass() int {
	i := p.skipModifiers(p.i)
	for p.word(i, "static") || p.word(i, "abstract") {
		i++
	}
	if !p.name(i+1) || !p.word(i, "class") && !p.word(i, "interface") && !p.word(i, "enum") && !(p.word(i, "record") && p.is(i+2, "(")) {
		return p.i
	}
	return p.endOfMember(i, p.end)
}

// locals reads "Type a = x, b = y;".
func (p *parser) locals() ([]*stmt, bool) {
	start := p.skipModifiers(p.i)
	name := p.skipType(start)
	if name < 0 || name >= p.end || !p.name(name) || p.word(name, "instanceof") || p.word(start, "new") {
		return nil, false
	}
	if !p.is(name+1, "=") && !p.is(name+1, ";") && !p.is(name+1, ",") && !p.is(name+1, "[") && name+1 != p.end {
		return nil, false
	}
	end, stop := p.end, p.endOfStatement(name, p.end)
	p.end = stop
	var list []*stmt
	for p.i = name; !p.done() && p.name(p.i); {
		s := &stmt{op: stLocal, at: p.pos(p.i), name: p.tokens[p.i].text}
		p.i++
		for p.at("[") {
			p.i = int(p.match[p.i]) + 1
		}
		if p.accept("=") {
			s.x = p.expression()
			p.skipTo(",")
		}
		list = append(list, s)
		if !p.accept(",") {
			break
		}
	}
	p.i, p.end = min(stop+1, end), end
	return list, true
}

func (p *parser) ifStatement(at fault.Position) []*stmt {
	p.i++
	never := p.is(p.i, "(") && p.word(p.i+1, "false") && p.is(p.i+2, ")")
	always := p.is(p.i, "(") && p.word(p.i+1, "true") && p.is(p.i+2, ")")
	list := []*stmt{evaluate(at, p.condition())}
	op := stBranch
	if always {
		op = stBlock
	}
	then := p.body(op)
	if !never {
		list = append(list, then)
	}
	if p.acceptWord("else") {
		if never {
			op = stBlock
		}
		otherwise := p.body(op)
		if !always {
			list = append(list, otherwise)
		}
	}
	return list
}

func (p *parser) loop(at fault.Position) *stmt {
	s := &stmt{op: stBlock, at: at}
	isFor := p.word(p.i, "for")
	p.i++
	never := !isFor && p.word(p.i+1, "false") && p.is(p.i+2, ")")
	switch {
	case !p.at("("):
	case isFor:
		p.within(func() { s.body = p.forHeader() })
	default:
		s.body = append(s.body, evaluate(at, p.condition()))
	}
	if body := p.body(stBranch); !never {
		s.body = append(s.body, body)
	}
	return s
}

// forHeader reads "init; condition; update" or "Type name : list".
func (p *parser) forHeader() []*stmt {
	start := p.skipModifiers(p.i)
	if name := p.skipType(start); name > 0 && p.name(name) && p.is(name+1, ":") {
		at := p.pos(name)
		p.i = name + 2
		x := &expr{op: exNotKnown, at: at, name: "an element of a loop", args: []*expr{p.expression()}}
		return []*stmt{{op: stLocal, at: at, name: p.tokens[name].text, x: x}}
	}
	return p.statement()
}

func (p *parser) try(at fault.Position) *stmt {
	s := &stmt{op: stBlock, at: at}
	p.i++
	if p.at("(") {
		p.within(func() { s.body = p.statements() })
	}
	if p.at("{") {
		s.body = append(s.body, p.block())
	}
	for p.acceptWord("catch") {
		if p.at("(") {
			p.i = int(p.match[p.i]) + 1
		}
		s.body = append(s.body, p.body(stBranch))
	}
	if p.acceptWord("finally") {
		s.body = append(s.body, p.body(stBlock))
	}
	return s
}

// switchStatement makes each case a branch.
func (p *parser) switchStatement(at fault.Position) *stmt {
	s := &stmt{op: stBlock, at: at}
	p.i++
	s.body = append(s.body, evaluate(at, p.condition()))
	if !p.at("{") {
		return s
	}
	p.within(func() {
		branch := &stmt{op: stBranch, at: at}
		for !p.done() {
			before := p.i
			if p.atWord("case") || p.atWord("default") {
				branch = &stmt{op: stBranch, at: p.pos(p.i)}
				s.body = append(s.body, branch)
				p.skipCaseLabel()
			} else {
				branch.body = append(branch.body, p.statement()...)
			}
			if p.i == before {
				p.i++
			}
		}
	})
	return s
}

func (p *parser) skipCaseLabel() {
	for !p.done() && !p.at(":") && !p.at("->") {
		if p.at("(") {
			p.i = int(p.match[p.i])
		}
		p.i++
	}
	p.i = min(p.i+1, p.end)
}
