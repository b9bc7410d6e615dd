package failover

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// flight is an attempt that has not come back.
type flight struct {
	e    *entry
	turn int64
}

// Over random lists and failures, in any order of what comes back: a call gets
// each entry at most once and never too few, those that failed come last, the
// one that answered is kept, and news that are too old change nothing.
func TestSelectionOverRandomListsAndFailures(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var events []Event
		first := rapid.Bool().Draw(t, "first")
		static := rapid.Bool().Draw(t, "static")
		r := &roster{first: first, another: make(chan struct{}), emit: func(e Event) { events = append(events, e) }}
		n := 0
		grow := func(list []Endpoint) []Endpoint {
			n++
			at := Endpoint{URL: fmt.Sprintf("http://host:%d/", n%4)}
			if !static {
				at.ID = fmt.Sprint(n)
			} else if slices.Contains(list, at) {
				return list
			}
			return append(list, at)
		}
		var list []Endpoint
		var out []flight
		pick := func() flight {
			i := rapid.IntRange(0, len(out)-1).Draw(t, "which")
			f := out[i]
			out = slices.Delete(out, i, i+1)
			return f
		}
		current := func(f flight) bool { return slices.Contains(r.entries, f.e) && f.e.turn.Load() == f.turn }
		t.Repeat(map[string]func(*rapid.T){
			"join": func(t *rapid.T) {
				list = grow(slices.Clone(list))
				r.update(list, true)
			},
			"leave": func(t *rapid.T) {
				if len(list) == 0 {
					t.Skip("nobody")
				}
				i := rapid.IntRange(0, len(list)-1).Draw(t, "who")
				list = slices.Delete(slices.Clone(list), i, i+1)
				r.update(list, true)
			},
			"begin": func(t *rapid.T) {
				if e, turn := r.choose(nil); e != nil {
					out = append(out, flight{e, turn})
				} else if len(list) > 0 {
					t.Fatal("a call found no endpoint")
				}
			},
			"walk": func(t *rapid.T) {
				var tried []*entry
				for e, _ := r.choose(tried); e != nil; e, _ = r.choose(tried) {
					if slices.Contains(tried, e) {
						t.Fatal("a call got an endpoint twice")
					}
					if e.failed != nil && e.ID != "" && !first {
						for _, other := range r.entries {
							if other.failed == nil && !slices.Contains(tried, other) {
								t.Fatal("an endpoint that failed came before one that did not")
							}
						}
					}
					if first && e != r.entries[slices.IndexFunc(r.entries, func(e *entry) bool { return !slices.Contains(tried, e) })] {
						t.Fatal("not in order")
					}
					tried = append(tried, e)
				}
				if len(tried) != len(r.entries) {
					t.Fatalf("a call got %d of %d endpoints", len(tried), len(r.entries))
				}
			},
			"answer": func(t *rapid.T) {
				if len(out) == 0 {
					t.Skip("nothing in flight")
				}
				f := pick()
				active, serving, failed, before := r.active, r.serving.Load(), f.e.failed, len(events)
				now := current(f)
				r.answered(f.e, f.turn)
				if !now && (len(events) > before || f.e.failed != failed || r.active != active || r.serving.Load() != serving) {
					t.Fatal("an answer that is too old was news")
				}
				if next, _ := r.choose(nil); !first && now && (active == nil || active == f.e) && next != f.e {
					t.Fatal("the endpoint that answered is not kept")
				}
			},
			"fail": func(t *rapid.T) {
				if len(out) == 0 {
					t.Skip("nothing in flight")
				}
				f := pick()
				now, failed, before := current(f), f.e.failed, len(events)
				r.condemn(f.e, f.turn, errors.New("why"))
				if !now && (f.e.failed != failed || len(events) > before) {
					t.Fatal("a failure that is too old was held against an endpoint")
				}
				if now && (f.e.failed == nil || r.serving.Load() == f.e || r.active == f.e) {
					t.Fatal("an endpoint that failed is still in use")
				}
				if now && f.e.ID == "" && r.entries[len(r.entries)-1] != f.e {
					t.Fatal("it did not move to the end")
				}
			},
			"": func(t *rapid.T) {
				if len(r.entries) != len(list) {
					t.Fatalf("%d entries of %d", len(r.entries), len(list))
				}
				if s := r.serving.Load(); s != nil && (s.failed != nil || !slices.Contains(r.entries, s)) {
					t.Fatal("serving one that failed or is gone")
				}
			},
		})
	})
}
