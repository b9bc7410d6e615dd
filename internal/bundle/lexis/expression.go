package lexis

import "strings"

const (
	computed    = "a computed value"
	conditional = "a value that depends on a condition"
)

// expression reads an expression and gives the index of what follows.
func (p *parser) expression(i, end int) (*Node, int) {
	if p.depth++; p.depth > maxDepth {
		p.depth--
		return &Node{Kind: Other, At: p.at(i), Why: "an expression that is nested too deep"}, end
	}
	defer func() { p.depth-- }()
	if n, next := p.lambda(i, end); n != nil {
		return n, next
	}
	start := i
	left, i := p.operand(i, end)
	for i < end {
		t := &p.toks[i]
		switch {
		case t.is("+"):
			var right *Node
			right, i = p.operand(i+1, end)
			if left.Kind != Add {
				left = &Node{Kind: Add, At: p.at(start), Args: []Arg{{Value: left}}}
			}
			left.Args = append(left.Args, Arg{Value: right})
		case t.oneOf("|| && ?? ?"), p.lang.Indented && (t.word("or") || t.word("and") || t.word("if")):
			left = &Node{Kind: Other, At: left.At, Why: conditional}
			if _, i = p.expression(i+1, end); i < end && (p.toks[i].is(":") && t.is("?") || p.toks[i].word("else")) {
				_, i = p.expression(i+1, end)
			}
		case t.oneOf("- * / % ** // & | ^ < > == != <= === !== <<"), t.word("in") && !t.first, t.word("is"), t.word("as") && p.lang == JavaScript, t.word("instanceof"):
			if t.word("as") {
				for i++; i < end && (p.toks[i].Kind == Word && !p.toks[i].first || p.toks[i].oneOf(". < > [ ]")); i++ {
				}
				continue
			}
			for i++; i < end && p.toks[i].oneOf("> = <"); i++ { // >>, >=
			}
			_, i = p.operand(i, end)
			left = &Node{Kind: Other, At: left.At, Why: computed}
		case p.lang.Indented && t.word("not"):
			i++
		default:
			return left, i
		}
	}
	return left, i
}

// operand reads what stands between operators, with its calls and members.
func (p *parser) operand(i, end int) (*Node, int) {
	if p.depth++; p.depth > maxDepth {
		p.depth--
		return &Node{Kind: Other, At: p.at(i), Why: "an expression that is nested too deep"}, end
	}
	defer func() { p.depth-- }()
	n, i := p.primary(i, end)
	for i < end {
		t := &p.toks[i]
		switch {
		case t.oneOf(". ?. -> ::") && p.tok(i+1, end).Kind == Word:
			n = &Node{Kind: Member, At: p.at(i + 1), Text: p.toks[i+1].Text, X: n}
			i += 2
		case t.is("("):
			n = &Node{Kind: Call, At: n.At, X: n, Args: p.args(i+1, p.match[i])}
			i = p.match[i] + 1
		case t.is("[") && !(p.lang.Lines && t.first):
			n = &Node{Kind: Index, At: t.At, X: n, Args: p.args(i+1, p.match[i])}
			i = p.match[i] + 1
		case t.is("<") && p.lang.Typed && p.generics(i, end) > 0 && p.tok(p.generics(i, end), end).oneOf("( :: {"):
			i = p.generics(i, end)
		case t.is("!") && p.lang.Typed && !p.tok(i+1, end).is("="):
			i++
		case t.is("{") && p.lang == CPP && (n.Kind == NameNode || n.Kind == Member):
			n = &Node{Kind: Call, New: true, At: n.At, X: n, Args: p.args(i+1, p.match[i])}
			i = p.match[i] + 1
		case t.oneOf("++ --"):
			n = &Node{Kind: Other, At: n.At, Why: computed}
			i++
		default:
			return n, i
		}
	}
	return n, i
}

// generics gives the index after type arguments that start at i, 0 where none do.
func (p *parser) generics(i, end int) int {
	open := 0
	for ; i < end; i++ {
		switch t := &p.toks[i]; {
		case t.is("<"):
			open++
		case t.is(">"):
			if open--; open == 0 {
				return i + 1
			}
		case t.Kind == Word, t.Kind == Number, t.oneOf(", :: . * & && ? [ ]"):
		default:
			return 0
		}
	}
	return 0
}

func (p *parser) primary(i, end int) (*Node, int) {
	t := p.tok(i, end)
	at := t.At
	switch {
	case i >= end:
		return &Node{Kind: Other, At: p.at(i), Why: "something that is missing"}, end
	case p.isText(i, end):
		return p.text(i, end)
	case t.Kind == Number:
		return &Node{Kind: NumberNode, At: at, Text: t.Text}, i + 1
	case t.is("("):
		return p.parenthesis(i, end)
	case t.is("["):
		if p.lang == CPP {
			return &Node{Kind: Other, At: at, Why: computed}, p.match[i] + 1
		}
		return &Node{Kind: List, At: at, Args: p.args(i+1, p.match[i])}, p.match[i] + 1
	case t.is("{"):
		kind := Object
		if p.lang == CPP {
			kind = List
		}
		return &Node{Kind: kind, At: at, Args: p.args(i+1, p.match[i])}, p.match[i] + 1
	case t.oneOf("& *") && p.lang.Typed, t.Kind == Word && strings.Contains(" await ref out co_await ", " "+t.Text+" ") && p.tok(i+1, end).Kind == Word && !p.lang.Indented, t.word("await"):
		return p.operand(i+1, end)
	case t.word("new") && !p.lang.Indented:
		return p.creation(i, end)
	case t.word("not"), t.word("typeof"), t.oneOf("! - ~ ++ -- * ** ..."):
		_, next := p.operand(i+1, end)
		return &Node{Kind: Other, At: at, Why: computed}, next
	case t.Kind == Word:
		if t.maybe && !p.maybe {
			return &Node{Kind: Other, At: at, Why: conditional}, i + 1
		}
		return &Node{Kind: NameNode, At: at, Text: t.Text}, i + 1
	case t.is("::") && p.lang == CPP:
		return p.primary(i+1, end)
	}
	return &Node{Kind: Other, At: at, Why: computed}, p.past(i)
}

// isText reports whether a text stands at i, or a name that the preprocessor replaces
// by one.
func (p *parser) isText(i, end int) bool {
	t := p.tok(i, end)
	_, defined := p.defines[t.Text]
	return t.startsText() || t.Kind == Word && defined
}

// text reads a text, and in some languages those that follow it.
func (p *parser) text(i, end int) (*Node, int) {
	n := &Node{Kind: Add, At: p.at(i)}
	for i < end && p.isText(i, end) && (len(n.Args) == 0 || p.lang.Joined && !(p.lang.Indented && p.toks[i].first)) {
		t := &p.toks[i]
		switch {
		case t.Kind == Op:
			one, _ := p.expression(i+1, p.match[i])
			n.Args = append(n.Args, Arg{Value: one})
		case t.Kind == Word:
			for _, text := range p.defines[t.Text] {
				n.Args = append(n.Args, Arg{Value: textNode(&text, t.maybe)})
			}
		default:
			n.Args = append(n.Args, Arg{Value: textNode(t, t.maybe)})
		}
		i = p.past(i)
	}
	switch len(n.Args) {
	case 0:
		return &Node{Kind: Other, At: n.At, Why: computed}, i
	case 1:
		return n.Args[0].Value, i
	}
	return n, i
}

func textNode(t *Token, maybe bool) *Node {
	n := &Node{Kind: TextNode, At: t.At, Text: t.Text, Why: t.Why}
	if maybe {
		n.Why = conditional
	}
	return n
}

// parenthesis reads an expression in parentheses. A cast is left out.
func (p *parser) parenthesis(i, end int) (*Node, int) {
	after := p.match[i] + 1
	inner, next := p.expression(i+1, after-1)
	following := p.tok(after, end)
	switch {
	case p.lang.Typed && (inner.Kind == NameNode || inner.Kind == Member) && (following.Kind == Word && !following.first || following.startsText()):
		return p.operand(after, end)
	case next < after-1 && p.lang.Indented:
		return &Node{Kind: List, At: p.at(i), Args: p.args(i+1, after-1)}, after
	case next < after-1:
		return &Node{Kind: Other, At: p.at(i), Why: computed}, after
	}
	return inner, after
}

// creation reads "new Class(arguments) { entries }".
func (p *parser) creation(i, end int) (*Node, int) {
	at := p.at(i)
	class := &Node{Kind: NameNode, At: at}
	i++
	for i < end && (p.toks[i].Kind == Word || p.toks[i].oneOf(". ::")) {
		if t := &p.toks[i]; t.Kind == Word && class.Text == "" {
			class.Text = t.Text
		} else if t.Kind == Word {
			class = &Node{Kind: Member, At: t.At, Text: t.Text, X: class}
		}
		i++
	}
	if next := p.generics(i, end); next > 0 {
		i = next
	}
	n := &Node{Kind: Call, New: true, At: at, X: class}
	if p.tok(i, end).is("[") { // an array
		i = p.match[i] + 1
		if p.tok(i, end).is("{") {
			return &Node{Kind: List, At: at, Args: p.args(i+1, p.match[i])}, p.match[i] + 1
		}
		return &Node{Kind: List, At: at}, i
	}
	if p.tok(i, end).is("(") {
		n.Args = p.args(i+1, p.match[i])
		i = p.match[i] + 1
	}
	if p.lang == CSharp && p.tok(i, end).is("{") {
		n.Body = []Stmt{{Kind: Do, Value: &Node{Kind: Object, At: p.at(i), Args: p.args(i+1, p.match[i])}}}
		i = p.match[i] + 1
	}
	return n, i
}

// args reads what stands between brackets, separated by commas: arguments, entries
// and elements alike.
func (p *parser) args(i, end int) []Arg {
	var list []Arg
	for i < end {
		next := p.find(i, end, func(t *Token) bool { return t.is(",") || t.is(";") })
		if i < next {
			list = append(list, p.arg(i, next))
		}
		i = next + 1
	}
	return list
}

func (p *parser) arg(i, end int) Arg {
	t := &p.toks[i]
	assign := p.tok(i+1, end)
	switch {
	case t.oneOf("... ** *") && !p.lang.Typed:
		n, _ := p.expression(i+1, end)
		return Arg{Spread: true, Value: n}
	case t.is(".") && p.lang == CPP && p.tok(i+2, end).is("="): // .name = value
		n := p.whole(i+3, end)
		return Arg{Name: p.toks[i+1].Text, Value: n}
	case t.Kind == Word && (assign.is("=") || assign.is(":") && !p.lang.Indented):
		return Arg{Name: t.Text, Value: p.whole(i+2, end)}
	case t.Kind == Text && t.Why == "" && assign.is(":"):
		return Arg{Name: t.Text, Value: p.whole(i+2, end)}
	case t.is("[") && !p.lang.Indented && p.tok(p.match[i]+1, end).oneOf(": ="):
		key := p.whole(i+1, p.match[i])
		return Arg{Key: key, Value: p.whole(p.match[i]+2, end)}
	case t.is("{") && p.lang == CSharp: // {key, value} of a dictionary
		if pair := p.args(i+1, p.match[i]); len(pair) == 2 {
			return Arg{Key: pair[0].Value, Value: pair[1].Value}
		}
	}
	key, next := p.expression(i, end)
	if p.tok(next, end).is(":") && !p.lang.Typed {
		return Arg{Key: key, Value: p.whole(next+1, end)}
	}
	if next < end {
		key = &Node{Kind: Other, At: key.At, Why: computed}
	}
	return Arg{Value: key}
}

// whole reads an expression that must reach to the end.
func (p *parser) whole(i, end int) *Node {
	n, next := p.expression(i, end)
	if next < end {
		return &Node{Kind: Other, At: n.At, Why: computed}
	}
	return n
}
