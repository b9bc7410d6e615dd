// Package follow evaluates the trees of package lexis as far as settings go: texts,
// constants, variables, helper functions, and objects with their fields. It runs
// nothing and guesses nothing. What depends on a condition, on the environment or on a
// function of a library becomes a value that says so.
package follow

import (
	"path"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/lexis"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

type kind uint8

const (
	nothing kind = iota // null, or not given
	isText
	isNumber
	isBool
	isUnknown // text says what could not be followed
	isObject
	isList
	isFunction
	isSymbol // text is a name that the source does not declare, with its dots
	isHere   // the folder of the program
)

// value is what an expression gives.
type value struct {
	kind kind
	text string
	at   fault.Position
	obj  *object
	list *list
	fn   *function
	// pointer means that a copy of the value is the same object.
	pointer bool
}

// list is a list that can grow.
type list struct {
	elements []value
	branch   *branch
}

// function is a function with the scope that it was made in.
type function struct {
	node  *lexis.Node
	name  string
	scope *scope
	// self is the object whose method it is.
	self *object
}

// branch is a part of the program of which nobody knows whether it runs.
type branch struct{ parent *branch }

// within reports whether code in branch b runs only where code in a has run.
func (b *branch) within(a *branch) bool {
	for ; b != nil; b = b.parent {
		if b == a {
			return true
		}
	}
	return false
}

// slot holds a value, and the branch that put it there.
type slot struct {
	value
	branch *branch
}

// seen is the value as code in a branch finds it.
func (s slot) seen(from *branch) value {
	if !from.within(s.branch) {
		return unknown(s.at, "a value that depends on a condition")
	}
	return s.value
}

// scope holds the names of a block, a function or a class.
type scope struct {
	vars     map[string]slot
	parent   *scope
	function bool // names that a function assigns in Python are its own
	self     *object
}

func newScope(parent *scope) *scope {
	return &scope{vars: map[string]slot{}, parent: parent, self: parent.this()}
}

func (s *scope) this() *object {
	if s == nil {
		return nil
	}
	return s.self
}

func (s *scope) find(name string) *scope {
	for ; s != nil; s = s.parent {
		if _, ok := s.vars[name]; ok {
			return s
		}
	}
	return nil
}

// object is an instance of a class, a dictionary, or a bean of a library: the
// settings of a client are fields in it, whatever the language.
type object struct {
	class  string
	at     fault.Position
	branch *branch
	fields map[string]slot
	calls  map[string][]call
	// args are those that the object was made with.
	args []value
	// inner means that another object holds it.
	inner bool
	// declared is where the source itself declares the class.
	declared *lexis.Stmt
	scope    *scope
	// parent and name are of an object that is read before anything is put into it. It
	// belongs to its parent once there is.
	parent *object
	name   string
	lazy   map[string]*object
	// rest is what may set further fields and could not be followed.
	rest value
	// settings are what the program has set as a whole when it makes a client of the object.
	settings map[string]slot
}

// call is a call of a method of a library.
type call struct {
	args   []value
	branch *branch
	at     fault.Position
}

func unknown(at fault.Position, why string) value { return value{kind: isUnknown, text: why, at: at} }

func (o *object) value() value { return value{kind: isObject, at: o.at, obj: o} }

// attach puts an object that was only read before into its parent.
func (o *object) attach() {
	if o.parent == nil {
		return
	}
	parent := o.parent
	o.parent = nil
	parent.attach()
	if _, taken := parent.fields[o.name]; !taken {
		parent.fields[o.name] = slot{o.value(), parent.branch}
		o.inner = true
	}
}

// empty reports whether nothing was put into an object.
func (o *object) empty() bool { return len(o.fields) == 0 && len(o.calls) == 0 && len(o.args) == 0 }

// Key is a name without regard to how languages write names: cluster_name,
// clusterName and ClusterName are one.
func Key(name string) string {
	return strings.ToLower(strings.NewReplacer("_", "", "-", "").Replace(name))
}

// field finds a field by its key.
func (o *object) field(key string) value {
	found := value{}
	for name, s := range o.fields {
		if Key(name) != key {
			continue
		}
		if found.kind != nothing {
			return unknown(o.at, "a setting that is spelled in two ways")
		}
		found = s.seen(o.branch)
	}
	return found
}

// get follows a path of keys, separated by slashes. The last may be "method()1" for
// an argument of a call, and "#1" for one that the object was made with.
func (o *object) get(keys string) value {
	key, rest, more := strings.Cut(keys, "/")
	if method, n, isCall := strings.Cut(key, "()"); isCall {
		return o.last(method, int(n[0]-'0'))
	}
	if n, isArgument := strings.CutPrefix(key, "#"); isArgument {
		if i := int(n[0] - '0'); i < len(o.args) {
			return o.args[i]
		}
		return value{}
	}
	v := o.field(key)
	switch {
	case !more:
		return v
	case v.kind == isObject:
		return v.obj.get(rest)
	case v.kind == isUnknown:
		return v
	}
	return value{}
}

// last gives the first argument of the last call of a method, nothing where it is not called.
func (o *object) last(method string, n int) value {
	calls := o.calls[method]
	if len(calls) == 0 {
		return value{}
	}
	c := calls[len(calls)-1]
	switch {
	case !o.branch.within(c.branch):
		return unknown(c.at, "a value that depends on a condition")
	case n < len(c.args):
		return c.args[n]
	}
	return unknown(c.at, "something that is missing")
}

// said reduces a value to what is said of it outside.
func (v value) said() said.Value {
	switch v.kind {
	case nothing:
		return said.Value{}
	case isText:
		return said.Of(v.text, v.at)
	case isUnknown:
		return said.Unknown(v.text, v.at)
	case isSymbol:
		// The name is not repeated: it may be a secret that lacks its quotation marks.
		return said.Unknown("a name that the source does not declare", v.at)
	case isHere:
		return said.Unknown("the folder of the program", v.at)
	case isFunction:
		return said.Unknown("a function", v.at)
	case isList:
		if len(v.list.elements) == 1 {
			return v.list.elements[0].said()
		}
		return said.Unknown("a list", v.at)
	case isObject:
		if v.obj.empty() {
			return said.Value{}
		}
		return said.Unknown("an object", v.at)
	}
	return said.Unknown("something that is not a text", v.at)
}

// add joins values as + does.
func add(values []value) value {
	sum := value{kind: isText, at: values[0].at}
	for i, v := range values {
		switch {
		case v.kind == isText:
			sum.text += v.text
		case v.kind == isNumber && i > 0 && strings.Trim(v.text, "0123456789") == "":
			sum.text += v.text
		case v.kind == isHere && i == 0 || v.kind == isHere && sum.text == "":
			sum.text = "."
		case v.kind == isUnknown:
			return v
		case v.kind == isSymbol:
			return unknown(v.at, "a name that the source does not declare")
		default:
			return unknown(v.at, "a computed value")
		}
	}
	return sum
}

// joinPaths joins the parts of a file name. The folder of the program is where the
// bundle's files are, so it adds nothing.
func joinPaths(at fault.Position, parts []value) value {
	joined := value{kind: isHere, at: at}
	for _, part := range parts {
		switch {
		case part.kind == isHere, part.kind == isText && part.text == ".":
		case part.kind == isText && joined.kind == isHere:
			joined = part
		case part.kind == isText:
			joined.text = path.Join(joined.text, part.text)
		case part.kind == isUnknown:
			return part
		default:
			return unknown(part.at, "a computed value")
		}
	}
	return joined
}
