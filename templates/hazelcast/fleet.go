package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"time"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/pin"
)

// Only a project with "pin: registry" in failover.yaml has these functions.
var (
	// joinFleet follows the pin in the registry, and has o tell there which cluster
	// is active.
	joinFleet func(s *setup, o *failover.Options) (source pin.Source, leave func(), err error)
	// describeRegistry prints how the registry is reached.
	describeRegistry func(out io.Writer, s *setup) error
)

// startClient starts the client. If the settings say where a pin is held, the client
// starts with it and follows it until stop is called.
func startClient(s *setup, o failover.Options) (client *failover.Client, stop func(), err error) {
	o.Logger = cmp.Or(o.Logger, slog.Default())
	ctx, cancel := context.WithCancel(context.Background())
	source, leave, err := pinSource(ctx, s, &o)
	if err != nil {
		cancel()
		return nil, nil, err
	}
	follower := &pin.Follower{Source: source, Patience: 2*o.ConnectTimeout + o.OpTimeout + 5*time.Second, Log: o.Logger}
	for _, t := range s.targets {
		follower.Clusters = append(follower.Clusters, t.Name)
	}
	if source != nil {
		o.Pin = follower.First()
	}
	if client, err = failover.New(s.targets, o); err != nil {
		cancel()
		leave()
		return nil, nil, err
	}
	if o.Pin != "" {
		o.Logger.Info("pinned: no other cluster is used", "pin", o.Pin)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if source != nil {
			follower.Run(ctx, client, o.Pin)
		}
	}()
	return client, func() {
		cancel()
		<-ended
		leave()
	}, nil
}

// pinSource returns what holds the pin that is followed, nil if there is none.
func pinSource(ctx context.Context, s *setup, o *failover.Options) (source pin.Source, leave func(), err error) {
	inRegistry := len(s.Registry.Addresses) > 0
	leave = func() {}
	switch {
	case s.PinFile == "" && !inRegistry:
		return nil, leave, nil
	case o.Pin != "":
		return nil, nil, fmt.Errorf("the program sets the pin to %s, and FAILOVER_PIN_FILE or FAILOVER_PIN_REGISTRY says where another is held; keep one", o.Pin)
	case !inRegistry:
		return pin.WatchFile(ctx, s.PinFile, o.Logger), leave, nil
	case joinFleet == nil:
		return nil, nil, errNoRegistry
	}
	return joinFleet(s, o)
}

var errNoRegistry = errors.New(`FAILOVER_PIN_REGISTRY is set, but this project has no client of a registry; set "pin: registry" in failover.yaml and run failover-gen generate, or remove the variable`)

// describePin prints where the pin comes from, and returns what is wrong with that.
func describePin(out io.Writer, s *setup) error {
	switch {
	case s.Pin != "":
		fmt.Fprintf(out, "pinned to %s by FAILOVER_PIN: no other cluster is used\n", s.Pin)
	case s.PinFile != "":
		name, err := pin.ReadFile(s.PinFile)
		if err != nil {
			return fmt.Errorf("FAILOVER_PIN_FILE: %w; the program would start without a pin", err)
		}
		if name != "" && !slices.ContainsFunc(s.targets, func(t failover.Cluster) bool { return t.Name == name }) {
			return fmt.Errorf("FAILOVER_PIN_FILE: %s names no cluster of this program; the program would start without a pin", s.PinFile) // it may hold a secret
		}
		fmt.Fprintf(out, "the pin is that of %s, which is followed; now: %s\n", s.PinFile, pin.Says(name))
	case len(s.Registry.Addresses) > 0 && describeRegistry == nil:
		return errNoRegistry
	case len(s.Registry.Addresses) > 0:
		return describeRegistry(out, s)
	}
	return nil
}
