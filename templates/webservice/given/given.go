// Package given reads the settings of a project for failover-gen itself, reads the
// list of endpoints as the project does, joins it as its server does, and knows the
// exceptions that the project knows. The project's own packages, below
// ../internal, do the work; Go lets only packages of this folder import them.
// Projects do not get this package.
package given

import (
	"context"
	"log/slog"
	"time"

	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/registry"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/settings"
)

// Service is where the endpoints of a web service are listed.
type Service = settings.Service

// Load reads what .env and the environment give to a project that is started in
// folder and has this compiled in. The error tells of everything that is wrong. The
// warnings are about what has no effect.
func Load(folder string, compiled Service) (s Service, warnings []string, err error) {
	all, err := settings.LoadIn(folder, compiled)
	return all.Service, all.Warnings, err
}

// Endpoints asks the registry once for the URLs that it lists. It waits for the
// registry for at most so long.
func Endpoints(ctx context.Context, s Service, within time.Duration) ([]string, error) {
	c, err := s.Registry()
	if err != nil {
		return nil, err
	}
	c.MaximumConnectionTimeout, c.Logger = within, slog.New(slog.DiscardHandler)
	w, err := registry.Watch(c)
	if err != nil {
		return nil, err
	}
	defer w.Close()
	if err := w.Wait(ctx); err != nil {
		return nil, err
	}
	var urls []string
	list, _ := w.Current()
	for _, e := range list {
		urls = append(urls, e.URL)
	}
	return urls, nil
}

// Registration keeps one entry in the list of endpoints.
type Registration = registry.Registration

// RegistryConfig says where a registry is.
type RegistryConfig = registry.Config

// Register joins the list at its end, in the background.
func Register(c RegistryConfig, id string, urls ...string) (*Registration, error) {
	return registry.Register(c, id, urls...)
}

// KnownException reports whether a project knows what a Java class is in Go without
// an exceptionMap.
func KnownException(name string) bool {
	return failover.Check(failover.Options{Exceptions: []string{name}}) == nil
}

// CheckExceptionMap returns why a project would refuse what stands for Java classes.
func CheckExceptionMap(meanings map[string]string, compat bool) error {
	return failover.Check(failover.Options{ExceptionMap: meanings, Compat: compat})
}
