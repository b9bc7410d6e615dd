// Package keystore turns keystores and truststores that Java made into a
// tls.Config. It reads JKS itself and PKCS12 with go-pkcs12. It takes every file
// for hostile: size and key derivation are bounded, the password is proved before
// anything is used, and what cannot be read for certain is refused.
package keystore

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/sha1"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"software.sslmate.com/src/go-pkcs12"
)

// Store is an opened keystore.
type Store struct {
	Keys    map[string]tls.Certificate // by alias; that of a PKCS12 file may be ""
	Trusted []*x509.Certificate
}

// The reasons of an Error.
const (
	Unusable         = "unusable" // unreadable, damaged, of another kind, without the key or certificate
	WrongPassword    = "wrong password"
	WrongKeyPassword = "wrong key password"
)

// Error says why a store cannot be used and what to do. It holds no secret.
type Error struct {
	Reason, Cause, Remedy string
	Err                   error // underlying, not printed
}

func (e *Error) Error() string { return e.Cause + "; " + e.Remedy }
func (e *Error) Unwrap() error { return e.Err }

const (
	maxSize       = 512 << 10                                              // bytes of a file: three times Java's own cacerts
	maxKey        = 10 << 10                                               // bytes of a key, or of a certificate with it: RSA-16384 fits
	maxDepth      = 32                                                     // of a chain, and of ASN.1
	encryptedKey  = "\x06\x0b\x2a\x86\x48\x86\xf7\x0d\x01\x0c\x0a\x01\x02" // object identifiers of PKCS12 (RFC 7292)
	friendlyName  = "\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x09\x14"
	maxIterations = 1_250_000 // of a file's key derivations together; keytool's legacy PKCS12 has 200,000
)

var (
	maxTime        = 10 * time.Second // for go-pkcs12; a test shortens it
	errFormat      = errors.New("keystore: not as keytool or openssl writes it")
	errPassword    = &Error{WrongPassword, "the store password is wrong, or the file was changed", "give the password the store was made with, or copy the file again as binary", nil}
	errKeyPassword = &Error{WrongKeyPassword, "the key password is wrong", "give the password of the key; in PKCS12 it must be the store's", nil}
)

// ReadFile reads a keystore file. Anything but a regular file is refused.
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && (!info.Mode().IsRegular() || info.Size() > maxSize) {
		err = fmt.Errorf("not a regular file of at most %d KiB", maxSize>>10)
	}
	if err != nil {
		return nil, &Error{Unusable, "cannot be read: " + err.Error(), "check the path and its permissions", err}
	}
	return os.ReadFile(path)
}

// Decode opens a JKS or PKCS12 keystore. An empty keyPassword stands for the
// store's. Errors are *Error.
func Decode(data []byte, storePassword, keyPassword string) (*Store, error) {
	keyPassword = cmp.Or(keyPassword, storePassword)
	store, err := &Store{Keys: make(map[string]tls.Certificate)}, errFormat
	switch {
	case len(data) > maxSize:
	case bytes.HasPrefix(data, []byte("\xfe\xed\xfe\xed")):
		err = store.readJKS(data, storePassword, keyPassword)
	case iterations(data, 0) <= maxIterations:
		err = store.readPKCS12(data, storePassword, keyPassword)
	}
	if err == nil && len(store.Keys)+len(store.Trusted) > 0 {
		return store, nil
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return nil, e
	}
	return nil, &Error{Unusable, "is empty, damaged, or not a JKS or PKCS12 keystore of a kind that is read",
		"copy it again as binary, or convert it: keytool -importkeystore -srckeystore OLD -destkeystore NEW -deststoretype PKCS12", err}
}

// TLSConfig makes a client configuration: the key of keystore under alias is
// shown, the certificates of truststore are trusted, and the server must be
// serverName. Without alias there must be one key. Either store may be nil.
func TLSConfig(keystore, truststore *Store, alias, serverName string) (*tls.Config, error) {
	if serverName == "" {
		return nil, &Error{Unusable, "no server name is given", "name the server as its certificate does (cloud clusters: hazelcast.cloud)", nil}
	}
	config := &tls.Config{ServerName: serverName, MinVersion: tls.VersionTLS12}
	if truststore != nil {
		if len(truststore.Trusted) == 0 {
			return nil, &Error{Unusable, "holds no certificate to trust", "were keystore and truststore swapped? In PKCS12 none is trusted beside a key", nil}
		}
		config.RootCAs = x509.NewCertPool()
		for _, cert := range truststore.Trusted {
			config.RootCAs.AddCert(cert)
		}
	}
	if keystore != nil {
		for name, pair := range keystore.Keys { // an alias counts as in Java, whatever its case
			if alias == "" || strings.EqualFold(name, alias) {
				config.Certificates = append(config.Certificates, pair)
			}
		}
		if len(config.Certificates) != 1 {
			return nil, &Error{Unusable, fmt.Sprintf("holds %d keys under the alias %q", len(config.Certificates), alias),
				fmt.Sprintf("choose one of %q; if there is none, were keystore and truststore swapped?", slices.Sorted(maps.Keys(keystore.Keys))), nil}
		}
	}
	return config, nil
}

// add adds a key. It finds the key's certificate by public key, since the first
// of a file may be another's, and the issuers by signature.
func (s *Store) add(alias string, key any, certs []*x509.Certificate) error {
	signer, ok := key.(crypto.Signer)
	if !ok || slices.ContainsFunc(certs, func(c *x509.Certificate) bool { return len(c.Raw) > maxKey }) {
		return errFormat
	}
	public, _ := signer.Public().(interface{ Equal(crypto.PublicKey) bool }) // all keys that package x509 parses have it
	chain := slices.DeleteFunc(slices.Clone(certs), func(c *x509.Certificate) bool { return !public.Equal(c.PublicKey) })
	if chain = slices.CompactFunc(chain, (*x509.Certificate).Equal); len(chain) != 1 {
		return &Error{Unusable, fmt.Sprintf("holds %d certificates of the key %q", len(chain), alias), "put the key and its own certificate into one entry", nil}
	}
	pair := tls.Certificate{PrivateKey: key, Leaf: chain[0], Certificate: [][]byte{chain[0].Raw}}
	for i, checks := 0, 4*maxDepth; i < len(certs) && checks > 0 && len(chain) < maxDepth; i++ {
		c, last := certs[i], chain[len(chain)-1]
		if !bytes.Equal(c.RawSubject, last.RawIssuer) || slices.ContainsFunc(chain, c.Equal) {
			continue
		}
		checks-- // they take long, and a file may hold thousands of one name
		if c.CheckSignature(last.SignatureAlgorithm, last.RawTBSCertificate, last.Signature) == nil {
			chain, pair.Certificate, i = append(chain, c), append(pair.Certificate, c.Raw), -1
		}
	}
	s.Keys[alias] = pair
	return nil
}

// readJKS reads the JDK's own format: a header, the entries, and a SHA-1 over
// password and content, which is checked first.
func (s *Store) readJKS(data []byte, storePassword, keyPassword string) error {
	end := max(len(data)-sha1.Size, 4)
	if !bytes.Equal(data[end:], hashed(storePassword, []byte("Mighty Aphrodite"), data[:end])) {
		return errPassword
	}
	rest, short := data[4:end], false // short: a field was longer than what was left
	take := func(n int) (field []byte) {
		if short = short || n > len(rest); !short {
			field, rest = rest[:n], rest[n:]
		}
		return field
	}
	number := func(size int) (n int) {
		for _, b := range take(size) {
			n = n<<8 | int(b)
		}
		return n
	}
	for seen, version, count := make(map[string]bool), number(4), number(4); count > 0 && !short; count-- {
		tag, alias, _, chain, sealed := number(4), string(take(number(2))), take(8), 1, []byte(nil) // 8: when it was made
		if tag == 1 {
			sealed, chain = take(number(4)), number(4)
		}
		if seen[alias] || len(alias) > 1<<10 || !utf8.ValidString(alias) || version != 2 || tag != 1 && tag != 2 || chain > maxDepth {
			return errFormat
		}
		seen[alias] = true
		var certs []*x509.Certificate
		for range chain {
			kind := take(number(2))
			cert, err := x509.ParseCertificate(take(number(4)))
			if err != nil || string(kind) != "X.509" {
				return errors.Join(errFormat, err)
			}
			certs = append(certs, cert)
		}
		if tag == 2 {
			s.Trusted = append(s.Trusted, certs...)
		} else if err := s.openJKS(alias, sealed, keyPassword, certs); err != nil {
			return err
		}
	}
	if short || len(rest) > 0 {
		return errFormat
	}
	return nil
}

// openJKS undoes the JDK's own encryption of a key: XOR with a chain of SHA-1
// over password and salt, then a SHA-1 over password and key.
func (s *Store) openJKS(alias string, der []byte, password string, certs []*x509.Certificate) error {
	var info struct {
		Algorithm pkix.AlgorithmIdentifier
		Data      []byte
	}
	rest, err := asn1.Unmarshal(der, &info)
	end := len(info.Data) - sha1.Size
	if err != nil || len(rest) > 0 || end < sha1.Size || end > maxKey || info.Algorithm.Algorithm.String() != "1.3.6.1.4.1.42.2.17.1.1" {
		return errFormat
	}
	block, plain := info.Data[:sha1.Size], info.Data[sha1.Size:end]
	for i := range plain {
		if i%sha1.Size == 0 {
			block = hashed(password, block)
		}
		plain[i] ^= block[i%sha1.Size]
	}
	if !bytes.Equal(info.Data[end:], hashed(password, plain)) {
		return errKeyPassword
	}
	key, _ := x509.ParsePKCS8PrivateKey(plain) // nil if not a key
	return s.add(alias, key, certs)
}

// hashed is a SHA-1 over the password in UTF-16 and all parts.
func hashed(password string, parts ...[]byte) []byte {
	text, _ := binary.Append(nil, binary.BigEndian, utf16.Encode([]rune(password))) // integers cannot fail
	sum := sha1.Sum(append(text, bytes.Join(parts, nil)...))
	return sum[:]
}

// readPKCS12 bounds the time: a key that hides inside of encryption may ask for
// more iterations than can be seen before, and go-pkcs12 v0.7.4 would do them.
func (s *Store) readPKCS12(data []byte, storePassword, keyPassword string) error {
	done := make(chan error, 1)
	go func() { done <- s.openPKCS12(data, storePassword) }()
	select {
	case err := <-done:
		if errors.Is(err, pkcs12.ErrIncorrectPassword) {
			err = errPassword
		} else if err == nil && len(s.Keys) > 0 && keyPassword != storePassword {
			err = errKeyPassword
		}
		return err
	case <-time.After(maxTime):
		return errFormat
	}
}

func (s *Store) openPKCS12(data []byte, password string) (err error) {
	_, bag, found := bytes.Cut(data, []byte(encryptedKey)) // it stands outside of encryption, or the store is for trust
	if !found {
		s.Trusted, err = pkcs12.DecodeTrustStore(data, password)
		if err != nil && strings.Contains(err.Error(), "no MAC") { // as JDKs since 18 write it: without a password
			s.Trusted, err = pkcs12.DecodeTrustStore(data, "")
		}
		return err
	}
	key, cert, issuers, err := pkcs12.DecodeChain(data, password)
	if err != nil {
		return err
	}
	values, alias := asn1.RawValue{}, ""
	_, attribute, _ := bytes.Cut(bag, []byte(friendlyName))
	_, _ = asn1.Unmarshal(attribute, &values)
	_, _ = asn1.Unmarshal(values.Bytes, &alias) // "" if the key has none
	return s.add(alias, key, append([]*x509.Certificate{cert}, issuers...))
}

// iterations adds up what the key derivations of a PKCS12 file ask for: the
// integers that follow a salt, as far as they stand outside of encryption.
func iterations(der []byte, depth int) (sum int) {
	for salted := false; len(der) > 0 && depth < maxDepth; {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			return sum
		}
		if v.IsCompound || bytes.HasPrefix(v.Bytes, []byte("\x30")) { // a layer: go-pkcs12 does not look at its tag
			sum += iterations(v.Bytes, depth+1)
		} else if v.Class == asn1.ClassUniversal && v.Tag == asn1.TagInteger && salted {
			n := maxIterations + 1 // if it is larger than an int
			_, _ = asn1.Unmarshal(v.FullBytes, &n)
			sum += min(max(n, 0), maxIterations+1)
		}
		der, salted = rest, v.Tag == asn1.TagOctetString
	}
	return sum
}
