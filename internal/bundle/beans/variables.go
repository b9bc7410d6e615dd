package beans

import (
	"cmp"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/properties"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/bundle/xmlpos"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// Variables are what ${...} stands for in one file.
type Variables struct {
	values map[string]said.Value
	marks  []mark
	// elsewhere names the configuration that can give a variable another value where
	// the program runs.
	elsewhere map[string]string
	// Warnings tell what is odd but usable.
	Warnings []said.Warning
	loads    int
	files    *properties.Files
	file     string
}

// mark is what stands around the name of a variable.
type mark struct{ prefix, suffix string }

// VariablesOf gathers the variables of a file from its own elements and from the
// properties files that these name.
func VariablesOf(d *xmlpos.Document, files *properties.Files) *Variables {
	v := &Variables{values: make(map[string]said.Value), marks: []mark{{"${", "}"}}, elsewhere: make(map[string]string), files: files, file: d.File}
	d.Root.Walk(func(e *xmlpos.Element) {
		switch {
		case e.In(SpringNS+"context", "property-placeholder"), e.In(SpringNS+"util", "properties"):
			v.load(e.Attribute("location"))
		case IsBean(e, "bean") && strings.HasSuffix(e.Word("class"), "PropertyPlaceholderConfigurer"),
			IsBean(e, "bean") && strings.HasSuffix(e.Word("class"), "PropertySourcesPlaceholderConfigurer"):
			v.configurer(e)
		case e.In(ariesNS, "property-placeholder"):
			v.blueprint(e)
		}
	})
	return v
}

// blueprint takes the defaults of a property placeholder.
func (v *Variables) blueprint(e *xmlpos.Element) {
	v.mark(e.Word("placeholder-prefix"), e.Word("placeholder-suffix"))
	pid := e.Word("persistent-id")
	e.Walk(func(c *xmlpos.Element) {
		switch {
		case c.Name == "property" && c.Parent != nil && c.Parent.Name == "default-properties":
			name := c.Word("name")
			v.values[name] = Value(c)
			if pid != "" {
				v.elsewhere[name] = pid
			}
		case c.Name == "location":
			v.load(said.Of(string(c.Text), c.TextAt))
		}
	})
}

// configurer takes what the bean of Spring that resolves variables is given.
func (v *Variables) configurer(e *xmlpos.Element) {
	prefix, suffix := "", ""
	defer func() { v.mark(prefix, suffix) }()
	for _, p := range Properties(e) {
		switch p.Name {
		case "location", "locations":
			if p.Value.State == said.Known {
				v.load(p.Value)
			}
			if p.Element == nil {
				continue
			}
			p.Element.Walk(func(c *xmlpos.Element) {
				if IsBean(c, "value") && p.Value.State != said.Known {
					v.load(said.Of(string(c.Text), c.TextAt))
				}
			})
		case "placeholderPrefix":
			prefix = strings.TrimSpace(p.Value.Text)
		case "placeholderSuffix":
			suffix = strings.TrimSpace(p.Value.Text)
		case "properties":
			if p.Element == nil {
				continue
			}
			p.Element.Walk(func(c *xmlpos.Element) {
				if IsBean(c, "prop") {
					v.values[c.Word("key")] = said.Of(strings.TrimSpace(string(c.Text)), c.TextAt)
				}
			})
		}
	}
}

// mark adds what stands around names; "" is the usual.
func (v *Variables) mark(prefix, suffix string) {
	if m := (mark{cmp.Or(prefix, "${"), cmp.Or(suffix, "}")}); !slices.Contains(v.marks, m) && len(v.marks) < MaxNested {
		v.marks = append(v.marks, m)
	}
}

// maxLoads bounds how many properties files the elements of one file may name.
const maxLoads = 64

// load reads the properties files that a location names, of which later ones win. A
// file that is not there leaves its variables without a value.
func (v *Variables) load(location said.Value) {
	for named := range strings.SplitSeq(location.Text, ",") {
		named = strings.TrimSpace(named)
		for _, prefix := range []string{"classpath*:", "classpath:", "file:"} {
			named = strings.TrimPrefix(named, prefix)
		}
		if v.loads++; v.loads > maxLoads {
			return
		}
		if found := v.files.Find(named, v.file); found != nil {
			for name, value := range v.files.Values(found) {
				v.values[name] = value
			}
		} else if named != "" {
			v.Warnings = append(v.Warnings, said.Warning{At: location.At, Text: "the properties file named here is not beside this file, so its variables have no value"})
		}
	}
}

// MaxNested bounds variables whose values hold variables.
const MaxNested = 8

// Resolve puts the values of variables in place of their names.
func (v *Variables) Resolve(value said.Value) said.Value {
	if value.State != said.Known {
		return value
	}
	if strings.Contains(value.Text, "#{") {
		return said.Unknown("an expression (#{...})", value.At)
	}
	budget := 1 << 16
	for _, m := range v.marks {
		if value = v.expand(value, m, MaxNested, &budget); value.State != said.Known {
			break
		}
	}
	return value
}

// expand resolves value, in which variables may be nested so deep. The budget
// bounds the text that comes of it.
func (v *Variables) expand(value said.Value, m mark, depth int, budget *int) said.Value {
	var out strings.Builder
	at := value.At
	rest := value.Text
	for {
		before, after, found := strings.Cut(rest, m.prefix)
		out.WriteString(before)
		if *budget -= len(before) + 1; *budget < 0 {
			return said.Unknown("a text that is far too long", value.At)
		}
		if !found {
			return said.Of(out.String(), at)
		}
		inner, behind, closed := m.cut(after)
		if !closed || depth == 0 {
			return said.Unknown("a variable that cannot be resolved", value.At)
		}
		got := v.lookup(inner, value.At, m, depth, budget)
		if got.State != said.Known {
			return got
		}
		if before == "" && behind == "" && out.Len() == 0 {
			at = got.At
		}
		out.WriteString(got.Text)
		rest = behind
	}
}

// cut splits text behind the end of the variable that begins before it. A default
// may hold variables.
func (m mark) cut(text string) (inner, behind string, closed bool) {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], m.prefix):
			depth++
			i += len(m.prefix) - 1
		case strings.HasPrefix(text[i:], m.suffix):
			if depth == 0 {
				return text[:i], text[i+len(m.suffix):], true
			}
			depth--
			i += len(m.suffix) - 1
		}
	}
	return "", "", false
}

func (v *Variables) lookup(inner string, at fault.Position, m mark, depth int, budget *int) said.Value {
	name, fallback, hasFallback := inner, "", false
	got, ok := v.values[name]
	if !ok {
		name, fallback, hasFallback = strings.Cut(inner, ":")
		got, ok = v.values[name]
	}
	switch {
	case ok && got.State != said.Known:
		return said.Unknown("a variable whose value is "+got.Why, at)
	case ok:
		if pid := v.elsewhere[name]; pid != "" {
			v.tell(said.Warning{At: at, Text: "the value is the default in this file; the configuration " + shownName(pid) + " may have another one where the program runs"})
		}
		return v.expand(got, m, depth-1, budget)
	case hasFallback:
		return v.expand(said.Of(fallback, at), m, depth-1, budget)
	case !said.Plain(name):
		return said.Unknown("a variable that has no value here", at)
	}
	return said.Unknown("the variable "+m.prefix+name+m.suffix+", to which neither this file nor a properties file beside it gives a value", at)
}

func (v *Variables) tell(w said.Warning) {
	if !slices.Contains(v.Warnings, w) {
		v.Warnings = append(v.Warnings, w)
	}
}

func shownName(name string) string {
	if said.Plain(name) {
		return name
	}
	return "named there"
}
