package java

// maxChain bounds a chain of calls, which is read in a loop but evaluated by recursion.
const maxChain = 500

func (p *parser) notKnown(i int, what string, args ...*expr) *expr {
	return &expr{op: exNotKnown, at: p.pos(i), name: what, args: args}
}

// expression reads an expression up to the next comma, semicolon, or the end.
func (p *parser) expression() *expr {
	p.depth++
	defer func() { p.depth-- }()
	start := p.i
	if p.tooDeep() || p.done() {
		return p.notKnown(start, "an expression that is missing")
	}
	if next := p.lambda(); next > 0 {
		p.i = next
		return p.lambdaAt(start, next)
	}
	left := p.operand()
	if p.accept("?") {
		yes := p.expression()
		no := p.notKnown(p.i, "an expression that is missing")
		if p.accept(":") {
			no = p.expression()
		}
		return &expr{op: exEither, at: left.at, args: []*expr{left, yes, no}}
	}
	if p.accept("=") {
		return &expr{op: exAssign, at: left.at, args: []*expr{left, p.expression()}}
	}
	if p.accept("+=") {
		return &expr{op: exAddTo, at: left.at, args: []*expr{left, p.expression()}}
	}
	return left
}

// lambda returns the index after the lambda expression at the cursor, or 0.
func (p *parser) lambda() int {
	arrow := p.i + 1
	if p.at("(") {
		arrow = int(p.match[p.i]) + 1
	} else if !p.name(p.i) {
		return 0
	}
	if arrow+1 >= p.end || !p.is(arrow, "->") {
		return 0
	}
	if p.is(arrow+1, "{") {
		return min(int(p.match[arrow+1])+1, p.end)
	}
	end := *p
	for end.i = arrow + 1; !end.done() && !end.at(",") && !end.at(";"); end.i++ {
		if end.at("(") || end.at("[") || end.at("{") {
			end.i = int(p.match[end.i])
		}
	}
	return min(end.i, p.end)
}

// operand reads operands joined by binary operators. Only + is followed.
func (p *parser) operand() *expr {
	start := p.i
	args := []*expr{p.unary()}
	sum := true
	for !p.done() {
		switch {
		case p.accept("+"):
		case p.binaryOperator():
			sum = false
		case p.acceptWord("instanceof"):
			sum = false
			p.i = p.skipModifiers(p.i)
			if next := p.skipType(p.i); next > 0 {
				p.i = min(next, p.end)
			}
			if !p.done() && p.name(p.i) {
				p.i++
			}
			continue
		default:
			return joined(p.notKnown(start, "the result of an operator"), args, sum)
		}
		args = append(args, p.unary())
	}
	return joined(p.notKnown(start, "the result of an operator"), args, sum)
}

func joined(x *expr, args []*expr, sum bool) *expr {
	if len(args) == 1 && sum {
		return args[0]
	}
	x.args = args
	if sum {
		x.op = exAdd
	}
	return x
}

func (p *parser) binaryOperator() bool {
	switch t := p.tokens[p.i]; {
	case t.kind != operator:
		return false
	case t.text == ">":
		for p.accept(">") {
		}
		return true
	}
	for _, op := range []string{"-", "*", "/", "%", "==", "!=", "<", "<=", ">=", "&&", "||", "&", "|", "^", "<<"} {
		if p.accept(op) {
			return true
		}
	}
	return false
}

func (p *parser) unary() *expr {
	p.depth++
	defer func() { p.depth-- }()
	start := p.i
	if p.tooDeep() || p.done() {
		return p.notKnown(start, "an expression that is missing")
	}
	for _, op := range []string{"!", "-", "+", "~", "++", "--"} {
		if p.accept(op) {
			return p.notKnown(start, "the result of an operator", p.unary())
		}
	}
	if after := p.cast(); after > 0 {
		p.i = after
		if next := p.lambda(); next > 0 {
			p.i = next
			return p.lambdaAt(start, next)
		}
		return p.unary()
	}
	x := p.primary()
	for n := 0; !p.done(); n++ {
		if n > maxChain {
			p.failAt(p.i, "the chain of calls is too long to follow", "keep only the client's own sources in the bundle")
			break
		}
		next := p.suffix(x)
		if next == nil {
			break
		}
		x = next
	}
	return x
}

// cast returns the index after the (Type) at the cursor, or 0.
func (p *parser) cast() int {
	if !p.at("(") {
		return 0
	}
	close := int(p.match[p.i])
	if p.skipType(p.i+1) != close || close+1 >= p.end {
		return 0
	}
	if t := p.tokens[close+1]; t.kind == operator && !t.is("(") && !t.is("!") || t.word("instanceof") {
		return 0
	}
	return close + 1
}

// primary reads a literal, a name, a call without receiver, new, or parentheses.
func (p *parser) primary() *expr {
	start := p.i
	t := p.tokens[start]
	x := &expr{at: p.pos(start), name: t.text}
	p.i++
	switch {
	case t.garbled:
		x.op, x.name = exGarbled, ""
	case t.kind == text, t.kind == character:
		x.op = exText
	case t.kind == number:
		return p.number(x)
	case t.word("null"):
		x.op = exNull
	case t.word("true"), t.word("false"):
		x.op = exText
	case t.word("new"):
		return p.creation(start)
	case t.word("switch"):
		for p.at("(") || p.at("{") {
			p.i = int(p.match[p.i]) + 1
		}
		p.i = min(p.i, p.end)
		return p.notKnown(start, "a switch expression")
	case t.kind == identifier && p.at("("):
		x.op, x.args = exCall, p.arguments()
	case t.kind == identifier:
		x.op = exName
	case t.is("("):
		p.i--
		p.within(func() { x = p.expression() })
	case t.is("{"):
		p.i--
		x.op, x.name, x.args = exArray, "", p.arguments()
	default:
		p.i = start // the caller decides where to go on
		if !t.is(",") && !t.is(";") && !t.is(")") && !t.is(":") {
			p.i++
		}
		return p.notKnown(start, "something that is not understood")
	}
	return x
}

// number keeps whole decimal numbers: they may be concatenated into a name.
func (p *parser) number(x *expr) *expr {
	for i, c := range x.name {
		if c < '0' || c > '9' || i == 0 && c == '0' && len(x.name) > 1 {
			x.op, x.name = exNotKnown, "a number in a form that is not followed"
			return x
		}
	}
	x.op = exText
	return x
}

// arguments reads the comma-separated expressions inside the bracket at the cursor.
func (p *parser) arguments() []*expr {
	var args []*expr
	p.within(func() {
		for !p.done() {
			args = append(args, p.expression())
			p.skipTo(",")
			p.accept(",")
		}
	})
	return args
}

// creation reads what follows new.
func (p *parser) creation(start int) *expr {
	x := &expr{op: exNew, at: p.pos(start)}
	p.i = min(p.skipModifiers(p.i), p.end)
	for !p.done() && p.name(p.i) {
		x.name = p.tokens[p.i].text
		p.i++
		if p.at("<") {
			if next := p.skipAngles(p.i); next > 0 {
				p.i = min(next, p.end)
			}
		}
		if !p.accept(".") {
			break
		}
	}
	switch {
	case p.at("["):
		for p.at("[") {
			p.i = min(int(p.match[p.i])+1, p.end)
		}
		x.op = exNotKnown
		x.name = "an array"
		if p.at("{") {
			x.op, x.args = exArray, p.arguments()
		}
	case p.at("("):
		x.args = p.arguments()
		if p.at("{") {
			x.body = p.anonymousBody()
		}
	}
	return x
}

// anonymousBody reads new X() {{ ... }}: what the initializers in the inner
// braces do is done to the new object. Methods in such a body are not followed.
func (p *parser) anonymousBody() []*stmt {
	var list []*stmt
	p.within(func() {
		for !p.done() {
			if p.at("{") {
				list = append(list, p.block())
				continue
			}
			next := p.endOfMember(p.i, p.end)
			p.i = max(next, p.i+1)
		}
	})
	return list
}

// suffix reads what may follow a primary: .name, .name(args), [index], ::name, ++.
func (p *parser) suffix(x *expr) *expr {
	switch {
	case p.at(".") || p.at("::"):
		reference := p.at("::")
		p.i++
		if p.at("<") {
			if next := p.skipAngles(p.i); next > 0 {
				p.i = min(next, p.end)
			}
		}
		if p.done() || !p.name(p.i) {
			return p.notKnown(p.i, "something that is not understood", x)
		}
		name := p.i
		next := &expr{op: exSelect, at: p.pos(name), name: p.tokens[name].text, recv: x}
		p.i++
		switch {
		case reference:
			next := p.notKnown(name, "a method reference", x)
			if verb, rest := splitVerb(p.tokens[name].text); verb == "set" && x.op == exName {
				next.args = append(next.args, &expr{op: exTouch, at: p.pos(name), recv: x, touched: touched{setter: rest}})
			}
			return next
		case p.at("("):
			next.op, next.args = exCall, p.arguments()
		}
		return next
	case p.at("["):
		start := p.i
		index := p.arguments()
		what := "an element of an array"
		if x.op == exName && x.name == "args" {
			what = "an argument of the command line"
		}
		return p.notKnown(start, what, append(index, x)...)
	case p.at("++"), p.at("--"):
		p.i++
		return p.notKnown(p.i-1, "the result of an operator", x)
	}
	return nil
}
