package drill

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/cluster"
	"github.com/hazelcast/hazelcast-go-client/cluster/discovery"
	"github.com/hazelcast/hazelcast-go-client/logger"
	"github.com/hazelcast/hazelcast-go-client/predicate"
	"github.com/hazelcast/hazelcast-go-client/types"

	"github.com/failover-gen/failover-gen/internal/connect"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// plain is a client of one live cluster without the project's engine and past the
// proxies. It reads back what the project wrote, and removes it.
type plain struct {
	target  *connect.Target
	client  *hazelcast.Client
	entries *hazelcast.Map

	mu      sync.Mutex
	members []string // the addresses by which the members call themselves
}

// plainTimeout bounds the start of a plain client, and each of its calls.
const plainTimeout = 20 * time.Second

// dialPlain connects to a cluster that has passed the stages of connect. A start
// that hangs is left behind: hazelcast-go-client v1.6.0 has no deadline on a handshake.
func dialPlain(ctx context.Context, t *connect.Target, mapName string) (*plain, error) {
	ctx, cancel := context.WithTimeout(ctx, plainTimeout)
	defer cancel()
	p := &plain{target: t}
	config := p.config()
	type result struct {
		client *hazelcast.Client
		err    error
	}
	started := make(chan result, 1)
	go func() {
		client, err := hazelcast.StartNewClientWithConfig(ctx, config)
		started <- result{client, err}
	}()
	select {
	case r := <-started:
		if r.err != nil {
			return nil, p.wrong("cannot be connected to", r.err)
		}
		p.client = r.client
	case <-ctx.Done():
		return nil, p.wrong("cannot be connected to", ctx.Err())
	}
	var err error
	if p.entries, err = p.client.GetMap(ctx, mapName); err != nil {
		p.close()
		return nil, p.wrong("does not give the map "+mapName, err)
	}
	return p, nil
}

// config is that of a client as its own documentation sets it up.
func (p *plain) config() hazelcast.Config {
	config := hazelcast.NewConfig()
	config.Logger.Level = logger.OffLevel
	cc := &config.Cluster
	cc.Name = p.target.Name
	cc.ConnectionStrategy.Timeout = types.Duration(plainTimeout)
	cc.InvocationTimeout = types.Duration(plainTimeout)
	cc.Network.Addresses = p.target.Addresses
	cc.Security.Credentials.Username, cc.Security.Credentials.Password = p.target.Username, p.target.Password
	if p.target.TLS != nil {
		cc.Network.SSL.Enabled = true
		cc.Network.SSL.SetTLSConfig(p.target.TLS)
	}
	if p.target.DiscoveryURL != "" {
		cc.Discovery = cluster.DiscoveryConfig{UsePublicIP: true, Strategy: asked{p.target}}
	}
	config.AddMembershipListener(p.learn)
	return config
}

// asked is a discovery strategy that asks the cluster's own discovery service.
type asked struct{ target *connect.Target }

// DiscoverNodes implements discovery.Strategy.
func (a asked) DiscoverNodes(ctx context.Context) (nodes []discovery.Node, err error) {
	found, err := a.target.Members(ctx)
	for _, n := range found {
		nodes = append(nodes, discovery.Node{PublicAddr: n.Public, PrivateAddr: n.Private})
	}
	return nodes, err
}

// learn keeps the members' list.
func (p *plain) learn(e cluster.MembershipStateChanged) {
	p.mu.Lock()
	defer p.mu.Unlock()
	address := string(e.Member.Address)
	p.members = slices.DeleteFunc(p.members, func(m string) bool { return m == address })
	if e.State == cluster.MembershipStateAdded {
		p.members = append(p.members, address)
	}
}

// listed are the addresses by which the members call themselves.
func (p *plain) listed() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.members)
}

// size is how many members there are. A client gets their list in events, the first of
// them a moment after its start: size waits until the list grows no more.
func (p *plain) size() int {
	const look, looks = 50 * time.Millisecond, 40
	before := 0
	for range looks {
		n := len(p.listed())
		if n > 0 && n == before {
			return n
		}
		before = n
		time.Sleep(look)
	}
	return before
}

// readers is how many keys are read at a time. hazelcast-go-client v1.6.0 stalls
// with some 1,000 calls in flight.
const readers = 32

// read returns the values that the cluster holds under the keys.
func (p *plain) read(ctx context.Context, keys []string) (map[string]bool, error) {
	var (
		mu     sync.Mutex
		values = make(map[string]bool)
		first  error
		work   sync.WaitGroup
		ahead  = make(chan string, readers)
	)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for range readers {
		work.Go(func() {
			for key := range ahead {
				value, err := p.entries.Get(ctx, key)
				mu.Lock()
				if text, ok := value.(string); ok && err == nil {
					values[text] = true
				}
				if err != nil && first == nil {
					first = err
					cancel()
				}
				mu.Unlock()
			}
		})
	}
	for _, key := range keys {
		ahead <- key
	}
	close(ahead)
	work.Wait()
	if first != nil {
		return nil, p.wrong("cannot be read", first)
	}
	return values, nil
}

// left counts the entries whose keys begin with prefix.
func (p *plain) left(ctx context.Context, prefix string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, plainTimeout)
	defer cancel()
	keys, err := p.entries.GetKeySetWithPredicate(ctx, predicate.Like("__key", prefix+"%"))
	if err != nil {
		return 0, p.wrong("does not tell which entries it holds", err)
	}
	return len(keys), nil
}

// removals is how often remove looks for entries that arrive late.
const removals = 5

// remove removes the entries whose keys begin with prefix, and returns how many
// there were. It succeeds once none is left.
func (p *plain) remove(ctx context.Context, prefix string) (removed int, err error) {
	for range removals {
		n, err := p.left(ctx, prefix)
		if n == 0 || err != nil {
			return removed, err
		}
		removed += n
		limited, cancel := context.WithTimeout(ctx, plainTimeout)
		err = p.entries.RemoveAll(limited, predicate.Like("__key", prefix+"%"))
		cancel()
		if err != nil {
			return 0, p.wrong("does not remove the entries", err)
		}
		time.Sleep(200 * time.Millisecond) // for what is under way between clusters
	}
	return removed, p.wrong("still gets entries", errors.New("replication may be writing them"))
}

// wrong is a fault of the cluster. The errors of the client hold no secret of ours.
func (p *plain) wrong(what string, err error) error {
	return fault.Wrap(fault.Finding, p.target.At, fmt.Sprintf("cluster %d (%s): %s: %v", p.target.Number, p.target.Name, what, err),
		"failover-gen connect tells whether the cluster can be reached; its user needs the rights to read, write and remove", err)
}

// close ends the client.
func (p *plain) close() {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	_ = p.client.Shutdown(ctx) // nothing is under way any more
}
