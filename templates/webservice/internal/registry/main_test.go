package registry

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"
	"go.uber.org/goleak"

	"github.com/failover-gen/failover-gen/internal/zookeeper"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
)

// patience is how long tests wait for what must happen, on a busy machine.
const patience = 20 * time.Second

// one is the ZooKeeper of all tests that do not stop it. Each has a list of its own,
// so that those that wait much can wait at the same time.
var one struct {
	sync.Once
	server *zookeeper.Server
	dir    string
	err    error
}

func TestMain(m *testing.M) {
	code := m.Run()
	if one.server != nil {
		one.server.Kill()
	}
	if one.dir != "" {
		os.RemoveAll(one.dir)
	}
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// shared returns the ZooKeeper of all tests, or skips the test without one.
func shared(t testing.TB) *zookeeper.Server {
	t.Helper()
	zookeeper.Need(t)
	one.Do(func() {
		if one.dir, one.err = os.MkdirTemp("", "registry"); one.err == nil {
			one.server, one.err = zookeeper.Start(one.dir, zookeeper.Options{})
		}
	})
	if one.err != nil {
		t.Fatal(one.err)
	}
	return one.server
}

// lists counts the lists of tests, so that each has one of its own.
var lists atomic.Int64

// configured returns how to reach a server for the list of a test.
func configured(t testing.TB, addr string) (Config, *logged) {
	t.Helper()
	log := &logged{}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log:\n%s", log)
		}
	})
	return Config{
		Addresses: []string{addr}, Path: fmt.Sprintf("tests/%d/%s", lists.Add(1), t.Name()), SessionTimeout: 6 * time.Second,
		MaximumConnectionTimeout: patience, Logger: loggerTo(log),
	}, log
}

// logged keeps a log.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// watch follows the list of a test until it ends.
func watch(t testing.TB, c Config) *Watcher {
	t.Helper()
	w, err := Watch(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.Close() })
	return w
}

// register keeps URLs in the list of a test until it ends.
func register(t testing.TB, c Config, urls ...string) *Registration {
	t.Helper()
	r, err := Register(c, "cxf", urls...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { r.Close(t.Context()) })
	if err := r.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	return r
}

// shows waits until the list has these URLs, in this order.
func shows(t testing.TB, w *Watcher, urls ...string) []failover.Endpoint {
	t.Helper()
	deadline := time.After(patience)
	for {
		list, changed := w.Current()
		if got, want := strings.Join(urlsOf(list), " "), strings.Join(urls, " "); list != nil && got == want {
			return list
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("the list is %v (nil: %v; %v), want %v", list, list == nil, w.Err(), urls)
		}
	}
}

func urlsOf(list []failover.Endpoint) []string {
	urls := make([]string, len(list))
	for i, e := range list {
		urls[i] = e.URL
	}
	return urls
}

// raw connects a plain client, which writes what no registrar of ours would.
func raw(t testing.TB, addr string) *zk.Conn {
	t.Helper()
	conn, events, err := zk.Connect([]string{addr}, 10*time.Second, zk.WithLogger(log.New(io.Discard, "", 0)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		conn.Close()
		for range events {
			// until its goroutines have ended
		}
	})
	return conn
}

// put makes an entry with the data, and the nodes above it.
func put(t testing.TB, conn *zk.Conn, c Config, data string) (entry string) {
	t.Helper()
	if err := c.complete(); err != nil {
		t.Fatal(err)
	}
	makeNodes(t, conn, c.Path)
	entry, err := conn.Create(c.Path+"/0", []byte(data), zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
	if err != nil {
		t.Fatal(err)
	}
	return entry
}

func makeNodes(t testing.TB, conn *zk.Conn, path string) {
	t.Helper()
	for end := 1; end <= len(path); end++ {
		if end == len(path) || path[end] == '/' {
			if _, err := conn.Create(path[:end], nil, 0, zk.WorldACL(zk.PermAll)); err != nil && !errors.Is(err, zk.ErrNodeExists) {
				t.Fatal(err)
			}
		}
	}
}

// eventually waits until something holds.
func eventually(t testing.TB, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !holds(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("not within ", patience, ": ", what)
		}
	}
}

// canceled is a context that has ended.
func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

func loggerTo(l *logged) *slog.Logger { return slog.New(slog.NewTextHandler(l, nil)) }
