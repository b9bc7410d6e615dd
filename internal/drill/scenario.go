package drill

import (
	"fmt"
	"time"
)

// scenario is one way to break clusters. Its script breaks them and waits for what
// must follow. The order of events, lost and repeated writes, and how the project
// ends are judged in the same way for all scenarios.
type scenario struct {
	name    string
	about   string // what it breaks, and what must happen then
	members int    // of each cluster; 0: one
	// clusters is how many clusters a project must have at least; 0: any number.
	clusters int
	// dead, if set, breaks clusters before the project starts. Else the script
	// finds the project writing to the primary.
	dead   func(s *stage)
	script func(s *stage)
}

// slack is what a limit grants to detection and scheduling.
const slack = 200 * time.Millisecond

// reach is how long it may take to leave a cluster that refuses every reconnect,
// and to connect to the next one.
func (s *stage) reach() time.Duration { return s.f.Confirm + s.f.ConnectTimeout + slack }

// patience is how long it may take to leave a cluster that is silent. With a cold
// standby, the connection to the next one has yet to be made.
func (s *stage) patience() time.Duration {
	if s.warm {
		return s.f.Silence + slack
	}
	return s.f.Silence + s.f.ConnectTimeout + slack
}

// strike breaks a target, and returns the instant.
func (s *stage) strike(i int, b breakage) time.Time {
	at, err := s.targets[i].Break(b)
	if err != nil {
		s.fail("%v", err)
	}
	return at
}

// noted keeps the instant of the first fault.
func (s *stage) noted(at time.Time) {
	if s.fault.IsZero() {
		s.fault = at
	}
}

// mustSwitch waits for the first write acked by another cluster than from
// since at, and returns that cluster. It waits beyond the limit, to report by how
// much the project missed it. Then it leaves the project alone for a moment, so
// that mistakes after a switch are seen as well.
func (s *stage) mustSwitch(from int, at time.Time, limit time.Duration) int {
	s.noted(at)
	s.switches++
	to, gap := -1, time.Duration(0)
	s.await(limit+5*time.Second, func() bool {
		for i, t := range s.targets {
			if acked, ok := t.FirstAckAfter(at); i != from && ok && (to < 0 || acked.Sub(at) < gap) {
				to, gap = i, acked.Sub(at)
			}
		}
		return to >= 0
	})
	if to < 0 {
		s.fail("no other cluster acked a write within %s of the loss of %s", limit+5*time.Second, s.targets[from].Name())
		return from
	}
	s.gap, s.recovered = max(s.gap, gap), at.Add(gap)
	if gap > limit {
		s.fail("the gap was %s, the limit is %s", gap.Round(time.Millisecond/10), limit)
	}
	s.pause(s.rest)
	return to
}

// mustBegin waits for the first write of a project that was started a moment
// ago: it must be acked by that cluster, within the limit.
func (s *stage) mustBegin(on int, limit time.Duration) {
	s.noted(s.started)
	s.begins = on
	var acked time.Time
	ok := s.await(limit+5*time.Second, func() (ok bool) {
		acked, ok = s.targets[on].FirstAckAfter(s.started)
		return ok
	})
	if !ok {
		s.fail("%s acked no write within %s of the start, although it is the only cluster that answers", s.targets[on].Name(), limit+5*time.Second)
		return
	}
	s.gap = acked.Sub(s.started)
	if s.gap > limit {
		s.fail("the first write was acked %s after the start, the limit is %s", s.gap.Round(time.Millisecond/10), limit)
	}
	s.pause(s.rest)
}

// mustStay watches for d that the active cluster, and no other, acks writes.
func (s *stage) mustStay(active int, at time.Time, d time.Duration) {
	s.noted(at)
	s.pause(d)
	s.mustContinue(active, at.Add(d/2))
	for i, t := range s.targets {
		if acked, ok := t.FirstAckAfter(at); ok && i != active {
			s.fail("%s acked a write %s after the fault: there must be no switch", t.Name(), acked.Sub(at).Round(time.Millisecond))
		}
	}
}

// mayReturn waits for a return to the primary, which is up again since at. To stay
// is right as well, because the project's own hook decides whether the primary has
// caught up. In both cases the active cluster must continue to ack writes.
func (s *stage) mayReturn(active int, at time.Time) {
	d := s.f.FailbackAfter + s.f.FailbackAfter/4 + s.reach() + time.Second // a quarter is the engine's jitter
	if s.await(d, func() bool { _, ok := s.targets[0].FirstAckAfter(at); return ok }) {
		s.switches++
		active = 0
	}
	s.mustContinue(active, time.Now())
}

// mustContinue waits for a write acked by the active cluster since at. A
// writer may need several attempts to find a member that answers.
func (s *stage) mustContinue(active int, at time.Time) {
	if !s.await(10*s.f.OpTimeout, func() bool { _, ok := s.targets[active].FirstAckAfter(at); return ok }) {
		s.fail("%s acked no more writes after the fault, although it was not lost", s.targets[active].Name())
	}
}

// bringBack restarts a cluster that was killed, with its data.
func (s *stage) bringBack(i int) {
	if err := s.targets[i].Restart(); err != nil {
		s.fail("%v", err)
	}
}

// awaitStandby waits until the project is connected to a second cluster again, if
// it keeps a warm standby.
func (s *stage) awaitStandby(active int) {
	if !s.warm {
		return
	}
	ready := func() bool {
		for i, c := range s.targets {
			if i != active && c.Connections() > 0 {
				return true
			}
		}
		return false
	}
	if !s.await(15*time.Second, ready) {
		s.fail("no cluster besides %s got a standby connection within 15s", s.targets[active].Name())
	}
	s.settleDown()
}

// fail notes one reason for which the run does not pass.
func (s *stage) fail(format string, args ...any) {
	s.failures = append(s.failures, fmt.Sprintf(format, args...))
}
