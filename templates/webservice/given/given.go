// Package given lets failover-gen itself join the list of endpoints in a registry. The
// project's own package, ../internal/registry, does the work; Go lets only packages of
// this folder import it. Projects do not get this package.
package given

import "github.com/failover-gen/failover-gen/templates/webservice/internal/registry"

// Registration keeps one entry in the list of endpoints.
type Registration = registry.Registration

// Config says where the registry is.
type Config = registry.Config

// Register joins the list at its end, in the background.
func Register(c Config, id string, urls ...string) (*Registration, error) {
	return registry.Register(c, id, urls...)
}
