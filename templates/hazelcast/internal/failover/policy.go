package failover

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// policy decides which cluster is active. It is one goroutine: it alone
// changes what is below, it gets told of finished attempts and lost sessions,
// and after each message it does what step finds to be next.
type policy struct {
	*Client
	active *session
	since  time.Time // when it became active
	spare  *session  // connected ahead of time
	last   *target   // the cluster that was active last
	rejoin *target   // it closed our last connection and may let us back in...
	until  time.Time // ...for so long
	wake   time.Time // when step has something to do without a message

	move        *move         // a change of cluster that was asked for
	returnAt    time.Time     // when to ask whether the way back is free
	returnPause time.Duration // how long to wait for that next time
	asking      bool          // the ReadyToReturn hook is running
}

// attemptDone says how an attempt to connect ended: with a session or an error.
type attemptDone struct {
	target  *target
	session *session
	err     error
}

// sessionLost says that a session is of no use any more.
type sessionLost struct {
	session *session
	silent  bool      // it answers nothing, though it is connected
	quiet   time.Time // since when it has answered nothing
	reason  string
}

func (c *Client) policy() {
	p := &policy{Client: c, returnPause: c.o.Failback}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case message := <-c.inbox:
			p.dropMove()
			switch m := message.(type) {
			case attemptDone:
				p.attempted(m)
			case sessionLost:
				p.lost(m)
			case *move:
				p.asked(m)
			case readiness:
				p.returnAnswered(m)
			}
		case <-timer.C:
		case <-c.ctx.Done():
			p.publish(nil)
			p.endMove(errClosed)
			for _, s := range []*session{p.active, p.spare} {
				if s != nil {
					c.discard(s)
				}
			}
			return
		}
		p.wake = time.Now().Add(time.Hour)
		p.step()
		timer.Reset(time.Until(p.wake))
	}
}

// wakeAt has step called again no later than at t.
func (p *policy) wakeAt(t time.Time) {
	if t.Before(p.wake) {
		p.wake = t
	}
}

// step does what is to be done next. A move that was asked for comes first.
// With no cluster active, it is to get back into the one just lost for as long
// as Confirm allows, else to take the standby, else to try the clusters in
// order. With one active, it is to go back to a better one when it is time, and
// to connect a standby.
func (p *policy) step() {
	if p.rejoin != nil && !time.Now().Before(p.until) {
		p.rejoin.dueAtOnce()
		p.rejoin = nil
	}
	p.dropMove()
	if p.spare != nil && !p.usable(p.spare.target) {
		p.discard(p.takeSpare())
	}
	if p.spare != nil && p.spare.isCut() {
		p.lost(sessionLost{session: p.spare, reason: cutReason})
	}
	switch {
	case p.move != nil:
		p.advance()
	case p.active == nil && p.rejoin != nil:
		p.tryFirst(p.rejoin)
	case p.active == nil && p.spare != nil:
		p.activate(p.takeSpare())
		p.step()
	case p.active == nil:
		p.tryFirst(p.candidates()...)
	default:
		p.considerReturn()
		if p.spare == nil && p.o.Standby == Warm {
			p.tryFirst(p.candidates()...)
		}
	}
}

func (p *policy) takeSpare() *session {
	s := p.spare
	p.setSpare(nil)
	return s
}

func (p *policy) setSpare(s *session) {
	p.spare = s
	p.standby.Store(s)
}

// candidates lists the clusters in the order in which to try them: that of the
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

// usable reports whether the pin, if there is one, leaves t to us.
func (p *policy) usable(t *target) bool {
	return p.o.Pin == "" || p.o.Pin == t.Name || p.move != nil && p.move.to == t
}

// tryFirst starts an attempt at the first of targets that is due, unless one
// of them is being tried already; if none is due, it has step called when one is.
func (p *policy) tryFirst(targets ...*target) {
	for _, t := range targets {
		if t.trying {
			return
		}
	}
	for _, t := range targets {
		if time.Now().Before(t.due) {
			p.wakeAt(t.due)
			continue
		}
		t.trying = true
		ctx, cancel := context.WithTimeout(p.ctx, p.o.ConnectTimeout)
		rejoining := t == p.rejoin
		if rejoining {
			cancel()
			ctx, cancel = context.WithDeadline(p.ctx, p.until)
		}
		p.spawn(func() {
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
		return
	}
}

// attempted takes in the end of an attempt.
func (p *policy) attempted(m attemptDone) {
	m.target.trying = false
	if m.err != nil {
		p.failed(m.target, m.err)
		return
	}
	m.target.setCause(nil)
	p.spawn(func() { p.watch(m.session) })
	switch {
	case p.active == nil && p.move == nil && (p.rejoin == nil || p.rejoin == m.target) && p.usable(m.target):
		p.activate(m.session)
	case p.wantsAsSpare(m.target):
		if p.spare != nil {
			p.discard(p.takeSpare())
		}
		p.setSpare(m.session)
		m.target.pause = 0
		p.log.Info("standby is connected", "cluster", m.target.Name)
	default:
		p.discard(m.session)
	}
}

// wantsAsSpare reports whether a session on t is of use beside the active one.
func (p *policy) wantsAsSpare(t *target) bool {
	switch {
	case p.active != nil && p.active.target == t:
		return false
	case p.move != nil && p.move.to == t:
		return true
	case !p.usable(t):
		return false
	case p.spare == nil:
		return p.o.Standby == Warm || p.returnDue()
	default:
		return p.returnDue() && t.index < p.spare.target.index
	}
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
	if t.refused { // that takes somebody to mend
		first, longest = refusedTime, refusedMax
	}
	t.pause = min(max(2*t.pause, first), longest)
	wait := t.pause
	if !t.refused && !rejoining {
		wait = jitter(wait) + time.Millisecond
	}
	t.due = time.Now().Add(wait)
	if news {
		p.log.Warn("cluster is not available; it will be tried again", "cluster", t.Name, "cause", err, "pause", wait.Round(time.Millisecond))
	}
}

const (
	rejoinTime  = 10 * time.Millisecond
	refusedTime = time.Second
	refusedMax  = 5 * time.Minute
)

// activate makes s the active session, if the program's own hook agrees.
func (p *policy) activate(s *session) {
	if err := p.runHook(s); err != nil {
		p.discard(s)
		p.failed(s.target, err)
		return
	}
	p.setActive(s)
}

func (p *policy) setActive(s *session) {
	from := p.last
	p.active, p.since, p.last, p.rejoin = s, time.Now(), s.target, nil
	s.target.pause = 0
	p.returnAt = p.since.Add(p.returnPause + jitter(p.returnPause/4))
	s.active.Store(true)
	p.emit(Event{Type: Connected, Cluster: s.target.Name})
	if from != nil && from != s.target {
		p.switches.Add(1)
		p.emit(Event{Type: ChangedCluster, Cluster: s.target.Name, From: from.Name})
		p.log.Debug("switched to another cluster", "cluster", s.target.Name, "from", from.Name)
	} else {
		p.log.Debug("connected", "cluster", s.target.Name)
	}
	p.publish(s)
}

// runHook gives OnActive ConnectTimeout, and goes on without it if it hangs.
func (p *policy) runHook(s *session) error {
	if p.o.OnActive == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(p.ctx, p.o.ConnectTimeout)
	done := make(chan error, 1)
	p.spawn(func() {
		defer cancel()
		done <- p.o.OnActive(ctx, s.hz)
	})
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return &refusedError{"the OnActive hook failed", err}
	}
	return nil
}

// lost takes in the loss of a session.
func (p *policy) lost(m sessionLost) {
	t := m.session.target
	switch m.session {
	case p.spare:
		p.discard(p.takeSpare())
		p.log.Warn("standby is lost", "cluster", t.Name, "reason", m.reason)
		p.failed(t, errors.New(m.reason))
	case p.active:
		m.session.fence()
		p.active = nil
		p.publish(nil)
		p.emit(Event{Type: Disconnected, Cluster: t.Name, Reason: m.reason})
		p.log.Debug("cluster is lost", "cluster", t.Name, "reason", m.reason)
		p.discard(m.session)
		if time.Since(p.since) > p.returnPause {
			p.returnPause = p.o.Failback // it was good for a while
		}
		for _, other := range p.targets {
			other.dueAtOnce()
		}
		if m.silent {
			p.failed(t, errors.New(m.reason))
		} else {
			p.rejoin, p.until = t, time.Now().Add(p.o.Confirm)
			if quiet := time.Since(m.quiet); quiet > p.o.Silence/2 { // our heartbeat closed it
				p.until = m.quiet.Add(p.o.Silence)
			}
		}
	}
}

// publish shows callers the session to use, or that there is none.
func (p *policy) publish(s *session) {
	old := p.current.Swap(&state{session: s, replaced: make(chan struct{})})
	close(old.replaced)
}

// jitter is a random part of d, so that many processes do not act in step.
func jitter(d time.Duration) time.Duration {
	if d <= 0 {
		return 0
	}
	return rand.N(d)
}
