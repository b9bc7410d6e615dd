package lexis

// hidden finds assignments inside the expressions of a statement or of a condition,
// such as "set && (name = value)". What they assign is not known afterwards.
func (p *parser) hidden(i, end int) []Stmt {
	var list []Stmt
	var open []int // parentheses and brackets around
	for j := i; j < end; j++ {
		t := &p.toks[j]
		switch {
		case t.is("{"):
			j = p.match[j]
		case t.opens():
			open = append(open, j)
		case t.closes() && len(open) > 0:
			open = open[:len(open)-1]
		case t.is("=>"): // the body of a lambda is read as such
			if len(open) == 0 {
				return list
			}
			j = p.find(j, p.match[open[len(open)-1]], func(t *Token) bool { return t.is(",") }) - 1
		case p.assigns(t, open, end) && p.toks[j-1].is("}"): // the names of a pattern
			for k := j - 2; k > i && !p.toks[k].is("{"); k-- {
				if p.toks[k].Kind == Word && !p.toks[k+1].is(":") {
					list = append(list, p.changed(k, k+1))
				}
			}
		case p.assigns(t, open, end):
			if start := p.chain(j, i); start < j {
				list = append(list, p.changed(start, j))
			}
		case p.lang.Typed && (t.word("ref") || t.word("out")) && p.tok(j+1, end).Kind == Word, p.lang == CPP && t.is(">") && p.tok(j-1, end).is(">") && p.tok(j+1, end).Kind == Word:
			list = append(list, p.changed(j+1, end))
		}
	}
	return list
}

// changed assigns what nobody knows to a target.
func (p *parser) changed(i, end int) Stmt {
	target, _ := p.operand(i, end)
	assign := Stmt{Kind: Assign, At: target.At, Target: target, Value: &Node{Kind: Other, At: target.At, Why: conditional}}
	return Stmt{Kind: Branch, At: target.At, Body: []Stmt{assign}}
}

// assigns reports whether an operator inside an expression changes what stands before it.
func (p *parser) assigns(t *Token, open []int, end int) bool {
	if p.lang.Indented {
		return t.is(":=")
	}
	if len(open) == 0 || !t.oneOf("= += ||= &&= ??=") {
		return false
	}
	paren := open[len(open)-1]
	before, after := p.tok(paren-1, end), p.tok(p.match[paren]+1, end)
	isCondition := before.word("if") || before.word("while") || before.word("switch")
	return p.toks[paren].is("(") && (isCondition || !after.oneOf("=> { -> :")) // of parameters
}

// chain finds where the names with dots before an operator start.
func (p *parser) chain(j, from int) int {
	start := j
	for k := j - 1; k >= from; k-- {
		t := &p.toks[k]
		if t.is("]") {
			for closing := k; k > from && p.match[k] != closing; k-- {
			}
			start = k
			continue
		}
		if t.Kind != Word && !t.oneOf(". ?. -> ::") {
			break
		}
		if t.Kind == Word && p.tok(k+1, j).Kind == Word {
			break
		}
		start = k
	}
	return start
}
