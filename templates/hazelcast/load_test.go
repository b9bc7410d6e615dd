package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/settings"
)

// stores holds those of clusters with the names that are compiled in here.
const stores = "../../golden/testdata/stores"

var storePasswords = []string{"1a2b3c4d5e6", "6f7a8b9c0d1"}

// home makes a folder with the stores of both clusters and sets the environment
// to it, with the passwords and with addresses at which nothing listens.
func home(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "resources"), 0o700); err != nil {
		t.Fatal(err)
	}
	for i, c := range compiled {
		for to, from := range map[string]string{c.Keystore: c.Name + ".keystore", c.Truststore: c.Name + ".truststore"} {
			data, err := os.ReadFile(filepath.Join(stores, from))
			if err == nil {
				err = os.WriteFile(filepath.Join(dir, "resources", to), data, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		for name, value := range map[string]string{"KEYSTORE_PASSWORD": storePasswords[i], "TRUSTSTORE_PASSWORD": storePasswords[i], "ADDRESSES": "127.0.0.1:1"} {
			t.Setenv(fmt.Sprintf("FAILOVER_%d_%s", i+1, name), value)
		}
	}
	t.Setenv("FAILOVER_HOME", dir)
	return dir
}

func TestLoadOpensTheStoresOfEveryCluster(t *testing.T) {
	home(t)
	s, err := load()
	if err != nil {
		t.Fatal(err)
	}
	for i, c := range s.targets {
		if c.TLS == nil || len(c.TLS.Certificates) != 1 || c.TLS.RootCAs == nil || c.TLS.ServerName != compiled[i].ServerName {
			t.Errorf("cluster %d has the TLS configuration %v", i+1, c.TLS)
		}
	}
}

func TestAClusterWithoutStoresHasNoTLS(t *testing.T) {
	home(t)
	before := compiled
	defer func() { compiled = before }()
	compiled = []settings.Cluster{{Name: "plain", Addresses: []string{"127.0.0.1:1"}}}
	s, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if len(s.targets) != 1 || s.targets[0].TLS != nil {
		t.Errorf("targets %+v", s.targets)
	}
}

func TestEveryClusterThatIsWrongIsNamed(t *testing.T) {
	home(t)
	t.Setenv("FAILOVER_1_KEYSTORE", "/none/such")
	t.Setenv("FAILOVER_2_KEYSTORE_PASSWORD", "")
	_, err := load()
	if err == nil || !strings.Contains(err.Error(), "cluster 1 (pr-1234): /none/such") || !strings.Contains(err.Error(), "\ncluster 2 (pr-5678): ") {
		t.Error(err)
	}
}

func TestAStoreThatCannotBeOpenedSaysWhatHelps(t *testing.T) {
	dir := home(t)
	empty := t.TempDir()
	tests := map[string]struct {
		key, value string
		want       []string
	}{
		"another home":      {"FAILOVER_HOME", empty, []string{"no .env and no resources/ in " + empty, "FAILOVER_HOME"}},
		"no such store":     {"FAILOVER_2_TRUSTSTORE", "/none/such", []string{"cluster 2 (pr-5678): /none/such: ", "FAILOVER_2_TRUSTSTORE"}},
		"no password":       {"FAILOVER_1_KEYSTORE_PASSWORD", "", []string{filepath.Join(dir, "resources", "client.keystore"), "FAILOVER_1_KEYSTORE_PASSWORD is not set"}},
		"wrong password":    {"FAILOVER_2_TRUSTSTORE_PASSWORD", "battery", []string{"client2.truststore", "wrong", "that of FAILOVER_2_TRUSTSTORE_PASSWORD"}},
		"swapped stores":    {"FAILOVER_1_KEYSTORE", filepath.Join(dir, "resources", "client.truststore"), []string{"client.truststore", "swapped"}},
		"no name to expect": {"FAILOVER_1_SERVER_NAME", "", []string{"client.keystore", "no server name"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv(test.key, test.value)
			_, err := load()
			if err == nil {
				t.Fatal("it is taken")
			}
			for _, want := range test.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%q does not say %q", err, want)
				}
			}
			if strings.Contains(err.Error(), storePasswords[0]) || strings.Contains(err.Error(), "battery") {
				t.Errorf("%q shows a password", err)
			}
		})
	}
}
