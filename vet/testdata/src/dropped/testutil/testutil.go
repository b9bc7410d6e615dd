// Package testutil is what tests share: no outage meets it.
package testutil

import (
	"context"

	"github.com/hazelcast/hazelcast-go-client"
)

// Fill drops an error, and a test notices.
func Fill(ctx context.Context, m *hazelcast.Map) { m.Set(ctx, "k", "v") }
