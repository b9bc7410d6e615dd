package failover

import (
	"context"
	"errors"
	"time"

	"github.com/hazelcast/hazelcast-go-client"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// Map is a distributed map of whichever cluster is active. Its methods have
// the meaning of hazelcast.Map's. A failed one returns an *outcome.Error.
type Map struct {
	c    *Client
	name string
}

// Map returns a map by name. It does no I/O and stays valid across switches.
func (c *Client) Map(name string) *Map {
	c.mapNames.Store(name, true)
	return &Map{c: c, name: name}
}

// Put sets a value and returns the one that it replaced.
func (m *Map) Put(ctx context.Context, key, value any) (any, error) {
	return onMap(ctx, m, Result{Op: "put", Key: key, Value: value}, false, func(ctx context.Context, hm *hazelcast.Map) (any, error) {
		return hm.Put(ctx, key, value)
	})
}

// Set sets a value.
func (m *Map) Set(ctx context.Context, key, value any) error {
	_, err := onMap(ctx, m, Result{Op: "set", Key: key, Value: value}, false, func(ctx context.Context, hm *hazelcast.Map) (struct{}, error) {
		return struct{}{}, hm.Set(ctx, key, value)
	})
	return err
}

// Get returns a value, or nil. It is repeated freely, and may be stale after a switch.
func (m *Map) Get(ctx context.Context, key any) (any, error) {
	return onMap(ctx, m, Result{Op: "get", Key: key}, true, func(ctx context.Context, hm *hazelcast.Map) (any, error) {
		return hm.Get(ctx, key)
	})
}

// Remove removes an entry and returns its value.
func (m *Map) Remove(ctx context.Context, key any) (any, error) {
	return onMap(ctx, m, Result{Op: "remove", Key: key}, false, func(ctx context.Context, hm *hazelcast.Map) (any, error) {
		return hm.Remove(ctx, key)
	})
}

// Delete removes an entry.
func (m *Map) Delete(ctx context.Context, key any) error {
	_, err := onMap(ctx, m, Result{Op: "delete", Key: key}, false, func(ctx context.Context, hm *hazelcast.Map) (struct{}, error) {
		return struct{}{}, hm.Delete(ctx, key)
	})
	return err
}

// ContainsKey reports whether there is an entry. It is repeated freely.
func (m *Map) ContainsKey(ctx context.Context, key any) (bool, error) {
	return onMap(ctx, m, Result{Op: "contains_key", Key: key}, true, func(ctx context.Context, hm *hazelcast.Map) (bool, error) {
		return hm.ContainsKey(ctx, key)
	})
}

// Size returns the number of entries. It is repeated freely.
func (m *Map) Size(ctx context.Context) (int, error) {
	return onMap(ctx, m, Result{Op: "size"}, true, func(ctx context.Context, hm *hazelcast.Map) (int, error) {
		return hm.Size(ctx)
	})
}

// Do runs op on the map of the active cluster. Op makes exactly one call, for
// one key: it runs again if that was not sent. PutAll and its like are many calls.
func (m *Map) Do(ctx context.Context, op func(context.Context, *hazelcast.Map) error) error {
	_, err := onMap(ctx, m, Result{Op: "do"}, false, func(ctx context.Context, hm *hazelcast.Map) (struct{}, error) {
		return struct{}{}, op(ctx, hm)
	})
	return err
}

// Do runs op on the active cluster's client, with the same rule as Map.Do.
func (c *Client) Do(ctx context.Context, op func(context.Context, *hazelcast.Client) error) error {
	_, err := call(ctx, c, Result{Op: "do"}, false, func(ctx context.Context, s *session) (struct{}, error) {
		return struct{}{}, op(ctx, s.hz)
	})
	return err
}

func onMap[T any](ctx context.Context, m *Map, r Result, read bool, op func(context.Context, *hazelcast.Map) (T, error)) (T, error) {
	r.Map = m.name
	return call(ctx, m.c, r, read, func(ctx context.Context, s *session) (T, error) {
		hm, err := s.mapFor(ctx, m.name)
		if err != nil {
			var none T
			return none, err
		}
		return op(ctx, hm)
	})
}

// call runs op on the active cluster until its outcome is final. Not sent is
// not final: it is tried again within the deadline, on the next cluster if
// that is the active one by then. Unknown is final, but for reads and for
// calls marked with outcome.MayRepeat.
func call[T any](ctx context.Context, c *Client, r Result, read bool, op func(context.Context, *session) (T, error)) (T, error) {
	if _, bounded := ctx.Deadline(); !bounded {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.o.OpTimeout)
		defer cancel()
	}
	if c.o.OnResult != nil {
		r.Start = time.Now()
	}
	maybeApplied := false // by an earlier try, which makes any failure unknown
	for try := 0; ; try++ {
		s, in, err := c.enter(ctx)
		if err != nil {
			var none T
			return none, c.finish(r, outcome.NotSent, maybeApplied, errors.Join(err, r.Err))
		}
		r.Cluster = s.target.Name
		value, err := run(ctx, s, in, op)
		o, told := classify(err)
		if told == unplugged || !read && r.Op != "do" {
			s.note(told) // a read may be answered by a near cache, a Do by anything
		}
		final := o == outcome.Acked || o == outcome.Rejected ||
			o == outcome.Unknown && !read && !outcome.Repeatable(ctx)
		if final || ctx.Err() != nil {
			return value, c.finish(r, o, maybeApplied, err)
		}
		maybeApplied = maybeApplied || o == outcome.Unknown
		r.Err = err
		c.pause(ctx, s, try, told)
	}
}

// run keeps the count of calls inside s right even if op panics.
func run[T any](ctx context.Context, s *session, in *shard, op func(context.Context, *session) (T, error)) (T, error) {
	defer in.calls.Add(-1)
	return op(ctx, s)
}

// enter waits for an active cluster and enters it.
func (c *Client) enter(ctx context.Context) (*session, *shard, error) {
	for {
		current := c.current.Load()
		if current.session != nil {
			if err := ctx.Err(); err != nil {
				return nil, nil, err
			}
			if in := current.session.enter(); in != nil {
				return current.session, in, nil
			}
		}
		if err := c.await(ctx, current); err != nil {
			return nil, nil, err
		}
	}
}

// pause waits before a call is tried again: until the cluster has changed, but
// no longer than it takes a healthy one to be ready for it.
func (c *Client) pause(ctx context.Context, s *session, try int, told sign) {
	wait := 2 * time.Millisecond
	if told == busy {
		wait = 10 * time.Millisecond
	}
	wait = min(wait<<min(try, 6), 100*time.Millisecond)
	current := c.current.Load()
	if current.session != s {
		return
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-current.replaced:
	case <-timer.C:
	case <-ctx.Done():
	}
}

// finish counts and reports a call, and gives a failed one its outcome.
func (c *Client) finish(r Result, o outcome.Outcome, maybeApplied bool, err error) error {
	if maybeApplied && o != outcome.Acked {
		o = outcome.Unknown
	}
	c.results[o].Add(1)
	r.Outcome, r.Err = o, nil
	if err != nil {
		if own, ok := err.(*outcome.Error); ok && own.Target == r.Cluster {
			err = own.Err // which says the same once
		}
		r.Err = &outcome.Error{Outcome: o, Target: r.Cluster, Err: err}
	}
	if c.o.OnResult != nil {
		r.End = time.Now()
		c.o.OnResult(r)
	}
	return r.Err
}
