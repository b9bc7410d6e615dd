// Package repeat shows writes through a generated engine that are sent again.
package repeat

import (
	"context"

	"example.com/orders/internal/failover"
	"example.com/orders/internal/outcome"
)

// Bad: the engine has repeated what may be repeated. What it returns may have been applied.
func loops(ctx context.Context, m *failover.Map) {
	for {
		if err := m.Set(ctx, "k", "v"); err == nil { // want `this loop sends Map.Set again after any error`
			return
		}
	}
}

// Bad: unknown is not "not sent".
func merges(ctx context.Context, m *failover.Map) error {
	err := m.Set(ctx, "k", "v")
	switch outcome.Of(err) {
	case outcome.NotSent, outcome.Unknown: // want `an unknown outcome is handled like one that was not sent: what is unknown may have been applied, and this branch sends it again`
		return m.Set(ctx, "k", "v")
	}
	for {
		err := m.Set(ctx, "k", "v")
		o := outcome.Of(err)
		if o == outcome.NotSent || o == outcome.Unknown { // want `an unknown outcome is handled like one that was not sent`
			continue
		}
		return err
	}
}

// Good: each outcome is handled for what it is.
func looks(ctx context.Context, m *failover.Map, count map[string]int) error {
	for {
		err := m.Set(ctx, "k", "v")
		switch outcome.Of(err) {
		case outcome.NotSent:
			continue
		case outcome.Unknown:
			return err
		}
		switch outcome.Of(err) {
		case outcome.NotSent, outcome.Unknown:
			count["failed"]++
		}
		return err
	}
}

// Good: the key is written once, so the call is marked.
func marked(ctx context.Context, m *failover.Map) {
	ctx = outcome.MayRepeat(ctx)
	for {
		if err := m.Set(ctx, "id-1", "v"); err == nil {
			return
		}
	}
}
