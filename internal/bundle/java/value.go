package java

import (
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

type valueKind uint8

const (
	nothing valueKind = iota // null, void, or not given
	isText
	isUnknown // text says what could not be followed
	isObject
	isSymbol // text is a name that the sources do not declare, such as an imported constant
	isClass
	isList
)

// value is what an expression gives.
type value struct {
	kind  valueKind
	text  string
	at    fault.Position
	obj   *object
	class *class
	list  []value
}

func unknown(at fault.Position, why string) value { return value{kind: isUnknown, at: at, text: why} }

// same compares what two values mean, wherever they stand.
func same(a, b value) bool {
	if a.kind != b.kind || len(a.list) != len(b.list) {
		return false
	}
	for i := range a.list {
		if !same(a.list[i], b.list[i]) {
			return false
		}
	}
	switch a.kind {
	case isUnknown:
		return a.at == b.at
	case isObject:
		return a.obj == b.obj
	case isClass:
		return a.class == b.class
	}
	return a.text == b.text
}

// slot holds a value, and the branch of the program that put it there.
type slot struct {
	value
	branch int
}

// object is an instance. That of a class in the sources has its fields as slots. That
// of a library's class is taken for a bean: setX(v) fills slot X, getX() gives the
// slot or a new bean, setProperty(k, v) fills props, addX(v) appends to lists.
type object struct {
	class string
	at    fault.Position
	own   *class // nil for a bean
	slots map[string]slot
	props map[string]slot
	lists map[string][]value
	// loaded is where properties came from a file that is not followed, file the name of
	// one that is.
	loaded value
	file   string
	// from names the file that a configuration is loaded from.
	from value
	// takers are the objects to which this one was given. A nil among them stands for
	// code that is not followed. filledAt is where its properties first name a store.
	takers   []*object
	filled   bool
	filledAt fault.Position
}

func newObject(className string, at fault.Position, own *class) *object {
	return &object{class: className, at: at, own: own, slots: map[string]slot{}, props: map[string]slot{}, lists: map[string][]value{}}
}

func (o *object) value() value { return value{kind: isObject, at: o.at, obj: o} }

// get follows a path of slots through beans.
func (o *object) get(path ...string) value {
	for i, name := range path {
		s, ok := o.slots[name]
		if !ok {
			return value{}
		}
		if i == len(path)-1 {
			return s.value
		}
		if s.kind != isObject {
			return value{}
		}
		o = s.obj
	}
	return o.value()
}

// property finds the first of the keys in the object's properties, or in the
// Properties object that it was given.
func (o *object) property(keys ...string) value {
	for _, key := range keys {
		if s, ok := o.props[key]; ok {
			return s.value
		}
	}
	if given := o.get("Properties"); given.kind == isObject && given.obj != o {
		return given.obj.ownProperty(keys...)
	} else if given.kind == isUnknown {
		return given
	}
	return o.loaded
}

func (o *object) ownProperty(keys ...string) value {
	for _, key := range keys {
		if s, ok := o.props[key]; ok {
			return s.value
		}
	}
	return o.loaded
}

// elements gives what is in a list, an array, or a bean used as a list.
func elements(v value) []value {
	switch v.kind {
	case isList:
		return v.list
	case isObject:
		if strings.HasSuffix(v.obj.class, "List") || strings.HasSuffix(v.obj.class, "Set") {
			return v.obj.lists[""]
		}
	case nothing:
		return nil
	}
	return []value{v}
}

// trim removes what String.trim removes.
func trim(s string) string { return strings.TrimFunc(s, func(r rune) bool { return r <= ' ' }) }
