// Package registry reads and joins the ordered list of endpoints that servers
// keep in ZooKeeper, in the formats of Fuse Fabric. A Watcher follows the list
// for clients; a Registration keeps a server in it. Both connect in the
// background and stay until they are closed. Neither decides which endpoint is
// called: that is package failover's.
package registry

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"path"
	"strconv"
	"strings"
	"time"
)

// Root is the path that every Config.Path is relative to.
const Root = "/fabric/cxf/endpoints"

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

// Config says how to reach the registry, and which list is meant.
type Config struct {
	Addresses []string    // of the ZooKeeper servers: "host:port"; without a port it is 2181
	Path      string      // of the list, below Root, such as "demo/fo"
	User      string      // for digest authentication; empty where the registry is open
	Password  Secret      // of User
	TLS       *tls.Config // nil is plain TCP; without a ServerName it is the host of the address
	// MaximumConnectionTimeout bounds Wait, and an attempt on each address together; 10 s.
	MaximumConnectionTimeout time.Duration
	// ConnectionRetryTime is the pause between attempts; 100 ms.
	ConnectionRetryTime time.Duration
	// SessionTimeout is how long the registry keeps the entry of a server that it
	// no longer hears of; 10 s. ZooKeeper raises or lowers it to its own bounds.
	SessionTimeout time.Duration
	Logger         *slog.Logger // nil: slog.Default
}

// Check returns what is wrong with a configuration, or nil.
func Check(c Config) error { return c.complete() }

// complete normalises the configuration, fills in the defaults, and says what is wrong.
func (c *Config) complete() error {
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
	if err := c.completePath(); err != nil {
		return err
	}
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

// completePath puts the list's path below Root. A slash too many, which
// ZooKeeper refuses, is dropped.
func (c *Config) completePath() error {
	var parts []string
	for part := range strings.SplitSeq(c.Path, "/") {
		switch {
		case part == "":
			continue
		case part == "." || part == "..":
			return fmt.Errorf("the registry's path %q contains %q, which ZooKeeper does not know", c.Path, part)
		case strings.ContainsFunc(part, func(r rune) bool { return r < ' ' || r == 0x7f }):
			return fmt.Errorf("the registry's path %q contains a control character", c.Path)
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		return errors.New("the registry's path is empty; give that of the list below " + Root + ", such as demo/fo")
	}
	c.Path = path.Join(append([]string{Root}, parts...)...)
	return nil
}

// withPort returns an address with its port.
func withPort(address string) (string, error) {
	address = strings.TrimSpace(address)
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		host, port = strings.Trim(address, "[]"), defaultPort
		if strings.Contains(host, ":") && net.ParseIP(host) == nil {
			return "", fmt.Errorf("the registry's address %q is not host:port", address)
		}
	}
	number, err := strconv.Atoi(port)
	if err != nil || number < 1 || number > 65535 || host == "" || strings.ContainsAny(host, "/, ") {
		return "", fmt.Errorf("the registry's address %q is not host:port", address)
	}
	return net.JoinHostPort(host, port), nil
}
