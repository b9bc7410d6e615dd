package lexis

// suite reads the statements of a language in which indentation makes blocks.
func (p *parser) suite(i, end int) []Stmt {
	if p.depth++; p.depth > maxDepth {
		p.depth--
		return nil
	}
	defer func() { p.depth-- }()
	var list []Stmt
	for i < end {
		stop := p.find(i+1, end, func(t *Token) bool { return t.first })
		if p.toks[i].opens() { // a line can start with a bracket
			stop = p.find(p.match[i]+1, end, func(t *Token) bool { return t.first })
		}
		if colon := p.header(i, stop); colon > 0 {
			bodyStart, bodyEnd := colon+1, stop
			if bodyStart >= stop {
				for bodyEnd < end && p.toks[bodyEnd].indent > p.toks[i].indent {
					bodyEnd = p.find(bodyEnd+1, end, func(t *Token) bool { return t.first })
				}
			}
			list = append(list, p.compound(i, colon, bodyStart, bodyEnd)...)
			i = bodyEnd
			continue
		}
		for i < stop {
			next := p.find(i, stop, func(t *Token) bool { return t.is(";") })
			if i < next {
				list = append(list, p.line(i, next)...)
			}
			i = next + 1
		}
		i = stop
	}
	return list
}

var compounds = map[string]bool{"if": true, "elif": true, "else": true, "for": true, "while": true, "try": true, "except": true, "finally": true, "with": true, "def": true, "class": true, "async": true, "match": true, "case": true}

// header gives the index of the colon after which a body follows, 0 where none does.
func (p *parser) header(i, end int) int {
	if t := &p.toks[i]; t.Kind != Word || !compounds[t.Text] {
		return 0
	}
	colon := p.find(i, end, func(t *Token) bool { return t.is(":") })
	if last := end - 1; last > i && p.toks[last].is(":") {
		return last
	}
	if colon >= end {
		return 0
	}
	if (p.toks[i].word("match") || p.toks[i].word("case")) && p.tok(i+1, end).is("=") {
		return 0
	}
	return colon
}

// compound reads a statement with a body.
func (p *parser) compound(i, colon, start, end int) []Stmt {
	t := &p.toks[i]
	if t.word("async") {
		i++
		t = p.tok(i, end)
	}
	body := func() []Stmt { return p.suite(start, end) }
	switch t.Text {
	case "def":
		name, open := p.tok(i+1, colon), i+2
		if !p.tok(open, colon).is("(") {
			return nil
		}
		f := p.function(i+1, p.params(open+1, p.match[open]), body())
		return []Stmt{{Kind: Define, At: name.At, Name: name.Text, Value: f}}
	case "class":
		name := p.tok(i+1, colon)
		return []Stmt{{Kind: Class, At: name.At, Name: name.Text, Body: body()}}
	case "try", "finally":
		return body()
	case "with":
		var list []Stmt
		for j := i + 1; j < colon; {
			next := p.find(j, colon, func(t *Token) bool { return t.is(",") || t.word("as") })
			value := p.whole(j, next)
			s := Stmt{Kind: Do, At: value.At, Value: value}
			if p.tok(next, colon).word("as") {
				target := p.tok(next+1, colon)
				s = Stmt{Kind: Declare, At: target.At, Name: target.Text, Value: value}
				next = p.find(next, colon, func(t *Token) bool { return t.is(",") })
			}
			list = append(list, s)
			j = next + 1
		}
		return append(list, body()...)
	case "if":
		if p.tok(i+1, colon).word("__name__") {
			return body()
		}
	}
	return []Stmt{{Kind: Branch, At: t.At, Body: body()}}
}

// line reads a statement without a body.
func (p *parser) line(i, end int) []Stmt {
	t := &p.toks[i]
	switch t.Text {
	case "return", "raise":
		if t.Kind != Word {
			break
		}
		if i+1 >= end {
			return []Stmt{{Kind: Return, At: t.At}}
		}
		value := p.whole(i+1, end)
		return []Stmt{{Kind: Return, At: t.At, Value: value}}
	case "import", "from", "pass", "global", "nonlocal", "del", "break", "continue", "assert", "@":
		return nil
	case "await", "yield":
		i++
	}
	var targets []*Node
	for {
		eq := p.find(i, end, func(t *Token) bool { return t.is("=") || t.is(":") || t.is("+=") })
		if eq >= end {
			break
		}
		if comma := p.find(i, eq, func(t *Token) bool { return t.is(",") }); comma < eq { // several names
			return p.unpacked(i, eq)
		}
		target := p.whole(i, eq)
		if p.toks[eq].is("+=") {
			value := p.whole(eq+1, end)
			sum := &Node{Kind: Add, At: value.At, Args: []Arg{{Value: target}, {Value: value}}}
			return []Stmt{{Kind: Assign, At: target.At, Target: target, Value: sum}}
		}
		if p.toks[eq].is(":") { // a type
			if eq = p.find(eq, end, func(t *Token) bool { return t.is("=") }); eq >= end {
				return nil
			}
		}
		targets = append(targets, target)
		i = eq + 1
	}
	value := p.whole(i, end)
	if len(targets) == 0 {
		return []Stmt{{Kind: Do, At: value.At, Value: value}}
	}
	var list []Stmt
	for _, target := range targets {
		list = append(list, Stmt{Kind: Assign, At: target.At, Target: target, Value: value})
	}
	return list
}

// unpacked assigns the parts of a value to several names. Nobody knows the parts.
func (p *parser) unpacked(i, end int) []Stmt {
	var list []Stmt
	for i < end {
		next := p.find(i, end, func(t *Token) bool { return t.is(",") })
		if i < next {
			target := p.whole(i, next)
			list = append(list, Stmt{Kind: Assign, At: target.At, Target: target, Value: &Node{Kind: Other, At: target.At, Why: "a part of a value"}})
		}
		i = next + 1
	}
	return list
}
