package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// kind is what failover.yaml holds for one kind of project besides what all have.
type kind struct {
	texts    func(*Spec) []text                     // at the top of the file, after those of all kinds
	keys     func(*parser, *Spec) map[string]reader // with the readers of their values
	required []string                               // of the keys
	sections func(*Spec) []section                  // among the keys: those whose values a flag sets
	write    func(*writer, *Spec)                   // after the texts, before the secrets
	schema   func() map[string]any                  // of the keys
}

// kinds are the kinds of projects. A new one is added in init, since the readers refer back.
var kinds map[string]kind

func init() {
	kinds = map[string]kind{KindHazelcast: {
		texts: func(s *Spec) []text {
			m := text{key: "map", field: &s.Map, check: checkPlain, note: "the map that the sample write loop fills"}
			if s.Layout == LayoutPackage { // which has no such loop
				m.usual = Default().Map
			}
			return append([]text{m}, s.options()...)
		},
		keys: func(p *parser, s *Spec) map[string]reader {
			return map[string]reader{
				keyClusters: func(n *yaml.Node) { p.clusters(n, s) },
				keyFailover: func(n *yaml.Node) { p.failover(n, &s.Failover) },
			}
		},
		required: []string{keyClusters},
		sections: func(s *Spec) []section { return []section{s.Failover.section()} },
		write:    (*writer).hazelcast,
		schema:   hazelcastSchema,
	}, KindWebservice: webserviceKind()}
}

// Hazelcast is what only the spec of a project of KindHazelcast has.
type Hazelcast struct {
	Map string // the map that the sample write loop fills
	// Clusters stand in order of preference; the first is the primary.
	Clusters []Cluster
	Failover Failover
	// Pin is PinNone or PinRegistry. The first is left out as Spec.Layout is.
	Pin string `json:",omitempty"`
}

// Cluster is one cluster of the spec. Every field but Bundle and Entry overrides
// what the bundle says; the zero value leaves it as it is.
type Cluster struct {
	Bundle string // slash-separated, relative to the folder of failover.yaml
	// BundleAt is where failover.yaml names the bundle; nowhere where a flag did.
	BundleAt fault.Position `json:"-"`
	// Entry says which cluster of a bundle with an ordered list this is, counted from
	// 1. It is 0 for a bundle of one cluster, and then left out of the digest.
	Entry        int `json:",omitempty"`
	Name         string
	DiscoveryURL string
	ServerName   string // the name that the members' certificates must hold
	Alias        string // of the key in the keystore
	Addresses    []string
	Username     string
	// TLS is TLSOff for a cluster that is declared to have no TLS. It is left out of
	// the digest where it is not set, as in projects that are older than it.
	TLS string `json:",omitempty"`
}

// Failover is how the generated client behaves when a cluster is lost.
type Failover struct {
	Standby        string
	Failback       string
	FailbackAfter  time.Duration
	OpTimeout      time.Duration
	Silence        time.Duration
	Confirm        time.Duration
	ConnectTimeout time.Duration
	RetryTime      time.Duration
	RetryMax       time.Duration
}

func (h *Hazelcast) equal(t *Hazelcast) bool {
	same := func(a, b Cluster) bool {
		return a.Bundle == b.Bundle && a.Entry == b.Entry && a.Name == b.Name && a.DiscoveryURL == b.DiscoveryURL &&
			a.ServerName == b.ServerName && a.Alias == b.Alias && a.Username == b.Username && a.TLS == b.TLS &&
			slices.Equal(a.Addresses, b.Addresses)
	}
	return h.Map == t.Map && h.Pin == t.Pin && h.Failover == t.Failover && slices.EqualFunc(h.Clusters, t.Clusters, same)
}

// texts are the strings of one cluster, in the order of the file.
func (c *Cluster) texts() []text {
	return []text{
		{key: keyBundle, field: &c.Bundle},
		{key: "name", field: &c.Name, check: checkPlain},
		{key: "discoveryURL", field: &c.DiscoveryURL, check: CheckDiscoveryURL},
		{key: "serverName", field: &c.ServerName, check: checkPlain},
		{key: "alias", field: &c.Alias, check: checkPlain},
		{key: "username", field: &c.Username, check: checkPlain},
		{key: "tls", field: &c.TLS, words: []string{TLSOff}, note: "the cluster takes connections without TLS"},
	}
}

// numbers are the whole numbers of one cluster. They stand behind the bundle.
func (c *Cluster) numbers() []number {
	return []number{{keyEntry, &c.Entry, "which cluster of the bundle's ordered list, counted from 1"}}
}

// hooks say where the user finds the hook of failback, by layout.
var hooks = map[string]string{LayoutProject: "readyToReturn in main.go", LayoutPackage: "ReadyToReturn, an option of Open,"}

// textsOf are the strings of the failover section, in the order of the file, with a
// name for the hook of failback.
func (f *Failover) textsOf(hook string) []text {
	return []text{
		{key: "standby", field: &f.Standby, words: []string{StandbyWarm, StandbyCold},
			note: "warm: stay connected to the next cluster as well; cold: connect when it is needed"},
		{key: "failback", field: &f.Failback, words: []string{FailbackNever, FailbackAuto},
			note: "never: stay while it works; auto: go back to a better cluster once " + hook + " says so"},
	}
}

// spans are the durations of the failover section, in the order of the file.
func (f *Failover) spans() []span {
	return []span{
		{"failbackAfter", &f.FailbackAfter, time.Second, "with auto: stay at least so long before going back"},
		{"opTimeout", &f.OpTimeout, 10 * time.Millisecond, "deadline of an operation whose caller gave none"},
		{"silence", &f.Silence, 200 * time.Millisecond, "nothing answered for so long while a probe is out: this cluster is lost"},
		{"confirm", &f.Confirm, time.Millisecond, "after its last connection closed: time to get back in before moving on"},
		{"connectTimeout", &f.ConnectTimeout, 100 * time.Millisecond, "discovery, probe and start of one cluster together"},
		{"retryTime", &f.RetryTime, time.Millisecond, "first pause between rounds of connection attempts; it grows, with jitter"},
		{"retryMax", &f.RetryMax, time.Millisecond, "longest such pause"},
	}
}

// section is the failover section of the file.
func (f *Failover) section() section { return f.sectionOf("your hook ReadyToReturn") }

// sectionOf is the section with a name for the hook of failback.
func (f *Failover) sectionOf(hook string) section {
	s := section{key: keyFailover}
	for _, t := range f.textsOf(hook) {
		s.fields = append(s.fields, t)
	}
	for _, d := range f.spans() {
		s.fields = append(s.fields, d)
	}
	return s
}

// SetCluster overrides one value of the n-th cluster, counted from 1, by its
// key in failover.yaml.
func (s *Spec) SetCluster(n int, key, value string) *fault.Fault {
	if n < 1 || n > len(s.Clusters) {
		return wrong(fmt.Sprintf("the clusters are numbered 1 to %d", len(s.Clusters)), "there is no cluster %d", n)
	}
	c := &s.Clusters[n-1]
	if key == keyAddresses {
		list := strings.Split(value, ",")
		for i, a := range list {
			list[i] = strings.TrimSpace(a)
			if f := checkAddress(list[i]); f != nil {
				return f
			}
		}
		c.Addresses = list
		return nil
	}
	for _, x := range c.numbers() {
		if x.key == key {
			return x.set(value)
		}
	}
	for _, t := range c.texts() {
		if t.key == key && key != keyBundle {
			return t.set(value)
		}
	}
	remedy := "it is one of " + strings.Join(ClusterKeys(), ", ")
	if secretKeys[key] {
		remedy = "secrets come from the bundle, from .env or from the environment"
	}
	return wrong(remedy, "a cluster has no value %q", key)
}

// ClusterKeys lists the keys that SetCluster takes.
func ClusterKeys() []string {
	keys, c := []string{keyAddresses}, new(Cluster)
	for _, x := range c.numbers() {
		keys = append(keys, x.key)
	}
	for _, t := range c.texts() {
		if t.key != keyBundle {
			keys = append(keys, t.key)
		}
	}
	return keys
}

// Overridden lists the keys by which c overrides its bundle.
func (c *Cluster) Overridden() []string {
	var keys []string
	for _, t := range c.texts() {
		if t.key != keyBundle && *t.field != "" {
			keys = append(keys, t.key)
		}
	}
	if len(c.Addresses) > 0 {
		keys = append(keys, keyAddresses)
	}
	return keys
}

func (p *parser) clusters(n *yaml.Node, s *Spec) {
	n = resolve(n)
	if n.Kind != yaml.SequenceNode {
		p.add(n, "clusters is "+kindOf(n)+" where a list belongs", "write one line '- bundle: PATH' per cluster")
		return
	}
	for i, item := range n.Content {
		var c Cluster
		known := map[string]reader{keyAddresses: p.addresses(&c)}
		for _, f := range c.texts() {
			known[f.key] = p.text(f)
		}
		for _, x := range c.numbers() {
			known[x.key] = p.number(x)
		}
		bundle := known[keyBundle]
		known[keyBundle] = func(n *yaml.Node) {
			c.BundleAt = fault.Position{File: p.path, Line: n.Line, Column: n.Column}
			bundle(n)
		}
		what := fmt.Sprintf("cluster %d", i+1)
		if given := p.object(item, what, known); given[keyBundle] == nil && resolve(item).Kind == yaml.MappingNode {
			p.add(item, what+" has no bundle", "add bundle: PATH, relative to this file")
		}
		s.Clusters = append(s.Clusters, c)
	}
	if len(n.Content) < 2 {
		p.add(n, "failover needs at least two clusters", "add the cluster to fail over to")
	}
}

func (p *parser) addresses(c *Cluster) reader {
	return func(n *yaml.Node) {
		n = resolve(n)
		if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
			p.add(n, "addresses is "+kindOf(n)+" where a list of addresses belongs", "write addresses: [\"10.0.0.1:5701\"]")
			return
		}
		for _, item := range n.Content {
			var address string
			p.text(text{key: "address", field: &address, check: checkAddress})(item)
			c.Addresses = append(c.Addresses, address)
		}
	}
}

func (p *parser) failover(n *yaml.Node, f *Failover) {
	before := len(p.faults)
	given := p.section(n, f.section())
	if key := given["retryMax"]; f.RetryMax < f.RetryTime && len(p.faults) == before {
		if key == nil {
			key = given["retryTime"]
		}
		p.add(key, fmt.Sprintf("retryMax (%v) is less than retryTime (%v)", f.RetryMax, f.RetryTime), "the pause grows from retryTime to retryMax")
	}
}

func (w *writer) hazelcast(s *Spec) {
	w.line("", "clusters", "", "in order of preference; the first is the primary")
	for i := range s.Clusters {
		w.cluster(&s.Clusters[i])
	}
	w.section(s.Failover.sectionOf(hooks[s.Layout]))
}

func (w *writer) cluster(c *Cluster) {
	indent := "  - "
	for _, t := range c.texts() {
		if *t.field != "" {
			w.text(indent, t)
			indent = "    "
		}
		for _, x := range c.numbers() {
			if t.key == keyBundle && *x.field != 0 {
				w.line(indent, x.key, strconv.Itoa(*x.field), x.note)
			}
		}
	}
	if len(c.Addresses) > 0 {
		quoted := make([]string, len(c.Addresses))
		for i, a := range c.Addresses {
			quoted[i] = quoteIn(a, yaml.DoubleQuotedStyle)
		}
		w.line(indent, keyAddresses, "["+strings.Join(quoted, ", ")+"]", "")
	}
}
