package java

import "strings"

// This file sees what a lambda expression, or a reference to a method, would set: when
// it runs, and whether it does, is not followed, so what it sets is not known.

// touched is a setter that is named in a lambda expression: the getters on the way to
// it from the variable root.
type touched struct {
	getters []string
	setter  string
}

// maxTouched bounds the setters that are seen in one lambda expression.
const maxTouched = 200

// lambdaAt makes the expression for the lambda between two tokens.
func (p *parser) lambdaAt(from, to int) *expr {
	x := p.notKnown(from, "a lambda expression")
	for i := from; i < to && len(x.args) < maxTouched; i++ {
		if !p.name(i) || i > 0 && p.is(i-1, ".") {
			continue
		}
		if t, ok := p.chainAt(i, to); ok {
			root := &expr{op: exName, at: p.pos(i), name: p.tokens[i].text}
			x.args = append(x.args, &expr{op: exTouch, at: p.pos(i), recv: root, touched: t})
		}
	}
	return x
}

// chainAt reads the calls behind the name at i, up to one that changes something.
func (p *parser) chainAt(i, to int) (t touched, changes bool) {
	for j := i + 1; j+1 < to && (p.is(j, ".") || p.is(j, "::")) && p.name(j+1) && len(t.getters) <= maxChain; {
		name := p.tokens[j+1].text
		verb, rest := splitVerb(name)
		switch {
		case verb == "set", verb == "add", strings.HasPrefix(name, "put"), name == "load":
			t.setter = rest
			return t, true
		case verb == "get" && p.is(j+2, "("):
			t.getters = append(t.getters, rest)
		default:
			return t, false
		}
		if j = int(p.match[j+2]) + 1; j <= 0 {
			return t, false
		}
	}
	return t, false
}

// touch makes unknown what the setter would set.
func (m *machine) touch(f *frame, x *expr) {
	v := m.eval(f, x.recv)
	for _, getter := range x.touched.getters {
		if v.kind != isObject || v.obj.own != nil {
			return
		}
		v = m.child(v.obj, getter, x.at)
	}
	if v.kind != isObject || v.obj.own != nil {
		return
	}
	why := unknown(x.at, "a value that is set in a lambda expression")
	switch x.touched.setter {
	case "Property", "put", "putAll", "putIfAbsent", "load", "All":
		v.obj.lose(why)
	default:
		v.obj.slots[x.touched.setter] = slot{value: why, branch: m.branch}
	}
}
