package keystore

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"io/fs"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"software.sslmate.com/src/go-pkcs12"

	"github.com/failover-gen/failover-gen/internal/pki"
)

const (
	password   = "storepass1"
	serverName = "hazelcast.cloud"
)

// issue has parent sign a certificate, or itself if parent is nil.
func issue(t testing.TB, parent *pki.Pair, name string) *pki.Pair {
	t.Helper()
	pair, err := pki.Issue(parent, pki.EC, pki.Authority(name))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// keystoreOf puts the key of one pair beside certificates, in this order.
func keystoreOf(t testing.TB, key *pki.Pair, certs ...*x509.Certificate) []byte {
	t.Helper()
	data, err := pki.Quick.Keystore("client", password, &pki.Pair{Cert: certs[0], Key: key.Key}, certs[1:]...)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func testdata(t testing.TB, file string) []byte {
	t.Helper()
	data, err := ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func decode(t testing.TB, data []byte, keyPassword string) *Store {
	t.Helper()
	store, err := Decode(data, password, keyPassword)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// wantReason fails unless err is an *Error for reason whose text has all parts.
func wantReason(t testing.TB, err error, reason string, parts ...string) {
	t.Helper()
	var refused *Error
	if !errors.As(err, &refused) || refused.Reason != reason || refused.Cause == "" || refused.Remedy == "" {
		t.Fatalf("error %v, want reason %q", err, reason)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

func names(t testing.TB, pair tls.Certificate) string {
	t.Helper()
	var list []string
	for _, der := range pair.Certificate {
		cert, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, cert.Subject.CommonName)
	}
	return strings.Join(list, " ")
}

// go-pkcs12 takes the first certificate for the key's own.
func TestTheCertificateOfTheKeyIsFoundWhereverItStands(t *testing.T) {
	root := issue(t, nil, "root")
	middle, other := issue(t, root, "middle"), issue(t, nil, "middle") // same name, another key: only the signature tells
	client := issue(t, middle, "client")
	for _, order := range [][]*x509.Certificate{
		{client.Cert, middle.Cert, root.Cert},
		{root.Cert, middle.Cert, client.Cert},
		{other.Cert, root.Cert, client.Cert, middle.Cert},
		{middle.Cert, middle.Cert, other.Cert, client.Cert, root.Cert},
	} {
		config, err := TLSConfig(decode(t, keystoreOf(t, client, order...), ""), nil, "CLIENT", serverName)
		if err != nil {
			t.Fatal(err)
		}
		pair := config.Certificates[0]
		if got := names(t, pair); got != "client middle root" || !pair.Leaf.Equal(client.Cert) {
			t.Errorf("the chain is %s", got)
		}
	}
}

func TestAKeyWithoutItsCertificateIsRefused(t *testing.T) {
	client, other := issue(t, nil, "client"), issue(t, nil, "other")
	_, err := Decode(keystoreOf(t, client, other.Cert), password, "")
	wantReason(t, err, Unusable, "0 certificates of the key")
}

func TestAliasesChooseAmongSeveralKeys(t *testing.T) {
	store := decode(t, testdata(t, "jks-multi2keys.keystore"), "")
	for _, alias := range []string{"alpha", "ALPHA", "beta"} {
		config, err := TLSConfig(store, nil, alias, serverName)
		if err != nil || !strings.EqualFold(config.Certificates[0].Leaf.Subject.CommonName, alias) {
			t.Errorf("%s: %v", alias, err)
		}
	}
	for _, alias := range []string{"", "gamma\x1b[31m"} {
		_, err := TLSConfig(store, nil, alias, serverName)
		wantReason(t, err, Unusable, fmt.Sprintf("%q", alias), `["alpha" "beta"]`)
	}
}

func TestSwappedStoresAndAMissingServerNameAreRefused(t *testing.T) {
	keys, trust := decode(t, testdata(t, "p12-rsa2048.keystore"), ""), decode(t, testdata(t, "p12-trust1.truststore"), "")
	_, err := TLSConfig(trust, nil, "", serverName)
	wantReason(t, err, Unusable, "swapped")
	_, err = TLSConfig(nil, keys, "", serverName)
	wantReason(t, err, Unusable, "swapped")
	_, err = TLSConfig(keys, trust, "", "")
	wantReason(t, err, Unusable, "no server name")
}

func TestWrongPasswordsAreToldFromDamage(t *testing.T) {
	for _, file := range []string{"jks-rsa2048.keystore", "p12-rsa2048.keystore", "p12-trust1.truststore"} {
		_, err := Decode(testdata(t, file), "wrongpass9", "")
		wantReason(t, err, WrongPassword)
	}
	for _, file := range []string{"jks-diffpass.keystore", "p12-rsa2048.keystore"} {
		_, err := Decode(testdata(t, file), password, "keypass23")
		wantReason(t, err, WrongKeyPassword)
	}
	decode(t, testdata(t, "jks-diffpass.keystore"), "keypass22")
	for _, file := range []string{"bad-p12-rsa2048-half.keystore", "bks.keystore", "text.jks", "empty.keystore", "p12-zero-entries.keystore", "jks-zero-entries.keystore"} {
		_, err := Decode(testdata(t, file), password, "")
		wantReason(t, err, Unusable, "keytool")
	}
}

// JDKs since 18 write truststores without MAC and encryption when told to, and
// give any password back its way.
func TestATruststoreWithoutPasswordIsReadWithAny(t *testing.T) {
	root := issue(t, nil, "root")
	data, err := pkcs12.Passwordless.EncodeTrustStore([]*x509.Certificate{root.Cert}, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, password := range []string{"", "changeit"} {
		store, err := Decode(data, password, "")
		if err != nil || len(store.Trusted) != 1 || !store.Trusted[0].Equal(root.Cert) {
			t.Errorf("with %q: %v", password, err)
		}
	}
}

// A key that hides among the certificates would keep go-pkcs12 busy for hours.
func TestTimeIsBounded(t *testing.T) {
	client := issue(t, nil, "client")
	data, err := pki.Console.Keystore("client", password, client)
	if err != nil {
		t.Fatal(err)
	}
	decode(t, data, "")
	defer func(before time.Duration) { maxTime = before }(maxTime)
	maxTime = time.Microsecond
	_, err = Decode(data, password, "")
	wantReason(t, err, Unusable)
}

func TestReadFileTakesRegularFilesOfSaneSize(t *testing.T) {
	dir := t.TempDir()
	_, err := ReadFile(dir)
	wantReason(t, err, Unusable, "regular")
	_, err = ReadFile(filepath.Join(dir, "absent"))
	wantReason(t, err, Unusable)
	if !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("error %v hides its cause", err)
	}
	big := filepath.Join(dir, "big")
	if err := errors.Join(os.WriteFile(big, nil, 0o600), os.Truncate(big, maxSize+1)); err != nil {
		t.Fatal(err)
	}
	_, err = ReadFile(big)
	wantReason(t, err, Unusable, "512 KiB")
	_, err = Decode(make([]byte, maxSize+1), "", "")
	wantReason(t, err, Unusable)
}

// What is encrypted or random is no key derivation, whatever its bytes look like.
func TestRandomBytesAskForNoIterations(t *testing.T) {
	random := mathrand.NewChaCha8([32]byte{1})
	content := make([]byte, 1200)
	for range 50_000 {
		_, _ = random.Read(content)
		for _, size := range []int{8, 32, len(content)} {
			der, err := asn1.Marshal(struct{ Data []byte }{content[:size]})
			if err != nil {
				t.Fatal(err)
			}
			if n := iterations(der, 0); n > maxIterations {
				t.Fatalf("%d iterations in %x", n, der)
			}
		}
	}
}
