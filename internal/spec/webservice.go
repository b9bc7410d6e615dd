package spec

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/failover-gen/failover-gen/internal/fault"
)

const (
	// KindWebservice makes a failover client for the endpoints of a web service.
	KindWebservice = "webservice"

	// RegistryZooKeeper keeps the list of endpoints in ZooKeeper.
	RegistryZooKeeper = "zookeeper"
	// RegistryStatic has the list of endpoints in failover.yaml.
	RegistryStatic = "static"
	// TLSOn connects to the registry with TLS.
	TLSOn = "on"
	// SelectSticky stays with an endpoint until it fails.
	SelectSticky = "sticky"
	// SelectFirst begins each call at the first endpoint, as Java does.
	SelectFirst = "first"
	// ReplayUnsent repeats a request on the next endpoint only if none of it was sent.
	ReplayUnsent = "unsent"
	// ReplayIdempotent also repeats requests whose HTTP method may be repeated.
	ReplayIdempotent = "idempotent"
	// ReplayAlways repeats every request, as Java does.
	ReplayAlways = "always"
	// IOException is the Java class that stands for failures of the network.
	IOException = "java.io.IOException"
)

const (
	keyRegistry   = "registry"
	keyExceptions = "exceptions"
)

// errContradiction marks faults about values that are right each by itself.
var errContradiction = fault.New(fault.Input, fault.Position{}, "the values contradict each other", "")

// webserviceKind is what failover.yaml holds for KindWebservice.
func webserviceKind() kind {
	return kind{
		texts: func(s *Spec) []text {
			w := &s.Webservice
			return append([]text{{key: keyBundle, field: &w.Bundle, at: &w.BundleAt, optional: true,
				note: "the Spring or Blueprint file; the keys below override what it says"}}, s.options()...)
		},
		keys: func(p *parser, s *Spec) map[string]reader {
			given := make(map[string]map[string]*yaml.Node)
			known := make(map[string]reader)
			for _, in := range s.Webservice.sections() {
				known[in.key] = func(n *yaml.Node) {
					given[in.key] = p.section(n, in)
					given[in.key][""] = n
				}
			}
			p.then = func(file *yaml.Node) {
				if n := given[keyFailover][keyExceptions]; n != nil {
					s.Webservice.Calls.ExceptionsAt = fault.Position{File: p.path, Line: n.Line, Column: n.Column}
				}
				for _, f := range s.Webservice.contradictions() {
					p.add(cmp.Or(given[f.section][f.key], given[f.section][""], file), f.Cause, f.Remedy)
					p.faults[len(p.faults)-1].Err = errContradiction
				}
			}
			return known
		},
		sections: func(s *Spec) []section { return s.Webservice.sections() },
		write: func(w *writer, s *Spec) {
			for _, in := range s.Webservice.sections() {
				w.section(in)
			}
		},
		schema: func() map[string]any {
			properties := make(map[string]any)
			for _, in := range new(Webservice).sections() {
				properties[in.key] = in.schema()
			}
			return properties
		},
	}
}

// Webservice is what only the spec of a project of KindWebservice has. The zero
// value of a field says nothing: then what the bundle says counts, and after that
// the default. Settled gives the outcome.
type Webservice struct {
	Bundle string // the XML file, slash-separated, relative to the folder of failover.yaml; "" for none
	// BundleAt is where failover.yaml names the bundle; nowhere where a flag did.
	BundleAt fault.Position `json:"-"`
	Registry Registry
	Calls    Calls
}

// Registry is where the ordered list of endpoints is kept.
type Registry struct {
	Type       string   // RegistryZooKeeper or RegistryStatic
	Addresses  []string `json:",omitempty"`
	FabricPath string   // below /fabric/cxf/endpoints/, without a slash at either end
	User       string   // of ZooKeeper's digest authentication
	TLS        string   // TLSOn or TLSOff
	Endpoints  []string `json:",omitempty"`
	// MaximumConnectionTimeout is how long the registry may take to be reached.
	MaximumConnectionTimeout time.Duration
	ConnectionRetryTime      time.Duration
}

// Calls is how the generated client calls an endpoint and when it moves on. It is
// the section failover of failover.yaml.
type Calls struct {
	Exceptions []string `json:",omitempty"` // Java names
	// ExceptionsAt is where failover.yaml lists them; nowhere where it does not.
	ExceptionsAt fault.Position `json:"-"`
	// ExceptionMap says what a Java name stands for that is not known: the QName of a
	// fault, "{namespace}name", or an HTTP status.
	ExceptionMap map[string]string `json:",omitempty"`
	Select       string
	Replay       string
	Compat       bool
	// AttemptTimeout bounds the call of one endpoint to the header of its response, and
	// then each wait for more of the body. CallTimeout bounds all attempts together.
	AttemptTimeout time.Duration
	CallTimeout    time.Duration
}

func (w *Webservice) sections() []section {
	r, c := &w.Registry, &w.Calls
	return []section{{keyRegistry, []field{
		text{key: "type", field: &r.Type, words: []string{RegistryZooKeeper, RegistryStatic}},
		list{key: keyAddresses, item: "address", field: &r.Addresses, check: checkServer, separators: ",", note: "of ZooKeeper"},
		text{key: "fabricPath", field: &r.FabricPath, check: checkFabricPath, clean: cleanFabricPath, note: "below /fabric/cxf/endpoints/"},
		text{key: "user", field: &r.User, check: checkUser, note: "of ZooKeeper's digest; its secret is FAILOVER_REGISTRY_PASSWORD"},
		text{key: "tls", field: &r.TLS, words: []string{TLSOff, TLSOn}},
		list{key: "endpoints", item: "endpoint", field: &r.Endpoints, check: checkEndpoint, separators: ",", same: sameEndpoint,
			note: "in order of preference; the first is the master"},
		millis{span{"maximumConnectionTimeout", &r.MaximumConnectionTimeout, 100 * time.Millisecond, "how long the registry may take to be reached"}},
		millis{span{"connectionRetryTime", &r.ConnectionRetryTime, time.Millisecond, "pause between attempts to reach the registry"}},
	}}, {keyFailover, []field{
		list{key: keyExceptions, item: "exception", field: &c.Exceptions, check: checkJavaName, separators: ";,",
			note: "move on when a call fails with one of these, or with a subclass"},
		pairs{key: "exceptionMap", field: &c.ExceptionMap, check: checkException, note: "what other Java names stand for: a fault's \"{namespace}name\" or an HTTP status"},
		text{key: "select", field: &c.Select, words: []string{SelectSticky, SelectFirst},
			note: "sticky: stay with an endpoint until it fails; first: begin each call at the first one"},
		text{key: "replay", field: &c.Replay, words: []string{ReplayUnsent, ReplayIdempotent, ReplayAlways},
			note: "which requests are repeated on the next endpoint"},
		truth{key: "compat", field: &c.Compat, note: "behave as Java does: first, always, and java.io.IOException always listed"},
		span{"attemptTimeout", &c.AttemptTimeout, 10 * time.Millisecond, "one endpoint: connect, send, response header; then each wait for more of the body"},
		span{"callTimeout", &c.CallTimeout, 10 * time.Millisecond, "a call whose caller gave no deadline, all attempts together, to the response header"},
	}}}
}

func (w *Webservice) equal(o *Webservice) bool {
	a, b := &w.Registry, &o.Registry
	c, d := &w.Calls, &o.Calls
	return w.Bundle == o.Bundle && a.Type == b.Type && slices.Equal(a.Addresses, b.Addresses) && a.FabricPath == b.FabricPath &&
		a.User == b.User && a.TLS == b.TLS && slices.Equal(a.Endpoints, b.Endpoints) &&
		a.MaximumConnectionTimeout == b.MaximumConnectionTimeout && a.ConnectionRetryTime == b.ConnectionRetryTime &&
		slices.Equal(c.Exceptions, d.Exceptions) && maps.Equal(c.ExceptionMap, d.ExceptionMap) && c.Select == d.Select && c.Replay == d.Replay &&
		c.Compat == d.Compat && c.AttemptTimeout == d.AttemptTimeout && c.CallTimeout == d.CallTimeout
}

// Settled returns w with what it leaves out taken from what the bundle says, and
// with the defaults for what is left out there too.
func (w Webservice) Settled(said Webservice) Webservice {
	r, c := &w.Registry, &w.Calls
	r.Type = cmp.Or(r.Type, said.Registry.Type, RegistryZooKeeper)
	if r.Type == RegistryZooKeeper {
		r.Addresses = firstList(r.Addresses, said.Registry.Addresses, []string{"localhost:2181"})
		r.FabricPath = cmp.Or(r.FabricPath, said.Registry.FabricPath)
		r.User = cmp.Or(r.User, said.Registry.User)
		r.TLS = cmp.Or(r.TLS, TLSOff)
	}
	r.MaximumConnectionTimeout = cmp.Or(r.MaximumConnectionTimeout, said.Registry.MaximumConnectionTimeout, 10*time.Second)
	r.ConnectionRetryTime = cmp.Or(r.ConnectionRetryTime, said.Registry.ConnectionRetryTime, 100*time.Millisecond)
	c.Exceptions = firstList(c.Exceptions, said.Calls.Exceptions, []string{IOException})
	if c.Compat {
		c.Select, c.Replay = SelectFirst, ReplayAlways
	}
	c.Select, c.Replay = cmp.Or(c.Select, SelectSticky), cmp.Or(c.Replay, ReplayUnsent)
	switch {
	case c.CallTimeout == 0:
		c.CallTimeout = max(30*time.Second, c.AttemptTimeout)
	case c.AttemptTimeout == 0:
		c.AttemptTimeout = min(10*time.Second, c.CallTimeout)
	}
	c.AttemptTimeout = cmp.Or(c.AttemptTimeout, 10*time.Second)
	return w
}

func firstList(lists ...[]string) []string {
	i := slices.IndexFunc(lists, func(l []string) bool { return len(l) > 0 })
	return slices.Clone(lists[i])
}

// SpellOut fills in the defaults that a new failover.yaml shows its user: those of
// all values without a bundle, and with one those of the values that no bundle has.
func (w *Webservice) SpellOut() {
	settled := w.Settled(Webservice{})
	if w.Bundle == "" {
		*w = settled
		return
	}
	c := &w.Calls
	c.Select, c.Replay, c.AttemptTimeout, c.CallTimeout = settled.Calls.Select, settled.Calls.Replay, settled.Calls.AttemptTimeout, settled.Calls.CallTimeout
}

// contradiction is a fault about values that do not go together, at one of them.
type contradiction struct {
	section, key string
	*fault.Fault
}

// contradictions lists what is wrong with the values together.
func (w *Webservice) contradictions() (list []contradiction) {
	add := func(section, key, cause, remedy string) {
		list = append(list, contradiction{section, key, fault.New(fault.Input, fault.Position{}, cause, remedy)})
	}
	r, c := &w.Registry, &w.Calls
	if r.Type == RegistryStatic {
		if len(r.Endpoints) == 0 {
			add(keyRegistry, "type", "a static registry has no endpoints", "add endpoints: [\"http://...\"] in the order of preference")
		}
		for _, f := range []struct {
			key string
			on  bool
		}{{keyAddresses, len(r.Addresses) > 0}, {"fabricPath", r.FabricPath != ""}, {"user", r.User != ""}, {"tls", r.TLS != ""}} {
			if f.on {
				add(keyRegistry, f.key, f.key+" has no meaning for a static registry", "remove it, or say type: zookeeper")
			}
		}
	} else {
		if len(r.Endpoints) > 0 {
			add(keyRegistry, "endpoints", "the registry ZooKeeper has its own list of endpoints", "say type: static, or remove endpoints")
		}
		if w.Bundle == "" && r.FabricPath == "" {
			add(keyRegistry, "", "nothing says where the endpoints are listed", "add fabricPath, or the bundle that has it, or type: static with endpoints")
		}
	}
	if c.Compat && c.Select != "" && c.Select != SelectFirst {
		add(keyFailover, "select", "compat: true means select: first, and here it is "+c.Select, "remove one of the two")
	}
	if c.Compat && c.Replay != "" && c.Replay != ReplayAlways {
		add(keyFailover, "replay", "compat: true means replay: always, and here it is "+c.Replay, "remove one of the two")
	}
	if c.CallTimeout != 0 && c.AttemptTimeout > c.CallTimeout {
		add(keyFailover, "attemptTimeout", "attemptTimeout ("+shortDuration(c.AttemptTimeout)+") is longer than callTimeout ("+shortDuration(c.CallTimeout)+")",
			"callTimeout bounds all attempts together, so give it more")
	}
	return list
}

// Check lists what is wrong with the values together, as Parse does, for values that
// flags gave. The faults have no position.
func (w *Webservice) Check() fault.List {
	var list fault.List
	for _, c := range w.contradictions() {
		list = append(list, c.Fault)
	}
	return list
}

// LockWebservice is what the XML file of a project of KindWebservice said. It is
// enough to make the project again where the file is not there. Durations are in
// milliseconds, as in the XML.
type LockWebservice struct {
	// Bundle is the path of the file as failover.yaml named it.
	Bundle                   string   `json:"bundle,omitempty"`
	Addresses                []string `json:"addresses,omitempty"`
	FabricPath               string   `json:"fabricPath,omitempty"`
	User                     string   `json:"user,omitempty"`
	MaximumConnectionTimeout int64    `json:"maximumConnectionTimeout,omitempty"`
	ConnectionRetryTime      int64    `json:"connectionRetryTime,omitempty"`
	Exceptions               []string `json:"exceptions,omitempty"`
	// Address and ServiceClass are those of the client that uses the feature.
	Address      string `json:"address,omitempty"`
	ServiceClass string `json:"serviceClass,omitempty"`
	// Secrets names the secrets that the file has, and not what they are.
	Secrets []string `json:"secrets"`
}

// Said gives what the XML said in the form that Webservice.Settled takes.
func (l *LockWebservice) Said() Webservice {
	return Webservice{
		Bundle: l.Bundle,
		Registry: Registry{
			Addresses: l.Addresses, FabricPath: l.FabricPath, User: l.User,
			MaximumConnectionTimeout: time.Duration(l.MaximumConnectionTimeout) * time.Millisecond,
			ConnectionRetryTime:      time.Duration(l.ConnectionRetryTime) * time.Millisecond,
		},
		Calls: Calls{Exceptions: l.Exceptions},
	}
}

// LockSaid is the lock of what an XML said. The caller adds the client and the
// names of the secrets.
func LockSaid(said Webservice) *LockWebservice {
	return &LockWebservice{
		Bundle: said.Bundle, Addresses: said.Registry.Addresses, FabricPath: said.Registry.FabricPath, User: said.Registry.User,
		MaximumConnectionTimeout: said.Registry.MaximumConnectionTimeout.Milliseconds(),
		ConnectionRetryTime:      said.Registry.ConnectionRetryTime.Milliseconds(),
		Exceptions:               said.Calls.Exceptions, Secrets: []string{},
	}
}

// CleanFabricPath is a path below /fabric/cxf/endpoints/ without slashes around it,
// and why it cannot be one, nil if it can.
func CleanFabricPath(v string) (string, *fault.Fault) {
	return cleanFabricPath(v), checkFabricPath(v)
}

func cleanFabricPath(v string) string { return strings.Trim(v, "/") }
