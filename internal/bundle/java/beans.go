package java

import (
	"cmp"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// propertyNames are the properties that bundles set by a constant of Hazelcast's
// classes, by the name of that constant.
var propertyNames = map[string]string{
	"HAZELCAST_CLOUD_DISCOVERY_TOKEN": "hazelcast.client.cloud.discovery.token",
	"CLOUD_URL_BASE_PROPERTY":         "hazelcast.client.cloud.url",
}

// passThrough are calls that give the same text, or the same place of a file, in
// another form.
var passThrough = map[string]bool{
	"toURI": true, "toURL": true, "getPath": true, "getFile": true, "toString": true, "toExternalForm": true, "toPath": true, "toFile": true,
	"getAbsolutePath": true, "toAbsolutePath": true, "getCanonicalPath": true, "normalize": true, "intern": true, "toCharArray": true,
	"openStream": true, "getInputStream": true,
}

// wellKnown follows the library calls that a client's configuration is written with.
func (m *machine) wellKnown(recv value, x *expr, args []value) (value, bool) {
	onClass := recv.kind == isSymbol
	switch x.name {
	case "newHazelcastClient", "newHazelcastFailoverClient", "getOrCreateHazelcastClient":
		if len(args) == 0 {
			m.byDefault(x)
		}
		m.clients = append(m.clients, args...)
		return unknown(x.at, "the result of "+x.name+"()"), true
	case "getResource", "getResourceAsStream", "getSystemResource":
		if len(args) == 1 {
			return args[0], true
		}
	case "getName", "name":
		if property := propertyNames[recv.text]; onClass && property != "" {
			return value{kind: isText, at: recv.at, text: property}, true
		}
	case "requireNonNull", "requireNonNullElse", "valueOf":
		if len(args) > 0 && onClass && (recv.text == "Objects" || recv.text == "String") {
			return args[0], true
		}
	case "get", "of", "asList", "singletonList", "singleton":
		switch {
		case onClass && (recv.text == "Paths" || recv.text == "Path") && len(args) == 1:
			return args[0], true
		case onClass && (recv.text == "List" || recv.text == "Arrays" || recv.text == "Collections" || recv.text == "Set"):
			return value{kind: isList, at: x.at, list: args}, true
		}
	case "setProperty", "getProperty":
		if onClass && recv.text == "System" {
			return m.bean(m.system, x, args), true
		}
	case "getenv":
		if onClass && recv.text == "System" && len(args) == 1 {
			return unknown(x.at, called("environment variable", args)), true
		}
	case "newInputStream", "newBufferedReader":
		if onClass && recv.text == "Files" && len(args) > 0 {
			return args[0], true
		}
	case "getBundle":
		if onClass && recv.text == "ResourceBundle" {
			return m.bundleOf(x, args), true
		}
	case "build":
		if recv.kind == isObject && configBuilders[recv.obj.class] != "" {
			o := newObject(configBuilders[recv.obj.class], x.at, nil)
			o.from = recv.obj.from
			m.remember(o)
			return o.value(), true
		}
	}
	if onClass {
		return m.loadedBy(recv.text, x, args)
	}
	return value{}, false
}

func (m *machine) textCall(recv value, x *expr, args []value) value {
	switch {
	case passThrough[x.name] && len(args) == 0:
		return recv
	case (x.name == "trim" || x.name == "strip") && len(args) == 0:
		recv.text = trim(recv.text)
		return recv
	case x.name == "concat" && len(args) == 1:
		return m.sum([]value{recv, args[0]}, x.at)
	}
	return unknown(x.at, "the result of "+x.name+"()")
}

// newBean makes an object of a library's class.
func (m *machine) newBean(x *expr, args []value) value {
	if v, ok := m.newLoaded(x.name, x, args); ok {
		return v
	}
	switch {
	case (x.name == "String" || x.name == "File") && len(args) == 1, streams[x.name] && len(args) > 0 && args[0].kind == isText:
		return args[0]
	case len(args) == 1 && args[0].kind == isObject && args[0].obj.own == nil:
		o := m.copyBean(args[0].obj, x.at, map[*object]*object{})
		o.class = x.name
		give(o, args)
		m.remember(o)
		return o.value()
	}
	give(nil, args)
	o := newObject(x.name, x.at, nil)
	switch x.name {
	case "GroupConfig":
		fill(o, args, "Name", "Password")
	case "UsernamePasswordCredentials", "UsernamePasswordIdentityConfig":
		fill(o, args, "Username", "Password")
	}
	m.remember(o)
	return o.value()
}

func fill(o *object, args []value, names ...string) {
	for i, name := range names {
		if i < len(args) {
			o.slots[name] = slot{value: args[i]}
		}
	}
}

func (m *machine) remember(o *object) {
	switch o.class {
	case "ClientConfig":
		m.configs = append(m.configs, o)
	case "ClientFailoverConfig":
		m.failovers = append(m.failovers, o)
	case "SSLConfig":
		m.holders = append(m.holders, o)
	}
}

// copyBean is what Hazelcast's copy constructors do: beans inside are copied too.
func (m *machine) copyBean(from *object, at fault.Position, copied map[*object]*object) *object {
	if o := copied[from]; o != nil {
		return o
	}
	o := newObject(from.class, at, nil)
	copied[from] = o
	if !m.spend(1 + len(from.slots) + len(from.props)) {
		return o
	}
	o.loaded, o.file, o.from = from.loaded, from.file, from.from
	for name, s := range from.slots {
		if s.kind == isObject && s.obj.own == nil {
			s.obj = m.copyBean(s.obj, s.obj.at, copied)
		}
		o.slots[name] = s
	}
	for key, s := range from.props {
		o.props[key] = s
	}
	for name, list := range from.lists {
		if m.spend(len(list)) {
			o.lists[name] = append([]value(nil), list...)
		}
	}
	return o
}

// bean follows a call on an object of a library's class by the names that such
// classes give their methods.
func (m *machine) bean(o *object, x *expr, args []value) value {
	give(o, args)
	verb, rest := splitVerb(x.name)
	switch {
	case x.name == "setProperty" && len(args) == 2, x.name == "put" && len(args) == 2, x.name == "putIfAbsent" && len(args) == 2:
		if args[0].kind == isText {
			m.noteStore(o, args[0], x.at)
			o.props[args[0].text] = m.put(o.props[args[0].text], args[1])
		}
		return o.value()
	case (x.name == "getProperty" || x.name == "get" || x.name == "getOrDefault" || x.name == "getString" && o.class == "ResourceBundle") && len(args) >= 1:
		return m.propertyOf(o, x, args)
	case (x.name == "putAll" || x.name == "addAll") && len(args) == 1:
		m.addAll(o, args[0])
		return o.value()
	case x.name == "load" && len(args) == 1:
		m.load(o, x, args[0])
		return value{}
	case x.name == "loadFromXML" && len(args) == 1:
		o.lose(unknown(x.at, "a property that is loaded from a file"))
		return value{}
	case verb == "set" && len(args) == 1:
		o.slots[rest] = m.put(o.slots[rest], args[0])
		return o.value()
	case x.name == "setUsernamePasswordIdentityConfig" && len(args) == 2:
		credentials := newObject(rest, x.at, nil)
		fill(credentials, args, "Username", "Password")
		o.slots[rest] = m.put(o.slots[rest], credentials.value())
		return o.value()
	case verb == "add":
		for _, arg := range args {
			if list := elements(arg); m.spend(len(list)) {
				o.lists[rest] = append(o.lists[rest], list...)
			}
		}
		return o.value()
	case verb == "get" && len(args) == 0 && rest != "":
		return m.child(o, rest, x.at)
	case passThrough[x.name] && len(args) == 0:
		return o.value()
	}
	return unknown(x.at, "the result of "+o.class+"."+x.name+"()")
}

func splitVerb(name string) (verb, rest string) {
	for _, verb := range []string{"set", "get", "add"} {
		if rest, ok := strings.CutPrefix(name, verb); ok && (rest == "" || strings.ToUpper(rest[:1]) == rest[:1]) {
			return verb, rest
		}
	}
	return "", name
}

// child gives what a getter gives: what was set, or a bean that the class makes itself.
func (m *machine) child(o *object, name string, at fault.Position) value {
	if s, ok := o.slots[name]; ok && s.kind != nothing {
		return s.value
	}
	made := newObject(name, at, nil)
	give(o, []value{made.value()})
	o.slots[name] = slot{value: made.value()}
	return made.value()
}

func (m *machine) addAll(o *object, v value) {
	if v.kind == isUnknown {
		o.lose(v)
	}
	if list := elements(v); v.kind != isUnknown && m.spend(len(list)) {
		o.lists[""] = append(o.lists[""], list...)
	}
	if v.kind != isObject || !m.spend(len(v.obj.props)) {
		return
	}
	if v.obj.loaded.kind != nothing {
		o.lose(v.obj.loaded)
	}
	o.file = cmp.Or(o.file, v.obj.file)
	for key, s := range v.obj.props {
		o.props[key] = m.put(o.props[key], s.value)
	}
}
