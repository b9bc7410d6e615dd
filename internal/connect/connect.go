// Package connect tries whether a project reaches its clusters, stage by stage:
// discovery, TCP, TLS, authentication, one read. It names the first stage that
// fails, why, and what to do. It takes its settings from where the project takes
// them, and changes nothing, neither in the project nor in a cluster. Of a web
// service it tries the registry and the endpoints that this lists.
//
// It speaks the few messages of the Open Client Protocol that it needs itself.
// hazelcast-go-client v1.6.0 has no deadline on a handshake, hides why it cannot
// connect, and creates the map that it is to read.
package connect

import (
	"context"
	"crypto/tls"
	"sync"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/templates/webservice/given"
)

// The stages, in their order. Discovery is left out for a cluster whose members'
// addresses are given, and TLS for one without TLS.
const (
	Discovery      = "discovery"
	TCP            = "tcp"
	TLS            = "tls"
	Authentication = "authentication"
	Read           = "read"

	// Registry reads the list of a web service's endpoints, and Endpoints connects to
	// each, by TCP.
	Registry  = "registry"
	Endpoints = "endpoints"
)

// notTried is the detail of a stage that comes after one that failed.
const notTried = "not tried"

// Target is one cluster to connect to.
type Target struct {
	Number             int            // from 1, in order of preference
	At                 fault.Position // where failover.yaml lists the cluster
	Name               string
	DiscoveryURL       string
	Addresses          []string // "host:port"; instead of DiscoveryURL
	Username           string
	Token, Password    string
	TLS                *tls.Config // nil for a cluster without TLS
	Keystore           string      // the path of the file, as users name it; "" for none
	Truststore         string
	Map                string         // that is read
	Timeout            time.Duration  // of all stages together
	discoveryTLSConfig *tls.Config    // for tests; nil to trust what the system trusts
	service            *given.Service // of a web service, which has no cluster; else nil
}

// Cluster is what came of connecting to one cluster.
type Cluster struct {
	Number       int           `json:"-"` // 0 for a web service
	Name         string        `json:"name"`
	Stages       []Stage       `json:"stages"`
	Certificates []Certificate `json:"certificates"`
	// Faults say of each cause of failure what to do.
	Faults fault.List `json:"-"`
}

// Stage is what came of one stage.
type Stage struct {
	Name string `json:"stage"`
	OK   bool   `json:"ok"`
	// MS is how long the stage took with the first member that passed it, or with
	// the slowest if none did, in milliseconds.
	MS     float64 `json:"ms"`
	Detail string  `json:"detail"`
}

// Tried reports whether the stages before this one were passed.
func (s *Stage) Tried() bool { return s.OK || s.Detail != notTried }

// OK reports whether every stage was passed.
func (c *Cluster) OK() bool { return len(c.Faults) == 0 }

// Run connects to all targets side by side, to each within its timeout. The error
// is that of ctx, if it ended before.
func Run(ctx context.Context, targets []Target, now time.Time) ([]Cluster, error) {
	clusters := make([]Cluster, len(targets))
	var wg sync.WaitGroup
	for i := range targets {
		wg.Go(func() { clusters[i] = targets[i].connect(ctx, now) })
	}
	wg.Wait()
	return clusters, ctx.Err()
}

// connect goes through the stages of one cluster, or of a web service.
func (t *Target) connect(ctx context.Context, now time.Time) Cluster {
	if t.service != nil {
		return t.connectService(ctx, now)
	}
	ctx, cancel := context.WithTimeout(ctx, t.Timeout)
	defer cancel()
	r := &recorder{target: t, now: now, cluster: Cluster{Number: t.Number, Name: t.Name, Certificates: []Certificate{}}}
	if t.TLS != nil {
		for _, own := range t.TLS.Certificates {
			r.met("client", parse(own.Certificate))
		}
	}
	addresses := t.Addresses
	if t.DiscoveryURL != "" {
		found, ok := t.discover(ctx, r)
		if !ok {
			r.rest(memberStages(t))
			return r.done()
		}
		addresses = found
	}
	attempts := make([]attempt, len(addresses))
	var wg sync.WaitGroup
	for i, address := range addresses {
		wg.Go(func() { attempts[i] = t.try(ctx, address) })
	}
	wg.Wait()
	for _, a := range attempts {
		r.met("member", a.certificates)
	}
	for i, stage := range memberStages(t) {
		if !r.stage(i, stage, attempts) {
			r.rest(memberStages(t)[i+1:])
			break
		}
	}
	return r.done()
}

// memberStages are the stages that each member is put through.
func memberStages(t *Target) []string {
	if t.TLS == nil {
		return []string{TCP, Authentication, Read}
	}
	return []string{TCP, TLS, Authentication, Read}
}
