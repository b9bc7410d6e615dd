package hazelcast

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"sync"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/storefile"
	"github.com/failover-gen/failover-gen/keystore"
)

// openStores opens both stores of cluster n side by side, with the reader that
// the project gets, and takes from them what the client will take.
func (c *cluster) openStores(n int, b *bundle.Cluster) fault.List {
	var keyFault, trustFault *storeError
	var wg sync.WaitGroup
	if b.Keystore == nil || b.Truststore == nil {
		return nil
	}
	wg.Go(func() {
		c.Keystore.fullReader, keyFault = open(b.Keystore.Data, b.KeystorePassword.Reveal(), b.KeyPassword.Reveal(), usesKey(c.Alias))
	})
	wg.Go(func() {
		c.Truststore.fullReader, trustFault = open(b.Truststore.Data, b.TruststorePassword.Reveal(), "", usesCertificates)
	})
	wg.Wait()
	if keyFault != nil && trustFault != nil && keyFault.holds(storefile.KindCertificate) && trustFault.holds(storefile.KindKey) {
		return fault.List{fault.New(fault.Input, fault.In(b.Keystore.Path),
			"keystore and truststore are swapped: this one holds only certificates, and "+path.Base(b.Truststore.Path)+" holds the key",
			"exchange the two files, or their names at "+b.Keystore.NamedAt.String())}
	}
	var faults fault.List
	if keyFault != nil {
		faults = append(faults, storeFault(n, b.Keystore, b.KeystorePassword, keyFault))
	}
	if trustFault != nil {
		faults = append(faults, storeFault(n, b.Truststore, b.TruststorePassword, trustFault))
	}
	return faults
}

// anyServer is a name for a configuration that is not kept.
const anyServer = "server"

// use takes from a store what the client will take, with either reader.
type use struct {
	small func(*keystore.Store) error
	full  func(*storefile.Store) error
}

func usesKey(alias string) use {
	return use{
		func(s *keystore.Store) error { _, err := keystore.TLSConfig(s, nil, alias, anyServer); return err },
		func(s *storefile.Store) error { _, err := s.KeyPair(alias); return err },
	}
}

var usesCertificates = use{
	func(s *keystore.Store) error { _, err := keystore.TLSConfig(nil, s, "", anyServer); return err },
	func(s *storefile.Store) error { _, err := s.Pool(); return err },
}

// open opens a store with the small reader. Where that fails the full reader has
// the last word: it opens more, and it tells better why it does not.
func open(data []byte, password, keyPassword string, u use) (fullReader bool, wrong *storeError) {
	if s, err := keystore.Decode(data, password, keyPassword); err == nil && u.small(s) == nil {
		return false, nil
	}
	s, err := storefile.Decode(data, password, keyPassword)
	if err == nil {
		err = u.full(s)
	}
	if err != nil {
		return false, &storeError{s, err}
	}
	return true, nil
}

// storeError is why a store cannot be used, and what was read of it nevertheless.
type storeError struct {
	store *storefile.Store // nil if it could not be opened
	err   error
}

func (e *storeError) holds(kind storefile.Kind) bool {
	return e.store != nil && slices.ContainsFunc(e.store.Entries, func(x storefile.Entry) bool { return x.Kind == kind })
}

// storeFault adds to an error about a store which one it is, where its password
// came from, and which flag helps.
func storeFault(n int, s *bundle.Store, password bundle.Secret, wrong *storeError) *fault.Fault {
	f := fault.Wrap(fault.Input, fault.In(s.Path), wrong.err.Error(), "", wrong.err)
	var e *storefile.Error
	if !errors.As(wrong.err, &e) {
		return f
	}
	f.Cause, f.Remedy = e.Cause, e.Remedy
	switch e.Reason {
	case storefile.WrongPassword, storefile.WrongKeyPassword:
		f.Cause += " (the password is from " + password.At.String() + ")"
	case storefile.SeveralKeys:
		f.Remedy = fmt.Sprintf("choose one with --set %d.alias=ALIAS", n)
	}
	return f
}
