package storefile

import (
	"bytes"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// wantReason fails unless err is an *Error for reason whose text has all parts.
func wantReason(t *testing.T, err error, reason Reason, parts ...string) {
	t.Helper()
	var refused *Error
	if !errors.As(err, &refused) || refused.Reason != reason {
		t.Fatalf("error %v, want reason %q", err, reason)
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q does not say %q", err, part)
		}
	}
}

func decode(t testing.TB, data []byte, keyPassword string) *Store {
	t.Helper()
	store, err := Decode(data, testPassword, keyPassword)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func names(chain []*x509.Certificate) string {
	var list []string
	for _, cert := range chain {
		list = append(list, cert.Subject.CommonName)
	}
	return strings.Join(list, " ")
}

func TestChainsAreRebuiltWhateverTheirOrder(t *testing.T) {
	root := issue(t, nil, ca("root"))
	middle := issue(t, root, ca("middle"))
	other := issue(t, nil, ca("middle")) // same name, another key: only the signature tells
	client := issue(t, middle, leaf("client"))
	orders := [][]*x509.Certificate{
		{client.cert, middle.cert, root.cert},
		{root.cert, middle.cert, client.cert},
		{other.cert, root.cert, client.cert, middle.cert},
		{middle.cert, middle.cert, other.cert, client.cert, root.cert},
	}
	for _, order := range orders {
		var bags [][]byte
		for _, cert := range order {
			bags = append(bags, certBagOf(cert.Raw))
		}
		keyBag := keyBagOf(t, client.key, alias("client"))
		var store jks
		store.addKey(t, "client", testPassword, client.key, order...)
		for format, data := range map[string][]byte{
			"JKS":               store.bytes(testPassword),
			"PKCS12, key last":  pfxFile(plainContent(bags...), plainContent(keyBag)),
			"PKCS12, key first": pfxFile(plainContent(append([][]byte{keyBag}, bags...)...)),
		} {
			pair, err := decode(t, data, "").KeyPair("")
			if err != nil {
				t.Fatalf("%s, %s: %v", format, names(order), err)
			}
			var got []*x509.Certificate
			for _, der := range pair.Certificate {
				cert, err := x509.ParseCertificate(der)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, cert)
			}
			if names(got) != "client middle root" || !got[1].Equal(middle.cert) || !pair.Leaf.Equal(client.cert) {
				t.Errorf("%s, %s: the chain is %s", format, names(order), names(got))
			}
		}
	}
}

func TestARenewedCertificateIsChosenByItsIdentifier(t *testing.T) {
	key := issue(t, nil, leaf("old"))
	other := issue(t, nil, leaf("other"))
	template := *key.cert
	template.Subject, template.RawSubject = pkix.Name{CommonName: "new"}, nil
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.key.Public(), key.key)
	if err != nil {
		t.Fatal(err)
	}
	data := pfxFile(plainContent(certBagOf(other.cert.Raw, keyID("3")), certBagOf(key.cert.Raw, keyID("1")), certBagOf(der, keyID("2")), keyBagOf(t, key.key, keyID("2"))))
	pair, err := decode(t, data, "").KeyPair("")
	if err != nil {
		t.Fatal(err)
	}
	if got := pair.Leaf.Subject.CommonName; got != "new" {
		t.Errorf("the leaf is %q", got)
	}
}

func TestSeveralKeysAreNeverGuessed(t *testing.T) {
	store := decode(t, testdata(t, "jks-multi2keys.keystore"), "")
	_, err := store.KeyPair("")
	wantReason(t, err, SeveralKeys, `"alpha"`, `"beta"`, "alias")
	for _, alias := range []string{"alpha", "ALPHA", "beta"} {
		pair, err := store.KeyPair(alias)
		if err != nil || !strings.EqualFold(pair.Leaf.Subject.CommonName, alias) {
			t.Errorf("%s: %v, %v", alias, pair.Leaf, err)
		}
	}
	_, err = store.KeyPair("gamma\x1b[31m")
	wantReason(t, err, NoKey, `"gamma\x1b[31m"`, `"alpha"`)
}

func TestAliasesThatDifferInCaseOnlyAreToldApart(t *testing.T) {
	upper, lower := issue(t, nil, leaf("upper")), issue(t, nil, leaf("lower"))
	var data jks
	data.addKey(t, "KEY", testPassword, upper.key, upper.cert)
	data.addKey(t, "key", testPassword, lower.key, lower.cert)
	store := decode(t, data.bytes(testPassword), "")
	for alias, want := range map[string]string{"KEY": "upper", "key": "lower"} {
		if pair, err := store.KeyPair(alias); err != nil || pair.Leaf.Subject.CommonName != want {
			t.Errorf("%s: %v, %v, want %s", alias, pair.Leaf, err, want)
		}
	}
}

func TestAKeyWithoutItsCertificateIsRefused(t *testing.T) {
	mine, other := issue(t, nil, leaf("mine")), issue(t, nil, leaf("other"))
	var store jks
	store.addKey(t, "client", testPassword, mine.key, other.cert)
	for format, data := range map[string][]byte{
		"JKS":    store.bytes(testPassword),
		"PKCS12": pfxFile(plainContent(certBagOf(other.cert.Raw, keyID("1")), keyBagOf(t, mine.key, alias("client"), keyID("1")))),
		"alone":  pfxFile(plainContent(keyBagOf(t, mine.key, alias("client")))),
	} {
		t.Run(format, func(t *testing.T) {
			_, err := decode(t, data, "").KeyPair("")
			wantReason(t, err, KeyMismatch, `"client"`)
		})
	}
}

func TestSwappedStoresAreNamed(t *testing.T) {
	keys, trust := decode(t, testdata(t, "p12-rsa2048.keystore"), ""), decode(t, testdata(t, "p12-trust1.truststore"), "")
	_, err := trust.KeyPair("")
	wantReason(t, err, NoKey, "swapped")
	_, err = keys.Pool()
	wantReason(t, err, NoCertificate, "swapped")
	_, err = TLSConfig(trust, keys, "", "hazelcast.cloud")
	wantReason(t, err, NoCertificate)
}

func TestAServerNameIsMandatory(t *testing.T) {
	trust := decode(t, testdata(t, "p12-trust1.truststore"), "")
	_, err := TLSConfig(nil, trust, "", "")
	wantReason(t, err, NoServerName)
}

func TestDuplicateAliasesAreRefused(t *testing.T) {
	one, two := issue(t, nil, leaf("one")), issue(t, nil, leaf("two"))
	data := pfxFile(plainContent(certBagOf(one.cert.Raw), certBagOf(two.cert.Raw), keyBagOf(t, one.key, alias("a")), keyBagOf(t, two.key, alias("a"))))
	_, err := Decode(data, testPassword, "")
	wantReason(t, err, Hostile, `"a"`)
}

func TestAStoreWithoutEntriesSaysSo(t *testing.T) {
	for format, data := range map[string][]byte{"JKS": new(jks).bytes(testPassword), "PKCS12": pfxFile(plainContent()), "no contents": pfxFile()} {
		t.Run(format, func(t *testing.T) {
			_, err := Decode(data, testPassword, "")
			wantReason(t, err, NoEntry, "no entry")
		})
	}
}

func TestAHundredTrustedCertificates(t *testing.T) {
	var store jks
	var bags [][]byte
	for i := range 144 {
		root := issue(t, nil, ca("root"))
		name := string(rune('a'+i/26)) + string(rune('a'+i%26))
		store.addCert(name, root.cert.Raw)
		bags = append(bags, certBagOf(root.cert.Raw, alias(name)))
	}
	for format, data := range map[string][]byte{"JKS": store.bytes(testPassword), "PKCS12": pfxFile(plainContent(bags...))} {
		if got := decode(t, data, "").Entries; len(got) != 144 {
			t.Errorf("%s: %d entries", format, len(got))
		}
	}
}

func TestReadFileTakesRegularFilesOnly(t *testing.T) {
	dir := t.TempDir()
	_, err := ReadFile(dir)
	wantReason(t, err, Unreadable, "regular")
	_, err = ReadFile(filepath.Join(dir, "absent"))
	wantReason(t, err, Unreadable)
	if strings.Contains(err.Error(), dir) || !errors.Is(err, os.ErrNotExist) {
		t.Errorf("error %v names the file, or hides its cause", err)
	}
	big := filepath.Join(dir, "big")
	if err := os.WriteFile(big, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, MaxSize+1); err != nil {
		t.Fatal(err)
	}
	_, err = ReadFile(big)
	wantReason(t, err, Hostile, "16 MiB")
	_, err = Decode(make([]byte, MaxSize+1), "", "")
	wantReason(t, err, Hostile, "16 MiB")
}

// mutual makes the two ends of a TLS connection that demands certificates: the
// client's from stores of each format, the server's by hand.
func mutual(t testing.TB, legacy bool) (client, server *tls.Config) {
	t.Helper()
	root := issue(t, nil, ca("root"))
	clientEnd, serverEnd := issue(t, root, leaf("client")), issue(t, root, leaf("hazelcast.cloud"))
	var keys, trust []byte
	if legacy {
		var k, tr jks
		k.addKey(t, "client", "keypass22", clientEnd.key, root.cert, clientEnd.cert)
		tr.addCert("ca", root.cert.Raw)
		keys, trust = k.bytes(testPassword), tr.bytes(testPassword)
	} else {
		keys = pfxFile(plainContent(certBagOf(root.cert.Raw), certBagOf(clientEnd.cert.Raw), keyBagOf(t, clientEnd.key)))
		trust = pfxFile(plainContent(certBagOf(root.cert.Raw)))
	}
	client, err := TLSConfig(decode(t, keys, "keypass22"), decode(t, trust, ""), "", "hazelcast.cloud")
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(root.cert)
	return client, &tls.Config{ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
		Certificates: []tls.Certificate{{Certificate: [][]byte{serverEnd.cert.Raw}, PrivateKey: serverEnd.key}}}
}

// echo sends a byte there and back over a new connection.
func echo(client, server *tls.Config) error {
	listener, err := tls.Listen("tcp", "127.0.0.1:0", server)
	if err != nil {
		return err
	}
	defer listener.Close()
	go func() {
		s, err := listener.Accept()
		if err == nil {
			_, _ = io.CopyN(s, s, 1) // the client sees what went wrong
			_ = s.Close()
		}
	}()
	c, err := tls.DialWithDialer(&net.Dialer{Timeout: 10 * time.Second}, "tcp", listener.Addr().String(), client)
	if err != nil {
		return err
	}
	defer c.Close()
	if _, err := c.Write([]byte("x")); err != nil {
		return err
	}
	_, err = io.ReadFull(c, make([]byte, 1))
	return err
}

func TestMutualTLS(t *testing.T) {
	for _, legacy := range []bool{false, true} {
		client, server := mutual(t, legacy)
		if client.MinVersion != tls.VersionTLS12 {
			t.Error("TLS before 1.2 is allowed")
		}
		if err := echo(client, server); err != nil {
			t.Errorf("legacy %v: %v", legacy, err)
		}
		wrong := client.Clone()
		wrong.ServerName = "elsewhere.example"
		if err := echo(wrong, server); err == nil {
			t.Error("a server of another name was accepted")
		}
		stranger, _ := mutual(t, legacy)
		stranger.RootCAs = client.RootCAs
		if err := echo(stranger, server); err == nil {
			t.Error("a client of another authority was accepted")
		}
	}
}

func TestDecodeLeavesItsInputAlone(t *testing.T) {
	for _, file := range []string{"jks-chain.keystore", "p12-chain.keystore", "p12legacy-chain.keystore"} {
		data := testdata(t, file)
		before := bytes.Clone(data)
		decode(t, data, "")
		if !bytes.Equal(data, before) {
			t.Errorf("%s was changed", file)
		}
	}
}
