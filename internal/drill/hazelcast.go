package drill

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

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
			s.mustStay(0, s.strike(0, resetOnce), s.f.Confirm+time.Second)
		}},
	{name: "freeze", about: "nothing is answered any more; the next cluster must become active",
		script: func(s *stage) {
			s.mustSwitch(0, s.strike(0, freeze), s.patience())
		}},
	{name: "freeze-one", about: "one of two members answers nothing; the cluster must stay active", members: 2,
		script: func(s *stage) {
			s.mustStay(0, s.strike(0, freezeMember(s.chance.IntN(2))), s.f.Silence+time.Second)
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
			s.mustStay(0, s.strike(0, slow(min(s.f.OpTimeout, s.f.Silence)/4)), s.f.Silence+time.Second)
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
			if s.f.Failback == spec.FailbackAuto {
				s.mayReturn(active, at)
			} else {
				s.mustStay(active, at, s.f.Confirm+2*time.Second)
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
			s.mustSwitch(0, back, 2*time.Second+s.reach())
		}},
	{name: "two-dead", about: "when the project starts, packets to the primary vanish and the second cluster answers nothing; the third must become active", clusters: 3,
		dead: func(s *stage) {
			s.strike(0, blackhole)
			s.strike(1, freeze)
		},
		script: func(s *stage) { s.mustBegin(2, s.f.ConnectTimeout+time.Second) },
	},
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
func startHazelcast(p *project, dir string, members int) (targets []target, env []string, err error) {
	for i, c := range p.clusters {
		o := standin.Options{Name: c.Name, Members: members, Alias: c.Alias, Username: c.Username, PrivateAddresses: true, Plain: c.TLS == spec.TLSOff}
		if o.Username != "" {
			o.Password = storePassword
		}
		cluster, err := standin.Start(o)
		if err != nil {
			return targets, nil, err
		}
		targets = append(targets, standIn{cluster})
		settings, err := settingsFor(cluster, o, filepath.Join(dir, fmt.Sprint(i+1)), p.pem[i])
		if err != nil {
			return targets, nil, err
		}
		for _, s := range settings {
			env = append(env, fmt.Sprintf("FAILOVER_%d_%s", i+1, s))
		}
	}
	return targets, env, nil
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
