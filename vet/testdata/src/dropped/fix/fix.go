package fix

import (
	"context"
	"log"

	"github.com/hazelcast/hazelcast-go-client"
)

func fix(ctx context.Context, m *hazelcast.Map) {
	m.Set(ctx, "a", 1)         // want `the error of Map.Set is dropped`
	_, _ = m.Put(ctx, "b", 2)  // want `the error of Map.Put is dropped`
	old, _ := m.Put(ctx, 1, 1) // want `the error of Map.Put is dropped`
	_ = old
	go m.Delete(ctx, "c") // want `the error of Map.Delete is dropped`
}

func count(ctx context.Context, m *hazelcast.Map) (int, error) {
	_ = m.Set(ctx, "a", 1) // want `the error of Map.Set is dropped`
	for i := range 10 {
		m.Delete(ctx, i) // want `the error of Map.Delete is dropped`
	}
	return m.Size(ctx)
}

func cancelled(m *hazelcast.Map) error {
	ctx, cancel := context.WithCancel(context.Background())
	m.Set(ctx, "a", 1) // want `the error of Map.Set is dropped`
	cancel()
	return nil
}

func loop(ctx context.Context, m *hazelcast.Map) {
	for i := 0; ; i++ {
		if err := m.Set(ctx, "a", i); err != nil { // want `a failed Map.Set ends the process`
			log.Fatalf("set: %v", err)
		}
		_, err := m.Put(ctx, "a", i) // want `a failed Map.Put ends the process`
		if err != nil {
			log.Fatal(err)
		}
	}
}
