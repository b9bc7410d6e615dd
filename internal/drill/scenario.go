package drill

import (
	"fmt"
	"time"
)

// scenario is one way to break targets. Its script breaks them and waits for what
// must follow. The order of events, lost and repeated writes, and how the project
// ends are judged in the same way for all scenarios.
type scenario struct {
	name    string
	about   string // what it breaks, and what must happen then
	members int    // of each cluster; 0: one
	// targets is how many targets a project must have at least; 0: any number.
	targets int
	// dead, if set, breaks targets before the project starts. Else the script
	// finds the project writing to the primary.
	dead   func(s *stage)
	script func(s *stage)
}

// slack is what a limit grants to detection and scheduling.
const slack = 200 * time.Millisecond

// strike breaks a target, and returns the instant.
func (s *stage) strike(i int, b breakage) time.Time {
	at, err := s.targets[i].Break(b)
	if err != nil {
		s.fail("%v", err)
	}
	s.did(at, b.manner, s.targets[i].Name())
	return at
}

// What a drill does besides breaking things.
const (
	restart = "restart"
	joined  = "join"
	expiry  = "expire session"
)

// Registry stands for the registry among the targets of deeds.
const Registry = "registry"

// did notes what the drill did to a target.
func (s *stage) did(at time.Time, what, target string) {
	s.deeds = append(s.deeds, Deed{at, what, target})
	s.seen.tell(s.targets, s.deeds[len(s.deeds)-1])
}

// noted keeps the instant of the first fault.
func (s *stage) noted(at time.Time) {
	if s.fault.IsZero() {
		s.fault = at
	}
}

// mustSwitch waits for the first write acked by another target than from
// since at, and returns that target. It waits beyond the limit, to report by how
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
		s.fail("no other %s acked a write within %s of the loss of %s", s.kind.noun, limit+5*time.Second, s.targets[from].Name())
		return from
	}
	s.gap, s.recovered = max(s.gap, gap), at.Add(gap)
	s.gaps = append(s.gaps, Span{at, s.recovered})
	if gap > limit {
		s.fail("the gap was %s, the limit is %s", gap.Round(time.Millisecond/10), limit)
	}
	s.pause(s.rest)
	return to
}

// mustBegin waits for the first write of a project that was started a moment
// ago: it must be acked by that target, within the limit.
func (s *stage) mustBegin(on int, limit time.Duration) {
	s.noted(s.started)
	s.begins = on
	var acked time.Time
	ok := s.await(limit+5*time.Second, func() (ok bool) {
		acked, ok = s.targets[on].FirstAckAfter(s.started)
		return ok
	})
	if !ok {
		s.fail("%s acked no write within %s of the start, although it is the only %s that answers", s.targets[on].Name(), limit+5*time.Second, s.kind.noun)
		return
	}
	s.gap, s.gaps = acked.Sub(s.started), append(s.gaps, Span{s.started, acked})
	if s.gap > limit {
		s.fail("the first write was acked %s after the start, the limit is %s", s.gap.Round(time.Millisecond/10), limit)
	}
	s.pause(s.rest)
}

// mustStay watches for d that the active target, and no other, acks writes.
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

// mustContinue waits for a write acked by the active target since at. A writer
// may need several attempts, for example to find a member that answers.
func (s *stage) mustContinue(active int, at time.Time) {
	if !s.await(10*s.callTimeout, func() bool { _, ok := s.targets[active].FirstAckAfter(at); return ok }) {
		s.fail("%s acked no more writes after the fault, although it was not lost", s.targets[active].Name())
	}
}

// bringBack restarts a target that was killed, with its data.
func (s *stage) bringBack(i int) {
	s.did(time.Now(), restart, s.targets[i].Name())
	if err := s.targets[i].Restart(); err != nil {
		s.fail("%v", err)
	}
}

// fail notes one reason for which the run does not pass.
func (s *stage) fail(format string, args ...any) {
	s.failures = append(s.failures, fmt.Sprintf(format, args...))
}
