package vet

import (
	"crypto/tls"
	"testing"

	"github.com/hazelcast/hazelcast-go-client/cluster"

	"github.com/failover-gen/failover-gen/internal/standin"
)

// What insecure says of the order of settings is what hazelcast-go-client does.
func TestServerNameMustComeFirst(t *testing.T) {
	ca, _, _, err := startStandin(t, "pr-1234").WritePEM(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, want string
		set        func(*cluster.SSLConfig) error
	}{
		{"before SetCAPath", "hz.example.com", func(ssl *cluster.SSLConfig) error {
			ssl.ServerName = "hz.example.com"
			return ssl.SetCAPath(ca)
		}},
		{"after SetCAPath", "", func(ssl *cluster.SSLConfig) error {
			err := ssl.SetCAPath(ca)
			ssl.ServerName = "hz.example.com"
			return err
		}},
		{"beside SetTLSConfig", "", func(ssl *cluster.SSLConfig) error {
			ssl.ServerName = "hz.example.com"
			ssl.SetTLSConfig(&tls.Config{})
			return nil
		}},
	} {
		var ssl cluster.SSLConfig
		if err := c.set(&ssl); err != nil {
			t.Fatal(err)
		}
		if got := ssl.TLSConfig().ServerName; got != c.want {
			t.Errorf("%s: the handshake gets %q, not %q", c.name, got, c.want)
		}
	}
}

// startStandin starts a stand-in cluster for the time of a test.
func startStandin(t *testing.T, name string) *standin.Cluster {
	t.Helper()
	c, err := standin.Start(standin.Options{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}
