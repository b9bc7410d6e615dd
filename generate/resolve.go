package generate

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"path"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/storefile"
	"github.com/failover-gen/failover-gen/keystore/place"
)

const (
	// cloudDiscovery is used where a bundle names no discovery address: the
	// cloud's own, which the Go client defaults to since its version 1.5.0.
	cloudDiscovery = "https://api.cloud.hazelcast.com"
	// memberPort is what a member listens on when its address names no port.
	memberPort = "5701"
)

// Resolve puts together what the spec and the bundles say, the n-th bundle
// being that of the n-th cluster, and checks that a client can be made of it:
// the stores open, the key has its certificate, no cluster stands there twice.
// All stores are decoded side by side. The error is a fault.List with
// everything that is wrong.
func Resolve(ctx context.Context, s *spec.Spec, bundles []*bundle.Bundle) (*Project, error) {
	p := &Project{Spec: *s}
	var faults fault.List
	for i, b := range bundles {
		p.Warnings = append(p.Warnings, b.Warnings...)
		if n := len(b.Clusters); n != 1 {
			faults = append(faults, fault.New(fault.Input, fault.In(b.Path),
				fmt.Sprintf("the bundle sets up %d clusters where one belongs", n),
				"give the bundle of each cluster by itself"))
			continue
		}
		c, wrong := merge(i+1, &s.Clusters[i], &b.Clusters[0], b.Path)
		wrong = append(wrong, b.LacksStores(0, i+1)...)
		p.Clusters = append(p.Clusters, c)
		faults = append(faults, wrong...)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	faults = twice(p.Clusters, bundles)
	checks := make([]fault.List, len(bundles))
	var wg sync.WaitGroup
	for i, b := range bundles {
		wg.Go(func() { checks[i] = checkStores(i+1, &b.Clusters[0], p.Clusters[i].Alias) })
	}
	wg.Wait()
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	for _, wrong := range checks {
		faults = append(faults, wrong...)
	}
	if len(faults) > 0 {
		return nil, faults
	}
	return p, nil
}

// merge applies the overrides of the spec to what the bundle of cluster n says.
func merge(n int, s *spec.Cluster, b *bundle.Cluster, bundlePath string) (Cluster, fault.List) {
	keyName, trustName := place.Names(n)
	c := Cluster{
		Name: or(s.Name, b.Name.Text), DiscoveryURL: or(s.DiscoveryURL, b.DiscoveryURL.Text), Username: or(s.Username, b.Username.Text),
		ServerName: s.ServerName, Alias: s.Alias, Addresses: s.Addresses,
		Token: b.Token, Password: b.Password,
		KeystorePassword: b.KeystorePassword, KeyPassword: b.KeyPassword, TruststorePassword: b.TruststorePassword,
		said: said(b),
	}
	var faults fault.List
	fail := func(at fault.Position, cause, remedy string) {
		file := at.File
		if file == "" {
			file = bundlePath
		}
		faults = append(faults, fault.New(fault.Input, fault.Position{File: file, Line: at.Line, Column: at.Column}, cause, remedy))
	}
	for _, v := range append([]bundle.Value{b.Name, b.Username}, b.Addresses...) {
		if strings.ContainsFunc(v.Text, unicode.IsControl) {
			fail(v.At, fmt.Sprintf("%q holds a control character", v.Text), "write it as it is shown in the console")
		}
	}
	c.chooseWay(s, b)
	switch {
	case c.Name == "":
		fail(b.Name.At, "the cluster has no name", fmt.Sprintf("give it with --set %d.name=", n))
	case c.DiscoveryURL == "" && len(c.Addresses) == 0:
		fail(fault.Position{}, "there is neither a discovery token nor an address of a member", fmt.Sprintf("give addresses with --set %d.addresses=", n))
	case c.DiscoveryURL != "":
		if f := spec.CheckDiscoveryURL(c.DiscoveryURL); f != nil {
			fail(b.DiscoveryURL.At, f.Cause, f.Remedy)
		}
	}
	for _, store := range []struct {
		from *bundle.Store
		to   *Store
		name string
	}{{b.Keystore, &c.Keystore, keyName}, {b.Truststore, &c.Truststore, trustName}} {
		if store.from != nil {
			*store.to = Store{Name: store.name, Data: store.from.Data}
		}
	}
	return c, faults
}

// chooseWay settles on discovery or on plain addresses: the engine takes one.
// What the spec says counts first, and with a token, discovery is meant.
func (c *Cluster) chooseWay(s *spec.Cluster, b *bundle.Cluster) {
	switch {
	case len(s.Addresses) > 0:
		c.DiscoveryURL = ""
	case b.Token.Present() || s.DiscoveryURL != "":
		c.DiscoveryURL = or(c.DiscoveryURL, cloudDiscovery)
	default:
		c.DiscoveryURL = ""
		for _, a := range b.Addresses {
			c.Addresses = append(c.Addresses, a.Text)
		}
	}
	c.Addresses = slices.Clone(c.Addresses)
	for i, a := range c.Addresses {
		if _, _, err := net.SplitHostPort(a); err != nil {
			c.Addresses[i] = net.JoinHostPort(strings.Trim(a, "[]"), memberPort)
		}
	}
	if c.ServerName == "" && len(c.Addresses) > 0 {
		c.ServerName, _, _ = net.SplitHostPort(c.Addresses[0])
	}
	c.ServerName = or(c.ServerName, spec.CloudServerName)
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// said is what the lock keeps of a bundle.
func said(b *bundle.Cluster) spec.LockCluster {
	// An address with a token in it can still be overridden.
	lock := spec.LockCluster{Name: b.Name.Text, DiscoveryURL: spec.ShownURL(b.DiscoveryURL.Text), Username: b.Username.Text}
	for _, a := range b.Addresses {
		lock.Addresses = append(lock.Addresses, a.Text)
	}
	for _, s := range []struct {
		from *bundle.Store
		to   **spec.LockStore
	}{{b.Keystore, &lock.Keystore}, {b.Truststore, &lock.Truststore}} {
		if s.from != nil {
			*s.to = &spec.LockStore{Path: s.from.Inner, SHA256: digest(s.from.Data)}
		}
	}
	return lock
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// twice finds clusters that stand in the list more than once: under one name,
// by which the engine, its events and the ledger tell clusters apart, or behind
// one way in.
func twice(clusters []Cluster, bundles []*bundle.Bundle) (faults fault.List) {
	for i, c := range clusters {
		for j, d := range clusters[:i] {
			why := ""
			switch {
			case c.Name == d.Name:
				why = fmt.Sprintf("both have the name %q", c.Name)
			case c.Token.Present() && c.Token.Reveal() == d.Token.Reveal() && c.DiscoveryURL == d.DiscoveryURL:
				why = "both have the same discovery token"
			case len(c.Addresses) > 0 && slices.Equal(c.Addresses, d.Addresses):
				why = "both have the same addresses"
			default:
				continue
			}
			at, remedy := bundles[i].Clusters[0].Name.At, "give the bundle of another cluster"
			if c.Name != bundles[i].Clusters[0].Name.Text { // the spec's, by --set or in failover.yaml
				at, remedy = fault.Position{}, remedy+", or another name"
			}
			faults = append(faults, fault.New(fault.Input, fault.Position{File: or(at.File, bundles[i].Path), Line: at.Line, Column: at.Column},
				fmt.Sprintf("clusters %d and %d are the same: %s (%s and %s)", j+1, i+1, why, bundles[j].Path, bundles[i].Path),
				remedy))
			break
		}
	}
	return faults
}

// checkStores opens both stores of cluster n side by side and takes from them
// what the client will take.
func checkStores(n int, b *bundle.Cluster, alias string) fault.List {
	var key, trust *storefile.Store
	var keyErr, trustErr error
	var wg sync.WaitGroup
	wg.Go(func() {
		key, keyErr = storefile.Decode(b.Keystore.Data, b.KeystorePassword.Reveal(), b.KeyPassword.Reveal())
	})
	wg.Go(func() { trust, trustErr = storefile.Decode(b.Truststore.Data, b.TruststorePassword.Reveal(), "") })
	wg.Wait()
	var faults fault.List
	if keyErr != nil {
		faults = append(faults, storeFault(n, b.Keystore, b.KeystorePassword, keyErr))
	}
	if trustErr != nil {
		faults = append(faults, storeFault(n, b.Truststore, b.TruststorePassword, trustErr))
	}
	if len(faults) > 0 {
		return faults
	}
	if !hasKey(key) && hasKey(trust) {
		return fault.List{fault.New(fault.Input, fault.In(b.Keystore.Path),
			"keystore and truststore are swapped: this one holds only certificates, and "+path.Base(b.Truststore.Path)+" holds the key",
			"exchange the two files, or their names at "+b.Keystore.NamedAt.String())}
	}
	if _, err := key.KeyPair(alias); err != nil {
		return fault.List{storeFault(n, b.Keystore, b.KeystorePassword, err)}
	}
	if _, err := trust.Pool(); err != nil {
		return fault.List{storeFault(n, b.Truststore, b.TruststorePassword, err)}
	}
	return nil
}

func hasKey(s *storefile.Store) bool {
	return slices.ContainsFunc(s.Entries, func(e storefile.Entry) bool { return e.Kind == storefile.KindKey })
}

// storeFault adds to an error about a store which one it is, where its
// password came from, and which flag helps.
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
	}
	return f
}
