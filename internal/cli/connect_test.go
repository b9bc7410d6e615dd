package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
)

// standIns starts a stand-in for each cluster of the project in orders, and points
// the project to them by the environment, as an operator would.
func standIns(t *testing.T) (clusters []*standin.Cluster) {
	t.Helper()
	bundles, err := made()
	if err != nil {
		t.Fatal(err)
	}
	for i, b := range bundles {
		c, err := standin.Start(standin.Options{Name: b.Cluster})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Stop)
		const password = "of-the-stand-in"
		keystore, truststore, err := c.WriteStores(t.TempDir(), password, false)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"DISCOVERY_URL": c.DiscoveryURL(), "TOKEN": c.Token(), "SERVER_NAME": c.ServerName(),
			"KEYSTORE": keystore, "KEYSTORE_PASSWORD": password, "TRUSTSTORE": truststore, "TRUSTSTORE_PASSWORD": password,
		} {
			t.Setenv(fmt.Sprintf("FAILOVER_%d_%s", i+1, name), value)
		}
		clusters = append(clusters, c)
	}
	return clusters
}

func TestConnectReachesEveryCluster(t *testing.T) {
	folder(t)
	newProject(t)
	clusters := standIns(t)
	got := run(t, nil, "connect", "orders")
	if got.code != 0 || got.stderr != "" {
		t.Fatalf("%+v", got)
	}
	want := regexp.MustCompile(`(?m)\Acluster 1: ` + clusters[0].Name() + `
  discovery       ok          +\d+\.\d ms  127\.0\.0\.1:\d+ knows 1 member
  tcp             ok          +\d+\.\d ms  127\.0\.0\.1:\d+
  tls             ok          +\d+\.\d ms  TLS 1\.3
  authentication  ok          +\d+\.\d ms  Hazelcast 5\.5\.0
  read            ok          +\d+\.\d ms  map "map" has 0 entries
  client    certificate 3\d{3} days left, until 20\d\d-\d\d-\d\d  CN=` + clusters[0].Name() + ` client
  client    certificate 3\d{3} days left, until 20\d\d-\d\d-\d\d  CN=` + clusters[0].Name() + ` stand-in authority
  member    certificate 3\d{3} days left, until 20\d\d-\d\d-\d\d  CN=hazelcast\.cloud
  member    certificate 3\d{3} days left, until 20\d\d-\d\d-\d\d  CN=` + clusters[0].Name() + ` stand-in authority
cluster 2: ` + clusters[1].Name() + `$`)
	if !want.MatchString(got.stdout) {
		t.Errorf("got\n%s\nwant\n%s", got.stdout, want)
	}
}

func TestConnectFailsForOneClusterAndTellsOfAll(t *testing.T) {
	folder(t)
	newProject(t)
	clusters := standIns(t)
	clusters[1].Kill()
	got := run(t, nil, "connect", "--json", "orders")
	var document struct {
		Command  string
		Exit     int
		Clusters []struct {
			Name   string
			Stages []struct {
				Stage, Detail string
				OK            bool
				MS            float64
			}
			Certificates []struct {
				Of, Subject string
				NotAfter    time.Time
				DaysLeft    int
			}
		}
		Errors []problem
	}
	if err := json.Unmarshal([]byte(got.stdout), &document); err != nil {
		t.Fatalf("%v\n%s", err, got.stdout)
	}
	if got.code != 1 || document.Exit != 1 || document.Command != "connect" || len(document.Clusters) != 2 {
		t.Fatalf("%+v", got)
	}
	for i, want := range []string{"discovery true, tcp true, tls true, authentication true, read true", "discovery true, tcp false, tls false, authentication false, read false"} {
		var stages []string
		for _, s := range document.Clusters[i].Stages {
			stages = append(stages, fmt.Sprintf("%s %v", s.Stage, s.OK))
			if s.MS < 0 || s.MS > 0 && s.Detail == "not tried" {
				t.Errorf("%+v: how long it took does not fit", s)
			}
		}
		if strings.Join(stages, ", ") != want {
			t.Errorf("cluster %d: got %q, want %q", i+1, stages, want)
		}
	}
	if last := document.Clusters[1].Stages[4].Detail; last != "not tried" {
		t.Errorf("the detail of the last stage is %q", last)
	}
	if c := document.Clusters[0].Certificates; len(c) != 4 || c[0].Of != "client" || c[2].Of != "member" || c[0].DaysLeft < 3000 || c[0].NotAfter.IsZero() {
		t.Errorf("certificates: %+v", c)
	}
	if len(document.Errors) != 1 || document.Errors[0].File != "orders/failover.yaml" || document.Errors[0].Line == 0 || document.Errors[0].Column == 0 ||
		!strings.Contains(document.Errors[0].Cause, "tcp: ") || document.Errors[0].Remedy == "" {
		t.Errorf("errors: %+v", document.Errors)
	}
}

// What is wrong with the settings is told at once, with the place, and nothing is
// connected to.
func TestConnectTellsOfWrongSettings(t *testing.T) {
	folder(t)
	newProject(t)
	dotenv := filepath.Join("orders", ".env")
	original, err := os.ReadFile(dotenv)
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		env  map[string]string
		add  string // to .env
		want []string
	}{
		"misspelt":         {add: "FAILOVER_1_TOKN='x'", want: []string{"orders/.env:", ": FAILOVER_1_TOKN: there is no such setting; did you mean FAILOVER_1_TOKEN?"}},
		"no setting":       {add: "nonsense", want: []string{"orders/.env:", ": this line is not a setting; write KEY='value'"}},
		"wrong password":   {env: map[string]string{"FAILOVER_2_KEYSTORE_PASSWORD": "wrong-pass"}, want: []string{"orders/resources/client2.keystore: the store password is wrong", "the password is that of FAILOVER_2_KEYSTORE_PASSWORD"}},
		"no password":      {env: map[string]string{"FAILOVER_1_TRUSTSTORE_PASSWORD": ""}, want: []string{"orders/resources/client.truststore: ", "FAILOVER_1_TRUSTSTORE_PASSWORD is not set"}},
		"key password":     {env: map[string]string{"FAILOVER_1_KEY_PASSWORD": "wrong-pass"}, want: []string{"orders/resources/client.keystore: the key password is wrong", "that of FAILOVER_1_KEY_PASSWORD"}},
		"no store":         {env: map[string]string{"FAILOVER_1_KEYSTORE": "gone"}, want: []string{"gone: does not exist; run generate where the bundles are, or copy the store of ", "FAILOVER_1_KEYSTORE"}},
		"relative in .env": {add: "FAILOVER_1_KEYSTORE='gone'", want: []string{"orders/gone: does not exist"}},
		"swapped":          {env: map[string]string{"FAILOVER_1_TRUSTSTORE": filepath.Join("orders", "resources", "client.keystore")}, want: []string{"orders/failover.yaml:", "holds no certificate to trust; were keystore and truststore swapped?"}},
		"no name":          {env: map[string]string{"FAILOVER_1_NAME": ""}, want: []string{"orders/failover.yaml:", "its name is empty; set FAILOVER_1_NAME"}},
		"no way":           {env: map[string]string{"FAILOVER_1_DISCOVERY_URL": ""}, want: []string{"orders/failover.yaml:", "there is neither a discovery URL nor an address of a member; set FAILOVER_1_DISCOVERY_URL or FAILOVER_1_ADDRESSES"}},
		"token in clear":   {env: map[string]string{"FAILOVER_1_DISCOVERY_URL": "http://discovery.example.com"}, want: []string{"orders/failover.yaml:", "would send the token in the clear; use https"}},
		"no port":          {env: map[string]string{"FAILOVER_2_ADDRESSES": "10.0.0.1"}, want: []string{"orders/failover.yaml:", `the address "10.0.0.1" is not of the form host:port; correct FAILOVER_2_ADDRESSES`}},
	} {
		t.Run(name, func(t *testing.T) {
			for key, value := range tt.env {
				t.Setenv(key, value)
			}
			if err := os.WriteFile(dotenv, append(append([]byte{}, original...), tt.add+"\n"...), 0o600); err != nil {
				t.Fatal(err)
			}
			got := run(t, nil, "connect", "orders")
			if got.code != 2 || got.stdout != "" {
				t.Errorf("%+v", got)
			}
			for _, part := range tt.want {
				if !strings.Contains(got.stderr, part) {
					t.Errorf("got %q, want it to say %q", got.stderr, part)
				}
			}
			if strings.Contains(got.stderr, "wrong-pass") {
				t.Errorf("a password is shown: %s", got.stderr)
			}
		})
	}
}

// FAILOVER_HOME says where .env and resources/ are, as it does for the project.
// Variables of other programs are nobody's mistake.
func TestConnectReadsWhereTheProjectReads(t *testing.T) {
	folder(t)
	newProject(t)
	standIns(t)
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, ".env"), []byte("FAILOVER_1_NAME='another'\nFAILOVER_3_NAME='x'\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAILOVER_HOME", home)
	t.Setenv("FAILOVER_STORE_PASSWORD", "x")
	t.Setenv("FAILOVER_1_TOKN", "x")
	got := run(t, nil, "connect", "orders")
	if got.code != 1 || !strings.Contains(got.stderr, `(another): authentication: `) {
		t.Errorf("%+v", got)
	}
	if strings.Count(got.stderr, "warning: ") != 2 || !strings.Contains(got.stderr, "FAILOVER_3_NAME is ignored: there are 2 clusters") ||
		!strings.Contains(got.stderr, "FAILOVER_1_TOKN in the environment is ignored") {
		t.Errorf("got %q, want a warning of FAILOVER_3_NAME and one of FAILOVER_1_TOKN", got.stderr)
	}
}

// In the folder of the project, its files have their own names.
func TestConnectNamesFilesAsTheUserWould(t *testing.T) {
	folder(t)
	newProject(t)
	t.Chdir("orders")
	if err := os.Remove(filepath.Join("resources", "client2.keystore")); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAILOVER_1_NAME", "")
	got := run(t, nil, "connect")
	if got.code != 2 || !strings.HasPrefix(got.stderr, "failover.yaml:") || !strings.Contains(got.stderr, "\nresources/client2.keystore: does not exist; ") {
		t.Errorf("%+v", got)
	}
}
