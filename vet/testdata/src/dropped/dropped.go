// Package dropped shows writes whose failure is lost, and writes whose failure
// stops more than it should.
package dropped

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"net/http"
	"os"
	"time"

	"example.com/store"
	"github.com/hazelcast/hazelcast-go-client"
)

// Bad: the write is lost in an outage, and nobody learns of it.
func ignores(ctx context.Context, m *hazelcast.Map, q *hazelcast.Queue, t *hazelcast.Topic) {
	m.Set(ctx, "k", "v")         // want `the error of Map.Set is dropped: when the cluster is lost, nobody learns whether the write was applied`
	_ = m.Set(ctx, "k", "v")     // want `the error of Map.Set is dropped`
	_, _ = m.Put(ctx, "k", "v")  // want `the error of Map.Put is dropped`
	old, _ := m.Put(ctx, "k", 1) // want `the error of Map.Put is dropped`
	fmt.Println(old)
	go t.Publish(ctx, "m")   // want `the error of Topic.Publish is dropped`
	defer m.Delete(ctx, "k") // want `the error of Map.Delete is dropped`
	item, _ := q.Take(ctx)   // want `the error of Queue.Take is dropped`
	fmt.Println(item)
	if err := m.Set(ctx, "k", "v"); err != nil { // want `the error of Map.Set is dropped`
	}
}

// Bad: the next call overwrites the error before anything reads it.
func overwrites(ctx context.Context, m *hazelcast.Map) error {
	_, err := m.Put(ctx, "a", 1) // want `the error of Map.Put is dropped`
	_, err = m.Put(ctx, "b", 2)
	if err != nil {
		return err
	}
	size, err := m.Size(ctx)
	if err != nil {
		return err
	}
	fmt.Println(size)
	_, err = m.Put(ctx, "c", 3) // want `the error of Map.Put is dropped`
	return nil
}

// Bad: a helper's error is that of its write, also in another package.
func ignoresHelper(ctx context.Context, s *store.Store, m *hazelcast.Map) {
	s.Save(ctx, "k", "v") // want `the error of Save \(Map.Set\) is dropped`
	_ = save(ctx, m, 1)   // want `the error of save \(Map.Put\) is dropped`
}

func save(ctx context.Context, m *hazelcast.Map, v int) error {
	if _, err := m.Put(ctx, "k", v); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// Bad: one failed write ends the service.
func ends(ctx context.Context, m *hazelcast.Map) {
	for i := range 100 {
		_, err := m.Put(ctx, "k", i) // want `a failed Map.Put ends the process: the first write that fails in an outage stops all that follow; log it and go on`
		if err != nil {
			log.Fatal(err)
		}
		if err := m.Set(ctx, "k", i); err != nil { // want `a failed Map.Set ends the process`
			panic(err)
		}
		err = m.Delete(ctx, i) // want `a failed Map.Delete ends the process`
		check(err)
		if err = m.Set(ctx, "k", i); err != nil { // want `a failed Map.Set ends the process`
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	log.Fatal(m.Clear(ctx)) // want `a failed Map.Clear ends the process`
}

func check(err error) {
	if err != nil {
		log.Fatalln("fatal:", err)
	}
}

// Bad: the loop ends with the first failed write, and the program writes no more.
func leaves(ctx context.Context, m *hazelcast.Map) {
	for {
		if err := m.Set(ctx, "k", time.Now()); err != nil { // want `a failed Map.Set ends this loop: the first write that fails in an outage stops all that follow`
			log.Println(err)
			return
		}
	}
}

func leavesGoroutine(ctx context.Context, m *hazelcast.Map, values []int) {
	go func() {
		for _, v := range values {
			if _, err := m.Put(ctx, v, v); err != nil { // want `a failed Map.Put ends this loop`
				slog.Error("put", "err", err)
				break
			}
		}
	}()
}

// Good: the loop traps the failed write and goes on; the next cluster takes over.
func goesOn(ctx context.Context, m *hazelcast.Map) {
	for i := 0; ctx.Err() == nil; i++ {
		if _, err := m.Put(ctx, "k", i); err != nil {
			log.Println("put failed, going on:", err)
		}
	}
}

// Good: the caller learns of it.
func returns(ctx context.Context, m *hazelcast.Map, failed chan<- error) error {
	if err := m.Set(ctx, "k", "v"); err != nil {
		failed <- err
		return err
	}
	var err error
	defer func() { log.Println(err) }()
	err = m.Set(ctx, "k", "v")
	for range 3 {
		if err := m.Set(ctx, "k", "v"); errors.Is(err, context.Canceled) {
			return err
		}
	}
	return m.Delete(ctx, "k")
}

// Good: the loop's owner learns of it.
func reports(ctx context.Context, m *hazelcast.Map, failed chan<- error) {
	go func() {
		for {
			if err := m.Set(ctx, "k", "v"); err != nil {
				failed <- err
				return
			}
		}
	}()
}

// Not reported: the server, or the function itself, recovers from the panic.
func recovers(m *hazelcast.Map) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := m.Set(r.Context(), "k", "v"); err != nil {
			panic(err)
		}
	}
}

func recoversItself(ctx context.Context, m *hazelcast.Map) {
	defer func() { log.Println(recover()) }()
	if err := m.Set(ctx, "k", "v"); err != nil {
		panic(err)
	}
}

// Not reported: a read whose error is dropped returns nothing; no write is lost.
func reads(ctx context.Context, m *hazelcast.Map) {
	v, _ := m.Get(ctx, "k")
	fmt.Println(v)
	defer m.Unlock(ctx, "k")
}

// Not reported: the method of an interface may be anything.
type setter interface {
	Set(ctx context.Context, key, value any) error
}

func unknown(ctx context.Context, s setter) { _ = s.Set(ctx, "k", "v") }

// Excused, with the reason.
func excused(ctx context.Context, m *hazelcast.Map) {
	//failover:ignore dropped the value is a hint, and is written again every second
	_ = m.Set(ctx, "hint", 1)
	_ = m.Set(ctx, "hint", 2) //failover:ignore dropped the same
	//failover:ignore dropped nothing here // want `this directive excuses nothing: dropped reports nothing here`
	v, _ := m.Get(ctx, "k")
	_ = v
}
