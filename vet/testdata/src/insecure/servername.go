package insecure

import (
	"context"
	"crypto/tls"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/cluster"
)

// Bad: no handshake can succeed, and the client tells only of a deadline.
func noName(ctx context.Context) (*hazelcast.Client, error) {
	config := hazelcast.NewConfig()
	config.Cluster.Network.SetAddresses("hz.example.com:5701")
	config.Cluster.Network.SSL.Enabled = true // want `TLS is on and no ServerName is set: a TLS handshake without a ServerName fails`
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

// Bad: the same through a pointer, and in a literal.
func noNameThroughPointer(ctx context.Context) (*hazelcast.Client, error) {
	var config hazelcast.Config
	ssl := &config.Cluster.Network.SSL
	ssl.Enabled = true // want `TLS is on and no ServerName is set`
	if err := ssl.SetCAPath("ca.pem"); err != nil {
		return nil, err
	}
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

func noNameInLiteral(ctx context.Context) (*hazelcast.Client, error) {
	return hazelcast.StartNewClientWithConfig(ctx, hazelcast.Config{Cluster: cluster.Config{
		Network: cluster.NetworkConfig{SSL: cluster.SSLConfig{Enabled: true}}, // want `TLS is on and no ServerName is set`
	}})
}

// Bad: SetTLSConfig takes no notice of the name beside it.
func nameBesideTLSConfig(ctx context.Context) (*hazelcast.Client, error) {
	config := hazelcast.NewConfig()
	ssl := &config.Cluster.Network.SSL
	ssl.Enabled = true
	ssl.ServerName = "hz.example.com"
	own := &tls.Config{MinVersion: tls.VersionTLS12}
	ssl.SetTLSConfig(own) // want `this TLS configuration has no ServerName, and SetTLSConfig takes no notice of Network.SSL.ServerName`
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

// Bad: the authority's file has made the TLS configuration before the name came.
func nameTooLate(ctx context.Context) (*hazelcast.Client, error) {
	config := hazelcast.NewConfig()
	ssl := &config.Cluster.Network.SSL
	ssl.Enabled = true
	if err := ssl.SetCAPath("ca.pem"); err != nil {
		return nil, err
	}
	ssl.ServerName = "hz.example.com" // want `ServerName is set after SetCAPath, by which hazelcast-go-client v1.6.0 has made its TLS configuration`
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

// Bad, but not to be moved: the value may depend on what happens before.
func computedNameTooLate(ctx context.Context, nameOf func() string) (*hazelcast.Client, error) {
	config := hazelcast.NewConfig()
	config.Cluster.Network.SSL.Enabled = true
	if err := config.Cluster.Network.SSL.AddClientCertAndKeyPath("cert.pem", "key.pem"); err != nil {
		return nil, err
	}
	config.Cluster.Network.SSL.ServerName = nameOf() // want `ServerName is set after AddClientCertAndKeyPath`
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

// Good: the name first.
func nameFirst(ctx context.Context) (*hazelcast.Client, error) {
	config := hazelcast.NewConfig()
	ssl := &config.Cluster.Network.SSL
	ssl.Enabled = true
	ssl.ServerName = "hz.example.com"
	if err := ssl.SetCAPath("ca.pem"); err != nil {
		return nil, err
	}
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

// Silent: with Cloud.Enabled the client has a name of its own.
func cloudHasName(ctx context.Context, token string) (*hazelcast.Client, error) {
	config := hazelcast.NewConfig()
	config.Cluster.Cloud.Enabled = true
	config.Cluster.Cloud.Token = token
	config.Cluster.Network.SSL.Enabled = true
	return hazelcast.StartNewClientWithConfig(ctx, config)
}

// Silent: the caller may set the name.
func nameFromElsewhere(config *hazelcast.Config) {
	config.Cluster.Network.SSL.Enabled = true
}

func nameFromCaller() hazelcast.Config {
	config := hazelcast.NewConfig()
	config.Cluster.Network.SSL.Enabled = true
	return config
}

func nameFromHelper(ctx context.Context) (*hazelcast.Client, error) {
	config := hazelcast.NewConfig()
	config.Cluster.Network.SSL.Enabled = true
	nameFromElsewhere(&config)
	return hazelcast.StartNewClientWithConfig(ctx, config)
}
