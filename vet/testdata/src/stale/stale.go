// Package stale shows what is kept of a lost cluster by programs that start a
// client for each cluster themselves.
package stale

import (
	"context"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/cluster"
	"github.com/hazelcast/hazelcast-go-client/nearcache"
)

func start(ctx context.Context, name string) (*hazelcast.Client, error) {
	config := hazelcast.NewConfig()
	config.Cluster.Name = name
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

// Bad: the client is another one, and the map is still that of the first.
func writeLoop(ctx context.Context, values chan string) error {
	client, err := start(ctx, "pr-1234")
	if err != nil {
		return err
	}
	orders, err := client.GetMap(ctx, "orders")
	if err != nil {
		return err
	}
	for value := range values {
		if err := orders.Set(ctx, value, value); err != nil { // want `orders was got from the client that client held before; this loop replaces the client`
			if client, err = start(ctx, "pr-5678"); err != nil {
				return err
			}
		}
	}
	return nil
}

// Good: the map is got again.
func writeLoopAgain(ctx context.Context, values chan string) error {
	client, err := start(ctx, "pr-1234")
	if err != nil {
		return err
	}
	orders, err := client.GetMap(ctx, "orders")
	if err != nil {
		return err
	}
	for value := range values {
		if err := orders.Set(ctx, value, value); err != nil {
			if client, err = start(ctx, "pr-5678"); err != nil {
				return err
			}
			if orders, err = client.GetMap(ctx, "orders"); err != nil {
				return err
			}
		}
	}
	return nil
}

// Bad: the queue stays that of the primary when active is the secondary.
type service struct {
	primary, secondary, active *hazelcast.Client
	jobs                       *hazelcast.Queue
}

func newService(ctx context.Context, primary, secondary *hazelcast.Client) (*service, error) {
	jobs, err := primary.GetQueue(ctx, "jobs")
	if err != nil {
		return nil, err
	}
	return &service{primary: primary, secondary: secondary, active: primary, jobs: jobs}, nil // want `jobs is got once, from primary, and kept beside other clusters' clients`
}

func (s *service) lost() { s.active = s.secondary }

// Good: one for each client.
type pairs struct {
	primary, secondary         *hazelcast.Client
	primaryJobs, secondaryJobs *hazelcast.Queue
}

func (p *pairs) get(ctx context.Context) (err error) {
	if p.primaryJobs, err = p.primary.GetQueue(ctx, "jobs"); err != nil {
		return err
	}
	p.secondaryJobs, err = p.secondary.GetQueue(ctx, "jobs")
	return err
}

func (p *pairs) choose(lost bool) *hazelcast.Client {
	client := p.primary
	if lost {
		client = p.secondary
	}
	return client
}

// Silent: two clusters for two purposes; nothing goes from one to the other.
type twoPurposes struct {
	sessions, orders *hazelcast.Client
	users            *hazelcast.Map
}

func (t *twoPurposes) get(ctx context.Context) (err error) {
	t.users, err = t.sessions.GetMap(ctx, "users")
	return err
}

// Silent: one client, which reconnects to its cluster by itself.
type plain struct {
	client *hazelcast.Client
	orders *hazelcast.Map
}

func newPlain(ctx context.Context) (*plain, error) {
	client, err := start(ctx, "pr-1234")
	if err != nil {
		return nil, err
	}
	orders, err := client.GetMap(ctx, "orders")
	return &plain{client, orders}, err
}

// Bad: the client's own failover keeps what the near cache holds of the lost cluster.
func nearCache(config *hazelcast.Config, clusters []cluster.Config) {
	config.AddNearCache(nearcache.Config{Name: "orders"}) // want `the client's own failover does not clear near caches when the cluster changes`
	config.Failover = cluster.FailoverConfig{Enabled: true, Configs: clusters}
}

// Silent: there is one cluster.
func oneCluster(config *hazelcast.Config) {
	config.AddNearCache(nearcache.Config{Name: "orders"})
}
