package storefile

import (
	"crypto"
	"crypto/tls"
	"errors"
	"fmt"
	"testing"

	"github.com/failover-gen/failover-gen/keystore"
)

// The readers that a project can get.
const (
	small     = "small"
	full      = "full"
	smallKeys = "small for its key, full for its certificates"
)

// projectReader returns which reader a project gets for a store of the corpus:
// the small one where it makes the same of the store. Where it makes something
// else of it, or opens what this package refuses, the test fails.
func projectReader(t *testing.T, s sample) string {
	t.Helper()
	data := testdata(t, s.file)
	ours, err := Decode(data, s.storePassword, s.keyPassword)
	theirs, smallErr := keystore.Decode(data, s.storePassword, s.keyPassword)
	switch {
	case err != nil && smallErr == nil:
		t.Errorf("%s: the small reader opens what this package refuses: %v", s.file, err)
		return ""
	case err != nil:
		return ""
	case smallErr != nil:
		return full
	}
	keys, certificates := sameKeys(t, s.file, ours, theirs), sameTrust(t, s.file, ours, theirs)
	switch {
	case keys && certificates:
		return small
	case keys:
		return smallKeys
	}
	return full
}

const anyServer = "hazelcast.cloud"

// sameKeys reports whether the small reader finds every key.
func sameKeys(t *testing.T, name string, ours *Store, theirs *keystore.Store) bool {
	t.Helper()
	aliases := []string{""} // the only key's
	if _, err := ours.KeyPair(""); isReason(err, SeveralKeys) {
		aliases = nil
		for _, e := range ours.Entries {
			if e.Kind == KindKey {
				aliases = append(aliases, e.Alias)
			}
		}
	}
	for _, alias := range aliases {
		mine, err := TLSConfig(ours, nil, alias, anyServer)
		other, smallErr := keystore.TLSConfig(theirs, nil, alias, anyServer)
		switch {
		case err != nil && smallErr == nil:
			t.Errorf("%s: the small reader takes a key that this package refuses: %v", name, err)
		case err == nil && smallErr != nil:
			return false
		case err == nil && !samePair(mine.Certificates[0], other.Certificates[0]):
			t.Errorf("%s: the small reader has another key or chain for %q", name, alias)
		}
	}
	return true
}

func samePair(a, b tls.Certificate) bool {
	return fmt.Sprint(a.Certificate) == fmt.Sprint(b.Certificate) && a.Leaf.Equal(b.Leaf) &&
		a.PrivateKey.(interface{ Equal(crypto.PrivateKey) bool }).Equal(b.PrivateKey)
}

// sameTrust reports whether the small reader finds the certificates to trust.
func sameTrust(t *testing.T, name string, ours *Store, theirs *keystore.Store) bool {
	t.Helper()
	mine, err := TLSConfig(nil, ours, "", anyServer)
	other, smallErr := keystore.TLSConfig(nil, theirs, "", anyServer)
	switch {
	case err != nil && smallErr == nil:
		t.Errorf("%s: the small reader trusts what this package does not: %v", name, err)
	case err == nil && smallErr != nil:
		return false
	case err == nil && !mine.RootCAs.Equal(other.RootCAs):
		t.Errorf("%s: the small reader trusts other certificates", name)
	}
	return true
}

func isReason(err error, reason Reason) bool {
	var refused *Error
	return errors.As(err, &refused) && refused.Reason == reason
}

// TestEveryStoreHasItsReader holds the column of outcomes.tsv: 46 of the 51
// stores that are read are read by the small reader as well.
func TestEveryStoreHasItsReader(t *testing.T) {
	opened := 0
	for _, s := range samples(t) {
		got := projectReader(t, s)
		if got != s.reader {
			t.Errorf("%s, %s: the project gets the reader %q, want %q", s.file, s.what, got, s.reader)
		}
		if got == small || got == smallKeys {
			opened++
		}
	}
	if opened < 46 {
		t.Errorf("the small reader opens only %d stores", opened)
	}
}
