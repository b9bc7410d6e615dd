package java

import (
	"strings"
)

// dialectExpression reads an expression up to the end of its statement or argument.
func (p *parser) dialectExpression() *expr {
	p.depth++
	defer func() { p.depth-- }()
	start := p.i
	if p.tooDeep() || p.done() {
		return p.notKnown(start, "an expression that is missing")
	}
	left := p.dialectOperand()
	switch {
	case p.accept("="):
		return &expr{op: exAssign, at: left.at, args: []*expr{left, p.wholeExpression()}}
	case p.accept("+="):
		return &expr{op: exAddTo, at: left.at, args: []*expr{left, p.wholeExpression()}}
	case p.at("->") || p.at("=>"):
		return p.dialectLambdaBody(start)
	}
	return left
}

// wholeExpression reads an expression that must reach to the end of its statement or
// argument. One that does not was not understood.
func (p *parser) wholeExpression() *expr {
	x := p.dialectExpression()
	if p.done() || p.tokens[p.i].newline && !p.flat || p.at(";") || p.at(",") || p.atWord("else") || p.at(")") || p.at("}") || p.atWord("get") || p.atWord("set") {
		return x
	}
	return p.notKnown(p.i, "something that is not understood", x)
}

// dialectLambdaBody reads what follows the parameters of a lambda expression without
// braces, or of an arm of when.
func (p *parser) dialectLambdaBody(start int) *expr {
	p.i++
	x := p.notKnown(start, "a lambda expression")
	x.body = []*stmt{p.conditional()}
	return x
}

// goesOn reports whether the expression goes on at the cursor.
func (p *parser) goesOn() bool {
	if p.done() || p.at(";") || p.at(",") {
		return false
	}
	if !p.tokens[p.i].newline || p.flat {
		return true
	}
	return p.at(".") || p.at("?.") || p.at("?:") || p.at("&&") || p.at("||") || p.at("*.")
}

// dialectOperand reads operands joined by operators. Only + is followed.
func (p *parser) dialectOperand() *expr {
	start := p.i
	args := []*expr{p.dialectUnary()}
	sum := true
	for n := 0; p.goesOn() && n < maxChain; n++ {
		t := p.tokens[p.i]
		switch {
		case p.accept("+"):
		case t.kind == operator && strings.Contains(" - * / % == != === !== < <= > && || & | ^ ?: .. <- ? ", " "+t.text+" "):
			p.i++
			sum = false
			for p.accept(">") || p.accept("=") {
			}
		case t.is(":") && !sum: // of Groovy's a ? b : c
			p.i++
		case t.word("as"), t.word("is"), t.word("instanceof"):
			p.i++
			p.accept("?")
			sum = sum && t.word("as")
			p.skipDialectType()
			continue
		case t.word("match") && p.dialect.scala && p.is(p.i+1, "{"):
			p.i++
			sum = false
			args = append(args, &expr{op: exNotKnown, at: p.pos(p.i), name: "a value that depends on a condition", body: p.arms()})
			continue
		case (t.kind == identifier || p.dialect.groovy && t.kind != operator) && !t.newline && !t.word("else") && len(args) == 1 && sum:
			return p.infix(args[0])
		case t.kind == identifier && !t.word("else"):
			p.i++
			sum = false
		default:
			return joined(p.notKnown(start, "the result of an operator"), args, sum)
		}
		if p.done() {
			break
		}
		args = append(args, p.dialectUnary())
	}
	return joined(p.notKnown(start, "the result of an operator"), args, sum)
}

// infix reads a call without parentheses: config setName "x" in Scala, config.setName
// "x" in Groovy. In Kotlin it is of a function that is not known.
func (p *parser) infix(left *expr) *expr {
	name := p.i
	switch {
	case p.dialect.scala:
		p.i++
		x := &expr{op: exCall, at: p.pos(name), name: p.tokens[name].text, recv: left}
		if p.goesOn() {
			if p.at("(") {
				x.args = p.dialectArguments(x)
			} else {
				x.args = []*expr{p.dialectUnary()}
			}
		}
		return x
	case p.dialect.groovy && (left.op == exName || left.op == exSelect):
		return p.command(left)
	}
	p.i++
	x := p.notKnown(name, "the result of an operator", left)
	if p.goesOn() {
		x.args = append(x.args, p.dialectUnary())
	}
	return x
}

// command reads Groovy's arguments without parentheses.
func (p *parser) command(left *expr) *expr {
	x := &expr{op: exCall, at: left.at, name: left.name, recv: left.recv}
	for n := 0; n < maxChain; n++ {
		x.args = append(x.args, p.dialectExpression())
		if !p.at(",") {
			break
		}
		p.i++
	}
	return x
}

func (p *parser) dialectUnary() *expr {
	p.depth++
	defer func() { p.depth-- }()
	start := p.i
	if p.tooDeep() || p.done() {
		return p.notKnown(start, "an expression that is missing")
	}
	for _, op := range []string{"!", "-", "+", "~", "++", "--", "*"} {
		if p.accept(op) {
			return p.notKnown(start, "the result of an operator", p.dialectUnary())
		}
	}
	x := p.dialectPrimary()
	for n := 0; p.goesOn(); n++ {
		if n > maxChain {
			p.failAt(p.i, "the chain of calls is too long to follow", "keep only the client's own sources in the bundle")
			break
		}
		next := p.dialectSuffix(x)
		if next == nil {
			break
		}
		x = next
	}
	return x
}

func (p *parser) dialectPrimary() *expr {
	start := p.i
	t := p.tokens[start]
	x := &expr{at: p.pos(start), name: t.text}
	p.i++
	switch {
	case t.template:
		return p.notKnown(start, "a text with a variable in it")
	case t.garbled:
		x.op, x.name = exGarbled, ""
	case t.kind == text, t.kind == character:
		x.op = exText
		if p.dialect.groovy && !p.done() && p.tokens[p.i].kind == text && !p.tokens[p.i].newline {
			return p.notKnown(start, "something that is not understood")
		}
	case t.kind == number:
		return p.number(x)
	case t.word("null"), t.word("None"):
		x.op = exNull
	case t.word("true"), t.word("false"):
		x.op = exText
	case t.word("new"):
		return p.dialectCreation(start)
	case t.word("if"):
		if p.dialect.scala && !p.at("(") {
			p.failAt(start, "a condition without parentheses is not read", "put parentheses around it")
		}
		return p.dialectIf(start)
	case t.word("when"), t.word("switch"), t.word("try"), t.word("do"), t.word("object"), t.word("throw"), t.word("fun"):
		return p.statementAsValue(start)
	case t.kind == identifier && t.text != "else" && t.text != "return":
		x.op = exName
	case t.is("("):
		p.i--
		p.within(func() {
			x = p.dialectExpression()
			for !p.done() {
				if !p.accept(",") {
					p.i++
					continue
				}
				x = p.notKnown(start, "several values", x, p.dialectExpression())
			}
		})
	case t.is("{"):
		p.i--
		return p.lambdaBlock("a lambda expression")
	case t.is("["):
		p.i--
		x.op, x.name = exArray, ""
		x.args = p.dialectArguments(nil)
	default:
		if p.i = start; !t.is(",") && !t.is(";") && !t.is(")") {
			p.i++
		}
		return p.notKnown(start, "something that is not understood")
	}
	return x
}

// lambdaBlock reads a block that some other code runs, or does not.
func (p *parser) lambdaBlock(what string) *expr {
	x := p.notKnown(p.i, what)
	at := p.pos(p.i)
	p.within(func() {
		p.lambdaHeader()
		x.body = []*stmt{{op: stBranch, at: at, body: p.dialectStatements()}}
	})
	return x
}

// lambdaHeader skips the parameters of a lambda expression, and gives the first.
func (p *parser) lambdaHeader() string {
	name := "it"
	for i := p.i; i < p.end && i < p.i+40 && (p.name(i) || p.is(i, ",") || p.is(i, ":") || p.is(i, "(") || p.is(i, ")") || p.is(i, "?")) && !(i > p.i && p.tokens[i].newline); i++ {
		if p.is(i+1, "->") || p.is(i+1, "=>") {
			if p.name(p.i) {
				name = p.tokens[p.i].text
			}
			p.i = i + 2
			return name
		}
	}
	p.accept("->")
	return name
}

// dialectIf reads an if that gives a value.
func (p *parser) dialectIf(start int) *expr {
	condition := p.dialectCondition()
	x := &expr{op: exNotKnown, at: p.pos(start), name: "a value that depends on a condition", args: []*expr{condition}}
	if condition == nil {
		x.args = nil
	}
	branches := 0
	simple := !p.at("{")
	var values []*expr
	for branches < 2 && !p.done() {
		if branches++; p.at("{") {
			simple = false
		}
		if simple {
			values = append(values, p.dialectExpression())
		} else {
			x.body = append(x.body, p.conditional())
		}
		if !p.acceptWord("else") {
			break
		}
	}
	if simple && len(values) == 2 && condition != nil {
		x.op, x.args = exEither, append([]*expr{condition}, values...)
		return x
	}
	x.args = append(x.args, values...)
	return x
}

// statementAsValue reads a statement that gives a value, which is not followed.
func (p *parser) statementAsValue(start int) *expr {
	p.i = start
	x := p.notKnown(start, "a value that depends on a condition")
	switch {
	case p.acceptWord("throw"):
		x.args = []*expr{p.dialectExpression()}
	case p.acceptWord("object"), p.acceptWord("fun"):
		x.name = "an object without a name"
		for !p.done() && !p.at("{") && !p.at(",") {
			if p.i++; p.at("(") {
				p.i = int(p.match[p.i]) + 1
			}
		}
		if p.at("{") {
			p.i = int(p.match[p.i]) + 1
		}
	default:
		x.body = p.dialectStatement()
	}
	return x
}

// dialectCreation reads what follows new.
func (p *parser) dialectCreation(start int) *expr {
	x := &expr{op: exNew, at: p.pos(start)}
	for !p.done() && p.name(p.i) {
		x.name = p.tokens[p.i].text
		if p.i++; !p.accept(".") {
			break
		}
	}
	p.typeArguments()
	if p.at("(") {
		x.args = p.dialectArguments(x)
	}
	if p.at("{") && p.dialect.scala { // an anonymous class
		x = p.notKnown(start, "an object without a name", x)
		p.i = int(p.match[p.i]) + 1
	}
	return x
}

// typeArguments skips <T>, or in Scala [T].
func (p *parser) typeArguments() {
	if p.at("<") {
		if next := p.skipAngles(p.i); next > 0 && (p.is(next, "(") || p.is(next, "{")) {
			p.i = min(next, p.end)
		}
	} else if p.dialect.scala && p.at("[") {
		p.i = int(p.match[p.i]) + 1
	}
}

// dialectArguments reads the expressions in the bracket at the cursor. Arguments by
// name fill in the properties of a new object in Groovy; elsewhere their places are not
// known.
func (p *parser) dialectArguments(of *expr) (args []*expr) {
	p.within(func() {
		for !p.done() {
			start := p.i
			switch {
			case p.name(p.i) && p.is(p.i+1, "=") && !p.is(p.i+2, "="), (p.name(p.i) || p.tokens[p.i].kind == text) && p.is(p.i+1, ":") && p.dialect.groovy:
				p.i += 2
				named := p.dialectExpression()
				if p.dialect.groovy && of != nil && of.op == exNew {
					target := &expr{op: exName, at: p.pos(start), name: p.tokens[start].text}
					of.body = append(of.body, evaluate(target.at, &expr{op: exAssign, at: target.at, args: []*expr{target, named}}))
				} else {
					args = append(args, p.notKnown(start, "an argument that is given by name", named))
				}
			default:
				args = append(args, p.wholeExpression())
			}
			p.skipTo(",")
			p.accept(",")
		}
	})
	return args
}

// dialectSuffix reads what may follow a primary.
func (p *parser) dialectSuffix(x *expr) *expr {
	switch {
	case p.at(".") || p.at("?.") || p.at("::") || p.at("*."):
		reference := p.at("::")
		p.i++
		if p.done() || !p.name(p.i) && p.tokens[p.i].kind != text {
			return p.notKnown(p.i, "something that is not understood", x)
		}
		name := p.i
		next := &expr{op: exSelect, at: p.pos(name), name: p.tokens[name].text, recv: x}
		p.i++
		switch {
		case p.tokens[name].template:
			return p.notKnown(name, "a text with a variable in it", x)
		case reference && next.name == "class":
			return next
		case reference:
			ref := p.notKnown(name, "a method reference", x)
			if verb, rest := splitVerb(next.name); verb == "set" && x.op == exName {
				ref.args = append(ref.args, &expr{op: exTouch, at: p.pos(name), recv: x, touched: touched{setter: rest}})
			}
			return ref
		}
		return next
	case p.at("!!"):
		p.i++
		return x
	case p.tokens[p.i].newline && !p.flat: // only a point goes on behind the end of a line
		return nil
	case p.at("("):
		return p.calledWith(x)
	case p.at("<") && (x.op == exName || x.op == exSelect), p.at("[") && p.dialect.scala && (x.op == exName || x.op == exSelect):
		before := p.i
		if p.typeArguments(); p.i == before {
			return nil
		}
		return x
	case p.at("["):
		start := p.i
		if x.op == exName && x.name == "args" {
			return p.notKnown(start, "an argument of the command line", p.dialectArguments(nil)...)
		}
		return &expr{op: exCall, at: p.pos(start), name: "get", recv: x, args: p.dialectArguments(nil)}
	case p.at("{") && (x.op == exName || x.op == exSelect || x.op == exCall || x.op == exNew):
		return p.withBlock(x)
	case p.at("++"), p.at("--"):
		p.i++
		return p.notKnown(p.i-1, "the result of an operator", x)
	}
	return nil
}

// calledWith makes a call of what stands before the parentheses.
func (p *parser) calledWith(x *expr) *expr {
	switch x.op {
	case exName, exSelect:
		call := &expr{op: exCall, at: x.at, name: x.name, recv: x.recv}
		if p.dialect.scala && x.op == exName && x.name == "args" {
			return p.notKnown(p.i, "an argument of the command line", p.dialectArguments(nil)...)
		}
		if p.dialect.kotlin && isClassName(x) {
			call.op, call.recv = exNew, nil
		}
		call.args = p.dialectArguments(call)
		return call
	}
	return p.notKnown(p.i, "the result of a function", append(p.dialectArguments(nil), x)...)
}

// isClassName reports whether Kotlin makes an object of this name: it is written large,
// behind nothing or a package.
func isClassName(x *expr) bool {
	if x.name == "" || x.name[0] < 'A' || x.name[0] > 'Z' || x.name == strings.ToUpper(x.name) {
		return false
	}
	for x = x.recv; x != nil; x = x.recv {
		if x.op != exName && x.op != exSelect || x.name != strings.ToLower(x.name) {
			return false
		}
	}
	return true
}

// withBlock reads the block behind a call: of one of scopeFunctions, or one that other
// code runs.
func (p *parser) withBlock(x *expr) *expr {
	kind := scopeFunctions[x.name]
	scoped := &expr{op: exScoped, at: x.at, name: x.name, recv: x.recv}
	switch {
	case x.op == exCall && x.name == "with" && x.recv == nil && len(x.args) == 1 && p.dialect.kotlin:
		scoped.recv = x.args[0]
	case kind == 0 || x.recv == nil || x.op == exCall && len(x.args) > 0 || x.op == exNew || p.dialect.scala:
		if x.op == exName || x.op == exSelect {
			x = &expr{op: exCall, at: x.at, name: x.name, recv: x.recv}
		}
		if x.op == exCall || x.op == exNew {
			x.args = append(x.args, p.lambdaBlock("a lambda expression"))
		}
		return x
	}
	p.within(func() {
		scoped.param = p.lambdaHeader()
		scoped.body = p.dialectStatements()
	})
	return scoped
}
