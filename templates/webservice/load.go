package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"

	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/registry"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/settings"
)

// setup is all that the program needs to start.
type setup struct {
	*settings.Settings
	registry registry.Config // without addresses where the endpoints are a static list
}

// load reads the settings from what was compiled in, .env and the environment,
// and the PEM files that they name. The error tells of all that is wrong.
func load() (*setup, error) {
	given, err := settings.Load(compiled)
	if err != nil {
		return nil, err
	}
	s := &setup{Settings: given}
	if len(given.Endpoints) > 0 {
		return s, nil
	}
	config, err := tlsConfig(given.Service)
	s.registry = registry.Config{
		Addresses: given.Addresses, Path: given.Path, User: given.User, Password: registry.Secret(given.Password), TLS: config,
		MaximumConnectionTimeout: maximumConnectionTimeout, ConnectionRetryTime: connectionRetryTime,
	}
	return s, err
}

// list returns the endpoints: those of the settings, or those that the registry
// lists, which are then watched until stop is called.
func (s *setup) list(log *slog.Logger) (list failover.List, stop func(), err error) {
	if len(s.Endpoints) > 0 {
		return failover.Static(s.Endpoints...), func() {}, nil
	}
	s.registry.Logger = log
	watcher, err := registry.Watch(s.registry)
	if err != nil {
		return nil, nil, err
	}
	return watcher, func() { _ = watcher.Close() }, nil // nothing is lost when it cannot be closed
}

// tlsConfig is that of the connection to the registry; nil if it has no TLS.
func tlsConfig(s settings.Service) (*tls.Config, error) {
	if !s.TLS {
		return nil, nil
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	var faults []error
	if s.CA != "" {
		pem, err := os.ReadFile(s.CA)
		config.RootCAs = x509.NewCertPool()
		if err == nil && !config.RootCAs.AppendCertsFromPEM(pem) {
			err = fmt.Errorf("%s holds no certificate", s.CA)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("FAILOVER_REGISTRY_CA: %w; name a PEM file with the certificates of the authorities to trust", err))
		}
	}
	if s.Cert != "" {
		pair, err := tls.LoadX509KeyPair(s.Cert, s.Key)
		if err != nil {
			faults = append(faults, fmt.Errorf("FAILOVER_REGISTRY_CERT and FAILOVER_REGISTRY_KEY: %w; name PEM files with a certificate and its key", err))
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, errors.Join(faults...)
}
