package fabric

import (
	"encoding/json"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
)

// fabricPath is that of the documented example; root is where Fabric keeps it.
const (
	fabricPath = "demo/fo"
	root       = "/fabric/cxf/endpoints/" + fabricPath
)

// Entries stand for this long after their server was killed. ZooKeeper looks
// for expired sessions once a tick.
const sessionTimeout = 3 * time.Second

// zooKeeper is a stand-alone registry: ZooKeeper 3.4.6, which Fabric embeds.
type zooKeeper struct {
	t       *testing.T
	process *process
	config  string
	address string
	conn    *zk.Conn // sees what the registry holds, past all readers of ours
}

// startZooKeeper starts a registry, and waits until it answers.
func startZooKeeper(t *testing.T) *zooKeeper {
	t.Helper()
	dir, port := t.TempDir(), freePort(t)
	z := &zooKeeper{t: t, config: filepath.Join(dir, "zoo.cfg"), address: fmt.Sprintf("127.0.0.1:%d", port)}
	config := fmt.Sprintf("tickTime=500\nminSessionTimeout=1000\nmaxSessionTimeout=60000\ndataDir=%s\nclientPortAddress=127.0.0.1\nclientPort=%d\n",
		filepath.Join(dir, "data"), port)
	if err := os.WriteFile(z.config, []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	z.start()
	conn, _, err := zk.Connect([]string{z.address}, sessionTimeout, zk.WithLogInfo(false), zk.WithLogger(silent{}))
	if err != nil {
		t.Fatal(err)
	}
	z.conn = conn
	t.Cleanup(conn.Close)
	return z
}

type silent struct{}

func (silent) Printf(string, ...any) {}

// start starts the server's process. What it has stored is there again.
func (z *zooKeeper) start() {
	z.t.Helper()
	z.process = startJava(z.t, "ZooKeeper", []string{"-Dzookeeper.jmx.log4j.disable=true"},
		"org.apache.zookeeper.server.quorum.QuorumPeerMain", z.config)
	eventually(z.t, "ZooKeeper answers", 2*time.Minute, func() error {
		if len(askZooKeeper(z.address, "srvr")) > 0 {
			return nil
		}
		select {
		case <-z.process.ended:
			z.t.Fatal("ZooKeeper ended by itself")
		default:
		}
		return fmt.Errorf("%s is silent", z.address)
	})
}

// askZooKeeper sends a four-letter command, and returns what is answered.
func askZooKeeper(address, command string) []byte {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return nil
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(2 * time.Second))
	_, _ = c.Write([]byte(command))
	answer := make([]byte, 4096)
	n, _ := c.Read(answer)
	return answer[:n]
}

// entry is an entry of the list as it is stored.
type entry struct {
	name, data string
	services   []string
}

// entries returns the entries of the list in order.
func (z *zooKeeper) entries() ([]entry, error) {
	names, _, err := z.conn.Children(root)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var list []entry
	for _, name := range names {
		data, _, err := z.conn.Get(root + "/" + name)
		if err == zk.ErrNoNode {
			continue
		}
		if err != nil {
			return nil, err
		}
		var state struct{ Services []string }
		if err := json.Unmarshal(data, &state); err != nil {
			return nil, fmt.Errorf("entry %s holds %q: %w", name, data, err)
		}
		list = append(list, entry{name, string(data), state.Services})
	}
	return list, nil
}

// waitForList waits until these are the URLs of the list.
func (z *zooKeeper) waitForList(urls ...string) []entry {
	z.t.Helper()
	var list []entry
	eventually(z.t, fmt.Sprintf("the registry lists %q", urls), time.Minute, func() (err error) {
		if list, err = z.entries(); err != nil {
			return err
		}
		var listed []string
		for _, e := range list {
			listed = append(listed, e.services...)
		}
		if !slices.Equal(listed, urls) {
			return fmt.Errorf("it lists %q", listed)
		}
		return nil
	})
	return list
}
