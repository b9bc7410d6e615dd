package drill

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/failover-gen/failover-gen/internal/connect"
	"github.com/failover-gen/failover-gen/internal/proxy"
)

// liveCluster is one of the user's own clusters as the target of a drill. Only the
// proxies in front of it are broken. The project finds them by a discovery endpoint
// of the drill: members' lists hold the real addresses, and a client that is given
// the proxies' addresses alone would go around them.
type liveCluster struct {
	plain  *plain
	book   *follower
	token  string // that the endpoint asks for; the cluster's own is not passed on
	server *http.Server
	url    string
	served sync.WaitGroup

	mu      sync.Mutex
	proxies map[string]*proxy.Proxy // by the address of the member
	broken  breakage                // how all of them are broken; none: they are whole
	known   []connect.Node          // as the discovery service last said
	asked   time.Time
	held    map[string]bool // the values that the cluster held in the end
}

// inFront starts the discovery endpoint of a cluster.
func inFront(p *plain, book *follower) (*liveCluster, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &liveCluster{plain: p, book: book, token: rand.Text(), url: "http://" + l.Addr().String(), proxies: make(map[string]*proxy.Proxy)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /cluster/discovery", c.answer)
	c.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	c.served.Go(func() { _ = c.server.Serve(l) }) // it returns when closed
	return c, nil
}

// answer tells the project of the proxies, each with the address by which the
// member behind it calls itself.
func (c *liveCluster) answer(w http.ResponseWriter, r *http.Request) {
	if subtle.ConstantTimeCompare([]byte(r.URL.Query().Get("token")), []byte(c.token)) != 1 {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	nodes, err := c.translated(r.Context())
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(nodes) // the project has gone if it fails
}

// translatedNode is a member in the answer of a discovery service.
type translatedNode struct {
	Private string `json:"private-address"`
	Public  string `json:"public-address"`
}

func (c *liveCluster) translated(ctx context.Context) ([]translatedNode, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	members, err := c.members(ctx)
	if err != nil {
		return nil, err
	}
	nodes := []translatedNode{}
	for _, m := range members {
		p, err := c.proxyFor(m.Public)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, translatedNode{Private: m.Private, Public: p.Address()})
	}
	return nodes, nil
}

// members asks the cluster's discovery service, at most once a second, or, where
// addresses are given, takes these and those in the members' list. The caller
// holds the mutex.
func (c *liveCluster) members(ctx context.Context) ([]connect.Node, error) {
	if c.plain.target.DiscoveryURL != "" {
		if time.Since(c.asked) >= time.Second {
			nodes, err := c.plain.target.Members(ctx)
			if err != nil {
				return nil, err
			}
			c.known, c.asked = nodes, time.Now()
		}
		return c.known, nil
	}
	var nodes []connect.Node
	seen := make(map[string]bool)
	for _, address := range append(c.plain.listed(), c.plain.target.Addresses...) {
		if !seen[address] {
			seen[address] = true
			nodes = append(nodes, connect.Node{Private: address, Public: address})
		}
	}
	return nodes, nil
}

// proxyFor returns the proxy in front of a member, which is broken as the others
// are. The caller holds the mutex.
func (c *liveCluster) proxyFor(member string) (*proxy.Proxy, error) {
	if p := c.proxies[member]; p != nil {
		return p, nil
	}
	p, err := proxy.Listen(member)
	if err != nil {
		return nil, err
	}
	c.proxies[member] = p
	return p, breakProxy(p, c.broken)
}

// breakProxy breaks a proxy. A reset is over at once, so that it is nothing to keep.
func breakProxy(p *proxy.Proxy, b breakage) error {
	switch b.manner {
	case "":
	case kill.manner:
		p.Cut()
	case resetOnce.manner:
		p.Reset()
	case freeze.manner, freezeMember(0).manner:
		p.Freeze()
	case slow(0).manner:
		p.Slow(b.delay)
	default:
		return fmt.Errorf("a proxy cannot break by %q", b.manner)
	}
	return nil
}

// Name implements target.
func (c *liveCluster) Name() string { return c.plain.target.Name }

// Break breaks the proxies, or that in front of one member.
func (c *liveCluster) Break(b breakage) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := time.Now()
	if b.manner == freezeMember(0).manner {
		p, err := c.oneOf(b.member)
		if err != nil {
			return at, err
		}
		return at, breakProxy(p, b)
	}
	for _, p := range c.proxies {
		if err := breakProxy(p, b); err != nil {
			return at, fmt.Errorf("%s: %w", c.Name(), err)
		}
	}
	if b.manner != resetOnce.manner {
		c.broken = b
	}
	return at, nil
}

// oneOf is the proxy in front of one of the members that the project is connected to.
// The others must be able to go on. There may be more proxies than members, because a
// member can have several addresses. The caller holds the mutex.
func (c *liveCluster) oneOf(n int) (*proxy.Proxy, error) {
	var used []*proxy.Proxy
	for _, member := range slices.Sorted(maps.Keys(c.proxies)) {
		if p := c.proxies[member]; p.Lasting(0) > 0 {
			used = append(used, p)
		}
	}
	if len(used) < 2 {
		return nil, fmt.Errorf("the project is connected to %d members of %s, and to freeze one of them it must be connected to two", len(used), c.Name())
	}
	return used[n%len(used)], nil
}

// Restart lets the proxies accept connections again.
func (c *liveCluster) Restart() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.broken = breakage{}
	for _, p := range c.proxies {
		if err := p.Restore(); err != nil {
			return err
		}
	}
	return nil
}

// Heal ends a freeze and slowness.
func (c *liveCluster) Heal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.broken.manner != kill.manner {
		c.broken = breakage{}
	}
	for _, p := range c.proxies {
		p.Slow(0)
		p.Thaw()
	}
}

// FirstAckAfter is by the project's own ledger.
func (c *liveCluster) FirstAckAfter(t time.Time) (time.Time, bool) {
	return c.book.firstAckAfter(c.Name(), t)
}

// Acked is by the project's own ledger.
func (c *liveCluster) Acked() int { return c.book.acked(c.Name()) }

// Applications is 1 where the cluster held the value in the end, else 0. A map does
// not tell how often a value was put.
func (c *liveCluster) Applications(id string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.held[id] {
		return 1
	}
	return 0
}

func (c *liveCluster) sum(count func(*proxy.Proxy) int) (n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.proxies {
		n += count(p)
	}
	return n
}

// Connections counts those of the project.
func (c *liveCluster) Connections() int { return c.sum((*proxy.Proxy).Connections) }

// Admitted counts the connections that stay. TLS hides the login itself.
func (c *liveCluster) Admitted() int {
	const stays = time.Second
	return c.sum(func(p *proxy.Proxy) int { return p.Lasting(stays) })
}

// Stop ends the proxies and the endpoint. The cluster goes on.
func (c *liveCluster) Stop() {
	_ = c.server.Close() // its listener has no state to lose
	c.served.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, p := range c.proxies {
		p.Close()
	}
}
