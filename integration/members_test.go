package integration

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net"
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

	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/logger"
)

// hazelcastVersion is the newest 5.x of the Community edition when this was written.
const hazelcastVersion = "5.7.0"

// hazelcastJar returns the path of the server's jar, which Maven fetches once.
// Where real members are not asked for the test is skipped; where they are
// asked for and can't be had it fails.
func hazelcastJar(t *testing.T) string {
	t.Helper()
	if os.Getenv("FAILOVER_REQUIRE_JAVA") == "" {
		t.Skip("real Hazelcast members are not asked for: set FAILOVER_REQUIRE_JAVA=1; it needs Java 17 and Maven")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		t.Fatal(err)
	}
	jar := filepath.Join(home, ".m2/repository/com/hazelcast/hazelcast", hazelcastVersion, "hazelcast-"+hazelcastVersion+".jar")
	if _, err := os.Stat(jar); err == nil {
		return jar
	}
	out, err := exec.Command("mvn", "-q", "-B", "dependency:get", "-Dtransitive=false",
		"-Dartifact=com.hazelcast:hazelcast:"+hazelcastVersion).CombinedOutput()
	if err != nil {
		t.Fatalf("Maven could not fetch Hazelcast %s: %v\n%s", hazelcastVersion, err, out)
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
	cmd   *exec.Cmd
	proxy *proxy
}

func newCluster(t *testing.T, name, jar string) *cluster {
	t.Helper()
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
	for _, m := range c.members {
		if data, err := os.ReadFile(m.log); err == nil {
			_ = os.WriteFile(filepath.Join(kept, filepath.Base(m.log)), data, 0o644)
		}
	}
	c.t.Logf("logs of %s are kept in %s", c.name, kept)
}

// add starts members at ports that are free, without waiting for them.
func (c *cluster) add(n int) {
	c.t.Helper()
	for range n {
		port := freePort(c.t)
		m := &member{port: port, proxy: newProxy(c.t, c.keys.ServerTLS(), port)}
		c.mu.Lock()
		c.members = append(c.members, m)
		c.mu.Unlock()
	}
	for _, m := range c.members {
		if m.cmd == nil {
			c.launch(m)
		}
	}
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
	m.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := m.cmd.Start(); err != nil {
		c.t.Fatal(err)
	}
}

// waitSize waits until every running member has seen a cluster of n members.
func (c *cluster) waitSize(n int) {
	c.t.Helper()
	want := []byte(fmt.Sprintf("Members {size:%d,", n))
	for deadline := time.Now().Add(90 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		ready := 0
		for _, m := range c.members {
			data, _ := os.ReadFile(m.log)
			last := data[max(0, bytes.LastIndex(data, []byte("Members {size:"))):]
			if m.cmd != nil && bytes.HasPrefix(last, want) && bytes.Contains(data, []byte("is STARTED")) {
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

// kill ends a member as kill -9 does.
func (m *member) kill() {
	if m.cmd != nil {
		_ = m.cmd.Process.Kill()
		_ = m.cmd.Wait()
		m.cmd = nil
	}
}

// leave ends a member as kill -15 does: it hands its partitions over first.
func (m *member) leave(t *testing.T) {
	t.Helper()
	_ = m.cmd.Process.Signal(syscall.SIGTERM)
	_ = m.cmd.Wait()
	m.cmd = nil
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// proxy ends TLS, asking for a client certificate, and passes bytes on to a
// member. Down makes its address refuse, as that of a dead member does.
type proxy struct {
	config   *tls.Config
	addr     string
	port     int
	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]bool
	hold     chan struct{} // nil, or closed when a blackhole ends
	done     sync.WaitGroup
}

func newProxy(t *testing.T, config *tls.Config, port int) *proxy {
	t.Helper()
	p := &proxy{config: config, addr: fmt.Sprintf("127.0.0.1:%d", freePort(t)), port: port, conns: make(map[net.Conn]bool)}
	p.up(t)
	return p
}

func (p *proxy) up(t *testing.T) {
	t.Helper()
	l, err := tls.Listen("tcp", p.addr, p.config)
	if err != nil {
		t.Fatal(err)
	}
	p.mu.Lock()
	p.listener = l
	p.mu.Unlock()
	p.done.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			p.done.Go(func() { p.pass(conn) })
		}
	})
}

func (p *proxy) down() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.listener.Close()
	for conn := range p.conns {
		_ = conn.Close()
	}
}

func (p *proxy) pass(client net.Conn) {
	defer client.Close()
	p.wait()
	server, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p.port))
	if err != nil {
		return
	}
	defer server.Close()
	p.mu.Lock()
	p.conns[client], p.conns[server] = true, true
	p.mu.Unlock()
	var both sync.WaitGroup
	both.Go(func() { p.copy(server, client) })
	both.Go(func() { p.copy(client, server) })
	both.Wait()
	p.mu.Lock()
	delete(p.conns, client)
	delete(p.conns, server)
	p.mu.Unlock()
}

func (p *proxy) copy(to, from net.Conn) {
	defer to.Close()
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		p.wait()
		if n > 0 {
			if _, err := to.Write(buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// blackhole keeps every byte, in both directions, until release.
func (p *proxy) blackhole() {
	p.mu.Lock()
	p.hold = make(chan struct{})
	p.mu.Unlock()
}

func (p *proxy) release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.hold != nil {
		close(p.hold)
		p.hold = nil
	}
}

func (p *proxy) wait() {
	p.mu.Lock()
	hold := p.hold
	p.mu.Unlock()
	if hold != nil {
		<-hold
	}
}

func (p *proxy) close() {
	p.release()
	p.down()
	p.done.Wait()
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
