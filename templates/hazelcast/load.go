package main

import (
	"crypto/tls"
	"errors"
	"fmt"

	"github.com/failover-gen/failover-gen/keystore"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/settings"
)

// load reads the settings from what was compiled in, .env and the environment,
// and makes the ordered list of clusters from them, their keystores opened.
func load() (*settings.Settings, []failover.Cluster, error) {
	given, err := settings.Load(settings.Home(), compiled)
	if err != nil {
		return nil, nil, err
	}
	var list []failover.Cluster
	for i, s := range given.Clusters {
		config, err := tlsConfig(s, fmt.Sprintf("FAILOVER_%d_", i+1), given.Home)
		if err != nil {
			return nil, nil, fmt.Errorf("cluster %d (%s): %w", i+1, s.Name, err)
		}
		list = append(list, failover.Cluster{
			Name: s.Name, Addresses: s.Addresses, DiscoveryURL: s.DiscoveryURL, Token: failover.Secret(s.Token),
			Username: s.Username, Password: failover.Secret(s.Password), TLS: config,
		})
	}
	return given, list, nil
}

// tlsConfig is nil for a cluster without stores: plain TCP.
func tlsConfig(s settings.Cluster, prefix, home string) (*tls.Config, error) {
	if s.Keystore == "" && s.Truststore == "" {
		return nil, nil
	}
	key, err := openStore(s.Keystore, s.KeystorePassword, s.KeyPassword, prefix, "KEYSTORE", home)
	if err != nil {
		return nil, err
	}
	trust, err := openStore(s.Truststore, s.TruststorePassword, "", prefix, "TRUSTSTORE", home)
	if err != nil {
		return nil, err
	}
	config, err := keystore.TLSConfig(key, trust, s.Alias, s.ServerName)
	if err != nil {
		return nil, fmt.Errorf("%s with %s: %w", s.Keystore, s.Truststore, err)
	}
	return config, nil
}

// openStore returns nil for a store that is not there by intent. Its errors
// name the variable that helps.
func openStore(path, password, keyPassword, prefix, name, home string) (*keystore.Store, error) {
	if path == "" {
		return nil, nil
	}
	data, err := keystore.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("%s: %w (%s%s names another file, FAILOVER_HOME another folder than %s)", path, err, prefix, name, home)
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
