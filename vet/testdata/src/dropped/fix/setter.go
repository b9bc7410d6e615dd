package fix

import (
	"context"

	"github.com/hazelcast/hazelcast-go-client"
)

type setter struct{ m *hazelcast.Map }

func saved(ctx context.Context, s setter) error { return s.m.Set(ctx, "k", 1) }
