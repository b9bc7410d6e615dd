package fix

import (
	"context"
	clock "time"

	"github.com/hazelcast/hazelcast-go-client"
)

func named(m *hazelcast.Map) clock.Time {
	cancel := 1
	m.Get(context.Background(), cancel) // want `Map.Get may wait forever`
	return clock.Now()
}

// No fix: here the name time means something else.
func taken(m *hazelcast.Map, clock int) {
	m.Set(context.Background(), "a", clock) // want `Map.Set may wait forever`
}
