package pki_test

import (
	"crypto/rsa"
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/storefile"
)

const password = "0123456789a"

func issue(t *testing.T, parent *pki.Pair, template x509.Certificate) *pki.Pair {
	t.Helper()
	pair, err := pki.Issue(parent, pki.EC, template)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

var forms = map[string]struct {
	form       pki.Form
	protection string
}{
	"console": {pki.Console, "MAC SHA-1, 100000 iterations; certificates RC2-40 (legacy), 100000 iterations; keys 3DES (legacy), 100000 iterations"},
	"modern":  {pki.Modern, "MAC SHA-256, 10000 iterations; certificates PBES2 AES-256 with HMAC-SHA-256, 10000 iterations; keys PBES2 AES-256 with HMAC-SHA-256, 10000 iterations"},
	"quick":   {pki.Quick, "MAC SHA-256, 1 iteration; certificates PBES2 AES-256 with HMAC-SHA-256, 1 iteration; keys PBES2 AES-256 with HMAC-SHA-256, 1 iteration"},
}

func TestKeystoresHoldTheKeyUnderItsAlias(t *testing.T) {
	ca := issue(t, nil, pki.Authority("authority"))
	client := issue(t, ca, pki.Client("client"))
	for name, f := range forms {
		for alias, want := range map[string]string{"schlüssel-😀": "schlüssel-😀", "": "1"} {
			data, err := f.form.Keystore(alias, password, client, ca.Cert)
			if err != nil {
				t.Fatal(err)
			}
			store, err := storefile.Decode(data, password, "")
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if e := store.Entries[0]; len(store.Entries) != 1 || e.Alias != want || len(e.Chain) != 2 || !e.Chain[0].Equal(client.Cert) {
				t.Errorf("%s: %+v", name, store.Entries)
			}
			if got := storefile.Protection(data); got != f.protection {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
}

func TestTruststoresNameTheirCertificates(t *testing.T) {
	one, two := issue(t, nil, pki.Authority("one")), issue(t, nil, pki.Authority("two"))
	for _, c := range []struct {
		certs []*x509.Certificate
		want  []string
	}{{[]*x509.Certificate{one.Cert}, []string{"ca"}}, {[]*x509.Certificate{one.Cert, two.Cert}, []string{"CN=one", "CN=two"}}} {
		data, err := pki.Quick.Truststore(password, c.certs...)
		if err != nil {
			t.Fatal(err)
		}
		store, err := storefile.Decode(data, password, "")
		if err != nil {
			t.Fatal(err)
		}
		var aliases []string
		for _, e := range store.Entries {
			aliases = append(aliases, e.Alias)
		}
		if !slices.Equal(aliases, c.want) || len(store.Trusted) != len(c.certs) {
			t.Errorf("aliases %q, want %q", aliases, c.want)
		}
	}
}

func TestConsoleStoresBelongTogether(t *testing.T) {
	key, trust, err := pki.Console.ClientStores("pr-1234", password)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := storefile.Decode(key, password, "")
	if err != nil {
		t.Fatal(err)
	}
	trusted, err := storefile.Decode(trust, password, "")
	if err != nil {
		t.Fatal(err)
	}
	config, err := storefile.TLSConfig(keys, trusted, pki.ConsoleAlias, "hazelcast.cloud")
	if err != nil {
		t.Fatal(err)
	}
	leaf := config.Certificates[0].Leaf
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: config.RootCAs, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}}); err != nil {
		t.Error(err)
	}
	if public, ok := leaf.PublicKey.(*rsa.PublicKey); !ok || public.N.BitLen() != 2048 {
		t.Errorf("the key is a %T", leaf.PublicKey)
	}
}

func TestJavaReadsTheStores(t *testing.T) {
	keytool, err := exec.LookPath("keytool")
	if err != nil {
		if os.Getenv("FAILOVER_REQUIRE_JAVA") == "1" {
			t.Fatal("FAILOVER_REQUIRE_JAVA=1, but there is no keytool: ", err)
		}
		t.Skip("no keytool on this machine: install a JDK to let it read the stores")
	}
	key, trust, err := pki.Console.ClientStores("pr-1234", password)
	if err != nil {
		t.Fatal(err)
	}
	for want, data := range map[string][]byte{"client, ": key, "ca, ": trust} {
		file := filepath.Join(t.TempDir(), "store")
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(keytool, "-list", "-keystore", file, "-storepass", password).CombinedOutput()
		if err != nil || !strings.Contains(string(out), "\n"+want) {
			t.Errorf("%v, want an entry %q\n%s", err, want, out)
		}
	}
}
