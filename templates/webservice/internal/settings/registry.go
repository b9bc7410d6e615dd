package settings

import (
	"github.com/failover-gen/failover-gen/templates/webservice/internal/registry"
	"github.com/failover-gen/failover-gen/templates/zksession"
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
		c.TLS, err = zksession.TLS(s.CA, s.Cert, s.Key)
	}
	return c, err
}
