// Package dropped shows writes through a generated engine.
package dropped

import (
	"context"

	"example.com/orders/internal/failover"
	"example.com/orders/internal/outcome"
)

// Bad: the engine says what became of the write; nobody asks.
func ignoresOutcome(ctx context.Context, m *failover.Map) {
	m.Set(ctx, "k", "v") // want `the error of Map.Set is dropped`
}

// Good: what is unknown is looked at.
func looks(ctx context.Context, m *failover.Map) bool {
	err := m.Set(ctx, "k", "v")
	return outcome.Of(err) == outcome.Acked
}
