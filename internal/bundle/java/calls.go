package java

import (
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// eval gives an expression's value, and does what the expression does.
func (m *machine) eval(f *frame, x *expr) value {
	if !m.spend(1) {
		return unknown(x.at, "a value that takes too many steps to follow")
	}
	switch x.op {
	case exText:
		m.spend(len(x.name) / textPerStep)
		return value{kind: isText, at: x.at, text: x.name}
	case exGarbled:
		return unknown(x.at, "a text that is not UTF-8 or holds an unknown escape")
	case exNull:
		return value{at: x.at}
	case exName:
		return m.name(f, x)
	case exSelect:
		return m.selected(f, x)
	case exCall:
		return m.call(f, x)
	case exNew:
		return m.create(f, x)
	case exAdd:
		return m.sum(m.evalAll(f, x.args), x.at)
	case exAssign:
		v := m.eval(f, x.args[1])
		m.assign(f, x.args[0], v)
		return v
	case exAddTo:
		v := m.sum(m.evalAll(f, x.args), x.at)
		m.assign(f, x.args[0], v)
		return v
	case exArray:
		return value{kind: isList, at: x.at, list: m.evalAll(f, x.args)}
	case exEither:
		v := m.evalAll(f, x.args)
		if same(v[1], v[2]) || v[2].kind == nothing {
			return v[1]
		}
		if v[1].kind == nothing {
			return v[2]
		}
		return unknown(x.at, "a value that depends on a condition")
	}
	if x.op == exTouch {
		m.touch(f, x)
		return value{}
	}
	if x.op == exScoped {
		return m.scoped(f, x)
	}
	m.evalAll(f, x.args)
	m.run(f, x.body)
	return unknown(x.at, x.name)
}

func (m *machine) evalAll(f *frame, list []*expr) []value {
	values := make([]value, len(list))
	for i, x := range list {
		values[i] = m.eval(f, x)
	}
	return values
}

// sum concatenates. The result stands where its first text that is not empty stands.
func (m *machine) sum(parts []value, at fault.Position) value {
	var b strings.Builder
	first := fault.Position{}
	for _, part := range parts {
		switch {
		case part.kind == isUnknown:
			return part
		case part.kind != isText:
			return unknown(at, "the result of an operator")
		case first.Line == 0 && part.text != "":
			first = part.at
		}
		b.WriteString(part.text)
	}
	if first.Line == 0 {
		first = at
	}
	if b.Len() > maxText || !m.spend(b.Len()/textPerStep) {
		return unknown(at, "a text that is too long to follow")
	}
	return value{kind: isText, at: first, text: b.String()}
}

func (m *machine) name(f *frame, x *expr) value {
	if (x.name == "this" || x.name == "super") && f.self != nil {
		return f.self.value()
	}
	if scope, ok := f.find(x.name); ok {
		v := scope[x.name].value
		if v.kind == nothing && v.at.Line == 0 {
			v.at = x.at
		}
		return v
	}
	if fd := m.fieldNamed(f, x.name); fd != nil {
		return m.fieldValue(fd, f.owner())
	}
	if c := m.classNamed(f.class.unit, x.name); c != nil {
		return value{kind: isClass, at: x.at, text: x.name, class: c}
	}
	if f.class.unit.isScala() && f.class.hasMethod(x.name) {
		return m.ownCall(f, x, nil)
	}
	if f.class.unit.dialect != nil && f.self != nil && f.self.own == nil && x.name != strings.ToUpper(x.name) {
		if v, ok := m.property(x, f.self.value()); ok {
			return v
		}
	}
	return value{kind: isSymbol, at: x.at, text: x.name}
}

func (m *machine) selected(f *frame, x *expr) value {
	recv := m.eval(f, x.recv)
	if f.class.unit.dialect != nil {
		if v, ok := m.property(x, recv); ok {
			return v
		}
	}
	switch {
	case recv.kind == isClass && f.class.unit.isScala() && recv.class.declares(x.name):
		return m.callOn(recv.class, nil, x, nil)
	case recv.kind == isClass && x.name == "this" && f.self != nil:
		return f.self.value()
	case recv.kind == isClass && recv.class.field(x.name) != nil:
		return m.fieldValue(recv.class.field(x.name), nil)
	case recv.kind == isObject && recv.obj.own != nil && recv.obj.own.field(x.name) != nil:
		return m.fieldValue(recv.obj.own.field(x.name), recv.obj)
	case recv.kind == isUnknown:
		return recv
	case recv.kind == isSymbol || recv.kind == isClass:
		if c := m.classNamed(f.class.unit, x.name); c != nil {
			return value{kind: isClass, at: x.at, text: x.name, class: c}
		}
		return value{kind: isSymbol, at: x.at, text: x.name}
	}
	return unknown(x.at, "the field "+x.name)
}

func (m *machine) assign(f *frame, target *expr, v value) {
	if f.class.unit.dialect != nil && !m.isVariable(f, target) && m.setProperty(f, target, v) {
		return
	}
	if target.op == exSelect {
		recv := m.eval(f, target.recv)
		var fd *field
		switch {
		case recv.kind == isClass:
			fd = recv.class.field(target.name)
		case recv.kind == isObject && recv.obj.own != nil:
			fd = recv.obj.own.field(target.name)
		}
		if fd != nil {
			m.assignField(fd, recv.obj, v)
		}
		return
	}
	if target.op != exName {
		return
	}
	if scope, ok := f.find(target.name); ok {
		scope[target.name] = m.put(scope[target.name], v)
	} else if fd := m.fieldNamed(f, target.name); fd != nil {
		m.assignField(fd, f.owner(), v)
	}
}

// isVariable reports whether a target is a local variable or a field.
func (m *machine) isVariable(f *frame, target *expr) bool {
	if target.op != exName {
		return false
	}
	_, local := f.find(target.name)
	return local || m.fieldNamed(f, target.name) != nil
}

func (m *machine) assignField(fd *field, self *object, v value) {
	old, ok := m.fieldSlot(fd, self)
	if !ok && fd.init != nil {
		old = slot{m.fieldValue(fd, self), 0}
	}
	m.setField(fd, self, m.put(old, v))
}

// call follows a call to its method in the sources, or to what is known of the libraries.
func (m *machine) call(f *frame, x *expr) value {
	if x.recv == nil {
		return m.ownCall(f, x, m.evalAll(f, x.args))
	}
	recv := m.eval(f, x.recv)
	args := m.evalAll(f, x.args)
	if x.recv.op == exName && x.recv.name == "super" && len(f.class.lineage) > 1 {
		return m.callOn(f.class.lineage[1], f.self, x, args)
	}
	switch {
	case recv.kind == isClass && recv.class.declares(x.name):
		return m.callOn(recv.class, f.self, x, args)
	case recv.kind == isObject && recv.obj.own != nil:
		if recv.obj.own.declares(x.name) {
			return m.callOn(recv.obj.own, recv.obj, x, args)
		}
		if fd := recv.obj.own.field(x.name); fd != nil && len(args) == 0 { // a record's accessor
			return m.fieldValue(fd, recv.obj)
		}
	}
	if v, ok := m.wellKnown(recv, x, args); ok {
		return v
	}
	if recv.kind == isObject && recv.obj.own == nil {
		return m.bean(recv.obj, x, args)
	}
	give(nil, args)
	switch {
	case recv.kind == isText:
		return m.textCall(recv, x, args)
	case recv.kind == isUnknown:
		return recv
	case recv.kind == isSymbol || recv.kind == isClass:
		return unknown(x.at, "the result of "+recv.text+"."+x.name+"()")
	}
	return unknown(x.at, "the result of "+x.name+"()")
}

func (m *machine) callOn(c *class, self *object, x *expr, args []value) value {
	callee := c.method(x.name, len(args))
	if callee == nil {
		give(nil, args)
		return unknown(x.at, "the result of "+x.name+"(), of which there are several")
	}
	return m.invoke(callee, self, args, x.at)
}

// ownCall is a call without receiver.
func (m *machine) ownCall(f *frame, x *expr, args []value) value {
	if (x.name == "this" || x.name == "super") && f.self != nil && f.self.own != nil {
		m.constructAs(f, x, args)
		return value{}
	}
	if f.self != nil && f.self.own == nil && (f.class.unit.dialect == nil || !f.class.hasMethod(x.name)) { // inside new X() {{ ... }}, or apply { ... }
		if v, ok := m.wellKnown(f.self.value(), x, args); ok {
			return v
		}
		return m.bean(f.self, x, args)
	}
	for c := f.class; c != nil; c = c.outer {
		if c.declares(x.name) {
			return m.callOn(c, f.owner(), x, args)
		}
	}
	for _, imported := range f.class.unit.staticImports {
		if imported[1] == x.name || imported[1] == "*" {
			if c := m.classNamed(f.class.unit, imported[0]); c != nil && c.declares(x.name) {
				return m.callOn(c, nil, x, args)
			}
		}
	}
	if v, ok := m.wellKnown(value{}, x, args); ok {
		return v
	}
	give(nil, args)
	return unknown(x.at, "the result of "+x.name+"()")
}

// create makes an object: of a class in the sources by its constructor, else a bean.
func (m *machine) create(f *frame, x *expr) value {
	args := m.evalAll(f, x.args)
	if c := m.classNamed(f.class.unit, x.name); c != nil {
		o := newObject(c.name, x.at, c)
		m.construct(o, args, x.at)
		return o.value()
	}
	v := m.newBean(x, args)
	if v.kind == isObject && len(x.body) > 0 {
		m.run(&frame{class: f.class, self: v.obj, scopes: f.scopes}, x.body)
	}
	return v
}

// constructAs follows this(...) and super(...).
func (m *machine) constructAs(f *frame, x *expr, args []value) {
	for _, c := range f.class.lineage {
		if (x.name == "this") != (c == f.class) {
			continue
		}
		if constructor := c.method("<init>", len(args)); constructor != nil {
			m.invoke(constructor, f.self, args, x.at)
		}
		return
	}
}

func (m *machine) construct(o *object, args []value, at fault.Position) {
	m.start(o.own)
	constructor := o.own.method("<init>", len(args))
	if m.calls < maxCalls {
		m.calls++
		m.run(&frame{class: o.own, self: o, scopes: []map[string]slot{{}}}, o.own.initializers)
		m.calls--
	}
	if constructor != nil {
		m.invoke(constructor, o, args, at)
	}
}
