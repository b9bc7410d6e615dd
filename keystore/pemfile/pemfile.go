// Package pemfile turns PEM files into what a tls.Config needs: the certificates to
// trust, and the client's certificate with its key. A key may be encrypted, as openssl
// writes it: in the form of RFC 1423 (Proc-Type, DEK-Info), or as PKCS#8 with PBES2. It
// stays encrypted on disk. Every file is taken for hostile: the work that a key asks
// for is bounded.
package pemfile

import (
	"bytes"
	"crypto"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
)

// Error says why a PEM file cannot be used and what to do. It holds no secret.
type Error struct {
	// Key says that the file of the key is at fault, and Password that it is its
	// password, which is missing or wrong.
	Key, Password bool
	Cause, Remedy string
	Err           error // underlying, not printed
}

func (e *Error) Error() string { return e.Cause + "; " + e.Remedy }

// Unwrap returns the underlying error, if there is one.
func (e *Error) Unwrap() error { return e.Err }

// Certificates reads the certificates of a file, in its order. There is at least one.
func Certificates(data []byte) ([]*x509.Certificate, error) {
	var list []*x509.Certificate
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if block.Type != "CERTIFICATE" {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, &Error{Cause: fmt.Sprintf("holds a certificate that is damaged, after %d others", len(list)), Remedy: "copy the file again", Err: err}
		}
		list = append(list, cert)
	}
	if len(list) == 0 {
		return nil, &Error{Cause: "holds no certificate", Remedy: "give a PEM file: it has a line -----BEGIN CERTIFICATE-----"}
	}
	return list, nil
}

// Encrypted reports whether the key of a file needs a password.
func Encrypted(data []byte) bool {
	block := keyBlock(data)
	return block != nil && isEncrypted(block)
}

// Pair reads the client's chain and its key, which may stand in one file. The
// certificate of the key need not stand first. Without encryption, the password does
// not count. Errors are *Error.
func Pair(cert, key []byte, password string) (tls.Certificate, error) {
	chain, err := Certificates(cert)
	if err != nil {
		return tls.Certificate{}, err
	}
	private, err := readKey(key, password)
	if err != nil {
		return tls.Certificate{}, err
	}
	pair := tls.Certificate{PrivateKey: private}
	public, _ := private.Public().(interface{ Equal(crypto.PublicKey) bool })
	for _, c := range chain {
		if pair.Leaf == nil && public != nil && public.Equal(c.PublicKey) {
			pair.Leaf = c
			pair.Certificate = append([][]byte{c.Raw}, pair.Certificate...)
		} else {
			pair.Certificate = append(pair.Certificate, c.Raw)
		}
	}
	if pair.Leaf == nil {
		return tls.Certificate{}, &Error{Key: true, Cause: "is not the key of any certificate of the chain", Remedy: "give the key and the certificate that were made together"}
	}
	return pair, nil
}

// keyBlock is the first key of a file, nil if there is none.
func keyBlock(data []byte) *pem.Block {
	for block, rest := pem.Decode(data); block != nil; block, rest = pem.Decode(rest) {
		if strings.HasSuffix(block.Type, "PRIVATE KEY") {
			return block
		}
	}
	return nil
}

const encryptedPKCS8 = "ENCRYPTED PRIVATE KEY"

// isEncrypted reports whether a key is encrypted in either form.
func isEncrypted(block *pem.Block) bool {
	return block.Type == encryptedPKCS8 || block.Headers["DEK-Info"] != ""
}

func readKey(data []byte, password string) (crypto.Signer, error) {
	block := keyBlock(data)
	if block == nil {
		if bytes.Contains(data, []byte("PRIVATE KEY-----")) {
			return nil, &Error{Key: true, Cause: "holds a key that is damaged", Remedy: "copy the file again"}
		}
		return nil, &Error{Key: true, Cause: "holds no key", Remedy: "give a PEM file: it has a line -----BEGIN PRIVATE KEY-----"}
	}
	der, wrong := block.Bytes, &Error{Key: true, Cause: "holds a key that is damaged or of a kind that is not read", Remedy: "copy the file again, or convert it: openssl pkcs8 -topk8 -v2 aes256 -in OLD -out NEW"}
	if isEncrypted(block) {
		if password == "" {
			return nil, &Error{Key: true, Password: true, Cause: "holds an encrypted key, and there is no password for it", Remedy: "give the password of the key"}
		}
		var err error
		if der, err = decrypt(block, password); err != nil {
			wrong.Err = err
			return nil, wrong
		}
		wrong = &Error{Key: true, Password: true, Cause: "cannot be opened: the key password is wrong", Remedy: "give the password that the key was encrypted with"}
	}
	key, err := parseKey(der)
	if err != nil {
		wrong.Err = err
		return nil, wrong
	}
	return key, nil
}

// parseKey tries the forms of an unencrypted key one after the other: the label of an
// encrypted one need not say which it is.
func parseKey(der []byte) (crypto.Signer, error) {
	key, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		if rsa, err := x509.ParsePKCS1PrivateKey(der); err == nil {
			return rsa, nil
		}
		if ec, err := x509.ParseECPrivateKey(der); err == nil {
			return ec, nil
		}
		return nil, err
	}
	if signer, ok := key.(crypto.Signer); ok {
		return signer, nil
	}
	return nil, fmt.Errorf("pemfile: a %T cannot sign", key)
}
