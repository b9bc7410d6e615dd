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

// judge compares the project's ledger with those of the targets.
func (s *stage) judge(book string) (Result, error) {
	r := Result{Events: []string{}, Fault: s.fault, Deeds: s.deeds, Course: s.newCourse()}
	if err := s.readBook(book, &r); err != nil {
		return r, err
	}
	switch {
	case s.readBack != nil:
		r.AtRisk = s.missing
	case s.kind.copies:
		r.AtRisk = s.atRisk(r.Timeline)
	}
	before, after := s.split(r.Timeline)
	r.Course.Events, r.Timeline = r.Timeline, after
	for _, e := range after {
		r.Events = append(r.Events, e.Name)
	}
	if !s.fault.IsZero() {
		s.kind.judgeEvents(s, before, after)
	}
	s.judgeShare(r.Writes)
	if s.misjudged > 0 {
		s.fail("%d writes were applied, although they are not sent by the project's ledger", s.misjudged)
	}
	if r.LostAcked > 0 {
		s.fail("%d writes are acked by the project's ledger, and were never applied by the %s that it names%s", r.LostAcked, s.kind.noun, s.orRemoved())
	}
	if r.Duplicated > 0 && !s.mayRepeat {
		s.fail("%d writes were applied more than once", r.Duplicated)
	}
	r.GapMS = math.Round(float64(s.gap)/float64(time.Millisecond)*100) / 100
	r.Failures, r.Passed = s.failures, len(s.failures) == 0
	return r, nil
}

// orRemoved adds to lost writes how a live cluster may have lost them.
func (s *stage) orRemoved() string {
	if s.readBack == nil {
		return ""
	}
	return ", or are no longer there: does the map evict entries, or let them expire?"
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
	if applications > 1 && !s.replicated {
		r.Duplicated++
	}
	if !s.recovered.IsZero() && l.Start.After(s.recovered) {
		s.since++
		if l.Outcome == "acked" {
			s.ackedSince++
		}
	}
	r.Writes.count(l.Outcome)
	r.Course.Whole.count(l.End, l.Outcome)
	r.Course.Near.count(l.End, l.Outcome)
	switch l.Outcome {
	case "acked":
		s.ackedBy[l.Cluster]++
		if byNamed == 0 {
			r.LostAcked++
		}
	case "not_sent":
		if applications > 0 {
			s.misjudged++
		}
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

// maxNames is how many events a failure lists.
const maxNames = 12

func names(events []Event) string {
	text := "none"
	for i, e := range events {
		if i == maxNames {
			return fmt.Sprintf("%s, and %d more", text, len(events)-i)
		}
		if i == 0 {
			text = ""
		} else {
			text += ", "
		}
		text += fmt.Sprintf("%s %s", e.Name, e.Cluster)
	}
	return text
}
