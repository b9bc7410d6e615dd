package hazelcast

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/storefile"
)

func TestWrongBundlesAreRefusedWithPlaceAndRemedy(t *testing.T) {
	other := storesOf(t, "other")
	for name, c := range map[string]struct {
		change func(b *bundle.Cluster)
		want   []string
	}{
		"wrong keystore password": {func(b *bundle.Cluster) { b.KeystorePassword = bundle.NewSecret("wrong", b.KeystorePassword.At) },
			[]string{"pr-5678.zip!res/client.keystore: ", "password", "from pr-5678.zip!src/Client.java:4:9"}},
		"wrong truststore password": {func(b *bundle.Cluster) { b.TruststorePassword = bundle.NewSecret("wrong", b.TruststorePassword.At) },
			[]string{"pr-5678.zip!res/client.truststore: ", "password", "from pr-5678.zip!src/Client.java:6:9"}},
		"stores swapped": {func(b *bundle.Cluster) { b.Keystore.Data, b.Truststore.Data = b.Truststore.Data, b.Keystore.Data },
			[]string{"pr-5678.zip!res/client.keystore: ", "swapped", "pr-5678.zip!src/Client.java:5:9"}},
		"no keystore":      {func(b *bundle.Cluster) { b.Keystore = nil }, []string{"pr-5678.zip: this client names a truststore, but no keystore; "}},
		"no truststore":    {func(b *bundle.Cluster) { b.Truststore = nil }, []string{"pr-5678.zip: this client names a keystore, but no truststore; "}},
		"keystore damaged": {func(b *bundle.Cluster) { b.Keystore.Data = b.Keystore.Data[:100] }, []string{"pr-5678.zip!res/client.keystore: ", "cut off"}},
		"only keys to trust": {func(b *bundle.Cluster) { b.Truststore.Data = other.key },
			[]string{"pr-5678.zip!res/client.truststore: holds no certificate to trust"}},
		"key and certificate do not match": {func(b *bundle.Cluster) {
			b.Keystore.Data = keystoreOf(t, &pki.Pair{Cert: identity(t, "a").Cert, Key: identity(t, "b").Key})
		}, []string{"pr-5678.zip!res/client.keystore: no certificate in it belongs to the key"}},
		"same name":       {func(b *bundle.Cluster) { b.Name.Text = "pr-1234" }, []string{"pr-5678.zip!src/Client.java:1:9: clusters 1 and 2 are the same", `"pr-1234"`}},
		"same token":      {func(b *bundle.Cluster) { b.Token = bundle.NewSecret(testToken+"pr-1234", b.Token.At) }, []string{"clusters 1 and 2 are the same", "token"}},
		"no way in":       {func(b *bundle.Cluster) { b.Token = bundle.Secret{} }, []string{"pr-5678.zip: there is neither a discovery token nor an address", "--set 2.addresses="}},
		"token in clear":  {func(b *bundle.Cluster) { b.DiscoveryURL.Text = "http://api.example.com" }, []string{"pr-5678.zip!src/Client.java:2:9: ", "in the clear"}},
		"name of 2 lines": {func(b *bundle.Cluster) { b.Name.Text = "pr\n1" }, []string{"pr-5678.zip!src/Client.java:1:9: ", "control character"}},
	} {
		t.Run(name, func(t *testing.T) {
			a, b := testBundle(t, "pr-1234"), testBundle(t, "pr-5678")
			c.change(&b.Clusters[0])
			_, _, err := resolve(context.Background(), testSpec(a, b), sourcesOf(a, b))
			hasLine(t, err, c.want...)
			if code := fault.ExitCode(err); code != int(fault.Input) {
				t.Errorf("exit code %d, want 2", code)
			}
			for _, secret := range []string{testPassword, testToken, "wrong\""} {
				if strings.Contains(err.Error(), secret) {
					t.Errorf("a secret is in %q", err)
				}
			}
		})
	}
}

func TestEveryFaultIsReportedAtOnce(t *testing.T) {
	a, b := testBundle(t, "pr-1234"), testBundle(t, "pr-5678")
	a.Clusters[0].KeystorePassword = bundle.NewSecret("x", a.Clusters[0].KeystorePassword.At)
	b.Clusters[0].KeystorePassword = bundle.NewSecret("x", b.Clusters[0].KeystorePassword.At)
	b.Clusters[0].TruststorePassword = bundle.NewSecret("x", b.Clusters[0].TruststorePassword.At)
	_, _, err := resolve(context.Background(), testSpec(a, b), sourcesOf(a, b))
	if n := len(fault.All(err)); n != 3 {
		t.Errorf("%d faults, want 3: %v", n, err)
	}
}

func TestOverridesBeatTheBundle(t *testing.T) {
	p := resolved(t, func(s *spec.Spec) {
		s.Clusters[0] = spec.Cluster{Name: "n", DiscoveryURL: "https://d.example.com", ServerName: "s", Username: "u"}
		s.Clusters[1].Addresses = []string{"10.0.0.1", "10.0.0.2:5702", "[fd00::1]"}
	})
	c := p[0]
	if c.Name != "n" || c.DiscoveryURL != "https://d.example.com" || c.ServerName != "s" || c.Username != "u" {
		t.Errorf("cluster 1: %+v", c)
	}
	c = p[1]
	if got := strings.Join(c.Addresses, " "); got != "10.0.0.1:5701 10.0.0.2:5702 [fd00::1]:5701" || c.DiscoveryURL != "" || c.ServerName != "10.0.0.1" {
		t.Errorf("cluster 2: addresses %s, discovery %q, server name %q", got, c.DiscoveryURL, c.ServerName)
	}
}

func TestTheLockHoldsNoTokenOfAnOverriddenAddress(t *testing.T) {
	a, b := testBundle(t, "pr-1234"), testBundle(t, "pr-5678")
	b.Clusters[0].DiscoveryURL.Text = "https://user:s3cret@api.example.com/cluster/discovery?token=s3cret"
	s := testSpec(a, b)
	s.Clusters[1].DiscoveryURL = "https://api.example.com"
	p, _, err := resolve(context.Background(), s, sourcesOf(a, b))
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprintf("%+v", p[1].locked(&s.Clusters[1])); strings.Contains(text, "s3cret") {
		t.Errorf("the lock holds it: %s", text)
	}
}

func TestABundleWithoutDiscoveryAddressMeansTheCloud(t *testing.T) {
	a, b := testBundle(t, "pr-1234"), testBundle(t, "pr-5678")
	a.Clusters[0].DiscoveryURL = bundle.Value{}
	p, _, err := resolve(context.Background(), testSpec(a, b), sourcesOf(a, b))
	if err != nil || p[0].DiscoveryURL != cloudDiscovery || p[0].ServerName != spec.CloudServerName {
		t.Errorf("%v %+v", err, p)
	}
}

func TestAnAliasThatIsNotThereIsRefused(t *testing.T) {
	a, b := testBundle(t, "pr-1234"), testBundle(t, "pr-5678")
	s := testSpec(a, b)
	s.Clusters[1].Alias = "nobody"
	_, _, err := resolve(context.Background(), s, sourcesOf(a, b))
	hasLine(t, err, "pr-5678.zip!res/client.keystore: ", `"nobody"`)
}

func TestSeveralKeysAreNeverGuessedAmong(t *testing.T) {
	const password = "storepass1" // of the self-made corpus
	data, err := os.ReadFile("../../keystore/testdata/jks-multi2keys.keystore")
	if err != nil {
		t.Fatal(err)
	}
	a, b := testBundle(t, "pr-1234"), testBundle(t, "pr-5678")
	c := &b.Clusters[0]
	c.Keystore.Data, c.KeystorePassword = data, bundle.NewSecret(password, c.KeystorePassword.At)
	s := testSpec(a, b)
	_, _, err = resolve(context.Background(), s, sourcesOf(a, b))
	hasLine(t, err, "pr-5678.zip!res/client.keystore: holds several keys: ", "--set 2.alias=ALIAS")
	store, err := storefile.Decode(data, password, "")
	if err != nil {
		t.Fatal(err)
	}
	s.Clusters[1].Alias = store.Entries[1].Alias
	p, _, err := resolve(context.Background(), s, sourcesOf(a, b))
	if err != nil {
		t.Fatal(err)
	}
	if got := templateValues(s, p).Clusters[1].Alias; got != s.Clusters[1].Alias {
		t.Errorf("the templates see the alias %q", got)
	}
}
