// Package zksession keeps sessions with ZooKeeper, on go-zookeeper/zk, whose faults it
// works around. It knows how a registry is reached, and nothing of what is in it.
package zksession

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"
)

// defaultPort is where a ZooKeeper listens unless its configuration says otherwise.
const defaultPort = "2181"

// Secret is text that printing and encoding do not show. Only fmt's verbs on a
// struct that holds it in an unexported field get past that.
type Secret string

// String hides the secret.
func (Secret) String() string { return "(secret)" }

// GoString hides the secret from %#v.
func (Secret) GoString() string { return "(secret)" }

// MarshalText hides the secret from encoders.
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// Config says how to reach the registry.
type Config struct {
	Addresses []string    // of the ZooKeeper servers: "host:port"; without a port it is 2181
	User      string      // for digest authentication; empty where the registry is open
	Password  Secret      // of User
	TLS       *tls.Config // nil is plain TCP; without a ServerName it is the host of the address
	// MaximumConnectionTimeout bounds an attempt on each address together; 10 s.
	MaximumConnectionTimeout time.Duration
	// ConnectionRetryTime is the pause between attempts; 100 ms.
	ConnectionRetryTime time.Duration
	// SessionTimeout is how long the registry keeps what belongs to a client that it
	// no longer hears of; 10 s. ZooKeeper raises or lowers it to its own bounds.
	SessionTimeout time.Duration
	Logger         *slog.Logger // nil: slog.Default
}

// Complete normalises the configuration, fills in the defaults, and says what is wrong.
func (c *Config) Complete() error {
	if len(c.Addresses) == 0 {
		return errors.New("the registry has no address; give that of a ZooKeeper server, such as localhost:2181")
	}
	addresses := make([]string, len(c.Addresses))
	for i, address := range c.Addresses {
		var err error
		if addresses[i], err = withPort(address); err != nil {
			return err
		}
	}
	c.Addresses = addresses
	switch {
	case c.Password != "" && c.User == "":
		return errors.New("the registry has a password but no user; set FAILOVER_REGISTRY_USER too")
	case strings.Contains(c.User, ":"):
		return fmt.Errorf("the registry's user %q contains a colon, which digest authentication does not allow", c.User)
	}
	for _, value := range []struct {
		name     string
		duration *time.Duration
		byItself time.Duration
	}{
		{"maximum connection timeout", &c.MaximumConnectionTimeout, 10 * time.Second},
		{"connection retry time", &c.ConnectionRetryTime, 100 * time.Millisecond},
		{"session timeout", &c.SessionTimeout, 10 * time.Second},
	} {
		switch {
		case *value.duration < 0:
			return fmt.Errorf("the registry's %s is negative: %v", value.name, *value.duration)
		case *value.duration == 0:
			*value.duration = value.byItself
		}
	}
	if c.Logger == nil {
		c.Logger = slog.Default()
	}
	return nil
}

// ACL lets those who log in like us change what we make, and others read it only
// where the registry is open. It is what Fabric's servers set.
func (c *Config) ACL() []zk.ACL {
	if c.User != "" {
		return zk.AuthACL(zk.PermAll)
	}
	return zk.WorldACL(zk.PermAll)
}

// LongestPause is where the pause after a refusal, which a retry is unlikely to
// change, stops growing.
const LongestPause = 10 * time.Second

// Parts returns the parts of a path in the registry. A slash too many, which
// ZooKeeper refuses, is dropped. The error says what the path contains that it must not.
func Parts(path string) (parts []string, err error) {
	for part := range strings.SplitSeq(path, "/") {
		switch {
		case part == "":
			continue
		case part == "." || part == "..":
			return nil, fmt.Errorf("contains %q, which ZooKeeper does not know", part)
		case strings.ContainsFunc(part, func(r rune) bool { return r < ' ' || r == 0x7f }):
			return nil, errors.New("contains a control character")
		}
		parts = append(parts, part)
	}
	return parts, nil
}

// withPort returns an address with its port.
func withPort(address string) (string, error) {
	address = strings.TrimSpace(address)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = strings.Trim(address, "[]"), defaultPort
		if strings.Contains(host, ":") && net.ParseIP(host) == nil {
			return "", fmt.Errorf("the registry's address %q is not host:port; correct it", address)
		}
	}
	number, err := strconv.Atoi(port)
	if err != nil || number < 1 || number > 65535 || host == "" || strings.ContainsAny(host, "/, ") {
		return "", fmt.Errorf("the registry's address %q is not host:port; correct it", address)
	}
	return net.JoinHostPort(host, port), nil
}

// TLS returns the configuration that PEM files make: ca holds the authorities to trust,
// "" for those of the system; cert and key are shown to the registry, "" for none. The
// errors name the variables FAILOVER_REGISTRY_CA, _CERT and _KEY.
func TLS(ca, cert, key string) (*tls.Config, error) {
	config := &tls.Config{MinVersion: tls.VersionTLS12}
	var faults []error
	if ca != "" {
		pem, err := os.ReadFile(ca)
		config.RootCAs = x509.NewCertPool()
		if err == nil && !config.RootCAs.AppendCertsFromPEM(pem) {
			err = fmt.Errorf("%s holds no certificate", ca)
		}
		if err != nil {
			faults = append(faults, fmt.Errorf("FAILOVER_REGISTRY_CA: %w; name a PEM file with the certificates of the authorities to trust", err))
		}
	}
	if cert != "" {
		pair, err := tls.LoadX509KeyPair(cert, key)
		if err != nil {
			faults = append(faults, fmt.Errorf("FAILOVER_REGISTRY_CERT and FAILOVER_REGISTRY_KEY: %w; name PEM files with a certificate and its key", err))
		}
		config.Certificates = []tls.Certificate{pair}
	}
	return config, errors.Join(faults...)
}
