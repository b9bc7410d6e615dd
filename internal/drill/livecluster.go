package drill

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
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
	manner  string                  // how they are broken; "" if they are not
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
	switch c.manner {
	case kill.manner:
		p.Cut()
	case freeze.manner:
		p.Freeze()
	}
	c.proxies[member] = p
	return p, nil
}

// Name implements target.
func (c *liveCluster) Name() string { return c.plain.target.Name }

// Break breaks the proxies.
func (c *liveCluster) Break(b breakage) (time.Time, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := time.Now()
	for _, p := range c.proxies {
		switch b.manner {
		case kill.manner:
			p.Cut()
		case resetOnce.manner:
			p.Reset()
		case freeze.manner:
			p.Freeze()
		default:
			return at, fmt.Errorf("proxies in front of %s cannot be broken by %q", c.Name(), b.manner)
		}
	}
	if b.manner != resetOnce.manner {
		c.manner = b.manner
	}
	return at, nil
}

// Restart lets the proxies accept connections again.
func (c *liveCluster) Restart() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.manner = ""
	for _, p := range c.proxies {
		if err := p.Restore(); err != nil {
			return err
		}
	}
	return nil
}

// Heal ends a freeze.
func (c *liveCluster) Heal() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.manner == freeze.manner {
		c.manner = ""
	}
	for _, p := range c.proxies {
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
