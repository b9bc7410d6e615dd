package storefile

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
)

// TLSConfig makes a complete client configuration. The client shows the key of
// keystore under alias (see KeyPair), trusts the certificates of truststore, and
// expects a server called serverName. With a nil keystore it shows no certificate;
// with a nil truststore it trusts what the system trusts.
func TLSConfig(keystore, truststore *Store, alias, serverName string) (*tls.Config, error) {
	if serverName == "" {
		return nil, &Error{Reason: NoServerName, Cause: "no server name is given", Remedy: "name the server as its certificate does (cloud clusters: hazelcast.cloud)"}
	}
	config := &tls.Config{ServerName: serverName, MinVersion: tls.VersionTLS12}
	if truststore != nil {
		pool, err := truststore.Pool()
		if err != nil {
			return nil, err
		}
		config.RootCAs = pool
	}
	if keystore != nil {
		pair, err := keystore.KeyPair(alias)
		if err != nil {
			return nil, err
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, nil
}

// KeyPair returns the key entry under alias. As in Java, upper and lower case are
// the same. The empty alias means the only key; if there are several, the error
// lists their aliases. It is also an error if no certificate belongs to the key.
func (s *Store) KeyPair(alias string) (tls.Certificate, error) {
	var keys []Entry
	var aliases []string
	for _, entry := range s.Entries {
		if entry.Kind == KindKey {
			keys, aliases = append(keys, entry), append(aliases, fmt.Sprintf("%q", entry.Alias))
		}
	}
	listed := strings.Join(aliases, ", ")
	chosen := slices.IndexFunc(keys, func(e Entry) bool { return e.Alias == alias })
	if chosen < 0 {
		chosen = slices.IndexFunc(keys, func(e Entry) bool { return strings.EqualFold(e.Alias, alias) })
	}
	switch {
	case len(keys) == 0:
		return tls.Certificate{}, &Error{Reason: NoKey, Cause: "holds no key, only certificates", Remedy: "were keystore and truststore swapped?"}
	case alias == "" && len(keys) > 1:
		return tls.Certificate{}, &Error{Reason: SeveralKeys, Cause: "holds several keys: " + listed, Remedy: "choose one by its alias"}
	case alias == "":
		chosen = 0
	case chosen < 0:
		return tls.Certificate{}, &Error{Reason: NoKey, Alias: alias, Cause: fmt.Sprintf("holds no key %q", alias), Remedy: "choose one of " + listed}
	}
	entry := keys[chosen]
	if len(entry.Chain) == 0 || !Matches(entry.Key, entry.Chain[0]) {
		return tls.Certificate{}, &Error{Reason: KeyMismatch, Alias: entry.Alias, Cause: fmt.Sprintf("no certificate in it belongs to the key %q", entry.Alias),
			Remedy: "put the key and its own certificate into one entry"}
	}
	pair := tls.Certificate{PrivateKey: entry.Key, Leaf: entry.Chain[0]}
	for _, cert := range entry.Chain {
		pair.Certificate = append(pair.Certificate, cert.Raw)
	}
	return pair, nil
}

// Pool returns the certificates of the certificate entries as those to trust.
func (s *Store) Pool() (*x509.CertPool, error) {
	if len(s.Trusted) == 0 {
		return nil, &Error{Reason: NoCertificate, Cause: "holds no certificate to trust, only keys", Remedy: "were keystore and truststore swapped?"}
	}
	pool := x509.NewCertPool()
	for _, cert := range s.Trusted {
		pool.AddCert(cert)
	}
	return pool, nil
}

// Matches reports whether cert was made for key, by comparing public keys.
func Matches(key crypto.PrivateKey, cert *x509.Certificate) bool {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return false
	}
	public, ok := signer.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(cert.PublicKey)
}

// chainFor returns the certificate of key, followed by its issuers, which it finds
// by signature. The order of certs does not matter. If two certificates belong to
// key, it takes preferred. If none does, it returns preferred alone, or certs.
func chainFor(key crypto.PrivateKey, preferred *x509.Certificate, certs []*x509.Certificate) []*x509.Certificate {
	leaf := slices.IndexFunc(certs, func(c *x509.Certificate) bool { return Matches(key, c) })
	switch {
	case leaf < 0 && preferred != nil:
		return []*x509.Certificate{preferred}
	case leaf < 0:
		return certs
	}
	chain := []*x509.Certificate{certs[leaf]}
	if preferred != nil && Matches(key, preferred) {
		chain[0] = preferred
	}
	checks := 4 * maxChain // a check takes long, and a file may hold thousands of certificates with one name
	for len(chain) < maxChain {
		last := chain[len(chain)-1]
		next := slices.IndexFunc(certs, func(c *x509.Certificate) bool {
			if !bytes.Equal(c.RawSubject, last.RawIssuer) || slices.Contains(chain, c) || c.Equal(last) || checks == 0 {
				return false
			}
			checks--
			return signed(last, c)
		})
		if next < 0 {
			return chain
		}
		chain = append(chain, certs[next])
	}
	return chain
}

func signed(child, issuer *x509.Certificate) bool {
	if public, ok := issuer.PublicKey.(*rsa.PublicKey); ok && public.N.BitLen() > maxRSABits {
		return false // the check would take seconds
	}
	return issuer.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature) == nil
}
