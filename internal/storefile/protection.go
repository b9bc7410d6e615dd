package storefile

import (
	"encoding/asn1"
	"fmt"
	"slices"
	"strings"
)

// algorithmNames are the algorithms that protect a PKCS12 file, by object
// identifier as it stands in a file.
var algorithmNames = map[string]string{
	oidSHA1:           "SHA-1",
	oidSHA2 + "\x01":  "SHA-256",
	oidSHA2 + "\x02":  "SHA-384",
	oidSHA2 + "\x03":  "SHA-512",
	"":                "HMAC-SHA-1", // the default of PBKDF2
	oidHMAC + "\x07":  "HMAC-SHA-1",
	oidHMAC + "\x09":  "HMAC-SHA-256",
	oidHMAC + "\x0a":  "HMAC-SHA-384",
	oidHMAC + "\x0b":  "HMAC-SHA-512",
	oidPBE12 + "\x03": "3DES (legacy)",
	oidPBE12 + "\x05": "RC2-128 (legacy)",
	oidPBE12 + "\x06": "RC2-40 (legacy)",
	oidAES + "\x02":   "AES-128",
	oidAES + "\x16":   "AES-192",
	oidAES + "\x2a":   "AES-256",
	oidPBES2:          "PBES2",
	oidPBMAC1:         "PBMAC1",
}

// Protection describes how a store that Decode has read is protected: the MAC
// and the encryptions, with their iteration counts. It needs no password.
func Protection(data []byte) string {
	file, safe, err := openPKCS12(data)
	if err != nil {
		return "SHA-1 digest, keys under the JDK's own encryption"
	}
	parts := []string{"no MAC"}
	if alg := file.MAC.Digest.Algorithm; string(alg.OID.Bytes) == oidPBMAC1 {
		parts[0] = "MAC " + describeAlgorithm(alg)
	} else if len(file.MAC.Digest.Data) > 0 {
		parts[0] = fmt.Sprintf("MAC %s, %s", algorithmName(alg.OID), iterations(file.MAC.Iterations))
	}
	contents, _ := contentsOf(safe) // decoded before
	certificates, keys := encryptions(contents)
	for _, kind := range []struct {
		name string
		how  []string
	}{{"certificates", certificates}, {"keys", keys}} {
		slices.Sort(kind.how)
		if how := slices.Compact(kind.how); len(how) > 0 {
			parts = append(parts, kind.name+" "+strings.Join(how, " and "))
		}
	}
	if len(certificates)+len(keys) == 0 {
		parts = append(parts, "no encryption")
	}
	return strings.Join(parts, "; ")
}

// NeedsPassword reports whether a password is needed to read data. It is not for
// a PKCS12 truststore without MAC and encryption, as JDKs since 18 write cacerts.
func NeedsPassword(data []byte) bool {
	file, safe, err := openPKCS12(data)
	if err != nil || len(file.MAC.Digest.Data) > 0 {
		return true
	}
	contents, err := contentsOf(safe)
	certificates, keys := encryptions(contents)
	return err != nil || len(certificates)+len(keys) > 0
}

// encryptions describes how the contents and the keys in plain contents are
// encrypted. What it cannot parse it leaves out.
func encryptions(contents []contentInfo) (certificates, keys []string) {
	for _, content := range contents {
		if string(content.Type.Bytes) == oidEncrypted {
			if data, err := parse[encryptedData](content.Content.Bytes); err == nil {
				certificates = append(certificates, describeAlgorithm(data.Info.Algorithm))
			}
			continue
		}
		plain, _ := octets(content.Content.Bytes) // no bags then
		bags, _ := elements(toDER(plain))
		for _, element := range bags {
			bag, err := parse[safeBag](element.FullBytes)
			if err != nil || string(bag.ID.Bytes) != oidShroudedKey {
				continue
			}
			if key, err := parse[encryptedKey](bag.Value.Bytes); err == nil {
				keys = append(keys, describeAlgorithm(key.Algorithm))
			}
		}
	}
	return certificates, keys
}

// describeAlgorithm names a password-based algorithm with its iterations.
func describeAlgorithm(a algorithm) string {
	if oid := string(a.OID.Bytes); oid != oidPBES2 && oid != oidPBMAC1 {
		params, _ := parse[pbe12Params](a.Params.FullBytes) // no iterations then
		return fmt.Sprintf("%s, %s", algorithmName(a.OID), iterations(params.Iterations))
	}
	params, _ := parse[pbes2Params](a.Params.FullBytes)
	kdf, _ := parse[pbkdf2Params](params.KDF.Params.FullBytes)
	return fmt.Sprintf("%s %s with %s, %s", algorithmName(a.OID), algorithmName(params.Scheme.OID), algorithmName(kdf.PRF.OID), iterations(kdf.Iterations))
}

func algorithmName(oid asn1.RawValue) string {
	if known := algorithmNames[string(oid.Bytes)]; known != "" {
		return known
	}
	var numbers asn1.ObjectIdentifier
	if _, err := asn1.Unmarshal(oid.FullBytes, &numbers); err != nil {
		return "an unknown algorithm"
	}
	return numbers.String()
}

func iterations(n int) string {
	if n == 1 {
		return "1 iteration"
	}
	return fmt.Sprintf("%d iterations", n)
}
