// Package zookeeper runs a real ZooKeeper server as a process, for tests and
// drills. It uses what Debian's package zookeeper installs, and starts one
// server alone; it knows nothing of ensembles.
package zookeeper

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// jar is where Debian's package puts the server.
const jar = "/usr/share/java/zookeeper.jar"

// classPath adds what that jar does not name, although TLS needs it.
var classPath = []string{jar, "/usr/share/java/netty-codec.jar", "/usr/share/java/netty-resolver.jar", "/usr/share/java/slf4j-simple.jar"}

// required is the variable that turns a skipped test into a failed one.
const required = "FAILOVER_REQUIRE_ZOOKEEPER"

// Ports are random ones from here: below the range of outgoing connections, so
// that no connection takes the port of a server that is down.
const lowestPort, highestPort = 15000, 18999

// startTimeout bounds the start of a server, on a busy machine.
const startTimeout = time.Minute

// Missing says what keeps a ZooKeeper from running on this machine, or nothing.
func Missing() error {
	if _, err := exec.LookPath("java"); err != nil {
		return errors.New("there is no java; install a Java runtime, such as Debian's package default-jre-headless")
	}
	if _, err := os.Stat(jar); err != nil {
		return errors.New("there is no " + jar + "; install Debian's package zookeeper")
	}
	return nil
}

// Options change how a server runs. The zero value is a plain one.
type Options struct {
	// LongestSession is the longest session timeout that a client gets: a minute.
	LongestSession time.Duration
	// Key is a PEM file with a key and its certificates. With it the server listens
	// with TLS on Server.SecureAddr too.
	Key string
	// ClientCAs is a PEM file with authorities. With it clients need certificates.
	ClientCAs string
}

// Server is a ZooKeeper that runs as a process of its own.
type Server struct {
	Addr       string // of the plain port
	SecureAddr string // of the port with TLS; empty without

	dir   string
	cmd   *exec.Cmd
	ended chan struct{}
}

// Start starts a server whose data are in dir, and waits until it answers.
func Start(dir string, o Options) (*Server, error) {
	if err := Missing(); err != nil {
		return nil, fmt.Errorf("ZooKeeper can't run: %w", err)
	}
	s := &Server{dir: dir}
	for tries := 1; ; tries++ {
		if err := s.configure(o); err != nil {
			return nil, err
		}
		err := s.Restart()
		if err == nil {
			return s, nil
		}
		if tries == 5 || !strings.Contains(err.Error(), "Address already in use") {
			return nil, err
		}
	}
}

// configure chooses ports and writes the server's configuration.
func (s *Server) configure(o Options) error {
	port, err := freePort()
	if err != nil {
		return err
	}
	longest := cmp.Or(o.LongestSession, time.Minute)
	s.Addr = fmt.Sprintf("127.0.0.1:%d", port)
	lines := []string{
		"dataDir=" + filepath.Join(s.dir, "data"),
		"clientPortAddress=127.0.0.1", fmt.Sprintf("clientPort=%d", port),
		"admin.enableServer=false", "4lw.commands.whitelist=srvr,cons",
		"tickTime=500", "minSessionTimeout=1000", fmt.Sprintf("maxSessionTimeout=%d", longest.Milliseconds()), "maxClientCnxns=0",
	}
	if o.Key != "" {
		secure, err := freePort()
		if err != nil {
			return err
		}
		s.SecureAddr = fmt.Sprintf("127.0.0.1:%d", secure)
		lines = append(lines, "secureClientPortAddress=127.0.0.1", fmt.Sprintf("secureClientPort=%d", secure),
			"serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory",
			"ssl.keyStore.location="+o.Key, "ssl.keyStore.type=PEM", "ssl.clientAuth=none")
		if o.ClientCAs != "" {
			lines[len(lines)-1] = "ssl.clientAuth=need"
			lines = append(lines, "ssl.trustStore.location="+o.ClientCAs, "ssl.trustStore.type=PEM")
		}
	}
	return os.WriteFile(s.file("zoo.cfg"), []byte(strings.Join(lines, "\n")+"\n"), 0o600)
}

// freePort returns a port on which nothing listens now.
func freePort() (int, error) {
	var err error
	for range 100 {
		var l net.Listener
		l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", lowestPort+rand.IntN(highestPort-lowestPort+1)))
		if err == nil {
			defer l.Close()
			return l.Addr().(*net.TCPAddr).Port, nil
		}
	}
	return 0, err
}

// file returns the path of one of the server's files.
func (s *Server) file(name string) string { return filepath.Join(s.dir, name) }

// Restart starts a server that was stopped or killed, with its data and on its
// port, and waits until it answers.
func (s *Server) Restart() error {
	log, err := os.OpenFile(s.file("zookeeper.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	s.cmd = exec.Command("java", "-Xmx128m", "-Dzookeeper.forceSync=no", "-Dzookeeper.jmx.log4j.disable=true", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", strings.Join(classPath, ":"),
		"org.apache.zookeeper.server.ZooKeeperServerMain", s.file("zoo.cfg"))
	s.cmd.Stdout, s.cmd.Stderr = log, log
	if err := s.cmd.Start(); err != nil {
		return err
	}
	cmd, ended := s.cmd, make(chan struct{})
	s.ended = ended
	go func() {
		_ = cmd.Wait() // how it ended is in its log
		close(ended)
	}()
	deadline := time.After(startTimeout)
	for !answers(s.Addr) {
		select {
		case <-ended:
			return fmt.Errorf("ZooKeeper ended while it started: %s", s.lastWords())
		case <-deadline:
			s.Kill()
			return fmt.Errorf("ZooKeeper did not answer within %v: %s", startTimeout, s.lastWords())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

// answers reports whether a server serves. It accepts connections before it does.
func answers(addr string) bool {
	text, err := command(addr, "srvr")
	return err == nil && strings.Contains(text, "Mode: standalone")
}

// command returns what a server answers to one of its four-letter words.
func command(addr, word string) (string, error) {
	conn, err := net.DialTimeout("tcp", addr, time.Second)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		return "", err
	}
	if _, err := io.WriteString(conn, word); err != nil {
		return "", err
	}
	text, err := io.ReadAll(conn)
	return string(text), err
}

// sessionID is how a server names the session of a connection.
var sessionID = regexp.MustCompile(`\bsid=0x([0-9a-f]+)`)

// Sessions returns the ids of the sessions that are connected on the plain port.
func (s *Server) Sessions() ([]int64, error) {
	text, err := command(s.Addr, "cons")
	if err != nil {
		return nil, err
	}
	var ids []int64
	for _, match := range sessionID.FindAllStringSubmatch(text, -1) {
		id, err := strconv.ParseUint(match[1], 16, 64)
		if err != nil {
			return nil, err
		}
		if id != 0 { // a connection that has not opened one yet
			ids = append(ids, int64(id))
		}
	}
	return ids, nil
}

// lastWords returns the end of the server's log.
func (s *Server) lastWords() string {
	text, err := os.ReadFile(s.file("zookeeper.log"))
	if err != nil {
		return err.Error()
	}
	return string(text[max(0, len(text)-2000):])
}

// Stop asks the server to stop, and returns when it has.
func (s *Server) Stop() { s.end(syscall.SIGTERM) }

// Kill kills the server, and returns when it is dead.
func (s *Server) Kill() { s.end(syscall.SIGKILL) }

func (s *Server) end(how os.Signal) {
	_ = s.cmd.Process.Signal(how) // it may have ended by itself
	<-s.ended
}

// Expire ends a session of the server as if its client had been silent for too long.
func (s *Server) Expire(session int64) error { return expire(s.Addr, session) }

// T is what this package needs of a testing.TB.
type T interface {
	Helper()
	Skip(args ...any)
	Fatal(args ...any)
	TempDir() string
	Cleanup(func())
}

// Need skips the test where no ZooKeeper can run, or fails it there if
// FAILOVER_REQUIRE_ZOOKEEPER is set.
func Need(t T) {
	t.Helper()
	if err := Missing(); err != nil {
		if os.Getenv(required) != "" {
			t.Fatal(required+" is set, but ZooKeeper can't run:", err)
		}
		t.Skip("ZooKeeper can't run:", err)
	}
}

// ForTest starts a server that ends with the test. It skips or fails as Need does.
func ForTest(t T, o Options) *Server {
	t.Helper()
	Need(t)
	s, err := Start(t.TempDir(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Kill)
	return s
}
