package pemfile

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"hash"
)

// maxIterations bounds the key derivation; Java and openssl make far fewer.
const maxIterations = 5_000_000

var errForm = errors.New("pemfile: not encrypted in a way that is read")

// decrypt returns what a block holds. A wrong password gives no error, but bytes that
// are not a key: the caller parses them.
func decrypt(block *pem.Block, password string) ([]byte, error) {
	if block.Type == encryptedPKCS8 {
		return openPBES2(block.Bytes, password)
	}
	//lint:ignore SA1019 the form is insecure by design, and users hold keys in it
	der, err := x509.DecryptPEMBlock(block, []byte(password))
	if errors.Is(err, x509.IncorrectPasswordError) {
		return nil, nil
	}
	return der, err
}

// blockCiphers are the ciphers of PBES2 that are read, each in CBC mode.
var blockCiphers = map[string]struct {
	keySize int
	make    func(key []byte) (cipher.Block, error)
}{
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
	"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
}

// hashes are those of PBKDF2 that are read. "" stands where a file names none.
var hashes = map[string]func() hash.Hash{
	"": sha1.New, "1.2.840.113549.2.7": sha1.New, "1.2.840.113549.2.8": sha256.New224, "1.2.840.113549.2.9": sha256.New,
	"1.2.840.113549.2.10": sha512.New384, "1.2.840.113549.2.11": sha512.New,
}

const (
	oidPBES2  = "1.2.840.113549.1.5.13"
	oidPBKDF2 = "1.2.840.113549.1.5.12"
)

// openPBES2 undoes the encryption of RFC 8018 with a key of PBKDF2.
func openPBES2(der []byte, password string) ([]byte, error) {
	var sealed struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	var scheme struct{ KDF, Cipher pkix.AlgorithmIdentifier }
	var kdf struct {
		Salt       []byte
		Iterations int
		KeySize    int                      `asn1:"optional"`
		Hash       pkix.AlgorithmIdentifier `asn1:"optional"`
	}
	var iv []byte
	if !parsed(der, &sealed) || sealed.Algorithm.Algorithm.String() != oidPBES2 || !parsed(sealed.Algorithm.Parameters.FullBytes, &scheme) ||
		scheme.KDF.Algorithm.String() != oidPBKDF2 || !parsed(scheme.KDF.Parameters.FullBytes, &kdf) || !parsed(scheme.Cipher.Parameters.FullBytes, &iv) {
		return nil, errForm
	}
	c, knownCipher := blockCiphers[scheme.Cipher.Algorithm.String()]
	h, knownHash := hashes[kdf.Hash.Algorithm.String()]
	if !knownCipher || !knownHash || kdf.Iterations < 1 || kdf.Iterations > maxIterations || kdf.KeySize != 0 && kdf.KeySize != c.keySize {
		return nil, errForm
	}
	key, err := pbkdf2.Key(h, password, kdf.Salt, kdf.Iterations, c.keySize)
	if err != nil {
		return nil, err
	}
	block, err := c.make(key)
	if err != nil {
		return nil, err
	}
	size := block.BlockSize()
	if len(iv) != size || len(sealed.Data) == 0 || len(sealed.Data)%size != 0 {
		return nil, errForm
	}
	plain := make([]byte, len(sealed.Data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, sealed.Data)
	padding := int(plain[len(plain)-1])
	return plain[:len(plain)-min(padding, len(plain))], nil // a wrong length is that of a wrong password
}

func parsed(der []byte, into any) bool {
	rest, err := asn1.Unmarshal(der, into)
	return err == nil && len(rest) == 0
}
