package connect

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/internal/zookeeper"
)

// serviceIn writes a project of a web service with this registry, and returns its folder.
func serviceIn(t *testing.T, r spec.Registry) string {
	t.Helper()
	s := spec.DefaultOf(spec.KindWebservice)
	s.Module, s.Webservice.Registry = "example.com/foo", r
	p, err := generate.Project(context.Background(), generate.Request{Spec: &s, InSpec: true})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "foo")
	if _, err := tree.Apply(context.Background(), dir, &p.Want, tree.Options{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// connected loads the project in dir and connects.
func connected(t *testing.T, dir string) Cluster {
	t.Helper()
	targets, _, err := Load(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	clusters, err := Run(t.Context(), targets, time.Now())
	if err != nil || len(clusters) != 1 {
		t.Fatalf("%d results, %v", len(clusters), err)
	}
	return clusters[0]
}

// listening listens on a port of its own, and returns the URL of an endpoint there.
func listening(t *testing.T) (url string, stop func()) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return "http://" + l.Addr().String() + "/Foo", func() { l.Close() }
}

func TestEachEndpointOfAStaticListIsConnectedTo(t *testing.T) {
	first, stop := listening(t)
	second, _ := listening(t)
	dir := serviceIn(t, spec.Registry{Type: spec.RegistryStatic, Endpoints: []string{first, second}})
	if c := connected(t, dir); !c.OK() || len(c.Stages) != 1 || c.Stages[0].Detail != "2 of 2 reached" {
		t.Errorf("%+v", c)
	}
	stop()
	c := connected(t, dir)
	if c.OK() || c.Stages[0].OK || !strings.HasPrefix(c.Stages[0].Detail, "1 of 2 reached; ") {
		t.Errorf("%+v", c)
	}
	hasFault(t, c, "static list: endpoints: ", "refuses the connection")
}

// hasFault checks that a failure says all parts.
func hasFault(t *testing.T, c Cluster, parts ...string) {
	t.Helper()
	for _, f := range c.Faults {
		all := true
		for _, p := range parts {
			all = all && strings.Contains(f.Error(), p)
		}
		if all {
			return
		}
	}
	t.Errorf("%v does not say %q", c.Faults, parts)
}

// The environment counts here as it does for the program, and what .env has wrong is named.
func TestSettingsOfAServiceAreThoseOfTheProgram(t *testing.T) {
	url, _ := listening(t)
	dir := serviceIn(t, spec.Registry{Addresses: []string{"127.0.0.1:1"}, FabricPath: "demo/fo"})
	t.Setenv("FAILOVER_ENDPOINTS", url)
	if c := connected(t, dir); !c.OK() || c.Name != "static list" {
		t.Errorf("%+v", c)
	}
	if err := os.WriteFile(filepath.Join(dir, ".env"), []byte("\nFAILOVER_REGISTRY_PASWORD=battery"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Load(t.Context(), dir); err == nil || !strings.Contains(err.Error(), ".env:2: FAILOVER_REGISTRY_PASWORD: ") || strings.Contains(err.Error(), "battery") {
		t.Errorf("%v", err)
	}
}

func TestARegistryThatIsNotThereIsNamed(t *testing.T) {
	c := connected(t, serviceIn(t, spec.Registry{Addresses: []string{"127.0.0.1:1"}, FabricPath: "demo/fo", MaximumConnectionTimeout: 300 * time.Millisecond}))
	if c.OK() || len(c.Stages) != 2 || c.Stages[0].OK || c.Stages[1].Tried() {
		t.Errorf("%+v", c)
	}
	hasFault(t, c, "demo/fo at 127.0.0.1:1: registry: ", "refused", "check that ZooKeeper runs there")
}

// A real ZooKeeper lists the endpoints; a list that only others may read is named as such.
func TestTheListOfARegistryIsRead(t *testing.T) {
	server := zookeeper.ForTest(t, zookeeper.Options{})
	conn, _, err := zk.Connect([]string{server.Addr}, 5*time.Second, zk.WithLogInfo(false))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	url, _ := listening(t)
	create := func(path, data string, acl []zk.ACL) {
		t.Helper()
		if _, err := conn.Create(path, []byte(data), 0, acl); err != nil && err != zk.ErrNodeExists {
			t.Fatal(err)
		}
	}
	for _, path := range []string{"/fabric", "/fabric/cxf", "/fabric/cxf/endpoints", "/fabric/cxf/endpoints/open"} {
		create(path, "", zk.WorldACL(zk.PermAll))
	}
	create("/fabric/cxf/endpoints/open/00000000000", url, zk.WorldACL(zk.PermAll))
	create("/fabric/cxf/endpoints/closed", "", zk.DigestACL(zk.PermAll, "fabric", "battery"))

	registry := spec.Registry{Addresses: []string{server.Addr}, FabricPath: "open", MaximumConnectionTimeout: 3 * time.Second}
	if c := connected(t, serviceIn(t, registry)); !c.OK() || c.Stages[0].Detail != url || c.Stages[1].Detail != "1 of 1 reached" {
		t.Errorf("%+v", c)
	}
	registry.FabricPath = "closed"
	hasFault(t, connected(t, serviceIn(t, registry)), "closed at ", "FAILOVER_REGISTRY_USER")
}
