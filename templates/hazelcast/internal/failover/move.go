package failover

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// entry is a session that is about to become the active one. First the
// program's OnActive hook runs. Then, if another session is still active, no
// new calls enter that one, and those inside it get time to finish.
type entry struct {
	*session
	agreed bool               // OnActive has returned without an error
	until  time.Time          // when what it waits for must have happened
	stop   context.CancelFunc // ends what it waits for
}

// move is a change of cluster that was asked for: by Switch, or by Failback
// when its time has come. Unlike after a loss, calls in flight finish first.
type move struct {
	to   *target
	pin  bool // the client is pinned to the cluster once it is there
	done chan error
}

// gaveUp says that the caller of Switch waits no longer.
type gaveUp struct {
	move *move
	err  error
}

// readiness is what the ReadyToReturn hook said of a standby.
type readiness struct {
	session *session
	err     error
}

// Switch makes the named cluster the active one: it connects to it, runs
// OnActive, waits up to OpTimeout until calls in flight have finished, and sends
// new ones there. On an error it has changed nothing. A pinned client is pinned
// to the new cluster.
func (c *Client) Switch(ctx context.Context, cluster string) error {
	return c.moveTo(ctx, "Switch", cluster, false)
}

// moveTo asks the policy for a move and waits for its end.
func (c *Client) moveTo(ctx context.Context, method, cluster string, pin bool) error {
	if c.hookOfCaller() == "OnActive" {
		return fmt.Errorf("%s was called inside OnActive, which a switch waits for: call it after the hook has returned", method)
	}
	index := slices.IndexFunc(c.targets, func(t *target) bool { return t.Name == cluster })
	if index < 0 {
		return fmt.Errorf("there is no cluster %q", cluster)
	}
	m := &move{to: c.targets[index], pin: pin, done: make(chan error, 1)}
	select {
	case c.inbox <- m:
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ctx.Done():
		return errClosed
	}
	select {
	case err := <-m.done:
		return err
	case <-ctx.Done():
	}
	select {
	case c.inbox <- gaveUp{m, ctx.Err()}:
		return <-m.done // answered now, or just before
	case err := <-m.done:
		return err
	}
}

// asked takes in a request to move.
func (p *policy) asked(m *move) {
	p.endMove(errors.New("another switch was asked for meanwhile"))
	p.move = m
	m.to.due = time.Time{}
	if p.active != nil && p.active.target == m.to {
		p.endMove(nil) // it is there already
	}
}

// endMove answers the move, if there is one. On an error the active cluster stays.
func (p *policy) endMove(err error) {
	m := p.move
	if m == nil {
		return
	}
	p.move = nil
	switch {
	case err == nil && (m.pin || p.o.Pin != ""):
		p.o.Pin = m.to.Name
	case err != nil && p.next != nil && p.active != nil:
		p.turnAway()
	}
	m.done <- err
}

// enter makes s the next session: OnActive runs, and then setActive follows.
func (p *policy) enter(s *session) {
	ctx, cancel := context.WithTimeout(p.ctx, p.o.ConnectTimeout)
	p.next = &entry{session: s, until: time.Now().Add(p.o.ConnectTimeout), stop: cancel}
	if p.o.OnActive == nil {
		p.hookReturned(hookDone{session: s})
		return
	}
	p.spawn(func() {
		err := p.runHook("OnActive", func() error { return p.o.OnActive(ctx, s.hz) })
		p.post(s, hookDone{s, err})
	})
}

// hookReturned goes on with the next session once OnActive agrees. Calls inside
// the active one finish first, so that none is acked there after one was acked here.
func (p *policy) hookReturned(m hookDone) {
	next := p.next
	if next == nil || next.session != m.session {
		return // it was turned away meanwhile
	}
	if m.err != nil {
		p.turnAway()
		p.failed(m.session.target, &refusedError{"the OnActive hook failed", m.err})
		return
	}
	next.stop()
	next.agreed = true
	if p.active == nil {
		p.setActive()
		return
	}
	old := p.active
	old.fence()
	ctx, cancel := context.WithTimeout(p.ctx, p.o.OpTimeout)
	next.until, next.stop = time.Now().Add(p.o.OpTimeout), cancel
	p.spawn(func() {
		old.drain(ctx)
		p.post(next.session, drained{next})
	})
}

// overdue goes on without what the next session waits for.
func (p *policy) overdue() {
	if p.next.agreed {
		p.setActive()
		return
	}
	p.hookReturned(hookDone{p.next.session, fmt.Errorf("it did not return within %v", p.o.ConnectTimeout)})
}

// turnAway gives the next session up. The active one, if it was being drained,
// takes calls again: none has entered the next one.
func (p *policy) turnAway() {
	next := p.next
	p.next = nil
	next.stop()
	p.discard(next.session)
	if next.agreed && p.active != nil {
		p.active.unfence()
		p.publish(p.active)
	}
}

// setActive makes the next session the active one.
func (p *policy) setActive() {
	s := p.next.session
	p.next.stop()
	p.next = nil
	if old := p.active; old != nil {
		p.gone = time.Now()
		p.emit(Event{Type: Disconnected, Cluster: old.target.Name, Reason: "moving to " + s.target.Name})
		p.discard(old)
	}
	from := p.last
	p.active, p.since, p.last, p.rejoin = s, time.Now(), s.target, nil
	s.target.forgetPause()
	p.returnAt = p.since.Add(p.returnPause + jitter(p.returnPause/4))
	s.active.Store(true)
	p.emit(Event{Type: Connected, Cluster: s.target.Name})
	if from != nil && from != s.target {
		gone := p.gone
		s.gap.Store(&gone)
		p.switches.Add(1)
		p.emit(Event{Type: ChangedCluster, Cluster: s.target.Name, From: from.Name})
	}
	p.publish(s)
	if p.move != nil && p.move.to == s.target {
		p.endMove(nil)
	}
}

// returnDue reports whether it is time to look for a way back to a cluster
// that stands before the active one.
func (p *policy) returnDue() bool {
	return p.o.Failback > 0 && p.o.Pin == "" && p.active != nil && p.active.target.index > 0 && !time.Now().Before(p.returnAt)
}

// considerReturn connects to a better cluster when it is time, and asks the
// program whether that one has caught up: that it can be reached says nothing.
func (p *policy) considerReturn() {
	if p.o.Failback <= 0 || p.o.Pin != "" || p.asking || p.active.target.index == 0 {
		return
	}
	if !p.returnDue() {
		p.wakeAt(p.returnAt)
		return
	}
	s := p.spare
	if s == nil || s.target.index > p.active.target.index {
		p.try(p.targets[:p.active.target.index]...)
		return
	}
	p.asking = true
	p.spawn(func() {
		ctx, cancel := context.WithTimeout(p.ctx, p.o.ConnectTimeout)
		defer cancel()
		err := p.runHook("ReadyToReturn", func() error { return p.o.ReadyToReturn(ctx, s.hz) })
		select {
		case p.inbox <- readiness{s, err}:
		case <-p.ctx.Done():
		}
	})
}

// returnAnswered asks for the move back if the hook agreed; if not, the hook is
// asked again after a pause. A return whose cluster is soon lost again makes the
// next one wait twice as long.
func (p *policy) returnAnswered(m readiness) {
	p.asking = false
	if m.session != p.spare || p.active == nil || p.move != nil || !p.returnDue() {
		return
	}
	if m.err != nil {
		p.returnAt = time.Now().Add(p.returnPause + jitter(p.returnPause/4))
		p.log.Info("not going back yet", "cluster", m.session.target.Name, "cause", m.err, "pause", p.returnPause)
		return
	}
	p.returnPause = min(2*p.returnPause, returnPauses*p.o.Failback)
	p.asked(&move{to: m.session.target, done: make(chan error, 1)})
}

// returnPauses is the most by which failed returns lengthen the pause.
const returnPauses = 16
