// Package fabric reads Spring and Blueprint files with a bean of class
// FabricFailOverFeature: where the endpoints of a web service are listed, and when
// a client moves on to the next one. It knows both names of the class, beans that
// inherit, variables with the properties files beside the XML, and the clients of
// CXF that use the bean.
//
// It guesses nothing: a value that another bean makes, an expression, or a variable
// without a value is reported as not followed, with its position. Document types
// are refused, and with them entities.
package fabric

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/beans"
	"github.com/failover-gen/failover-gen/internal/bundle/properties"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/bundle/xmlpos"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// Feature is the name without its package of the class that is looked for.
const Feature = "FabricFailOverFeature"

// maxFeatures bounds the beans that are compared.
const maxFeatures = 20

// maxSource is the largest file that is read, in bytes.
const maxSource = 1 << 20

// Source gives the size in bytes up to which a file of this name is read as a source,
// 0 for a file that is not one.
func Source(name string) int64 {
	if strings.EqualFold(path.Ext(name), ".xml") && !strings.EqualFold(path.Base(name), "pom.xml") {
		return maxSource
	}
	return 0
}

// Beside gives the same for files that sources can name.
func Beside(name string) int64 { return properties.Limit(name) }

// Mentions reports whether a file names the class.
func Mentions(data []byte) bool { return bytes.Contains(data, []byte(Feature)) }

// Read gives what the files say about the registry. It is nil where no file has a
// bean of the class; the faults then say which file names it and cannot be read.
func Read(files []said.File) (*said.Registry, fault.List) {
	var documents []*xmlpos.Document
	var faults fault.List
	for _, f := range files {
		if Source(f.Path) == 0 || f.Data == nil {
			continue
		}
		d, wrong := xmlpos.Parse(f.Name, f.Data)
		switch {
		case wrong != nil && Mentions(f.Data):
			faults = append(faults, wrong)
		case wrong == nil && beans.Form(d) != "":
			documents = append(documents, d)
		case wrong == nil && Mentions(f.Data):
			faults = append(faults, fault.New(fault.Input, d.Root.At, "the file is neither of Spring nor of Blueprint: its first element is not beans or blueprint", "give the file with the bean of class "+Feature))
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	x := newContext(documents, files)
	if len(x.features) == 0 {
		return nil, nil
	}
	if len(x.features) > maxFeatures {
		return nil, fault.List{fault.New(fault.Input, x.features[0].At, "there are far more beans of class "+Feature+" than a client has", "give the file with the client's beans alone")}
	}
	return x.registry()
}

// registry reads the feature that is meant.
func (x *context) registry() (*said.Registry, fault.List) {
	feature, users, rest, wrong := x.choose()
	if wrong != nil {
		return nil, fault.List{wrong}
	}
	r := x.feature(feature)
	for _, other := range rest {
		r.NoEffect = append(r.NoEffect, said.Warning{At: other.At, Text: describe(other) + " of this class is not used: no client refers to it"})
	}
	x.client(r, users)
	for _, d := range x.documents {
		r.Warnings = append(r.Warnings, x.variables[d].Warnings...)
	}
	return r, nil
}

// choose picks the feature that clients use. Those that no client uses count only
// where none is used, and then there must be one.
func (x *context) choose() (feature *xmlpos.Element, users, rest []*xmlpos.Element, wrong *fault.Fault) {
	var used []*xmlpos.Element
	of := make(map[*xmlpos.Element][]*xmlpos.Element)
	for _, f := range x.features {
		of[f] = x.users(f)
		if slices.ContainsFunc(of[f], func(e *xmlpos.Element) bool { return role(e) != "server" }) {
			used = append(used, f)
		} else {
			rest = append(rest, f)
		}
	}
	if len(used) == 0 {
		used, rest = rest, nil
	}
	for _, other := range used[1:] {
		if !x.same(used[0], other) {
			return nil, nil, nil, fault.New(fault.Input, used[0].At,
				"two beans of class "+Feature+" say different things, here and at "+other.At.String()+", and nothing says which one is meant",
				"remove one, or give a file that has one")
		}
	}
	for _, f := range used {
		users = append(users, of[f]...)
	}
	return used[0], users, rest, nil
}

// same reports whether two features say the same.
func (x *context) same(a, b *xmlpos.Element) bool {
	one, other := x.feature(a), x.feature(b)
	equal := func(v, w said.Value) bool { return v.State == w.State && v.Text == w.Text && v.Why == w.Why }
	for i, v := range one.Values() {
		if !equal(*v, *other.Values()[i]) {
			return false
		}
	}
	return true
}

// feature reads the properties of one bean of the class.
func (x *context) feature(e *xmlpos.Element) *said.Registry {
	r := &said.Registry{Form: beans.Form(x.home[e]), At: e.At}
	for _, p := range x.properties(e) {
		switch p.Name {
		case "fabricPath":
			r.FabricPath = x.text(e, p.Value)
		case "zooKeeperUrl":
			if r.Servers.State == said.Absent {
				r.Servers = x.text(e, p.Value)
			}
		case "zooKeeperPassword":
			r.Password = x.variables[x.home[e]].Resolve(p.Value) // blanks belong to it
		case "exceptions":
			r.Exceptions = x.text(e, p.Value)
		case "maximumConnectionTimeout":
			r.MaximumConnectionTimeout = x.text(e, p.Value)
		case "connectionRetryTime":
			r.ConnectionRetryTime = x.text(e, p.Value)
		case "zkClient", "curator":
			x.connection(r, &p)
		default:
			text := "a property without a plain name has no effect"
			if said.Plain(p.Name) && p.Name != "" {
				text = "the property " + p.Name + " has no effect"
			}
			r.NoEffect = append(r.NoEffect, said.Warning{At: p.At, Text: text})
		}
	}
	return r
}

// connection reads the servers from the bean that connects to ZooKeeper, where it is
// in the files and says them. Java uses it, and not zooKeeperUrl.
func (x *context) connection(r *said.Registry, p *beans.Property) {
	bean := x.byID[p.Ref]
	if p.Ref == "" && p.Element != nil {
		if i := slices.IndexFunc(p.Element.Children, func(c *xmlpos.Element) bool { return beans.IsBean(c, "bean") }); i >= 0 {
			bean = p.Element.Children[i]
		}
	}
	if bean == nil || !beans.IsBean(bean, "bean") {
		return
	}
	for _, q := range x.properties(bean) {
		switch q.Name {
		case "connectString", "zooKeeperUrl", "url":
			r.Servers = x.text(bean, q.Value)
			return
		}
	}
	for _, c := range bean.Children {
		if (beans.IsBean(c, "constructor-arg") || beans.IsBean(c, "argument")) && (c.Word("index") == "" || c.Word("index") == "0") {
			if v := x.text(bean, beans.Value(c)); v.State != said.Known || strings.Contains(v.Text, ":") {
				r.Servers = v
			}
			return
		}
	}
}

// client reads what the client that uses the feature says.
func (x *context) client(r *said.Registry, users []*xmlpos.Element) {
	for _, e := range users {
		switch role(e) {
		case "server":
			r.NoEffect = append(r.NoEffect, said.Warning{At: e.At, Text: describe(e) + " uses the bean as a server; only clients fail over"})
			continue
		case "bus":
			continue
		}
		get := func(name string) said.Value {
			v := e.Attribute(name)
			for _, p := range x.properties(e) {
				if p.Name == name {
					v = p.Value
				}
			}
			if v = x.text(e, v); v.State != said.Known {
				return said.Value{} // the endpoints of the registry take the place of the address
			}
			return v
		}
		address, class := get("address"), get("serviceClass")
		if r.Address.State == said.Absent && r.ServiceClass.State == said.Absent {
			r.Address, r.ServiceClass = address, class
		} else if address.Text != r.Address.Text || class.Text != r.ServiceClass.Text {
			r.NoEffect = append(r.NoEffect, said.Warning{At: e.At, Text: "a further client uses the bean; the project is made for the first one"})
		}
	}
}
