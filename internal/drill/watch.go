package drill

import (
	"slices"
	"sync"
)

// Look is what the targets see of a run while it goes on.
type Look struct {
	Active string // the target that acked a write since the last look, or before; "" for none so far
	Acked  int    // writes that were acked so far, by all targets
	Last   Deed   // what the drill did last
}

// watch looks at the targets of a run, from outside of it. It asks only what they
// count: the project is left alone.
type watch struct {
	mu      sync.Mutex
	targets []target
	acked   map[string]int // by target, at the last look
	seen    Look
}

// tell says which targets there are now, and what the drill did.
func (w *watch) tell(targets []target, last Deed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.targets, w.seen.Last = slices.Clone(targets), last
}

// look looks at the targets.
func (w *watch) look() Look {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.acked == nil {
		w.acked = make(map[string]int)
	}
	w.seen.Acked = 0
	most := 0
	for _, t := range w.targets {
		n := t.Acked()
		if grown := n - w.acked[t.Name()]; grown > most {
			most, w.seen.Active = grown, t.Name()
		}
		w.acked[t.Name()] = n
		w.seen.Acked += n
	}
	return w.seen
}
