package lexis

// lambda reads a function in the place of a value, nil where there is none.
func (p *parser) lambda(i, end int) (*Node, int) {
	start := i
	t := p.tok(i, end)
	switch {
	case p.lang.Indented:
		if !t.word("lambda") {
			return nil, i
		}
		colon := p.find(i, end, func(t *Token) bool { return t.is(":") })
		body, next := p.expression(min(colon+1, end), end)
		return p.function(start, p.params(i+1, colon), returning(body)), next
	case p.lang == CPP:
		return p.cppLambda(i, end)
	case t.word("async") || t.word("static"):
		if n := p.tok(i+1, end); n.is("(") || n.Kind == Word {
			i++
			t = p.tok(i, end)
		}
	}
	if t.word("function") || t.word("delegate") {
		for i++; i < end && !p.toks[i].is("("); i++ {
			if p.toks[i].Kind != Word && !p.toks[i].is("*") {
				return nil, start
			}
		}
		if i >= end || !p.tok(p.match[i]+1, end).is("{") {
			return nil, start
		}
		open := p.match[i] + 1
		return p.function(start, p.params(i+1, p.match[i]), p.block(open+1, p.match[open], false)), p.match[open] + 1
	}
	var given params
	switch {
	case t.Kind == Word && p.tok(i+1, end).is("=>"):
		given.names = []string{t.Text}
		i += 2
	case t.is("(") && p.tok(p.match[i]+1, end).is("=>"):
		given = p.params(i+1, p.match[i])
		i = p.match[i] + 2
	default:
		return nil, start
	}
	if p.tok(i, end).is("{") {
		return p.function(start, given, p.block(i+1, p.match[i], false)), p.match[i] + 1
	}
	body, next := p.assigned(i, end)
	return p.function(start, given, body), next
}

// assigned reads the body of a lambda: a value, or an assignment.
func (p *parser) assigned(i, end int) ([]Stmt, int) {
	target, next := p.expression(i, end)
	if p.tok(next, end).is("=") {
		value, after := p.expression(next+1, end)
		return []Stmt{{Kind: Assign, At: target.At, Target: target, Value: value}}, after
	}
	return returning(target), next
}

// cppLambda reads [captures](parameters) { body }.
func (p *parser) cppLambda(i, end int) (*Node, int) {
	if !p.tok(i, end).is("[") {
		return nil, i
	}
	var given params
	next := p.match[i] + 1
	if p.tok(next, end).is("(") {
		given = p.params(next+1, p.match[next])
		next = p.match[next] + 1
	}
	for next < end && (p.toks[next].Kind == Word || p.toks[next].oneOf("-> :: < > * &")) {
		next++
	}
	if !p.tok(next, end).is("{") {
		return nil, i
	}
	return p.function(i, given, p.block(next+1, p.match[next], false)), p.match[next] + 1
}

func (p *parser) function(i int, given params, body []Stmt) *Node {
	return &Node{Kind: Func, At: p.at(i), Params: given.names, Defaults: given.defaults, Body: body}
}

func returning(value *Node) []Stmt { return []Stmt{{Kind: Return, At: value.At, Value: value}} }

// params are those of a function.
type params struct {
	names    []string
	defaults map[string]*Node
}

// params reads parameters. The name of each is the last word before a default, or, in
// languages that write types behind, the first.
func (p *parser) params(i, end int) params {
	given := params{defaults: map[string]*Node{}}
	for i < end {
		next := p.find(i, end, func(t *Token) bool { return t.is(",") })
		name := ""
		for j := i; j < next; j = p.past(j) {
			if t := &p.toks[j]; t.is("=") {
				given.defaults[name] = p.whole(j+1, next)
				break
			} else if t.Kind == Word && (p.lang.Typed || name == "") {
				name = t.Text
			}
		}
		given.names = append(given.names, name)
		i = next + 1
	}
	return given
}
