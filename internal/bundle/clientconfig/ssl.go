package clientconfig

import (
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
)

// factories make TLS of properties alone. Any other class may do what it likes.
var factories = []string{"com.hazelcast.nio.ssl.BasicSSLContextFactory", "com.hazelcast.nio.ssl.OpenSSLEngineFactory"}

func (r *reader) ssl(n *Node) {
	enabled := n.text("enabled")
	properties := n.Child("properties")
	var list []property
	if properties != nil {
		list = propertiesOf(properties)
	}
	switch {
	case isFalse(enabled):
		r.c.TLS.Off = enabled
		if len(list) > 0 {
			r.tell(properties.At, "TLS is turned off, so what ssl.properties says is not used")
		}
		return
	case enabled.State == said.Known:
		r.c.TLS.On = enabled
	case enabled.State == said.NotFollowed:
		r.warn(enabled.At, "whether TLS is on cannot be followed: it is "+enabled.Why+"; it is taken to be on")
		r.c.TLS.On = said.Of("true", enabled.At)
	case len(list) > 0:
		r.warn(n.At, "ssl is not enabled here (enabled: true), so Java connects without TLS; the stores that it names are used")
	}
	var factory *Node
	for _, c := range n.Children {
		switch plain(c.Name) {
		case "enabled", "properties":
		case "factoryclassname", "factoryimplementation":
			if !slices.Contains(factories, c.Value.Text) {
				factory = c
			}
		default:
			r.note(c, "ssl")
		}
	}
	plainly := make(map[string]bool)
	for _, p := range list {
		plainly[p.name] = true
	}
	for _, p := range list {
		name, prefixed := strings.CutPrefix(p.name, "javax.net.ssl.")
		if prefixed && plainly[name] {
			r.tell(p.node.At, "the property "+name+" without javax.net.ssl. counts, and not this one")
			continue
		}
		r.tlsProperty(name, p)
	}
	if factory != nil {
		r.factory(factory)
	}
}

// factory tells of a class that makes TLS. Where no property names a store, what the
// class trusts is not known.
func (r *reader) factory(n *Node) {
	t := &r.c.TLS
	if t.Keystore.File.State == said.Absent && t.Truststore.File.State == said.Absent && t.CA.File.State == said.Absent {
		t.Truststore.File = said.Unknown("what a class makes (ssl."+n.Name+")", n.At)
		return
	}
	r.tell(n.At, "a class makes the TLS of this client (ssl."+n.Name+"); only what ssl.properties says is taken over")
}

// tlsProperty takes one property of ssl. The type of a store is told by its content.
func (r *reader) tlsProperty(name string, p property) {
	t := &r.c.TLS
	switch name {
	case "keyStore":
		r.file(&t.Keystore, p.value)
	case "trustStore":
		r.file(&t.Truststore, p.value)
	case "keyStorePassword":
		r.set(&t.Keystore.Password, p.value)
	case "trustStorePassword":
		r.set(&t.Truststore.Password, p.value)
	case "keyFile":
		r.file(&t.Key, p.value)
	case "keyPassword":
		r.set(&t.Key.Password, p.value)
	case "keyCertChainFile":
		r.file(&t.Cert, p.value)
	case "trustCertCollectionFile":
		r.file(&t.CA, p.value)
	case "keyStoreType", "trustStoreType":
	default:
		r.note(&Node{Name: p.name, At: p.node.At}, "ssl.properties")
	}
}

// file takes the name of a store.
func (r *reader) file(s *said.Store, v said.Value) {
	v, absolute := File(v)
	if absolute {
		r.warn(v.At, "the path here is absolute, and the bundle's own file of this name is used")
	}
	r.set(&s.File, v)
}
