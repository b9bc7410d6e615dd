package java

import "github.com/failover-gen/failover-gen/internal/bundle/said"

// asValue reduces a value to what is said of it outside.
func asValue(v value) said.Value {
	switch v.kind {
	case nothing:
		return said.Value{}
	case isText:
		return said.Of(v.text, v.at)
	case isUnknown:
		return said.Unknown(v.text, v.at)
	case isSymbol:
		// The name is not repeated: it may be a secret that lacks its quotation marks.
		return said.Unknown("a name that no source in the bundle declares", v.at)
	case isObject:
		return said.Unknown("an object of class "+v.obj.class, v.at)
	}
	return said.Unknown("something that is not a text", v.at)
}

// config reads a ClientConfig bean by the names of its getters and properties.
func (m *machine) config(o *object) said.Config {
	c := said.Config{
		At:    o.at,
		Name:  asValue(o.get("ClusterName")),
		URL:   asValue(o.property(propertyNames["CLOUD_URL_BASE_PROPERTY"])),
		Token: asValue(o.get("NetworkConfig", "CloudConfig", "DiscoveryToken")),
	}
	c.From = asValue(o.from)
	cloudOff := isOff(o, "NetworkConfig", "CloudConfig")
	if c.Token.State == said.Absent {
		c.Token, cloudOff = asValue(o.property(propertyNames["HAZELCAST_CLOUD_DISCOVERY_TOKEN"])), false
	}
	if c.Name.State == said.Absent {
		c.Name = asValue(o.get("GroupConfig", "Name"))
		c.Password = asValue(o.get("GroupConfig", "Password"))
		if c.Name.State != said.Absent {
			c.Warnings = append(c.Warnings, said.Warning{At: c.Name.At,
				Text: "the source is written for Hazelcast 3.x (GroupConfig); the Go client needs a cluster of version 4.0 or later"})
		}
	}
	if cloudOff && c.Token.State != said.Absent {
		c.Warnings = append(c.Warnings, said.Warning{At: c.Token.At,
			Text: "the source sets a discovery token but does not enable cloud discovery (setEnabled(true)); it is used"})
	}
	m.credentials(o, &c)
	m.tls(o, &c)
	network := o.get("NetworkConfig")
	if network.kind == isObject {
		for _, v := range append(network.obj.lists["Address"], elements(network.obj.get("Addresses"))...) {
			c.Addresses = append(c.Addresses, asValue(v))
		}
	}
	return c
}

func (m *machine) credentials(o *object, c *said.Config) {
	for _, path := range [][]string{{"SecurityConfig", "Credentials"}, {"SecurityConfig", "UsernamePasswordIdentityConfig"}, {"Credentials"}} {
		given := o.get(path...)
		if given.kind == isUnknown {
			c.Username = asValue(given)
			return
		}
		if given.kind != isObject {
			continue
		}
		c.Username = asValue(given.obj.get("Username"))
		if c.Username.State == said.Absent {
			c.Username = asValue(given.obj.get("Name"))
		}
		c.Password = asValue(given.obj.get("Password"))
		return
	}
}

// tls reads the key stores: from the SSLConfig's properties, in the two
// spellings that Hazelcast takes, else from Java's system properties.
func (m *machine) tls(o *object, c *said.Config) {
	ssl := o.get("NetworkConfig", "SSLConfig")
	if ssl.kind == isUnknown {
		c.TLS.Keystore.File = asValue(ssl)
	}
	if ssl.kind != isObject {
		return
	}
	for name, f := range map[string]*said.Value{
		"keyStore": &c.TLS.Keystore.File, "keyStorePassword": &c.TLS.Keystore.Password,
		"trustStore": &c.TLS.Truststore.File, "trustStorePassword": &c.TLS.Truststore.Password,
	} {
		v := ssl.obj.property("javax.net.ssl."+name, name)
		if v.kind == nothing {
			v = m.system.property("javax.net.ssl." + name)
		}
		*f = asValue(v)
	}
	if isOff(o, "NetworkConfig", "SSLConfig") && c.TLS.Keystore.File.State != said.Absent {
		c.Warnings = append(c.Warnings, said.Warning{At: c.At,
			Text: "the source sets up TLS but does not enable it (setEnabled(true) on the SSLConfig); it is used"})
	}
}

// isOff reports whether there is a bean at path that is not enabled.
func isOff(o *object, path ...string) bool {
	bean := o.get(path...)
	if bean.kind != isObject {
		return false
	}
	enabled := bean.obj.get("Enabled")
	return enabled.kind == nothing || enabled.kind == isText && enabled.text == "false"
}
