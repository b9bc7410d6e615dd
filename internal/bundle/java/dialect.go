package java

import (
	"path"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// dialect is another language of the Java machine whose sources call the same library.
// Its own lexer and parser make the same statements and expressions as Java's, and the
// same machine follows them.
type dialect struct {
	kotlin, scala, groovy bool
}

// Kotlin, Scala and Groovy read sources in these languages.
var (
	Kotlin = reader("kotlin", "Kotlin source", &dialect{kotlin: true}, ".kt", ".kts")
	Scala  = reader("scala", "Scala source", &dialect{scala: true}, ".scala", ".sc")
	Groovy = reader("groovy", "Groovy source", &dialect{groovy: true}, ".groovy")
)

func (u *unit) isScala() bool { return u.dialect != nil && u.dialect.scala }

// maxDialectSource is the largest source that is read, in bytes.
const maxDialectSource = 256 << 10

func reader(form, noun string, d *dialect, endings ...string) said.Reader {
	source := func(name string) int64 {
		if slices.Contains(endings, strings.ToLower(path.Ext(name))) {
			return maxDialectSource
		}
		return 0
	}
	r := Reader
	r.Form, r.Noun, r.Source = form, noun, source
	r.Looked = "a " + endings[0] + " file that sets up a Hazelcast ClientConfig"
	r.Read = func(files []said.File) ([]said.Candidate, fault.List) {
		return read(files, source, func(file string, src []byte) *unit { return parseDialect(d, file, src) })
	}
	return r
}

// property follows the reading of a property, as in config.networkConfig. On a bean it
// is a call of the getter.
func (m *machine) property(x *expr, recv value) (value, bool) {
	verb, rest := splitVerb(x.name)
	getter := x.name
	if verb != "get" || rest == "" {
		getter = "get" + titled(x.name)
	}
	call := &expr{op: exCall, at: x.at, name: getter}
	switch {
	case recv.kind == isSymbol && propertyNames[recv.text] != "" && getter == "getName":
		return value{kind: isText, at: recv.at, text: propertyNames[recv.text]}, true
	case recv.kind == isText && passThrough[x.name]:
		return recv, true
	case recv.kind == isText && passThrough[getter]:
		return recv, true
	case recv.kind == isText:
		return m.textCall(recv, x, nil), true
	case recv.kind != isObject || recv.obj.own != nil:
		return value{}, false
	case isMap(recv.obj):
		return m.propertyOf(recv.obj, call, []value{{kind: isText, text: x.name, at: x.at}}), true
	case x.name == "build" || x.name == "load":
		call.name = x.name
		if v, ok := m.wellKnown(recv, call, nil); ok {
			return v, true
		}
	}
	return m.bean(recv.obj, call, nil), true
}

// isMap reports whether an object's properties are its entries.
func isMap(o *object) bool { return o.class == "Properties" || strings.HasSuffix(o.class, "Map") }

func titled(name string) string {
	if rest, ok := strings.CutPrefix(name, "is"); ok && rest != "" && strings.ToUpper(rest[:1]) == rest[:1] {
		return rest // isEnabled is the property of setEnabled
	}
	switch name {
	case "":
		return ""
	case "sslConfig":
		return "SSLConfig" // Kotlin writes all leading capitals of getSSLConfig small
	}
	return strings.ToUpper(name[:1]) + name[1:]
}

// setProperty follows an assignment to a property of a bean, which is a call of the
// setter. It reports whether it was one.
func (m *machine) setProperty(f *frame, target *expr, v value) bool {
	var o *object
	switch {
	case target.op == exSelect:
		if recv := m.eval(f, target.recv); recv.kind == isObject && recv.obj.own == nil {
			o = recv.obj
		}
	case target.op == exName && f.self != nil && f.self.own == nil:
		o = f.self
	case target.op == exCall && len(target.args) == 1: // props["name"] = ..
		container := target.recv
		if container == nil {
			container = &expr{op: exName, at: target.at, name: target.name}
		}
		if recv := m.eval(f, container); recv.kind == isObject && recv.obj.own == nil {
			m.bean(recv.obj, &expr{op: exCall, at: target.at, name: "put"}, []value{m.eval(f, target.args[0]), v})
			return true
		}
	}
	switch {
	case o == nil:
		return false
	case isMap(o):
		m.bean(o, &expr{op: exCall, at: target.at, name: "put"}, []value{{kind: isText, text: target.name, at: target.at}, v})
	default:
		m.bean(o, &expr{op: exCall, at: target.at, name: "set" + titled(target.name)}, []value{v})
	}
	return true
}

// scoped follows apply { }, with (x) { } and their like: the statements are about the
// receiver, which they name by nothing, by it, or by a name of their own.
func (m *machine) scoped(f *frame, x *expr) value {
	recv := m.eval(f, x.recv)
	inner := f
	f.scopes = append(f.scopes, map[string]slot{})
	defer func() { f.scopes = f.scopes[:len(f.scopes)-1] }()
	if scopeFunctions[x.name] == receiverIsThis {
		if recv.kind == isObject {
			inner = &frame{class: f.class, self: recv.obj, scopes: f.scopes, outer: f}
		}
	} else {
		f.declare(x.param, slot{recv, m.branch})
	}
	body := x.body
	var last value
	if n := len(body); n > 0 && body[n-1].op == stExpr && body[n-1].x != nil {
		m.run(inner, body[:n-1])
		last = m.eval(inner, body[n-1].x)
	} else {
		m.run(inner, body)
		last = unknown(x.at, "the result of "+x.name)
	}
	if returnsReceiver[x.name] {
		return recv
	}
	return last
}

type scopeFunction uint8

const (
	receiverIsThis scopeFunction = iota + 1
	receiverIsIt
)

// scopeFunctions run a block once, with what they are called on.
var scopeFunctions = map[string]scopeFunction{
	"apply": receiverIsThis, "run": receiverIsThis, "with": receiverIsThis, "tap": receiverIsThis,
	"also": receiverIsIt, "let": receiverIsIt, "use": receiverIsIt,
}

var returnsReceiver = map[string]bool{"apply": true, "also": true, "tap": true}
