// Package unbounded shows calls that can wait forever, and calls that cannot.
package unbounded

import (
	"context"
	"os"
	"os/signal"
	"time"

	"example.com/store"
	"github.com/hazelcast/hazelcast-go-client"
)

// Bad: nothing ends these calls if the answer is lost with the connection.
func background(client *hazelcast.Client, m *hazelcast.Map) {
	m.Get(context.Background(), "k") // want `Map.Get may wait forever: its context comes from context.Background, which has no deadline; give it one with context.WithTimeout`
	m.Set(context.TODO(), "k", 1)    // want `Map.Set may wait forever: its context comes from context.TODO`
	ctx := context.Background()
	client.GetMap(ctx, "map")           // want `Client.GetMap may wait forever`
	client.SQL().Execute(ctx, "SELECT") // want `SQL.Execute may wait forever`
}

// Bad: a context that can be cancelled has no deadline yet.
func cancelled(m *hazelcast.Map) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	m.Get(ctx, "k") // want `Map.Get may wait forever: its context comes from context.Background`
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt)
	defer stop()
	m.Get(context.WithValue(ctx, "a", "b"), "k") // want `Map.Get may wait forever`
	locked := m.NewLockContext(ctx)
	m.Lock(locked, "k") // want `Map.Lock may wait forever`
	go func() {
		m.Get(ctx, "k") // want `Map.Get may wait forever`
	}()
	go func(own context.Context) {
		m.Get(own, "k") // want `Map.Get may wait forever`
	}(ctx)
}

// Bad: WithoutCancel takes the deadline away.
func detached(ctx context.Context, m *hazelcast.Map) {
	m.Set(context.WithoutCancel(ctx), "k", 1) // want `Map.Set may wait forever: its context comes from context.WithoutCancel`
}

// Bad: on one path there is no deadline.
func sometimes(m *hazelcast.Map, slow bool) {
	ctx := context.Background()
	if !slow {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Second)
		defer cancel()
	}
	m.Get(ctx, "k") // want `Map.Get may wait forever`
}

// Bad: a context that lives as long as the service.
type service struct {
	ctx   context.Context
	cache *hazelcast.Map
}

func newService(m *hazelcast.Map) *service {
	return &service{ctx: context.Background(), cache: m}
}

func (s *service) get(key string) (any, error) {
	return s.cache.Get(s.ctx, key) // want `Map.Get may wait forever`
}

var shared = context.Background()

func usesShared(m *hazelcast.Map) { m.Get(shared, "k") } // want `Map.Get may wait forever`

// Bad: the helper leaves the deadline to its caller, who has none either.
func load(ctx context.Context, m *hazelcast.Map) (any, error) { return m.Get(ctx, "k") }

func callsHelper(s *store.Store, m *hazelcast.Map, client *hazelcast.Client) {
	load(context.Background(), m)            // want `load \(Map.Get\) may wait forever`
	s.Save(context.Background(), "k", 1)     // want `Save \(Map.Set\) may wait forever`
	store.Open(context.Background(), client) // want `Open \(Client.GetMap\) may wait forever`
	s.SaveSoon(context.Background(), "k", 1)
}

// Good: each call has a deadline of its own.
func bounded(m *hazelcast.Map) error {
	for range 10 {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		err := m.Set(ctx, "k", 1)
		cancel()
		if err != nil {
			return err
		}
	}
	ctx := context.Background()
	ctx, cancel := context.WithDeadline(ctx, time.Now().Add(time.Second))
	defer cancel()
	func() {
		m.Get(ctx, "k")
	}()
	inner, stop := context.WithCancel(ctx)
	defer stop()
	_, err := m.Get(inner, "k")
	return err
}

// Good: the deadline is the caller's business.
func Exported(ctx context.Context, m *hazelcast.Map) (any, error) { return m.Get(ctx, "k") }

// Good: whether there is a deadline is asked first.
func asks(m *hazelcast.Map) {
	ctx := context.Background()
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Second)
		defer cancel()
	}
	m.Get(ctx, "k")
}

// Not reported: nobody knows where these contexts come from.
type unclear struct{ ctx context.Context }

func (u *unclear) set(ctx context.Context) { u.ctx = ctx }

func (u *unclear) get(m *hazelcast.Map, contexts []context.Context, made func() context.Context) {
	m.Get(u.ctx, "k")
	m.Get(contexts[0], "k")
	m.Get(made(), "k")
	for _, ctx := range contexts {
		m.Get(ctx, "k")
	}
	ctx := context.Background()
	run := func() { m.Get(ctx, "k") }
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	run()
}

// Bad, and no reason to follow it forever: a context that is made of itself.
func grows(m *hazelcast.Map, keys []string) {
	ctx := context.Background()
	for _, key := range keys {
		ctx = context.WithValue(ctx, key, key)
		m.Get(ctx, key) // want `Map.Get may wait forever`
	}
}

func grown(m *hazelcast.Map, s *service, a, b bool) {
	if a {
		s.ctx = context.WithValue(s.ctx, "a", "a")
	}
	s.ctx = context.WithValue(s.ctx, "b", "b")
}

// Excused, with the reason.
func excused(q *hazelcast.Queue) {
	//failover:ignore unbounded the consumer waits for work; a watchdog restarts it
	q.Take(context.Background())
}
