package fix

import (
	"context"
	"fmt"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/types"
)

func fix(m *hazelcast.Map, bounded int) error {
	ctx := context.Background()
	m.Get(ctx, "a")    // want `Map.Get may wait forever`
	m.Set(ctx, "a", 1) // want `Map.Set may wait forever`
	for i := range 3 {
		v, err := m.Get(ctx, i) // want `Map.Get may wait forever`
		fmt.Println(v, err)
	}
	if err := m.Set(ctx, "b", bounded); err != nil { // want `Map.Set may wait forever`
		return err
	}
	defer m.Delete(ctx, "c")                       // want `Map.Delete may wait forever`
	switch _, err := m.PutIfAbsent(ctx, "d", 1); { // want `Map.PutIfAbsent may wait forever`
	case err != nil:
		return err
	}
	return m.Clear(ctx) // want `Map.Clear may wait forever`
}

func entries(m *hazelcast.Map) ([]types.Entry, error) {
	return m.GetEntrySet(context.Background()) // want `Map.GetEntrySet may wait forever`
}

func waits(q *hazelcast.Queue) {
	v, err := q.Take(context.TODO()) // want `Queue.Take may wait forever`
	fmt.Println(v, err)
}
