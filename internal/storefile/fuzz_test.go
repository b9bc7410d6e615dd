package storefile

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// use decodes data and does with it what every caller does. Whatever the bytes,
// there is a store or an *Error, and every key of a store stands before its own
// certificate or is refused.
func use(t testing.TB, data []byte, password string) {
	t.Helper()
	store, err := Decode(data, password, "")
	var refused *Error
	switch {
	case err == nil && len(store.Entries) == 0:
		t.Error("a store without entries")
	case err == nil:
		for _, e := range store.Entries {
			if pair, err := store.KeyPair(e.Alias); err == nil && !Matches(pair.PrivateKey, pair.Leaf) {
				t.Error("a key with the certificate of another")
			}
		}
		_, _ = store.Pool() // must not panic
	case !errors.As(err, &refused) || refused.Cause == "" || refused.Remedy == "" || strings.ContainsAny(err.Error(), "\n\x1b"):
		t.Errorf("error %q is not one line of cause and remedy", err)
	}
}

func addSeeds(f *testing.F, prefixes ...string) {
	seen := make(map[string]bool)
	for _, s := range samples(f) {
		for _, prefix := range prefixes {
			if strings.HasPrefix(s.file, prefix) && !seen[s.file] && !strings.Contains(s.file, "iter-") && made[s.file] == nil {
				seen[s.file] = true
				f.Add(testdata(f, s.file))
			}
		}
	}
}

// FuzzJKS gives every input a valid digest: without it hardly one would come
// past the first check.
func FuzzJKS(f *testing.F) {
	addSeeds(f, "jks-", "bad-jks", "hostile-jks")
	f.Fuzz(func(t *testing.T, data []byte) {
		use(t, data, testPassword)
		use(t, signJKS(data), testPassword)
	})
}

func signJKS(data []byte) []byte {
	body := append([]byte("\xfe\xed\xfe\xed"), data[min(4, len(data)):max(min(4, len(data)), len(data)-20)]...)
	return append(body, digest(utf16be(testPassword), []byte("Mighty Aphrodite"), body)...)
}

// FuzzPKCS12 reads each input as a file, as what the MAC covers, and as the
// plain text of a content.
func FuzzPKCS12(f *testing.F) {
	addSeeds(f, "p12-", "bad-p12", "hostile-p12", "wrongext")
	root := issue(f, nil, ca("root"))
	f.Add(plainContent(certBagOf(root.cert.Raw, alias("root"), keyID("1")), keyBagOf(f, root.key, alias("key"), keyID("1"))))
	f.Add(certBagOf(root.cert.Raw, alias("root")))
	f.Fuzz(func(t *testing.T, data []byte) {
		use(t, data, testPassword)
		use(t, pfxFile(data), testPassword)
		use(t, pfxFile(plainContent(data)), testPassword)
	})
}

// TestMutations damages good stores in every way that copying does, and lies
// about their lengths: no panic, no hang, no password told.
func TestMutations(t *testing.T) {
	const rounds = 150 // of each kind and store
	random := rand.New(rand.NewPCG(20261121, 2))
	for _, file := range []string{"jks-chain.keystore", "jks-trust2.truststore", "jks-diffpass.keystore", "p12-chain.keystore",
		"p12-openssl-mac384.keystore", "p12-openssl-legacy.keystore", "hostile-p12-pbmac1-valid", "p12-trust2.truststore"} {
		good := testdata(t, file)
		for _, kind := range []struct {
			name   string
			mutate func([]byte) []byte
		}{
			{"flip", func(b []byte) []byte {
				b[random.IntN(len(b))] ^= 1 << random.IntN(8)
				return b
			}},
			{"flips", func(b []byte) []byte {
				for range 1 + random.IntN(20) {
					b[random.IntN(len(b))] = byte(random.Uint32())
				}
				return b
			}},
			{"cut", func(b []byte) []byte { return b[:random.IntN(len(b))] }},
			{"grow", func(b []byte) []byte { return append(b, b[:random.IntN(len(b))]...) }},
			{"insert", func(b []byte) []byte {
				i := random.IntN(len(b))
				return append(b[:i:i], append([]byte{byte(i)}, b[i:]...)...)
			}},
			{"crlf", func(b []byte) []byte {
				return bytes.ReplaceAll(b[random.IntN(len(b)/2):], []byte("\n"), []byte("\r\n"))
			}},
			{"length", func(b []byte) []byte {
				lie := []uint32{0, 1, 0x7f, 0xffff, 0x7fffffff, 0x80000000, 0xffffffff, random.Uint32()}[random.IntN(8)]
				binary.BigEndian.PutUint32(b[random.IntN(len(b)-4):], lie)
				return b
			}},
		} {
			for round := range rounds {
				data := kind.mutate(bytes.Clone(good))
				variants := [][]byte{data}
				if strings.HasPrefix(file, "jks") {
					variants = append(variants, signJKS(data))
				}
				for _, data := range variants {
					hang := time.AfterFunc(10*time.Second, func() { panic(fmt.Sprintf("%s, %s, round %d hangs", file, kind.name, round)) })
					use(t, data, testPassword)
					hang.Stop()
				}
			}
		}
	}
}
