// Package beans is what Spring and Blueprint files have in common, whatever they set
// up: beans with properties, and variables that the file or a properties file beside it
// gives values.
//
// Nothing is looked up outside of the bundle: a variable without a value there is
// reported as not followed.
package beans

import (
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/bundle/xmlpos"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// Namespaces of the elements that are looked for. A file may have none at all.
const (
	SpringNS    = "http://www.springframework.org/schema/"
	blueprintNS = "http://www.osgi.org/xmlns/blueprint/"
	ariesNS     = "http://aries.apache.org/blueprint/xmlns/"
)

// IsBean reports whether e is the element of this name of Spring's or Blueprint's
// own vocabulary.
func IsBean(e *xmlpos.Element, name string) bool {
	return e.Name == name && (e.Space == "" || e.Space == SpringNS+"beans" || strings.HasPrefix(e.Space, blueprintNS))
}

// Form names the kind of file, "" where it is neither of the two.
func Form(d *xmlpos.Document) string {
	switch {
	case IsBean(d.Root, "beans"):
		return "spring-xml"
	case IsBean(d.Root, "blueprint"):
		return "blueprint-xml"
	}
	return ""
}

// Property is one property of a bean, as the file writes it.
type Property struct {
	Name string
	At   fault.Position
	// Value is the text; it is not followed where another bean or a list stands in
	// its place.
	Value said.Value
	// Ref is the id of the bean that stands in place of a text, "" for none.
	Ref     string
	Element *xmlpos.Element // nil for an attribute
}

// Value is what a property or an argument is given: as an attribute, as nested text,
// or something that is not a text.
func Value(e *xmlpos.Element) said.Value {
	if v := e.Attribute("value"); v.State == said.Known {
		return v
	}
	for _, c := range e.Children {
		switch {
		case c.Name == "value":
			at := c.TextAt
			if at.Line == 0 {
				at = c.At
			}
			return said.Of(string(c.Text), at)
		case IsBean(c, "null"):
			return said.Value{}
		case IsBean(c, "description"), IsBean(c, "meta"):
		default:
			return said.Unknown("something other than a text", c.At)
		}
	}
	if at := Reference(e); at.State == said.Known {
		return said.Unknown("a reference to another bean", at.At)
	}
	return said.Of("", e.At)
}

// Reference is the id of the bean that e refers to, Absent for none.
func Reference(e *xmlpos.Element) said.Value {
	for _, name := range []string{"ref", "bean", "component-id", "local"} {
		if v := e.Attribute(name); v.State == said.Known && (name == "ref" || IsBean(e, "ref")) {
			v.Text = strings.TrimSpace(v.Text)
			return v
		}
	}
	for _, c := range e.Children {
		if IsBean(c, "ref") {
			return Reference(c)
		}
	}
	return said.Value{}
}

// Properties lists the properties of a bean in the order of the file.
func Properties(e *xmlpos.Element) []Property {
	var list []Property
	for _, a := range e.Attributes {
		if a.Space != SpringNS+"p" {
			continue
		}
		if name, isRef := strings.CutSuffix(a.Name, "-ref"); isRef {
			list = append(list, Property{Name: name, At: a.At, Ref: strings.TrimSpace(a.Value), Value: said.Unknown("a reference to another bean", a.At)})
		} else {
			list = append(list, Property{Name: a.Name, At: a.At, Value: said.Of(a.Value, a.At)})
		}
	}
	for _, c := range e.Children {
		if IsBean(c, "property") {
			list = append(list, Property{Name: c.Word("name"), At: c.At, Value: Value(c), Ref: Reference(c).Text, Element: c})
		}
	}
	return list
}
