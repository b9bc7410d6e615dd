package storefile

import (
	"bytes"
	"crypto/hmac"
	"encoding/asn1"
	"errors"
	"slices"
)

// WithAlias returns a PKCS12 file with its keys called alias and its MAC made
// again with the password. Encoders that give a key no name need it: Java calls
// the first such key "1".
func WithAlias(data []byte, alias, password string) ([]byte, error) {
	file, safe, err := openPKCS12(data)
	if err != nil {
		return nil, err
	}
	newHash := hashes[string(file.MAC.Digest.Algorithm.OID.Bytes)]
	if newHash == nil || len(file.MAC.Salt) == 0 {
		return nil, errors.New("storefile: the MAC is of a kind that cannot be made again")
	}
	contents, err := contentsOf(safe)
	if err != nil {
		return nil, err
	}
	var all [][]byte
	for _, content := range contents {
		der, err := nameKeys(content, alias)
		if err != nil {
			return nil, err
		}
		all = append(all, der)
	}
	safe = element(sequence, all...)
	h := newHash()
	mac := hmac.New(newHash, kdf12(h, file.MAC.Salt, bmp(password), file.MAC.Iterations, 3, h.Size()))
	mac.Write(safe)
	file.MAC.Digest.Data = mac.Sum(nil)
	macDER, err := asn1.Marshal(file.MAC)
	if err != nil {
		return nil, err
	}
	return element(sequence, element(asn1.TagInteger, []byte{3}), element(sequence, file.AuthSafe.Type.FullBytes, element(explicit, element(octetString, safe))), macDER), nil
}

// nameKeys returns a content with the alias added to the keys in it. Keys stand
// outside of encrypted contents.
func nameKeys(content contentInfo, alias string) ([]byte, error) {
	body := content.Content.FullBytes
	if string(content.Type.Bytes) == oidData {
		plain, err := octets(content.Content.Bytes)
		if err != nil {
			return nil, err
		}
		bags, err := elements(plain)
		if err != nil {
			return nil, err
		}
		name := element(set, element(asn1.TagBMPString, utf16be(alias)))
		attribute := element(sequence, element(asn1.TagOID, []byte(oidFriendlyName)), name)
		var all [][]byte
		for _, raw := range bags {
			bag, err := parse[safeBag](raw.FullBytes)
			if err != nil {
				return nil, err
			}
			if string(bag.ID.Bytes) == oidShroudedKey {
				raw.FullBytes = element(sequence, bag.ID.FullBytes, bag.Value.FullBytes, element(set, bag.Attributes.Bytes, attribute))
			}
			all = append(all, raw.FullBytes)
		}
		body = element(explicit, element(octetString, element(sequence, all...)))
	}
	return element(sequence, content.Type.FullBytes, body), nil
}

// Tags of constructed elements.
const (
	sequence = asn1.TagSequence | constructed
	set      = asn1.TagSet | constructed
	explicit = 0xa0 // [0]
)

// element writes a DER element from the parts of its content.
func element(tag byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	w := &derWriter{}
	w.header(tag, len(content))
	return slices.Concat(w.out, content)
}
