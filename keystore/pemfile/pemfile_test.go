package pemfile

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const password = "storepass1"

func file(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// Every form of a key that openssl writes is read, each with the same certificate.
func TestEveryFormOfAKeyIsRead(t *testing.T) {
	for name, encrypted := range map[string]bool{
		"rsa-pkcs1.pem": false, "rsa-pkcs8.pem": false, "rsa-dek-aes256.pem": true, "rsa-dek-3des.pem": true,
		"rsa-pbes2-aes256-sha256.pem": true, "rsa-pbes2-aes128-sha1.pem": true, "rsa-pbes2-3des-sha512.pem": true,
		"ec-sec1.pem": false, "ec-pbes2.pem": true, "ed25519.pem": false,
	} {
		algorithm, _, _ := strings.Cut(strings.TrimSuffix(name, ".pem"), "-")
		cert, key := file(t, algorithm+"-cert.pem"), file(t, name)
		if Encrypted(key) != encrypted {
			t.Errorf("%s: Encrypted is %v", name, !encrypted)
		}
		pair, err := Pair(cert, key, password)
		if err != nil || pair.Leaf == nil || pair.PrivateKey == nil {
			t.Errorf("%s: %v", name, err)
		}
		if !encrypted {
			continue
		}
		for _, given := range []string{"", "wrong"} {
			_, err := Pair(cert, key, given)
			if e := (*Error)(nil); !errors.As(err, &e) || !e.Key || !e.Password {
				t.Errorf("%s: with the password %q: %v", name, given, err)
			}
		}
	}
}

// The certificate of the key counts, wherever it stands in the chain.
func TestTheLeafIsFoundInAnyOrder(t *testing.T) {
	leaf, other := file(t, "rsa-cert.pem"), file(t, "ec-cert.pem")
	for _, chain := range []string{string(leaf) + string(other), string(other) + string(leaf), "text\n" + string(other) + "text\n" + string(leaf)} {
		pair, err := Pair([]byte(chain), file(t, "rsa-pkcs1.pem"), "")
		if err != nil {
			t.Fatal(err)
		}
		first, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil || !first.Equal(pair.Leaf) || pair.Leaf.Subject.CommonName != "rsa client" || len(pair.Certificate) != 2 {
			t.Errorf("leaf %v, %d certificates, %v", pair.Leaf.Subject, len(pair.Certificate), err)
		}
	}
}

func TestWhatCannotBeUsedSaysWhy(t *testing.T) {
	cert, key := string(file(t, "rsa-cert.pem")), string(file(t, "rsa-pkcs8.pem"))
	for name, c := range map[string]struct{ cert, key, want string }{
		"no certificate":         {key, key, "holds no certificate; "},
		"nothing":                {"", key, "holds no certificate; "},
		"certificate is damaged": {damaged(cert), key, "holds a certificate that is damaged, after 0 others; "},
		"no key":                 {cert, cert, "holds no key; "},
		"key is cut off":         {cert, key[:len(key)/2], "holds a key that is damaged; "},
		"key is damaged":         {cert, damaged(key), "holds a key that is damaged or of a kind that is not read; "},
		"another key":            {cert, string(file(t, "ec-sec1.pem")), "is not the key of any certificate of the chain; "},
		"scrypt":                 {cert, string(file(t, "rsa-scrypt.pem")), "of a kind that is not read; copy the file again, or convert it: openssl"},
		"old PKCS#5":             {cert, string(file(t, "rsa-pbes1.pem")), "of a kind that is not read; "},
		"too much work":          {cert, endless(t), "of a kind that is not read; "},
	} {
		_, err := Pair([]byte(c.cert), []byte(c.key), password)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), password) {
			t.Errorf("%s: a password is in %q", name, err)
		}
	}
}

// damaged has another byte in the middle of the first block.
func damaged(text string) string {
	block, _ := pem.Decode([]byte(text))
	block.Bytes[4] ^= 0xff
	return string(pem.EncodeToMemory(block))
}

// endless asks for 2^31-1 rounds of key derivation where the original asks for 2048.
func endless(t *testing.T) string {
	block, _ := pem.Decode(file(t, "rsa-pbes2-aes256-sha256.pem"))
	short, long := "\x02\x02\x08\x00", "\x02\x04\x7f\xff\xff\xff"
	der := string(block.Bytes)
	if !strings.Contains(der, short) {
		t.Fatal("the key does not ask for 2048 rounds")
	}
	der = strings.Replace(der, short, long, 1)
	for _, at := range lengths(der, strings.Index(der, long)) {
		b := []byte(der)
		if b[at] += 2; b[at] < 2 {
			t.Fatal("a length overflows")
		}
		der = string(b)
	}
	block.Bytes = []byte(der)
	return string(pem.EncodeToMemory(block))
}

// lengths are where the lowest bytes of the lengths of the sequences around offset stand.
func lengths(der string, offset int) (at []int) {
	for i := 0; i < offset; {
		size, head := int(der[i+1]), 2
		if size >= 0x80 {
			n := size & 0x7f
			size = 0
			for _, b := range []byte(der[i+2 : i+2+n]) {
				size = size<<8 | int(b)
			}
			head += n
		}
		if der[i] == 0x30 && i+head <= offset && offset < i+head+size {
			at = append(at, i+head-1)
			i += head
			continue
		}
		i += head + size
	}
	return at
}

// FuzzPair looks for a panic, and for a pair whose certificate is not the key's.
func FuzzPair(f *testing.F) {
	entries, err := os.ReadDir("testdata")
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range entries {
		if data, err := os.ReadFile(filepath.Join("testdata", e.Name())); err == nil {
			f.Add(data, data, password)
		}
	}
	f.Fuzz(func(t *testing.T, cert, key []byte, password string) {
		if len(key) > 8<<10 || Encrypted(key) && len(key)%7 != 0 { // few that derive a key: they are slow
			return
		}
		pair, err := Pair(cert, key, password)
		if err == nil && pair.Leaf == nil {
			t.Error("there is no leaf")
		}
	})
}

func BenchmarkPair(b *testing.B) {
	cert, _ := os.ReadFile("testdata/rsa-cert.pem")
	for _, name := range []string{"rsa-pkcs8.pem", "rsa-dek-aes256.pem", "rsa-pbes2-aes256-sha256.pem"} {
		key, _ := os.ReadFile("testdata/" + name)
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := Pair(cert, key, password); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
