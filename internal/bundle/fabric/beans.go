package fabric

import (
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// property is one property of a bean, as the file writes it.
type property struct {
	name string
	at   fault.Position
	// value is the text; it is not followed where another bean or a list stands in
	// its place.
	value said.Value
	// ref is the id of the bean that stands in place of a text, "" for none.
	ref     string
	element *element // nil for an attribute
}

// value is what a property or an argument is given: as an attribute, as nested text,
// or something that is not a text.
func (e *element) value() said.Value {
	if v := e.attribute("value"); v.State == said.Known {
		return v
	}
	for _, c := range e.children {
		switch {
		case c.name == "value":
			at := c.textAt
			if at.Line == 0 {
				at = c.at
			}
			return said.Of(string(c.text), at)
		case c.isBean("null"):
			return said.Value{}
		case c.isBean("description"), c.isBean("meta"):
		default:
			return said.Unknown("something other than a text", c.at)
		}
	}
	if at := e.reference(); at.State == said.Known {
		return said.Unknown("a reference to another bean", at.At)
	}
	return said.Of("", e.at)
}

// reference is the id of the bean that e refers to, Absent for none.
func (e *element) reference() said.Value {
	for _, name := range []string{"ref", "bean", "component-id", "local"} {
		if v := e.attribute(name); v.State == said.Known && (name == "ref" || e.isBean("ref")) {
			v.Text = strings.TrimSpace(v.Text)
			return v
		}
	}
	for _, c := range e.children {
		if c.isBean("ref") {
			return c.reference()
		}
	}
	return said.Value{}
}

// properties lists the properties of a bean in the order of the file.
func (e *element) properties() []property {
	var list []property
	for _, a := range e.attributes {
		if a.space != springNS+"p" {
			continue
		}
		if name, isRef := strings.CutSuffix(a.name, "-ref"); isRef {
			list = append(list, property{name: name, at: a.at, ref: strings.TrimSpace(a.value), value: said.Unknown("a reference to another bean", a.at)})
		} else {
			list = append(list, property{name: a.name, at: a.at, value: said.Of(a.value, a.at)})
		}
	}
	for _, c := range e.children {
		if c.isBean("property") {
			list = append(list, property{name: c.word("name"), at: c.at, value: c.value(), ref: c.reference().Text, element: c})
		}
	}
	return list
}

// context is all files together: beans of one may refer to those of another.
type context struct {
	documents []*document
	variables map[*document]*variables
	beans     map[string]*element // by id and name
	home      map[*element]*document
	features  []*element
}

// classes of the feature, of which the second is that since December 2013.
var classes = []string{"org.fusesource.fabric.cxf.FabricFailOverFeature", "io.fabric8.cxf.FabricFailOverFeature"}

func newContext(documents []*document, files []said.File) *context {
	beside := &propertyFiles{files, make(map[*said.File]map[string]said.Value)}
	x := &context{documents: documents, variables: make(map[*document]*variables), beans: make(map[string]*element), home: make(map[*element]*document)}
	for _, d := range documents {
		x.variables[d] = variablesOf(d, beside)
		d.root.walk(func(e *element) {
			x.home[e] = d
			for _, id := range append([]string{e.word("id")}, strings.FieldsFunc(e.word("name"), func(r rune) bool { return r == ',' || r == ';' || r == ' ' })...) {
				if id != "" && x.beans[id] == nil && !e.isBean("property") {
					x.beans[id] = e
				}
			}
		})
	}
	for _, d := range documents {
		d.root.walk(func(e *element) {
			if e.isBean("bean") && e.word("abstract") != "true" && slices.Contains(classes, x.class(e)) {
				x.features = append(x.features, e)
			}
		})
	}
	return x
}

// lineage lists a bean and those that it inherits from, itself last.
func (x *context) lineage(e *element) []*element {
	list := []*element{e}
	for len(list) < maxNested {
		parent := x.beans[list[0].word("parent")]
		if parent == nil || slices.Contains(list, parent) {
			break
		}
		list = slices.Insert(list, 0, parent)
	}
	return list
}

// class is that of a bean or of the nearest bean that it inherits from.
func (x *context) class(e *element) string {
	for _, b := range slices.Backward(x.lineage(e)) {
		if class := b.word("class"); class != "" {
			return class
		}
	}
	return ""
}

// properties lists those of a bean, its parents' included, each once.
func (x *context) properties(e *element) []property {
	var list []property
	index := make(map[string]int)
	for _, b := range x.lineage(e) {
		for _, p := range b.properties() {
			if i, had := index[p.name]; had {
				list[i] = p
				continue
			}
			index[p.name] = len(list)
			list = append(list, p)
		}
	}
	return list
}

// text resolves the variables in a value. It takes blanks around it away.
func (x *context) text(e *element, v said.Value) said.Value {
	v = x.variables[x.home[e]].resolve(v)
	v.Text = strings.TrimSpace(v.Text)
	if v.State == said.Known && v.Text == "" {
		return said.Value{}
	}
	return v
}

// users lists the elements that make use of a feature: it stands inside of them, or
// they refer to it.
func (x *context) users(feature *element) []*element {
	var list []*element
	add := func(e *element) {
		for ; e != nil; e = e.parent {
			if role(e) != "" {
				list = append(list, e)
				return
			}
		}
	}
	add(feature.parent)
	ids := strings.FieldsFunc(feature.word("id")+" "+feature.word("name"), func(r rune) bool { return r == ',' || r == ';' || r == ' ' })
	for _, d := range x.documents {
		d.root.walk(func(e *element) {
			for _, name := range []string{"ref", "bean", "component-id", "local"} {
				if v := e.attribute(name); v.State == said.Known && (name == "ref" || e.isBean("ref")) && slices.Contains(ids, strings.TrimSpace(v.Text)) {
					add(e)
				}
			}
		})
	}
	return list
}

// role says what an element is to a feature: "client", "bus" or "server".
func role(e *element) string {
	class := e.word("class")
	switch {
	case e.in(cxfNS, "client"), strings.HasSuffix(class, "JaxWsProxyFactoryBean"), strings.HasSuffix(class, "ClientProxyFactoryBean"), strings.HasSuffix(class, "JAXRSClientFactoryBean"):
		return "client"
	case e.in(cxfNS, "bus"), strings.HasSuffix(class, "SpringBus"):
		return "bus"
	case e.in(cxfNS, "server"), e.in(cxfNS, "endpoint"), strings.HasSuffix(class, "ServerFactoryBean"):
		return "server"
	}
	return ""
}
