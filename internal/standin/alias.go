package standin

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"hash"
	"unicode/utf16"
)

// What follows gives the key of a PKCS12 file its alias (RFC 7292 and RFC 2985:
// the attribute friendlyName of the key's bag). The encoder that we use writes
// none, and Java then calls the entry "1", where the console's is "client".

type pfx struct {
	Version  int
	AuthSafe contentInfo
	Mac      macData
}

type contentInfo struct {
	Type    asn1.ObjectIdentifier
	Content asn1.RawValue `asn1:"tag:0,explicit"`
}

type macData struct {
	Mac struct {
		Algorithm pkix.AlgorithmIdentifier
		Digest    []byte
	}
	Salt       []byte
	Iterations int `asn1:"optional,default:1"`
}

type safeBag struct {
	ID         asn1.ObjectIdentifier
	Value      asn1.RawValue
	Attributes []attribute `asn1:"set,optional"`
}

type attribute struct {
	ID     asn1.ObjectIdentifier
	Values []asn1.RawValue `asn1:"set"`
}

var (
	oidData         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidKeyBag       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 2}
	oidFriendlyName = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 20}
	oidSHA1         = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidSHA256       = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
)

// withAlias returns the PKCS12 file with its key called alias, and its MAC made
// anew with the password.
func withAlias(file []byte, alias, password string) ([]byte, error) {
	var p pfx
	if _, err := asn1.Unmarshal(file, &p); err != nil {
		return nil, err
	}
	var inner []byte
	if _, err := asn1.Unmarshal(p.AuthSafe.Content.Bytes, &inner); err != nil {
		return nil, err
	}
	var safes []contentInfo
	if _, err := asn1.Unmarshal(inner, &safes); err != nil {
		return nil, err
	}
	for i := range safes {
		if err := nameKey(&safes[i], alias); err != nil {
			return nil, err
		}
	}
	inner, err := asn1.Marshal(safes)
	if err != nil {
		return nil, err
	}
	if p.AuthSafe.Content, err = octets(inner); err != nil {
		return nil, err
	}
	newHash := sha1.New
	switch {
	case p.Mac.Mac.Algorithm.Algorithm.Equal(oidSHA256):
		newHash = sha256.New
	case !p.Mac.Mac.Algorithm.Algorithm.Equal(oidSHA1):
		return nil, errors.New("the MAC is neither SHA-1 nor SHA-256")
	}
	mac := hmac.New(newHash, macKey(newHash, password, p.Mac.Salt, p.Mac.Iterations))
	mac.Write(inner)
	p.Mac.Mac.Digest = mac.Sum(nil)
	return asn1.Marshal(p)
}

// nameKey adds the alias to the key bag in an unencrypted part of the file.
func nameKey(c *contentInfo, alias string) error {
	if !c.Type.Equal(oidData) {
		return nil // the encrypted certificates
	}
	var inner []byte
	if _, err := asn1.Unmarshal(c.Content.Bytes, &inner); err != nil {
		return err
	}
	var bags []safeBag
	if _, err := asn1.Unmarshal(inner, &bags); err != nil {
		return err
	}
	for i := range bags {
		if bags[i].ID.Equal(oidKeyBag) {
			name := asn1.RawValue{Tag: asn1.TagBMPString, Bytes: bmp(alias)}
			bags[i].Attributes = append(bags[i].Attributes, attribute{ID: oidFriendlyName, Values: []asn1.RawValue{name}})
		}
	}
	inner, err := asn1.Marshal(bags)
	if err != nil {
		return err
	}
	c.Content, err = octets(inner)
	return err
}

// octets wraps data in an OCTET STRING inside the explicit tag 0.
func octets(data []byte) (asn1.RawValue, error) {
	inner, err := asn1.Marshal(data)
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: inner}, err
}

// bmp is text in UTF-16, big endian.
func bmp(text string) (out []byte) {
	for _, u := range utf16.Encode([]rune(text)) {
		out = binary.BigEndian.AppendUint16(out, u)
	}
	return out
}

// macKey derives the MAC's key as RFC 7292, appendix B.2, says. One round of
// hashing gives as many bytes as the key has, so there is no second block.
func macKey(newHash func() hash.Hash, password string, salt []byte, iterations int) []byte {
	const (
		purposeMAC = 3
		block      = 64 // of SHA-1 and of SHA-256, in bytes
	)
	in := bytes.Repeat([]byte{purposeMAC}, block)
	in = append(in, repeated(salt, block)...)
	in = append(in, repeated(append(bmp(password), 0, 0), block)...)
	for range iterations {
		h := newHash()
		h.Write(in)
		in = h.Sum(nil)
	}
	return in
}

// repeated fills the fewest whole blocks that hold data with copies of it.
func repeated(data []byte, block int) []byte {
	out := make([]byte, (len(data)+block-1)/block*block)
	for i := range out {
		out[i] = data[i%len(data)]
	}
	return out
}
