package storefile

import (
	"encoding/hex"
	"testing"
)

// The first two vectors are of RFC 2268, section 5; the third, with a key as long
// as PKCS12 has them at most, was made with openssl enc -rc2-ecb.
func TestRC2(t *testing.T) {
	for _, v := range []struct{ key, plain, cipher string }{
		{"ffffffffffffffff", "ffffffffffffffff", "278b27e42e2f0d49"},
		{"3000000000000000", "1000000000000001", "30649edf9be7d2c2"},
		{"88bca90e90875a7f0f9c384627bafab2", "0000000000000000", "ea6e6cd98dd166f5"},
	} {
		key, _ := hex.DecodeString(v.key)
		data, _ := hex.DecodeString(v.cipher)
		block, err := newRC2(key)
		if err != nil {
			t.Fatal(err)
		}
		block.Decrypt(data, data)
		if got := hex.EncodeToString(data); got != v.plain {
			t.Errorf("key %s: %s, want %s", v.key, got, v.plain)
		}
	}
	for _, size := range []int{0, 129} {
		if _, err := newRC2(make([]byte, size)); err == nil {
			t.Errorf("a key of %d bytes was taken", size)
		}
	}
}
