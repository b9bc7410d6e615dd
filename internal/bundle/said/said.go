// Package said is what the sources of a bundle say, in words that belong to no
// language: values with their positions, the configuration of one cluster, and
// candidates, among which package bundle chooses. Each reader of a language or
// format turns files into this model. The readers do not import each other, and
// nothing here knows any of them.
//
// Nothing in the model is checked, and no file that it names is looked for: the
// readers report what the sources say, and package bundle decides what it means.
package said

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"slices"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// State says how much is known of a Value.
type State uint8

const (
	// Absent means that the source does not set the value.
	Absent State = iota
	// Known means that Text is the value.
	Known
	// NotFollowed means that the source sets the value to something that would
	// have to be run or looked up elsewhere. Why says to what.
	NotFollowed
)

// Value is one value of a configuration. Any value can be a secret, also one
// that stands in the wrong place. So every way of formatting a Value shows its
// state and position, and never its text.
type Value struct {
	State State
	// Text is the value itself where it is Known. Print it only where it cannot be a secret.
	Text string
	// Why words what the value is where it is NotFollowed: "the result of
	// System.getenv()". It holds no text of the source that can be a secret.
	Why string
	// At is where the value stands, or where it could no longer be followed.
	At fault.Position
}

// Of is a known value.
func Of(text string, at fault.Position) Value { return Value{State: Known, Text: text, At: at} }

// Unknown is a value that could not be followed.
func Unknown(why string, at fault.Position) Value { return Value{State: NotFollowed, Why: why, At: at} }

// String gives the state and the position.
func (v Value) String() string {
	switch v.State {
	case Known:
		return "known at " + v.At.String()
	case NotFollowed:
		return "not followed at " + v.At.String() + ": " + v.Why
	}
	return "absent"
}

// GoString gives what String gives, for %#v.
func (v Value) GoString() string { return v.String() }

// Format writes what String gives, whatever the verb.
func (v Value) Format(f fmt.State, _ rune) { fmt.Fprint(f, v.String()) }

// LogValue gives what String gives, for log/slog.
func (v Value) LogValue() slog.Value { return slog.StringValue(v.String()) }

// MarshalJSON gives what String gives, as a JSON string.
func (v Value) MarshalJSON() ([]byte, error) { return json.Marshal(v.String()) }

// Store is a keystore or truststore that a source names. It is not looked for yet.
type Store struct {
	// File is the name that the source gives the file.
	File Value
	// Password opens the store. It is a secret.
	Password Value
	// Data is the content where the source holds it itself, as a Kubernetes Secret
	// does. File then names it for people: "secret.yaml: data.keystore.jks". It is
	// nil for a file that package bundle has to look for.
	Data []byte `json:"-"`
}

// Stated reports whether the source says anything of the store.
func (s Store) Stated() bool { return s.File.State != Absent || s.Password.State != Absent }

// TLS is how a client and a cluster prove to each other who they are.
type TLS struct {
	// Keystore holds the client's key, Truststore the certificates that it trusts.
	Keystore, Truststore Store
	// CA, Cert and Key are PEM files in place of stores: what is trusted, the client's
	// chain, its key. Key's Password opens an encrypted key.
	CA, Cert, Key Store
	// ServerName is the name that the members' certificates must hold.
	ServerName Value
	// On is where the source turns TLS on by words of its own. What it does not name is
	// left out on purpose then: no client certificate, or the system's roots.
	On Value
	// Off is where the source declares that there is no TLS; Absent elsewhere.
	Off Value
}

// Stores lists what the source can name.
func (t *TLS) Stores() []*Store {
	return []*Store{&t.Keystore, &t.Truststore, &t.CA, &t.Cert, &t.Key}
}

// Used reports whether the source names a store or a PEM file, or turns TLS on.
func (t TLS) Used() bool {
	return t.On.State != Absent || slices.ContainsFunc(t.Stores(), func(s *Store) bool { return s.File.State != Absent })
}

// Config is what the sources say about one cluster's client.
type Config struct {
	// At is where the configuration is made.
	At fault.Position
	// Broken says why a configuration that stands in a failover list could not be
	// read. Nothing else is known of it then.
	Broken *fault.Fault
	// Name is the cluster's name, URL the base address of its discovery service,
	// and Token the secret with which the service is asked.
	Name, URL, Token Value
	// Addresses are the members' own. One Value may hold several, separated by commas.
	Addresses []Value
	// Username and Password are the client's credentials. The password is a secret.
	Username, Password Value
	TLS                TLS
	// From names another source, in another form, that the client is set up from: what
	// this one leaves out stands there. In a failover list it can be a list itself.
	From Value
	// Second is what another file of the project says of the same cluster, nil if there is none.
	Second *Second
	// Warnings tell what is odd about the configuration but usable.
	Warnings []Warning
	// Notes tell what has no counterpart in a project, so that nothing is dropped
	// silently: "connection-strategy.async-start has no counterpart here".
	Notes []Warning
	// Tuning holds values that have a counterpart in failover.yaml, by its key there
	// (connectTimeout, retryTime, retryMax) and in its notation: "10s".
	Tuning map[string]Value
}

// Says reports whether anything of use is set.
func (c *Config) Says() bool {
	for _, v := range []Value{c.Name, c.URL, c.Token, c.Username, c.Password} {
		if v.State != Absent {
			return true
		}
	}
	return slices.ContainsFunc(c.TLS.Stores(), func(s *Store) bool { return s.Stated() }) ||
		c.TLS.On.State != Absent || c.TLS.ServerName.State != Absent || len(c.Addresses) > 0
}

// Second is a second source of values, such as the pom.xml of a Java project.
// It fills in what the first leaves out, and must not contradict it.
type Second struct {
	Name, URL Value
	// NamePrefix is what may stand before Name in the first source.
	NamePrefix string
	Warnings   []Warning
}

// Warning is something odd, where it stands.
type Warning struct {
	At   fault.Position
	Text string
}

// Candidate is what a reader found when it started from one place. It has no
// configuration where there is nothing but Loose.
type Candidate struct {
	// Failover means that Configs are one failover list, in its order. Otherwise
	// each stands for itself, and there may be any number.
	Failover bool
	// Used means that the sources make a client of it, so it is not a left-over.
	Used    bool
	Configs []Config
	// Silent are configurations that say nothing of a cluster. They count only where
	// another source loads them and says the rest.
	Silent []Config
	// Loose are the stores that the sources set up and give to no client.
	Loose fault.List
}

// File is a file of the bundle, as a reader gets it.
type File struct {
	// Name is the file as the user would name it. Positions repeat it.
	Name string
	// Path is slash-separated and relative to the bundle's top folder.
	Path string
	// Data is the content. It is nil, and TooLarge is true, where the file is
	// larger than the reader takes.
	Data     []byte
	TooLarge bool
}

// Reader reads the sources of one language or format.
type Reader struct {
	// Form is the reader's name in reports: "java".
	Form string
	// Noun and Looked word what it reads: "Java source", "a .java file that sets up
	// a Hazelcast ClientConfig".
	Noun, Looked string
	// Source gives the size in bytes up to which a file of this name is read as a
	// source, 0 for a file that is not one. A user may give a source by itself.
	Source func(name string) int64
	// Mentions tells by the content whether a file can be a source, where the name does
	// not tell: any file may end in .xml. It is nil where the name tells.
	Mentions func(data []byte) bool
	// Beside gives the same as Source for files that the reader wants to see beside its sources.
	Beside func(name string) int64
	// Read turns the files into candidates, in the order of the sources. The faults
	// are of sources that could not be read to their end but seem to set up a client.
	Read func(files []File) ([]Candidate, fault.List)
	// Alone means that the reader reads folders that hold no source of another form,
	// and that none of its files is a source by itself.
	Alone bool
	// Partial means that sources of this form need not hold all that a client needs:
	// the user gives the rest.
	Partial bool
	// Spelling is how a source of this form spells what every client needs. The
	// remedies of errors name it.
	Spelling Spelling
	// Failover is what a source of this form adds clusters to in the order of
	// preference, "" where it has nothing of the kind.
	Failover string
}

// Spelling names settings as one language or format does.
type Spelling struct {
	Name, Token, KeystorePassword, TruststorePassword string
}

// Registry is what the sources say about the registry that lists the endpoints of a
// web service, and about the clients that use it.
type Registry struct {
	// Form is the form of the source that says it: "spring-xml" or "blueprint-xml".
	Form string
	// At is where the feature stands.
	At fault.Position
	// FabricPath is where the endpoints are listed. Servers are those of ZooKeeper,
	// separated by commas. Password is a secret.
	FabricPath, Servers, Password Value
	// Exceptions are Java names, separated by semicolons. The times count milliseconds.
	Exceptions, MaximumConnectionTimeout, ConnectionRetryTime Value
	// Address and ServiceClass are those of the client that uses the feature.
	Address, ServiceClass Value
	// Warnings tell what is odd but usable, NoEffect what stands there for nothing.
	Warnings, NoEffect []Warning
}

// Values lists the values of the feature itself.
func (r *Registry) Values() []*Value {
	return []*Value{&r.FabricPath, &r.Servers, &r.Password, &r.Exceptions, &r.MaximumConnectionTimeout, &r.ConnectionRetryTime}
}
