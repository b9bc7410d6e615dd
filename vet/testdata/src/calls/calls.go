// Package calls shows what is known of functions that wrap a call to a cluster. // want package:"has wrappers"
package calls

import (
	"context"
	"fmt"
	"log"
	"os"
	"time"

	"example.com/store"
	"github.com/hazelcast/hazelcast-go-client"
)

// A wrapper returns the error of its call, and hands on its context.
func save(ctx context.Context, m *hazelcast.Map, v int) error { // want save:`fails with Map.Put, waits for Map.Put on argument 0`
	if _, err := m.Put(ctx, "k", v); err != nil {
		return fmt.Errorf("save: %w", err)
	}
	return nil
}

// So does a wrapper of a wrapper, declared before it or after.
func saveTwice(m *hazelcast.Map, ctx context.Context) error { // want saveTwice:`fails with Map.Put, waits for Map.Put on argument 1`
	return save(ctx, m, 2)
}

func saveElsewhere(ctx context.Context, s *store.Store) (err error) { // want saveElsewhere:`fails with Map.Set, waits for Map.Set on argument 0`
	err = s.Save(ctx, "k", 1)
	return err
}

func saveNamed(ctx context.Context, m *hazelcast.Map) (err error) { // want saveNamed:`fails with Map.Set, waits for Map.Set on argument 0`
	err = m.Set(ctx, "k", 1)
	return
}

// Its caller need not bound a call that is bounded already.
func saveSoon(ctx context.Context, s *store.Store) error { // want saveSoon:`fails with Map.Set`
	return s.SaveSoon(ctx, "k", 1)
}

func defaults(ctx context.Context, m *hazelcast.Map) error { // want defaults:`fails with Map.Set`
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Second)
		defer cancel()
	}
	return m.Set(ctx, "k", 1)
}

// A function that fails for other reasons too is not known by its write.
func saveFile(ctx context.Context, m *hazelcast.Map) error { // want saveFile:`waits for Map.Set on argument 0`
	data, err := os.ReadFile("value")
	if err != nil {
		return err
	}
	return m.Set(ctx, "k", data)
}

// But one that starts a client fails with that, whatever else it does.
func connect(ctx context.Context) (*hazelcast.Client, error) { // want connect:`fails with StartNewClientWithConfig, waits for StartNewClientWithConfig on argument 0`
	name, err := os.ReadFile("name")
	if err != nil {
		return nil, err
	}
	config := hazelcast.Config{}
	config.Cluster.Name = string(name)
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

// A start without a limit never fails because a cluster is away.
func connectForever() (*hazelcast.Client, error) {
	return hazelcast.StartNewClient(context.Background())
}

// An error that is not returned is not the function's.
func logs(ctx context.Context, m *hazelcast.Map) error { // want logs:`waits for Map.Set on argument 0`
	if err := m.Set(ctx, "k", 1); err != nil {
		log.Print(err)
	}
	return nil
}

func check(err error) { // want check:`ends the process`
	if err != nil {
		log.Fatal(err)
	}
}
