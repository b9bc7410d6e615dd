package java

// asField reduces a value to what is said of it outside.
func asField(v value) Field {
	switch v.kind {
	case nothing:
		return Field{}
	case isText:
		return Field{Known, v.text, v.at}
	case isUnknown:
		return Field{NotFollowed, v.text, v.at}
	case isSymbol:
		// The name is not repeated: it may be a secret that lacks its quotation marks.
		return Field{NotFollowed, "a name that no source in the bundle declares", v.at}
	case isObject:
		return Field{NotFollowed, "an object of class " + v.obj.class, v.at}
	}
	return Field{NotFollowed, "something that is no text", v.at}
}

// config reads a ClientConfig bean by the names of its getters and properties.
func (m *machine) config(o *object) Config {
	c := Config{
		At:       o.at,
		Name:     asField(o.get("ClusterName")),
		URL:      asField(o.property(propertyNames["CLOUD_URL_BASE_PROPERTY"])),
		Token:    asField(o.get("NetworkConfig", "CloudConfig", "DiscoveryToken")),
		CloudOff: isOff(o, "NetworkConfig", "CloudConfig"),
	}
	if c.Token.State == Absent {
		c.Token, c.CloudOff = asField(o.property(propertyNames["HAZELCAST_CLOUD_DISCOVERY_TOKEN"])), false
	}
	if c.Name.State == Absent {
		c.Name = asField(o.get("GroupConfig", "Name"))
		c.Password = asField(o.get("GroupConfig", "Password"))
		c.Group = c.Name.State != Absent
	}
	m.credentials(o, &c)
	m.tls(o, &c)
	network := o.get("NetworkConfig")
	if network.kind == isObject {
		for _, v := range append(network.obj.lists["Address"], elements(network.obj.get("Addresses"))...) {
			c.Addresses = append(c.Addresses, asField(v))
		}
	}
	return c
}

func (m *machine) credentials(o *object, c *Config) {
	for _, path := range [][]string{{"SecurityConfig", "Credentials"}, {"SecurityConfig", "UsernamePasswordIdentityConfig"}, {"Credentials"}} {
		given := o.get(path...)
		if given.kind == isUnknown {
			c.Username = asField(given)
			return
		}
		if given.kind != isObject {
			continue
		}
		c.Username = asField(given.obj.get("Username"))
		if c.Username.State == Absent {
			c.Username = asField(given.obj.get("Name"))
		}
		c.Password = asField(given.obj.get("Password"))
		return
	}
}

// tls reads the key stores: from the SSLConfig's properties, in the two
// spellings that Hazelcast takes, else from Java's system properties.
func (m *machine) tls(o *object, c *Config) {
	ssl := o.get("NetworkConfig", "SSLConfig")
	if ssl.kind == isUnknown {
		c.Keystore = asField(ssl)
	}
	if ssl.kind != isObject {
		return
	}
	for name, f := range map[string]*Field{
		"keyStore": &c.Keystore, "keyStorePassword": &c.KeystorePassword,
		"trustStore": &c.Truststore, "trustStorePassword": &c.TruststorePassword,
	} {
		v := ssl.obj.property("javax.net.ssl."+name, name)
		if v.kind == nothing {
			v = m.system.property("javax.net.ssl." + name)
		}
		*f = asField(v)
	}
	c.TLSOff = isOff(o, "NetworkConfig", "SSLConfig")
}

// isOff reports whether the bean at path is there and was not enabled.
func isOff(o *object, path ...string) bool {
	bean := o.get(path...)
	if bean.kind != isObject {
		return false
	}
	enabled := bean.obj.get("Enabled")
	return enabled.kind == nothing || enabled.kind == isText && enabled.text == "false"
}

// says reports whether anything of use was set.
func (c *Config) says() bool {
	for _, f := range []Field{c.Name, c.URL, c.Token, c.Username, c.Password, c.Keystore, c.KeystorePassword, c.Truststore, c.TruststorePassword} {
		if f.State != Absent {
			return true
		}
	}
	return len(c.Addresses) > 0
}
