package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// section is a group of keys of failover.yaml that a flag names without the group:
// no two sections of a kind share a key.
type section struct {
	key    string
	fields []field
}

// field is one key of a section, whatever type its value has.
type field interface {
	name() string
	// given reports whether the spec says anything of it.
	given() bool
	// set takes a value as a flag gives it.
	set(v string) *fault.Fault
	// read takes the value of a node.
	read(p *parser) reader
	// text is the value as failover.yaml has it.
	text() string
	comment() string
	schema() map[string]any
}

func (t text) name() string          { return t.key }
func (t text) given() bool           { return *t.field != "" }
func (t text) read(p *parser) reader { return p.text(t) }
func (t text) text() string          { return quote(*t.field) }
func (t text) comment() string       { return t.note }

func (s span) name() string          { return s.key }
func (s span) given() bool           { return *s.field != 0 }
func (s span) read(p *parser) reader { return p.span(s) }
func (s span) text() string          { return shortDuration(*s.field) }
func (s span) comment() string       { return s.note }

// list is a key that holds texts. A flag separates them.
type list struct {
	key, item  string // item names one of them in a fault
	field      *[]string
	check      check
	separators string                // between the texts of a flag
	same       func(v string) string // equal for two that count as the same; nil: the text itself
	note       string
}

func (l list) name() string    { return l.key }
func (l list) given() bool     { return len(*l.field) > 0 }
func (l list) comment() string { return l.note }

func (l list) text() string {
	quoted := make([]string, len(*l.field))
	for i, v := range *l.field {
		quoted[i] = quoteIn(v, yaml.DoubleQuotedStyle)
	}
	return "[" + strings.Join(quoted, ", ") + "]"
}

// add takes one more text.
func (l list) add(v string) *fault.Fault {
	if f := l.check(v); f != nil {
		return f
	}
	same := l.same
	if same == nil {
		same = func(v string) string { return v }
	}
	if slices.ContainsFunc(*l.field, func(have string) bool { return same(have) == same(v) }) {
		return wrong("keep one", "%s: %q stands here twice", l.key, v)
	}
	*l.field = append(*l.field, v)
	return nil
}

func (l list) set(v string) *fault.Fault {
	before := *l.field
	*l.field = nil
	for _, item := range regexp.MustCompile("["+l.separators+"]").Split(v, -1) {
		if f := l.add(strings.TrimSpace(item)); f != nil {
			*l.field = before
			return f
		}
	}
	return nil
}

func (l list) read(p *parser) reader {
	return func(n *yaml.Node) {
		n = resolve(n)
		if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
			p.add(n, l.key+" is "+kindOf(n)+" where a list belongs", "write "+l.key+": [...] with one "+l.item+" after the other, or leave it out")
			return
		}
		for _, item := range n.Content {
			var v string
			before := len(p.faults)
			if p.text(text{key: l.item, field: &v})(item); len(p.faults) == before {
				p.take(resolve(item), l.add)
			}
		}
	}
}

func (l list) schema() map[string]any {
	return described(map[string]any{"type": "array", "minItems": 1, "items": map[string]any{"type": "string", "minLength": 1}}, l.note)
}

// truth is a key that is true or false.
type truth struct {
	key   string
	field *bool
	note  string
}

func (b truth) name() string           { return b.key }
func (b truth) given() bool            { return *b.field }
func (b truth) text() string           { return strconv.FormatBool(*b.field) }
func (b truth) comment() string        { return b.note }
func (b truth) schema() map[string]any { return described(map[string]any{"type": "boolean"}, b.note) }

func (b truth) set(v string) *fault.Fault {
	if v != "true" && v != "false" {
		return wrong("say true or false", "%s: %q is not possible here", b.key, v)
	}
	*b.field = v == "true"
	return nil
}

func (b truth) read(p *parser) reader {
	return func(n *yaml.Node) {
		n = resolve(n)
		if n.Kind != yaml.ScalarNode {
			p.add(n, b.key+" is "+kindOf(n)+" where true or false belongs", "say true or false")
			return
		}
		p.take(n, b.set)
	}
}

// section reads a group of keys and returns where each stands.
func (p *parser) section(n *yaml.Node, s section) map[string]*yaml.Node {
	known := make(map[string]reader)
	for _, f := range s.fields {
		known[f.name()] = f.read(p)
	}
	return p.object(n, s.key, known)
}

// section writes a group of keys, of which it leaves out those that say nothing.
func (w *writer) section(s section) {
	if !slices.ContainsFunc(s.fields, field.given) {
		return
	}
	w.line("", s.key, "", "")
	for _, f := range s.fields {
		if f.given() {
			w.line("  ", f.name(), f.text(), f.comment())
		}
	}
}

func (s section) schema() map[string]any {
	properties := make(map[string]any)
	for _, f := range s.fields {
		properties[f.name()] = f.schema()
	}
	return object(properties)
}

// inSection finds the section and the field of a key.
func (s *Spec) inSection(key string) (in section, found field) {
	for _, in := range kinds[s.Kind].sections(s) {
		for _, f := range in.fields {
			if f.name() == key {
				return in, f
			}
		}
	}
	return section{}, nil
}

// millis is a key that holds a duration, of which a number without a unit counts
// milliseconds, as it does in the XML.
type millis struct{ span }

func (m millis) set(v string) *fault.Fault {
	if n, err := strconv.ParseUint(v, 10, 32); err == nil {
		v = time.Duration(n * uint64(time.Millisecond)).String()
	}
	return m.span.set(v)
}

func (m millis) read(p *parser) reader {
	return func(n *yaml.Node) {
		n = resolve(n)
		if n.Kind != yaml.ScalarNode {
			p.add(n, m.key+" is "+kindOf(n)+" where a duration belongs", "write it like 10s, or as a number of milliseconds")
			return
		}
		p.take(n, m.set)
	}
}

func (m millis) schema() map[string]any {
	of := m.span.schema()
	note := of["description"]
	delete(of, "description")
	number := map[string]any{"type": "integer", "minimum": m.least.Milliseconds(), "maximum": most.Milliseconds()}
	return described(map[string]any{"anyOf": []any{of, number}}, fmt.Sprintf("%s; a plain number is milliseconds", note))
}
