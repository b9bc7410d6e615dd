package main

import (
	"crypto/tls"
	"fmt"

	"github.com/failover-gen/failover-gen/keystore"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/settings"
)

// clusters makes the ordered list of clusters from what was compiled in, .env
// and the environment, and opens their keystores.
func clusters() ([]failover.Cluster, error) {
	loaded, err := settings.Load(settings.Home(), compiled)
	if err != nil {
		return nil, err
	}
	var list []failover.Cluster
	for i, s := range loaded {
		config, err := tlsConfig(i+1, s)
		if err != nil {
			return nil, fmt.Errorf("cluster %d (%s): %w", i+1, s.Name, err)
		}
		list = append(list, failover.Cluster{
			Name: s.Name, Addresses: s.Addresses, DiscoveryURL: s.DiscoveryURL, Token: failover.Secret(s.Token),
			Username: s.Username, Password: failover.Secret(s.Password), TLS: config,
		})
	}
	return list, nil
}

// tlsConfig is nil for a cluster without stores: plain TCP.
func tlsConfig(n int, s settings.Cluster) (*tls.Config, error) {
	if s.Keystore == "" && s.Truststore == "" {
		return nil, nil
	}
	key, err := openStore(s.Keystore, s.KeystorePassword, s.KeyPassword, n, "KEYSTORE")
	if err != nil {
		return nil, err
	}
	trust, err := openStore(s.Truststore, s.TruststorePassword, "", n, "TRUSTSTORE")
	if err != nil {
		return nil, err
	}
	return keystore.TLSConfig(key, trust, s.Alias, s.ServerName)
}

// openStore returns nil for a store that is not there by intent.
func openStore(path, password, keyPassword string, n int, variable string) (*keystore.Store, error) {
	if path == "" {
		return nil, nil
	}
	data, err := keystore.ReadFile(path)
	if err != nil {
		return nil, err
	}
	store, err := keystore.Decode(data, password, keyPassword)
	if err != nil {
		return nil, fmt.Errorf("%s, with the password of FAILOVER_%d_%s_PASSWORD: %w", path, n, variable, err)
	}
	return store, nil
}
