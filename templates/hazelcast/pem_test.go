package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/settings"
)

// pemHome makes a folder with the PEM files of one cluster, whose key is encrypted, and
// makes it the only one that is compiled in.
func pemHome(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "resources"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"ca", "cert", "key"} {
		data, err := os.ReadFile(filepath.Join(stores, "pr-1234."+name+".pem"))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "resources", "client."+name+".pem"), data, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	before := compiled
	t.Cleanup(func() { compiled = before })
	compiled = []settings.Cluster{{Name: "pem", Addresses: []string{"127.0.0.1:1"}, ServerName: "s", CA: "client.ca.pem", Cert: "client.cert.pem", Key: "client.key.pem"}}
	t.Setenv("FAILOVER_HOME", dir)
	t.Setenv("FAILOVER_1_KEY_PASSWORD", storePasswords[0])
	return dir
}

func TestPEMFilesAreOpened(t *testing.T) {
	pemHome(t)
	s, err := load()
	if err != nil {
		t.Fatal(err)
	}
	config := s.targets[0].TLS
	if config == nil || config.RootCAs == nil || config.ServerName != "s" || len(config.Certificates) != 1 || config.Certificates[0].Leaf.Subject.CommonName != "pr-1234 client" || len(s.trusted[0]) != 1 {
		t.Errorf("the TLS configuration is %+v", config)
	}
	var out strings.Builder
	if err := check(&out, s, options()); err != nil || !strings.Contains(out.String(), "client.cert.pem\n") || !strings.Contains(out.String(), "client.ca.pem\n") {
		t.Errorf("check says %v\n%s", err, &out)
	}
}

// Stores of the environment replace PEM files, each side by itself.
func TestStoresReplacePEMFiles(t *testing.T) {
	dir := pemHome(t)
	keystore, err := filepath.Abs(filepath.Join(stores, "pr-5678.keystore"))
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAILOVER_1_KEYSTORE", keystore)
	t.Setenv("FAILOVER_1_KEYSTORE_PASSWORD", storePasswords[1])
	t.Setenv("FAILOVER_1_KEY_PASSWORD", "")
	if err := os.Remove(filepath.Join(dir, "resources", "client.key.pem")); err != nil {
		t.Fatal(err)
	}
	s, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if got := s.targets[0].TLS.Certificates[0].Leaf.Subject.CommonName; got != "pr-5678 client" || s.trusted[0][0].Subject.CommonName != "pr-1234 authority" {
		t.Errorf("the client's certificate is that of %s, trusted is %s", got, s.trusted[0][0].Subject)
	}
}

func TestAPEMFileThatCannotBeOpenedSaysWhatHelps(t *testing.T) {
	dir := pemHome(t)
	resource := func(name string) string { return filepath.Join(dir, "resources", name) }
	for name, test := range map[string]struct {
		key, value string
		want       []string
	}{
		"no password":         {"FAILOVER_1_KEY_PASSWORD", "", []string{"cluster 1 (pem): " + resource("client.key.pem"), "there is no password", "FAILOVER_1_KEY_PASSWORD"}},
		"wrong password":      {"FAILOVER_1_KEY_PASSWORD", "battery", []string{resource("client.key.pem"), "is wrong", "that of FAILOVER_1_KEY_PASSWORD"}},
		"no such file":        {"FAILOVER_1_CA", "/none/such", []string{"/none/such", "FAILOVER_1_CA can name another file"}},
		"a key to trust":      {"FAILOVER_1_CA", resource("client.key.pem"), []string{resource("client.key.pem") + ": holds no certificate"}},
		"a key as the chain":  {"FAILOVER_1_CERT", resource("client.key.pem"), []string{resource("client.key.pem") + ": holds no certificate"}},
		"only a certificate":  {"FAILOVER_1_KEY", "", []string{"only one of FAILOVER_1_CERT and FAILOVER_1_KEY is set"}},
		"nothing to trust":    {"FAILOVER_1_CA", "", []string{"FAILOVER_1_CA is set but empty"}},
		"the key of another":  {"FAILOVER_1_CERT", resource("client.ca.pem"), []string{resource("client.key.pem") + ": is not the key of any certificate"}},
		"no name to expect":   {"FAILOVER_1_SERVER_NAME", "", []string{"no server name"}},
		"a store and a chain": {"FAILOVER_1_KEYSTORE", "/none/such", []string{"/none/such"}},
	} {
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

// A project without PEM files lacks their reader, and says so.
func TestAProjectWithoutTheReaderOfPEMFilesSaysSo(t *testing.T) {
	pemHome(t)
	before := addPEM
	defer func() { addPEM = before }()
	addPEM = nil
	if _, err := load(); err == nil || !strings.Contains(err.Error(), "this project reads only keystores; set FAILOVER_1_KEYSTORE") {
		t.Error(err)
	}
}

// Where the bundle turned TLS on and named nothing to trust, the system's roots count.
func TestTheSystemsRootsAreTrusted(t *testing.T) {
	pemHome(t)
	compiled[0].CA, compiled[0].Cert, compiled[0].Key, compiled[0].SystemRoots = "", "", "", true
	s, err := load()
	if err != nil {
		t.Fatal(err)
	}
	if config := s.targets[0].TLS; config == nil || config.RootCAs != nil || config.ServerName != "s" {
		t.Errorf("the TLS configuration is %+v", config)
	}
}
