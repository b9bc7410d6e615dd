package standin

import (
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/failover-gen/failover-gen/internal/pki"
)

// authority is a cluster's own certificate authority with what it issued.
type authority struct {
	ca     *pki.Pair
	client *pki.Pair
	server tls.Certificate
	stale  tls.Certificate // like server, but expired
	// serving is what handshakes get: &server or &stale.
	serving atomic.Pointer[tls.Certificate]
}

func newAuthority(cluster, serverName string, rsaClient bool) (*authority, error) {
	ca, err := pki.Issue(nil, pki.EC, pki.Authority(cluster+" stand-in authority"))
	if err != nil {
		return nil, err
	}
	server, err := pki.Issue(ca, pki.EC, pki.Server(serverName))
	if err != nil {
		return nil, err
	}
	expired := pki.Server(serverName)
	expired.NotAfter = time.Now().Add(-time.Hour)
	stale, err := pki.IssueFor(server.Key, ca, expired)
	if err != nil {
		return nil, err
	}
	clientKey := pki.EC
	if rsaClient {
		clientKey = pki.RSA
	}
	client, err := pki.Issue(ca, clientKey, pki.Client(cluster+" client"))
	if err != nil {
		return nil, err
	}
	a := &authority{ca: ca, client: client, server: server.TLS(), stale: stale.TLS()}
	a.serving.Store(&a.server)
	return a, nil
}

// serverTLS asks each client for a certificate of this authority. Sessions are
// not resumed: a change of certificate must show on the next handshake.
func (a *authority) serverTLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: a.ca.Pool(), SessionTicketsDisabled: true,
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
	return &tls.Config{MinVersion: tls.VersionTLS12, ServerName: c.opts.ServerName, RootCAs: c.auth.ca.Pool(), Certificates: []tls.Certificate{c.auth.client.TLS()}}
}

// Stores returns the client's keystore and truststore as PKCS12 files, in the
// console's form if legacy, otherwise in that of JDK 17.
func (c *Cluster) Stores(password string, legacy bool) (keystore, truststore []byte, err error) {
	if c.auth == nil {
		return nil, nil, errPlain
	}
	form := pki.Modern
	if legacy {
		form = pki.Console
	}
	if keystore, err = form.Keystore(c.opts.Alias, password, c.auth.client, c.auth.ca.Cert); err != nil {
		return nil, nil, err
	}
	truststore, err = form.Truststore(password, c.auth.ca.Cert)
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

// WritePEM writes what Stores returns as PEM files into dir, mode 0600, and returns
// their paths: what is trusted, the client's certificate, and its key.
func (c *Cluster) WritePEM(dir string) (ca, cert, key string, err error) {
	if c.auth == nil {
		return "", "", "", errPlain
	}
	certData, keyData, err := c.auth.client.PEM()
	if err != nil {
		return "", "", "", err
	}
	ca, cert, key = filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, data := range map[string][]byte{ca: pki.CertificatesPEM(c.auth.ca.Cert), cert: certData, key: keyData} {
		if err := os.WriteFile(name, data, 0o600); err != nil {
			return "", "", "", err
		}
	}
	return ca, cert, key, nil
}
