package drill

// The events of a client, as the project's ledger names them.
const (
	connected    = "CLIENT_CONNECTED"
	disconnected = "CLIENT_DISCONNECTED"
	changed      = "CLIENT_CHANGED_CLUSTER"
)

// atRisk counts the acked writes that are not on the cluster which was active last.
func (s *stage) atRisk(timeline []Event) (n int) {
	last := ""
	for _, e := range timeline {
		if e.Name == connected {
			last = e.Cluster
		}
	}
	for cluster, acked := range s.ackedBy {
		if cluster != last {
			n += acked
		}
	}
	return n
}

// judgeClients wants one CLIENT_CONNECTED at the start, which is before the fault
// unless the project was started after it. Then each loss is DISCONNECTED,
// CONNECTED and, if the cluster is another, CHANGED_CLUSTER.
func (s *stage) judgeClients(before, after []Event) {
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
	s.judgeSwitches(switches, after)
}

// judgeSwitches compares how often the target changed with how often it had to.
func (s *stage) judgeSwitches(switches int, after []Event) {
	if switches < s.switches || switches > s.switches+s.further {
		s.fail("the project's events tell of %d switches, want %d, and at most %d: %s", switches, s.switches, s.switches+s.further, names(after))
	}
}

// hazelcastLegend explains the words of a result.
var hazelcastLegend = legendOf("write", "a", "cluster") + `at risk     acked writes that are on a lost cluster only, because stand-ins copy nothing to each other
not tested  your own clusters: their network, their certificates, and the replication of their data
`
