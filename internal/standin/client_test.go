package standin_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/cluster"
	"github.com/hazelcast/hazelcast-go-client/cluster/discovery"
	"github.com/hazelcast/hazelcast-go-client/logger"
	"github.com/hazelcast/hazelcast-go-client/types"
	"go.uber.org/goleak"

	"github.com/failover-gen/failover-gen/internal/standin"
)

// hazelcast-go-client v1.6.0 leaks one goroutine with each failed start, which the
// check ignores. This package leaks none.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/hazelcast/hazelcast-go-client.(*Client).schemaInvoker"))
}

// lookup is a discovery strategy over the stand-in's endpoint.
type lookup struct{ base, token string }

func (l lookup) DiscoverNodes(ctx context.Context) ([]discovery.Node, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.base+"/cluster/discovery?token="+url.QueryEscape(l.token), nil)
	if err != nil {
		return nil, err
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("discovery: %s", resp.Status)
	}
	var found []struct {
		Private string `json:"private-address"`
		Public  string `json:"public-address"`
	}
	if err := json.NewDecoder(resp.Body).Decode(&found); err != nil {
		return nil, err
	}
	var nodes []discovery.Node
	for _, f := range found {
		u, err := url.Parse("tcp://" + f.Public)
		if err != nil {
			return nil, err
		}
		nodes = append(nodes, discovery.Node{PublicAddr: f.Public, PrivateAddr: f.Private + ":" + u.Port()})
	}
	return nodes, nil
}

func start(t testing.TB, o standin.Options) *standin.Cluster {
	t.Helper()
	c, err := standin.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Stop)
	return c
}

// config is what the raw client needs to reach c through discovery.
func config(c *standin.Cluster) hazelcast.Config {
	var cfg hazelcast.Config
	cfg.Logger.Level = logger.OffLevel
	cfg.Cluster.Name = c.Name()
	cfg.Cluster.Discovery = cluster.DiscoveryConfig{UsePublicIP: true, Strategy: lookup{c.DiscoveryURL(), c.Token()}}
	cfg.Cluster.ConnectionStrategy.Timeout = types.Duration(time.Second)
	cfg.Cluster.InvocationTimeout = types.Duration(time.Second)
	if t := c.ClientTLS(); t != nil {
		secure(&cfg, t)
	}
	return cfg
}

func secure(cfg *hazelcast.Config, t *tls.Config) {
	cfg.Cluster.Network.SSL.Enabled = true
	cfg.Cluster.Network.SSL.SetTLSConfig(t)
}

// timeout returns a context that ends after d, or with the test.
func timeout(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func dial(t testing.TB, cfg hazelcast.Config) *hazelcast.Client {
	t.Helper()
	client, err := hazelcast.StartNewClientWithConfig(timeout(t, 5*time.Second), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Shutdown(timeout(t, 5*time.Second)) })
	return client
}

func getMap(t testing.TB, client *hazelcast.Client) *hazelcast.Map {
	t.Helper()
	m, err := client.GetMap(timeout(t, 5*time.Second), "map")
	if err != nil {
		t.Fatal(err)
	}
	return m
}
