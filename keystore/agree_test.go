package keystore_test

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/failover-gen/failover-gen/internal/storefile"
	"github.com/failover-gen/failover-gen/keystore"
)

const password = "storepass1"

// use decodes data with both readers. Whatever the bytes, this one gives a store
// or an *Error; what it opens the strict one opens too; and both make the same
// TLS configuration of it.
func use(t *testing.T, data []byte) {
	t.Helper()
	ours, err := keystore.Decode(data, password, "")
	var refused *keystore.Error
	if err != nil {
		if !errors.As(err, &refused) || refused.Cause == "" || refused.Remedy == "" || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("error %q is not one line of cause and remedy", err)
		}
		return
	}
	strict, err := storefile.Decode(data, password, "")
	if err != nil {
		t.Fatalf("opens what the strict reader refuses: %v", err)
	}
	const server = "hazelcast.cloud"
	if config, err := keystore.TLSConfig(ours, nil, "", server); err == nil {
		want, err := storefile.TLSConfig(strict, nil, "", server)
		if err != nil {
			t.Fatalf("has a key that the strict reader refuses: %v", err)
		}
		one, other := config.Certificates[0], want.Certificates[0]
		if !slices.EqualFunc(one.Certificate, other.Certificate, bytes.Equal) || !one.PrivateKey.(interface{ Equal(crypto.PrivateKey) bool }).Equal(other.PrivateKey) {
			t.Error("has another key or another chain than the strict reader")
		}
	}
	if config, err := keystore.TLSConfig(nil, ours, "", server); err == nil {
		want, err := storefile.TLSConfig(nil, strict, "", server)
		if err != nil || !config.RootCAs.Equal(want.RootCAs) {
			t.Errorf("trusts others than the strict reader: %v", err)
		}
	}
}

// FuzzDecode gives every input that starts like JKS a valid digest as well:
// without it hardly one would come past the first check.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*store")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil && len(data) < 16<<10 && !strings.HasPrefix(filepath.Base(file), "p12legacy") {
			f.Add(data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		use(t, data)
		if bytes.HasPrefix(data, []byte("\xfe\xed\xfe\xed")) {
			use(t, signed(data))
		}
	})
}

func signed(data []byte) []byte {
	body := data[:max(4, len(data)-sha1.Size)]
	text, _ := binary.Append(nil, binary.BigEndian, utf16.Encode([]rune(password)))
	sum := sha1.Sum(slices.Concat(text, []byte("Mighty Aphrodite"), body))
	return slices.Concat(body, sum[:])
}
