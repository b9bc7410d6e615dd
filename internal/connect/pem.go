package connect

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/keystore"
	"github.com/failover-gen/failover-gen/keystore/pemfile"
	"github.com/failover-gen/failover-gen/templates/hazelcast/given"
)

// addPEM adds what the PEM files of a cluster hold to its TLS configuration, as the
// project does.
func (p *project) addPEM(config *tls.Config, c given.Cluster, t *Target) *fault.Fault {
	if (c.Cert == "") != (c.Key == "") {
		return fault.New(fault.Input, t.At, fmt.Sprintf("cluster %d (%s): only one of %s and %s is set", t.Number, t.Name, t.variable("CERT"), t.variable("KEY")),
			"set both, or neither")
	}
	content := make(map[string][]byte)
	for _, path := range []string{c.CA, c.Cert, c.Key} {
		if path == "" {
			continue
		}
		data, err := keystore.ReadFile(path)
		if err != nil {
			cause, remedy := causeOf(err)
			return fault.Wrap(fault.Input, fault.In(p.path(path)), cause, remedy, err)
		}
		content[path] = data
	}
	if c.CA != "" {
		trusted, err := pemfile.Certificates(content[c.CA])
		if err != nil {
			return t.notPEM(p.path(c.CA), err)
		}
		config.RootCAs = x509.NewCertPool()
		for _, cert := range trusted {
			config.RootCAs.AddCert(cert)
		}
	}
	if c.Cert == "" {
		return nil
	}
	pair, err := pemfile.Pair(content[c.Cert], content[c.Key], c.KeyPassword)
	if err != nil {
		path := c.Cert
		if e := (*pemfile.Error)(nil); errors.As(err, &e) && e.Key {
			path = c.Key
		}
		return t.notPEM(p.path(path), err)
	}
	config.Certificates = []tls.Certificate{pair}
	return nil
}

// notPEM is about a PEM file that cannot be used.
func (t *Target) notPEM(path string, err error) *fault.Fault {
	f := fault.Wrap(fault.Input, fault.In(path), err.Error(), "", err)
	if e := (*pemfile.Error)(nil); errors.As(err, &e) {
		f.Cause, f.Remedy = e.Cause, e.Remedy
		if e.Password {
			f.Remedy += " in " + t.variable("KEY_PASSWORD")
		}
	}
	return f
}
