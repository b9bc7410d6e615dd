package spec

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/mod/module"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// The keys of failover.yaml that are named in more than one place.
const (
	keyBundle    = "bundle"
	keyEntry     = "entry"
	keyAddresses = "addresses"
	keyClusters  = "clusters"
	keyFailover  = "failover"
)

// check says why a value cannot be used, without a position; nil if it can.
type check func(v string) *fault.Fault

// text is a key of failover.yaml that holds a string.
type text struct {
	key   string
	field *string
	check check
	words []string // the values that are possible, if only some are
	usual string   // the value that Marshal leaves out; empty: none
	note  string   // what the user reads beside it
	// optional says that Marshal leaves the key out where it says nothing.
	optional bool
	at       *fault.Position       // takes the position of the value; nil: nobody asks
	clean    func(v string) string // makes one of the spellings of a value the usual one; nil: there is one
}

// set takes a value that passes the check.
func (t text) set(v string) *fault.Fault {
	if v == "" {
		return wrong("give a value or leave it out", "%s is empty", t.key)
	}
	if t.words != nil && !slices.Contains(t.words, v) {
		return wrong("say "+strings.Join(t.words, " or "), "%s: %q is not possible here", t.key, v)
	}
	if t.check != nil {
		if f := t.check(v); f != nil {
			f.Cause = t.key + ": " + f.Cause
			return f
		}
	}
	if t.clean != nil {
		v = t.clean(v)
	}
	*t.field = v
	return nil
}

// span is a key of failover.yaml that holds a duration.
type span struct {
	key   string
	field *time.Duration
	least time.Duration // what is less works badly, or is taken for the default by the client
	note  string
}

// number is a key of failover.yaml that holds a whole number from 1, 0 where it is
// left out.
type number struct {
	key   string
	field *int
	note  string
}

// set takes a whole number from 1.
func (n number) set(v string) *fault.Fault {
	i, err := strconv.ParseUint(v, 10, 16)
	if err != nil || i == 0 {
		return wrong("count from 1", "%s: %q is not a number from 1", n.key, v)
	}
	*n.field = int(i)
	return nil
}

// most is the longest duration that makes sense for any key.
const most = 24 * time.Hour

// set takes a duration with its unit.
func (s span) set(v string) *fault.Fault {
	d, err := time.ParseDuration(v)
	if err != nil {
		return wrong("write a number with its unit, like 2s or 100ms", "%s: %q is not a duration", s.key, v)
	}
	if d < s.least || d > most {
		return wrong(fmt.Sprintf("give one from %v to 24h", s.least), "%s: %v is out of range", s.key, d)
	}
	*s.field = d
	return nil
}

// texts are the strings that every kind has at the top of the file, in its order.
func (s *Spec) texts() []text {
	return []text{
		{key: "kind", field: &s.Kind, words: Kinds()},
		{key: "layout", field: &s.Layout, words: []string{LayoutProject, LayoutPackage}, usual: LayoutProject,
			note: "package: a package of the module around it; project: a module of its own"},
		{key: "module", field: &s.Module, check: checkModule},
	}
}

// options are the keys that ask for a part that only some projects have, each of them
// for the part of its name (templates.Choice). They stand after the texts of the kind.
func (s *Spec) options() []text {
	list := []text{
		{key: "metrics", field: &s.Metrics, words: []string{MetricsNone, MetricsPrometheus}, usual: MetricsNone, optional: true,
			note: "prometheus: metrics for Prometheus; none: no metrics"},
	}
	if s.Kind == KindHazelcast {
		list = append(list, text{key: "pin", field: &s.Pin, words: []string{PinNone, PinRegistry}, usual: PinNone, optional: true,
			note: "registry: an operator can move all processes by ZooKeeper; none: by a file only"})
	}
	return list
}

// Options names the optional parts that the spec asks for.
func (s *Spec) Options() (names []string) {
	for _, t := range s.options() {
		if *t.field != "" && *t.field != t.usual {
			names = append(names, t.key)
		}
	}
	return names
}

// secretsText is the key that says where secrets are written.
func (s *Spec) secretsText() text {
	return text{key: "secrets", field: &s.Secrets, words: []string{SecretsDotenv, SecretsNone},
		note: "dotenv: write those of the bundles to .env; none: the environment must give them"}
}

// wrong is a fault without a position. The caller that knows where the value
// stands adds it.
func wrong(remedy, cause string, args ...any) *fault.Fault {
	return fault.New(fault.Input, fault.Position{}, fmt.Sprintf(cause, args...), remedy)
}

// checkModule refuses what cannot be the module path of a project.
func checkModule(v string) *fault.Fault {
	if err := module.CheckImportPath(v); err != nil {
		return wrong("give one like example.com/orders", "%q is not a module path", v)
	}
	if first, _, _ := strings.Cut(v, "/"); slices.Contains(standard, first) {
		return wrong("give one like example.com/orders", "%q would hide packages of Go itself", v)
	}
	return nil
}

// standard holds what import paths of Go's own packages begin with, and "main",
// which go build refuses.
var standard = strings.Fields("archive bufio builtin bytes cmd cmp compress container context crypto database debug embed encoding errors " +
	"expvar flag fmt go hash html image index internal io iter log main maps math mime net os path plugin reflect regexp runtime slices sort " +
	"strconv strings structs sync syscall testing text time unicode unique unsafe vendor weak")

// checkPlain refuses characters that no such value has, and that could be
// taken for a line of their own wherever the value is shown.
func checkPlain(v string) *fault.Fault {
	if strings.ContainsFunc(v, unicode.IsControl) {
		return wrong("give it as it is shown in the console", "%q holds a control character", v)
	}
	return nil
}

// CheckDiscoveryURL says why v cannot be the base address of a discovery
// service, nil if it can. Requests to it carry the token, so plain http is for
// loopback only. The fault has no position, and shows v as ShownURL does.
func CheckDiscoveryURL(v string) *fault.Fault {
	u, err := url.Parse(v)
	switch shown := ShownURL(v); {
	case shown == hidden:
		return wrong("give one like https://api.cloud.hazelcast.com", "this is not a discovery address")
	case shown != v:
		return wrong("leave out the user, and everything after the path", "%q with what stands around it is not the base of a discovery address", shown)
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return wrong("give one like https://api.cloud.hazelcast.com", "%q is not a discovery address", shown)
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return wrong("use https", "%q would send the token in the clear", v)
	}
	return nil
}

// hidden stands for what may be a secret.
const hidden = "..."

// ShownURL is a discovery address without the places where people put
// passwords and tokens: the user, and what may be parameters. Where nothing tells
// an address from a secret, three dots stand for it.
func ShownURL(v string) string {
	scheme, rest, ok := strings.Cut(v, "://")
	switch lower := strings.ToLower(scheme); {
	case v == "":
		return ""
	case !ok || lower != "https" && lower != "http":
		return hidden
	}
	parameters := strings.IndexAny(rest, "?#&;=%\\")
	at := strings.LastIndexByte(rest, '@')
	switch {
	case parameters >= 0 && at > parameters: // either can be part of the other
		rest = hidden
	case parameters >= 0:
		rest = rest[at+1 : parameters]
	default:
		rest = rest[at+1:]
	}
	return scheme + "://" + rest
}

// loopback reports whether host is this machine by its spelling alone.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// checkAddress refuses what cannot be the address of a member. The port may
// be left out.
func checkAddress(v string) *fault.Fault {
	host, port, err := net.SplitHostPort(v)
	if err != nil {
		host, port = strings.Trim(v, "[]"), "1"
	}
	n, err := strconv.ParseUint(port, 10, 16)
	odd := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(",/[]@", r)
	}
	if err != nil || n == 0 || host == "" || strings.ContainsFunc(host, odd) || strings.Contains(host, ":") && net.ParseIP(host) == nil {
		return wrong("give one like 10.0.0.1:5701", "%q is not an address of a member", v[strings.LastIndexByte(v, '@')+1:])
	}
	return nil
}
