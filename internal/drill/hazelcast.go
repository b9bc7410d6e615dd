package drill

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/standin"
)

// hazelcastScenarios are the scenarios for Hazelcast clusters. Clusters are
// counted from 0, the primary.
var hazelcastScenarios = []scenario{
	{name: "kill", about: "connections are reset and ports closed; the next cluster must become active",
		script: func(s *stage) {
			s.mustSwitch(0, s.strike(0, kill), s.reach())
		}},
	{name: "reset-once", about: "connections are reset once; the cluster must stay active",
		script: func(s *stage) {
			s.mustStay(0, s.strike(0, resetOnce), s.failover.Confirm+time.Second)
		}},
	{name: "freeze", about: "nothing is answered any more; the next cluster must become active",
		script: func(s *stage) {
			s.mustSwitch(0, s.strike(0, freeze), s.patience())
		}},
	{name: "freeze-one", about: "one of two members answers nothing; the cluster must stay active", members: 2,
		script: func(s *stage) {
			s.mustStay(0, s.strike(0, freezeMember(s.chance.IntN(2))), s.failover.Silence+time.Second)
		}},
	{name: "blackhole", about: "all packets vanish; the next cluster must become active",
		script: func(s *stage) {
			s.mustSwitch(0, s.strike(0, blackhole), s.patience())
		}},
	{name: "refuse", about: "connections are reset and new ones refused their login; the next cluster must become active",
		script: func(s *stage) {
			s.strike(0, refuse)
			s.mustSwitch(0, s.strike(0, resetOnce), s.reach())
		}},
	{name: "expired", about: "connections are reset and new ones see a certificate that has expired; the next cluster must become active",
		script: func(s *stage) {
			s.strike(0, expire)
			s.mustSwitch(0, s.strike(0, resetOnce), s.reach())
		}},
	{name: "slow", about: "answers are late, but within the deadlines; the cluster must stay active",
		script: func(s *stage) {
			s.mustStay(0, s.strike(0, slow(min(s.failover.OpTimeout, s.failover.Silence)/4)), s.failover.Silence+time.Second)
		}},
	{name: "flap", about: "four times the active cluster is killed and comes back; each time the next one must become active",
		script: func(s *stage) {
			active := 0
			for range 4 {
				lost := active
				active = s.mustSwitch(lost, s.strike(lost, kill), s.reach())
				s.bringBack(lost)
				s.awaitStandby(active)
			}
		}},
	{name: "failback", about: "the primary is killed and comes back; the project must stay where it is, or may return if failback is auto",
		script: func(s *stage) {
			active := s.mustSwitch(0, s.strike(0, kill), s.reach())
			at := time.Now()
			s.bringBack(0)
			if s.failover.Failback == spec.FailbackAuto {
				s.mayReturn(active, at)
			} else {
				s.mustStay(active, at, s.failover.Confirm+2*time.Second)
			}
		}},
	{name: "outage", about: "all clusters are killed, and all but the primary come back; one of them must become active",
		script: func(s *stage) {
			var at time.Time
			for i := range slices.Backward(s.targets) { // the primary last, so that the project has nowhere to go
				at = s.strike(i, kill)
			}
			s.noted(at)
			// The project may switch to a warm standby that died a moment ago before it
			// notices that, and then to another cluster.
			s.further = len(s.targets) - 2
			s.pause(2 * time.Second)
			back := time.Now()
			for i := range s.targets[1:] {
				s.bringBack(i + 1)
			}
			s.mustSwitch(0, back, resume+slack)
		}},
	{name: "two-dead", about: "when the project starts, packets to the primary vanish and the second cluster answers nothing; the third must become active", targets: 3,
		dead: func(s *stage) {
			s.strike(0, blackhole)
			s.strike(1, freeze)
		},
		script: func(s *stage) { s.mustBegin(2, s.failover.ConnectTimeout+time.Second) },
	},
}

// loadHazelcast takes the clusters from the spec and, where that leaves their names
// and users to the bundles, from the lock.
func loadHazelcast(p *project, s *spec.Spec, lock *spec.Lock) *fault.Fault {
	if len(s.Clusters) < 2 {
		return fault.New(fault.Input, fault.Position{}, "there is only one cluster, so there is nothing to fail over to", "add a second one under clusters")
	}
	p.failover, p.warm, p.callTimeout = s.Failover, s.Failover.Standby == spec.StandbyWarm, s.Failover.OpTimeout
	p.pem = make([]bool, len(s.Clusters))
	for i, c := range s.Clusters {
		if i < len(lock.Clusters) {
			l := &lock.Clusters[i]
			p.pem[i] = l.CA != nil && l.Cert != nil
			c.Name, c.Username = cmp.Or(c.Name, l.Name), cmp.Or(c.Username, l.Username)
			if l.TLS == spec.TLSOff {
				c.TLS = spec.TLSOff
			}
		}
		c.Name = cmp.Or(c.Name, fmt.Sprintf("cluster-%d", i+1))
		p.clusters = append(p.clusters, c)
	}
	p.size = len(p.clusters)
	return nil
}

// resume is what the README of a project promises for the return from an outage,
// and its engine's look.go explains: it looks at the ports about once a second, and
// an attempt follows within a quarter of a second. No attempt is under way that
// could take longer, because the ports of a killed cluster refuse it at once.
const resume = 2 * time.Second

// reach is how long it may take to leave a cluster that refuses every reconnect,
// and to connect to the next one.
func (s *stage) reach() time.Duration { return s.failover.Confirm + s.failover.ConnectTimeout + slack }

// patience is how long it may take to leave a cluster that is silent. With a cold
// standby, the connection to the next one has yet to be made.
func (s *stage) patience() time.Duration {
	if s.warm {
		return s.failover.Silence + slack
	}
	return s.failover.Silence + s.failover.ConnectTimeout + slack
}

// mayReturn waits for a return to the primary, which is up again since at. To stay
// is right as well, because the project's own hook decides whether the primary has
// caught up. In both cases the active cluster must continue to ack writes.
func (s *stage) mayReturn(active int, at time.Time) {
	d := s.failover.FailbackAfter + s.failover.FailbackAfter/4 + s.reach() + time.Second // a quarter is the engine's jitter
	if s.await(d, func() bool { _, ok := s.targets[0].FirstAckAfter(at); return ok }) {
		s.switches++
		active = 0
	}
	s.mustContinue(active, time.Now())
}

// awaitStandby waits until the project is connected to a second cluster again, if
// it keeps a warm standby.
func (s *stage) awaitStandby(active int) {
	if !s.warm {
		return
	}
	ready := func() bool {
		for i, c := range s.targets {
			if i != active && c.Connections() > 0 {
				return true
			}
		}
		return false
	}
	if !s.await(15*time.Second, ready) {
		s.fail("no cluster besides %s got a standby connection within 15s", s.targets[active].Name())
	}
	s.settleDown()
}

// unfitHazelcast leaves out what needs a certificate where there is none.
func unfitHazelcast(p *project, s *scenario) string {
	if s.name == "expired" && p.clusters[0].TLS == spec.TLSOff {
		return "the primary has no TLS, so no certificate of it can expire"
	}
	return ""
}

// standIn is a stand-in cluster as the target of a drill.
type standIn struct{ *standin.Cluster }

// Break strikes all members, but for freezeMember.
func (c standIn) Break(b breakage) (time.Time, error) {
	switch b.manner {
	case kill.manner:
		return c.Kill(), nil
	case resetOnce.manner:
		return c.ResetOnce(), nil
	case freeze.manner:
		return c.Freeze(), nil
	case freezeMember(0).manner:
		return c.FreezeMember(b.member), nil
	case blackhole.manner:
		return c.Blackhole(), nil
	}
	at := time.Now()
	switch b.manner {
	case refuse.manner:
		c.RefuseAuth(standin.CredentialsFailed)
	case expire.manner:
		return at, c.Expire()
	case slow(0).manner:
		c.Slow(b.delay)
	default:
		return at, fmt.Errorf("a stand-in of %s cannot be broken by %q", c.Name(), b.manner)
	}
	return at, nil
}

func (c standIn) Restart() error { return c.Cluster.Restart(true) }

func (c standIn) Heal() {
	c.Slow(0)
	c.Thaw()
}

func (c standIn) FirstAckAfter(t time.Time) (time.Time, bool) {
	w, ok := c.Cluster.FirstAckAfter(t)
	return w.Acked, ok
}

func (c standIn) Admitted() int {
	answered, refused := c.Authentications()
	return answered - refused
}

// storePassword opens the keystores of the stand-ins. They live for one run.
const storePassword = "changeit"

// startHazelcast starts a stand-in for each cluster of the project, and writes
// its stores below dir.
func startHazelcast(p *project, f *field, dir string, members int) error {
	for i, c := range p.clusters {
		o := standin.Options{Name: c.Name, Members: members, Alias: c.Alias, Username: c.Username, PrivateAddresses: true, Plain: c.TLS == spec.TLSOff}
		if o.Username != "" {
			o.Password = storePassword
		}
		cluster, err := standin.Start(o)
		if err != nil {
			return err
		}
		f.targets = append(f.targets, standIn{cluster})
		settings, err := settingsFor(cluster, o, filepath.Join(dir, fmt.Sprint(i+1)), p.pem[i])
		if err != nil {
			return err
		}
		for _, s := range settings {
			f.env = append(f.env, fmt.Sprintf("FAILOVER_%d_%s", i+1, s))
		}
	}
	return nil
}

// settingsFor writes the stores of a stand-in to the folder home, or PEM files in
// their place, if it has TLS. It returns what a project must be told to use the stand-in.
func settingsFor(c *standin.Cluster, o standin.Options, home string, asPEM bool) ([]string, error) {
	if err := os.MkdirAll(home, 0o700); err != nil {
		return nil, err
	}
	settings := []string{
		"NAME=" + o.Name, "DISCOVERY_URL=" + c.DiscoveryURL(), "TOKEN=" + c.Token(), "ADDRESSES=", "SERVER_NAME=" + c.ServerName(),
		"KEY_PASSWORD=", "USERNAME=" + o.Username, "PASSWORD=" + o.Password,
	}
	if o.Plain {
		return settings, nil
	}
	if asPEM {
		ca, cert, key, err := c.WritePEM(home)
		return append(settings, "CA="+ca, "CERT="+cert, "KEY="+key), err
	}
	keystore, truststore, err := c.WriteStores(home, storePassword, false)
	return append(settings, "KEYSTORE="+keystore, "KEYSTORE_PASSWORD="+storePassword, "TRUSTSTORE="+truststore, "TRUSTSTORE_PASSWORD="+storePassword), err
}
