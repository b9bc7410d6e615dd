package bundle

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/files"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/storefile"
	"github.com/failover-gen/failover-gen/keystore/pemfile"
)

// resolve turns the configuration of the cluster at index into a Cluster,
// collecting what is not followed, not filled in, or not there.
func (r *reader) resolve(index, of int, c *said.Config) {
	if second := c.Second; second != nil && index == 0 {
		r.warnAll(second.Warnings)
	}
	if c.Broken != nil {
		r.add(c.Broken)
		return
	}
	r.withoutTLS(index, c)
	if second := c.Second; second != nil && of == 1 {
		fillFrom(c, second)
	}
	given := r.overrides.passwords(index)
	given.replace(c)
	given.fillIn(c)
	for _, s := range settings {
		r.checkSetting(index, s, s.of(c))
	}
	r.checkPresent(index, c)
	r.warnAll(c.Warnings)
	r.bundle.Clusters = append(r.bundle.Clusters, Cluster{
		At:                 c.At,
		Name:               asValue(c.Name),
		DiscoveryURL:       asValue(c.URL),
		Token:              asSecret(c.Token),
		Addresses:          r.addresses(index, c.Addresses),
		Username:           asValue(c.Username),
		Password:           asSecret(c.Password),
		KeystorePassword:   asSecret(c.TLS.Keystore.Password),
		KeyPassword:        cmp.Or(given.Key, asSecret(c.TLS.Key.Password)),
		TruststorePassword: asSecret(c.TLS.Truststore.Password),
		ServerName:         asValue(c.TLS.ServerName),
		TLS:                asValue(c.TLS.On),
		NoTLS:              asValue(c.TLS.Off),
		Notes:              notes(c.Notes),
		Tuning:             tuning(c.Tuning),
	})
}

// withoutTLS drops the stores of a cluster that the user, or the source itself,
// declares to have no TLS. It says what is lost.
func (r *reader) withoutTLS(index int, c *said.Config) {
	switch {
	case r.overrides.has(index, "tls"):
		if c.TLS.Used() {
			r.warn(at(firstNamed(&c.TLS), c.At), "the source sets up TLS, but the cluster is declared to have none (tls: off), so its stores are not used")
		}
		c.TLS = said.TLS{}
	case c.TLS.Off.State == said.Known:
		r.warn(c.TLS.Off.At, "this cluster is declared to have no TLS: calls and passwords cross the network as plain text, and anyone on the way can answer in its place")
		c.TLS = said.TLS{Off: c.TLS.Off}
	}
}

// firstNamed is where a source first names a store.
func firstNamed(t *said.TLS) said.Value {
	for _, s := range t.Stores() {
		if s.File.State != said.Absent {
			return s.File
		}
	}
	return t.On
}

// notes words what has no counterpart.
func notes(list []said.Warning) (lines []string) {
	for _, n := range list {
		lines = append(lines, n.At.String()+": "+n.Text)
	}
	return lines
}

// tuning keeps the values that are known.
func tuning(said map[string]said.Value) map[string]Value {
	var list map[string]Value
	for key, v := range said {
		if known := asValue(v); known.Text != "" {
			if list == nil {
				list = make(map[string]Value)
			}
			list[key] = known
		}
	}
	return list
}

// replace puts the passwords that the user gave in place of the source's.
func (p Passwords) replace(c *said.Config) {
	for _, x := range []struct {
		given Secret
		store *said.Store
	}{{p.Keystore, &c.TLS.Keystore}, {p.Truststore, &c.TLS.Truststore}, {p.Key, &c.TLS.Key}} {
		if x.given.Present() && x.store.File.State == said.Known {
			x.store.Password = said.Of(x.given.Reveal(), x.given.At)
		}
	}
}

func (r *reader) warnAll(list []said.Warning) {
	for _, w := range list {
		r.warn(w.At, w.Text)
	}
}

// checkSetting refuses what is not followed and what is not filled in.
func (r *reader) checkSetting(index int, s setting, f *said.Value) {
	if r.overrides.has(index, s.field) {
		if f.State == said.NotFollowed || placeholder(f.Text) != "" {
			*f = said.Value{}
		}
		return
	}
	give := r.overrides.howToGive(index, s) + "write it in place as a text"
	if f.State == said.NotFollowed {
		if r.tree.Single() {
			give += ", or give the directory of the bundle, for its other sources to be read too"
		}
		r.failSetting(s, f.At, "the "+s.label+" cannot be followed: it is "+f.Why, give)
	} else if p := placeholder(f.Text); p != "" {
		r.failSetting(s, f.At, p+" is not filled in", "write the "+s.label+" there, or fetch the bundle from the console again")
	}
}

// checkPresent refuses a configuration without what every client needs.
func (r *reader) checkPresent(index int, c *said.Config) {
	spelling := r.form.Spelling
	if c.Name.State == said.Absent && !r.form.Partial && !r.overrides.has(index, "name") {
		r.fail(c.At, "this client configuration has no cluster name ("+spelling.Name+")", "give it with --set "+r.overrides.flag(index, "name")+"=, or set it in the source")
	}
	if c.Token.State == said.Absent && len(c.Addresses) == 0 && !r.form.Partial && !r.overrides.has(index, "addresses") {
		r.fail(c.At, "this client configuration has neither a discovery token ("+spelling.Token+") nor addresses",
			"give addresses with --set "+r.overrides.flag(index, "addresses")+"=, or set the token in the source")
	}
	for _, s := range []struct {
		label, property string
		store           said.Store
	}{
		{"keystore", spelling.KeystorePassword, c.TLS.Keystore},
		{"truststore", spelling.TruststorePassword, c.TLS.Truststore},
	} {
		if s.store.File.State == said.Known && s.store.Password.State == said.Absent && r.needsPassword(s.store, storefile.NeedsPassword, true) {
			r.lacksPassword(index, s.label, s.property, s.store)
		}
	}
	if key := c.TLS.Key; key.File.State == said.Known && key.Password.State == said.Absent && r.needsPassword(key, pemfile.Encrypted, false) {
		password := setting{label: "key password"}
		r.failSetting(password, key.File.At, "the key file that is named here is encrypted, but no password for it is set", r.overrides.howToGive(index, password)+"set it in the source")
	}
}

// lacksPassword refuses a store without a password. Where sources of the form have no
// word for it, only the user can give it.
func (r *reader) lacksPassword(index int, store, property string, s said.Store) {
	password := setting{label: store + " password"}
	give := r.overrides.howToGive(index, password)
	if property == "" {
		r.failSetting(password, s.File.At, "the "+store+" is here, but no file says its password", strings.TrimSuffix(give, ", or "))
		return
	}
	r.failSetting(password, s.File.At, "the "+store+" is named here, but no password for it is set ("+property+")", give+"set it in the source")
}

// needsPassword reports whether a store needs a password. That of a file that
// cannot be found or read is not known: otherwise is the answer then.
func (r *reader) needsPassword(s said.Store, needs func([]byte) bool, otherwise bool) bool {
	if s.Data != nil {
		return needs(s.Data)
	}
	name, missing := r.tree.Locate(s.File.Text, s.File.At.File)
	if missing != "" {
		return otherwise
	}
	content, err := r.tree.Read([]string{name}, files.MaxFile)
	if err != nil {
		return otherwise
	}
	return needs(content[name])
}

// tellLoose reports stores that are set up and given to no client. Where a cluster
// lacks a store, the bundle keeps all of them: they are the likely reason. Otherwise
// it warns of those beside the chosen configurations.
func (r *reader) tellLoose(configs []said.Config, candidates []found) {
	for i, c := range configs {
		lacks := c.TLS.Keystore.File.State == said.Absent || c.TLS.Truststore.File.State == said.Absent
		complete := c.TLS.CA.File.State != said.Absent || c.TLS.Off.State != said.Absent || c.TLS.On.State != said.Absent
		if lacks && !complete && c.Broken == nil && !r.overrides.has(i, "tls") {
			for _, other := range candidates {
				for _, f := range other.Loose {
					r.bundle.Loose = with(r.bundle.Loose, f)
				}
			}
			return
		}
	}
	for _, f := range r.loose {
		r.warn(f.Position, f.Cause)
	}
}

// checkURLs warns of what Java's failover client refuses: clusters whose
// properties differ, as they do when only some set the cloud url.
func (r *reader) checkURLs(configs []said.Config) {
	var with, without *said.Config
	for i := range configs {
		if configs[i].URL.State == said.Absent {
			without = &configs[i]
		} else if with == nil {
			with = &configs[i]
		}
	}
	if with != nil && without != nil {
		r.warn(at(with.URL, with.At), fmt.Sprintf("the cloud url is set for this cluster but not for the one at %s, which then uses the default; Java's failover client refuses such a list", without.At))
	}
}

func (r *reader) addresses(index int, fields []said.Value) []Value {
	if r.overrides.has(index, "addresses") {
		return nil
	}
	var list []Value
	for _, f := range fields {
		r.checkSetting(index, setting{label: "address", field: "addresses"}, &f)
		for part := range strings.SplitSeq(f.Text, ",") {
			if part = strings.TrimSpace(part); part != "" && f.State == said.Known {
				list = append(list, Value{part, f.At})
			}
		}
	}
	return list
}

func asValue(f said.Value) Value {
	if f.State != said.Known {
		return Value{}
	}
	return Value{f.Text, f.At}
}

func asSecret(f said.Value) Secret {
	if f.State != said.Known {
		return Secret{}
	}
	return NewSecret(f.Text, f.At)
}

// fillFrom takes from a second source what the first does not set.
func fillFrom(c *said.Config, second *said.Second) {
	if c.Name.State == said.Absent {
		c.Name = second.Name
	}
	if c.URL.State == said.Absent {
		c.URL = second.URL
	}
}

// compareSecond refuses a second source that names another cluster than the first.
// Where both have placeholders, it lists those of the second as well.
func (r *reader) compareSecond(configs []said.Config) {
	second := configs[0].Second
	if second == nil || len(configs) > 1 {
		return // one pom.xml cannot speak of several clusters
	}
	for _, s := range []struct {
		setting
		second said.Value
		same   func(a, b string) bool
	}{
		{nameSetting, second.Name, func(a, b string) bool { return a == b || a == second.NamePrefix+b }},
		{urlSetting, second.URL, func(a, b string) bool { return strings.TrimRight(a, "/") == strings.TrimRight(b, "/") }},
	} {
		first := *s.of(&configs[0])
		switch {
		case first.State != said.Known || s.second.State != said.Known || r.overrides.has(0, s.field):
		case placeholder(s.second.Text) != "":
			if placeholder(first.Text) != "" {
				r.checkSetting(0, s.setting, &s.second)
			}
		case placeholder(first.Text) == "" && !s.same(first.Text, s.second.Text):
			r.faults = append(r.faults, r.disagreement(0, s.setting, first.At, first, s.second.At, s.second))
		}
	}
}
