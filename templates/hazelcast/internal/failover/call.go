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
func (m *Map) Put(ctx context.Context, key, value any) (old any, err error) {
	err = m.c.call(ctx, m, &Result{Op: "put", Key: key, Value: value}, once, func(ctx context.Context, _ *session, hm *hazelcast.Map) (err error) {
		old, err = hm.Put(ctx, key, value)
		return err
	})
	return old, err
}

// Set sets a value.
func (m *Map) Set(ctx context.Context, key, value any) error {
	return m.c.call(ctx, m, &Result{Op: "set", Key: key, Value: value}, once, func(ctx context.Context, _ *session, hm *hazelcast.Map) error {
		return hm.Set(ctx, key, value)
	})
}

// Get returns a value, or nil. It is repeated freely, and may be stale after a switch.
func (m *Map) Get(ctx context.Context, key any) (value any, err error) {
	err = m.c.call(ctx, m, &Result{Op: "get", Key: key}, freely, func(ctx context.Context, _ *session, hm *hazelcast.Map) (err error) {
		value, err = hm.Get(ctx, key)
		return err
	})
	return value, err
}

// Remove removes an entry and returns its value.
func (m *Map) Remove(ctx context.Context, key any) (old any, err error) {
	err = m.c.call(ctx, m, &Result{Op: "remove", Key: key}, once, func(ctx context.Context, _ *session, hm *hazelcast.Map) (err error) {
		old, err = hm.Remove(ctx, key)
		return err
	})
	return old, err
}

// Delete removes an entry.
func (m *Map) Delete(ctx context.Context, key any) error {
	return m.c.call(ctx, m, &Result{Op: "delete", Key: key}, once, func(ctx context.Context, _ *session, hm *hazelcast.Map) error {
		return hm.Delete(ctx, key)
	})
}

// ContainsKey reports whether there is an entry. It is repeated freely.
func (m *Map) ContainsKey(ctx context.Context, key any) (found bool, err error) {
	err = m.c.call(ctx, m, &Result{Op: "contains_key", Key: key}, freely, func(ctx context.Context, _ *session, hm *hazelcast.Map) (err error) {
		found, err = hm.ContainsKey(ctx, key)
		return err
	})
	return found, err
}

// Size returns the number of entries. It is repeated freely.
func (m *Map) Size(ctx context.Context) (size int, err error) {
	err = m.c.call(ctx, m, &Result{Op: "size"}, freely, func(ctx context.Context, _ *session, hm *hazelcast.Map) (err error) {
		size, err = hm.Size(ctx)
		return err
	})
	return size, err
}

// Do runs op on the map of the active cluster. Op makes exactly one call, for
// one key: it runs again if that was not sent. PutAll and its like are many calls.
func (m *Map) Do(ctx context.Context, op func(context.Context, *hazelcast.Map) error) error {
	return m.c.call(ctx, m, &Result{Op: "do"}, once, func(ctx context.Context, _ *session, hm *hazelcast.Map) error { return op(ctx, hm) })
}

// Do runs op on the active cluster's client, with the same rule as Map.Do.
func (c *Client) Do(ctx context.Context, op func(context.Context, *hazelcast.Client) error) error {
	return c.call(ctx, nil, &Result{Op: "do"}, once, func(ctx context.Context, s *session, _ *hazelcast.Map) error { return op(ctx, s.hz) })
}

// operation is what a call does: with the map that it is for, if it is for one.
type operation func(context.Context, *session, *hazelcast.Map) error

// repeatable says whether a call may run again although it may have been applied.
type repeatable bool

const (
	freely repeatable = true
	once   repeatable = false // unless its caller marked it with outcome.MayRepeat
)

// call runs op on the active cluster until its outcome is final. Not sent is
// not final: it is tried again within the deadline, on the next cluster if
// that is the active one by then. Unknown is final if the call runs once.
func (c *Client) call(ctx context.Context, m *Map, r *Result, repeat repeatable, op operation) error {
	ctx, cancel := c.bounded(ctx)
	defer cancel()
	if m != nil {
		r.Map = m.name
	}
	if c.o.OnResult != nil {
		r.Start = time.Now()
	}
	maybeApplied := false // by an earlier try, which makes any failure unknown
	for try := 0; ; try++ {
		s, in, err := c.enter(ctx)
		if err != nil {
			return c.finish(r, 0, outcome.NotSent, maybeApplied, errors.Join(err, r.Err))
		}
		r.Cluster = s.target.Name
		err = run(ctx, s, in, m, op)
		o, told := classify(err)
		if o == outcome.Acked && s.gap.Load() != nil {
			c.endGap(s)
		}
		if told == unplugged || repeat == once && r.Op != "do" {
			s.note(told) // a read may be answered by a near cache, a Do by anything
		}
		final := o == outcome.Acked || o == outcome.Rejected ||
			o == outcome.Unknown && repeat == once && !outcome.Repeatable(ctx)
		if final || ctx.Err() != nil {
			return c.finish(r, in, o, maybeApplied, err)
		}
		maybeApplied = maybeApplied || o == outcome.Unknown
		r.Err = err
		c.pause(ctx, s, try, told)
	}
}

// run keeps the count of calls inside s right even if op panics.
func run(ctx context.Context, s *session, in uint32, m *Map, op operation) (err error) {
	defer s.leave(in)
	var hm *hazelcast.Map
	if m != nil {
		if hm, err = s.mapFor(ctx, m.name); err != nil {
			return err
		}
	}
	return op(ctx, s, hm)
}

// window is a deadline that many calls share.
type window struct {
	context.Context
	begun time.Time
}

// callContext has the deadline of a window and the values of its caller's context.
type callContext struct {
	context.Context
	values context.Context
}

// Value implements context.Context.
func (c callContext) Value(key any) any {
	if v := c.values.Value(key); v != nil {
		return v
	}
	return c.Context.Value(key)
}

// bounded gives a call whose caller set no deadline OpTimeout, or up to a tenth
// less. A context of its own would cost each call five allocations, so those
// that begin close to each other share one, unless the caller can cancel.
func (c *Client) bounded(ctx context.Context) (context.Context, context.CancelFunc) {
	if _, ok := ctx.Deadline(); ok {
		return ctx, func() {}
	}
	if ctx.Done() != nil {
		return context.WithTimeout(ctx, c.o.OpTimeout)
	}
	w := c.window.Load()
	if w == nil || time.Since(w.begun) > c.o.OpTimeout/10 {
		ends, cancel := context.WithTimeout(context.Background(), c.o.OpTimeout)
		context.AfterFunc(ends, cancel)
		w = &window{ends, time.Now()}
		c.window.Store(w)
	}
	return callContext{w.Context, ctx}, func() {}
}

// enter waits for an active cluster and enters it.
func (c *Client) enter(ctx context.Context) (*session, uint32, error) {
	for {
		current := c.current.Load()
		if current.session != nil {
			if err := ctx.Err(); err != nil {
				return nil, 0, err
			}
			if in, ok := current.session.enter(); ok {
				return current.session, in, nil
			}
		}
		if err := c.await(ctx, current); err != nil {
			return nil, 0, err
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
func (c *Client) finish(r *Result, in uint32, o outcome.Outcome, maybeApplied bool, err error) error {
	if maybeApplied && o != outcome.Acked {
		o = outcome.Unknown
	}
	c.results[in].by[o].Add(1)
	r.Outcome, r.Err = o, nil
	if err != nil {
		if own, ok := err.(*outcome.Error); ok && own.Target == r.Cluster {
			err = own.Err // which says the same once
		}
		r.Err = &outcome.Error{Outcome: o, Target: r.Cluster, Err: err}
	}
	if c.o.OnResult != nil {
		r.End = time.Now()
		c.o.OnResult(*r)
	}
	return r.Err
}
