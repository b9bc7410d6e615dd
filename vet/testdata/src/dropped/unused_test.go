package dropped

import (
	"context"

	"github.com/hazelcast/hazelcast-go-client"
)

func fills(ctx context.Context, m *hazelcast.Map) { m.Set(ctx, "k", "v") }
