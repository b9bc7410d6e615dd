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
	spare  *session // connected ahead of time, when the standby is warm
	last   *target  // the cluster that was active last
	rejoin *target  // it closed our last connection and may let us back in...
	until  time.Time
	timer  *time.Timer
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
	silent  bool // it answers nothing, though it is connected
	reason  string
}

func (c *Client) policy() {
	p := &policy{Client: c, timer: time.NewTimer(time.Hour)}
	for {
		p.step()
		select {
		case message := <-c.inbox:
			switch m := message.(type) {
			case attemptDone:
				p.attempted(m)
			case sessionLost:
				p.lost(m)
			}
		case <-p.timer.C:
		case <-c.ctx.Done():
			p.timer.Stop()
			p.publish(nil)
			for _, s := range []*session{p.active, p.spare} {
				if s != nil {
					c.discard(s)
				}
			}
			return
		}
	}
}

// step does what is to be done next. With no cluster active, that is to get
// back into the one just lost for as long as Confirm allows, else to take the
// standby, else to try the clusters in order. With one active, it is to
// connect a standby.
func (p *policy) step() {
	if p.rejoin != nil && !time.Now().Before(p.until) {
		p.rejoin = nil
	}
	switch {
	case p.active == nil && p.rejoin != nil:
		p.tryFirst(p.rejoin)
	case p.active == nil && p.spare != nil:
		s := p.spare
		p.spare = nil
		p.standby.Store(nil)
		p.activate(s)
		p.step()
	case p.active == nil, p.spare == nil && p.o.Standby == Warm:
		p.tryFirst(p.candidates()...)
	}
}

// candidates lists the clusters in the order in which to try them: that of the
// configuration, with the one just lost at the end.
func (p *policy) candidates() []*target {
	var list []*target
	for _, t := range p.targets {
		if t != p.last {
			list = append(list, t)
		}
	}
	if p.active == nil && p.last != nil {
		list = append(list, p.last)
	}
	return list
}

// tryFirst starts an attempt at the first of targets that is due, unless one
// of them is being tried already; if none is due, it sets the timer.
func (p *policy) tryFirst(targets ...*target) {
	wait := time.Hour
	for _, t := range targets {
		if t.trying {
			return
		}
		wait = min(wait, time.Until(t.due))
	}
	p.timer.Reset(max(wait, 0))
	for _, t := range targets {
		if time.Now().Before(t.due) {
			continue
		}
		p.timer.Stop()
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
	m.target.succeeded()
	p.spawn(func() { p.watch(m.session) })
	switch {
	case p.active == nil && (p.rejoin == nil || p.rejoin == m.target):
		p.activate(m.session)
	case p.spare == nil && p.o.Standby == Warm && (p.active == nil || p.active.target != m.target):
		p.spare = m.session
		p.standby.Store(m.session)
		p.log.Info("standby is connected", "cluster", m.target.Name)
	default:
		p.discard(m.session)
	}
}

// failed notes why a cluster can't be reached and when to try it again.
func (p *policy) failed(t *target, err error) {
	var refused *refusedError
	isRefused := errors.As(err, &refused)
	if t == p.rejoin {
		if isRefused || errors.Is(err, errRefusedEverywhere) {
			p.rejoin = nil
		}
	}
	news := t.setCause(err)
	t.refused = isRefused
	first, longest := p.o.RetryTime, p.o.RetryMax
	if isRefused { // each refused start leaks in the client, so these are rare
		first, longest = refusedTime, refusedMax
	}
	t.pause = min(max(2*t.pause, first), longest)
	wait := t.pause
	if !isRefused {
		wait = rand.N(wait) + time.Millisecond
	}
	if t == p.rejoin {
		wait = min(wait, 10*time.Millisecond)
	}
	t.due = time.Now().Add(wait)
	if news {
		p.log.Warn("cluster is not available; it will be tried again", "cluster", t.Name, "cause", err, "pause", wait.Round(time.Millisecond))
	}
}

const (
	refusedTime = time.Second
	refusedMax  = 5 * time.Minute
)

// activate makes s the active session.
func (p *policy) activate(s *session) {
	if p.o.OnActive != nil {
		ctx, cancel := context.WithTimeout(p.ctx, p.o.ConnectTimeout)
		err := p.o.OnActive(ctx, s.hz)
		cancel()
		if err != nil {
			p.discard(s)
			p.failed(s.target, &refusedError{"the OnActive hook failed", err})
			return
		}
	}
	from := p.last
	p.active, p.last, p.rejoin = s, s.target, nil
	s.active.Store(true)
	p.publish(s)
	p.emit(Event{Type: Connected, Cluster: s.target.Name})
	if from != nil && from != s.target {
		p.switches.Add(1)
		p.emit(Event{Type: ChangedCluster, Cluster: s.target.Name, From: from.Name})
		p.log.Warn("switched to another cluster", "cluster", s.target.Name, "from", from.Name)
	} else {
		p.log.Info("connected", "cluster", s.target.Name)
	}
}

// lost takes in the loss of a session.
func (p *policy) lost(m sessionLost) {
	t := m.session.target
	switch m.session {
	case p.spare:
		p.spare = nil
		p.standby.Store(nil)
		p.discard(m.session)
		p.log.Warn("standby is lost", "cluster", t.Name, "reason", m.reason)
		p.failed(t, errors.New(m.reason))
	case p.active:
		m.session.fence()
		p.active = nil
		p.publish(nil)
		p.emit(Event{Type: Disconnected, Cluster: t.Name, Reason: m.reason})
		p.log.Warn("cluster is lost", "cluster", t.Name, "reason", m.reason)
		p.discard(m.session)
		for _, other := range p.targets {
			other.dueAtOnce()
		}
		if m.silent {
			p.failed(t, errors.New(m.reason))
		} else {
			p.rejoin, p.until = t, time.Now().Add(p.o.Confirm)
		}
	}
}

// publish shows callers the session to use, or that there is none.
func (p *policy) publish(s *session) {
	old := p.current.Swap(&state{session: s, replaced: make(chan struct{})})
	close(old.replaced)
}
