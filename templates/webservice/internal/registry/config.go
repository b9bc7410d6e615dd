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
	"path"
	"time"

	"github.com/failover-gen/failover-gen/templates/zksession"
)

// Root is the path that every Config.Path is relative to.
const Root = "/fabric/cxf/endpoints"

// Secret is text that printing and encoding do not show.
type Secret = zksession.Secret

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
	z := c.connection()
	if err := z.Complete(); err != nil {
		return err
	}
	c.Addresses, c.Logger = z.Addresses, z.Logger
	c.MaximumConnectionTimeout, c.ConnectionRetryTime, c.SessionTimeout = z.MaximumConnectionTimeout, z.ConnectionRetryTime, z.SessionTimeout
	return c.completePath()
}

// connection is how the registry is reached.
func (c *Config) connection() *zksession.Config {
	return &zksession.Config{
		Addresses: c.Addresses, User: c.User, Password: c.Password, TLS: c.TLS,
		MaximumConnectionTimeout: c.MaximumConnectionTimeout, ConnectionRetryTime: c.ConnectionRetryTime,
		SessionTimeout: c.SessionTimeout, Logger: c.Logger,
	}
}

// completePath puts the list's path below Root.
func (c *Config) completePath() error {
	parts, err := zksession.Parts(c.Path)
	if err != nil {
		return fmt.Errorf("the registry's path %q %w", c.Path, err)
	}
	if len(parts) == 0 {
		return errors.New("the registry's path is empty; give that of the list below " + Root + ", such as demo/fo")
	}
	c.Path = path.Join(append([]string{Root}, parts...)...)
	return nil
}
