package hazelcast

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/spec"
)

const (
	testToken    = "tokentokentokentokentokentokentokentokentoken12345"
	testPassword = "it's a $ecret"
)

// stores are one cluster's keystore and truststore, made with one iteration.
type stores struct{ key, trust []byte }

// identity makes a key with a certificate of its own.
func identity(t *testing.T, name string) *pki.Pair {
	t.Helper()
	pair, err := pki.Issue(nil, pki.EC, pki.Authority(name))
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

func keystoreOf(t *testing.T, pair *pki.Pair) []byte {
	t.Helper()
	data, err := pki.Quick.Keystore("", testPassword, pair)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

var (
	madeStores = make(map[string]stores)
	madeMu     sync.Mutex
)

func storesOf(t *testing.T, name string) stores {
	t.Helper()
	madeMu.Lock()
	defer madeMu.Unlock()
	if s, ok := madeStores[name]; ok {
		return s
	}
	pair := identity(t, name)
	trust, err := pki.Quick.Truststore(testPassword, pair.Cert)
	if err != nil {
		t.Fatal(err)
	}
	madeStores[name] = stores{keystoreOf(t, pair), trust}
	return madeStores[name]
}

// testBundle is what a good bundle of the named cluster says.
func testBundle(t *testing.T, name string) *bundle.Bundle {
	s := storesOf(t, name)
	file := name + ".zip"
	at := func(line int) fault.Position {
		return fault.Position{File: file + "!src/Client.java", Line: line, Column: 9}
	}
	store := func(inner string, data []byte) *bundle.Store {
		return &bundle.Store{Path: file + "!" + inner, Inner: inner, Data: data, NamedAt: at(5)}
	}
	return &bundle.Bundle{Path: file, Form: "java", Clusters: []bundle.Cluster{{
		Name: bundle.Value{Text: name, At: at(1)}, DiscoveryURL: bundle.Value{Text: "https://api.example.com", At: at(2)},
		Token: bundle.NewSecret(testToken+name, at(3)), Keystore: store("res/client.keystore", s.key), Truststore: store("res/client.truststore", s.trust),
		KeystorePassword: bundle.NewSecret(testPassword, at(4)), TruststorePassword: bundle.NewSecret(testPassword, at(6)),
	}}}
}

// testSpec is a spec for bundles, with everything else as it is by default.
func testSpec(bundles ...*bundle.Bundle) *spec.Spec {
	s := spec.Default()
	s.Module = "example.com/orders"
	for _, b := range bundles {
		s.Clusters = append(s.Clusters, spec.Cluster{Bundle: "../" + b.Path})
	}
	return &s
}

// sourcesOf are bundles that were read.
func sourcesOf(bundles ...*bundle.Bundle) []source {
	var list []source
	for _, b := range bundles {
		list = append(list, source{bundle: b})
	}
	return list
}

// resolved are the clusters of two good bundles, after change.
func resolved(t *testing.T, change func(*spec.Spec)) []cluster {
	t.Helper()
	a, b := testBundle(t, "pr-1234"), testBundle(t, "pr-5678")
	s := testSpec(a, b)
	if change != nil {
		change(s)
	}
	clusters, _, err := resolve(context.Background(), s, sourcesOf(a, b))
	if err != nil {
		t.Fatal(err)
	}
	return clusters
}

// hasLine checks that err has a line that holds all parts.
func hasLine(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Fatalf("no error, want one with %q", parts)
	}
lines:
	for line := range strings.Lines(err.Error()) {
		for _, p := range parts {
			if !strings.Contains(line, p) {
				continue lines
			}
		}
		return
	}
	t.Errorf("got %q, want a line with %q", err, parts)
}
