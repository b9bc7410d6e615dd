// Package repeat shows writes that are sent twice, and writes that are not.
package repeat

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	retry "github.com/avast/retry-go/v4"
	"github.com/cenkalti/backoff/v4"
	backoff5 "github.com/cenkalti/backoff/v5"
	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/cluster"
	"github.com/hazelcast/hazelcast-go-client/hzerrors"
	marked "github.com/sethvargo/go-retry"
)

// Bad: a lost connection looks like any error here, and the write that it
// swallowed may have been applied: the counter goes up twice.
func loops(ctx context.Context, pn *hazelcast.PNCounter, m *hazelcast.Map, q *hazelcast.Queue) error {
	for range 3 {
		_, err := pn.IncrementAndGet(ctx) // want `this loop sends PNCounter.IncrementAndGet again after any error: the one that failed may have been applied; look at the error first`
		if err == nil {
			return nil
		}
		log.Println("again:", err)
		time.Sleep(time.Second)
	}
	for {
		if _, err := q.Add(ctx, "item"); err != nil { // want `this loop sends Queue.Add again`
			log.Println(err)
			continue
		}
		break
	}
	var err error
	for i := 0; i < 3; i++ {
		if err = save(ctx, m); err == nil { // want `this loop sends save \(Map.Set\) again`
			break
		}
	}
	for i := 0; i == 0 || err != nil && i < 3; i++ {
		err = m.Set(ctx, "k", "v") // want `this loop sends Map.Set again`
	}
	var failures []error
	for range 3 {
		if err := m.Set(ctx, "k", "v"); err != nil { // want `this loop sends Map.Set again`
			failures = append(failures, fmt.Errorf("set: %w", err))
		} else {
			return nil
		}
	}
	return errors.Join(failures...)
}

func save(ctx context.Context, m *hazelcast.Map) error { return m.Set(ctx, "k", "v") }

// Bad: these modules repeat on any error.
func modules(ctx context.Context, m *hazelcast.Map, s *saver) {
	backoff.Retry(func() error {
		return m.Set(ctx, "k", "v") // want `backoff.Retry sends Map.Set again after any error`
	}, backoff.NewExponentialBackOff())
	operation := func() error {
		if _, err := m.Put(ctx, "k", "v"); err != nil { // want `backoff.Retry sends Map.Put again`
			return fmt.Errorf("put: %w", err)
		}
		return nil
	}
	backoff.Retry(operation, backoff.NewExponentialBackOff())
	backoff5.Retry(ctx, func() (any, error) {
		return m.Put(ctx, "k", "v") // want `backoff.Retry sends Map.Put again`
	})
	retry.Do(func() error {
		return save(ctx, m) // want `retry.Do sends save \(Map.Set\) again`
	}, retry.Attempts(3))
	retry.Do(s.save) // want `retry.Do sends save \(Map.Set\) again`
	marked.Do(ctx, marked.NewFibonacci(1), func(ctx context.Context) error {
		if err := m.Set(ctx, "k", "v"); err != nil { // want `retry.Do sends Map.Set again`
			return marked.RetryableError(err)
		}
		return nil
	})
}

type saver struct{ m *hazelcast.Map }

func (s *saver) save() error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	return s.m.Set(ctx, "k", "v")
}

// Bad: the client repeats by itself.
func redo() {
	config := hazelcast.NewConfig()
	config.Cluster.RedoOperation = true                  // want `RedoOperation sends a write again that may have been applied`
	config.Cluster = cluster.Config{RedoOperation: true} // want `RedoOperation sends a write again`
	config.Cluster.RedoOperation = false
}

// Good: only what was not sent is sent again.
func looks(ctx context.Context, m *hazelcast.Map) error {
	for {
		err := m.Set(ctx, "k", "v")
		if err == nil {
			return nil
		}
		if !errors.Is(err, hzerrors.ErrRetryableIO) {
			return err
		}
	}
}

func looksIn(ctx context.Context, m *hazelcast.Map) {
	backoff.Retry(func() error {
		err := m.Set(ctx, "k", "v")
		if errors.Is(err, hzerrors.ErrTargetDisconnected) {
			return backoff.Permanent(err)
		}
		return err
	}, backoff.NewExponentialBackOff())
	retry.Do(func() error { return m.Set(ctx, "k", "v") }, retry.RetryIf(notSent))
	marked.Do(ctx, marked.NewFibonacci(1), func(ctx context.Context) error {
		return m.Set(ctx, "k", "v")
	})
}

func notSent(err error) bool { return errors.Is(err, hzerrors.ErrRetryableIO) }

func asksOwn(ctx context.Context, m *hazelcast.Map) error {
	for {
		err := m.Set(ctx, "k", "v")
		if err == nil {
			return nil
		}
		if !notSent(err) {
			return err
		}
	}
}

// Good: the next round writes something else.
func goesOn(ctx context.Context, m *hazelcast.Map, values []string) {
	for i, v := range values {
		if err := m.Set(ctx, i, v); err != nil {
			log.Println(err)
			continue
		}
	}
	for i := 0; ctx.Err() == nil; i++ {
		if _, err := m.Put(ctx, i, "v"); err != nil {
			log.Println(err)
		}
	}
}

// Good: a second time changes nothing.
func conditional(ctx context.Context, m *hazelcast.Map) error {
	for {
		if _, err := m.PutIfAbsent(ctx, "k", "v"); err == nil {
			return nil
		}
	}
}

// Good: a read may be repeated.
func reads(ctx context.Context, m *hazelcast.Map) (any, error) {
	for {
		if v, err := m.Get(ctx, "k"); err == nil {
			return v, nil
		}
	}
}

// Excused, with the reason.
func excused(ctx context.Context, m *hazelcast.Map) {
	retry.Do(func() error {
		//failover:ignore repeat the key is written once, by this process only
		return m.Set(ctx, "id-1", "v")
	})
}
