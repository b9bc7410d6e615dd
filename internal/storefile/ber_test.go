package storefile

import (
	"bytes"
	"encoding/asn1"
	"encoding/hex"
	"math/rand/v2"
	"strings"
	"testing"
)

// ber writes a constructed element that an end mark ends.
func ber(tag byte, parts ...[]byte) []byte {
	return append(append([]byte{tag, 0x80}, bytes.Join(parts, nil)...), 0, 0)
}

func TestBERBecomesDER(t *testing.T) {
	for _, c := range []struct{ name, ber, der string }{
		{"DER stays", "3003020103", "3003020103"},
		{"an end mark", "30800201030000", "3003020103"},
		{"end marks in end marks", "30803080020103000002010400 00", "30083003020103020104"},
		{"a string in parts", "2480 0402aabb 0401cc 0000", "0403aabbcc"},
		{"a string in parts of known length", "2407 0402aabb 0401cc", "0403aabbcc"},
		{"parts in parts", "2480 2480 0401aa 0000 2403 0401bb 0000", "0402aabb"},
		{"a string without parts", "24800000", "0400"},
		{"a long form of a short length", "3081 03 020103", "3003020103"},
		{"a tagged element", "a080 0201030000", "a003020103"},
		{"an empty element", "30800000", "3000"},
	} {
		in, err := hex.DecodeString(strings.ReplaceAll(c.ber, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if out := toDER(in); hex.EncodeToString(out) != c.der {
			t.Errorf("%s: %x, want %s", c.name, out, c.der)
		}
	}
}

func TestMalformedBERStaysAsItIs(t *testing.T) {
	for name, text := range map[string]string{
		"nothing": "", "a tag alone": "30", "a length beyond the end": "30050201", "no end mark": "3080020103", "half an end mark": "308002010300",
		"more after the end": "300302010300", "an end mark for a plain element": "0480aa0000", "a long tag": "1f0100", "a length of 5 bytes": "30850000000000",
		"a part that is no string": "2480020103 0000", "a length that is cut off": "3083", "a length beyond an int of 32 bits": "3084ffffffff",
		"too deep": strings.Repeat("3080", maxDepth+2) + strings.Repeat("0000", maxDepth+2),
	} {
		in, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		if out := toDER(in); !bytes.Equal(out, in) {
			t.Errorf("%s: became %x", name, out)
		}
	}
}

// asBER writes a DER element in one of the many ways that BER has for it.
func asBER(random *rand.Rand, der []byte) []byte {
	var v asn1.RawValue
	if rest, err := asn1.Unmarshal(der, &v); err != nil || len(rest) > 0 {
		return der
	}
	tag := der[0]
	switch {
	case v.IsCompound:
		var content []byte
		for rest := v.Bytes; len(rest) > 0; {
			var part asn1.RawValue
			after, err := asn1.Unmarshal(rest, &part)
			if err != nil {
				return der
			}
			content, rest = append(content, asBER(random, part.FullBytes)...), after
		}
		if random.IntN(2) == 0 {
			return ber(tag, content)
		}
		return longLength(random, tag, content)
	case tag == asn1.TagOctetString && random.IntN(2) == 0:
		cut := random.IntN(len(v.Bytes) + 1)
		return ber(tag|0x20, longLength(random, tag, v.Bytes[:cut]), ber(tag|0x20, longLength(random, tag, v.Bytes[cut:])))
	}
	return longLength(random, tag, v.Bytes)
}

// longLength writes an element with a length of four bytes, or of those it needs.
func longLength(random *rand.Rand, tag byte, content []byte) []byte {
	if n := len(content); random.IntN(2) == 0 {
		return append([]byte{tag, 0x84, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}, content...)
	}
	return tlv(int(tag), content)
}

// TestStoresInBERAreReadAsInDER writes the outer layer of good stores in BER;
// the MAC covers the inner ones, which Bouncy Castle's stores have in BER.
func TestStoresInBERAreReadAsInDER(t *testing.T) {
	random := rand.New(rand.NewPCG(20261125, 7))
	for _, file := range []string{"p12-chain.keystore", "p12-trust2.truststore", "p12-openssl-legacy.keystore", "p12-passwordless.truststore"} {
		der := testdata(t, file)
		want := describe(Decode(der, testPassword, ""))
		for range 20 {
			data := asBER(random, der)
			if back := toDER(data); !bytes.Equal(back, der) {
				t.Fatalf("%s: %d bytes became %d", file, len(der), len(back))
			}
			if got := describe(Decode(data, testPassword, "")); got != want {
				t.Errorf("%s in BER: %s, want %s", file, got, want)
			}
			if got := Protection(data); got != Protection(der) {
				t.Errorf("%s in BER: %s", file, got)
			}
		}
	}
}

// FuzzBER holds that what is converted is DER as far as package asn1 checks
// lengths, stays as it is when converted again, and hardly grows.
func FuzzBER(f *testing.F) {
	addSeeds(f, "p12-bouncy", "p12-passwordless")
	random := rand.New(rand.NewPCG(1, 1))
	f.Add(asBER(random, testdata(f, "p12-ec256.keystore")))
	f.Fuzz(func(t *testing.T, data []byte) {
		der := toDER(data)
		if bytes.Equal(der, data) {
			return
		}
		if _, err := parse[asn1.RawValue](der); err != nil {
			t.Errorf("not DER: %v", err)
		}
		if again := toDER(der); !bytes.Equal(again, der) {
			t.Error("changes when converted again")
		}
		if len(der) > 2*len(data) {
			t.Errorf("%d bytes became %d", len(data), len(der))
		}
	})
}
