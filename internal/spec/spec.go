// Package spec is the two files in which a project remembers how it was made:
// failover.yaml, which its user edits, and failover.lock, which is the tool's.
// It knows their schema, their defaults and how they are written, and reports
// every fault of a file at once, each with its line and column. It opens no
// bundle, has no field for a secret, and refuses keys that it does not know.
package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"go/token"
	"maps"
	"path"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/module"

	"github.com/failover-gen/failover-gen/internal/fault"
)

const (
	// FileName is the name of the spec inside a project.
	FileName = "failover.yaml"
	// Version is the only version of the schema so far.
	Version = 1
	// KindHazelcast makes a failover client for Hazelcast clusters.
	KindHazelcast = "hazelcast"
	// CloudServerName is the name in the certificates of cloud clusters.
	CloudServerName = "hazelcast.cloud"

	// StandbyWarm keeps a connected client on the next cluster.
	StandbyWarm = "warm"
	// StandbyCold connects to the next cluster when the active one is lost.
	StandbyCold = "cold"
	// FailbackNever stays on a cluster for as long as it works.
	FailbackNever = "never"
	// FailbackAuto goes back to a cluster that stands before the active one.
	FailbackAuto = "auto"
	// TLSOff declares that a cluster takes connections without TLS.
	TLSOff = "off"
	// LayoutProject makes a module of its own with a program in it.
	LayoutProject = "project"
	// LayoutPackage makes a package that the programs of an existing module import.
	LayoutPackage = "package"
	// SecretsDotenv writes the secrets of the bundles to .env.
	SecretsDotenv = "dotenv"
	// SecretsNone writes them nowhere: the environment must give them.
	SecretsNone = "none"
	// MetricsNone leaves metrics out.
	MetricsNone = "none"
	// MetricsPrometheus gives a project the metrics of docs/metrics.md.
	MetricsPrometheus = "prometheus"
	// PinNone leaves the client of a registry out: a pin can be held by a file only.
	PinNone = "none"
	// PinRegistry gives a project what docs/fleet.md says of ZooKeeper.
	PinRegistry = "registry"
)

// Spec is what failover.yaml says.
type Spec struct {
	Version   int
	Kind      string
	Module    string // Go module path of the project; of a package its import path
	Hazelcast        // what only projects of KindHazelcast have
	Secrets   string // SecretsDotenv or SecretsNone
	// Webservice is what only projects of KindWebservice have. It is left out of the
	// digest of other projects.
	Webservice Webservice `json:",omitzero"`
	// Layout is LayoutProject or LayoutPackage. The first is left out of failover.yaml
	// and of the digest, as in projects that are older than the key.
	Layout string `json:",omitempty"`
	// Metrics is MetricsNone or MetricsPrometheus. The first is left out as Layout's is.
	Metrics string `json:",omitempty"`
}

// DefaultOf returns the spec of a kind as a failover.yaml that names nothing but the
// kind gives it.
func DefaultOf(kind string) Spec {
	s := Default()
	if kind != KindHazelcast {
		s.Kind, s.Hazelcast = kind, Hazelcast{}
	}
	return s
}

// Default returns a spec of KindHazelcast that lacks only its module path and its
// clusters.
func Default() Spec {
	return Spec{
		Version: Version,
		Kind:    KindHazelcast,
		Hazelcast: Hazelcast{
			Map: "map",
			Failover: Failover{
				Standby:        StandbyWarm,
				Failback:       FailbackNever,
				FailbackAfter:  60 * time.Second,
				OpTimeout:      2 * time.Second,
				Silence:        5 * time.Second,
				Confirm:        1 * time.Second,
				ConnectTimeout: 3 * time.Second,
				RetryTime:      100 * time.Millisecond,
				RetryMax:       30 * time.Second,
			},
			Pin: PinNone,
		},
		Secrets: SecretsDotenv,
		Layout:  LayoutProject,
		Metrics: MetricsNone,
	}
}

// ModuleFor returns the module path of a project in a folder of that name:
// example.com/<folder>, with what a module path cannot hold replaced.
func ModuleFor(folder string) string {
	element := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '-', r == '_':
			return r
		case r >= 'A' && r <= 'Z':
			return r - 'A' + 'a'
		default:
			return '-'
		}
	}, folder)
	if element = strings.Trim(element, "-"); element == "" {
		element = "failover"
	}
	path := "example.com/" + element
	if module.CheckImportPath(path) != nil { // a name that Windows reserves
		return path + "-client"
	}
	return path
}

// PackageName returns the name of the Go package that the project is: main, unless it
// is a package. That has the name of its folder, or "failover" where Go cannot have a
// package of such a name.
func (s *Spec) PackageName() string {
	if s.Layout != LayoutPackage {
		return "main"
	}
	name := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			return r
		}
		return -1
	}, strings.ToLower(path.Base(s.Module)))
	if !token.IsIdentifier(name) || name == "main" || name == "_" {
		return "failover"
	}
	return name
}

// Kinds lists the kinds of projects.
func Kinds() []string { return slices.Sorted(maps.Keys(kinds)) }

// Equal reports whether both specs say the same.
func (s *Spec) Equal(t *Spec) bool {
	return s.Version == t.Version && s.Kind == t.Kind && s.Module == t.Module && s.Secrets == t.Secrets && s.Layout == t.Layout && s.Metrics == t.Metrics && s.Hazelcast.equal(&t.Hazelcast) && s.Webservice.equal(&t.Webservice)
}

// Digest is the SHA-256 of what the spec says, in lower-case hex. It does not
// depend on how failover.yaml is laid out.
func (s *Spec) Digest() string {
	said := *s
	if said.Layout == LayoutProject {
		said.Layout = ""
	}
	for _, t := range said.options() {
		if *t.field == t.usual {
			*t.field = ""
		}
	}
	text, _ := json.Marshal(said) // cannot fail: it holds texts and numbers
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// Set changes one value outside the clusters by its key in failover.yaml, as a
// flag or an answer gives it.
func (s *Spec) Set(key, value string) *fault.Fault {
	for _, t := range slices.Concat(s.texts(), kinds[s.Kind].texts(s), []text{s.secretsText()}) {
		if t.key == key {
			return t.set(value)
		}
	}
	if _, f := s.inSection(key); f != nil {
		return f.set(value)
	}
	return wrong("failover-gen schema --kind "+s.Kind+" lists the keys", "there is no value %q in a project of kind %s", key, s.Kind)
}
