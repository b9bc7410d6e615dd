package failover

import (
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"time"
)

// candidates lists the clusters from the best to the worst: in the order of the
// configuration, with the one just lost at the end. A pinned client has one.
func (p *policy) candidates() []*target {
	var list []*target
	for _, t := range p.targets {
		if t != p.last && p.usable(t) {
			list = append(list, t)
		}
	}
	if p.active == nil && p.last != nil && p.usable(p.last) {
		list = append(list, p.last)
	}
	return list
}

// usable reports whether the pin, if there is one, allows t.
func (p *policy) usable(t *target) bool {
	return p.o.Pin == "" || p.o.Pin == t.Name || p.move != nil && p.move.to == t
}

// useful reports whether a session on t is of use, beside the active one if
// there is one.
func (p *policy) useful(t *target) bool {
	switch {
	case p.active != nil && p.active.target == t:
		return false
	case p.move != nil && p.move.to == t:
		return true
	case !p.usable(t):
		return false
	default:
		return p.active == nil || p.o.Standby == Warm || p.returnDue() && t.index < p.active.target.index
	}
}

// try starts an attempt at one of targets, unless an attempt at one of them
// still has its head start. Who has waited longest comes first, so each cluster
// is tried once before any is tried again; of equals the better comes first.
func (p *policy) try(targets ...*target) {
	now := time.Now()
	var next *target
	for _, t := range targets {
		switch {
		case t.trying && now.Before(t.begun.Add(p.o.headStart)):
			p.wakeAt(t.begun.Add(p.o.headStart))
			return
		case t.trying: // never two attempts at one cluster at a time
		case now.Before(t.due):
			p.wakeAt(t.due)
		case next == nil || t.begun.Before(next.begun):
			next = t
		}
	}
	if next != nil {
		next.trying, next.begun = true, now
		p.wakeAt(now.Add(p.o.headStart))
		p.attempt(next)
	}
}

// attempt connects to t in the background.
func (p *policy) attempt(t *target) {
	rejoining := t == p.rejoin
	end := time.Now().Add(p.o.ConnectTimeout)
	if rejoining {
		end = p.until
	}
	p.spawn(func() {
		ctx, cancel := context.WithDeadline(p.ctx, end)
		defer cancel()
		s, err := p.connect(ctx, t, rejoining)
		select {
		case p.inbox <- attemptDone{t, s, err}:
		case <-p.ctx.Done():
			if s != nil {
				p.discard(s)
			}
		}
	})
}

// attempted takes in the end of an attempt. Callers never wait for a better
// cluster: the first that is connected becomes active. If a better one comes
// later it becomes the standby, and Failback may go to it. But of two that are
// connected before one is needed, the better one stays.
func (p *policy) attempted(m attemptDone) {
	t := m.target
	t.trying = false
	if m.err != nil {
		p.failed(t, m.err)
		return
	}
	t.setCause(nil)
	p.spawn(func() { p.watch(m.session) })
	switch {
	case t == p.rejoin && p.active == nil && p.next == nil:
		p.enter(m.session) // and the standby stays what it is
	case p.useful(t) && (p.spare == nil || p.better(t, p.spare.target)):
		if p.spare != nil {
			p.discard(p.takeSpare())
		}
		p.setSpare(m.session)
		if p.active != nil {
			t.forgetPause()
			p.log.Info("standby is connected", "cluster", t.Name)
		}
	default:
		p.discard(m.session)
	}
}

// better reports whether t is rather to be used than u.
func (p *policy) better(t, u *target) bool {
	if p.move != nil && (p.move.to == t || p.move.to == u) {
		return p.move.to == t
	}
	order := p.candidates()
	return slices.Index(order, t) < slices.Index(order, u)
}

// failed notes why a cluster can't be reached and when to try it again.
func (p *policy) failed(t *target, err error) {
	if p.move != nil && t == p.move.to {
		p.endMove(err)
	}
	news := t.setCause(err)
	var refused *refusedError
	t.refused = errors.As(err, &refused)
	rejoining := t == p.rejoin && !t.refused && !errors.Is(err, errRefusedEverywhere)
	first, longest := p.o.RetryTime, p.o.RetryMax
	switch {
	case rejoining:
		first, longest = rejoinTime, p.o.Confirm
	case t == p.rejoin:
		p.rejoin = nil
	}
	if t.refused { // an operator has to repair that
		first, longest = refusedTime, refusedMax
	}
	t.pause = min(max(2*t.pause, first), longest)
	wait := t.pause
	if !t.refused && !rejoining {
		wait = jitter(wait) + time.Millisecond
	}
	t.due = time.Now().Add(wait)
	t.lookAfterFailure(p.o.RetryMax)
	if news {
		p.log.Warn("cluster is not available; it will be tried again", "cluster", t.Name, "cause", err, "pause", wait.Round(time.Millisecond))
	}
}

const (
	rejoinTime  = 10 * time.Millisecond
	refusedTime = time.Second
	refusedMax  = 5 * time.Minute
)

// jitter is a random part of d, so that many processes do not act in step.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return rand.N(d)
}
