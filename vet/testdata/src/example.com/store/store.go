// Package store wraps a map, as services do.
package store

import (
	"context"
	"encoding/json"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
)

// Store keeps values.
type Store struct{ m *hazelcast.Map }

// Open needs a deadline from its caller.
func Open(ctx context.Context, client *hazelcast.Client) (*Store, error) {
	m, err := client.GetMap(ctx, "store")
	if err != nil {
		return nil, err
	}
	return &Store{m}, nil
}

// Save returns the error of its write, and needs a deadline from its caller.
func (s *Store) Save(ctx context.Context, key string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return s.m.Set(ctx, key, data)
}

// SaveSoon bounds its write itself.
func (s *Store) SaveSoon(ctx context.Context, key string, value any) error {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	return s.Save(ctx, key, value)
}
