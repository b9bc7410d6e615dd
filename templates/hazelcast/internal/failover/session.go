package failover

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hazelcast/hazelcast-go-client"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// session is one started client on one cluster. It is used once: after a loss
// a new one is made, also for the same cluster.
type session struct {
	target *target
	hz     *hazelcast.Client
	maps   sync.Map // name -> *hazelcast.Map
	active atomic.Bool
	gap    atomic.Pointer[time.Time] // since when no call is acked, after a change of cluster; nil once one is

	inside [shards]shard // counts the calls inside
	fences atomic.Int32  // while there are any, no call enters

	spoke   atomic.Bool   // the cluster has answered something, good or bad, since the last tick
	heard   atomic.Int64  // when it last did, in Unix milliseconds, to one tick
	cut     chan struct{} // closed when the last connection is gone
	cutOnce sync.Once
	stop    chan struct{} // closed when the session is given up
}

func newSession(t *target) *session {
	return &session{target: t, cut: make(chan struct{}), stop: make(chan struct{})}
}

// Counters that all calls change are split into shards, each with its own cache
// lines. One counter would be a cache line that every core wants at the same time.
const shards = 16

type shard struct {
	calls atomic.Int64
	_     [120]byte
}

// enter counts a call as inside, and returns the shard that does. It fails if
// the session is fenced.
func (s *session) enter() (in uint32, ok bool) {
	in = rand.Uint32() % shards
	s.inside[in].calls.Add(1)
	if s.fences.Load() == 0 {
		return in, true
	}
	s.leave(in)
	return 0, false
}

func (s *session) leave(in uint32) { s.inside[in].calls.Add(-1) }

// fence keeps new calls out. Those inside go on.
func (s *session) fence() { s.fences.Add(1) }

// unfence takes one fence away.
func (s *session) unfence() { s.fences.Add(-1) }

// drain waits until no call is inside a fenced session, or ctx ends. A call
// counts itself before it looks for fences, so a shard that is zero once stays
// empty: a call that adds to it later finds the fence, and leaves.
func (s *session) drain(ctx context.Context) {
	for i := range s.inside {
		for s.inside[i].calls.Load() != 0 {
			if ctx.Err() != nil {
				return
			}
			time.Sleep(200 * time.Microsecond)
		}
	}
}

func (s *session) connectionLost() { s.cutOnce.Do(func() { close(s.cut) }) }

func (s *session) isCut() bool {
	select {
	case <-s.cut:
		return true
	default:
		return false
	}
}

const cutReason = "its last connection closed"

// mapFor returns the proxy for a map. Making one is a call of its own, so a
// failure means that the caller's call was not sent.
func (s *session) mapFor(ctx context.Context, name string) (*hazelcast.Map, error) {
	if m, ok := s.maps.Load(name); ok {
		return m.(*hazelcast.Map), nil
	}
	m, err := s.hz.GetMap(ctx, name)
	if err != nil {
		o, _ := classify(err)
		if o != outcome.Rejected {
			o = outcome.NotSent
		}
		return nil, &outcome.Error{Outcome: o, Target: s.target.Name, Err: err}
	}
	s.maps.Store(name, m)
	return m, nil
}

// prepare makes the proxies of the maps that the program has asked for, as far
// as half of ctx's time allows. Those that are missing then are made when used.
func (s *session) prepare(ctx context.Context, names *sync.Map) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	names.Range(func(name, _ any) bool {
		_, err := s.mapFor(ctx, name.(string))
		return err == nil
	})
}

// endGap notes, once, that the change of cluster that led to s is over.
func (c *Client) endGap(s *session) {
	if since := s.gap.Swap(nil); since != nil {
		c.lastGap.Store(int64(time.Since(*since)))
	}
}

// note takes in what a call told about the session.
func (s *session) note(told sign) {
	switch told {
	case answered, busy:
		if !s.spoke.Load() { // a store from each call would cost more than the rest of it
			s.spoke.Store(true)
		}
	case unplugged:
		s.connectionLost()
	}
}

const tick = 50 * time.Millisecond

// watch reports the loss of the session, once, to the policy. Callers' own
// deadlines do not count: what counts is whether the cluster answers anything.
// While it does not, a probe goes out with every tick, each to another
// partition, so that one frozen member of several is not taken for a lost cluster.
func (c *Client) watch(s *session) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	// A tick so late means that this process was stopped or its machine asleep,
	// and the silence was ours. On a busy machine ticks are late, but not so late.
	late := max(4*tick, c.o.Silence/4)
	// A standby is idle, so it is probed more rarely.
	standbyTicks := min(max(int(c.o.Silence/(4*tick)), 1), 10)
	quietSince, lastTick := time.Now(), time.Now()
	s.heard.Store(lastTick.UnixMilli()) // it has just accepted us
	for n := 0; ; n++ {
		select {
		case <-s.stop:
			return
		case <-s.cut:
			if time.Since(lastTick) > late {
				quietSince = time.Now()
			}
			c.post(s, sessionLost{session: s, quiet: quietSince, reason: cutReason})
			return
		case <-ticker.C:
		}
		now := time.Now()
		stopped := now.Sub(lastTick) > late
		lastTick = now
		if !stopped && !s.active.Load() && n%standbyTicks != 0 {
			continue
		}
		spoke := s.spoke.Swap(false)
		quiet := now.Sub(quietSince)
		switch {
		case stopped || spoke:
			if spoke {
				s.heard.Store(now.UnixMilli())
			}
			quietSince = now
		case quiet >= c.o.Silence:
			c.post(s, sessionLost{session: s, silent: true, quiet: quietSince, reason: fmt.Sprintf("nothing was answered for %v", quiet.Round(time.Millisecond))})
			return
		default:
			c.spawn(func() { c.probe(ctx, s) })
		}
	}
}

// probe asks the cluster something cheap that changes nothing and touches no
// map store: whether a key that no program uses is locked.
func (c *Client) probe(ctx context.Context, s *session) {
	ctx, cancel := context.WithTimeout(ctx, c.o.Silence)
	defer cancel()
	var m *hazelcast.Map
	s.maps.Range(func(_, v any) bool {
		m = v.(*hazelcast.Map)
		return false
	})
	var err error
	if m != nil {
		_, err = m.IsLocked(ctx, fmt.Sprintf("failover-probe-%d", rand.Int64()))
	} else {
		_, err = s.hz.GetDistributedObjectsInfo(ctx)
	}
	_, told := classify(err)
	s.note(told)
}

// post hands a message to the policy, unless s is given up before the policy takes it.
func (c *Client) post(s *session, message any) {
	select {
	case c.inbox <- message:
	case <-s.stop:
	case <-c.ctx.Done():
	}
}
