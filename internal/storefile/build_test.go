package storefile

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"math/big"
	"testing"
	"time"
)

const testPassword = "storepass1"

// authority signs test certificates; a nil one makes them self-signed.
type authority struct {
	cert *x509.Certificate
	key  crypto.Signer
}

func issue(t testing.TB, parent *authority, change func(*x509.Certificate)) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, _ := rand.Int(rand.Reader, big.NewInt(1<<62))
	template := &x509.Certificate{SerialNumber: serial, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), BasicConstraintsValid: true}
	change(template)
	signer := authority{cert: template, key: key}
	if parent != nil {
		signer = *parent
	}
	der, err := x509.CreateCertificate(rand.Reader, template, signer.cert, key.Public(), signer.key)
	if err != nil {
		t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return &authority{cert, key}
}

func ca(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.Subject, c.IsCA = pkix.Name{CommonName: name}, true }
}

func leaf(name string) func(*x509.Certificate) {
	return func(c *x509.Certificate) { c.Subject, c.DNSNames = pkix.Name{CommonName: name}, []string{name} }
}

// jks writes a store with a valid digest; keys are encrypted under keyPassword.
type jks struct {
	body  []byte
	count uint32
}

func (j *jks) u16(n int) { j.body = binary.BigEndian.AppendUint16(j.body, uint16(n)) }
func (j *jks) u32(n int) { j.body = binary.BigEndian.AppendUint32(j.body, uint32(n)) }

func (j *jks) cert(der []byte) {
	j.u16(5)
	j.body = append(j.body, "X.509"...)
	j.u32(len(der))
	j.body = append(j.body, der...)
}

func (j *jks) head(tag int, alias string) {
	j.count++
	j.u32(tag)
	j.u16(len(alias))
	j.body = append(append(j.body, alias...), make([]byte, 8)...)
}

func (j *jks) addCert(alias string, der []byte) {
	j.head(2, alias)
	j.cert(der)
}

func (j *jks) addKey(t testing.TB, alias, keyPassword string, key crypto.Signer, certs ...*x509.Certificate) {
	t.Helper()
	plain, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	secret, salt := utf16be(keyPassword), make([]byte, sha1.Size)
	data, block := append([]byte{}, salt...), salt
	for i, b := range plain {
		if i%sha1.Size == 0 {
			block = digest(secret, block)
		}
		data = append(data, b^block[i%sha1.Size])
	}
	info := seq(seq(tlv(asn1.TagOID, []byte(oidJKSKey)), []byte{5, 0}), octet(append(data, digest(secret, plain)...)))
	j.head(1, alias)
	j.u32(len(info))
	j.body = append(j.body, info...)
	j.u32(len(certs))
	for _, cert := range certs {
		j.cert(cert.Raw)
	}
}

func (j *jks) bytes(password string) []byte {
	data := []byte{0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 2}
	data = append(binary.BigEndian.AppendUint32(data, j.count), j.body...)
	return append(data, digest(utf16be(password), []byte("Mighty Aphrodite"), data)...)
}

// The functions below write the DER of PKCS12 files, well-formed or not.

func tlv(tag int, parts ...[]byte) []byte { return element(byte(tag), parts...) }

func seq(parts ...[]byte) []byte { return tlv(0x30, parts...) }
func oid(s string) []byte        { return tlv(asn1.TagOID, []byte(s)) }
func octet(b []byte) []byte      { return tlv(asn1.TagOctetString, b) }
func wrap(b []byte) []byte       { return tlv(0xa0, b) }

func integer(n int) []byte {
	der, err := asn1.Marshal(n)
	if err != nil {
		panic(err)
	}
	return der
}

// pfxFile wraps safe contents (bags, concatenated) into a file with a MAC.
func pfxFile(contents ...[]byte) []byte {
	safe := seq(contents...)
	salt := []byte("saltsalt")
	h := hmac.New(sha256.New, kdf12(sha256.New(), salt, bmp(testPassword), 1, 3, sha256.Size))
	h.Write(safe)
	mac := seq(seq(seq(oid(oidSHA2+"\x01"), []byte{5, 0}), octet(h.Sum(nil))), octet(salt), integer(1))
	return seq(integer(3), seq(oid(oidData), wrap(octet(safe))), mac)
}

func plainContent(bags ...[]byte) []byte { return seq(oid(oidData), wrap(octet(seq(bags...)))) }

func certBagOf(der []byte, attributes ...[]byte) []byte {
	return seq(oid(oidBag+"\x03"), wrap(seq(oid(oidX509), wrap(octet(der)))), tlv(0x31, attributes...))
}

func keyBagOf(t testing.TB, key crypto.Signer, attributes ...[]byte) []byte {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return seq(oid(oidBag+"\x01"), wrap(der), tlv(0x31, attributes...))
}

func alias(name string) []byte {
	return seq(oid(oidFriendlyName), tlv(0x31, tlv(asn1.TagBMPString, utf16be(name))))
}

func keyID(id string) []byte { return seq(oid(oidLocalKeyID), tlv(0x31, octet([]byte(id)))) }
