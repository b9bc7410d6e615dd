package fix

import (
	"context"
	"log/slog"

	"github.com/hazelcast/hazelcast-go-client"
)

func logs(ctx context.Context, m *hazelcast.Map) {
	slog.Info("here")
	m.Set(ctx, "a", 1) // want `the error of Map.Set is dropped`
}
