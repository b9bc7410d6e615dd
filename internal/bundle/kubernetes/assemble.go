package kubernetes

import (
	"bytes"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// assembly puts together what the objects say of one cluster.
type assembly struct {
	objects []object
	config  said.Config
	faults  fault.List
}

// assemble gives the cluster's configuration, nil where the objects hold none.
func assemble(objects []object) (*said.Config, fault.List) {
	a := &assembly{objects: objects}
	if !a.isClient() {
		return nil, nil
	}
	a.stores()
	a.texts()
	return &a.config, a.faults
}

// isClient reports whether the objects hold a store, or what finds a cluster. Many
// Secrets hold a password and nothing else of interest.
func (a *assembly) isClient() bool {
	has := map[string]bool{}
	for i := range a.objects {
		o := &a.objects[i]
		if o.isHome() && a.config.At.File == "" {
			a.config.At = o.at
		}
		for _, e := range o.entries {
			role := roleOf(e.key)
			has["store"] = has["store"] || fileRole[role] && (role != roleCA || o.kind != "ConfigMap")
			has[role] = true
		}
	}
	return has["store"] || has[roleName] && (has[roleToken] || has[roleAddresses])
}

// isHome reports whether an object is about a cluster's client: it has a store, or a
// key that means a cluster by itself.
func (o *object) isHome() bool {
	return slices.ContainsFunc(o.entries, func(e entry) bool { return fileRole[roleOf(e.key)] || roleOf(e.key) == roleName && !isWeak(e.key) })
}

// pick gives the entry that has a role, nil for none. An object with a store goes
// before others. What two of them say differently is a fault.
func (a *assembly) pick(role string) *entry {
	var chosen *entry
	home := false
	for i := range a.objects {
		o := &a.objects[i]
		here := o.isHome()
		for j := range o.entries {
			e := &o.entries[j]
			switch {
			case roleOf(e.key) != role || !here && isWeak(e.key) || e.isEmpty(role):
			case chosen == nil || here && !home:
				chosen, home = e, here
			case home && !here || bytes.Equal(e.data, chosen.data) && e.wrong == nil && chosen.wrong == nil:
			default:
				a.faults = append(a.faults, fault.New(fault.Input, e.at,
					"the "+role+" here and the one at "+chosen.at.String()+" differ, and nothing says which one is meant",
					"remove one, or give the Secrets of one cluster alone: a project takes a manifest or folder for each of its clusters"))
			}
		}
	}
	if chosen != nil && chosen.wrong != nil {
		a.faults = append(a.faults, chosen.wrong)
		return nil
	}
	return chosen
}

// isEmpty reports whether an entry says nothing. A password may be empty.
func (e *entry) isEmpty(role string) bool {
	return e.wrong == nil && len(bytes.TrimSpace(e.data)) == 0 && !strings.HasSuffix(role, "password")
}

// store takes an entry for a file.
func store(e *entry) said.Store {
	if e == nil {
		return said.Store{}
	}
	s := said.Store{File: said.Of(e.file, e.at)}
	if e.at.Line > 0 { // a mounted folder has the file itself
		s.Data = e.data
	}
	return s
}

// stores settles on PEM files or on keystores. cert-manager writes both with the same
// content. PEM files need no password, so they win where they are complete.
func (a *assembly) stores() {
	cert, key, ca := a.pick(roleCert), a.pick(roleKey), a.pick(roleCA)
	keystore, truststore := a.pick(roleKeystore), a.pick(roleTruststore)
	whole := cert != nil && key != nil && ca != nil
	if keystore != nil && truststore != nil && !whole {
		cert, key, ca = nil, nil, nil
	}
	if cert != nil && key != nil {
		keystore = a.beside(keystore, cert)
	}
	if ca != nil {
		truststore = a.beside(truststore, ca)
	}
	tls := &a.config.TLS
	tls.Cert, tls.Key, tls.CA = store(cert), store(key), store(ca)
	tls.Keystore, tls.Truststore = store(keystore), store(truststore)
}

// beside notes that a store is not used, since there is a PEM file.
func (a *assembly) beside(unused, used *entry) *entry {
	if unused != nil {
		a.config.Notes = append(a.config.Notes, said.Warning{At: unused.at, Text: unused.key + " is not used: " + used.key + " is there, and needs no password"})
	}
	return nil
}

// texts takes the values that are texts.
func (a *assembly) texts() {
	c := &a.config
	c.Name, c.Token, c.URL = a.text(roleName), a.text(roleToken), a.text(roleURL)
	c.TLS.ServerName = a.text(roleServerName)
	if e := a.pick(roleAddresses); e != nil {
		c.Addresses = a.lines(e)
	}
	c.Username = a.text(roleUsername)
	password := a.text(rolePassword)
	if c.Username.State != said.Absent {
		c.Password, password = password, said.Value{}
	}
	for _, x := range []struct {
		role  string
		store *said.Store
	}{{roleKeystorePassword, &c.TLS.Keystore}, {roleTruststorePassword, &c.TLS.Truststore}} {
		own := a.text(x.role)
		if own.State == said.Absent {
			own = password
		}
		if x.store.File.State != said.Absent {
			x.store.Password = own
		}
	}
	if c.TLS.Key.File.State != said.Absent || c.TLS.Keystore.File.State != said.Absent {
		c.TLS.Key.Password = a.text(roleKeyPassword)
	}
}

// text reads an entry as one line. A line end behind it is a slip of whoever encoded
// it with echo.
func (a *assembly) text(role string) said.Value {
	e := a.pick(role)
	if e == nil {
		return said.Value{}
	}
	text := strings.TrimSuffix(strings.TrimSuffix(string(e.data), "\n"), "\r")
	if len(text) < len(e.data) && e.at.Line > 0 {
		a.config.Warnings = append(a.config.Warnings, said.Warning{At: e.at, Text: "the value ends in a line end, which is left out"})
	}
	if why := notText(text); why != "" {
		return said.Unknown(why, e.at)
	}
	return said.Of(text, e.at)
}

// notText says why bytes are not a value, "" where they are one.
func notText(text string) string {
	switch {
	case !utf8.ValidString(text):
		return "not a text in UTF-8"
	case strings.ContainsFunc(text, unicode.IsControl):
		return "a text of several lines, or with control characters"
	case strings.Contains(text, "{{"):
		return "an expression of a template"
	case strings.HasPrefix(text, "ENC["):
		return "encrypted by sops"
	}
	return ""
}

// maxAddresses bounds the members that are listed.
const maxAddresses = 1000

// lines reads addresses, which may stand below each other.
func (a *assembly) lines(e *entry) (list []said.Value) {
	for line := range strings.Lines(string(e.data)) {
		line = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(line), "- "))
		switch why := notText(line); {
		case why != "":
			return []said.Value{said.Unknown(why, e.at)}
		case len(list) == maxAddresses:
			return []said.Value{said.Unknown("a list of far more addresses than a cluster has", e.at)}
		case line != "":
			list = append(list, said.Of(line, e.at))
		}
	}
	return list
}
