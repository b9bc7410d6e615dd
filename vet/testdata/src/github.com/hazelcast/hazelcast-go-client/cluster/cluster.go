// Package cluster has the signatures of hazelcast-go-client/cluster v1.6.0 that the test data uses.
package cluster

import (
	"crypto/tls"

	"github.com/hazelcast/hazelcast-go-client/cluster/discovery"
	"github.com/hazelcast/hazelcast-go-client/types"
)

type Config struct {
	Security           SecurityConfig
	Discovery          DiscoveryConfig
	Name               string
	Cloud              CloudConfig
	Network            NetworkConfig
	ConnectionStrategy ConnectionStrategyConfig
	InvocationTimeout  types.Duration
	HeartbeatInterval  types.Duration
	HeartbeatTimeout   types.Duration
	RedoOperation      bool
	Unisocket          bool
}

type SecurityConfig struct{ Credentials CredentialsConfig }

type CredentialsConfig struct{ Username, Password string }

type DiscoveryConfig struct {
	Strategy    discovery.Strategy
	UsePublicIP bool
}

type CloudConfig struct {
	Token                  string
	Enabled                bool
	ExperimentalAPIBaseURL string
}

type NetworkConfig struct {
	SSL               SSLConfig
	Addresses         []string
	PortRange         PortRange
	ConnectionTimeout types.Duration
}

func (c *NetworkConfig) SetAddresses(addrs ...string)  {}
func (c *NetworkConfig) SetPortRange(min int, max int) {}

type PortRange struct{ Min, Max int }

type SSLConfig struct {
	ServerName string
	Enabled    bool
}

func (c *SSLConfig) SetTLSConfig(*tls.Config) {}
func (c *SSLConfig) TLSConfig() *tls.Config   { panic("stub") }
func (c *SSLConfig) SetCAPath(string) error   { panic("stub") }
func (c *SSLConfig) AddClientCertAndKeyPath(clientCertPath, clientPrivateKeyPath string) error {
	panic("stub")
}
func (c *SSLConfig) AddClientCertAndEncryptedKeyPath(certPath, privateKeyPath, password string) error {
	panic("stub")
}

type ReconnectMode int

const (
	ReconnectModeOn ReconnectMode = iota
	ReconnectModeOff
)

type ConnectionStrategyConfig struct {
	Retry         ConnectionRetryConfig
	Timeout       types.Duration
	ReconnectMode ReconnectMode
}

type ConnectionRetryConfig struct {
	InitialBackoff, MaxBackoff types.Duration
	Multiplier, Jitter         float64
}

type FailoverConfig struct {
	Configs  []Config
	TryCount int
	Enabled  bool
}

func (c *FailoverConfig) SetConfigs(configs ...Config) {}

type MembershipStateChanged struct{ State int }

type MembershipStateChangeHandler func(event MembershipStateChanged)
