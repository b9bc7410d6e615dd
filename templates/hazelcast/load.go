package main

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"

	"github.com/failover-gen/failover-gen/keystore"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/settings"
)

// setup is all that the program needs to start.
type setup struct {
	*settings.Settings
	targets []failover.Cluster    // what the client connects to, in order of preference
	trusted [][]*x509.Certificate // by cluster: what its truststore holds
}

// load reads the settings from what was compiled in, .env and the environment,
// and opens the stores of every cluster. The error tells of all that is wrong.
func load() (*setup, error) {
	given, err := settings.Load(compiled)
	if err != nil {
		return nil, err
	}
	s := &setup{Settings: given}
	var faults []error
	for i, c := range given.Clusters {
		config, trusted, err := openStores(c, fmt.Sprintf("FAILOVER_%d_", i+1))
		if err != nil {
			faults = append(faults, fmt.Errorf("cluster %d (%s): %w", i+1, c.Name, err))
		}
		s.trusted = append(s.trusted, trusted)
		s.targets = append(s.targets, failover.Cluster{
			Name: c.Name, Addresses: c.Addresses, DiscoveryURL: c.DiscoveryURL, Token: failover.Secret(c.Token),
			Username: c.Username, Password: failover.Secret(c.Password), TLS: config,
		})
	}
	return s, errors.Join(faults...)
}

// addPEM opens PEM files. It is nil in a project in which no cluster has any.
var addPEM func(config *tls.Config, c settings.Cluster, prefix string) ([]*x509.Certificate, error)

// openStores returns the TLS configuration of a cluster, nil if it has none, and
// the certificates that it trusts.
func openStores(c settings.Cluster, prefix string) (*tls.Config, []*x509.Certificate, error) {
	if !c.HasTLS() {
		return nil, nil, nil
	}
	key, err := openStore(c.Keystore, c.KeystorePassword, c.KeyPassword, prefix, "KEYSTORE")
	if err != nil {
		return nil, nil, err
	}
	trust, err := openStore(c.Truststore, c.TruststorePassword, "", prefix, "TRUSTSTORE")
	if err != nil {
		return nil, nil, err
	}
	config, err := keystore.TLSConfig(key, trust, c.Alias, c.ServerName)
	if err != nil {
		return nil, nil, fmt.Errorf("%s with %s: %w", c.Keystore, c.Truststore, err)
	}
	switch {
	case c.HasPEM() && addPEM == nil:
		return nil, nil, fmt.Errorf("%sCA, %[1]sCERT and %[1]sKEY name PEM files, and this project reads only keystores; set %[1]sKEYSTORE and %[1]sTRUSTSTORE", prefix)
	case c.HasPEM():
		trusted, err := addPEM(config, c, prefix)
		if err != nil || trusted != nil {
			return config, trusted, err
		}
	}
	if trust == nil {
		return config, nil, nil
	}
	return config, trust.Trusted, nil
}

// openStore returns nil for a store that is not there by intent. Its errors
// name the variable that helps.
func openStore(path, password, keyPassword, prefix, name string) (*keystore.Store, error) {
	if path == "" {
		return nil, nil
	}
	data, err := keystore.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w (%s%s can name another file)", path, err, prefix, name)
	}
	store, err := keystore.Decode(data, password, keyPassword)
	if err == nil {
		return store, nil
	}
	variable := prefix + name + "_PASSWORD"
	if e := (*keystore.Error)(nil); errors.As(err, &e) && e.Reason == keystore.WrongKeyPassword {
		variable, password = prefix+"KEY_PASSWORD", keyPassword
	}
	if password == "" {
		return nil, fmt.Errorf("%s: %w (%s is not set)", path, err, variable)
	}
	return nil, fmt.Errorf("%s: %w (the password is that of %s)", path, err, variable)
}
