package fabric

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
)

// fabricPath is that of the documented example; root is where Fabric keeps it.
const (
	fabricPath = "demo/fo"
	root       = "/fabric/cxf/endpoints/" + fabricPath
)

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
	conn, _, err := zk.Connect([]string{z.address}, 10*time.Second, zk.WithLogInfo(false), zk.WithLogger(silent{}))
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
	z.process.await("it answers", func() bool { return serves(z.address) })
}

// serves reports whether a ZooKeeper answers; it accepts connections before it does.
func serves(address string) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(2 * time.Second)) // without it the read waits longer, no more
	if _, err := c.Write([]byte("srvr")); err != nil {
		return false
	}
	answer, _ := io.ReadAll(c)
	return strings.Contains(string(answer), "Mode: standalone")
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
	z.process.await(fmt.Sprintf("it lists %q", urls), func() bool {
		var err error
		if list, err = z.entries(); err != nil {
			return false // what was not made yet, or is being removed
		}
		var listed []string
		for _, e := range list {
			listed = append(listed, e.services...)
		}
		return slices.Equal(listed, urls)
	})
	return list
}
