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
	case lexis.Object:
		o := m.object("", n.At)
		m.fill(o, n.Args, s)
		return o.value()
	case lexis.List:
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
	case lexis.Func:
		return value{kind: isFunction, at: n.At, fn: &function{node: n, scope: s, self: s.this()}}
	case lexis.Add:
		return m.sum(n, s)
	case lexis.Copy:
		v := m.eval(n.X, s)
		if v.kind == isObject && !v.pointer {
			return m.copy(v.obj, 0).value()
		}
		return v
	case lexis.Reference, lexis.Dereference:
		v := m.eval(n.X, s)
		v.pointer = n.Kind == lexis.Reference
		return v
	}
	why := n.Why
	if why == "" {
		why = "a computed value"
	}
	return unknown(n.At, why)
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
	if v.kind == isText && len(n.Args) > 0 && n.At.File != "" && parts[0].kind == isHere {
		v.at = n.At
	}
	return v
}

// copy copies an object with the objects in it, unless they are pointers.
func (m *machine) copy(o *object, depth int) *object {
	c := m.object(o.class, o.at)
	c.inner, c.args, c.rest, c.declared, c.scope = depth > 0, o.args, o.rest, o.declared, o.scope
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
			m.spread(o, m.eval(e.Value, s))
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

// spread copies the entries of one object into another. What is not known may set anything.
func (m *machine) spread(o *object, from value) {
	if from.kind != isObject {
		o.rest = unknown(from.at, from.said().Why)
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
			named["**"] = unknown(v.at, v.said().Why)
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
	case base.kind == isText && name == "c_str", base.kind == isText && name == "toString":
		return base
	}
	return m.library(n, callee, args, named, s)
}

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

// method calls a method of a library's object, which is a setter, a getter, or
// something that is kept for those who know it.
func (m *machine) method(o *object, name string, n *lexis.Node, args []value) value {
	key := Key(name)
	m.callbacks(args, o)
	switch {
	case slices.Contains(m.Clients, name):
		m.use(o.value())
		return unknown(n.At, "a client")
	case key == "setproperty" && len(args) == 2:
		properties := m.part(o, "properties", n.At)
		if properties.kind == isObject {
			m.put(properties, m.keyOf(args[0]), args[1])
		}
	case strings.HasPrefix(key, "set") && len(key) > 3 && len(args) == 1:
		m.put(o.value(), strings.TrimPrefix(name[3:], "_"), args[0])
	case strings.HasPrefix(key, "get") && len(key) > 3 && len(args) == 0:
		return m.part(o, strings.TrimPrefix(name[3:], "_"), n.At)
	case m.Getters && len(args) == 0:
		return m.part(o, name, n.At)
	default:
		if len(o.calls[key]) < 1000 {
			o.attach()
			o.calls[key] = append(o.calls[key], call{args, m.branch, n.At})
		}
	}
	return o.value()
}

// callbacks runs functions that are given to a library. It hands them the object on
// which it was called, as builders do; the last parameter is it.
func (m *machine) callbacks(args []value, o *object) {
	for _, a := range args {
		if a.kind != isFunction || m.done[a.fn.node] && o == nil {
			continue
		}
		if o == nil {
			m.maybe(func() { m.call(a.fn, a.fn.self, nil, nil, a.at) })
			continue
		}
		given := make([]value, len(a.fn.node.Params))
		for i := range given {
			given[i] = unknown(a.at, "the parameter of a function that a library calls")
		}
		if len(given) > 0 {
			given[len(given)-1] = o.value()
		}
		m.call(a.fn, a.fn.self, given, nil, a.at)
	}
}

// library calls a function that the source does not declare.
func (m *machine) library(n *lexis.Node, callee value, args []value, named map[string]value, s *scope) value {
	full := callee.text
	if callee.kind != isSymbol {
		full = n.X.Text
	}
	name := full[strings.LastIndexByte(full, '.')+1:]
	is := func(names []string) bool { return slices.Contains(names, name) }
	switch {
	case is(m.Same) && len(args) > 0:
		return args[0]
	case is(m.Joins):
		return joinPaths(n.At, args)
	case is(m.Here):
		return value{kind: isHere, at: n.At}
	case callee.kind == isSymbol && (name == "Setenv" || name == "SetEnvironmentVariable" || name == "putenv") && len(args) >= 2:
		if key := m.keyOf(args[0]); key != "" {
			m.settings[Key("env."+key)] = slot{args[1], m.branch}
		}
		return value{}
	case is(m.Clients):
		return m.client(n, args, named)
	case m.Lang == lexis.CPP && name == "address" && len(args) == 2:
		return add([]value{args[0], {kind: isText, text: ":", at: n.At}, args[1]})
	case n.New, is(m.Makers), name == "make_shared", m.Lang == lexis.Python && name != "" && 'A' <= name[0] && name[0] <= 'Z':
		o := m.object(name, n.At)
		o.args = args
		m.take(o, named)
		for _, st := range n.Body {
			m.fill(o, st.Value.Args, s)
		}
		m.callbacks(args, nil)
		return o.value()
	}
	m.callbacks(args, nil)
	return unknown(n.At, "the result of "+name+"()")
}

// client makes a client of the configurations among the arguments, or of the named ones.
func (m *machine) client(n *lexis.Node, args []value, named map[string]value) value {
	if len(named) > 0 {
		o := m.object("", n.At)
		m.take(o, named)
		m.use(o.value())
	}
	for _, a := range args {
		m.use(a)
	}
	m.callbacks(args, nil)
	return unknown(n.At, "a client")
}

// take puts named arguments into an object.
func (m *machine) take(o *object, named map[string]value) {
	for key, v := range named {
		if key == "**" {
			o.rest = v
			continue
		}
		m.put(o.value(), key, v)
	}
}

// use notes that a client is made of a configuration.
func (m *machine) use(v value) {
	if v.kind != isObject {
		return
	}
	v.obj.settings = map[string]slot{}
	for name, set := range m.settings {
		v.obj.settings[name] = slot{set.seen(m.branch), nil}
	}
	m.used = append(m.used, v.obj)
}
