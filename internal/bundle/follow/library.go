package follow

import (
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/lexis"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// method calls a method of a library's object, which is a setter, a getter, or
// something that is kept for those who know it.
func (m *machine) method(o *object, name string, n *lexis.Node, args []value) value {
	key := Key(name)
	m.callbacks(args, o)
	switch {
	case slices.Contains(m.Clients, name):
		m.use(o.value())
		return unknown(n.At, "a client")
	case key == "with" && m.Lang == lexis.CSharp && len(args) == 2 && args[0].kind == isText:
		m.option(o, args[0], args[1])
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
	case o.literal && !slices.Contains(harmless, key):
		o.blur(n.At, 0)
	default:
		if len(o.calls[key]) < 1000 {
			o.attach()
			o.calls[key] = append(o.calls[key], call{args, m.branch, n.At})
		}
	}
	if m.Fluent {
		return o.value()
	}
	return unknown(n.At, "the result of "+name+"()")
}

// option sets a field by its path, such as hazelcast.networking.cloud.url.
func (m *machine) option(o *object, name, v value) {
	parts := strings.FieldsFunc(name.text, func(r rune) bool { return r == '.' || r == ':' })
	if len(parts) < 2 || len(parts) > 8 || Key(parts[0]) != "hazelcast" {
		return
	}
	for _, part := range parts[1 : len(parts)-1] {
		inner := m.part(o, part, name.at)
		if inner.kind != isObject {
			return
		}
		o = inner.obj
	}
	m.put(o.value(), parts[len(parts)-1], v)
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
	if !slices.Contains(harmless, Key(name)) {
		for _, a := range n.Args {
			if a.Value.Kind == lexis.NameNode && m.Lang == lexis.CPP && s.find(a.Value.Text) != nil { // by reference
				m.assign(a.Value, unknown(n.At, "a value that a function of a library can have changed"), s)
			}
		}
		for _, a := range args {
			if a.kind == isObject {
				a.obj.blur(n.At, 0)
			}
		}
	}
	return unknown(n.At, "the result of "+name+"()")
}

// harmless are functions of libraries that change no object that they are given.
var harmless = []string{
	"get", "keys", "values", "items", "entries", "copy", "dumps", "stringify", "str", "repr", "print", "pprint", "log", "info", "debug", "warn", "warning", "error",
	"write", "writeline", "println", "printf", "fatal", "fatalf", "sprintf", "errorf", "len", "type", "isinstance", "freeze", "tostring", "json", "inspect", "build", "options",
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
	m.lose(n, args)
	m.callbacks(args, nil)
	return unknown(n.At, "a client")
}

// lose notes a client of a configuration that is not known, which is the last argument.
func (m *machine) lose(n *lexis.Node, args []value) {
	if len(args) == 0 {
		return
	}
	if last := args[len(args)-1]; last.kind == isUnknown || last.kind == isSymbol {
		m.lost = append(m.lost, fault.New(fault.Input, n.At, "the configuration of the client that is made here cannot be followed: it is "+last.said().Why, "set it up in the same source"))
	}
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
	if configs := m.failover(v.obj); len(configs) > 0 {
		m.used = append(m.used, said.Candidate{Failover: true, Used: true, Configs: configs})
	} else if c := m.config(v.obj, m.branch); c.Says() {
		m.used = append(m.used, said.Candidate{Used: true, Configs: []said.Config{c}})
	}
}
