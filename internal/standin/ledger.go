package standin

import (
	"sort"
	"time"
)

// Write is what a cluster's ledger knows of one value text. All times are on
// this process's clock and carry its monotonic reading.
type Write struct {
	ID      string
	Count   int       // how often it was applied
	Applied time.Time // when first
	Acked   time.Time // when its first answer was sent; zero if none was
}

// ledger notes each applied put and set whose value is a string. The cluster's
// mutex guards it. It is never emptied, so that it survives kills. Times are kept
// as nanoseconds since start, so that it stays small in benchmarks.
type ledger struct {
	start   time.Time
	records map[string]*record
	acks    []ack // in order of time, one per batch of answers
	acked   int   // records that are acked
}

type record struct {
	id             string
	count          int
	applied, acked int64 // nanoseconds since the ledger's start; acked 0 = never
}

type ack struct {
	at  int64
	rec *record
}

func newLedger() *ledger {
	return &ledger{start: time.Now(), records: map[string]*record{}}
}

// apply notes one application of the string id at this instant.
func (l *ledger) apply(id []byte) *record {
	r := l.records[string(id)]
	if r == nil {
		r = &record{id: string(id), applied: int64(time.Since(l.start))}
		l.records[r.id] = r
	}
	r.count++
	return r
}

// acknowledge notes that the answers to all of written left at the given time.
func (l *ledger) acknowledge(written []*record, at time.Time) {
	sent := int64(at.Sub(l.start))
	for _, r := range written {
		if r.acked == 0 {
			l.acked++
			r.acked = sent
		}
	}
	l.acks = append(l.acks, ack{at: sent, rec: written[0]})
	for i := len(l.acks) - 1; i > 0 && l.acks[i-1].at > sent; i-- { // another connection was faster
		l.acks[i-1], l.acks[i] = l.acks[i], l.acks[i-1]
	}
}

func (l *ledger) firstAckAfter(t time.Time) (Write, bool) {
	from := int64(t.Sub(l.start))
	i := sort.Search(len(l.acks), func(i int) bool { return l.acks[i].at >= from })
	if i == len(l.acks) {
		return Write{}, false
	}
	w := l.write(l.acks[i].rec)
	w.Acked = l.start.Add(time.Duration(l.acks[i].at))
	return w, true
}

func (l *ledger) write(r *record) Write {
	w := Write{ID: r.id, Count: r.count, Applied: l.start.Add(time.Duration(r.applied))}
	if r.acked != 0 {
		w.Acked = l.start.Add(time.Duration(r.acked))
	}
	return w
}
