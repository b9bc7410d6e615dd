package spec

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"go.yaml.in/yaml/v3"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// pairs is a key that holds texts by names. A flag separates them by semicolons and
// each from its name by an equals sign.
type pairs struct {
	key   string
	field *map[string]string
	check func(name, value string) *fault.Fault
	note  string
}

func (m pairs) name() string    { return m.key }
func (m pairs) given() bool     { return len(*m.field) > 0 }
func (m pairs) comment() string { return m.note }

func (m pairs) schema() map[string]any {
	return described(map[string]any{"type": "object", "minProperties": 1, "additionalProperties": map[string]any{"type": []string{"string", "integer"}}}, m.note)
}

func (m pairs) text() string {
	list := make([]string, 0, len(*m.field))
	for name, value := range *m.field {
		list = append(list, quoteIn(name, yaml.DoubleQuotedStyle)+": "+quoteIn(value, yaml.DoubleQuotedStyle))
	}
	slices.Sort(list)
	return "{" + strings.Join(list, ", ") + "}"
}

func (m pairs) set(v string) *fault.Fault {
	got := make(map[string]string)
	for pair := range strings.SplitSeq(v, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
		if f := m.check(name, value); f != nil {
			return f
		}
		if _, twice := got[name]; twice {
			return wrong("keep one", "%s: %q stands here twice", m.key, name)
		}
		got[name] = value
	}
	*m.field = got
	return nil
}

func (m pairs) read(p *parser) reader {
	return func(n *yaml.Node) {
		n = resolve(n)
		if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
			p.add(n, m.key+" is "+kindOf(n)+" where names with values belong", "write it like "+m.key+": {com.acme.Busy: \"503\"}, or leave it out")
			return
		}
		got := make(map[string]string)
		known := make(map[string]reader)
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i]
			known[name.Value] = func(n *yaml.Node) {
				n = resolve(n)
				if n.Kind != yaml.ScalarNode || n.Tag != "!!str" && n.Tag != "!!int" {
					p.add(n, name.Value+" is "+kindOf(n)+" where a text belongs", "put it in quotes if it is meant as a text")
					return
				}
				p.take(n, func(v string) *fault.Fault {
					got[name.Value] = v
					return m.check(name.Value, v)
				})
			}
		}
		p.object(n, m.key, known)
		*m.field = got
	}
}

var javaName = regexp.MustCompile(`^[\p{L}_$][\p{L}\p{N}_$]*(\.[\p{L}_$][\p{L}\p{N}_$]*)*$`)

// checkJavaName refuses what cannot be the name of a Java class.
func checkJavaName(v string) *fault.Fault {
	if !javaName.MatchString(v) {
		return wrong("give the full name of the class, like "+IOException, "%q is not the name of a Java class", v)
	}
	return nil
}

// CheckJavaName says why v cannot be the name of a Java class, nil if it can. The
// fault has no position.
func CheckJavaName(v string) *fault.Fault { return checkJavaName(v) }

// checkException refuses what cannot stand for a Java class.
func checkException(name, value string) *fault.Fault {
	if f := checkJavaName(name); f != nil {
		return f
	}
	if n, err := strconv.Atoi(value); err == nil && n >= 400 && n <= 599 {
		return nil
	}
	namespace, local, found := strings.Cut(strings.TrimPrefix(value, "{"), "}")
	odd := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune("{}<>\"", r)
	}
	if !strings.HasPrefix(value, "{") || !found || local == "" || strings.ContainsFunc(namespace+local, odd) || strings.ContainsAny(local, ":/") {
		return wrong("give the fault as \"{namespace}name\", or an HTTP status from 400 to 599", "%s: %q is neither a fault nor a status", name, value)
	}
	return nil
}

// checkServer refuses what cannot be the address of a ZooKeeper server.
func checkServer(v string) *fault.Fault {
	switch f := checkAddress(v); {
	case f != nil && strings.Contains(v, "/"):
		return wrong("give the servers only; a root path is not supported", "%q is not an address of ZooKeeper", v[strings.LastIndexByte(v, '@')+1:])
	case f != nil:
		return wrong("give one like localhost:2181", "%q is not an address of ZooKeeper", v[strings.LastIndexByte(v, '@')+1:])
	}
	return nil
}

// CheckServer says why v cannot be the address of a ZooKeeper server, nil if it can.
// The fault has no position.
func CheckServer(v string) *fault.Fault { return checkServer(v) }

// checkUser refuses what cannot be the user of ZooKeeper's digest authentication.
func checkUser(v string) *fault.Fault {
	if strings.Contains(v, ":") {
		return wrong("give the user alone; the secret is FAILOVER_REGISTRY_PASSWORD", "a user has no colon")
	}
	return checkPlain(v)
}

// checkFabricPath refuses what ZooKeeper does not take as a path.
func checkFabricPath(v string) *fault.Fault {
	odd := func(r rune) bool {
		return unicode.IsControl(r) || unicode.Is(unicode.Co, r) || r >= 0xfff0 && r <= 0xffff
	}
	for element := range strings.SplitSeq(cleanFabricPath(v), "/") {
		if element == "" || element == "." || element == ".." || strings.ContainsFunc(element, odd) {
			return wrong("give one like demo/fo", "%q is not a path in ZooKeeper", v)
		}
	}
	return nil
}

// checkEndpoint refuses what cannot be the address of a web service. The fault does
// not repeat what may be a password.
func checkEndpoint(v string) *fault.Fault {
	const remedy = "give one like http://localhost:8185/Foo"
	u, err := url.Parse(v)
	switch {
	case err != nil || u.Hostname() == "" || u.Opaque != "" || u.Scheme != "http" && u.Scheme != "https" || checkPlain(v) != nil:
		shown := ShownURL(v)
		if !strings.ContainsAny(v, "@?#") {
			shown = v
		}
		return wrong(remedy, "%q is not an address of a web service", shown)
	case u.User != nil || u.RawQuery != "" || u.ForceQuery || strings.Contains(v, "#"):
		return wrong("leave out the user, the query and the fragment", "%q with what stands around it is not an address of a web service", ShownURL(v))
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return wrong(remedy, "%q has a port that cannot be", ShownURL(v))
		}
	}
	return nil
}

// sameEndpoint is equal for two addresses that lead to the same endpoint.
func sameEndpoint(v string) string {
	u, err := url.Parse(v)
	if err != nil {
		return v
	}
	u.Host = strings.ToLower(u.Host)
	return u.String()
}
