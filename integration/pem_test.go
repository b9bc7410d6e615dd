//go:build unix

package integration

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/standin"
)

// A project whose clusters have PEM files, and one of which has stores in their place
// in the environment, connects to its clusters and passes a drill.
func TestAProjectOfPEMFilesConnectsAndPassesADrill(t *testing.T) {
	work := t.TempDir()
	args := []string{"generate", "--out", filepath.Join(work, "orders")}
	var clusters []*standin.Cluster
	for i, name := range []string{"first", "second"} {
		c, err := standin.Start(standin.Options{Name: name})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Stop)
		folder := filepath.Join(work, name)
		write(t, filepath.Join(folder, "config.yaml"), fmt.Sprintf("cluster:\n  name: %s\n  address: %s\nssl:\n  enabled: true\n  server: %s\n  ca-path: ca.pem\n  cert-path: cert.pem\n  key-path: key.pem\n",
			name, strings.Join(c.Addresses(), ","), c.ServerName()))
		if _, _, _, err := c.WritePEM(folder); err != nil {
			t.Fatal(err)
		}
		args = append(args, []string{"--primary", "--secondary"}[i], folder)
		clusters = append(clusters, c)
	}
	command(t, args...)
	dir := filepath.Join(work, "orders")
	for _, said := range []string{command(t, "connect", dir), connectWithStores(t, dir, clusters[1])} {
		if strings.Count(said, "read            ok") != 2 || !strings.Contains(said, "client    certificate") {
			t.Errorf("connect says\n%s", said)
		}
	}
	report := drillProject(t, dir, "--scenario", "kill", "--scenario", "expired")
	for _, r := range report.Results {
		if !r.Passed {
			t.Errorf("%s: %+v", r.Scenario, r)
		}
	}
	if len(report.Results) != 2 {
		t.Errorf("%d results", len(report.Results))
	}
}

// connectWithStores gives the second cluster stores in place of its PEM files.
func connectWithStores(t *testing.T, dir string, c *standin.Cluster) string {
	t.Helper()
	keystore, truststore, err := c.WriteStores(t.TempDir(), "changeit", false)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"KEYSTORE": keystore, "TRUSTSTORE": truststore, "KEYSTORE_PASSWORD": "changeit", "TRUSTSTORE_PASSWORD": "changeit"} {
		t.Setenv("FAILOVER_2_"+name, value)
	}
	return command(t, "connect", dir)
}
