package follow

import (
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/lexis"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// Dialect is what sources of one language call things. Names of functions stand
// without their packages.
type Dialect struct {
	Lang *lexis.Language
	// Endings are those of the files, "." included.
	Endings []string
	// Clients make a client of a configuration.
	Clients []string
	// Makers make an empty object, as NewConfig does.
	Makers []string
	// Same give their first argument, as abspath and Uri do.
	Same []string
	// Joins join the parts of a file name. Here give the folder of the program.
	Joins, Here []string
	// Getters means that a method without arguments gives a part of its object.
	Getters bool
	// Fluent means that setters give the object again.
	Fluent bool
	// Library means that the top level of all sources belongs together.
	Library bool
	// Trees reads a source, where package lexis does not.
	Trees func(file string, src []byte) ([]lexis.Stmt, *fault.Fault)
}

// Limits on the work for one source.
const (
	maxSteps = 200_000
	maxCalls = 40
	maxText  = 64 << 10
)

// machine evaluates one source.
type machine struct {
	*Dialect
	branch  *branch
	steps   int
	calls   int
	objects []*object
	// used are the configurations of which clients are made, as they are then.
	used []said.Candidate
	// lost are those that could not be followed.
	lost      fault.List
	functions []*function
	// entering is the function that nothing calls and that is evaluated for itself.
	entering *function
	done     map[*lexis.Node]bool
	// settings are those of the whole program: the environment, and the fields of
	// classes that the source does not declare.
	settings map[string]slot
}

func newMachine(d *Dialect) *machine {
	return &machine{Dialect: d, branch: &branch{}, done: map[*lexis.Node]bool{}, settings: map[string]slot{}}
}

// frame is a function that is being evaluated.
type frame struct {
	entry  *branch
	result value
	// several means that it returns at more than one place.
	several bool
}

func (f *frame) returns(v value, in *branch) {
	other := f.result.kind != nothing && (f.result.kind != v.kind || f.result.text != v.text || f.result.obj != v.obj)
	f.several = f.several || in != f.entry || other
	f.result = v
}

// run evaluates statements in order; stop means that nothing after them runs.
func (m *machine) run(list []lexis.Stmt, s *scope, f *frame) (stop bool) {
	for i := range list {
		if st := &list[i]; st.Kind == lexis.Define || st.Kind == lexis.Class {
			m.declare(st, s)
		}
	}
	for i := range list {
		if m.steps++; m.steps > maxSteps {
			return true
		}
		switch st := &list[i]; st.Kind {
		case lexis.Do:
			m.eval(st.Value, s)
		case lexis.Declare:
			m.variable(st, s)
		case lexis.Assign:
			m.assign(st.Target, m.eval(st.Value, s), s)
		case lexis.Block:
			if m.run(st.Body, newScope(s), f) {
				return true
			}
		case lexis.Branch:
			m.maybe(func() { m.run(st.Body, m.inner(s), f) })
		case lexis.Outer:
			if s.outer == nil {
				s.outer = map[string]bool{}
			}
			s.outer[st.Name] = true
		case lexis.Forget:
			for name, have := range s.vars {
				s.vars[name] = slot{unknown(st.At, "a name that another file can declare again"), have.branch}
			}
		case lexis.Return:
			v := value{}
			if st.Value != nil {
				v = m.eval(st.Value, s)
			}
			f.returns(v, m.branch)
			if m.branch == f.entry {
				return true
			}
		}
	}
	return false
}

// inner is the scope of a block. Python's blocks have none.
func (m *machine) inner(s *scope) *scope {
	if m.Lang == lexis.Python {
		return s
	}
	return newScope(s)
}

// maybe evaluates what nobody knows whether it runs.
func (m *machine) maybe(what func()) {
	before := m.branch
	m.branch = &branch{parent: before}
	what()
	m.branch = before
}

func (m *machine) declare(st *lexis.Stmt, s *scope) {
	v := value{kind: isFunction, at: st.At}
	if st.Kind == lexis.Class {
		v = m.instance(st, s).value()
		v.obj.inner = true
		if init, ok := v.obj.fields[st.Name]; ok && m.Lang == lexis.CSharp && init.kind == isFunction && len(init.fn.node.Params) == 0 {
			m.maybe(func() { m.call(init.fn, v.obj, nil, nil, st.At) }) // it can be the one for static fields
		}
	} else {
		v.fn = &function{node: st.Value, name: st.Name, scope: s, self: s.this()}
		m.functions = append(m.functions, v.fn)
		if have, again := s.vars[st.Name]; again && have.kind == isFunction && have.fn.node != st.Value {
			v = unknown(st.At, "the result of a function that is declared more than once")
		}
	}
	s.vars[st.Name] = slot{v, m.branch}
}

// instance makes an object of a class that the source declares: its fields are the
// names in its scope.
func (m *machine) instance(st *lexis.Stmt, s *scope) *object {
	o := m.object(st.Name, st.At)
	o.declared = st
	o.scope = &scope{vars: o.fields, parent: s, self: o, function: true}
	if m.calls++; m.calls < maxCalls {
		m.run(st.Body, o.scope, &frame{entry: m.branch})
	}
	m.calls--
	return o
}

func (m *machine) object(class string, at fault.Position) *object {
	o := &object{class: class, at: at, branch: m.branch, fields: map[string]slot{}, calls: map[string][]call{}, lazy: map[string]*object{}}
	m.objects = append(m.objects, o)
	return o
}

func (m *machine) variable(st *lexis.Stmt, s *scope) {
	v := value{at: st.At}
	if st.Value != nil {
		v = m.eval(st.Value, s)
	}
	if have, again := s.vars[st.Name]; again && have.kind == isFunction && m.Lang == lexis.CPP {
		return // a prototype
	}
	s.vars[st.Name] = slot{v, m.branch}
}

// assign puts a value where a target says.
func (m *machine) assign(target *lexis.Node, v value, s *scope) {
	switch target.Kind {
	case lexis.NameNode:
		m.assignName(target.Text, v, s)
	case lexis.Member:
		m.put(m.eval(target.X, s), target.Text, v)
	case lexis.Index:
		base := m.eval(target.X, s)
		if len(target.Args) == 1 {
			m.put(base, m.keyOf(m.eval(target.Args[0].Value, s)), v)
		}
	case lexis.List:
		for _, a := range target.Args {
			m.assign(a.Value, unknown(target.At, "a part of a value"), s)
		}
	}
}

func (m *machine) assignName(name string, v value, s *scope) {
	in := s.find(name)
	if m.Lang == lexis.Python {
		for in = s; !in.function && in.parent != nil; in = in.parent {
		}
		if in.outer[name] {
			for in = in.parent; in.parent != nil && (in.vars[name].kind == nothing || !in.function); in = in.parent {
			}
		}
	} else if in == nil {
		for in = s; in.parent != nil; in = in.parent {
		}
	}
	in.vars[name] = slot{v, m.branch}
}

// put sets a field. That of a name that the source does not declare is a setting of
// the whole program.
func (m *machine) put(base value, name string, v value) {
	if name == "" {
		return
	}
	switch base.kind {
	case isObject:
		base.obj.attach()
		if v.kind == isObject {
			v.obj.attach()
			v.obj.inner = true
		}
		base.obj.fields[name] = slot{v, m.branch}
	case isSymbol:
		m.settings[Key(base.text+"."+name)] = slot{v, m.branch}
	}
}

// keyOf gives the name that a key stands for: a text, or the last part of the name of
// a constant.
func (m *machine) keyOf(v value) string {
	switch v.kind {
	case isText:
		return v.text
	case isSymbol:
		return v.text[strings.LastIndexByte(v.text, '.')+1:]
	}
	return ""
}

// call evaluates a function of the source.
func (m *machine) call(fn *function, self *object, args []value, named map[string]value, at fault.Position) value {
	called := m.entering != fn
	m.done[fn.node] = true
	if m.calls++; m.calls > maxCalls || m.steps > maxSteps {
		m.calls--
		return unknown(at, "the result of a function that calls others too deep")
	}
	defer func() { m.calls-- }()
	s := newScope(fn.scope)
	s.function = true
	if self != nil {
		s.self = self
	}
	params := fn.node.Params
	if m.Lang == lexis.Python && s.self != nil && len(params) > 0 && (params[0] == "self" || params[0] == "cls") {
		s.vars[params[0]] = slot{s.self.value(), m.branch}
		params = params[1:]
	}
	for i, name := range params {
		v, given := named[name]
		switch {
		case given:
		case i < len(args):
			v = args[i]
		case fn.node.Defaults[name] != nil && called:
			v = m.eval(fn.node.Defaults[name], fn.scope)
		default:
			v = unknown(fn.node.At, "the parameter "+name+", which nothing in the source fills in")
		}
		s.vars[name] = slot{v, m.branch}
	}
	f := &frame{entry: m.branch}
	m.run(fn.node.Body, s, f)
	if f.several {
		return unknown(f.result.at, "a value that depends on a condition")
	}
	return f.result
}
