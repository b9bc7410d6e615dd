package failover

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// move is a change of cluster that nobody is forced to make. Unlike after a
// loss, calls in flight are let finish first.
type move struct {
	ctx  context.Context // of the caller, who may give up
	to   *target
	done chan error
}

// readiness is what the ReadyToReturn hook said of a standby.
type readiness struct {
	session *session
	err     error
}

// Switch makes the named cluster the active one: it connects to it, lets calls
// in flight finish for up to OpTimeout, and sends new ones there. On an error
// nothing has changed. A pinned client is pinned to the new one.
func (c *Client) Switch(ctx context.Context, cluster string) error {
	for _, t := range c.targets {
		if t.Name != cluster {
			continue
		}
		m := &move{ctx: ctx, to: t, done: make(chan error, 1)}
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
			return ctx.Err()
		}
	}
	return fmt.Errorf("there is no cluster %q", cluster)
}

// asked takes in a request to move.
func (p *policy) asked(m *move) {
	p.endMove(errors.New("another switch was asked for meanwhile"))
	p.move = m
	m.to.due = time.Time{}
}

func (p *policy) endMove(err error) {
	if p.move != nil {
		p.move.done <- err
		p.move = nil
	}
}

// dropMove forgets a move whose caller has given up.
func (p *policy) dropMove() {
	if p.move != nil && p.move.ctx.Err() != nil {
		p.endMove(p.move.ctx.Err())
	}
}

// advance brings the move that was asked for one step further.
func (p *policy) advance() {
	to := p.move.to
	var err error
	switch {
	case p.active != nil && p.active.target == to:
	case p.spare != nil && p.spare.target == to:
		err = p.moveTo(p.takeSpare())
	default:
		p.tryFirst(to)
		return
	}
	if err == nil && p.o.Pin != "" {
		p.o.Pin = to.Name
	}
	p.endMove(err)
	p.step()
}

// moveTo makes s active in place of the session that is. It waits until no
// call is inside the old one, so that none is acked there after one was here.
func (p *policy) moveTo(s *session) error {
	if err := p.runHook(s); err != nil {
		p.discard(s)
		p.failed(s.target, err)
		return err
	}
	if old := p.active; old != nil {
		old.fence()
		timeout := time.NewTimer(p.o.OpTimeout)
		defer timeout.Stop()
		select {
		case <-old.drained:
		case <-timeout.C:
		case <-p.ctx.Done():
		}
		p.emit(Event{Type: Disconnected, Cluster: old.target.Name, Reason: "moving to " + s.target.Name})
		p.discard(old)
	}
	p.setActive(s)
	return nil
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
		p.tryFirst(p.targets[:p.active.target.index]...)
		return
	}
	p.asking = true
	p.spawn(func() {
		ctx, cancel := context.WithTimeout(p.ctx, p.o.ConnectTimeout)
		defer cancel()
		err := p.o.ReadyToReturn(ctx, s.hz)
		select {
		case p.inbox <- readiness{s, err}:
		case <-p.ctx.Done():
		}
	})
}

// returnAnswered goes back if the hook agreed; if not, it is asked again after
// a pause. A return whose cluster is soon lost again makes the next one wait
// twice as long.
func (p *policy) returnAnswered(m readiness) {
	p.asking = false
	if m.session != p.spare || p.active == nil || !p.returnDue() {
		return
	}
	if m.err != nil {
		p.returnAt = time.Now().Add(p.returnPause + jitter(p.returnPause/4))
		p.log.Info("not going back yet", "cluster", m.session.target.Name, "cause", m.err, "pause", p.returnPause)
		return
	}
	p.returnPause = min(2*p.returnPause, returnPauses*p.o.Failback)
	_ = p.moveTo(p.takeSpare()) // a failed hook is logged, and the active cluster stays
}

// returnPauses is the most by which failed returns lengthen the pause.
const returnPauses = 16
