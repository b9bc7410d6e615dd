package hazelcast

import (
	"cmp"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/gate"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
)

const (
	// cloudDiscovery is used where a bundle names no discovery address: the
	// cloud's own, which the Go client defaults to since its version 1.5.0.
	cloudDiscovery = "https://api.cloud.hazelcast.com"
	// memberPort is what a member listens on when its address names no port.
	memberPort = "5701"
)

// cluster is one cluster with every override applied.
type cluster struct {
	Name, DiscoveryURL, ServerName, Alias, Username string
	Addresses                                       []string // "host:port"
	Keystore, Truststore, CA, Cert, Key             store
	SystemRoots                                     bool             // TLS, although no file says what to trust
	secrets                                         []secret         // those that it has, in the order of .env
	said                                            spec.LockCluster // what its source said
}

// secret is a text that a cluster has, by what stands behind FAILOVER_N_.
type secret struct {
	name    string
	group   string // of what only works together
	value   bundle.Secret
	unknown bool // only the lock tells of it
}

func (c *cluster) has(name string) bool {
	return slices.ContainsFunc(c.secrets, func(s secret) bool { return s.name == name })
}

// merge applies the overrides of the spec to what the source of cluster n says.
func merge(n int, s *spec.Cluster, from source) (cluster, fault.List) {
	b := from.cluster()
	c := cluster{
		Name: cmp.Or(s.Name, b.Name.Text), DiscoveryURL: cmp.Or(s.DiscoveryURL, b.DiscoveryURL.Text), Username: cmp.Or(s.Username, b.Username.Text),
		ServerName: cmp.Or(s.ServerName, b.ServerName.Text), Alias: s.Alias, Addresses: s.Addresses, secrets: secretsOf(from), said: said(from),
	}
	var faults fault.List
	fail := func(at fault.Position, cause, remedy string) {
		if at.File == "" {
			at = fault.In(from.bundle.Path)
		}
		faults = append(faults, fault.New(fault.Input, at, cause, remedy))
	}
	c.chooseWay(s, b)
	if c.Name == "" {
		fail(b.Name.At, "the cluster has no name", fmt.Sprintf("give it with --set %d.name=", n))
	}
	switch {
	case c.DiscoveryURL == "" && len(c.Addresses) == 0:
		fail(fault.Position{}, "there is neither a discovery token nor an address of a member", fmt.Sprintf("give addresses with --set %d.addresses=, or the token in the variable FAILOVER_%d_TOKEN", n, n))
	case c.DiscoveryURL != "" && !c.has("TOKEN"):
		fail(fault.Position{}, "there is no discovery token for the cloud url", fmt.Sprintf("give it in the variable FAILOVER_%d_TOKEN, or addresses with --set %d.addresses=", n, n))
	}
	checked := c.gate(n, &from)
	faults = append(faults, gate.Values(&checked)...)
	for i, name := range fileNames(n) {
		if said := *slots[i].said(b); said != nil {
			*slots[i].made(&c) = store{Name: name, Data: said.Data}
		}
	}
	c.SystemRoots = b.TLS.Text != "" && b.Truststore == nil && b.CA == nil
	if from.fromLock {
		c.Keystore.fullReader = from.lock.Keystore != nil && from.lock.Keystore.FullReader
		c.Truststore.fullReader = from.lock.Truststore != nil && from.lock.Truststore.FullReader
	}
	if from.isPlain(s) {
		c.ServerName = ""
		return c, faults
	}
	return c, append(faults, from.bundle.LacksStores(0, n)...)
}

// gate is what package gate checks of the n-th cluster.
func (c *cluster) gate(n int, from *source) gate.Cluster {
	return gate.Cluster{Number: n, Path: from.bundle.Path, Said: from.cluster(), Name: c.Name, DiscoveryURL: c.DiscoveryURL, Addresses: c.Addresses, Alias: c.Alias}
}

// secretsOf lists the secrets that a cluster has.
func secretsOf(from source) (list []secret) {
	b := from.cluster()
	for _, s := range []secret{
		{name: "TOKEN", group: "token", value: b.Token},
		{name: "KEYSTORE_PASSWORD", group: "keystore", value: b.KeystorePassword},
		{name: "KEY_PASSWORD", group: keyGroup(b), value: b.KeyPassword},
		{name: "TRUSTSTORE_PASSWORD", group: "truststore", value: b.TruststorePassword},
		{name: "PASSWORD", group: "password", value: b.Password},
	} {
		s.unknown = from.fromLock && slices.Contains(from.lock.Secrets, s.name)
		if s.unknown || s.value.Present() {
			list = append(list, s)
		}
	}
	return list
}

// keyGroup is the group of the file that the key password opens.
func keyGroup(b *bundle.Cluster) string {
	if b.Key != nil {
		return "key"
	}
	return "keystore"
}

// chooseWay settles on discovery or on plain addresses: the engine takes one.
// What the spec says counts first, and with a token, discovery is meant.
func (c *cluster) chooseWay(s *spec.Cluster, b *bundle.Cluster) {
	switch {
	case len(s.Addresses) > 0:
		c.DiscoveryURL = ""
	case c.has("TOKEN") || s.DiscoveryURL != "":
		c.DiscoveryURL = cmp.Or(c.DiscoveryURL, cloudDiscovery)
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
	c.ServerName = cmp.Or(c.ServerName, spec.CloudServerName)
}

// locked is what the lock keeps of the cluster, whose bundle s names.
func (c *cluster) locked(s *spec.Cluster) spec.LockCluster {
	l := c.said
	l.Bundle, l.Entry, l.Secrets = s.Bundle, s.Entry, []string{}
	for _, s := range c.secrets {
		l.Secrets = append(l.Secrets, s.name)
	}
	if l.Keystore != nil {
		l.Keystore.FullReader = c.Keystore.fullReader
	}
	if l.Truststore != nil {
		l.Truststore.FullReader = c.Truststore.fullReader
	}
	return l
}

// said is what a source says, without its secrets.
func said(from source) spec.LockCluster {
	if from.fromLock {
		return *from.lock
	}
	b := from.cluster()
	// An address with a token in it can still be overridden.
	l := spec.LockCluster{Name: b.Name.Text, DiscoveryURL: spec.ShownURL(b.DiscoveryURL.Text), Username: b.Username.Text}
	for _, a := range b.Addresses {
		l.Addresses = append(l.Addresses, a.Text)
	}
	for _, x := range slots {
		*x.lock(&l) = lockedStore(*x.said(b))
	}
	l.ServerName = b.ServerName.Text
	switch {
	case b.NoTLS.Text != "":
		l.TLS = spec.TLSOff
	case b.TLS.Text != "":
		l.TLS = spec.TLSOn
	}
	return l
}

func lockedStore(s *bundle.Store) *spec.LockStore {
	if s == nil {
		return nil
	}
	return &spec.LockStore{Path: s.Inner, SHA256: tree.Digest(s.Data)}
}
