package standin

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"software.sslmate.com/src/go-pkcs12"
)

// Iterations of key derivation, as the tools of the day count them.
const (
	consoleIterations = 100_000 // the cloud console's stores
	modernIterations  = 10_000  // keytool's default since JDK 17
)

// authority is a cluster's own certificate authority with what it issued.
type authority struct {
	ca     *x509.Certificate
	client tls.Certificate
	server tls.Certificate
	stale  tls.Certificate // like server, but expired
	// serving is what handshakes get: &server or &stale.
	serving atomic.Pointer[tls.Certificate]
}

func newAuthority(cluster, serverName string, rsaClient bool) (*authority, error) {
	now := time.Now()
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	ca, err := issue(&x509.Certificate{
		Subject: pkix.Name{CommonName: cluster + " stand-in authority"}, NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(10, 0, 0),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}, nil, caKey.Public(), caKey)
	if err != nil {
		return nil, err
	}
	a := &authority{ca: ca}
	serverKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	server := x509.Certificate{
		Subject: pkix.Name{CommonName: serverName}, NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(10, 0, 0),
		DNSNames: []string{serverName}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if a.server, err = pair(server, ca, caKey, serverKey); err != nil {
		return nil, err
	}
	server.NotAfter = now.Add(-time.Hour)
	if a.stale, err = pair(server, ca, caKey, serverKey); err != nil {
		return nil, err
	}
	a.serving.Store(&a.server)
	var clientKey crypto.Signer
	if rsaClient {
		clientKey, err = rsa.GenerateKey(rand.Reader, 2048)
	} else {
		clientKey, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	}
	if err != nil {
		return nil, err
	}
	a.client, err = pair(x509.Certificate{
		Subject: pkix.Name{CommonName: cluster + " client"}, NotBefore: now.Add(-24 * time.Hour), NotAfter: now.AddDate(10, 0, 0),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, ca, caKey, clientKey)
	return a, err
}

// pair issues a certificate for key.
func pair(template x509.Certificate, ca *x509.Certificate, caKey, key crypto.Signer) (tls.Certificate, error) {
	leaf, err := issue(&template, ca, key.Public(), caKey)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}, nil
}

// issue signs template for pub; a nil parent makes it self-signed.
func issue(template, parent *x509.Certificate, pub crypto.PublicKey, signer crypto.Signer) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return nil, err
	}
	template.SerialNumber = serial
	if parent == nil {
		parent = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, pub, signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.ca)
	return pool
}

// serverTLS asks each client for a certificate of this authority. Sessions are
// not resumed: a change of certificate must show on the next handshake.
func (a *authority) serverTLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.pool(), SessionTicketsDisabled: true,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return a.serving.Load(), nil },
	}
}

// ServerTLS returns the configuration with which the members serve, for real
// members behind a proxy that borrow this cluster's certificates; nil for a
// cluster without TLS.
func (c *Cluster) ServerTLS() *tls.Config {
	if c.auth == nil {
		return nil
	}
	return c.auth.serverTLS()
}

var errPlain = errors.New("this stand-in cluster has no TLS, hence no stores")

// ClientTLS returns a complete configuration for a client of this cluster, nil
// for a cluster without TLS.
func (c *Cluster) ClientTLS() *tls.Config {
	if c.auth == nil {
		return nil
	}
	return &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.opts.ServerName, RootCAs: c.auth.pool(), Certificates: []tls.Certificate{c.auth.client}}
}

// Stores returns the client's keystore and truststore as PKCS12 files. Legacy
// is the console's encryption (3DES and RC2-40, 100,000 iterations), otherwise
// that of JDK 17 (AES-256, 10,000 iterations).
func (c *Cluster) Stores(password string, legacy bool) (keystore, truststore []byte, err error) {
	if c.auth == nil {
		return nil, nil, errPlain
	}
	return c.auth.stores(c.opts.Alias, password, legacy)
}

// ConsoleStores makes fresh keys for a cluster that is not running and returns
// the client's stores as the console makes them: RSA-2048, legacy encryption.
func ConsoleStores(cluster, serverName, password string) (keystore, truststore []byte, err error) {
	a, err := newAuthority(cluster, serverName, true)
	if err != nil {
		return nil, nil, err
	}
	return a.stores(consoleAlias, password, true)
}

// consoleAlias is what the console calls the client's key.
const consoleAlias = "client"

func (a *authority) stores(alias, password string, legacy bool) (keystore, truststore []byte, err error) {
	enc := pkcs12.Modern2023.WithIterations(modernIterations)
	if legacy {
		enc = pkcs12.LegacyRC2.WithIterations(consoleIterations)
	}
	keystore, err = enc.Encode(a.client.PrivateKey, a.client.Leaf, []*x509.Certificate{a.ca}, password)
	if err != nil {
		return nil, nil, err
	}
	if keystore, err = withAlias(keystore, alias, password); err != nil {
		return nil, nil, err
	}
	truststore, err = enc.EncodeTrustStoreEntries([]pkcs12.TrustStoreEntry{{Cert: a.ca, FriendlyName: "ca"}}, password)
	return keystore, truststore, err
}

// WriteStores writes the files of Stores into dir as client.keystore and
// client.truststore, mode 0600, and returns their paths.
func (c *Cluster) WriteStores(dir, password string, legacy bool) (keystore, truststore string, err error) {
	key, trust, err := c.Stores(password, legacy)
	if err != nil {
		return "", "", err
	}
	keystore, truststore = filepath.Join(dir, "client.keystore"), filepath.Join(dir, "client.truststore")
	if err := os.WriteFile(keystore, key, 0o600); err != nil {
		return "", "", err
	}
	return keystore, truststore, os.WriteFile(truststore, trust, 0o600)
}
