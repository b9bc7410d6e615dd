// Package engine shows how the engine of a generated project is misused.
package engine

import (
	"context"
	"log"
	"net/http"
	"sync/atomic"
	"time"

	"example.com/orders/internal/failover"
	"example.com/orders/internal/outcome"
	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/types"
)

type service struct {
	engine *failover.Client
	orders *failover.Map
	count  atomic.Int64
}

// Bad: if the second call is not sent, the first is applied twice.
func (s *service) twoCalls(ctx context.Context) error {
	return s.engine.Do(ctx, func(ctx context.Context, hz *hazelcast.Client) error {
		orders, err := hz.GetMap(ctx, "orders")
		if err != nil {
			return err
		}
		if err := orders.Set(ctx, "1", "paid"); err != nil {
			return err
		}
		return orders.Set(ctx, "2", "paid") // want `a second call in one Do: if it is not sent, Do runs again, on the next cluster too, and Map.Set is applied twice`
	})
}

// Bad: a loop is many calls, and so is PutAll.
func (s *service) manyCalls(ctx context.Context, ids []string, entries []types.Entry) error {
	if err := s.orders.Do(ctx, func(ctx context.Context, m *hazelcast.Map) error {
		for _, id := range ids {
			if err := m.Set(ctx, id, "paid"); err != nil { // want `Map.Set in a loop is many calls in one Do`
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return s.orders.Do(ctx, func(ctx context.Context, m *hazelcast.Map) error {
		return m.PutAll(ctx, entries...) // want `Map.PutAll is a call for each partition, and Do may make one`
	})
}

// Good: a call each.
func (s *service) oneCallEach(ctx context.Context, ids []string) error {
	for _, id := range ids {
		if err := s.orders.Do(ctx, func(ctx context.Context, m *hazelcast.Map) error {
			return m.SetWithTTL(ctx, id, "paid", time.Hour)
		}); err != nil {
			return err
		}
	}
	return nil
}

// Good: one of the two is made; a read before the write does no harm, and what
// may be repeated says so.
func (s *service) oneOfTwo(ctx context.Context, gone bool) error {
	err := s.orders.Do(ctx, func(ctx context.Context, m *hazelcast.Map) error {
		if _, err := m.Get(ctx, "1"); err != nil {
			return err
		}
		if gone {
			return m.Delete(ctx, "1")
		}
		return m.Set(ctx, "1", "paid")
	})
	if err != nil {
		return err
	}
	return s.orders.Do(outcome.MayRepeat(ctx), func(ctx context.Context, m *hazelcast.Map) error {
		if err := m.Set(ctx, "1", "paid"); err != nil {
			return err
		}
		return m.Set(ctx, "2", "paid")
	})
}

// Bad: each hook waits for something that waits for the hook, or that never comes.
func (s *service) start(clusters []failover.Cluster, ready chan bool) (err error) {
	s.engine, err = failover.New(clusters, failover.Options{
		OnActive: func(ctx context.Context, hz *hazelcast.Client) error {
			<-ready                                                  // want `a receive from a channel in OnActive may last without end`
			if _, err := http.Get("http://inventory/"); err != nil { // want `http.Get in OnActive may last without end`
				return err
			}
			if err := s.orders.Set(ctx, "started", "yes"); err != nil { // want `no cluster is active until OnActive has returned`
				return err
			}
			return s.engine.Switch(ctx, "pr-5678") // want `a switch waits for OnActive to return`
		},
		OnEvent:  s.onEvent,
		OnResult: s.onResult,
	})
	return err
}

func (s *service) onEvent(e failover.Event) {
	if e.Type == failover.Disconnected {
		s.engine.Close(context.Background()) // want `Close waits for OnEvent to return, so inside of it it fails at once`
	}
}

func (s *service) onResult(r failover.Result) {
	time.Sleep(10 * time.Millisecond)                     // want `time.Sleep in OnResult holds up the call`
	s.orders.Set(context.Background(), "last", r.Outcome) // want `OnResult is called for the calls that it makes as well, so this call never ends`
}

// Good: OnActive uses its client and its context, OnEvent a goroutine, and OnResult
// leaves out its own calls.
func (s *service) startRight(clusters []failover.Cluster, ready chan bool) (err error) {
	s.engine, err = failover.New(clusters, failover.Options{
		OnActive: func(ctx context.Context, hz *hazelcast.Client) error {
			select {
			case <-ready:
			case <-ctx.Done():
				return ctx.Err()
			}
			orders, err := hz.GetMap(ctx, "orders")
			if err != nil {
				return err
			}
			return orders.Set(ctx, "started", "yes")
		},
		OnEvent: func(e failover.Event) {
			if e.Type == failover.Disconnected {
				go s.engine.Close(context.Background())
			}
		},
		OnResult: func(r failover.Result) {
			s.count.Add(1)
			if r.Map != "audit" {
				s.engine.Map("audit").Set(context.Background(), "last", r.Outcome)
			}
		},
	})
	return err
}

// Bad: an unknown write falls through, as if it had been acked.
func (s *service) forgetsUnknown(ctx context.Context) {
	for {
		err := s.orders.Set(ctx, "1", "paid")
		switch outcome.Of(err) { // want `this switch has no case for outcome.Unknown`
		case outcome.Acked:
			return
		case outcome.NotSent:
			continue
		case outcome.Rejected:
			log.Fatal(err)
		}
	}
}

// Good.
func (s *service) handlesUnknown(ctx context.Context) error {
	err := s.orders.Set(ctx, "1", "paid")
	switch outcome.Of(err) {
	case outcome.NotSent:
		return s.orders.Set(ctx, "1", "paid")
	case outcome.Unknown:
		log.Print("sent and not answered; ask the cluster before it is written again: ", err)
	}
	return err
}

// Silent: what stays over is handled as one, or was handled before.
func (s *service) others(ctx context.Context) {
	err := s.orders.Set(ctx, "1", "paid")
	switch outcome.Of(err) {
	case outcome.Rejected:
		time.Sleep(time.Second)
	}
	switch o := outcome.Of(err); o {
	case outcome.NotSent:
		log.Print(err)
	default:
		log.Print(o)
	}
}

func (s *service) before(ctx context.Context) {
	o := outcome.Of(s.orders.Set(ctx, "1", "paid"))
	if o == outcome.Unknown {
		return
	}
	switch o {
	case outcome.NotSent:
		log.Print("again")
	}
}
