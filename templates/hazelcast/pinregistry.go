package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"reflect"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/templates/fleet"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/pin"
	"github.com/failover-gen/failover-gen/templates/zksession"
)

// Only a project with "pin: registry" in failover.yaml has this file.
func init() { joinFleet, describeRegistry = joinRegistry, printRegistry }

// firstRead is how long a start waits for the registry. Then the client starts without
// a pin: a registry that is away must not keep the program from its clusters.
const firstRead = 5 * time.Second

// joinRegistry is joinFleet.
func joinRegistry(s *setup, o *failover.Options) (pin.Source, func(), error) {
	c, err := fleetConfig(s)
	if err != nil {
		return nil, nil, err
	}
	c.Logger = o.Logger
	member, err := fleet.Join(c)
	if err != nil {
		return nil, nil, err
	}
	inner := o.OnEvent
	o.OnEvent = func(e failover.Event) {
		switch e.Type {
		case failover.Connected:
			member.Active(e.Cluster, e.Time)
		case failover.Disconnected:
			member.Active("", e.Time)
		}
		if inner != nil {
			inner(e)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), firstRead)
	defer cancel()
	if err := member.Wait(ctx); err != nil {
		o.Logger.Warn("the registry has not told the pin, so the client starts without one; it follows the pin as soon as that is read", "waited", firstRead, "cause", err)
	}
	return member, member.Close, nil
}

// fleetConfig is how the registry is reached. Without another path the processes of this
// service meet below the import path of the project.
func fleetConfig(s *setup) (fleet.Config, error) {
	r := &s.Registry
	project := strings.TrimSuffix(reflect.TypeFor[failover.Client]().PkgPath(), "/internal/failover")
	c := fleet.Config{
		Path:   cmp.Or(r.Path, fleet.Root+"/"+project),
		Config: zksession.Config{Addresses: r.Addresses, User: r.User, Password: zksession.Secret(r.Password)},
	}
	if r.HasTLS() {
		var err error
		if c.TLS, err = zksession.TLS(r.CA, r.Cert, r.Key); err != nil {
			return c, err
		}
	}
	return fleet.Completed(c)
}

// printRegistry is describeRegistry.
func printRegistry(out io.Writer, s *setup) error {
	c, err := fleetConfig(s)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "the pin is that of %s in the registry at %s, which is followed\n", c.Path, strings.Join(c.Addresses, ", "))
	if c.User != "" {
		fmt.Fprintf(out, "  user %s, with a password\n", c.User)
	}
	if c.TLS == nil {
		fmt.Fprintln(out, "  no TLS: the pin crosses the network as plain text, and so does a password")
	} else {
		fmt.Fprintf(out, "  TLS, trusts %s\n", cmp.Or(s.Registry.CA, "the authorities of this system"))
	}
	return nil
}
