package generate

import (
	"go/format"
	"slices"
	"testing"

	"github.com/failover-gen/failover-gen/generate/hazelcast"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/templates"
	"github.com/failover-gen/failover-gen/templates/hazelcast/given"
)

// What connect takes for compiled in is what clusters.go says: rendered again, it
// gives the same file.
func TestWhatIsCompiledInIsWhatClustersGoSays(t *testing.T) {
	r := lockOnly(ordersModule)
	r.Lock.Clusters[0].Username, r.Lock.Clusters[0].DiscoveryURL = "ann", "https://discovery.example.com"
	r.Lock.Clusters[0].Secrets = append(r.Lock.Clusters[0].Secrets, "PASSWORD")
	r.Spec.Clusters[0].Alias, r.Spec.Clusters[0].ServerName, r.Spec.Clusters[0].Name = "own", "a.example.com", "primary"
	r.Spec.Clusters[1].Addresses, r.Spec.Clusters[1].TLS = []string{"10.0.0.1", "10.0.0.2:5702"}, spec.TLSOff
	r.Spec.Clusters = append(r.Spec.Clusters, spec.Cluster{Bundle: "third.zip"})
	r.Bundles = append(r.Bundles, "/none/third.zip")
	third := r.Lock.Clusters[1]
	third.Bundle, third.Name, third.Secrets = "third.zip", "pr-9012", []string{}
	third.Addresses, third.Keystore = []string{"10.0.1.1:5701"}, &spec.LockStore{Path: "client.keystore", SHA256: "3", FullReader: true}
	r.Spec.Clusters = append(r.Spec.Clusters, spec.Cluster{Bundle: "fourth.zip"})
	r.Bundles = append(r.Bundles, "/none/fourth.zip")
	fourth := third
	fourth.Bundle, fourth.Name, fourth.Addresses, fourth.Keystore, fourth.Truststore = "fourth.zip", "pr-3456", []string{"10.0.2.1:5701"}, nil, nil
	fourth.Cert, fourth.Key, fourth.ServerName, fourth.TLS = &spec.LockStore{Path: "cert.pem", SHA256: "4"}, &spec.LockStore{Path: "key.pem", SHA256: "5"}, "hz", spec.TLSOn
	r.Lock.Clusters = append(r.Lock.Clusters, third, fourth)

	list, fullReader, err := hazelcast.Compiled(t.Context(), r.Spec, r.Lock)
	if err != nil {
		t.Fatal(err)
	}
	if !fullReader {
		t.Error("the full reader of keystores is not asked for")
	}
	type cluster struct {
		given.Cluster
		Token, Password bool // in place of Needs and of the secrets
	}
	values := struct {
		Module, Map, Package string
		Clusters             []cluster
		Failover             spec.Failover
	}{r.Spec.Module, r.Spec.Map, r.Spec.PackageName(), nil, r.Spec.Failover}
	for _, c := range list {
		values.Clusters = append(values.Clusters, cluster{c, slices.Contains(c.Needs, "TOKEN"), slices.Contains(c.Needs, "PASSWORD")})
	}
	again, err := templates.Render(spec.KindHazelcast, "clusters.go", values)
	if err == nil {
		again, err = format.Source(again)
	}
	if err != nil {
		t.Fatal(err)
	}
	if want := fileNamed(t, project(t, r), "clusters.go").Data; string(again) != string(want) {
		t.Errorf("got\n%s\nwant\n%s", again, want)
	}
}
