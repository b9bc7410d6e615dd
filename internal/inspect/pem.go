package inspect

import (
	"crypto"
	"crypto/x509"
	"path"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/storefile"
	"github.com/failover-gen/failover-gen/keystore/pemfile"
)

// TypePEM is the Type of a PEM file in place of a store.
const TypePEM = "PEM"

// pem describes the PEM files of a cluster. It returns the faults of those that
// cannot be opened.
func (r *Report) pem(c *bundle.Cluster, into *Cluster, o Options) (faults fault.List) {
	fail := func(file *bundle.Store, err error) *Store {
		f := fault.Wrap(fault.Input, fault.In(file.Path), err.Error(), "", err)
		if e, ok := err.(*pemfile.Error); ok {
			if f.Cause, f.Remedy = e.Cause, e.Remedy; e.Password {
				f.Cause += origin(c.KeyPassword)
			}
		}
		faults = append(faults, f)
		r.errors = append(r.errors, path.Base(file.Inner)+": "+f.Cause+"; "+f.Remedy)
		r.Warnings = append(r.Warnings, r.errors[len(r.errors)-1])
		return &Store{Path: file.Inner}
	}
	if c.CA != nil {
		if trusted, err := pemfile.Certificates(c.CA.Data); err != nil {
			into.CA = fail(c.CA, err)
		} else {
			into.CA = r.certificates(c.CA, &checker{Options: o, role: trustRole, several: len(trusted) > 1}, trusted, nil)
		}
	}
	if c.Cert == nil || c.Key == nil {
		return faults
	}
	chain, err := pemfile.Certificates(c.Cert.Data)
	if err != nil {
		into.Cert = fail(c.Cert, err)
		return faults
	}
	var key crypto.PrivateKey
	pair, err := pemfile.Pair(c.Cert.Data, c.Key.Data, c.KeyPassword.Reveal())
	if err != nil {
		into.Key = fail(c.Key, err)
	} else {
		key, chain = pair.PrivateKey, ordered(pair.Leaf, chain)
		into.Key = &Store{Path: c.Key.Inner, Type: TypePEM, Protection: "not encrypted",
			Entries: []Entry{{Kind: string(storefile.KindKey), Key: keyName(pair.Leaf.PublicKey), Pairing: "matches the certificate in " + path.Base(c.Cert.Inner)}}}
		if pemfile.Encrypted(c.Key.Data) {
			into.Key.Protection = "encrypted with the key password"
		}
	}
	into.Cert = r.certificates(c.Cert, &checker{Options: o, role: keyRole, several: len(chain) > 1}, chain, key)
	return faults
}

// ordered is a chain with the certificate of the key first.
func ordered(leaf *x509.Certificate, chain []*x509.Certificate) []*x509.Certificate {
	list := []*x509.Certificate{leaf}
	for _, cert := range chain {
		if !cert.Equal(leaf) {
			list = append(list, cert)
		}
	}
	return list
}

// certificates describes the certificates of a file. With a key, the first is the
// client's, and the others are its chain.
func (r *Report) certificates(file *bundle.Store, c *checker, list []*x509.Certificate, key crypto.PrivateKey) *Store {
	s := &Store{Path: file.Inner, Type: TypePEM}
	for i, cert := range list {
		e := storefile.Entry{Kind: storefile.KindCertificate, Alias: cert.Subject.String(), Chain: []*x509.Certificate{cert}}
		if i == 0 && key != nil {
			e.Kind, e.Key, e.Chain = storefile.KindKey, key, list
		}
		if i > 0 && c.role == keyRole && key != nil {
			break
		}
		out := c.entry(e)
		out.Alias, out.Kind = "", string(storefile.KindCertificate)
		if c.role == keyRole {
			out.Use, out.Pairing = "", ""
		}
		s.Entries = append(s.Entries, out)
	}
	for _, warning := range c.warnings {
		r.warn(file.Path, path.Base(file.Inner), warning)
	}
	return s
}
