package settings

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"

	"github.com/failover-gen/failover-gen/templates/webservice/internal/registry"
)

// Registry is how the registry is reached, with the PEM files read that it needs.
// The error tells of all that is wrong with those.
func (s *Service) Registry() (registry.Config, error) {
	c := registry.Config{
		Addresses: s.Addresses, Path: s.Path, User: s.User, Password: registry.Secret(s.Password),
		MaximumConnectionTimeout: maximumConnectionTimeout, ConnectionRetryTime: connectionRetryTime,
	}
	var err error
	if s.TLS {
		c.TLS, err = s.tls()
	}
	return c, err
}

func (s *Service) tls() (*tls.Config, error) {
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
