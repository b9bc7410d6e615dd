package failover

import (
	"errors"
	"time"
)

// policy decides which cluster is active. It is one goroutine, and it alone
// changes the fields below. Everything that takes time (attempts to connect,
// hooks, calls that must finish) runs beside it and reports by a message, so
// the policy hears of every loss at once. It waits for nothing but the Logger.
type policy struct {
	*Client
	active *session
	since  time.Time // when it became active
	spare  *session  // connected ahead of time: the standby
	next   *entry    // the session that is about to become active
	last   *target   // the cluster that was active last
	gone   time.Time // when that cluster was lost, or left
	rejoin *target   // the cluster that was just lost and may accept us again...
	until  time.Time // ...for so long
	wake   time.Time // when step has something to do without a message

	move        *move         // a change of cluster that was asked for
	returnAt    time.Time     // when to ask whether the way back is free
	returnPause time.Duration // how long to wait for that next time
	asking      bool          // the ReadyToReturn hook is running
}

// The messages to the policy: these, and those of move.go and look.go.
type (
	// attemptDone says how an attempt to connect ended: with a session or an error.
	attemptDone struct {
		target  *target
		session *session
		err     error
	}
	// sessionLost says that a session can no longer be used.
	sessionLost struct {
		session *session
		silent  bool      // it answers nothing, though it is connected
		quiet   time.Time // since when it has answered nothing
		reason  string
	}
	// hookDone says what OnActive returned.
	hookDone struct {
		session *session
		err     error
	}
	// drained says that the last call has left the active session, or that those
	// still inside have used up their time.
	drained struct{ next *entry }
)

func (c *Client) policy() {
	p := &policy{Client: c, returnPause: c.o.Failback}
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case message := <-c.inbox:
			p.hear(message)
		case <-timer.C:
		case <-c.ctx.Done():
			p.end()
			return
		}
		for waiting := true; waiting; { // decide when all is heard: of two clusters that are ready the better one counts
			select {
			case message := <-c.inbox:
				p.hear(message)
			default:
				waiting = false
			}
		}
		p.wake = time.Now().Add(time.Hour)
		p.step()
		timer.Reset(time.Until(p.wake))
	}
}

func (p *policy) hear(message any) {
	switch m := message.(type) {
	case attemptDone:
		p.attempted(m)
	case sessionLost:
		p.lost(m)
	case hookDone:
		p.hookReturned(m)
	case portAnswers:
		p.portAnswered(m.target)
	case drained:
		if p.next == m.next {
			p.setActive()
		}
	case *move:
		p.asked(m)
	case unpin:
		p.unpinned(m)
	case gaveUp:
		if p.move == m.move {
			p.endMove(m.err)
		}
	case readiness:
		p.returnAnswered(m)
	}
}

// end gives up everything when the client is closed.
func (p *policy) end() {
	if p.next != nil {
		p.turnAway()
	}
	p.publish(nil)
	p.endMove(errClosed)
	close(p.events)
	for _, s := range []*session{p.active, p.spare} {
		if s != nil {
			p.discard(s)
		}
	}
}

// wakeAt has step called again no later than at t.
func (p *policy) wakeAt(t time.Time) {
	if t.Before(p.wake) {
		p.wake = t
	}
}

// step does what comes next. It runs after each message, and when wake is
// reached. The states, and what leads out of them:
//
//	state      fields                   step                                    left by
//	rejoining  no active, rejoin        tries the lost cluster again            attemptDone, until
//	searching  no active, no rejoin     tries all clusters, overlapping; looks  attemptDone, portAnswers
//	entering   next                     waits for OnActive (ConnectTimeout)     hookDone, sessionLost, next.until
//	draining   next.agreed, active      waits for calls inside (OpTimeout)      drained, sessionLost, next.until
//	active     active, no next          keeps a standby, considers a return     sessionLost, *move, readiness
//
// A move adds attempts at its cluster to each of them. A loss while OnActive
// runs on the next cluster is told at once, and that cluster becomes active as
// soon as the hook agrees: any other would need the same hook from its beginning.
func (p *policy) step() {
	if p.rejoin != nil && !time.Now().Before(p.until) {
		p.rejoin.dueAtOnce()
		p.rejoin = nil
	}
	if p.next != nil && !time.Now().Before(p.next.until) {
		p.overdue()
	}
	if p.spare != nil && p.spare.isCut() {
		p.lost(sessionLost{session: p.spare, reason: cutReason})
	}
	if p.spare != nil && !p.useful(p.spare.target) {
		p.discard(p.takeSpare())
	}
	needed := p.active == nil && p.rejoin == nil
	if p.next == nil && p.spare != nil && (needed || p.move != nil && p.move.to == p.spare.target) {
		p.enter(p.takeSpare())
	}
	if p.next == nil {
		p.search()
	} else {
		p.wakeAt(p.next.until)
	}
}

// search starts the attempts to connect that are of use now.
func (p *policy) search() {
	if p.move != nil {
		p.try(p.move.to)
	}
	switch {
	case p.active == nil && p.rejoin != nil:
		p.try(p.rejoin)
	case p.active == nil:
		p.try(p.candidates()...)
		p.look(p.candidates()...)
	case p.move == nil:
		p.considerReturn()
		if p.spare == nil && p.o.Standby == Warm {
			p.try(p.candidates()...)
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

// lost takes in the loss of a session.
func (p *policy) lost(m sessionLost) {
	t := m.session.target
	switch {
	case p.next != nil && p.next.session == m.session:
		p.turnAway()
		p.failed(t, errors.New(m.reason))
	case p.spare == m.session:
		p.discard(p.takeSpare())
		p.log.Warn("standby is lost", "cluster", t.Name, "reason", m.reason)
		p.failed(t, errors.New(m.reason))
	case p.active == m.session:
		p.activeLost(m)
	}
}

func (p *policy) activeLost(m sessionLost) {
	t := m.session.target
	m.session.fence()
	if m.session.gap.Load() == nil { // if not, it has acked nothing, and the gap goes on
		p.gone = time.Now()
		if m.silent || time.Since(m.quiet) > p.o.Silence/2 {
			p.gone = m.quiet
		}
	}
	p.active = nil
	p.publish(nil)
	p.emit(Event{Type: Disconnected, Cluster: t.Name, Reason: m.reason})
	p.discard(m.session)
	if time.Since(p.since) > p.returnPause {
		p.returnPause = p.o.Failback // it was good for a while
	}
	for _, other := range p.targets {
		other.dueAtOnce()
		other.begun = time.Time{}
	}
	if m.silent {
		p.failed(t, errors.New(m.reason))
	} else {
		p.rejoin, p.until = t, time.Now().Add(p.o.Confirm)
		if quiet := time.Since(m.quiet); quiet > p.o.Silence/2 { // our heartbeat closed it
			p.until = m.quiet.Add(p.o.Silence)
		}
	}
	if p.next != nil && p.next.agreed { // it waited for calls inside the lost session only
		p.setActive()
	}
}

// publish shows callers the session to use, or that there is none.
func (p *policy) publish(s *session) {
	old := p.current.Swap(&state{session: s, replaced: make(chan struct{})})
	close(old.replaced)
}
