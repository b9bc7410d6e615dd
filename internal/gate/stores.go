package gate

import (
	"cmp"
	"crypto/sha256"
	"crypto/x509"
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

// Stores are the opened stores of a cluster. The zero value is that of a cluster
// whose stores are not known.
type Stores struct {
	// KeystoreFull and TruststoreFull say that only the full reader opens the store,
	// and not the small one that projects usually get.
	KeystoreFull, TruststoreFull bool

	key   [sha256.Size]byte   // digest of the client's public key
	trust [][sha256.Size]byte // sorted digests of the trusted certificates
}

// Open opens both stores of a cluster side by side and takes from them what the
// client will take. It uses the small reader, which the project gets. Where that
// fails the full reader has the last word: it opens more, and its errors say more.
func Open(c *Cluster) (Stores, fault.List) {
	var s Stores
	var key, trust attempt
	var wg sync.WaitGroup
	if c.Said.Keystore != nil {
		wg.Go(func() {
			s.KeystoreFull = key.open(c.Said.Keystore.Data, c.Said.KeystorePassword, c.Said.KeyPassword, s.takesKey(c.Alias))
		})
	}
	if c.Said.Truststore != nil {
		wg.Go(func() {
			s.TruststoreFull = trust.open(c.Said.Truststore.Data, c.Said.TruststorePassword, bundle.Secret{}, s.takesCertificates())
		})
	}
	wg.Wait()
	return s, append(verdict(c, &key, &trust), s.openPEM(c)...)
}

// Judge does for stores that the full reader has opened what Open does otherwise. A
// store is nil where the cluster has none.
func Judge(c *Cluster, keystore, truststore *storefile.Store) (Stores, fault.List) {
	var s Stores
	key, trust := attempt{store: keystore}, attempt{store: truststore}
	if keystore != nil {
		key.err = s.takesKey(c.Alias).full(keystore)
	}
	if truststore != nil {
		trust.err = s.takesCertificates().full(truststore)
	}
	return s, append(verdict(c, &key, &trust), s.openPEM(c)...)
}

// attempt is what came of opening a store.
type attempt struct {
	store *storefile.Store // as far as it was opened with the full reader
	err   error
}

// use takes from a store what the client will take, with either reader.
type use struct {
	small func(*keystore.Store) error
	full  func(*storefile.Store) error
}

// anyServer is a name for a configuration that is not kept.
const anyServer = "server"

func (s *Stores) takesKey(alias string) use {
	return use{
		func(k *keystore.Store) error {
			config, err := keystore.TLSConfig(k, nil, alias, anyServer)
			if err == nil {
				s.keepKey(config.Certificates[0].Leaf)
			}
			return err
		},
		func(k *storefile.Store) error {
			pair, err := k.KeyPair(alias)
			if err == nil {
				s.keepKey(pair.Leaf)
			}
			return err
		},
	}
}

func (s *Stores) keepKey(leaf *x509.Certificate) {
	s.key = sha256.Sum256(leaf.RawSubjectPublicKeyInfo)
}

func (s *Stores) keepTrusted(certs []*x509.Certificate) {
	s.trust = nil
	for _, cert := range certs {
		s.trust = append(s.trust, sha256.Sum256(cert.Raw))
	}
	slices.SortFunc(s.trust, func(a, b [sha256.Size]byte) int { return slices.Compare(a[:], b[:]) })
}

func (s *Stores) takesCertificates() use {
	return use{
		func(k *keystore.Store) error {
			_, err := keystore.TLSConfig(nil, k, "", anyServer)
			s.keepTrusted(k.Trusted)
			return err
		},
		func(k *storefile.Store) error {
			_, err := k.Pool()
			var certs []*x509.Certificate
			for _, e := range k.Entries {
				if e.Kind == storefile.KindCertificate {
					certs = append(certs, e.Chain[0])
				}
			}
			s.keepTrusted(certs)
			return err
		},
	}
}

// open opens a store, and reports whether that took the full reader.
func (a *attempt) open(data []byte, password, keyPassword bundle.Secret, u use) (full bool) {
	if s, err := keystore.Decode(data, password.Reveal(), keyPassword.Reveal()); err == nil && u.small(s) == nil {
		return false
	}
	if a.store, a.err = storefile.Decode(data, password.Reveal(), keyPassword.Reveal()); a.err == nil {
		a.err = u.full(a.store)
	}
	return a.err == nil
}

func (a *attempt) holds(kind storefile.Kind) bool {
	return a.store != nil && slices.ContainsFunc(a.store.Entries, func(e storefile.Entry) bool { return e.Kind == kind })
}

// verdict lists what is wrong with the two stores.
func verdict(c *Cluster, key, trust *attempt) (faults fault.List) {
	if key.err != nil && trust.err != nil && key.holds(storefile.KindCertificate) && trust.holds(storefile.KindKey) {
		return fault.List{fault.New(fault.Input, fault.In(c.Said.Keystore.Path),
			"keystore and truststore are swapped: this one holds only certificates, and "+path.Base(c.Said.Truststore.Path)+" holds the key",
			"exchange the two files, or their names at "+c.Said.Keystore.NamedAt.String())}
	}
	for _, s := range []struct {
		attempt  *attempt
		store    *bundle.Store
		password bundle.Secret
	}{{key, c.Said.Keystore, c.Said.KeystorePassword}, {trust, c.Said.Truststore, c.Said.TruststorePassword}} {
		if s.attempt.err != nil {
			faults = append(faults, storeFault(c.Number, s.store, s.password, s.attempt.err))
		}
	}
	return faults
}

// storeFault adds to an error about a store which one it is, where its password
// came from, and which flag helps.
func storeFault(n int, s *bundle.Store, password bundle.Secret, err error) *fault.Fault {
	f := fault.Wrap(fault.Input, fault.In(s.Path), err.Error(), "", err)
	var e *storefile.Error
	if !errors.As(err, &e) {
		return f
	}
	f.Cause, f.Remedy = e.Cause, e.Remedy
	switch e.Reason {
	case storefile.WrongPassword, storefile.WrongKeyPassword:
		f.Cause += " (the password is from " + password.At.String() + ")"
	case storefile.SeveralKeys:
		f.Remedy = fmt.Sprintf("choose one with --set %d.alias=ALIAS", n)
		if n == 0 {
			f.Remedy = "choose one with --set N.alias=ALIAS, where N is the number of the cluster"
		}
	}
	return f
}

// Shared warns where the cluster at i of a list has the same client key or the same
// truststore as one before it. Cloud clusters have their own, so a store may have
// come from the wrong bundle. The two lists belong together.
func Shared(list []Cluster, stores []Stores, i int) (faults fault.List) {
	warn := func(what string, of func(*bundle.Cluster) *bundle.Store, same func(a, b *Stores) bool) {
		for j := range list[:i] {
			if same(&stores[i], &stores[j]) {
				faults = append(faults, fault.New(fault.Finding, fault.In(of(list[i].Said).Path),
					fmt.Sprintf("clusters %d and %d have the same %s, which is also in %s", list[j].Number, list[i].Number, what, of(list[j].Said).Path),
					"if each cluster has its own, as in the cloud, fetch this bundle from the console again"))
				return
			}
		}
	}
	warn("client key", func(c *bundle.Cluster) *bundle.Store { return cmp.Or(c.Keystore, c.Key) },
		func(a, b *Stores) bool { return a.key != [sha256.Size]byte{} && a.key == b.key })
	what := "truststore"
	if list[i].Said.CA != nil {
		what = "CA file"
	}
	warn(what, func(c *bundle.Cluster) *bundle.Store { return cmp.Or(c.Truststore, c.CA) },
		func(a, b *Stores) bool { return len(a.trust) > 0 && slices.Equal(a.trust, b.trust) })
	return faults
}
