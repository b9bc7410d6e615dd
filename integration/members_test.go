//go:build unix

package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/maven"
	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/logger"
)

// hazelcastJar returns the path of the server's jar, which Maven fetches once.
// Where real members are not asked for the test is skipped; where they are
// asked for and can't be had it fails.
func hazelcastJar(t *testing.T) string {
	t.Helper()
	if os.Getenv("FAILOVER_REQUIRE_JAVA") == "" {
		t.Skip("real Hazelcast members are not asked for: set FAILOVER_REQUIRE_JAVA=1; it needs Java 17 and Maven")
	}
	jar, err := maven.HazelcastJar()
	if err != nil {
		t.Fatal(err)
	}
	return jar
}

// cluster is some real members, each behind a proxy that ends TLS, since
// members of the Community edition have none, and a discovery endpoint that
// maps the members' own addresses to those of the proxies, as the cloud's does.
type cluster struct {
	t         *testing.T
	name, jar string
	dir       string
	keys      *standin.Cluster // lends its certificates; no client ever connects to it
	discovery *httptest.Server
	mu        sync.Mutex
	members   []*member
}

type member struct {
	port  int
	log   string
	cmd   *exec.Cmd     // nil while no process is meant to run
	ended chan struct{} // closed when the process of cmd has ended
	again bool          // the process is the second try
	proxy *proxy
}

// newCluster makes a cluster without members. Its name ends in the number of
// this process: members of two runs of these tests on one machine must not
// join each other where one run takes a port that the other knows.
func newCluster(t *testing.T, role, jar string) *cluster {
	t.Helper()
	name := fmt.Sprintf("%s-%d", role, os.Getpid())
	keys, err := standin.Start(standin.Options{Name: name})
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{t: t, name: name, jar: jar, dir: t.TempDir(), keys: keys}
	c.discovery = httptest.NewServer(http.HandlerFunc(c.answerDiscovery))
	t.Cleanup(func() {
		c.discovery.Close()
		for _, m := range c.members {
			m.kill()
			m.proxy.close()
		}
		keys.Stop()
		if t.Failed() {
			c.keepLogs()
		}
	})
	return c
}

func (c *cluster) answerDiscovery(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("token") != c.keys.Token() {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var nodes []map[string]string
	c.mu.Lock()
	for _, m := range c.members {
		nodes = append(nodes, map[string]string{
			"private-address": fmt.Sprintf("127.0.0.1:%d", m.port), "public-address": m.proxy.addr})
	}
	c.mu.Unlock()
	_ = json.NewEncoder(w).Encode(nodes)
}

// keepLogs copies the members' logs where a failed test says they are.
func (c *cluster) keepLogs() {
	kept, err := os.MkdirTemp("", "failover-integration-"+c.name+"-")
	if err != nil {
		return
	}
	logs, _ := filepath.Glob(filepath.Join(c.dir, "*.log"))
	for _, log := range logs {
		if data, err := os.ReadFile(log); err == nil {
			_ = os.WriteFile(filepath.Join(kept, filepath.Base(log)), data, 0o644)
		}
	}
	c.t.Logf("logs of %s are kept in %s", c.name, kept)
}

// add starts members at ports that are free, without waiting for them.
func (c *cluster) add(n int) {
	c.t.Helper()
	for range n {
		c.plan(freePort(c.t))
	}
	for _, m := range c.members {
		if m.cmd == nil {
			c.launch(m)
		}
	}
}

// plan makes a member that is not started yet.
func (c *cluster) plan(port int) {
	c.t.Helper()
	m := &member{port: port, proxy: newProxy(c.t, c.keys.ServerTLS(), port)}
	c.mu.Lock()
	c.members = append(c.members, m)
	c.mu.Unlock()
}

// launch starts a member as a JVM of its own.
func (c *cluster) launch(m *member) {
	c.t.Helper()
	var others strings.Builder
	for _, o := range c.members {
		fmt.Fprintf(&others, "<member>127.0.0.1:%d</member>", o.port)
	}
	config := fmt.Sprintf(`<hazelcast xmlns="http://www.hazelcast.com/schema/config">
  <cluster-name>%s</cluster-name>
  <properties>
    <property name="hazelcast.phone.home.enabled">false</property>
    <property name="hazelcast.socket.bind.any">false</property>
    <property name="hazelcast.shutdownhook.policy">GRACEFUL</property>
  </properties>
  <network>
    <port auto-increment="false">%d</port>
    <join><auto-detection enabled="false"/><multicast enabled="false"/><tcp-ip enabled="true">%s</tcp-ip></join>
    <interfaces enabled="true"><interface>127.0.0.1</interface></interfaces>
  </network>
</hazelcast>
`, c.name, m.port, others.String())
	path := filepath.Join(c.dir, fmt.Sprintf("member-%d.xml", m.port))
	if err := os.WriteFile(path, []byte(config), 0o644); err != nil {
		c.t.Fatal(err)
	}
	m.log = filepath.Join(c.dir, fmt.Sprintf("member-%d-%d.log", m.port, time.Now().UnixMilli()))
	log, err := os.Create(m.log)
	if err != nil {
		c.t.Fatal(err)
	}
	defer log.Close()
	m.cmd = exec.Command("java", "-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
		"-Dhazelcast.config="+path, "-cp", c.jar, "com.hazelcast.core.server.HazelcastMemberStarter")
	m.cmd.Stdout, m.cmd.Stderr = log, log
	diesWithUs(m.cmd)
	if err := m.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
	m.again = false
	m.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait() // how it ended is in its log
		close(ended)
	}(m.cmd, m.ended)
}

// launchAgain starts a member, whose process has ended by itself, once more on
// another port. Its port can have been taken after it was chosen. A member that
// had started, or that ends a second time, fails the test.
func (c *cluster) launchAgain(m *member) {
	c.t.Helper()
	data := m.logged()
	end := data[max(0, len(data)-1500):]
	if m.again || bytes.Contains(data, started) {
		c.t.Fatalf("the member of %s at port %d ended by itself; its log ends:\n%s", c.name, m.port, end)
	}
	port := freePort(c.t)
	c.t.Logf("the member of %s at port %d ended before it had started; it is started once more, at port %d; its log ends:\n%s", c.name, m.port, port, end)
	c.mu.Lock()
	m.port = port
	c.mu.Unlock()
	m.proxy.follow(port)
	c.launch(m)
	m.again = true
	for _, o := range c.members {
		// A member that looks for others waits for what is now at the old port.
		if o != m && o.cmd != nil && !bytes.Contains(o.logged(), started) {
			o.kill()
			c.launch(o)
		}
	}
}

// logged is what the member's process has logged so far.
func (m *member) logged() []byte {
	data, _ := os.ReadFile(m.log)
	return data
}

// started is in the log of a member that is up.
var started = []byte("is STARTED")

// waitSize waits until every running member has seen a cluster of n members.
// It starts those again that could not start. Members on a busy machine take
// more than a minute; one that has ended is noticed at once.
func (c *cluster) waitSize(n int) {
	c.t.Helper()
	want := fmt.Appendf(nil, "Members {size:%d,", n)
	for deadline := time.Now().Add(4 * time.Minute); ; time.Sleep(100 * time.Millisecond) {
		ready := 0
		for _, m := range c.members {
			if m.hasEnded() {
				c.launchAgain(m)
			}
			data := m.logged()
			last := data[max(0, bytes.LastIndex(data, []byte("Members {size:"))):]
			if m.cmd != nil && bytes.HasPrefix(last, want) && bytes.Contains(data, started) {
				ready++
			}
		}
		if ready == n {
			return
		}
		if time.Now().After(deadline) {
			c.t.Fatalf("%s did not become a cluster of %d members", c.name, n)
		}
	}
}

func (c *cluster) killAll() {
	for _, m := range c.members {
		_ = m.cmd.Process.Kill()
	}
	for _, m := range c.members {
		m.kill()
	}
}

func (c *cluster) relaunchAll() {
	for _, m := range c.members {
		c.launch(m)
	}
}

func (c *cluster) signalAll(s syscall.Signal) {
	for _, m := range c.members {
		_ = m.cmd.Process.Signal(s)
	}
}

// hasEnded reports whether a process that is meant to run does not.
func (m *member) hasEnded() bool {
	if m.cmd == nil {
		return false
	}
	select {
	case <-m.ended:
		return true
	default:
		return false
	}
}

// kill ends a member as kill -9 does.
func (m *member) kill() {
	if m.cmd != nil {
		_ = m.cmd.Process.Kill()
		<-m.ended
		m.cmd = nil
	}
}

// leave ends a member as kill -15 does: it hands its partitions over first.
func (m *member) leave(t *testing.T) {
	t.Helper()
	_ = m.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-m.ended:
	case <-time.After(time.Minute):
		t.Fatalf("the member at port %d did not leave within a minute of SIGTERM", m.port)
	}
	m.cmd = nil
}

// entries reads a map with a plain client, past proxies and engine.
func (c *cluster) entries(ctx context.Context, name string) map[string]string {
	c.t.Helper()
	config := hazelcast.NewConfig()
	config.Cluster.Name = c.name
	config.Logger.Level = logger.OffLevel
	for _, m := range c.members {
		if m.cmd != nil {
			config.Cluster.Network.Addresses = append(config.Cluster.Network.Addresses, fmt.Sprintf("127.0.0.1:%d", m.port))
		}
	}
	if len(config.Cluster.Network.Addresses) == 0 {
		return nil // a cluster without members holds nothing
	}
	client, err := hazelcast.StartNewClientWithConfig(ctx, config)
	if err != nil {
		c.t.Fatal(err)
	}
	defer client.Shutdown(ctx)
	m, err := client.GetMap(ctx, name)
	if err != nil {
		c.t.Fatal(err)
	}
	list, err := m.GetEntrySet(ctx)
	if err != nil {
		c.t.Fatal(err)
	}
	entries := make(map[string]string, len(list))
	for _, e := range list {
		entries[e.Key.(string)] = e.Value.(string)
	}
	return entries
}
