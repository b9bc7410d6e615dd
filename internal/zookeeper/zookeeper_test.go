package zookeeper

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
)

// quiet drops what the client logs.
type quiet struct{}

func (quiet) Printf(string, ...any) {}

// connect opens a session of a client that tests may use.
func connect(t *testing.T, addr string) *zk.Conn {
	t.Helper()
	conn, events, err := zk.Connect([]string{addr}, 10*time.Second, zk.WithLogger(quiet{}))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(conn.Close)
	for e := range events {
		if e.State == zk.StateHasSession {
			return conn
		}
	}
	t.Fatal("the client was closed")
	return nil
}

func TestDataOutliveARestart(t *testing.T) {
	s := ForTest(t, Options{})
	conn := connect(t, s.Addr)
	if _, err := conn.Create("/kept", []byte("data"), 0, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	for name, stop := range map[string]func(){"stopped": s.Stop, "killed": s.Kill} {
		stop()
		if _, err := net.DialTimeout("tcp", s.Addr, time.Second); err == nil {
			t.Errorf("%s: something still listens on %s", name, s.Addr)
		}
		if err := s.Restart(); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if data, _, err := conn.Get("/kept"); string(data) != "data" {
			t.Errorf("%s: the node holds %q, %v", name, data, err)
		}
	}
}

func TestAnExpiredSessionIsGone(t *testing.T) {
	s := ForTest(t, Options{})
	conn, other := connect(t, s.Addr), connect(t, s.Addr)
	if _, err := conn.Create("/mine", nil, zk.FlagEphemeral, zk.WorldACL(zk.PermAll)); err != nil {
		t.Fatal(err)
	}
	if ids, err := s.Sessions(); err != nil || !slices.Contains(ids, conn.SessionID()) || !slices.Contains(ids, other.SessionID()) {
		t.Errorf("the sessions are %x, %v; want %x and %x", ids, err, conn.SessionID(), other.SessionID())
	}
	if err := s.Expire(conn.SessionID()); err != nil {
		t.Fatal(err)
	}
	if exists, _, err := other.Exists("/mine"); exists || err != nil {
		t.Errorf("the session's node exists: %v, %v", exists, err)
	}
	if err := s.Expire(conn.SessionID()); err == nil || !strings.Contains(err.Error(), "does not know the session") {
		t.Errorf("a session that is gone was expired again: %v", err)
	}
}

func TestAServerThatCannotStartSaysWhy(t *testing.T) {
	if err := Missing(); err != nil {
		t.Skip("ZooKeeper can't run:", err)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "data"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Start(dir, Options{}); err == nil || !strings.Contains(err.Error(), "datadir") {
		t.Errorf("started with a file in place of its data, or with another cause: %v", err)
	}
}
