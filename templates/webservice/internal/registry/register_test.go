package registry

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/failover-gen/failover-gen/internal/zookeeper"
)

// ownerOf returns the session that owns an entry.
func ownerOf(t testing.TB, conn *zk.Conn, entry string) int64 {
	t.Helper()
	exists, stat, err := conn.Exists(entry)
	if err != nil || !exists {
		t.Fatalf("%q exists: %v, %v", entry, exists, err)
	}
	return stat.EphemeralOwner
}

func TestFabricsClientsCanReadAnEntry(t *testing.T) {
	t.Parallel()
	zoo := shared(t)
	c, _ := configured(t, zoo.Addr)
	r := register(t, c, "http://a/Foo", "http://b/Foo")
	conn := raw(t, zoo.Addr)
	data, stat, err := conn.Get(r.Entry())
	if err != nil {
		t.Fatal(err)
	}
	if want := Root + "/" + c.Path + "/00000000000"; r.Entry() != want {
		t.Errorf("the entry is %s, want %s", r.Entry(), want)
	}
	if stat.EphemeralOwner == 0 {
		t.Error("the entry is not ephemeral")
	}
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	// Fabric's first JSON reader fails on fields that it does not know, and takes an
	// entry with its own container for its own.
	var fields map[string]any
	if err := json.Unmarshal(data, &fields); err != nil {
		t.Fatal(err)
	}
	if len(fields) != 3 || fields["id"] != "cxf" || fields["container"] == "" || fields["container"] == host || fmt.Sprint(fields["services"]) != "[http://a/Foo http://b/Foo]" {
		t.Errorf("the entry is %s", data)
	}
	for path := Root + "/" + c.Path; path != ""; path = path[:strings.LastIndexByte(path, '/')] {
		if owner := ownerOf(t, conn, path); owner != 0 {
			t.Errorf("%s ends with the session %x", path, owner)
		}
	}
}

// Servers stop and start, and expire, in any order: one that comes back stands last.
func TestTheOrderIsKeptOverRestarts(t *testing.T) {
	t.Parallel()
	restarts := 40
	if os.Getenv("FAILOVER_LONG") != "" {
		restarts = 200
	}
	zoo := shared(t)
	c, _ := configured(t, zoo.Addr)
	w, conn := watch(t, c), raw(t, zoo.Addr)
	servers := make(map[string]*Registration)
	var order []string
	for i := range 5 {
		url := fmt.Sprintf("http://localhost:%d/Foo", 8185+i)
		servers[url] = register(t, c, url)
		order = append(order, url)
	}
	random := rand.New(rand.NewPCG(1, 2))
	start := time.Now()
	for i := range restarts {
		place := random.IntN(len(order))
		url := order[place]
		order = append(slices.Delete(order, place, place+1), url)
		if i%4 == 0 {
			before := servers[url].Entry()
			if err := zoo.Expire(ownerOf(t, conn, before)); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the server joins again", func() bool { e := servers[url].Entry(); return e != "" && e != before })
		} else {
			if err := servers[url].Close(t.Context()); err != nil {
				t.Fatal(err)
			}
			servers[url] = register(t, c, url)
		}
		shows(t, w, order...)
	}
	t.Logf("%d restarts took %v", restarts, time.Since(start))
}

func TestAnExpiredServerJoinsAgainAtTheEnd(t *testing.T) {
	zoo := shared(t)
	c, log := configured(t, zoo.Addr)
	w, conn := watch(t, c), raw(t, zoo.Addr)
	first := register(t, c, "http://first/Foo")
	register(t, c, "http://second/Foo")
	list := shows(t, w, "http://first/Foo", "http://second/Foo")
	before := first.Entry()
	start := time.Now()
	if err := zoo.Expire(ownerOf(t, conn, before)); err != nil {
		t.Fatal(err)
	}
	again := shows(t, w, "http://second/Foo", "http://first/Foo")
	t.Logf("the server stood in the list again after %v", time.Since(start))
	if list[0].ID == again[1].ID {
		t.Errorf("the entry is the old one: %v", again[1])
	}
	eventually(t, "the registration knows its entry", func() bool { return first.Entry() == Root+"/"+c.Path+"/"+again[1].ID })
	if !strings.Contains(log.String(), "session with the registry expired") {
		t.Error("the log does not tell of it")
	}
}

func TestAnEntryThatSomebodyRemovesIsMadeAgain(t *testing.T) {
	t.Parallel()
	zoo := shared(t)
	c, _ := configured(t, zoo.Addr)
	c.SessionTimeout = time.Second
	w, conn := watch(t, c), raw(t, zoo.Addr)
	r := register(t, c, "http://first/Foo")
	if err := conn.Delete(r.Entry(), -1); err != nil {
		t.Fatal(err)
	}
	shows(t, w)
	shows(t, w, "http://first/Foo")
}

func TestAServerLeavesAtOnce(t *testing.T) {
	zoo := shared(t)
	c, _ := configured(t, zoo.Addr)
	w := watch(t, c)
	r := register(t, c, "http://first/Foo")
	shows(t, w, "http://first/Foo")
	start := time.Now()
	if err := r.Close(t.Context()); err != nil {
		t.Error(err)
	}
	shows(t, w)
	if took := time.Since(start); took > time.Second {
		t.Errorf("leaving took %v", took)
	}
	if err := r.Wait(t.Context()); err == nil || r.Close(t.Context()) != nil {
		t.Errorf("after Close, Wait returned %v", err)
	}

	// One whose session has just expired has nothing to leave.
	conn := raw(t, zoo.Addr)
	for range 5 {
		r := register(t, c, "http://first/Foo")
		if err := zoo.Expire(ownerOf(t, conn, r.Entry())); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(rand.IntN(200)) * time.Millisecond)
		if err := r.Close(t.Context()); err != nil {
			t.Error(err)
		}
		shows(t, w)
	}
}

func TestClosingWhileTheRegistryIsAwayIsBounded(t *testing.T) {
	t.Parallel()
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	c, _ := configured(t, zoo.Addr)
	c.SessionTimeout = 3 * time.Second
	waits, leaves := register(t, c, "http://first/Foo"), register(t, c, "http://second/Foo")
	entry := leaves.Entry()
	zoo.Kill()
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := waits.Close(ctx)
	if took := time.Since(start); took < 250*time.Millisecond || took > 3*time.Second {
		t.Errorf("closing took %v, want 300ms", took)
	}
	if err == nil || !strings.Contains(err.Error(), "stands until the session ends") {
		t.Errorf("Close returned %v", err)
	}

	// One that has the time leaves as soon as the registry is back.
	closed := make(chan error, 1)
	go func() { closed <- leaves.Close(context.Background()) }()
	if err := zoo.Restart(); err != nil {
		t.Fatal(err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	conn := raw(t, zoo.Addr)
	if exists, _, err := conn.Exists(entry); exists || err != nil {
		t.Errorf("the entry exists: %v, %v", exists, err)
	}

	// One that never joined has nothing to wait for.
	zoo.Kill()
	never, err := Register(c, "cxf", "http://third/Foo")
	if err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	start = time.Now()
	if err := never.Close(context.Background()); err != nil {
		t.Error(err)
	}
	if took := time.Since(start); took > time.Second {
		t.Errorf("closing one that never joined took %v", took)
	}
}

// A create whose answer is lost, or that is lost itself, leaves one entry.
func TestALostAnswerMakesNoSecondEntry(t *testing.T) {
	t.Parallel()
	zoo := shared(t)
	conn := raw(t, zoo.Addr)
	for name, forward := range map[string]bool{"the answer is lost": true, "the request is lost": false} {
		t.Run(name, func(t *testing.T) {
			c, _ := configured(t, zoo.Addr)
			proxy := newCutter(t, zoo.Addr)
			c.Addresses = []string{proxy.addr}
			for n := range 5 {
				proxy.cut(n, forward)
				register(t, c, fmt.Sprintf("http://%d/Foo", n))
				want := n // creates that are tried until none is cut off
				if forward {
					want = min(n, 1) // the first made the entry
				}
				if got := n - proxy.left(); got != want {
					t.Errorf("%d creates were cut off, want %d", got, want)
				}
				names, _, err := conn.Children(Root + "/" + c.Path)
				if err != nil || len(names) != n+1 {
					t.Errorf("after %d cuts the entries are %v, %v; want %d", n, names, err, n+1)
				}
			}
		})
	}
}
