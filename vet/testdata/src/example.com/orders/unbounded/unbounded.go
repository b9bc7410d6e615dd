// Package unbounded shows that a generated engine bounds its calls itself.
package unbounded

import (
	"context"

	"example.com/orders/internal/failover"
	"github.com/hazelcast/hazelcast-go-client"
)

// Good: a call without a deadline gets Options.OpTimeout.
func engine(client *failover.Client, m *failover.Map) error {
	m.Set(context.Background(), "k", 1)
	return client.Do(context.Background(), func(ctx context.Context, c *hazelcast.Client) error {
		_, err := c.GetMap(ctx, "map")
		return err
	})
}

// Bad: this call goes around the engine's deadline.
func around(client *failover.Client) error {
	return client.Do(context.Background(), func(_ context.Context, c *hazelcast.Client) error {
		_, err := c.GetMap(context.Background(), "map") // want `Client.GetMap may wait forever`
		return err
	})
}
