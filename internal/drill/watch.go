package drill

import (
	"slices"
	"sync"
)

// Look is what is seen of a run while it goes on.
type Look struct {
	Active  string  // the target that acked a write since the last look, or before; "" for none so far
	Acked   int     // writes that were acked so far, by all targets
	Targets []Seen  // in order of preference; one that joined later stands last
	Deeds   []Deed  // what the drill did last, in order; at most recent
	Events  []Event // the project's last events, in order; at most recent
}

// Seen is one target at a look.
type Seen struct {
	Name      string
	Acked     int    // writes so far
	Connected bool   // the project has a connection to it
	Broken    string // the deed by which it answers nothing; "" if it answers
}

// recent is how many deeds and events a look tells of.
const recent = 4

// watch looks at the targets of a run, from outside of it. It asks only what they
// count, and reads the project's ledger: the project is left alone.
type watch struct {
	mu      sync.Mutex
	targets []target
	book    *follower      // nil until the run begins
	acked   map[string]int // by target, at the last look
	broken  map[string]string
	seen    Look
}

// begin says which targets there are, and where the project's events are read.
func (w *watch) begin(targets []target, book *follower) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.targets, w.book = slices.Clone(targets), book
	w.acked, w.broken = make(map[string]int), make(map[string]string)
}

// tell says which targets there are now, and what the drill did.
func (w *watch) tell(targets []target, d Deed) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.targets = slices.Clone(targets)
	switch {
	case d.silences():
		w.broken[d.Target] = d.What
	case d.Restarts():
		delete(w.broken, d.Target)
	}
	w.seen.Deeds = last(append(slices.Clone(w.seen.Deeds), d)) // the one before may be in use
}

// look looks at the targets.
func (w *watch) look() Look {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.book == nil {
		return Look{}
	}
	w.seen.Acked, w.seen.Targets = 0, nil
	most := 0
	for _, t := range w.targets {
		now := Seen{t.Name(), t.Acked(), t.Connections() > 0, w.broken[t.Name()]}
		if grown := now.Acked - w.acked[now.Name]; grown > most {
			most, w.seen.Active = grown, now.Name
		}
		w.acked[now.Name] = now.Acked
		w.seen.Acked += now.Acked
		w.seen.Targets = append(w.seen.Targets, now)
	}
	w.seen.Events = w.book.lastEvents()
	return w.seen
}

// last are the last elements of a list, at most recent.
func last[T any](list []T) []T { return list[max(0, len(list)-recent):] }
