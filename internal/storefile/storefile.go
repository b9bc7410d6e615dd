// Package storefile reads the keystores and truststores that Java made, strictly,
// and says what is wrong with those that it refuses. It reads JKS and PKCS12,
// modern and legacy, in DER and BER, on the standard library alone. The content
// decides which format a file has, never its name.
//
// Every file is taken for hostile. Lengths are bounded by the bytes that remain,
// and the work that a file may ask for is bounded (maxWork). No certificate or
// key is parsed before the password has proved the file.
//
// The package never guesses which key was meant, and puts no secret into an
// error. The tool uses it to inspect stores. A project gets a copy only if the
// small reader in keystore/ cannot open its stores; both have the same API.
package storefile

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
	"unicode/utf16"
)

// Type is a keystore's format, spelled as keytool spells it.
type Type string

// The formats that Decode reads.
const (
	JKS    Type = "JKS"
	PKCS12 Type = "PKCS12"
)

// Kind tells a key entry from a certificate entry.
type Kind string

// The kinds of entries. Secret keys are left out.
const (
	KindKey         Kind = "key"
	KindCertificate Kind = "certificate"
)

// Entry is one named entry of a keystore.
type Entry struct {
	// Alias is untrusted text: print it quoted, never use it as a path.
	Alias string
	Kind  Kind
	// Created is when the entry was made, in UTC, or zero if the store does not say.
	// PKCS12 has no field for it; keytool writes it into the identifier of a key.
	Created time.Time
	// Key is the private key of a key entry, a crypto.Signer.
	Key crypto.PrivateKey
	// Chain starts with the certificate of Key, followed by its issuers as far as
	// the store has them. If no certificate belongs to Key, Chain is what the store
	// holds for the entry, which can be nothing. A certificate entry has one.
	Chain []*x509.Certificate
}

// Store is a decoded keystore, its entries in the order of the file.
type Store struct {
	Type    Type
	Entries []Entry
	Trusted []*x509.Certificate // those of the certificate entries
}

// Reason classifies an Error for callers that choose an exit code or a hint.
type Reason string

// The reasons for which a store is refused.
const (
	Unreadable       Reason = "unreadable"         // the file could not be read
	Damaged          Reason = "damaged"            // truncated, converted, changed
	Hostile          Reason = "hostile"            // sizes or counts beyond reason
	Unsupported      Reason = "unsupported"        // not a keystore, or of a kind not read
	WrongPassword    Reason = "wrong password"     // the store's
	WrongKeyPassword Reason = "wrong key password" // the key's own
	NoEntry          Reason = "no entry"           // nothing to use in the store
	NoKey            Reason = "no key"             // none at all, or none of that alias
	SeveralKeys      Reason = "several keys"       // and no alias chosen
	NoCertificate    Reason = "no certificate"     // nothing to trust
	KeyMismatch      Reason = "key mismatch"       // no certificate belongs to the key
	NoServerName     Reason = "no server name"     // one server could not be told from another
)

// Error says why a store cannot be used and what to do. It holds no secret, and it
// does not name the file: only the caller knows how the user named it.
type Error struct {
	Reason        Reason
	Alias         string // the entry at fault, if it is one
	Cause, Remedy string
	Err           error // underlying, for errors.Is and errors.As; not printed
}

// Error gives "cause; remedy" on one line.
func (e *Error) Error() string { return e.Cause + "; " + e.Remedy }

// Unwrap returns the underlying error, if there is one.
func (e *Error) Unwrap() error { return e.Err }

const (
	again   = "copy or download it again, as binary"
	rebuild = "make the store again with keytool's defaults"
	convert = "convert it: keytool -importkeystore -srckeystore OLD -srcstoretype %s -destkeystore NEW -deststoretype PKCS12"
)

// MaxSize is the size in bytes above which a file is not read.
const MaxSize = 16 << 20

// Bounds that the stores of real tools stay far below.
const (
	maxEntries   = 10_000
	maxChain     = 32
	maxCertBytes = 1 << 20 // of one file; parsed they take up to seven times that
	maxKey       = 32 << 10
	maxName      = 1 << 10 // bytes of an alias in the file
	maxRSABits   = 16_384  // keytool's largest
)

var errTooLarge = &Error{Reason: Hostile, Cause: fmt.Sprintf("is larger than %d MiB", MaxSize>>20), Remedy: "name the keystore file itself"}

// ReadFile reads a keystore file of at most MaxSize bytes. It refuses anything but
// a regular file: a pipe could block the caller. Errors are *Error.
func ReadFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, unreadable(err)
	case !info.Mode().IsRegular():
		return nil, unreadable(errors.New("it is not a regular file"))
	case info.Size() > MaxSize:
		return nil, errTooLarge
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, unreadable(err)
	}
	defer file.Close()
	data := make([]byte, info.Size())
	if _, err := io.ReadFull(file, data); err != nil {
		return nil, unreadable(err)
	}
	return data, nil
}

func unreadable(err error) error {
	cause := err
	if pathErr := (*fs.PathError)(nil); errors.As(err, &pathErr) {
		cause = pathErr.Err
	}
	return &Error{Reason: Unreadable, Cause: "cannot be read: " + cause.Error(), Remedy: "check the path and its permissions", Err: err}
}

// Decode reads a JKS or PKCS12 keystore. An empty keyPassword stands for the
// store's. Each key is derived once. Errors are *Error.
func Decode(data []byte, storePassword, keyPassword string) (*Store, error) {
	if keyPassword == "" {
		keyPassword = storePassword
	}
	store, err := (*Store)(nil), error(&Error{Reason: Unsupported, Cause: "is not a JKS or PKCS12 keystore", Remedy: fmt.Sprintf(convert, "TYPE")})
	switch {
	case len(data) > MaxSize:
		return nil, errTooLarge
	case bytes.HasPrefix(data, []byte("\xfe\xed\xfe\xed")):
		store, err = decodeJKS(data, storePassword, keyPassword)
	case bytes.HasPrefix(data, []byte("\x30")):
		store, err = decodePKCS12(data, storePassword, keyPassword)
	}
	if err == nil {
		err = store.check()
	}
	if err == nil {
		return store, nil
	}
	fault := (*Error)(nil)
	if !errors.As(err, &fault) {
		fault = &Error{Reason: Damaged, Cause: "is a damaged keystore", Remedy: again, Err: err}
	}
	return nil, explain(data, fault)
}

// explain makes a refusal more precise. A file that projects do not get sets it:
// their stores have passed the tool before.
var explain = func(_ []byte, fault *Error) *Error { return fault }

// check refuses a store that no caller could use correctly, and fills s.Trusted.
func (s *Store) check() error {
	if len(s.Entries) == 0 {
		return &Error{Reason: NoEntry, Cause: "holds no entry", Remedy: "make the store again with its key or certificates"}
	}
	seen := make(map[string]bool)
	for _, entry := range s.Entries {
		if entry.Kind == KindCertificate {
			s.Trusted = append(s.Trusted, entry.Chain[0])
		}
		if seen[entry.Alias] {
			return &Error{Reason: Hostile, Alias: entry.Alias, Cause: fmt.Sprintf("holds two entries %q", entry.Alias), Remedy: rebuild}
		}
		seen[entry.Alias] = true
	}
	return nil
}

// created turns Java's milliseconds since 1970 into a time that can be printed.
func created(ms int64) time.Time {
	if t := time.UnixMilli(ms).UTC(); t.Year() > 0 && t.Year() < 10_000 {
		return t
	}
	return time.Time{}
}

// utf16be is the form in which Java hashes a password.
func utf16be(s string) (out []byte) {
	for _, unit := range utf16.Encode([]rune(s)) {
		out = append(out, byte(unit>>8), byte(unit))
	}
	return out
}

func wrongPassword() error {
	return &Error{Reason: WrongPassword, Cause: "the store password is wrong, or the file was changed", Remedy: "give the password the store was made with, or " + again}
}

func wrongKeyPassword(alias string) error {
	return &Error{Reason: WrongKeyPassword, Alias: alias, Cause: fmt.Sprintf("the key password for entry %q is wrong", alias),
		Remedy: "give the password of that key, which can differ from the store's"}
}

// parseCertificate reads a certificate and adds its size to sum, which is bounded.
func parseCertificate(alias string, der []byte, sum *int) (*x509.Certificate, error) {
	cert, err := (*x509.Certificate)(nil), error(nil)
	if *sum += len(der); *sum <= maxCertBytes {
		cert, err = x509.ParseCertificate(der)
	}
	if cert == nil {
		return nil, &Error{Reason: Damaged, Alias: alias, Cause: fmt.Sprintf("holds a certificate in entry %q that cannot be read", alias), Remedy: rebuild, Err: err}
	}
	return cert, nil
}

// parseKey reads an unencrypted PKCS8 key that TLS can use.
func parseKey(alias string, der []byte) (crypto.PrivateKey, error) {
	key, err := any(nil), error(nil)
	if len(der) <= maxKey {
		key, err = x509.ParsePKCS8PrivateKey(der)
	}
	if _, ok := key.(crypto.Signer); ok {
		return key, nil
	}
	what := "that Go cannot read"
	if bytes.Contains(der[:min(len(der), 32)], []byte(oidDSA)) {
		what = "of kind DSA, which TLS in Go cannot use"
	}
	return nil, &Error{Reason: Unsupported, Alias: alias, Cause: fmt.Sprintf("holds a key in entry %q %s", alias, what), Err: err,
		Remedy: "use an RSA or EC key; if the store holds one, copy it out: keytool -importkeystore -srckeystore OLD -srcalias ALIAS -destkeystore NEW -deststoretype PKCS12"}
}
