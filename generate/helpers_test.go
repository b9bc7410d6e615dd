package generate

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/sample"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/templates"
)

// lockOnly asks for the sample project whose clusters.go is part of
// templates/hazelcast: its bundles are nowhere, and its lock says what they were.
func lockOnly(change func(*spec.Spec)) Request {
	s := spec.Default()
	s.Module = templates.Root + "/hazelcast"
	lock := &spec.Lock{Version: spec.Version}
	for _, name := range []string{"pr-1234", "pr-5678"} {
		s.Clusters = append(s.Clusters, spec.Cluster{Bundle: name + ".zip", BundleAt: fault.Position{File: spec.FileName, Line: 9, Column: 13}})
		lock.Clusters = append(lock.Clusters, spec.LockCluster{
			Bundle: name + ".zip", Name: name, Secrets: []string{"TOKEN", "KEYSTORE_PASSWORD", "TRUSTSTORE_PASSWORD"},
			Keystore: &spec.LockStore{Path: "client.keystore", SHA256: "1"}, Truststore: &spec.LockStore{Path: "client.truststore", SHA256: "2"},
		})
	}
	if change != nil {
		change(&s)
	}
	return Request{Spec: &s, Bundles: []string{"/none/pr-1234.zip", "/none/pr-5678.zip"}, Lock: lock, InSpec: true}
}

// ordersModule is the module path of the projects in tests.
func ordersModule(s *spec.Spec) { s.Module = "example.com/orders" }

// serviceSample asks for the sample project whose service.go is part of
// templates/webservice: failover.yaml says all of it.
func serviceSample(change func(*spec.Spec)) Request {
	s := spec.DefaultOf(spec.KindWebservice)
	s.Module = templates.Root + "/webservice"
	s.Webservice.Registry.Addresses, s.Webservice.Registry.FabricPath = []string{"localhost:2181"}, "demo/fo"
	if change != nil {
		change(&s)
	}
	return Request{Spec: &s, InSpec: true}
}

// bundled asks for a project of two bundles that the console could have made.
func bundled(t testing.TB) Request {
	t.Helper()
	made, err := sample.Make(2, pki.Quick)
	if err != nil {
		t.Fatal(err)
	}
	s := spec.Default()
	ordersModule(&s)
	r := Request{Spec: &s}
	dir := t.TempDir()
	for i, m := range made {
		name := filepath.Join(dir, fmt.Sprintf("%d.zip", i+1))
		if err := os.WriteFile(name, m.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		s.Clusters = append(s.Clusters, spec.Cluster{Bundle: fmt.Sprintf("../%d.zip", i+1)})
		r.Bundles = append(r.Bundles, name)
	}
	return r
}

func project(t testing.TB, r Request) *Result {
	t.Helper()
	p, err := Project(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func fileNamed(t *testing.T, p *Result, name string) tree.File {
	t.Helper()
	i := slices.IndexFunc(p.Want.Files, func(f tree.File) bool { return f.Path == name })
	if i < 0 {
		t.Fatalf("no %s among the files", name)
	}
	return p.Want.Files[i]
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
