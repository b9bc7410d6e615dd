// Command program writes at its start, and in a loop.
package main

import (
	"context"
	"log"

	"github.com/hazelcast/hazelcast-go-client"
)

var m *hazelcast.Map

// Not reported: a program may need this write before it serves.
func main() {
	ctx := context.Background()
	if err := m.Set(ctx, "started", true); err != nil {
		log.Fatal(err)
	}
	go consume(ctx)
	// Bad: the program ends as if it had written everything.
	for i := range 1000 {
		if err := m.Set(ctx, i, i); err != nil { // want `a failed Map.Set ends this loop`
			log.Print(err)
			break
		}
	}
	for i := range 1000 { // Good: the failed write is trapped.
		if err := m.Set(ctx, i, i); err != nil {
			log.Print(err)
		}
	}
}

// Bad: nobody starts this goroutine again.
func consume(ctx context.Context) {
	for i := 0; i < 1000; i++ {
		if err := m.Delete(ctx, i); err != nil { // want `a failed Map.Delete ends this loop`
			log.Print(err)
			return
		}
	}
}

// Not reported: it was asked for some values, and may give fewer.
func fill(ctx context.Context, n int) {
	for i := range n {
		if err := m.Set(ctx, i, i); err != nil {
			log.Print(err)
			return
		}
	}
}
