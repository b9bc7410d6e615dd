package drill

import (
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/templates/ledger"
)

func TestALookTellsWhoAcksWritesAndWhoIsBroken(t *testing.T) {
	a, b := &endpoint{name: "a"}, &endpoint{name: "b"}
	w := &watch{}
	want := func(want Look) {
		t.Helper()
		if got := w.look(); !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	want(Look{})
	w.begin([]target{a, b}, followEvents(filepath.Join(t.TempDir(), "none")))
	a.acks = make([]time.Time, 3)
	want(Look{Active: "a", Acked: 3, Targets: []Seen{{Name: "a", Acked: 3}, {Name: "b"}}})
	slowed, struck, back := Deed{What: "slow", Target: "b"}, Deed{What: "kill", Target: "a"}, Deed{What: "restart", Target: "a"}
	w.tell([]target{a, b}, slowed)
	w.tell([]target{a, b}, struck)
	want(Look{Active: "a", Acked: 3, Targets: []Seen{{Name: "a", Acked: 3, Broken: "kill"}, {Name: "b"}}, Deeds: []Deed{slowed, struck}})
	a.acks, b.acks = make([]time.Time, 4), make([]time.Time, 2)
	w.tell([]target{a, b}, back)
	want(Look{Active: "b", Acked: 6, Targets: []Seen{{Name: "a", Acked: 4}, {Name: "b", Acked: 2}}, Deeds: []Deed{slowed, struck, back}})
	for range recent {
		w.tell([]target{a}, slowed)
	}
	want(Look{Active: "b", Acked: 4, Targets: []Seen{{Name: "a", Acked: 4}}, Deeds: []Deed{slowed, slowed, slowed, slowed}})
}

// A follower tells of what is in a ledger by now, also of the last lines when the
// file is let go.
func TestAFollowerReadsWhatIsAdded(t *testing.T) {
	path := filepath.Join(t.TempDir(), ledgerName)
	events, all := followEvents(path), followAll(path)
	if got := events.lastEvents(); len(got) > 0 {
		t.Errorf("without a ledger: %v", got)
	}
	book, err := ledger.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	var want []Event
	at := time.Now().UTC().Truncate(time.Microsecond)
	for i := range recent + 2 {
		book.Write(ledger.Line{Type: ledger.Event, Cluster: "a", Event: fmt.Sprint(i), Time: at})
		book.Write(ledger.Line{Type: ledger.Call, Cluster: "a", ID: fmt.Sprint(i), Outcome: "acked", Key: `"type":"event"`, Start: at, End: at})
		want = last(append(want, Event{Name: fmt.Sprint(i), Cluster: "a", Time: at}))
		if i == 1 && !reflect.DeepEqual(events.lastEvents(), want) {
			t.Errorf("%v, want %v", events.lastEvents(), want)
		}
	}
	for name, f := range map[string]*follower{"events": events, "all": all} {
		f.close()
		f.close()
		acked := map[string]int{"events": 0, "all": recent + 2}[name]
		if got := f.lastEvents(); !reflect.DeepEqual(got, want) || f.acked("a") != acked {
			t.Errorf("%s: %v, want %v; %d acked", name, got, want, f.acked("a"))
		}
	}
}
