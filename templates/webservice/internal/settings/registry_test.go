package settings

import (
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/pki"
)

// writePEM writes a certificate and its key, and returns their paths.
func writePEM(t *testing.T, pair *pki.Pair) (cert, key string) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.Key)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	cert, key = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for name, block := range map[string]*pem.Block{cert: {Type: "CERTIFICATE", Bytes: pair.Cert.Raw}, key: {Type: "PRIVATE KEY", Bytes: der}} {
		if err := os.WriteFile(name, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return cert, key
}

func TestTheRegistryIsReachedAsTheSettingsSay(t *testing.T) {
	authority, err := pki.Issue(nil, pki.EC, pki.Authority("registry"))
	if err != nil {
		t.Fatal(err)
	}
	client, err := pki.Issue(authority, pki.EC, pki.Client("client"))
	if err != nil {
		t.Fatal(err)
	}
	ca, _ := writePEM(t, authority)
	cert, key := writePEM(t, client)

	c, err := (&Service{Addresses: []string{"zk:2181"}, Path: "demo/fo", User: "u", Password: "p"}).Registry()
	if err != nil || c.TLS != nil || c.User != "u" || string(c.Password) != "p" || c.Path != "demo/fo" || c.MaximumConnectionTimeout != maximumConnectionTimeout {
		t.Errorf("%v, %+v", err, c)
	}
	if c, err = (&Service{TLS: true}).Registry(); err != nil || c.TLS == nil || c.TLS.RootCAs != nil {
		t.Errorf("%v, TLS without files: %+v", err, c.TLS)
	}
	c, err = (&Service{TLS: true, CA: ca, Cert: cert, Key: key}).Registry()
	if err != nil || len(c.TLS.Certificates) != 1 {
		t.Fatalf("%v, %+v", err, c.TLS)
	}
	if _, err := client.Cert.Verify(x509.VerifyOptions{Roots: c.TLS.RootCAs, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny}}); err != nil {
		t.Errorf("the authority is not trusted: %v", err)
	}
}

func TestFilesThatCannotBeUsedAreNamed(t *testing.T) {
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := (&Service{TLS: true, CA: empty, Cert: "/none/cert.pem", Key: empty}).Registry()
	for _, want := range []string{"FAILOVER_REGISTRY_CA: " + empty + " holds no certificate", "FAILOVER_REGISTRY_CERT and FAILOVER_REGISTRY_KEY: ", "/none/cert.pem"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}
