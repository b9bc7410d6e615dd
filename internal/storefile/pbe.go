package storefile

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/asn1"
	"fmt"
	"hash"
)

// Object identifiers, as they stand in a file.
const (
	oidPKCS         = "\x2a\x86\x48\x86\xf7\x0d\x01" // 1.2.840.113549.1
	oidData         = oidPKCS + "\x07\x01"
	oidEncrypted    = oidPKCS + "\x07\x06"
	oidFriendlyName = oidPKCS + "\x09\x14"
	oidLocalKeyID   = oidPKCS + "\x09\x15"
	oidX509         = oidPKCS + "\x09\x16\x01"
	oidPBKDF2       = oidPKCS + "\x05\x0c"
	oidPBES2        = oidPKCS + "\x05\x0d"
	oidPBMAC1       = oidPKCS + "\x05\x0e"
	oidPBE12        = oidPKCS + "\x0c\x01" // PKCS12's own encryptions
	oidBag          = oidPKCS + "\x0c\x0a\x01"
	oidShroudedKey  = oidBag + "\x02"
	oidSHA1         = "\x2b\x0e\x03\x02\x1a"
	oidHMAC         = "\x2a\x86\x48\x86\xf7\x0d\x02"
	oidAES          = "\x60\x86\x48\x01\x65\x03\x04\x01"
	oidSHA2         = "\x60\x86\x48\x01\x65\x03\x04\x02"
	oidTrusted      = "\x60\x86\x48\x01\x86\xf9\x66\xad\xca\x7b\x01\x01" // Java's 2.16.840.1.113894.746875.1.1
	oidJKSKey       = "\x2b\x06\x01\x04\x01\x2a\x02\x11\x01\x01"         // Sun's 1.3.6.1.4.1.42.2.17.1.1
	oidDSA          = "\x2a\x86\x48\xce\x38\x04\x01"
)

// hashes are the digests of MACs and of PBKDF2, which names them as HMACs and has
// SHA-1 as its default.
var hashes = map[string]func() hash.Hash{
	"": sha1.New, oidSHA1: sha1.New, oidHMAC + "\x07": sha1.New,
	oidSHA2 + "\x01": sha256.New, oidHMAC + "\x09": sha256.New,
	oidSHA2 + "\x02": sha512.New384, oidHMAC + "\x0a": sha512.New384,
	oidSHA2 + "\x03": sha512.New, oidHMAC + "\x0b": sha512.New,
}

// ciphers are PKCS12's own and those of PBES2, all in CBC mode.
var ciphers = map[string]struct {
	new  func(key []byte) (cipher.Block, error)
	size int // of the key, in bytes
}{
	oidPBE12 + "\x03": {des.NewTripleDESCipher, 24},
	oidPBE12 + "\x05": {newRC2, 16},
	oidPBE12 + "\x06": {newRC2, 5},
	oidAES + "\x02":   {aes.NewCipher, 16},
	oidAES + "\x16":   {aes.NewCipher, 24},
	oidAES + "\x2a":   {aes.NewCipher, 32},
}

// maxIterations is the highest count that the JDK accepts. maxWork bounds the hash
// rounds of all derivations of a file together, so that the worst file takes about
// a second. A legacy store of keytool needs 200,000 rounds, and 150,000 more for
// each key; a modern one needs 30,000 and 20,000. A store of openssl with a million
// iterations in each of MAC, certificates and key just fits.
const (
	maxIterations = 5_000_000
	maxWork       = 5_000_000
)

// derivation counts the hash rounds spent on one file.
type derivation struct{ rounds int }

// spend counts iterations of so many rounds each. A round of SHA-512 counts twice.
func (d *derivation) spend(iterations, rounds int, salt []byte) error {
	if iterations < 1 || iterations > maxIterations || len(salt) == 0 || len(salt) > 1024 {
		return &Error{Reason: Hostile, Cause: fmt.Sprintf("asks for a key derivation with %d iterations and %d bytes of salt", iterations, len(salt)), Remedy: rebuild}
	}
	if d.rounds += iterations * rounds; d.rounds > maxWork {
		return &Error{Reason: Hostile, Cause: fmt.Sprintf("asks for more than %d rounds of key derivation", maxWork), Remedy: rebuild}
	}
	return nil
}

type (
	algorithm struct {
		OID    asn1.RawValue
		Params asn1.RawValue `asn1:"optional"`
	}
	pbe12Params struct {
		Salt       []byte
		Iterations int
	}
	pbkdf2Params struct {
		Salt       []byte
		Iterations int
		KeyLength  int       `asn1:"optional"`
		PRF        algorithm `asn1:"optional"`
	}
	// pbes2Params are those of PBMAC1 too: key derivation, then cipher or MAC.
	pbes2Params struct{ KDF, Scheme algorithm }
)

func unsupported(what string, oid asn1.RawValue) error {
	return &Error{Reason: Unsupported, Cause: fmt.Sprintf("uses %s that is not read (object identifier %x)", what, oid.Bytes[:min(len(oid.Bytes), 32)]), Remedy: fmt.Sprintf(convert, PKCS12)}
}

// decrypt undoes password-based encryption. It returns neither bytes nor an error
// if the padding is wrong, which is what a wrong password leads to.
func (d *derivation) decrypt(a algorithm, data []byte, password string) ([]byte, error) {
	key, iv, scheme := []byte(nil), []byte(nil), a.OID
	params, err := parse[pbes2Params](a.Params.FullBytes)
	pbes2 := string(a.OID.Bytes) == oidPBES2
	if pbes2 {
		scheme, iv = params.Scheme.OID, params.Scheme.Params.Bytes
	}
	c, known := ciphers[string(scheme.Bytes)]
	if !known || pbes2 == bytes.HasPrefix(scheme.Bytes, []byte(oidPBE12)) {
		return nil, unsupported("an encryption", scheme)
	}
	if !pbes2 {
		key, iv, err = d.pbe12(a, password, c.size)
	} else if err == nil {
		key, err = d.pbkdf2(params.KDF, password, c.size)
	}
	if err != nil {
		return nil, err
	}
	block, err := c.new(key)
	if err != nil || len(iv) != block.BlockSize() || len(data) == 0 || len(data)%len(iv) != 0 {
		return nil, errASN1
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	pad := plain[len(plain)-1]
	if pad == 0 || int(pad) > len(iv) || !bytes.HasSuffix(plain, bytes.Repeat([]byte{pad}, int(pad))) {
		return nil, nil
	}
	return plain[:len(plain)-int(pad)], nil
}

// pbkdf2 derives a key from the UTF-8 password, for PBES2 and PBMAC1.
func (d *derivation) pbkdf2(a algorithm, password string, size int) ([]byte, error) {
	params, err := parse[pbkdf2Params](a.Params.FullBytes)
	newHash := hashes[string(params.PRF.OID.Bytes)]
	if string(a.OID.Bytes) != oidPBKDF2 || newHash == nil {
		return nil, unsupported("a key derivation", a.OID)
	}
	if err != nil {
		return nil, err
	}
	h := newHash()
	if err := d.spend(params.Iterations, 2*((size+h.Size()-1)/h.Size())*h.BlockSize()/64, params.Salt); err != nil {
		return nil, err
	}
	return pbkdf2.Key(newHash, password, params.Salt, params.Iterations, size)
}

// pbe12 derives key and initial vector for PKCS12's own ciphers.
func (d *derivation) pbe12(a algorithm, password string, size int) (key, iv []byte, err error) {
	params, err := parse[pbe12Params](a.Params.FullBytes)
	if err != nil {
		return nil, nil, err
	}
	if err := d.spend(params.Iterations, 2+size/(sha1.Size+1), params.Salt); err != nil {
		return nil, nil, err
	}
	key = kdf12(sha1.New(), params.Salt, bmp(password), params.Iterations, 1, size)
	return key, kdf12(sha1.New(), params.Salt, bmp(password), params.Iterations, 2, des.BlockSize), nil
}

// bmp is the password as PKCS12's own derivation hashes it.
func bmp(password string) []byte { return append(utf16be(password), 0, 0) }

// kdf12 is the derivation of RFC 7292, appendix B.2: id is 1 for a key, 2 for
// an initial vector and 3 for a MAC.
func kdf12(h hash.Hash, salt, password []byte, iterations int, id byte, size int) []byte {
	v := h.BlockSize()
	fill := func(b []byte) []byte {
		n := (len(b) + v - 1) / v * v
		return bytes.Repeat(b, n/len(b)+1)[:n]
	}
	input := append(fill(salt), fill(password)...)
	var out, sum []byte
	for len(out) < size {
		h.Reset()
		h.Write(bytes.Repeat([]byte{id}, v))
		h.Write(input)
		sum = h.Sum(sum[:0])
		for range iterations - 1 {
			h.Reset()
			h.Write(sum)
			sum = h.Sum(sum[:0])
		}
		out = append(out, sum...)
		for start := 0; start < len(input); start += v { // each block += sum, repeated, + 1
			carry := 1
			for i := v - 1; i >= 0; i-- {
				carry += int(input[start+i]) + int(sum[i%len(sum)])
				input[start+i] = byte(carry)
				carry >>= 8
			}
		}
	}
	return out[:size]
}
