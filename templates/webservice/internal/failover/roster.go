package failover

import (
	"fmt"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
)

// roster is the list of endpoints with what is known of each. The zero value of
// active means that the next call chooses.
type roster struct {
	first bool // begin each call at the first entry, as Java does
	emit  func(Event)

	serving atomic.Pointer[entry] // the active entry once it has answered: found without the lock

	mu       sync.Mutex
	entries  []*entry // in the order in which they are tried
	active   *entry   // chosen, perhaps not proven yet
	served   string   // URL of the entry that was last serving
	switches int64
	another  chan struct{} // closed when the list is another
}

// entry is one endpoint for as long as it is in the list.
type entry struct {
	Endpoint
	url *url.URL
	err error // why the URL can't be used

	turn   atomic.Int64 // counts how often it failed or came back
	failed error        // why it is ignored; guarded by the roster
}

// update takes in a new list. Entries that stay keep what is known of them. If
// the active one is gone its server has left, so the next call chooses another;
// calls in flight are left alone.
func (r *roster) update(list []Endpoint, tell bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.EqualFunc(r.entries, list, func(e *entry, at Endpoint) bool { return e.Endpoint == at }) {
		return
	}
	old := make(map[Endpoint]*entry, len(r.entries))
	for _, e := range r.entries {
		old[e.Endpoint] = e
	}
	r.entries = make([]*entry, 0, len(list))
	seen := make(map[Endpoint]bool, len(list))
	for _, at := range list {
		if seen[at] {
			continue
		}
		seen[at] = true
		e := old[at]
		if e == nil {
			e = &entry{Endpoint: at}
			e.url, e.err = parseEndpoint(at.URL)
		}
		r.entries = append(r.entries, e)
	}
	if !slices.Contains(r.entries, r.active) {
		r.active = nil
	}
	if !slices.Contains(r.entries, r.serving.Load()) {
		r.serving.Store(nil)
	}
	close(r.another)
	r.another = make(chan struct{})
	if tell {
		r.emit(Event{Type: Listed})
	}
}

// choose returns the entry for the next attempt of a call that has tried some,
// and its turn; nil if there is none that the call has not tried. Entries that
// failed come last: they are ignored only while there are others.
func (r *roster) choose(tried []*entry) (*entry, int64) {
	if e := r.serving.Load(); e != nil && !r.first && len(tried) == 0 {
		return e, e.turn.Load()
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	next := r.active
	if next == nil || r.first || slices.Contains(tried, next) {
		next = r.candidate(tried)
	}
	if next == nil {
		return nil, 0
	}
	if r.active == nil && next.failed == nil && !r.first {
		r.active = next // so that other calls follow without trying what failed
	}
	return next, next.turn.Load()
}

// candidate returns the best entry that was not tried.
func (r *roster) candidate(tried []*entry) *entry {
	var ignored *entry
	for _, e := range r.entries {
		switch {
		case slices.Contains(tried, e):
		case e.failed == nil || r.first || e.ID == "":
			return e
		case ignored == nil:
			ignored = e
		}
	}
	return ignored
}

// answered notes that an attempt, begun in a turn of e, was answered.
func (r *roster) answered(e *entry, turn int64) {
	if r.serving.Load() == e {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e.turn.Load() != turn || !slices.Contains(r.entries, e) {
		return // the attempt is older than what we know
	}
	if e.failed != nil {
		e.failed = nil
		e.turn.Add(1)
	}
	if r.active != nil && r.active != e || r.serving.Load() == e {
		return
	}
	if !r.first {
		r.active = e
	}
	r.serving.Store(e)
	if r.served == "" || r.served == e.URL {
		r.emit(Event{Type: Selected, Endpoint: e.URL})
	} else {
		r.switches++
		r.emit(Event{Type: Changed, Endpoint: e.URL, From: r.served})
	}
	r.served = e.URL
}

// condemn notes that an attempt, begun in a turn of e, failed. A failure that is
// older than what we know of e, or of an entry that is gone, changes nothing.
func (r *roster) condemn(e *entry, turn int64, why error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	at := slices.Index(r.entries, e)
	if at < 0 || e.turn.Load() != turn {
		return
	}
	e.turn.Add(1)
	if r.active == e {
		r.active = nil
	}
	r.serving.CompareAndSwap(e, nil)
	if e.ID == "" { // it never goes, so it gets another chance after the others
		r.entries = append(slices.Delete(r.entries, at, at+1), e)
	}
	if e.failed == nil {
		r.emit(Event{Type: Failed, Endpoint: e.URL, Reason: why})
	}
	e.failed = why
}

// known reports whether the list has an entry, and returns a channel that is
// closed when the list is another.
func (r *roster) known() (bool, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.entries) > 0, r.another
}

func (r *roster) stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Stats{Switches: r.switches, Known: len(r.entries)}
	if e := r.serving.Load(); e != nil {
		s.Active = e.URL
	}
	for _, e := range r.entries {
		if e.failed != nil {
			s.Ignored++
		}
	}
	return s
}

// parseEndpoint parses the URL of an endpoint. Its error tells what is wrong.
func parseEndpoint(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return nil, err
	case u.Scheme != "http" && u.Scheme != "https" || u.Host == "":
		return nil, &url.Error{Op: "parse", URL: u.Redacted(), Err: fmt.Errorf("it must begin with http:// or https:// and a host")}
	case u.User != nil:
		return nil, &url.Error{Op: "parse", URL: u.Redacted(), Err: fmt.Errorf("it holds a user name; set the request's Authorization header instead")}
	}
	return u, nil
}
