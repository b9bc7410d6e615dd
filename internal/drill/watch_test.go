package drill

import (
	"testing"
	"time"
)

func TestALookTellsWhoAcksWrites(t *testing.T) {
	a, b := &endpoint{name: "a"}, &endpoint{name: "b"}
	w := &watch{}
	want := func(want Look) {
		t.Helper()
		if got := w.look(); got != want {
			t.Errorf("%+v, want %+v", got, want)
		}
	}
	want(Look{})
	w.tell([]target{a, b}, Deed{})
	a.acks = make([]time.Time, 3)
	want(Look{Active: "a", Acked: 3})
	struck := Deed{What: "kill", Target: "a"}
	w.tell([]target{a, b}, struck)
	want(Look{Active: "a", Acked: 3, Last: struck})
	a.acks, b.acks = make([]time.Time, 4), make([]time.Time, 2)
	want(Look{Active: "b", Acked: 6, Last: struck})
}
