// Package stale shows what is kept of a lost cluster beside a generated project's engine.
package stale

import (
	"context"
	"sync"
	"sync/atomic"

	"example.com/orders/internal/failover"
	"github.com/hazelcast/hazelcast-go-client"
)

type service struct {
	engine *failover.Client
	hz     *hazelcast.Client
	orders *hazelcast.Map
	kept   atomic.Pointer[hazelcast.Map]
	size   int
	byName map[string]*hazelcast.Map
}

type session struct{ orders *hazelcast.Map }

// Bad: each of these is used after the cluster that it belongs to was lost.
func (s *service) keeps(ctx context.Context, maps chan *hazelcast.Map) error {
	var orders *hazelcast.Map
	var sessions []session
	err := s.engine.Do(ctx, func(ctx context.Context, hz *hazelcast.Client) (err error) {
		s.hz = hz                              // want `the client that Do is given, or something of it, is kept in s.hz`
		orders, err = hz.GetMap(ctx, "orders") // want `the client that Do is given, or something of it, is kept in orders`
		if err != nil {
			return err
		}
		m, err := hz.GetMap(ctx, "customers")
		if err != nil {
			return err
		}
		sessions = append(sessions, session{orders: m}) // want `is kept in sessions`
		s.byName["customers"] = m                       // want `is kept in s.byName`
		s.kept.Store(m)                                 // want `is kept by s.kept.Store`
		maps <- m                                       // want `is sent on a channel`
		go m.Set(ctx, "key", "value")                   // want `is used by a goroutine that outlives the hook`
		return nil
	})
	_, _ = orders, sessions
	return err
}

// Bad: the same in a hook that is a method.
func (s *service) options() failover.Options {
	return failover.Options{OnActive: s.activated}
}

func (s *service) activated(ctx context.Context, hz *hazelcast.Client) (err error) {
	s.orders, err = hz.GetMap(ctx, "orders") // want `the client that OnActive is given, or something of it, is kept in s.orders`
	return err
}

// Bad: the listener is on the cluster that is active now, and on no other.
func (s *service) listensOnce(ctx context.Context, handle hazelcast.TopicMessageHandler) error {
	return s.engine.Do(ctx, func(ctx context.Context, hz *hazelcast.Client) error {
		topic, err := hz.GetTopic(ctx, "orders")
		if err != nil {
			return err
		}
		_, err = topic.AddMessageListener(ctx, handle) // want `a listener that is added in Do is added to the cluster that is active now`
		return err
	})
}

// Bad: the same where the engine is made; here the listener can be moved.
func listensOnceHere(ctx context.Context, clusters []failover.Cluster, handle hazelcast.TopicMessageHandler) (*failover.Client, error) {
	engine, err := failover.New(clusters, failover.Options{Pin: "pr-1234"})
	if err != nil {
		return nil, err
	}
	if err := engine.Do(ctx, func(ctx context.Context, hz *hazelcast.Client) error {
		topic, err := hz.GetTopic(ctx, "orders")
		if err != nil {
			return err
		}
		_, err = topic.AddMessageListener(ctx, handle) // want `a listener that is added in Do`
		return err
	}); err != nil {
		return nil, err
	}
	return engine, nil
}

// Bad, but not to be moved: the handler is made after the options.
func handlerComesLater(ctx context.Context, clusters []failover.Cluster, news chan any) error {
	engine, err := failover.New(clusters, failover.Options{})
	if err != nil {
		return err
	}
	handle := func(event *hazelcast.MessagePublished) { news <- event.Value }
	return engine.Do(ctx, func(ctx context.Context, hz *hazelcast.Client) error {
		topic, err := hz.GetTopic(ctx, "orders")
		if err != nil {
			return err
		}
		_, err = topic.AddMessageListener(ctx, handle) // want `a listener that is added in Do`
		return err
	})
}

// Good: OnActive runs on every activation.
func listens(clusters []failover.Cluster, handle hazelcast.TopicMessageHandler) (*failover.Client, error) {
	return failover.New(clusters, failover.Options{
		OnActive: func(ctx context.Context, hz *hazelcast.Client) error {
			topic, err := hz.GetTopic(ctx, "orders")
			if err != nil {
				return err
			}
			_, err = topic.AddMessageListener(ctx, handle)
			return err
		},
	})
}

// Good: what Do is given is used inside of it, and only values leave it.
func (s *service) uses(ctx context.Context) error {
	return s.engine.Do(ctx, func(ctx context.Context, hz *hazelcast.Client) error {
		orders, err := hz.GetMap(ctx, "orders")
		if err != nil {
			return err
		}
		local := session{orders: orders}
		s.size, err = local.orders.Size(ctx)
		return err
	})
}

// Silent: the hook waits for its goroutines.
func (s *service) waits(ctx context.Context, hz *hazelcast.Client) error {
	var all sync.WaitGroup
	all.Add(1)
	go func() {
		defer all.Done()
		_, _ = hz.GetMap(ctx, "orders")
	}()
	all.Wait()
	return nil
}

func (s *service) warmed(ctx context.Context) error { return s.engine.Do(ctx, s.waits) }

// Silent: a client that the engine does not know is its program's own affair.
func own(ctx context.Context, handle hazelcast.TopicMessageHandler) error {
	hz, err := hazelcast.StartNewClient(ctx)
	if err != nil {
		return err
	}
	topic, err := hz.GetTopic(ctx, "orders")
	if err != nil {
		return err
	}
	_, err = topic.AddMessageListener(ctx, handle)
	return err
}
