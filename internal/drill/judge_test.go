package drill

import (
	"testing"
	"time"
)

// In an outage the project may pass through a standby that died a moment ago. It
// may not do so in another scenario, nor more often than there are standbys.
func TestOnlyAnOutageAllowsAFurtherSwitch(t *testing.T) {
	var events []Event
	for _, way := range [][2]string{{"a", "b"}, {"b", "c"}, {"c", "b"}} {
		from, to := way[0], way[1]
		events = append(events, Event{Name: disconnected, Cluster: from}, Event{Name: connected, Cluster: to}, Event{Name: changed, Cluster: to, From: from})
	}
	for _, c := range []struct {
		switches, further int
		passes            bool
	}{{0, 0, false}, {0, 1, false}, {1, 0, true}, {1, 1, true}, {2, 0, false}, {2, 1, true}, {3, 1, false}} {
		s := &stage{field: &field{targets: []target{&endpoint{name: "a"}, &endpoint{name: "b"}, &endpoint{name: "c"}}}, switches: 1, further: c.further, fault: time.Now()}
		s.judgeClients([]Event{{Name: connected, Cluster: "a"}}, events[:3*c.switches])
		if passes := len(s.failures) == 0; passes != c.passes {
			t.Errorf("%d switches, %d further ones allowed: passes %v, %q", c.switches, c.further, passes, s.failures)
		}
	}
}
