// Package helpers imports testing, so it is for tests.
package helpers

import (
	"context"
	"testing"

	"github.com/hazelcast/hazelcast-go-client"
)

// Fill drops an error, and a test notices.
func Fill(t *testing.T, ctx context.Context, m *hazelcast.Map) { m.Set(ctx, "k", "v") }
