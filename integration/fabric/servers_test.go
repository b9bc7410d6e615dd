package fabric

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
)

// server is one server of the documented example, a process of its own.
type server struct {
	url, ledger string // the file of the ids that it has applied
	process     *process
	start       func(s *server) *process
}

// launch starts the server, also after it was killed, and waits until it serves.
func (s *server) launch() {
	s.process = s.start(s)
	s.process.waitFor("serving " + s.url)
}

// javaServer makes a JAX-WS server on Apache CXF. With a registry it is a Fabric
// server: the FabricFailOverFeature registers it.
func javaServer(t *testing.T, url string, z *zooKeeper) *server {
	t.Helper()
	return &server{url: url, ledger: filepath.Join(t.TempDir(), "applied"), start: func(s *server) *process {
		args := []string{s.url, s.ledger}
		if z != nil {
			args = append(args, z.address, fabricPath)
		}
		options := []string{fmt.Sprintf("-Dcurator-default-session-timeout=%d", sessionTimeout.Milliseconds())}
		return startJava(t, "the server of "+s.url, options, "com.example.failover.Server", args...)
	}}
}

// goServer makes a server that our registrar keeps in the list.
func goServer(t *testing.T, url string, z *zooKeeper) *server {
	t.Helper()
	program := goPart(t, "fabric-server")
	return &server{url: url, ledger: filepath.Join(t.TempDir(), "applied"), start: func(s *server) *process {
		return start(t, "the server of "+s.url, exec.Command(program, s.url, s.ledger, z.address, fabricPath, sessionTimeout.String()))
	}}
}
