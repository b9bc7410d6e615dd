package java

import (
	"slices"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// Limits on following the sources. The console's own take about 300 steps an entry point.
const (
	maxSteps = 100_000
	maxCalls = 40
	maxText  = 64 << 10
	// textPerStep is how much text one step may make, so that memory is bounded too.
	textPerStep = 64
)

// machine follows a program from one entry point. It follows what the statements do
// to objects and texts. It takes both ways at a condition, and goes through a loop
// once.
type machine struct {
	*program
	statics    map[*field]slot
	evaluating map[*field]bool
	started    map[*class]bool
	calls      int
	// branch is the conditional part being followed, 0 outside any; branches numbers them.
	branch, branches int

	system    *object // System's properties
	configs   []*object
	failovers []*object
	holders   []*object // of TLS settings: see loose.go
	// clients are the arguments of newHazelcastClient and newHazelcastFailoverClient.
	clients []value
}

func newMachine(p *program) *machine {
	return &machine{
		program: p, statics: map[*field]slot{}, evaluating: map[*field]bool{}, started: map[*class]bool{},
		system: newObject("System", fault.Position{}, nil),
	}
}

// frame is one call.
type frame struct {
	class  *class
	self   *object
	scopes []map[string]slot
	result value
	// returns says whether a return was met.
	returns bool
	// outer is the frame around a block whose self is what the block is about.
	outer *frame
}

// owner is the object whose methods and fields the code can name: not the one that a
// block is about.
func (f *frame) owner() *object {
	for g := f; g != nil; g = g.outer {
		if g.self == nil || g.self.own != nil {
			return g.self
		}
	}
	return f.self
}

func (f *frame) find(name string) (map[string]slot, bool) {
	for i := len(f.scopes) - 1; i >= 0; i-- {
		if _, ok := f.scopes[i][name]; ok {
			return f.scopes[i], true
		}
	}
	return nil, false
}

func (f *frame) declare(name string, s slot) { f.scopes[len(f.scopes)-1][name] = s }

// spend counts work and reports whether there is any left.
func (m *machine) spend(n int) bool {
	m.steps += n
	return m.steps <= maxSteps
}

// exhausted reports whether the program was too long to be followed to its end.
func (m *machine) exhausted() bool { return m.steps > maxSteps }

// put merges a new value into what was there. A branch of the program may run or
// not, so a different value that it sets makes the result unknown.
func (m *machine) put(old slot, v value) slot {
	switch {
	case old.kind == nothing, m.branch == 0, m.branch == old.branch, same(old.value, v):
		return slot{v, m.branch}
	}
	at := v.at
	if v.kind == nothing {
		at = old.at
	}
	return slot{unknown(at, "a value that depends on a condition"), m.branch}
}

// run follows statements and reports whether a return ended them.
func (m *machine) run(f *frame, list []*stmt) bool {
	for _, s := range list {
		if !m.spend(1) {
			return true
		}
		switch s.op {
		case stBlock:
			if m.scope(f, s.body) {
				return true
			}
		case stBranch:
			outer := m.branch
			m.branches++
			m.branch = m.branches
			m.scope(f, s.body)
			m.branch = outer
		case stLocal:
			v := value{at: s.at}
			if s.x != nil {
				v = m.eval(f, s.x)
			}
			f.declare(s.name, slot{v, m.branch})
		case stExpr:
			if s.x != nil {
				m.eval(f, s.x)
			}
		case stReturn:
			m.returned(f, s)
			return true
		}
	}
	return false
}

func (m *machine) scope(f *frame, body []*stmt) bool {
	f.scopes = append(f.scopes, map[string]slot{})
	ended := m.run(f, body)
	f.scopes = f.scopes[:len(f.scopes)-1]
	return ended
}

func (m *machine) returned(f *frame, s *stmt) {
	var v value
	if s.x != nil {
		v = m.eval(f, s.x)
	}
	switch {
	case !f.returns, f.result.kind == nothing:
		f.result = v
	case v.kind != nothing && !same(v, f.result):
		f.result = unknown(s.at, "a value that depends on a condition")
	}
	f.returns = true
}

// invoke calls a method of the sources.
func (m *machine) invoke(callee *method, self *object, args []value, at fault.Position) value {
	m.executed[callee] = true
	if m.calls >= maxCalls {
		return unknown(at, "the result of "+callee.name+"(), which calls itself or goes too deep")
	}
	m.start(callee.class)
	m.calls++
	defer func() { m.calls-- }()
	f := &frame{class: callee.class, self: self, scopes: []map[string]slot{{}}}
	for i, p := range callee.params {
		v := unknown(p.at, "the parameter "+p.name+" of "+callee.name+"(), which nothing in the source fills in")
		switch {
		case p.variadic && i <= len(args):
			v = value{kind: isList, at: at, list: args[i:]}
			if len(args) == i+1 && args[i].kind == isList {
				v = args[i]
			}
		case i < len(args):
			v = args[i]
		case p.value != nil:
			v = m.springValue(callee.class.unit, p.value)
		}
		f.declare(p.name, slot{v, m.branch})
	}
	if callee.record {
		for _, p := range callee.params {
			self.slots[p.name] = f.scopes[0][p.name]
		}
		return value{}
	}
	m.run(f, callee.statements())
	return f.result
}

// start runs a class's static initializers once.
func (m *machine) start(c *class) {
	if m.started[c] {
		return
	}
	m.started[c] = true
	m.run(&frame{class: c, scopes: []map[string]slot{{}}}, c.staticInits)
}

// fieldValue gives a field's value, from its initializer when nothing was assigned.
func (m *machine) fieldValue(fd *field, self *object) value {
	m.start(fd.class)
	s, ok := m.fieldSlot(fd, self)
	if ok {
		return s.value
	}
	if fd.init == nil && fd.value != nil {
		return m.springValue(fd.class.unit, fd.value)
	}
	if fd.init == nil {
		return unknown(fd.at, "the field "+fd.name+", which the source gives no value")
	}
	if m.evaluating[fd] || m.calls >= maxCalls {
		return unknown(fd.at, "the field "+fd.name+", which depends on itself")
	}
	m.evaluating[fd] = true
	m.calls++
	outer := m.branch
	m.branch = 0
	v := m.eval(&frame{class: fd.class, self: self, scopes: []map[string]slot{{}}}, fd.init)
	m.branch = outer
	m.calls--
	delete(m.evaluating, fd)
	m.setField(fd, self, slot{v, 0})
	return v
}

func (fd *field) of(self *object) bool {
	return !fd.static && self != nil && self.own != nil && slices.Contains(self.own.lineage, fd.class)
}

func (m *machine) fieldSlot(fd *field, self *object) (slot, bool) {
	if fd.of(self) {
		s, ok := self.slots[fd.name]
		return s, ok
	}
	s, ok := m.statics[fd]
	return s, ok
}

func (m *machine) setField(fd *field, self *object, s slot) {
	if fd.of(self) {
		self.slots[fd.name] = s
		return
	}
	m.statics[fd] = s
}

// fieldNamed finds a field visible in f: of its class, an outer one, or statically imported.
func (m *machine) fieldNamed(f *frame, name string) *field {
	for c := f.class; c != nil; c = c.outer {
		if fd := c.field(name); fd != nil {
			return fd
		}
	}
	for _, imported := range f.class.unit.staticImports {
		if imported[1] == name || imported[1] == "*" {
			if c := m.classNamed(f.class.unit, imported[0]); c != nil && c.field(name) != nil {
				return c.field(name)
			}
		}
	}
	return nil
}
