package bundle

import (
	"fmt"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/java"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// resolve turns the configuration of the cluster at index into a Cluster,
// collecting what is not followed, not filled in, or not there.
func (r *reader) resolve(index, of int, c *java.Config, pom *pom) {
	where := c.At
	if c.NotFollowed != "" {
		r.fail(where, "the client configuration added here cannot be followed: it is "+c.NotFollowed,
			"set it up in a method of the same class")
		return
	}
	if of == 1 && pom != nil {
		r.fillFromPOM(c, pom)
	}
	for _, s := range settings {
		r.checkSetting(index, s, s.of(c))
	}
	r.checkPresent(index, c, where)
	r.warnConfig(c, where)
	r.bundle.Clusters = append(r.bundle.Clusters, Cluster{
		Name:               asValue(c.Name),
		DiscoveryURL:       asValue(c.URL),
		Token:              asSecret(c.Token),
		Addresses:          r.addresses(index, c.Addresses),
		Username:           asValue(c.Username),
		Password:           asSecret(c.Password),
		KeystorePassword:   asSecret(c.KeystorePassword),
		TruststorePassword: asSecret(c.TruststorePassword),
	})
}

// checkSetting refuses what is not followed and what is not filled in.
func (r *reader) checkSetting(index int, s setting, f *java.Field) {
	if r.overrides.has(index, s.field) {
		if f.State == java.NotFollowed || placeholder(f.Text) != "" {
			*f = java.Field{}
		}
		return
	}
	give := "write it in place as a text"
	if s.field != "" {
		give = "give it with --set " + r.overrides.flag(index, s.field) + "=, or " + give
	}
	if f.State == java.NotFollowed {
		if r.tree.source != "" {
			give += ", or give the directory of the bundle, for its other sources to be read too"
		}
		r.fail(f.At, "the "+s.label+" cannot be followed: it is "+f.Text, give)
	} else if p := placeholder(f.Text); p != "" {
		r.fail(f.At, p+" is not filled in", "write the "+s.label+" there, or fetch the bundle from the console again")
	}
}

// checkPresent refuses a configuration without what every client needs.
func (r *reader) checkPresent(index int, c *java.Config, where fault.Position) {
	if c.Name.State == java.Absent && !r.overrides.has(index, "name") {
		r.fail(where, "this client configuration has no cluster name (setClusterName)", "give it with --set "+r.overrides.flag(index, "name")+"=, or set it in the source")
	}
	if c.Token.State == java.Absent && len(c.Addresses) == 0 && !r.overrides.has(index, "addresses") {
		r.fail(where, "this client configuration has neither a discovery token (setDiscoveryToken) nor addresses",
			"give addresses with --set "+r.overrides.flag(index, "addresses")+"=, or set the token in the source")
	}
	for _, store := range []struct {
		label, property string
		file, password  java.Field
	}{
		{"keystore", "javax.net.ssl.keyStorePassword", c.Keystore, c.KeystorePassword},
		{"truststore", "javax.net.ssl.trustStorePassword", c.Truststore, c.TruststorePassword},
	} {
		if store.file.State == java.Known && store.password.State == java.Absent {
			r.fail(store.file.At, "the "+store.label+" is named here, but no password for it is set ("+store.property+")", "set it in the source")
		}
	}
}

func (r *reader) warnConfig(c *java.Config, where fault.Position) {
	if c.Group {
		r.warn(at(c.Name, c.At), "the source is written for Hazelcast 3.x (GroupConfig); the Go client needs a cluster of version 4.0 or later")
	}
	if c.CloudOff && c.Token.State != java.Absent {
		r.warn(at(c.Token, c.At), "the source sets a discovery token but does not enable cloud discovery (setEnabled(true)); it is used")
	}
	if c.TLSOff && c.Keystore.State != java.Absent {
		r.warn(where, "the source sets up TLS but does not enable it (setEnabled(true) on the SSLConfig); it is used")
	}
}

// checkURLs warns of what Java's failover client refuses: clusters whose
// properties differ, as they do when only some set the cloud url.
func (r *reader) checkURLs(configs []java.Config) {
	var with, without *java.Config
	for i := range configs {
		if configs[i].URL.State == java.Absent {
			without = &configs[i]
		} else if with == nil {
			with = &configs[i]
		}
	}
	if with != nil && without != nil {
		r.warn(at(with.URL, with.At), fmt.Sprintf("the cloud url is set for this cluster but not for the one at %s, which then uses the default; Java's failover client refuses such a list", without.At))
	}
}

func (r *reader) addresses(index int, fields []java.Field) []Value {
	if r.overrides.has(index, "addresses") {
		return nil
	}
	var list []Value
	for _, f := range fields {
		r.checkSetting(index, setting{label: "address", field: "addresses"}, &f)
		for part := range strings.SplitSeq(f.Text, ",") {
			if part = strings.TrimSpace(part); part != "" && f.State == java.Known {
				list = append(list, Value{part, f.At})
			}
		}
	}
	return list
}

func asValue(f java.Field) Value {
	if f.State != java.Known {
		return Value{}
	}
	return Value{f.Text, f.At}
}

func asSecret(f java.Field) Secret {
	if f.State != java.Known {
		return Secret{}
	}
	return NewSecret(f.Text, f.At)
}
