package main

import (
	"context"
	"log/slog"

	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/registry"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/settings"
)

// setup is all that the program needs to start.
type setup struct {
	*settings.Settings
	registry registry.Config // without addresses where the endpoints are a static list
}

// load reads the settings, and the PEM files that they name. The error tells of all
// that is wrong.
func load() (*setup, error) {
	given, err := settings.Load()
	if err != nil {
		return nil, err
	}
	s := &setup{Settings: given}
	if len(given.Endpoints) == 0 {
		s.registry, err = given.Registry()
	}
	return s, err
}

// list returns the endpoints: those of the settings, or those that the registry
// lists, which are then watched until stop is called. A registry that gives no list
// within maximumConnectionTimeout is logged, and tried further.
func (s *setup) list(ctx context.Context, log *slog.Logger) (list failover.List, stop func(), err error) {
	if len(s.Endpoints) > 0 {
		return failover.Static(s.Endpoints...), func() {}, nil
	}
	s.registry.Logger = log
	watcher, err := registry.Watch(s.registry)
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(ctx)
	go func() {
		if err := watcher.Wait(ctx); err != nil && ctx.Err() == nil {
			log.Error("the registry has given no list of endpoints yet; calls wait for it", "err", err)
		}
	}()
	return watcher, func() {
		cancel()
		_ = watcher.Close() // nothing is lost when it cannot be closed
	}, nil
}
