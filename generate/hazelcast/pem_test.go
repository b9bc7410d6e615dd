package hazelcast

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/generate/kind"
	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/templates"
)

// pemBundle is what a bundle of the named cluster with PEM files says.
func pemBundle(t *testing.T, name string) *bundle.Bundle {
	t.Helper()
	pair := identity(t, name)
	cert, key, err := pair.PEM()
	if err != nil {
		t.Fatal(err)
	}
	at := func(line int) fault.Position {
		return fault.Position{File: name + ".zip!config.yaml", Line: line, Column: 3}
	}
	file := func(inner string, data []byte) *bundle.Store {
		return &bundle.Store{Path: name + ".zip!" + inner, Inner: inner, Data: data, NamedAt: at(5)}
	}
	return &bundle.Bundle{Path: name + ".zip", Form: "clc", Clusters: []bundle.Cluster{{
		At: at(1), Name: bundle.Value{Text: name, At: at(1)}, Addresses: []bundle.Value{{Text: name, At: at(2)}}, ServerName: bundle.Value{Text: "s." + name, At: at(3)},
		CA: file("ca.pem", cert), Cert: file("cert.pem", cert), Key: file("key.pem", key),
	}}}
}

func TestWrongPEMFilesAreRefusedWithPlaceAndRemedy(t *testing.T) {
	other := pemBundle(t, "other").Clusters[0]
	for name, c := range map[string]struct {
		change func(b *bundle.Cluster)
		want   string
	}{
		"good":                  {func(*bundle.Cluster) {}, ""},
		"no client":             {func(b *bundle.Cluster) { b.Cert, b.Key = nil, nil }, ""},
		"no key":                {func(b *bundle.Cluster) { b.Key = nil }, "b.zip!config.yaml:1:3: this client names only one of a certificate and its key; "},
		"nothing to trust":      {func(b *bundle.Cluster) { b.CA = nil }, "b.zip!config.yaml:1:3: this client names its certificate and key, but no certificates to trust; "},
		"trust left out":        {func(b *bundle.Cluster) { b.CA, b.TLS.Text = nil, "true" }, ""},
		"all left out":          {func(b *bundle.Cluster) { b.CA, b.Cert, b.Key, b.TLS.Text = nil, nil, nil, "true" }, ""},
		"nothing":               {func(b *bundle.Cluster) { b.CA, b.Cert, b.Key = nil, nil, nil }, "b.zip!config.yaml:1:3: this client connects without TLS: "},
		"declared to have none": {func(b *bundle.Cluster) { b.NoTLS.Text = "false" }, ""},
		"another's key":         {func(b *bundle.Cluster) { b.Key.Data = other.Key.Data }, "b.zip!key.pem: is not the key of any certificate of the chain; "},
		"a key to trust":        {func(b *bundle.Cluster) { b.CA.Data = b.Key.Data }, "b.zip!ca.pem: holds no certificate; "},
		"a key as the chain":    {func(b *bundle.Cluster) { b.Cert.Data = b.Key.Data }, "b.zip!cert.pem: holds no certificate; "},
		"same name":             {func(b *bundle.Cluster) { b.Name.Text = "a" }, "b.zip!config.yaml:1:3: clusters 1 and 2 are the same: "},
		"same addresses":        {func(b *bundle.Cluster) { b.Addresses[0].Text = "a" }, "b.zip!config.yaml:1:3: clusters 1 and 2 are the same: "},
	} {
		a, b := pemBundle(t, "a"), pemBundle(t, "b")
		c.change(&b.Clusters[0])
		sources := sourcesOf(a, b)
		s := testSpec(a, b)
		for i := range sources {
			if sources[i].isPlain(&s.Clusters[i]) {
				sources[i].withoutTLS()
			}
		}
		_, _, err := resolve(context.Background(), s, sources)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.HasPrefix(err.Error(), c.want)) {
			t.Errorf("%s: got %v, want %q", name, err, c.want)
		}
	}
}

// What the lock keeps gives the same clusters again.
func TestTheLockKeepsPEMFiles(t *testing.T) {
	a, b, c := pemBundle(t, "a"), pemBundle(t, "b"), pemBundle(t, "c")
	a.Clusters[0].KeyPassword = bundle.NewSecret("p", fault.Position{})
	b.Clusters[0].CA, b.Clusters[0].TLS.Text = nil, "true"
	c.Clusters[0].NoTLS.Text = "false"
	s, sources := testSpec(a, b, c), sourcesOf(a, b, c)
	sources[2].withoutTLS()
	clusters, _, err := resolve(context.Background(), s, sources)
	if err != nil {
		t.Fatal(err)
	}
	var again []source
	for i := range clusters {
		l := clusters[i].locked(&s.Clusters[i])
		again = append(again, lockSource(&l, fault.Position{}, "x"))
		if again[i].isPlain(&s.Clusters[i]) {
			again[i].withoutTLS()
		}
	}
	restored, _, err := resolve(context.Background(), s, again)
	if err != nil {
		t.Fatal(err)
	}
	before, after := templateValues(s, clusters), templateValues(s, restored)
	for i := range before.Clusters {
		x, y := before.Clusters[i], after.Clusters[i]
		if !slices.Equal(x.Addresses, y.Addresses) {
			t.Errorf("addresses %q, then %q", x.Addresses, y.Addresses)
		}
		x.Addresses, y.Addresses = nil, nil
		if got, want := y, x; got.Name != want.Name || got.ServerName != want.ServerName || got.CA != want.CA || got.Cert != want.Cert || got.Key != want.Key || got.SystemRoots != want.SystemRoots || got.KeyPassword != want.KeyPassword {
			t.Errorf("cluster %d is %+v, then %+v", i+1, want, got)
		}
	}
	if one, two, three := after.Clusters[0], after.Clusters[1], after.Clusters[2]; !after.PEM || one.ServerName != "s.a" || one.Key != "client.key.pem" || one.SystemRoots || two.Cert != "client2.cert.pem" || !two.SystemRoots || three.Cert != "" || three.ServerName != "" {
		t.Errorf("got %+v", after.Clusters)
	}
}

// A source that names a keystore and nothing to trust has what the keystore holds
// beside the client's certificate, as .NET's client.pfx does, or the system's roots.
func TestAKeystoreAloneIsTrustedByItsOwnChain(t *testing.T) {
	authority := identity(t, "authority")
	client, err := pki.Issue(authority, pki.EC, pki.Client("client"))
	if err != nil {
		t.Fatal(err)
	}
	for name, issuers := range map[string][]*x509.Certificate{"with its chain": {authority.Cert}, "without": nil} {
		data, err := pki.Quick.Keystore("", testPassword, client, issuers...)
		if err != nil {
			t.Fatal(err)
		}
		b := testBundle(t, "pr-1234")
		c := &b.Clusters[0]
		c.Keystore.Data, c.Truststore, c.TruststorePassword, c.TLS = data, nil, bundle.Secret{}, bundle.Value{Text: "true", At: fault.Position{File: "Program.cs", Line: 3, Column: 5}}
		s := source{bundle: b}
		s.trustChain("")
		if len(s.notes) != 1 || !strings.HasPrefix(s.notes[0], "Program.cs:3:5: the source names no certificates to trust") {
			t.Errorf("%s: notes %q", name, s.notes)
		}
		if issuers == nil {
			if c.CA != nil || !strings.Contains(s.notes[0], "the system's roots") {
				t.Errorf("%s: %v, %q", name, c.CA, s.notes)
			}
			continue
		}
		block, rest := pem.Decode(c.CA.Data)
		if block == nil || len(rest) > 0 || string(block.Bytes) != string(authority.Cert.Raw) {
			t.Errorf("%s: trusted is\n%s", name, c.CA.Data)
		}
	}
}

// A new project takes the times that its sources say, and tells where from.
func TestTimesOfSourcesAreTaken(t *testing.T) {
	at := func(line int) fault.Position { return fault.Position{File: "a.yaml", Line: line, Column: 1} }
	a, b := pemBundle(t, "a"), pemBundle(t, "b")
	a.Clusters[0].Tuning = map[string]bundle.Value{"connectTimeout": {Text: "10s", At: at(1)}, "retryTime": {Text: "1h", At: at(2)}}
	b.Clusters[0].Tuning = map[string]bundle.Value{"connectTimeout": {Text: "9s", At: at(3)}, "retryMax": {Text: "1ns", At: at(4)}, "other": {Text: "1s", At: at(5)}}
	s := testSpec(a, b)
	tuned, notes := tune(s, sourcesOf(a, b))
	want := spec.Default().Failover
	want.ConnectTimeout = 10 * time.Second
	if tuned.Failover != want || s.Failover != spec.Default().Failover {
		t.Errorf("got %+v, and the given spec is %+v", tuned.Failover, s.Failover)
	}
	for i, start := range []string{
		"a.yaml:1:1: connectTimeout is 10s in failover.yaml, as here",
		"a.yaml:2:1: retryTime cannot be 1h in failover.yaml: retryMax would be less than retryTime",
		"a.yaml:3:1: connectTimeout would be 9s for this cluster, but there is one for all clusters: 10s, as at a.yaml:1:1",
		"a.yaml:4:1: retryMax cannot be 1ns in failover.yaml: ",
	} {
		if i >= len(notes) || !strings.HasPrefix(notes[i], start) {
			t.Errorf("notes are %q, want %q", notes, start)
		}
	}
}

// Two pauses that fit only together are both taken.
func TestPausesOfSourcesAreTakenTogether(t *testing.T) {
	a := pemBundle(t, "a")
	for _, pauses := range [][2]time.Duration{{time.Minute, 2 * time.Minute}, {time.Millisecond, 10 * time.Millisecond}} {
		a.Clusters[0].Tuning = map[string]bundle.Value{"retryTime": {Text: pauses[0].String()}, "retryMax": {Text: pauses[1].String()}}
		tuned, _ := tune(testSpec(a), sourcesOf(a))
		if got := tuned.Failover; got.RetryTime != pauses[0] || got.RetryMax != pauses[1] {
			t.Errorf("pauses are %v and %v, want %v", got.RetryTime, got.RetryMax, pauses)
		}
	}
}

// What has no counterpart is told as notes, of each cluster.
func TestWhatHasNoCounterpartIsTold(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a/config.yaml": "cluster:\n  name: a\n  address: a\n  cloud-id: x\nssl: {enabled: false}\n",
		"b/config.yaml": "cluster:\n  name: b\n  address: b\nssl: {enabled: false}\n",
	} {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s := spec.Default()
	s.Clusters = []spec.Cluster{{Bundle: "a"}, {Bundle: "b"}}
	made, err := Make(t.Context(), &kind.Request{Spec: &s, Sources: []string{filepath.Join(dir, "a"), filepath.Join(dir, "b")}, Tune: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(made.Notes) != 1 || !strings.Contains(made.Notes[0], "a/config.yaml:4:13: cluster.cloud-id") {
		t.Errorf("notes %q", made.Notes)
	}
	if len(made.Warnings) != 2 || slices.Contains(made.Choice.Options, templates.OptionPEM) {
		t.Errorf("warnings %q, options %q", made.Warnings, made.Choice.Options)
	}
}
