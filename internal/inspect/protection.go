package inspect

import (
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
)

// Names of the algorithms that protect a PKCS12 file, by object identifier.
var algorithms = map[string]string{
	"1.3.14.3.2.26":           "SHA-1",
	"2.16.840.1.101.3.4.2.1":  "SHA-256",
	"2.16.840.1.101.3.4.2.2":  "SHA-384",
	"2.16.840.1.101.3.4.2.3":  "SHA-512",
	"1.2.840.113549.2.7":      "HMAC-SHA-1",
	"1.2.840.113549.2.9":      "HMAC-SHA-256",
	"1.2.840.113549.2.10":     "HMAC-SHA-384",
	"1.2.840.113549.2.11":     "HMAC-SHA-512",
	"1.2.840.113549.1.12.1.3": "3DES (legacy)",
	"1.2.840.113549.1.12.1.5": "RC2-128 (legacy)",
	"1.2.840.113549.1.12.1.6": "RC2-40 (legacy)",
	"2.16.840.1.101.3.4.1.2":  "AES-128",
	"2.16.840.1.101.3.4.1.22": "AES-192",
	"2.16.840.1.101.3.4.1.42": "AES-256",
	pbes2:                     "PBES2",
	pbmac1:                    "PBMAC1",
}

const (
	encrypted = "1.2.840.113549.1.7.6"
	shrouded  = "1.2.840.113549.1.12.10.1.2"
	pbes2     = "1.2.840.113549.1.5.13"
	pbmac1    = "1.2.840.113549.1.5.14"
)

type (
	identifier struct {
		OID    asn1.ObjectIdentifier
		Params asn1.RawValue `asn1:"optional"`
	}
	content struct {
		Type  asn1.ObjectIdentifier
		Value asn1.RawValue `asn1:"tag:0,explicit,optional"`
	}
	file struct {
		Version int
		Safe    content
		MAC     struct {
			Digest struct {
				Algorithm identifier
				Value     []byte
			}
			Salt       []byte
			Iterations int `asn1:"optional,default:1"`
		} `asn1:"optional"`
	}
	encryptedContent struct {
		Version int
		Info    struct {
			Type      asn1.ObjectIdentifier
			Algorithm identifier
			Rest      asn1.RawValue
		}
	}
	bag struct {
		ID         asn1.ObjectIdentifier
		Value      asn1.RawValue `asn1:"tag:0,explicit"`
		Attributes asn1.RawValue `asn1:"optional"`
	}
	encryptedKey struct {
		Algorithm identifier
		Data      []byte
	}
	iterated struct {
		Salt       []byte
		Iterations int
		Length     int        `asn1:"optional"`
		PRF        identifier `asn1:"optional"`
	}
	pair struct{ Derivation, Scheme identifier }
)

// protection describes the MAC and the encryptions of a store that has been
// decoded, with their iteration counts: what stands outside of encryption.
func protection(data []byte) string {
	var f file
	if _, err := asn1.Unmarshal(data, &f); err != nil {
		return "SHA-1 digest, keys under the JDK's own encryption"
	}
	parts := []string{"no MAC"}
	if oid := f.MAC.Digest.Algorithm.OID; oid.String() == pbmac1 {
		parts[0] = "MAC " + describe(f.MAC.Digest.Algorithm)
	} else if len(oid) > 0 {
		parts[0] = fmt.Sprintf("MAC %s, %s", name(oid), rounds(f.MAC.Iterations))
	}
	var keys, certificates []string
	for _, c := range contents(f.Safe) {
		if c.Type.String() == encrypted {
			var e encryptedContent
			if _, err := asn1.Unmarshal(c.Value.Bytes, &e); err == nil {
				certificates = append(certificates, describe(e.Info.Algorithm))
			}
			continue
		}
		for _, b := range list[bag](octets(c.Value.Bytes)) {
			var k encryptedKey
			if _, err := asn1.Unmarshal(b.Value.Bytes, &k); err == nil && b.ID.String() == shrouded {
				keys = append(keys, describe(k.Algorithm))
			}
		}
	}
	for _, kind := range []struct {
		name string
		how  []string
	}{{"certificates", certificates}, {"keys", keys}} {
		slices.Sort(kind.how)
		if how := slices.Compact(kind.how); len(how) > 0 {
			parts = append(parts, kind.name+" "+strings.Join(how, " and "))
		}
	}
	return strings.Join(parts, "; ")
}

func contents(safe content) []content { return list[content](octets(safe.Value.Bytes)) }

func octets(der []byte) []byte {
	var raw asn1.RawValue
	_, _ = asn1.Unmarshal(der, &raw) // raw stays empty
	return raw.Bytes
}

// list reads the elements of a SEQUENCE as far as they are of one kind.
func list[T any](der []byte) (out []T) {
	for rest := octets(der); len(rest) > 0; {
		var element T
		var err error
		if rest, err = asn1.Unmarshal(rest, &element); err != nil {
			return out
		}
		out = append(out, element)
	}
	return out
}

// describe names a password-based algorithm with its iterations.
func describe(a identifier) string {
	oid := a.OID.String()
	var p iterated
	if oid != pbes2 && oid != pbmac1 {
		_, _ = asn1.Unmarshal(a.Params.FullBytes, &p) // no iterations then
		return fmt.Sprintf("%s, %s", name(a.OID), rounds(p.Iterations))
	}
	var both pair
	if _, err := asn1.Unmarshal(a.Params.FullBytes, &both); err == nil {
		_, _ = asn1.Unmarshal(both.Derivation.Params.FullBytes, &p)
	}
	prf := "HMAC-SHA-1"
	if len(p.PRF.OID) > 0 {
		prf = name(p.PRF.OID)
	}
	return fmt.Sprintf("%s %s with %s, %s", name(a.OID), name(both.Scheme.OID), prf, rounds(p.Iterations))
}

func name(oid asn1.ObjectIdentifier) string {
	if known := algorithms[oid.String()]; known != "" {
		return known
	}
	return oid.String()
}

func rounds(n int) string {
	if n == 1 {
		return "1 iteration"
	}
	return fmt.Sprintf("%d iterations", n)
}
