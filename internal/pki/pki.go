// Package pki makes certificates, and keystores that Java reads, for the bundles
// of the demo, the stand-ins and tests. Every key is fresh and protects nothing.
// The package writes no files and reads no stores.
package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"time"
)

// Pair is a certificate with its private key.
type Pair struct {
	Cert *x509.Certificate
	Key  crypto.Signer
}

// TLS returns the pair in the form of package tls, without issuers.
func (p *Pair) TLS() tls.Certificate {
	return tls.Certificate{Certificate: [][]byte{p.Cert.Raw}, PrivateKey: p.Key, Leaf: p.Cert}
}

// Pool trusts the certificate of the pair and nothing else.
func (p *Pair) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(p.Cert)
	return pool
}

// EC returns a new P-256 key.
func EC() (crypto.Signer, error) { return ecdsa.GenerateKey(elliptic.P256(), rand.Reader) }

// RSA returns a new RSA-2048 key.
func RSA() (crypto.Signer, error) { return rsa.GenerateKey(rand.Reader, 2048) }

// Issue makes a certificate as template says, with a key from newKey. The parent
// signs it, or it signs itself if parent is nil.
func Issue(parent *Pair, newKey func() (crypto.Signer, error), template x509.Certificate) (*Pair, error) {
	key, err := newKey()
	if err != nil {
		return nil, err
	}
	return IssueFor(key, parent, template)
}

// IssueFor makes a certificate as Issue does, for a key that there is. It gets a
// random serial number if template has none.
func IssueFor(key crypto.Signer, parent *Pair, template x509.Certificate) (*Pair, error) {
	if template.SerialNumber == nil {
		serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
		if err != nil {
			return nil, err
		}
		template.SerialNumber = serial
	}
	if parent == nil {
		parent = &Pair{&template, key}
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, parent.Cert, key.Public(), parent.Key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	return &Pair{cert, key}, err
}

// named is a certificate that is valid from yesterday on, for ten years.
func named(name string) x509.Certificate {
	now := time.Now()
	return x509.Certificate{Subject: pkix.Name{CommonName: name}, NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(10, 0, 0)}
}

// Authority is the template of a certificate that signs others.
func Authority(name string) x509.Certificate {
	template := named(name)
	template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	return template
}

// Server is the template of the certificate of a server with this host name on
// this machine.
func Server(host string) x509.Certificate {
	template := named(host)
	template.DNSNames, template.IPAddresses = []string{host}, []net.IP{net.IPv4(127, 0, 0, 1)}
	template.KeyUsage, template.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	return template
}

// Client is the template of a client's certificate.
func Client(name string) x509.Certificate {
	template := named(name)
	template.KeyUsage, template.ExtKeyUsage = x509.KeyUsageDigitalSignature, []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	return template
}
