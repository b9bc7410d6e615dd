package fabric

import (
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Entries of Java servers stand for this long after the server was killed.
const sessionTimeout = 3 * time.Second

// server is one server of the documented example, a process of its own.
type server struct {
	url     string
	ledger  string // the file of the ids that it has applied; only Java servers keep one
	process *process
	start   func() *process
}

// launch starts the server, also after it was killed, and waits until it serves.
func (s *server) launch(t *testing.T) {
	t.Helper()
	s.process = s.start()
	u, err := url.Parse(s.url)
	if err != nil {
		t.Fatal(err)
	}
	s.process.await("it listens", func() bool { return isTaken(u.Host) })
}

// javaServer makes a JAX-WS server on Apache CXF. With a registry it is a Fabric
// server: the FabricFailOverFeature registers it.
func javaServer(t *testing.T, url string, z *zooKeeper) *server {
	t.Helper()
	ledger := filepath.Join(t.TempDir(), "applied")
	args := []string{url, ledger}
	if z != nil {
		args = append(args, z.address, fabricPath)
	}
	session := fmt.Sprintf("-Dcurator-default-session-timeout=%d", sessionTimeout.Milliseconds())
	return &server{url: url, ledger: ledger, start: func() *process {
		return startJava(t, "the server of "+url, []string{session}, "com.example.failover.Server", args...)
	}}
}

// goServer makes the server of the generated project. Our registrar keeps it in
// the list.
func goServer(t *testing.T, address string, z *zooKeeper) *server {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	program := goPart(t, "server")
	return &server{url: address, start: func() *process {
		cmd := exec.Command(program, "-listen", u.Host)
		cmd.Env = append(os.Environ(), "FAILOVER_REGISTRY_ADDRESSES="+z.address, "FAILOVER_REGISTRY_PATH="+fabricPath)
		return start(t, "the server of "+address, cmd)
	}}
}
