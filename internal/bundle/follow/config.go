package follow

import (
	"path"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/lexis"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// Where the languages' clients keep their settings, by the keys of fields.
var (
	names     = []string{"clustername", "groupconfig/name", "cluster/name"}
	urls      = []string{"networking/cloud/url", "properties/hazelcast.client.cloud.url", "properties/cloudurlbase", "cluster/cloud/experimentalapibaseurl"}
	tokens    = []string{"clouddiscoverytoken", "networkconfig/cloudconfig/discoverytoken", "network/hazelcastcloud/discoverytoken", "networking/cloud/discoverytoken", "cluster/cloud/token", "properties/hazelcast.client.cloud.discovery.token", "properties/clouddiscoverytoken"}
	users     = []string{"credsusername", "security/usernamepassword/username", "cluster/security/credentials/username", "authentication/configureusernamepasswordcredentials()0", "credentials/#0"}
	passwords = []string{"credspassword", "security/usernamepassword/password", "cluster/security/credentials/password", "authentication/configureusernamepasswordcredentials()1", "credentials/#1", "groupconfig/password"}
	addresses = []string{"clustermembers", "network/clustermembers", "networkconfig/addresses", "networkconfig", "networking/addresses", "cluster/network/addresses", "cluster/network"}
	// sections are where the settings for TLS are, under keys of their own.
	sections = []string{"", "networkconfig/sslconfig/", "networkconfig/sslconfig/context/", "networkconfig/sslconfig/ssloptions/", "networkconfig/ssloptions/", "network/ssl/", "network/ssl/ssloptions/",
		"networking/ssl/", "networkconfig/sslconfig/properties/", "cluster/network/ssl/", "cluster/network/ssl/tlsconfig/", "networkconfig/sslconfig/config/"}
)

// cloudEnv are the names under which the cloud's url stands in the environment, and
// where Python's client keeps it.
var cloudEnv = []string{"env.HZ_CLOUD_COORDINATOR_BASE_URL", "env.hazelcast.client.cloud.url", "hazelcastclouddiscovery.cloudurlbase"}

// Where they keep the files for TLS, inside a section.
var (
	caFiles      = []string{"sslcafile", "cafile", "ca", "capath", "loadverifyfile()0"}
	certFiles    = []string{"sslcertfile", "certfile", "cert", "usecertificatefile()0", "usecertificatechainfile()0", "addclientcertandencryptedkeypath()0", "addclientcertandkeypath()0"}
	keyFiles     = []string{"sslkeyfile", "keyfile", "key", "useprivatekeyfile()0", "usersaprivatekeyfile()0", "addclientcertandencryptedkeypath()1", "addclientcertandkeypath()1"}
	keyPasswords = []string{"sslpassword", "password", "passphrase", "passwordcallback", "addclientcertandencryptedkeypath()2"}
	stores       = []string{"certificatepath", "certificatefilepath"}
	storeSecrets = []string{"certificatepassword"}
	serverNames  = []string{"servername", "certificatename"}
	switches     = []string{"sslenabled", "enabled"}
)

// first gives the value of the first path that has one.
func (o *object) first(paths []string) value {
	for _, p := range paths {
		if v := o.get(p); v.kind != nothing && !(v.kind == isObject && v.obj.empty()) {
			return v
		}
	}
	return value{}
}

// inSections looks keys up in the sections for TLS. Those of the configuration itself
// say that they are for TLS.
func (o *object) inSections(keys []string) value {
	for _, section := range sections {
		for _, key := range keys {
			if section == "" && !strings.HasPrefix(key, "ssl") {
				continue
			}
			if v := o.get(section + key); v.kind != nothing {
				return v
			}
		}
	}
	return value{}
}

// config reads the settings of a client off an object.
func (m *machine) config(o *object) said.Config {
	c := said.Config{At: o.at, Name: o.first(names).said(), URL: m.url(o), Token: o.first(tokens).said(), Username: o.first(users).said(), Password: o.first(passwords).said()}
	if m.Lang == lexis.JavaScript {
		c.Token.Text = strings.TrimSpace(c.Token.Text)
	}
	for _, p := range addresses {
		for _, v := range elements(o.get(p)) {
			c.Addresses = append(c.Addresses, hostAndPort(v).said())
		}
	}
	if o.rest.kind != nothing { // what is not known may be the setting
		for _, v := range []*said.Value{&c.Name, &c.Token} {
			if v.State == said.Absent {
				*v = o.rest.said()
			}
		}
	}
	if old := o.get("groupconfig/name"); c.Name.State != said.Absent && old.kind != nothing {
		c.Warnings = append(c.Warnings, said.Warning{At: c.Name.At, Text: "the source is written for Hazelcast 3.x (a group with a password); the Go client needs a cluster of version 4.0 or later"})
	}
	m.tls(o, &c)
	return c
}

// url is that of the configuration, or of the whole program when it makes the client.
func (m *machine) url(o *object) said.Value {
	v := o.first(urls)
	set := o.settings
	if set == nil {
		set = m.settings
	}
	for _, name := range cloudEnv {
		if s, ok := set[Key(name)]; ok && v.kind == nothing {
			v = s.value
			if o.settings == nil {
				v = s.seen(o.branch)
			}
		}
	}
	url := v.said()
	if m.Lang == lexis.Python && url.State == said.Known && url.Text != "" && !strings.Contains(url.Text, "://") {
		url.Text = "https://" + url.Text // Python's client takes the host alone
	}
	return url
}

// hostAndPort makes one text of a list of both.
func hostAndPort(v value) value {
	if v.kind == isList && len(v.list.elements) == 2 && v.list.elements[1].kind == isNumber {
		return add([]value{v.list.elements[0], {kind: isText, text: ":", at: v.at}, v.list.elements[1]})
	}
	return v
}

// elements lists the values of a list, or what calls have put into one.
func elements(v value) []value {
	switch v.kind {
	case nothing:
		return nil
	case isList:
		return v.list.elements
	case isObject:
		var all []value
		for _, method := range []string{"append", "push", "add", "addaddress", "setaddresses"} {
			for _, c := range v.obj.calls[method] {
				for _, a := range c.args {
					if !v.obj.branch.within(c.branch) {
						a = unknown(c.at, "a value that depends on a condition")
					}
					all = append(all, a)
				}
			}
		}
		return all
	}
	return []value{v}
}

// tls reads which files a client uses to prove who it is, and whom it trusts.
func (m *machine) tls(o *object, c *said.Config) {
	t := &c.TLS
	t.CA.File, t.Cert.File, t.Key.File = o.inSections(caFiles).said(), o.inSections(certFiles).said(), o.inSections(keyFiles).said()
	for _, f := range []*said.Value{&t.CA.File, &t.Cert.File, &t.Key.File} {
		if f.State == said.Known {
			f.Text = path.Clean(f.Text)
		}
	}
	password := o.inSections(keyPasswords)
	if password.kind == isFunction {
		password = m.call(password.fn, password.fn.self, nil, nil, password.at)
	}
	t.Key.Password = password.said()
	t.Keystore.File, t.Keystore.Password = o.inSections(stores).said(), o.inSections(storeSecrets).said()
	t.ServerName = o.inSections(serverNames).said()
	named := t.Used()
	warn := func(at fault.Position, text string) {
		c.Warnings = append(c.Warnings, said.Warning{At: at, Text: text})
	}
	switch enabled := o.inSections(switches); {
	case enabled.kind == isBool && enabled.text == "false":
		if named {
			warn(enabled.at, "the source names files for TLS, but turns TLS off here, so they are not used")
		}
		c.TLS = said.TLS{Off: said.Of("false", enabled.at)}
	case enabled.kind == isBool:
		t.On = said.Of("true", enabled.at)
	case enabled.kind != nothing:
		t.On = said.Unknown("a switch that is not followed", enabled.at)
	case named && slices.Contains([]*lexis.Language{lexis.Python, lexis.Go, lexis.CSharp}, m.Lang):
		warn(c.At, "the source names files for TLS but does not enable TLS; they are used")
	}
	skip, reject := o.inSections([]string{"insecureskipverify"}), o.inSections([]string{"rejectunauthorized"})
	if skip.text == "true" || reject.text == "false" {
		if reject.kind != nothing {
			skip = reject
		}
		c.Broken = fault.New(fault.Input, skip.at, "the source turns off the check of the members' certificates, and a project always checks them",
			"remove this setting, and name the certificates to trust")
	}
	if chain := o.inSections([]string{"validatecertificatechain"}); chain.text == "false" {
		warn(chain.at, "the source does not check the members' certificates (ValidateCertificateChain); the project does")
	}
}
