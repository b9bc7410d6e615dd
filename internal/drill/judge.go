package drill

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/templates/ledger"
)

// The events of a client, as the project's ledger names them.
const (
	connected    = "CLIENT_CONNECTED"
	disconnected = "CLIENT_DISCONNECTED"
	changed      = "CLIENT_CHANGED_CLUSTER"
)

// judge compares the project's ledger with the clusters'.
func (s *stage) judge(book string) (Result, error) {
	r := Result{Events: []string{}, Fault: s.fault}
	if err := s.readBook(book, &r); err != nil {
		return r, err
	}
	last := ""
	for _, e := range r.Timeline {
		if e.Name == connected {
			last = e.Cluster
		}
	}
	for cluster, n := range s.ackedBy {
		if cluster != last {
			r.AtRisk += n
		}
	}
	before, after := s.split(r.Timeline)
	r.Timeline = after
	for _, e := range after {
		r.Events = append(r.Events, e.Name)
	}
	if !s.fault.IsZero() {
		s.judgeEvents(before, after)
	}
	s.judgeShare(r.Writes)
	if s.misjudged > 0 {
		s.fail("%d writes were applied, although they are not sent by the project's ledger", s.misjudged)
	}
	if r.LostAcked > 0 {
		s.fail("%d writes are acked by the project's ledger, and were never applied by the cluster that it names", r.LostAcked)
	}
	if r.Duplicated > 0 {
		s.fail("%d writes were applied more than once", r.Duplicated)
	}
	r.GapMS = math.Round(float64(s.gap)/float64(time.Millisecond)*100) / 100
	r.Failures, r.Passed = s.failures, len(s.failures) == 0
	return r, nil
}

// judgeShare wants most writes to be acked. An unknown write is neither lost nor
// applied twice, but a project that leaves most writes unknown does not work.
func (s *stage) judgeShare(w Writes) {
	all := w.Acked + w.NotSent + w.Unknown + w.Rejected
	switch {
	case w.Acked == 0:
		s.fail("the project's ledger holds no acked write")
	case 2*w.Acked < all:
		s.fail("only %d of %d writes were acked", w.Acked, all)
	case !s.recovered.IsZero() && s.since == 0:
		s.fail("the project's ledger holds no write that began after the last switch")
	case 2*s.ackedSince < s.since:
		s.fail("only %d of the %d writes that began after the last switch were acked", s.ackedSince, s.since)
	}
}

// readBook counts the project's writes and collects its events.
func (s *stage) readBook(path string, r *Result) error {
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		s.fail("the project wrote no ledger, although FAILOVER_LEDGER names one; %s", openLedger)
		return nil
	}
	if err != nil {
		return fault.Wrap(fault.Environment, fault.Position{}, "the project's ledger cannot be read: "+err.Error(), "run the drill again", err)
	}
	defer f.Close()
	in := bufio.NewReaderSize(f, 1<<16)
	for n := 1; ; n++ {
		text, err := in.ReadBytes('\n')
		if err == io.EOF && len(text) == 0 {
			return nil
		}
		var l ledger.Line
		if json.Unmarshal(text, &l) != nil {
			s.fail("line %d of the project's ledger is not a JSON object", n)
			return nil
		}
		switch {
		case l.Type == ledger.Event:
			r.Timeline = append(r.Timeline, Event{Name: l.Event, Cluster: l.Cluster, From: l.From, Time: l.Time})
		case l.Type == ledger.Call && l.ID != "":
			s.count(l, r)
		}
	}
}

// count adds one write to the result.
func (s *stage) count(l ledger.Line, r *Result) {
	applications, byNamed := 0, 0
	for _, t := range s.targets {
		n := t.Applications(l.ID)
		applications += n
		if t.Name() == l.Cluster {
			byNamed = n
		}
	}
	if applications > 1 {
		r.Duplicated++
	}
	if !s.recovered.IsZero() && l.Start.After(s.recovered) {
		s.since++
		if l.Outcome == "acked" {
			s.ackedSince++
		}
	}
	switch l.Outcome {
	case "acked":
		r.Writes.Acked++
		s.ackedBy[l.Cluster]++
		if byNamed == 0 {
			r.LostAcked++
		}
	case "not_sent":
		r.Writes.NotSent++
		if applications > 0 {
			s.misjudged++
		}
	case "rejected":
		r.Writes.Rejected++
	default:
		r.Writes.Unknown++
	}
}

// split cuts the events at the first fault.
func (s *stage) split(all []Event) (before, after []Event) {
	for i, e := range all {
		if !s.fault.IsZero() && e.Time.After(s.fault) {
			return all[:i], all[i:]
		}
	}
	return all, nil
}

// judgeEvents wants one CLIENT_CONNECTED at the start, which is before the fault
// unless the project was started after it. Then each loss is DISCONNECTED,
// CONNECTED and, if the cluster is another, CHANGED_CLUSTER.
func (s *stage) judgeEvents(before, after []Event) {
	start := before
	if s.fault.Equal(s.started) && len(before) == 0 {
		n := min(1, len(after))
		start, after = after[:n], after[n:]
	}
	first := s.targets[s.begins].Name()
	if len(start) != 1 || start[0].Name != connected || start[0].Cluster != first {
		s.fail("events at the start: %s; want %s %s", names(start), connected, first)
		return
	}
	active, switches := first, 0
	for rest := after; len(rest) > 0; {
		if len(rest) < 2 || rest[0].Name != disconnected || rest[0].Cluster != active || rest[1].Name != connected {
			s.fail("events after the fault: %s; each loss must be %s %s, then %s", names(after), disconnected, active, connected)
			return
		}
		to := rest[1].Cluster
		rest = rest[2:]
		if to == active {
			continue
		}
		if len(rest) == 0 || rest[0].Name != changed || rest[0].Cluster != to || rest[0].From != active {
			s.fail("events after the fault: %s; %s from %s must follow the connection to %s", names(after), changed, active, to)
			return
		}
		active, rest = to, rest[1:]
		switches++
	}
	if switches < s.switches || switches > s.switches+s.further {
		s.fail("the project's events tell of %d switches, want %d, and at most %d: %s", switches, s.switches, s.switches+s.further, names(after))
	}
}

func names(events []Event) string {
	text := "none"
	for i, e := range events {
		if i == 0 {
			text = ""
		} else {
			text += ", "
		}
		text += fmt.Sprintf("%s %s", e.Name, e.Cluster)
	}
	return text
}
