// Package inspect describes client bundles and keystores. It shows what keytool
// -list -v, openssl and step show together. It also says what these do not: whether
// a key matches its certificate, whether Go can use a truststore, and what generate
// will refuse.
//
// It opens the stores of a bundle with the passwords that the bundle holds. A store
// that does not open is reported beside those that do. The package changes nothing,
// asks nothing, reads no clock, and puts no secret into a report or an error.
package inspect

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"
	"sync"
	"time"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/gate"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/storefile"
)

// Options are the same for all bundles and keystores.
type Options struct {
	// List says that all clusters of the bundle are meant, and not one.
	List bool
	// Now is the time for which days left are counted.
	Now time.Time
	// ExpiresWithin is how long before its end a certificate is warned of.
	ExpiresWithin time.Duration
	// Number is that of the bundle's cluster in a project, 0 where it has none yet.
	Number int
	// Alias chooses the key of a keystore that holds several.
	Alias string
	// WithoutTLS says that a client without stores is meant so.
	WithoutTLS bool
}

// Month is the usual ExpiresWithin.
const Month = 30 * 24 * time.Hour

// FormKeystore is the form of a report about a single keystore.
const FormKeystore = "keystore"

// Report is what one bundle or keystore holds. As JSON it is one element of
// "bundles" of inspect --json.
type Report struct {
	// Path is as the user named it.
	Path string `json:"path"`
	// Form is the bundle's language, or FormKeystore.
	Form     string    `json:"form"`
	Clusters []Cluster `json:"clusters,omitempty"`
	// Registry is that of a web service, which has no clusters.
	Registry *Registry `json:"registry,omitempty"`
	// Warnings are one line each; never nil, so that a script can count them.
	Warnings []string `json:"warnings"`

	findings fault.List
	refusals fault.List // why generate refuses the bundle
	errors   []string   // those of Warnings that are errors as well
	gates    []gate.Cluster
	stores   []gate.Stores // of gates; the zero value where they did not open
}

// Findings are the warnings as faults of kind Finding, for a caller that allows none.
// What is an error of its own, such as a store that would not open, is left out.
func (r Report) Findings() fault.List { return r.findings }

// Refusals are the findings for which generate refuses the bundle, each with the
// exit code of a wrong input.
func (r Report) Refusals() fault.List { return r.refusals }

// warn adds a warning about the store with this name. With an empty file and name
// the warning is about the whole bundle.
func (r *Report) warn(file, name, text string) {
	cause, remedy, found := strings.Cut(text, "; ")
	if !found {
		remedy = "--strict takes a warning for an error"
	}
	r.findings = append(r.findings, fault.New(fault.Finding, fault.In(file), cause, remedy))
	if name != "" {
		text = name + ": " + text
	}
	r.Warnings = append(r.Warnings, text)
}

// refuse adds a warning for each of the faults for which generate will refuse the
// bundle.
func (r *Report) refuse(faults ...*fault.Fault) {
	for _, f := range faults {
		if f != nil {
			r.refusals = append(r.refusals, f)
			r.findings = append(r.findings, fault.New(fault.Finding, f.Position, f.Cause, f.Remedy))
			r.Warnings = append(r.Warnings, "generate refuses: "+f.Error())
		}
	}
}

// warnOf adds a warning for each of the findings.
func (r *Report) warnOf(findings ...*fault.Fault) {
	for _, f := range findings {
		r.findings = append(r.findings, f)
		r.Warnings = append(r.Warnings, f.Error())
	}
}

// Cluster is what is known about one cluster.
type Cluster struct {
	Name      string     `json:"name,omitempty"`
	Discovery *Discovery `json:"discovery,omitempty"`
	Addresses []string   `json:"addresses,omitempty"`
	// Username and Password are the client's credentials. Password is "present" or
	// left out. Hazelcast 3.x has a password alone.
	Username   string `json:"username,omitempty"`
	Password   string `json:"password,omitempty"`
	Keystore   *Store `json:"keystore,omitempty"`
	Truststore *Store `json:"truststore,omitempty"`
	// CA, Cert and Key are PEM files in place of stores.
	CA   *Store `json:"ca,omitempty"`
	Cert *Store `json:"cert,omitempty"`
	Key  *Store `json:"key,omitempty"`
	// ServerName is what the bundle says that the members' certificates must hold.
	ServerName string `json:"serverName,omitempty"`
	// TLS is "off" where the bundle declares that there is none, and left out otherwise.
	TLS string `json:"tls,omitempty"`
	// NoEffect tells what has no counterpart in a project, with its position.
	NoEffect []string `json:"noEffect,omitempty"`
}

// Discovery is how a cluster's members are found.
type Discovery struct {
	// URL is shown as spec.ShownURL does.
	URL string `json:"url,omitempty"`
	// Token is "present" or "absent".
	Token string `json:"token"`
}

// Store is a keystore or truststore. One that would not open has only its path.
type Store struct {
	// Path is relative to the bundle.
	Path string `json:"path"`
	Type string `json:"type,omitempty"`
	// Protection words how the file is protected: MAC and encryption, with iterations.
	Protection string  `json:"protection,omitempty"`
	Entries    []Entry `json:"entries,omitempty"`
}

// Entry is one entry of a store. The certificate of a key entry is the one that
// belongs to the key, not the rest of its chain.
type Entry struct {
	Alias   string     `json:"alias"`
	Kind    string     `json:"kind"`
	Created *time.Time `json:"created,omitempty"` // as the store says, if it does
	Subject string     `json:"subject,omitempty"`
	Issuer  string     `json:"issuer,omitempty"`
	Serial  string     `json:"serial,omitempty"` // lower-case hex
	Key     string     `json:"key,omitempty"`    // algorithm and size in bits: RSA-2048
	// Pairing says of a key whether its certificate belongs to it.
	Pairing   string     `json:"pairing,omitempty"`
	Signature string     `json:"signature,omitempty"` // algorithm: SHA256-RSA
	NotBefore *time.Time `json:"notBefore,omitempty"`
	NotAfter  *time.Time `json:"notAfter,omitempty"`
	// DaysLeft counts full days until NotAfter, below 0 for a certificate that has expired.
	DaysLeft *int `json:"daysLeft,omitempty"`
	// Validity words the same: "12 days left", "expired 2 days ago", "not valid yet".
	Validity string `json:"validity,omitempty"`
	SHA256   string `json:"sha256,omitempty"` // of the certificate, lower-case hex
	// Chain says how far the certificates of a key verify.
	Chain string `json:"chain,omitempty"`
	// Use says what Go can do with a certificate of a truststore.
	Use string `json:"use,omitempty"`
}

// role is what a store is for.
type role int

const (
	keyRole role = iota
	trustRole
)

func (r role) String() string {
	if r == trustRole {
		return "truststore"
	}
	return "keystore"
}

// Bundle reports on b. A store that cannot be opened is in the report
// with its path, in its warnings, and in the error, which then is a fault.List
// of kind Input; the report is complete otherwise.
func Bundle(b *bundle.Bundle, o Options) (Report, error) {
	report := Report{Path: b.Path, Form: b.Form, Warnings: []string{}}
	for _, warning := range b.Warnings {
		report.warn("", "", warning)
	}
	if b.Registry != nil {
		report.registry(b)
		return report, nil
	}
	if !o.List {
		report.refuse(gate.One(b))
	}
	var jobs []*job
	for i := range b.Clusters {
		c := &b.Clusters[i]
		cluster := clusterOf(c)
		key, trust := newJob(keyRole, c.Keystore, c.KeystorePassword, c.KeyPassword), newJob(trustRole, c.Truststore, c.TruststorePassword, bundle.Secret{})
		if complete := o.WithoutTLS || len(b.LacksStores(i, o.Number)) == 0; !complete || c.Keystore != nil && c.Truststore != nil {
			key.pair, trust.pair = trust, key
		} else {
			key.judged, trust.judged = true, true
		}
		cluster.Keystore, cluster.Truststore = key.store, trust.store
		jobs = append(jobs, key, trust)
		report.Clusters = append(report.Clusters, cluster)
		report.gates = append(report.gates, asGate(b, c, cluster.Addresses))
		report.refuse(gate.Values(&report.gates[i])...)
		report.gates[i].Number, report.gates[i].Alias = o.Number, o.Alias
		if !o.WithoutTLS {
			report.refuse(b.LacksStores(i, o.Number)...)
		}
	}
	faults := report.describe(jobs, o)
	for i := range report.gates {
		var stores gate.Stores
		wrong := report.pem(&b.Clusters[i], &report.Clusters[i], o)
		faults = append(faults, wrong...)
		if key, trust := jobs[2*i], jobs[2*i+1]; len(wrong) == 0 && (key.decoded != nil && trust.decoded != nil || key.judged && key.opened() && trust.opened()) {
			var refused fault.List
			stores, refused = gate.Judge(&report.gates[i], key.decoded, trust.decoded)
			report.refuse(refused...)
		}
		report.stores = append(report.stores, stores)
	}
	return report, faults.ErrOrNil()
}

// clusterOf is what a bundle says of a cluster besides its files.
func clusterOf(c *bundle.Cluster) Cluster {
	cluster := Cluster{Name: c.Name.Text, Username: c.Username.Text, ServerName: c.ServerName.Text, NoEffect: c.Notes}
	if c.NoTLS.Text != "" {
		cluster.TLS = spec.TLSOff
	}
	if c.Password.Present() {
		cluster.Password = c.Password.String()
	}
	if c.DiscoveryURL.Text != "" || c.Token.Present() {
		cluster.Discovery = &Discovery{URL: spec.ShownURL(c.DiscoveryURL.Text), Token: c.Token.String()}
	}
	for _, address := range c.Addresses {
		cluster.Addresses = append(cluster.Addresses, address.Text)
	}
	return cluster
}

// asGate is a cluster as generate would get it from the bundle alone.
func asGate(b *bundle.Bundle, c *bundle.Cluster, addresses []string) gate.Cluster {
	g := gate.Cluster{Path: b.Path, Said: c, Name: c.Name.Text, Addresses: addresses}
	if c.Token.Present() { // otherwise the addresses count
		g.DiscoveryURL, g.Addresses = c.DiscoveryURL.Text, nil
	}
	return g
}

// Together adds to reports what is wrong with their clusters together: clusters
// that are the same, or that share a key or a truststore. They are numbered in the
// order of the reports.
func Together(reports []Report) {
	var list []gate.Cluster
	var stores []gate.Stores
	for k := range reports {
		r, first := &reports[k], len(list)
		list, stores = append(list, r.gates...), append(stores, r.stores...)
		for i := first; i < len(list); i++ {
			list[i].Number = i + 1
			r.refuse(gate.Same(list, i))
			r.warnOf(gate.Shared(list, stores, i)...)
		}
	}
}

// Keystore reports on a single keystore file. An empty keyPassword stands for the
// store's. A store that holds a key is a keystore, any other a truststore. The error
// is that of Bundle.
func Keystore(file string, data []byte, storePassword, keyPassword string, o Options) (Report, error) {
	j := &job{path: file, data: data, store: &Store{Path: file},
		password: bundle.NewSecret(storePassword, fault.Position{}), keyPassword: bundle.NewSecret(keyPassword, fault.Position{})}
	j.decode()
	cluster := Cluster{Keystore: j.store}
	if j.decoded != nil && !holdsKey(j.decoded) {
		j.role, cluster = trustRole, Cluster{Truststore: j.store}
	}
	report := Report{Path: file, Form: FormKeystore, Clusters: []Cluster{cluster}, Warnings: []string{}}
	faults := report.describe([]*job{j}, o)
	return report, faults.ErrOrNil()
}

func holdsKey(s *storefile.Store) bool {
	for _, entry := range s.Entries {
		if entry.Kind == storefile.KindKey {
			return true
		}
	}
	return false
}

// job is one store to open and describe.
type job struct {
	role                  role
	path                  string
	data                  []byte
	password, keyPassword bundle.Secret
	store                 *Store // to fill; nil where the bundle has no such store
	pair                  *job   // the other store of the cluster; nil for a single keystore
	judged                bool   // package gate judges it without another
	decoded               *storefile.Store
	fault                 *fault.Fault
}

// newJob is the job for a store of a bundle, which may be nil.
func newJob(role role, s *bundle.Store, password, keyPassword bundle.Secret) *job {
	if s == nil {
		return &job{role: role}
	}
	return &job{role: role, path: s.Path, data: s.Data, password: password, keyPassword: keyPassword, store: &Store{Path: s.Inner}}
}

// describe opens the stores side by side, since most of the time goes into
// deriving keys, and describes them in their order. It returns the faults of those
// that do not open.
func (r *Report) describe(jobs []*job, o Options) (faults fault.List) {
	var running sync.WaitGroup
	for _, j := range jobs {
		if j.store != nil && j.decoded == nil && j.fault == nil {
			running.Go(j.decode)
		}
	}
	running.Wait()
	for _, j := range jobs {
		if j.store == nil {
			continue
		}
		name := path.Base(j.store.Path)
		if j.fault != nil {
			faults = append(faults, j.fault)
			r.errors = append(r.errors, name+": "+j.fault.Cause+"; "+j.fault.Remedy)
			r.Warnings = append(r.Warnings, r.errors[len(r.errors)-1])
			continue
		}
		checker := &checker{Options: o, role: j.role, several: len(j.decoded.Entries) > 1}
		j.store.Type = string(j.decoded.Type)
		j.store.Protection = storefile.Protection(j.data)
		for _, entry := range j.decoded.Entries {
			j.store.Entries = append(j.store.Entries, checker.entry(entry))
		}
		if !j.judged && (j.pair == nil || j.pair.decoded == nil) { // otherwise package gate judges the two together
			checker.whole(j.decoded)
		}
		for _, warning := range checker.warnings {
			r.warn(j.path, name, warning)
		}
	}
	return faults
}

// opened reports whether there is nothing left to open.
func (j *job) opened() bool { return j.store == nil || j.decoded != nil }

func (j *job) decode() {
	decoded, err := storefile.Decode(j.data, j.password.Reveal(), j.keyPassword.Reveal())
	if err == nil {
		j.decoded = decoded
		return
	}
	j.fault = fault.Wrap(fault.Input, fault.In(j.path), err.Error(), "", err)
	if refused, ok := err.(*storefile.Error); ok {
		j.fault.Cause, j.fault.Remedy = refused.Cause, refused.Remedy
		switch {
		case refused.Reason == storefile.WrongPassword:
			j.fault.Cause += origin(j.password)
		case refused.Reason == storefile.WrongKeyPassword && j.keyPassword.Present():
			j.fault.Cause += origin(j.keyPassword)
		case refused.Reason == storefile.WrongKeyPassword:
			j.fault.Cause += origin(j.password)
		}
	}
}

// origin says where a password was read.
func origin(s bundle.Secret) string {
	switch {
	case !s.Present():
		return " (no password is given for it)"
	case s.At.File != "":
		return " (password from " + s.At.String() + ")"
	}
	return ""
}

func fingerprint(der []byte) string {
	sum := sha256.Sum256(der)
	return hex.EncodeToString(sum[:])
}
