package keystore_test

import (
	"bytes"
	"crypto"
	"crypto/sha1"
	"encoding/asn1"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/failover-gen/failover-gen/internal/storefile"
	"github.com/failover-gen/failover-gen/keystore"
)

const password = "storepass1"

// use decodes data with both readers. Whatever the bytes, this one gives a store
// or an *Error. What it opens, the strict one opens too, and both make the same TLS
// configuration of it. One difference is allowed: go-pkcs12 v0.7.4 overlooks wrong
// tags and attributes that the strict reader takes for damage.
func use(t *testing.T, data []byte, password string) {
	t.Helper()
	ours, err := keystore.Decode(data, password, "")
	var refused *keystore.Error
	if err != nil {
		if !errors.As(err, &refused) || refused.Cause == "" || refused.Remedy == "" || strings.ContainsAny(err.Error(), "\n\x1b") {
			t.Errorf("error %q is not one line of cause and remedy", err)
		}
		return
	}
	strict, err := storefile.Decode(data, password, "")
	if err != nil {
		var reason *storefile.Error
		if overlooked := bytes.HasPrefix(data, []byte("\x30")) && errors.As(err, &reason) && (reason.Reason == storefile.Damaged || password == ""); !overlooked {
			t.Fatalf("opens what the strict reader refuses: %v", err)
		}
		return
	}
	const server = "hazelcast.cloud"
	if config, err := keystore.TLSConfig(ours, nil, "", server); err == nil {
		want, err := storefile.TLSConfig(strict, nil, "", server)
		if err != nil {
			t.Fatalf("has a key that the strict reader refuses: %v", err)
		}
		one, other := config.Certificates[0], want.Certificates[0]
		if !slices.EqualFunc(one.Certificate, other.Certificate, bytes.Equal) || !one.PrivateKey.(interface{ Equal(crypto.PrivateKey) bool }).Equal(other.PrivateKey) {
			t.Error("has another key or another chain than the strict reader")
		}
	}
	if config, err := keystore.TLSConfig(nil, ours, "", server); err == nil {
		want, err := storefile.TLSConfig(nil, strict, "", server)
		if err != nil || !config.RootCAs.Equal(want.RootCAs) {
			t.Errorf("trusts others than the strict reader: %v", err)
		}
	}
}

// FuzzDecode reads each input as a file. Hardly one would come past the check of
// its digest or MAC. So what starts like JKS is read with a valid digest as well,
// and all else as what a MAC covers and as a plain content, without a MAC.
func FuzzDecode(f *testing.F) {
	files, err := filepath.Glob("testdata/*store")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		if data, err := os.ReadFile(file); err == nil && len(data) < 16<<10 && !strings.HasPrefix(filepath.Base(file), "p12legacy") {
			f.Add(data)
		}
	}
	f.Add(bagsOf(f))
	f.Fuzz(func(t *testing.T, data []byte) {
		use(t, data, password)
		if bytes.HasPrefix(data, []byte("\xfe\xed\xfe\xed")) {
			use(t, signed(data), password)
			return
		}
		use(t, bare(data), "")
		use(t, bare(element(asn1.TagSequence, plainContent(element(asn1.TagSequence, data)))), "")
	})
}

// bare is a PKCS12 file without MAC, in which safe says what it holds.
func bare(safe []byte) []byte {
	return element(asn1.TagSequence, element(asn1.TagInteger, []byte{3}), plainContent(safe))
}

func plainContent(data []byte) []byte {
	const oidData = "\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01"
	return element(asn1.TagSequence, element(asn1.TagOID, []byte(oidData)), tagged(element(asn1.TagOctetString, data)))
}

func element(tag int, parts ...[]byte) []byte {
	return marshal(asn1.RawValue{Tag: tag, IsCompound: tag == asn1.TagSequence, Bytes: slices.Concat(parts...)})
}

func tagged(content []byte) []byte {
	return marshal(asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: content})
}

func marshal(v asn1.RawValue) []byte {
	der, _ := asn1.Marshal(v) // cannot fail for a RawValue
	return der
}

// bagsOf returns the bags of a truststore that needs no password.
func bagsOf(f *testing.F) []byte {
	data, err := os.ReadFile("testdata/p12-passwordless.truststore")
	if err != nil {
		f.Fatal(err)
	}
	_, bags, found := bytes.Cut(data, []byte("\x04\x82\x03\x86\x30\x82\x03\x82"))
	if !found {
		f.Fatal("the truststore has changed: its bags are elsewhere")
	}
	return bags
}

func signed(data []byte) []byte {
	body := data[:max(4, len(data)-sha1.Size)]
	text, _ := binary.Append(nil, binary.BigEndian, utf16.Encode([]rune(password)))
	sum := sha1.Sum(slices.Concat(text, []byte("Mighty Aphrodite"), body))
	return slices.Concat(body, sum[:])
}
