package java

// This file reads the statements of Kotlin, Scala and Groovy. A line ends a statement,
// so the tokens know where lines begin.

func (p *parser) dialectBlock() *stmt {
	s := &stmt{op: stBlock, at: p.pos(p.i)}
	p.within(func() { s.body = p.dialectStatements() })
	return s
}

func (p *parser) dialectStatements() (list []*stmt) {
	for !p.done() {
		before := p.i
		list = append(list, p.dialectStatement()...)
		if p.i == before {
			p.i++
		}
	}
	return list
}

// conditional reads a body that may run or not.
func (p *parser) conditional() *stmt {
	return &stmt{op: stBranch, at: p.pos(p.i), body: p.dialectStatement()}
}

// dialectStatement reads one statement.
func (p *parser) dialectStatement() (list []*stmt) {
	p.depth++
	defer func() { p.depth-- }()
	if p.tooDeep() || p.done() {
		return nil
	}
	p.skipDialectModifiers()
	if p.done() {
		return nil
	}
	at := p.pos(p.i)
	local := func(name string, i int, x *expr) {
		list = append(list, &stmt{op: stLocal, at: p.pos(i), name: name, x: x})
	}
	switch t := p.tokens[p.i]; {
	case t.is(";"), t.is(","):
		p.i++
		return nil
	case t.is("{"):
		return []*stmt{p.dialectBlock()}
	case t.word("if"), t.word("for"), t.word("while"), t.word("foreach"):
		if p.i++; p.dialect.scala && !p.at("(") && !p.at("{") {
			p.failAt(p.i, "a condition without parentheses is not read", "put parentheses around it")
			return nil
		}
		list = append(list, evaluate(at, p.dialectCondition()))
		list = append(list, p.conditional())
		for p.acceptWord("else") {
			list = append(list, p.conditional())
		}
		return list
	case t.word("try"), t.word("do"):
		p.i++
		list = p.dialectStatement()
		return append(list, p.afterTry()...)
	case t.word("when") && p.dialect.kotlin, t.word("switch"):
		p.i++
		list = append(list, evaluate(at, p.dialectCondition()))
		if p.at("{") {
			list = append(list, p.arms()...)
		}
		return list
	case t.word("return"):
		p.i++
		for p.accept("@") { // return@label
			p.i++
		}
		s := &stmt{op: stReturn, at: at}
		if !p.done() && !p.tokens[p.i].newline && !p.at(";") {
			s.x = p.dialectExpression()
		}
		return []*stmt{s}
	case t.word("class"), t.word("object") && p.name(p.i+1), t.word("interface"), t.word("trait"), t.word("fun") && p.dialect.kotlin,
		t.word("def") && p.dialect.scala: // declared in a body: not followed
		for p.i++; !p.done() && !p.at("{") && !p.tokens[p.i].newline; p.i++ {
			if p.at("(") || p.at("[") {
				p.i = int(p.match[p.i])
			}
		}
		if p.at("{") {
			p.i = int(p.match[p.i]) + 1
		}
		return nil
	case p.variable(local):
		return list
	}
	return []*stmt{evaluate(at, p.dialectExpression())}
}

// afterTry reads catch and finally, or the while of a do.
func (p *parser) afterTry() (list []*stmt) {
	for !p.done() {
		switch at := p.pos(p.i); {
		case p.acceptWord("catch"):
			if p.at("(") {
				p.i = int(p.match[p.i]) + 1
			}
			if p.dialect.scala && p.at("{") {
				list = append(list, p.arms()...)
				continue
			}
			list = append(list, p.conditional())
		case p.acceptWord("finally"):
			list = append(list, p.dialectStatement()...)
		case p.acceptWord("while"):
			list = append(list, evaluate(at, p.dialectCondition()))
		default:
			return list
		}
	}
	return list
}

// arms reads the body of when, match or switch: each statement may run or not.
func (p *parser) arms() (list []*stmt) {
	p.within(func() {
		for !p.done() {
			before := p.i
			for p.acceptWord("case") || p.acceptWord("default") || p.accept(":") || p.accept("->") || p.accept("=>") || p.acceptWord("else") || p.acceptWord("break") {
			}
			list = append(list, p.conditional())
			if p.i == before {
				p.i++
			}
		}
	})
	return list
}

// dialectCondition reads the expression in parentheses at the cursor.
func (p *parser) dialectCondition() (x *expr) {
	if p.at("(") {
		p.within(func() { x = p.dialectExpression() })
	}
	return x
}
