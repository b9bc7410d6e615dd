package failover

import (
	"context"
	"time"
)

// This file has the return of a cluster seen before its pause has ended. The
// pauses grow to RetryMax, because an attempt to connect costs both sides much:
// discovery, TLS on each address, a client. A look costs little: it connects to
// one address without TLS, sees whether the connection stays open for a moment,
// and closes it. The rules, for as long as no cluster is active:
//
//   - Each cluster in a pause is looked at about once a second: the next look
//     begins half a second to a second after the last one, at the next address.
//   - If the connection stays open, an attempt follows within a quarter of a
//     second. Both times are random, so a thousand processes come one by one.
//   - If that attempt fails, the next look at this cluster comes 1 s later than
//     usual; after the next attempt in vain 2 s later, then 4 s, up to RetryMax,
//     until a cluster has been active. The pauses go on as if nobody had looked.
//     So a port that answers while its cluster is not ready brings on at most five
//     attempts in the first half minute, and then one in RetryMax (30 s).
//
// A cluster that refused us is not looked at: an operator has to act, and its
// port tells nothing of that. Nor is a discovery URL, which answers whether the
// cluster is up or not: we look at the addresses that it gave last. If the
// cluster returns at others, or was frozen, so that its system went on accepting
// connections, the attempt after the pause finds it. A standby is not looked
// for: no call waits for it.

const (
	// lookTime is the longest time from one look at a cluster to the next.
	lookTime = time.Second
	// lookListen is how long a connection must stay open. A proxy whose cluster is
	// gone accepts connections and closes them, and may be slow to do so.
	lookListen = lookTime / 10
	// lookSpread is the longest time from a look to the attempt that it brings on.
	lookSpread = lookTime / 4
)

// portAnswers says that a look at the cluster found an address that answers.
type portAnswers struct{ target *target }

// look looks at those of targets whose turn it is.
func (p *policy) look(targets ...*target) {
	now := time.Now()
	for _, t := range targets {
		switch {
		case t.refused || t.trying || t.seen || !now.Before(t.due):
		case now.Before(t.lookAt):
			p.wakeAt(t.lookAt)
		default:
			t.lookLater(0)
			p.wakeAt(t.lookAt)
			p.lookAt(t)
		}
	}
}

// lookLater puts the next look off by the usual time, and by more.
func (t *target) lookLater(more time.Duration) {
	if at := time.Now().Add(lookTime/2 + jitter(lookTime/2) + more); at.After(t.lookAt) {
		t.lookAt = at
	}
}

// lookAt looks at the next known address of t, in the background.
func (p *policy) lookAt(t *target) {
	nodes := t.known()
	if len(nodes) == 0 {
		return // discovery has never answered
	}
	address := nodes[t.looks%uint(len(nodes))].PublicAddr
	t.looks++
	p.spawn(func() {
		ctx, cancel := context.WithTimeout(p.ctx, lookTime/2)
		defer cancel()
		if probeAddress(ctx, address, nil, lookListen) != nil {
			return
		}
		select {
		case p.inbox <- portAnswers{t}:
		case <-p.ctx.Done():
		}
	})
}

// portAnswered has the pause of a cluster end soon.
func (p *policy) portAnswered(t *target) {
	if due := time.Now().Add(jitter(lookSpread)); !t.refused && !t.trying && due.Before(t.due) {
		t.due, t.seen = due, true
	}
}

// lookAfterFailure puts the next look off after a failed attempt: by more each
// time, if a look had brought it on.
func (t *target) lookAfterFailure(longest time.Duration) {
	more := time.Duration(0)
	if t.seen {
		t.inVain = min(max(2*t.inVain, lookTime), longest)
		more, t.seen = t.inVain, false
	}
	t.lookLater(more)
}
