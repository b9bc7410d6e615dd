// Package fleet keeps in ZooKeeper what the processes of one service agree on: the pin,
// which is the name of the cluster that all of them are to use, and for each process
// which cluster it uses. A Member is a process: it follows the pin and tells of itself.
// An Operator sets the pin and reads what the members tell. Neither moves a client.
//
// Below the path of a service there are two nodes:
//
//	pin              the name of a cluster as plain text; empty, "none" or absent for no pin
//	active/PROCESS   ephemeral: a Report as JSON
package fleet

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/failover-gen/failover-gen/templates/zksession"
)

// Root is where the path of a service is unless it is given.
const Root = "/failover-gen"

// None is what stands for no pin.
const None = "none"

// maxData is how long the data of a node may be, in bytes.
const maxData = 4096

// Config says how the registry is reached, and which service is meant.
type Config struct {
	zksession.Config
	Path string // of the service, such as /failover-gen/orders
}

// Completed returns a configuration with its defaults, or what is wrong with it.
func Completed(c Config) (Config, error) {
	err := c.complete()
	return c, err
}

// complete normalises the configuration, fills in the defaults, and says what is wrong.
func (c *Config) complete() error {
	if err := c.Complete(); err != nil {
		return err
	}
	parts, err := zksession.Parts(c.Path)
	if err != nil {
		return fmt.Errorf("the path %q in the registry %w; correct it", c.Path, err)
	}
	if len(parts) == 0 {
		return errors.New("the path in the registry is empty; give one such as " + Root + "/orders")
	}
	c.Path = "/" + path.Join(parts...)
	return nil
}

func (c *Config) pinPath() string    { return c.Path + "/pin" }
func (c *Config) activePath() string { return c.Path + "/active" }

// reportVersion is that of the format of Report.
const reportVersion = 1

// Report is what a process tells of itself.
type Report struct {
	Version int       `json:"version"`
	Process string    `json:"process"` // the name of its node: host, process id, and a random part
	Host    string    `json:"host"`
	PID     int       `json:"pid"`
	Cluster string    `json:"cluster"` // the active one; empty while none is
	Since   time.Time `json:"since"`   // when the process began to use it, or lost the one before
}

func (r Report) marshal() []byte {
	data, _ := json.Marshal(r) // cannot fail: it holds texts and a time
	return data
}

// parseReport reads a report of this version, or of a later one that adds to it.
func parseReport(process string, data []byte) (r Report, err error) {
	if len(data) > maxData {
		return r, errors.New("it is too long")
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return r, fmt.Errorf("it is not JSON: %w", err)
	}
	if r.Version < reportVersion {
		return r, errors.New("its JSON has no version")
	}
	r.Process = process
	return r, nil
}

// parsePin returns the cluster that the data of the node name, "" for none.
func parsePin(data []byte) (string, error) {
	text := strings.TrimSpace(string(data))
	if len(data) > maxData || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", errors.New("it must hold the name of one cluster, or " + None)
	}
	if text == None {
		return "", nil
	}
	return text, nil
}

// hostname is the name of this machine.
func hostname() string {
	if host, err := os.Hostname(); err == nil {
		return host
	}
	return "unknown"
}

// makeNodes makes a node without data, and those above it, where they do not exist.
func (c *Config) makeNodes(s *zksession.Session, node string) error {
	for end := 1; end <= len(node); end++ {
		if end < len(node) && node[end] != '/' {
			continue
		}
		above := node[:end]
		exists, _, err := s.Conn.Exists(above)
		if err == nil && !exists {
			_, err = s.Conn.Create(above, nil, 0, c.ACL())
		}
		if err != nil && !errors.Is(err, zk.ErrNodeExists) {
			return c.explain("make", above, err)
		}
	}
	return nil
}

// explain adds to what a server refused who was refused.
func (c *Config) explain(verb, node string, err error) error {
	if err == nil || zksession.ConnectionLost(err) {
		return err
	}
	return c.Refusal(verb, node, err)
}
