// Package standin runs stand-in clusters inside this process, for tests and
// drills. Their members speak the part of the Hazelcast Open Client Protocol 2
// that a map client needs. They ask for TLS with client certificates, and stand
// behind a discovery endpoint that answers like the cloud's. They can be broken
// in well-defined ways at a well-defined instant. Each cluster keeps a ledger of
// what it applied, which survives every fault.
//
// A stand-in is not a database. The members of a cluster share one set of maps
// in memory: nothing is replicated, expires or is persisted. An operation that
// maps.go does not list is answered with "unsupported". The package listens on
// 127.0.0.1 only.
package standin

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/failover-gen/failover-gen/internal/pki"
)

// Options says what a stand-in cluster looks like. The zero value is a cluster
// of one member with TLS.
type Options struct {
	Name       string // cluster name that clients must give; default "pr-0001"
	Members    int    // number of members; default 1
	Partitions int    // partition count; default 271
	Token      string // discovery token; default 50 random alphanumerics
	ServerName string // DNS name in the members' certificates; default "hazelcast.cloud"
	Alias      string // of the client's key in its keystore; default "client", as the console's
	// Username and Password are asked of clients when Username is not empty.
	Username, Password string
	// Plain turns TLS off: for benchmarks and tests of the protocol alone.
	Plain bool
	// RSA makes the client's key RSA-2048, as the console does, instead of the
	// much faster EC P-256.
	RSA bool
	// PrivateAddresses makes members call themselves by private addresses
	// (10.0.0.N), as the cloud's members do. Only discovery translates these into
	// reachable ones, so that a client with plain addresses needs it off.
	PrivateAddresses bool
}

func (o Options) withDefaults() Options {
	if o.Name == "" {
		o.Name = "pr-0001"
	}
	if o.Members == 0 {
		o.Members = 1
	}
	if o.Partitions == 0 {
		o.Partitions = 271
	}
	if o.Token == "" {
		o.Token = randomText(50, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
	}
	if o.ServerName == "" {
		o.ServerName = "hazelcast.cloud"
	}
	if o.Alias == "" {
		o.Alias = pki.ConsoleAlias
	}
	return o
}

// Cluster is one running stand-in cluster. Its methods may be called from any
// goroutine.
type Cluster struct {
	opts      Options
	auth      *authority // nil when Options.Plain
	discovery *Discovery
	members   []*member
	ledger    *ledger
	wg        sync.WaitGroup

	slow     atomic.Int64 // delay before each batch of requests, in nanoseconds
	auths    atomic.Int64 // authentication requests answered
	refusals atomic.Int64 // those refused

	// mu guards everything below, the state of the members, and the ledger. A fault
	// holds it, so that each request is applied either before the fault or after it.
	mu         sync.Mutex
	changed    *sync.Cond // the state of a member or connection has changed
	id         uuid
	partitions int
	viewed     int32 // version of the last member view
	maps       map[string]*table
	refuse     byte // status that authentication is answered with; 0 accepts
	refuseOp   int32
	hideView   bool // a request for the member list is not answered
	stopped    bool
}

// Start makes the keys, listens on free ports of 127.0.0.1 and returns a
// cluster that is ready. Stop releases it.
func Start(o Options) (*Cluster, error) {
	o = o.withDefaults()
	if o.Members < 1 || o.Partitions < 1 {
		return nil, fmt.Errorf("stand-in %s: %d members, %d partitions: both must be at least 1", o.Name, o.Members, o.Partitions)
	}
	c := &Cluster{opts: o, id: newUUID(), partitions: o.Partitions, maps: map[string]*table{}, ledger: newLedger()}
	c.changed = sync.NewCond(&c.mu)
	if !o.Plain {
		auth, err := newAuthority(o.Name, o.ServerName, o.RSA)
		if err != nil {
			return nil, fmt.Errorf("stand-in %s: making keys: %w", o.Name, err)
		}
		c.auth = auth
	}
	for i := range o.Members {
		c.members = append(c.members, &member{c: c, index: i, id: newUUID(), state: down, conns: map[*conn]struct{}{}})
	}
	for _, m := range c.members {
		if err := m.listen(); err != nil {
			c.Stop()
			return nil, err
		}
	}
	d, err := newDiscovery(c)
	if err != nil {
		c.Stop()
		return nil, err
	}
	c.discovery = d
	return c, nil
}

// Stop ends the cluster for good. It closes listeners and connections, and waits
// until every goroutine has returned. It may be called twice.
func (c *Cluster) Stop() {
	c.mu.Lock()
	c.stopped = true
	c.mu.Unlock()
	c.Kill()
	if c.discovery != nil {
		c.discovery.stop()
	}
	c.wg.Wait()
}

// Name returns the cluster's name.
func (c *Cluster) Name() string { return c.opts.Name }

// Token returns the token that discovery asks for.
func (c *Cluster) Token() string { return c.opts.Token }

// ServerName returns the DNS name in the members' certificates.
func (c *Cluster) ServerName() string { return c.opts.ServerName }

// Discovery returns the cluster's discovery endpoint.
func (c *Cluster) Discovery() *Discovery { return c.discovery }

// DiscoveryURL returns the base URL of the discovery endpoint, without path.
func (c *Cluster) DiscoveryURL() string { return c.discovery.url() }

// Addresses returns the reachable address of each member, as host:port. They
// stay the same over Kill and Restart.
func (c *Cluster) Addresses() []string {
	addrs := make([]string, len(c.members))
	for i, m := range c.members {
		addrs[i] = m.public()
	}
	return addrs
}

// Connections returns the number of open connections, also of those that are not
// yet authenticated.
func (c *Cluster) Connections() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, m := range c.members {
		n += len(m.conns)
	}
	return n
}

// Authentications returns how many authentication requests were answered, and
// how many of them were refused.
func (c *Cluster) Authentications() (answered, refused int) {
	return int(c.auths.Load()), int(c.refusals.Load())
}

// Size returns the number of entries of the named map.
func (c *Cluster) Size(name string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if t := c.maps[name]; t != nil {
		return len(t.entries)
	}
	return 0
}

// Applied reports whether a put or set with the string id as its value was
// applied at any time since Start.
func (c *Cluster) Applied(id string) bool { return c.Applications(id) > 0 }

// Applications returns how often a put or set of the string id was applied.
func (c *Cluster) Applications(id string) int {
	w, _ := c.Write(id)
	return w.Count
}

// Write returns what the ledger holds of the string id, false if nothing.
func (c *Cluster) Write(id string) (Write, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.ledger.records[id]
	if r == nil {
		return Write{}, false
	}
	return c.ledger.write(r), true
}

// FirstAckAfter returns the earliest write whose answer was sent at t or later,
// false if there is none yet. Of several writes that were answered together it
// returns the first. An answer is noted once it was sent, so that the client may
// have it a moment earlier.
func (c *Cluster) FirstAckAfter(t time.Time) (Write, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ledger.firstAckAfter(t)
}

// Acked counts the values whose first answer was sent.
func (c *Cluster) Acked() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ledger.acked
}

// errStopped is the error of methods that start something after Stop.
var errStopped = errors.New("the stand-in cluster was stopped")

type uuid struct{ high, low uint64 }

func newUUID() uuid {
	var b [16]byte
	rand.Read(b[:]) // never fails, says its documentation
	return uuid{high: binary.LittleEndian.Uint64(b[:]), low: binary.LittleEndian.Uint64(b[8:])}
}

// randomText returns n characters drawn evenly from alphabet.
func randomText(n int, alphabet string) string {
	out := make([]byte, 0, n)
	limit := 256 - 256%len(alphabet)
	for len(out) < n {
		var b [64]byte
		rand.Read(b[:])
		for _, v := range b {
			if int(v) < limit && len(out) < n {
				out = append(out, alphabet[int(v)%len(alphabet)])
			}
		}
	}
	return string(out)
}
