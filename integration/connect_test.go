//go:build unix

package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/logger"

	"github.com/failover-gen/failover-gen/internal/cli"
	"github.com/failover-gen/failover-gen/internal/maven"
)

// connected is what failover-gen connect --json says.
type connected struct {
	Exit     int
	Clusters []struct {
		Name   string
		Stages []struct {
			Stage, Detail string
			OK            bool
			MS            float64
		}
		Certificates []struct {
			Of       string
			DaysLeft int
		}
	}
	Errors []struct{ Cause, Remedy string }
}

// connect runs failover-gen connect --json on a project.
func connect(t *testing.T, project string) (c connected) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	code := cli.Main(cli.Env{
		Args: []string{"connect", "--json", project}, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr,
		LookupEnv: os.LookupEnv, Now: time.Now,
	})
	if err := json.Unmarshal(stdout.Bytes(), &c); err != nil || c.Exit != code {
		t.Fatalf("exit %d (%v)\n%s%s", code, err, &stdout, &stderr)
	}
	return c
}

// stages says what came of a cluster's stages: the name of each that was passed, and
// that of the first that failed after a "!".
func (c connected) stages(i int) string {
	var passed []string
	for _, s := range c.Clusters[i].Stages {
		if !s.OK {
			return strings.Join(append(passed, "!"+s.Stage), " ")
		}
		passed = append(passed, s.Stage)
	}
	return strings.Join(passed, " ")
}

func TestConnectTellsOfRealMembers(t *testing.T) {
	jar := hazelcastJar(t)
	project := generateProject(t, 2)
	primary, secondary := newCluster(t, "primary", jar), newCluster(t, "secondary", jar)
	primary.add(2)
	secondary.add(1)
	primary.waitSize(2)
	secondary.waitSize(1)
	pointTo(t, primary, secondary)
	client := primary.client(t)
	for _, c := range []*hazelcast.Client{client, secondary.client(t)} { // the first use of a cluster assigns its partitions
		fill(t, c, "other")
	}

	const all = "discovery tcp tls authentication read"
	got := connect(t, project)
	if got.Exit != 0 || got.stages(0) != all || got.stages(1) != all {
		t.Fatalf("both run: %+v", got)
	}
	for i, want := range []string{"2 of 2 members; Hazelcast " + maven.HazelcastVersion, "Hazelcast " + maven.HazelcastVersion} {
		if login := got.Clusters[i].Stages[3].Detail; login != want {
			t.Errorf("authentication: %q, want %q", login, want)
		}
		if read := got.Clusters[i].Stages[4].Detail; !strings.HasSuffix(read, `map "map" has 0 entries`) {
			t.Errorf("read: %q", read)
		}
	}
	if objects, err := client.GetDistributedObjectsInfo(t.Context()); err != nil || len(objects) != 1 || objects[0].Name != "other" {
		t.Errorf("the cluster holds %v (%v), want only the map that was there before", objects, err)
	}
	fill(t, client, "map")
	primary.members[0].kill()
	primary.members[0].proxy.down()
	primary.waitSize(1)
	secondary.members[0].kill() // the proxy still accepts
	got = connect(t, project)
	if got.Exit != 1 || got.stages(0) != all || got.stages(1) != "discovery tcp !tls" {
		t.Fatalf("one member of two, and the only member, are dead: %+v", got)
	}
	if tcp := got.Clusters[0].Stages[1].Detail; !strings.HasPrefix(tcp, "1 of 2 members; ") || !strings.Contains(tcp, primary.members[0].proxy.addr+" refuses the connection") {
		t.Errorf("the dead member of the primary is not named: %q", tcp)
	}
	if read := got.Clusters[0].Stages[4].Detail; read != `map "map" has 3 entries` {
		t.Errorf("read: %q", read)
	}
	if len(got.Errors) != 1 || !strings.Contains(got.Errors[0].Remedy, "a proxy or load balancer closes connections when the member behind it is down") {
		t.Errorf("errors: %+v", got.Errors)
	}
	secondary.proxiesDown()
	t.Setenv("FAILOVER_1_NAME", "another")
	got = connect(t, project)
	if got.Exit != 1 || got.stages(0) != "discovery tcp tls !authentication" || got.stages(1) != "discovery !tcp" {
		t.Fatalf("another name, and a port closed: %+v", got)
	}
}

// fill puts three entries into a map.
func fill(t *testing.T, client *hazelcast.Client, name string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	m, err := client.GetMap(ctx, name)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		if err := m.Set(ctx, fmt.Sprint(i), "x"); err != nil {
			t.Fatal(err)
		}
	}
}

// pointTo makes the environment name the clusters, as an operator would.
func pointTo(t *testing.T, clusters ...*cluster) {
	t.Helper()
	const password = "0123456789a"
	for i, c := range clusters {
		keystore, truststore, err := c.keys.WriteStores(t.TempDir(), password, true)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"NAME": c.name, "DISCOVERY_URL": c.discovery.URL, "TOKEN": c.keys.Token(), "SERVER_NAME": c.keys.ServerName(),
			"KEYSTORE": keystore, "KEYSTORE_PASSWORD": password, "TRUSTSTORE": truststore, "TRUSTSTORE_PASSWORD": password,
		} {
			t.Setenv(fmt.Sprintf("FAILOVER_%d_%s", i+1, name), value)
		}
	}
}

// client is a plain client of the members that run.
func (c *cluster) client(t *testing.T) *hazelcast.Client {
	t.Helper()
	config := hazelcast.NewConfig()
	config.Cluster.Name = c.name
	config.Logger.Level = logger.OffLevel
	for _, m := range c.members {
		config.Cluster.Network.Addresses = append(config.Cluster.Network.Addresses, fmt.Sprintf("127.0.0.1:%d", m.port))
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	client, err := hazelcast.StartNewClientWithConfig(ctx, config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = client.Shutdown(context.Background()) })
	return client
}
