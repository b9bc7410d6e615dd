package failover

import (
	"sync"
	"time"
)

// overdue ends attempts that take too long, and reads of a response's body. One timer looks after all of them,
// so that each may take a thirty-second part longer than it should: a timer for
// each would cost as much as the rest of the engine, because to set one wakes a
// thread of the runtime.
type overdue struct {
	every time.Duration // between two looks

	mu       sync.Mutex
	inFlight []*lease
	armed    bool
}

// add begins to watch a lease, which it ends as late once limit has passed.
func (o *overdue) add(l *lease, limit time.Duration, late *timeoutError) {
	o.mu.Lock()
	defer o.mu.Unlock()
	l.deadline, l.late, l.at = time.Now().Add(limit), late, len(o.inFlight)
	o.inFlight = append(o.inFlight, l)
	if !o.armed {
		o.armed = true
		time.AfterFunc(o.every, o.look)
	}
}

// remove ends that. It reports whether the lease was in time.
func (o *overdue) remove(l *lease) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.drop(l)
}

func (o *overdue) drop(l *lease) bool {
	if l.at < 0 {
		return false
	}
	last := len(o.inFlight) - 1
	moved := o.inFlight[last]
	o.inFlight[l.at], moved.at = moved, l.at
	o.inFlight[last] = nil
	o.inFlight = o.inFlight[:last]
	l.at = -1
	return true
}

// look ends what is overdue, and looks again while anything is in flight.
func (o *overdue) look() {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := time.Now()
	for i := len(o.inFlight) - 1; i >= 0; i-- {
		if l := o.inFlight[i]; now.After(l.deadline) {
			o.drop(l)
			l.cancel(l.late)
		}
	}
	if o.armed = len(o.inFlight) > 0; o.armed {
		time.AfterFunc(o.every, o.look)
	}
}
