package follow

import (
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/lexis"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// eval gives the value of an expression.
func (m *machine) eval(n *lexis.Node, s *scope) value {
	if m.steps++; m.steps > maxSteps {
		return unknown(n.At, "more work than can be followed")
	}
	switch n.Kind {
	case lexis.TextNode:
		if n.Why != "" {
			return unknown(n.At, n.Why)
		}
		return value{kind: isText, text: n.Text, at: n.At}
	case lexis.NumberNode:
		return value{kind: isNumber, text: n.Text, at: n.At}
	case lexis.NameNode:
		return m.name(n, s)
	case lexis.Member:
		return m.member(m.eval(n.X, s), n)
	case lexis.Index:
		return m.index(n, s)
	case lexis.Call:
		return m.callNode(n, s)
	case lexis.Symbol:
		return value{kind: isSymbol, text: n.Text, at: n.At}
	case lexis.Object:
		o := m.object("", n.At)
		o.literal = true
		m.fill(o, n.Args, s)
		return o.value()
	case lexis.List:
		return m.list(n, s)
	case lexis.Func:
		fn := &function{node: n, scope: s, self: s.this()}
		m.functions = append(m.functions, fn)
		return value{kind: isFunction, at: n.At, fn: fn}
	case lexis.Add:
		return m.sum(n, s)
	case lexis.Copy, lexis.Reference, lexis.Dereference:
		return m.pointer(n, s)
	}
	why := n.Why
	if why == "" {
		why = "a computed value"
	}
	return unknown(n.At, why)
}

func (m *machine) list(n *lexis.Node, s *scope) value {
	l := &list{branch: m.branch}
	for _, a := range n.Args {
		v := m.eval(a.Value, s)
		if a.Spread && v.kind == isList {
			l.elements = append(l.elements, v.list.elements...)
			continue
		}
		if v.kind == isObject {
			v.obj.inner = true
		}
		l.elements = append(l.elements, v)
	}
	return value{kind: isList, at: n.At, list: l}
}

// pointer evaluates a copy, a pointer or what a pointer leads to. A variable that
// something points to can change at any time.
func (m *machine) pointer(n *lexis.Node, s *scope) value {
	v := m.eval(n.X, s)
	switch {
	case n.Kind == lexis.Copy && v.kind == isObject && !v.pointer:
		return m.copy(v.obj, 0).value()
	case n.Kind == lexis.Copy:
		return v
	case n.Kind == lexis.Reference && v.kind != isObject && n.X.Kind == lexis.NameNode:
		m.assign(n.X, unknown(n.At, "a value that can change through a pointer"), s)
	}
	v.pointer = n.Kind == lexis.Reference
	return v
}

func (m *machine) sum(n *lexis.Node, s *scope) value {
	parts := make([]value, len(n.Args))
	size := 0
	for i, a := range n.Args {
		parts[i] = m.eval(a.Value, s)
		size += len(parts[i].text)
	}
	if size > maxText {
		return unknown(n.At, "a text that is longer than any setting")
	}
	v := add(parts)
	if v.at.Line == 0 || v.kind == isText && parts[0].kind == isHere {
		v.at = n.At
	}
	return v
}

// copy copies an object with the objects in it, unless they are pointers.
func (m *machine) copy(o *object, depth int) *object {
	c := m.object(o.class, o.at)
	c.literal, c.inner, c.args, c.rest, c.declared, c.scope = o.literal, depth > 0, o.args, o.rest, o.declared, o.scope
	for name, calls := range o.calls {
		c.calls[name] = slices.Clone(calls)
	}
	for name, set := range o.fields {
		m.steps++
		if set.kind == isObject && !set.pointer && depth < 8 {
			set.value = m.copy(set.obj, depth+1).value()
		}
		c.fields[name] = set
	}
	return c
}

// constants are words that the languages share.
var constants = map[string]value{
	"true": {kind: isBool, text: "true"}, "True": {kind: isBool, text: "true"}, "false": {kind: isBool, text: "false"}, "False": {kind: isBool, text: "false"},
	"null": {}, "None": {}, "nullptr": {}, "undefined": {}, "NULL": {}, "nil": {},
}

func (m *machine) name(n *lexis.Node, s *scope) value {
	if in := s.find(n.Text); in != nil {
		return in.vars[n.Text].seen(m.branch)
	}
	if c, ok := constants[n.Text]; ok {
		c.at = n.At
		return c
	}
	if (n.Text == "this" || n.Text == "self") && s.self != nil {
		return s.self.value()
	}
	if slices.Contains(m.Here, n.Text) {
		return value{kind: isHere, at: n.At}
	}
	return value{kind: isSymbol, text: n.Text, at: n.At}
}

// member reads a field. That of a library's object may be one that is filled later.
func (m *machine) member(base value, n *lexis.Node) value {
	switch base.kind {
	case isObject:
		return m.part(base.obj, n.Text, n.At)
	case isSymbol:
		name := base.text + "." + n.Text
		if slices.Contains(m.Here, n.Text) {
			return value{kind: isHere, at: n.At}
		}
		if set, ok := m.settings[Key(name)]; ok {
			return set.seen(m.branch)
		}
		return value{kind: isSymbol, text: name, at: n.At}
	case isUnknown:
		return base
	}
	return unknown(n.At, "a computed value")
}

func (m *machine) part(o *object, name string, at fault.Position) value {
	if s, ok := o.fields[name]; ok {
		return s.seen(m.branch)
	}
	if o.declared != nil {
		return unknown(at, "a field that the source gives no value")
	}
	if len(o.lazy) > 1000 {
		return unknown(at, "more work than can be followed")
	}
	if o.lazy[name] == nil {
		child := m.object("", at)
		child.branch = o.branch
		child.parent, child.name = o, name
		child.inner = true
		o.lazy[name] = child
	}
	return o.lazy[name].value()
}

func (m *machine) index(n *lexis.Node, s *scope) value {
	base := m.eval(n.X, s)
	if len(n.Args) != 1 {
		return unknown(n.At, "a computed value")
	}
	key := m.eval(n.Args[0].Value, s)
	name := m.keyOf(key)
	switch {
	case base.kind == isObject && name != "":
		if _, ok := base.obj.fields[name]; !ok {
			return unknown(n.At, "an entry that the source does not fill in")
		}
		return m.part(base.obj, name, n.At)
	case base.kind == isSymbol:
		if set, ok := m.settings[Key(base.text+"."+name)]; ok {
			return set.seen(m.branch)
		}
		return unknown(n.At, "an entry of something that the source does not declare")
	case base.kind == isUnknown:
		return base
	}
	return unknown(n.At, "an element of a list")
}

// fill puts entries into an object. An entry without a value has that of the variable
// of its name, and entries of entries go into the part that is there.
func (m *machine) fill(o *object, entries []lexis.Arg, s *scope) {
	for _, e := range entries {
		name := e.Name
		if e.Key != nil {
			name = m.keyOf(m.eval(e.Key, s))
		}
		switch {
		case e.Spread:
			m.spread(o, m.eval(e.Value, s), e.Value.At)
		case name == "" && e.Value.Kind == lexis.NameNode && e.Key == nil:
			m.put(o.value(), e.Value.Text, m.eval(e.Value, s))
		case e.Value.Kind == lexis.Object && m.Lang == lexis.CSharp:
			if part := m.part(o, name, e.Value.At); part.kind == isObject {
				part.obj.attach()
				m.fill(part.obj, e.Value.Args, s)
			}
		default:
			m.put(o.value(), name, m.eval(e.Value, s))
		}
	}
}

// unsaid is what is spread and not known.
func unsaid(from value, at fault.Position) value {
	if why := from.said().Why; why != "" {
		return unknown(at, why)
	}
	return unknown(at, "something that is spread")
}

// spread copies the entries of one object into another. What is not known may set anything.
func (m *machine) spread(o *object, from value, at fault.Position) {
	if from.kind != isObject {
		for name, set := range o.fields {
			o.fields[name] = slot{unknown(at, "a value that can be set again by what is spread after it"), set.branch}
		}
		o.rest = unsaid(from, at)
		return
	}
	for name, set := range from.obj.fields {
		o.fields[name] = slot{set.seen(m.branch), m.branch}
	}
}

// arguments evaluates those of a call. The entries of an object that is spread are
// named arguments.
func (m *machine) arguments(list []lexis.Arg, s *scope) (args []value, named map[string]value) {
	named = map[string]value{}
	for _, a := range list {
		v := m.eval(a.Value, s)
		switch {
		case a.Spread && v.kind == isObject:
			v.obj.inner = true
			for name, set := range v.obj.fields {
				named[name] = set.seen(m.branch)
			}
		case a.Spread && v.kind == isList:
			args = append(args, v.list.elements...)
		case a.Spread:
			named["**"] = unsaid(v, a.Value.At)
		case a.Name != "":
			named[a.Name] = v
		default:
			args = append(args, v)
		}
	}
	return args, named
}

// callNode evaluates a call.
func (m *machine) callNode(n *lexis.Node, s *scope) value {
	if n.X == nil {
		return unknown(n.At, "a computed value")
	}
	var base, callee value
	name := n.X.Text
	if n.X.Kind == lexis.Member && !n.New {
		base = m.eval(n.X.X, s)
		if base.kind == isObject {
			if own, ok := base.obj.fields[name]; ok {
				callee = own.seen(m.branch)
			}
		} else {
			callee = m.member(base, n.X)
		}
	} else {
		callee = m.eval(n.X, s)
	}
	args, named := m.arguments(n.Args, s)
	switch {
	case callee.kind == isFunction:
		self := callee.fn.self
		if base.kind == isObject && base.obj.declared != nil {
			self = base.obj
		}
		return m.call(callee.fn, self, args, named, n.At)
	case callee.kind == isObject && callee.obj.declared != nil && base.kind != isObject:
		return m.construct(callee.obj, n, args, named, s)
	case base.kind == isObject:
		return m.method(base.obj, name, n, args)
	case base.kind == isList:
		return m.grow(base, name, n, args)
	case base.kind == isText && slices.Contains([]string{"trim", "strip"}, Key(name)) && len(args) == 0:
		base.text = strings.TrimSpace(base.text)
		return base
	case base.kind == isText && m.Lang == lexis.CPP && n.X.X.Kind == lexis.NameNode && !slices.Contains(reading, name):
		changed := unknown(n.At, "a value that "+name+"() changes")
		m.assign(n.X.X, changed, s)
		return changed
	case base.kind == isText && name == "c_str", base.kind == isText && name == "toString":
		return base
	}
	return m.library(n, callee, args, named, s)
}

// reading are the methods of C++ that leave a text as it is.
var reading = []string{"c_str", "data", "size", "length", "empty", "substr", "find", "at", "begin", "end", "compare"}

// construct makes an object of a class that the source declares.
func (m *machine) construct(class *object, n *lexis.Node, args []value, named map[string]value, s *scope) value {
	o := m.instance(class.declared, class.scope.parent)
	o.at = n.At
	for _, name := range []string{"__init__", "constructor", class.class} {
		if init, ok := o.fields[name]; ok && init.kind == isFunction {
			m.call(init.fn, o, args, named, n.At)
			break
		}
	}
	for _, st := range n.Body {
		m.fill(o, st.Value.Args, s)
	}
	return o.value()
}

// grow appends to a list.
func (m *machine) grow(base value, name string, n *lexis.Node, args []value) value {
	switch Key(name) {
	case "append", "push", "add", "pushback", "emplaceback":
		for _, a := range args {
			if !base.list.branch.within(m.branch) {
				a = unknown(n.At, "a value that depends on a condition")
			}
			if len(base.list.elements) < 1000 {
				base.list.elements = append(base.list.elements, a)
			}
		}
		return value{}
	}
	return unknown(n.At, "the result of "+name+"()")
}
