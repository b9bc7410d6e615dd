// Package bundle reads the client bundle that a database console handed out, and the
// Spring or Blueprint file of a web service's client. It gives what the bundle says
// about its cluster or clusters, or about its registry, each value with the file,
// line and column where it stands.
//
// The work is divided. Package files finds and bounds the files. One reader for
// each language or format, such as package java, turns them into the neutral model
// of package said; the variable readers lists them all. This package chooses among
// what the readers found, resolves it, and attaches the stores that it names.
//
// Sources are read, never compiled or run. A value that would have to be run (a
// method's result, a system property) is named with its position and not guessed.
// The package does not open keystores; it only finds their bytes. No secret appears
// in any error, log line or formatted value.
package bundle

import (
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// Value is a text that may be shown. Text "" means that it is absent.
type Value struct {
	Text string
	At   fault.Position
}

// Secret is a text that must not be shown: a token or a password. However it
// is formatted, logged or marshalled it gives "present" or "absent".
type Secret struct {
	// At is where the secret stands.
	At   fault.Position
	text *string
}

// NewSecret holds text, read at a position. An empty text is a secret too: it
// is present, because Java allows an empty password.
func NewSecret(text string, at fault.Position) Secret { return Secret{At: at, text: &text} }

// Reveal returns the text itself, "" when absent. The caller answers for where it goes.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// Present reports whether there is a secret, an empty one included.
func (s Secret) Present() bool { return s.text != nil }

// String gives "present" or "absent".
func (s Secret) String() string {
	if s.Present() {
		return "present"
	}
	return "absent"
}

// GoString gives what String gives, for %#v.
func (s Secret) GoString() string { return s.String() }

// Format writes what String gives, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// LogValue gives what String gives, for log/slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalJSON gives what String gives, as a JSON string.
func (s Secret) MarshalJSON() ([]byte, error) { return json.Marshal(s.String()) }

// Store is a keystore or truststore file of the bundle, its bytes unopened.
type Store struct {
	// Path as the user would name it: "dir/src/main/resources/client.keystore" or
	// "primary.zip!src/main/resources/client.keystore".
	Path string
	// Inner is the path inside the bundle: "src/main/resources/client.keystore".
	Inner string
	// Data is the file's content, at most 16 MiB.
	Data []byte `json:"-"`
	// NamedAt is where the source names the file.
	NamedAt fault.Position
}

// Cluster is what the bundle says about one cluster.
type Cluster struct {
	// At is where the source makes the client's configuration.
	At fault.Position
	// Name is the cluster's name (3.x: the group's).
	Name Value
	// DiscoveryURL is the base of the cloud's discovery; absent means the production default.
	DiscoveryURL Value
	// Token is the cloud discovery token.
	Token Secret
	// Addresses are the members' addresses where the source lists them, in its order.
	Addresses []Value
	// Username and Password are the client's credentials; the group password of 3.x
	// is Password with an absent Username.
	Username Value
	Password Secret
	// Keystore and Truststore are nil where the source names no such store.
	Keystore, Truststore *Store
	// CA, Cert and Key are PEM files in place of stores, nil where the source names none.
	CA, Cert, Key *Store
	// KeyPassword protects the keys inside the keystore, where absent means the
	// store's, or the PEM file Key.
	KeystorePassword, KeyPassword, TruststorePassword Secret
	// ServerName is the name that the members' certificates must hold.
	ServerName Value
	// TLS is where the source turns TLS on by words of its own: stores that it does not
	// name are left out on purpose. NoTLS is where it declares that there is no TLS.
	// Their texts are what stands there; "" means that it says neither.
	TLS, NoTLS Value
	// Notes tell what has no counterpart in a project, one line each, with position.
	Notes []string
	// Tuning holds values for the failover section of failover.yaml, by key.
	Tuning map[string]Value
}

// Bundle is what one path says.
type Bundle struct {
	// Path is the path as given, slash-separated.
	Path string
	// Form is the language of the source: "java", "spring-xml", "blueprint-xml".
	Form string
	// Clusters stand in the order in which the source prefers them.
	Clusters []Cluster
	// Registry is what the source says of a web service's registry; nil where it sets
	// up clients of clusters. A source with a registry has no clusters.
	Registry *Registry
	// Loose are stores that the sources set up and give to no client. They are listed
	// only where a cluster lacks a store: then they are the likely reason.
	Loose fault.List
	// Warnings are one line each, with position: odd, but usable.
	Warnings []string
}
