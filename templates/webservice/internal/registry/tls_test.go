package registry

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/zookeeper"
)

func TestZooKeeperWithTLS(t *testing.T) {
	t.Parallel()
	zookeeper.Need(t)
	authority := issue(t, nil, pki.Authority("registry"))
	server, client := issue(t, authority, pki.Server("localhost")), issue(t, authority, pki.Client("client"))
	stranger := issue(t, nil, pki.Authority("stranger"))
	zoo := zookeeper.ForTest(t, zookeeper.Options{Key: pemFile(t, server, true), ClientCAs: pemFile(t, authority, false)})
	good := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authority.Pool(), Certificates: []tls.Certificate{client.TLS()}}

	c, _ := configured(t, zoo.SecureAddr)
	c.TLS, c.SessionTimeout = good, 30*time.Second
	w := watch(t, c)
	r := register(t, c, "http://first/Foo")
	shows(t, w, "http://first/Foo")
	plain := c
	plain.Addresses, plain.TLS = []string{zoo.Addr}, nil
	shows(t, watch(t, plain), "http://first/Foo")
	zoo.Kill()
	if err := zoo.Restart(); err != nil {
		t.Fatal(err)
	}
	register(t, c, "http://second/Foo")
	shows(t, w, "http://first/Foo", "http://second/Foo")
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
	shows(t, w, "http://second/Foo")

	for name, test := range map[string]struct {
		address string
		config  *tls.Config
		text    string
	}{
		"another authority":     {zoo.SecureAddr, &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: stranger.Pool(), Certificates: good.Certificates}, "unknown authority"},
		"another name":          {zoo.SecureAddr, &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authority.Pool(), Certificates: good.Certificates, ServerName: "other"}, "other"},
		"no client certificate": {zoo.SecureAddr, &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: authority.Pool()}, "certificate"},
		"no TLS":                {zoo.SecureAddr, nil, "TLS"},
		"TLS on the plain port": {zoo.Addr, good, "is not reached: TLS"},
	} {
		c, _ := configured(t, test.address)
		c.TLS, c.SessionTimeout = test.config, 30*time.Second
		w := watch(t, c)
		eventually(t, name+" is told by "+test.text, func() bool { return w.Err() != nil && strings.Contains(w.Err().Error(), test.text) })
	}
}

// issue makes a certificate that the parent signs, or that signs itself.
func issue(t *testing.T, parent *pki.Pair, template x509.Certificate) *pki.Pair {
	t.Helper()
	pair, err := pki.Issue(parent, pki.EC, template)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// pemFile writes a certificate to a file, after its key if that is asked for.
func pemFile(t *testing.T, pair *pki.Pair, withKey bool) (path string) {
	t.Helper()
	var text bytes.Buffer
	if withKey {
		der, err := x509.MarshalPKCS8PrivateKey(pair.Key)
		if err != nil {
			t.Fatal(err)
		}
		text.Write(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
	}
	text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: pair.Cert.Raw}))
	path = filepath.Join(t.TempDir(), "store.pem")
	if err := os.WriteFile(path, text.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
