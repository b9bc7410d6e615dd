package fabric

import (
	"fmt"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/beans"
	"github.com/failover-gen/failover-gen/internal/bundle/properties"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/bundle/xmlpos"
)

// context is all files together: beans of one may refer to those of another.
type context struct {
	documents []*xmlpos.Document
	variables map[*xmlpos.Document]*beans.Variables
	byID      map[string]*xmlpos.Element // by id and name
	home      map[*xmlpos.Element]*xmlpos.Document
	features  []*xmlpos.Element
}

// classes of the feature, of which the second is that since December 2013.
var classes = []string{"org.fusesource.fabric.cxf.FabricFailOverFeature", "io.fabric8.cxf.FabricFailOverFeature"}

func newContext(documents []*xmlpos.Document, files []said.File) *context {
	beside := properties.New(files)
	x := &context{documents: documents, variables: make(map[*xmlpos.Document]*beans.Variables), byID: make(map[string]*xmlpos.Element), home: make(map[*xmlpos.Element]*xmlpos.Document)}
	for _, d := range documents {
		x.variables[d] = beans.VariablesOf(d, beside)
		d.Root.Walk(func(e *xmlpos.Element) {
			x.home[e] = d
			for _, id := range append([]string{e.Word("id")}, strings.FieldsFunc(e.Word("name"), func(r rune) bool { return r == ',' || r == ';' || r == ' ' })...) {
				if id != "" && x.byID[id] == nil && !beans.IsBean(e, "property") {
					x.byID[id] = e
				}
			}
		})
	}
	for _, d := range documents {
		d.Root.Walk(func(e *xmlpos.Element) {
			if beans.IsBean(e, "bean") && e.Word("abstract") != "true" && slices.Contains(classes, x.class(e)) {
				x.features = append(x.features, e)
			}
		})
	}
	return x
}

// lineage lists a bean and those that it inherits from, itself last.
func (x *context) lineage(e *xmlpos.Element) []*xmlpos.Element {
	list := []*xmlpos.Element{e}
	for len(list) < beans.MaxNested {
		parent := x.byID[list[0].Word("parent")]
		if parent == nil || slices.Contains(list, parent) {
			break
		}
		list = slices.Insert(list, 0, parent)
	}
	return list
}

// class is that of a bean or of the nearest bean that it inherits from.
func (x *context) class(e *xmlpos.Element) string {
	for _, b := range slices.Backward(x.lineage(e)) {
		if class := b.Word("class"); class != "" {
			return class
		}
	}
	return ""
}

// properties lists those of a bean, its parents' included, each once.
func (x *context) properties(e *xmlpos.Element) []beans.Property {
	var list []beans.Property
	index := make(map[string]int)
	for _, b := range x.lineage(e) {
		for _, p := range beans.Properties(b) {
			if i, had := index[p.Name]; had {
				list[i] = p
				continue
			}
			index[p.Name] = len(list)
			list = append(list, p)
		}
	}
	return list
}

// text resolves the variables in a value. It takes blanks around it away.
func (x *context) text(e *xmlpos.Element, v said.Value) said.Value {
	v = x.variables[x.home[e]].Resolve(v)
	v.Text = strings.TrimSpace(v.Text)
	if v.State == said.Known && v.Text == "" {
		return said.Value{}
	}
	return v
}

// users lists the elements that make use of a feature: it stands inside of them, or
// they refer to it.
func (x *context) users(feature *xmlpos.Element) []*xmlpos.Element {
	var list []*xmlpos.Element
	add := func(e *xmlpos.Element) {
		for ; e != nil; e = e.Parent {
			if role(e) != "" {
				list = append(list, e)
				return
			}
		}
	}
	add(feature.Parent)
	ids := strings.FieldsFunc(feature.Word("id")+" "+feature.Word("name"), func(r rune) bool { return r == ',' || r == ';' || r == ' ' })
	for _, d := range x.documents {
		d.Root.Walk(func(e *xmlpos.Element) {
			for _, name := range []string{"ref", "bean", "component-id", "local"} {
				if v := e.Attribute(name); v.State == said.Known && (name == "ref" || beans.IsBean(e, "ref")) && slices.Contains(ids, strings.TrimSpace(v.Text)) {
					add(e)
				}
			}
		})
	}
	return list
}

// cxfNS begins the namespaces of CXF.
const cxfNS = "http://cxf.apache.org/"

// role says what an element is to a feature: "client", "bus" or "server".
func role(e *xmlpos.Element) string {
	class := e.Word("class")
	switch {
	case e.In(cxfNS, "client"), strings.HasSuffix(class, "JaxWsProxyFactoryBean"), strings.HasSuffix(class, "ClientProxyFactoryBean"), strings.HasSuffix(class, "JAXRSClientFactoryBean"):
		return "client"
	case e.In(cxfNS, "bus"), strings.HasSuffix(class, "SpringBus"):
		return "bus"
	case e.In(cxfNS, "server"), e.In(cxfNS, "endpoint"), strings.HasSuffix(class, "ServerFactoryBean"):
		return "server"
	}
	return ""
}

// describe names an element in a message.
func describe(e *xmlpos.Element) string {
	if id := e.Word("id"); id != "" && said.Plain(id) {
		return fmt.Sprintf("the %s %q", e.Name, id)
	}
	return "the " + e.Name
}
