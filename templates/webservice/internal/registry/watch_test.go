package registry

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/failover-gen/failover-gen/internal/zookeeper"
)

func TestOldAndNewFormatsStandSideBySide(t *testing.T) {
	zoo := shared(t)
	c, log := configured(t, zoo.Addr)
	conn := raw(t, zoo.Addr)
	var entries []string
	for _, data := range []string{
		"http://plain/Foo",
		`{"id":"cxf","container":"root","services":["http://first/Foo","http://second/Foo"]}`,
		"\xac\xed no format of ours",
		`{"id":"cxf","container":"root","services":["http://uuid/Foo"],"uuid":"u"}`,
		`{"id":"cxf","container":"root","services":["http://later/Foo"],"uuid":"u","ready":false}`,
		`{"id":"cxf","container":"root","services":["http://ready/Foo"],"uuid":"u","ready":true}`,
	} {
		entries = append(entries, put(t, conn, c, data))
	}
	w := watch(t, c)
	list := shows(t, w, "http://plain/Foo", "http://first/Foo", "http://second/Foo", "http://uuid/Foo", "http://ready/Foo")
	var ids []string
	for _, e := range list {
		ids = append(ids, e.ID)
	}
	if got, want := strings.Join(ids, " "), "00000000000 00000000001 00000000001#1 00000000003 00000000005"; got != want {
		t.Errorf("the IDs are %s, want %s", got, want)
	}

	// The node that is not ready becomes so, and another stops being so.
	if _, err := conn.Set(entries[4], []byte(`{"services":["http://later/Foo"],"ready":true}`), -1); err != nil {
		t.Fatal(err)
	}
	shows(t, w, "http://plain/Foo", "http://first/Foo", "http://second/Foo", "http://uuid/Foo", "http://later/Foo", "http://ready/Foo")
	if _, err := conn.Set(entries[5], []byte(`{"services":["http://ready/Foo"],"ready":false}`), -1); err != nil {
		t.Fatal(err)
	}
	shows(t, w, "http://plain/Foo", "http://first/Foo", "http://second/Foo", "http://uuid/Foo", "http://later/Foo")

	// A change of one node re-reads the others neither aloud nor at all.
	if n := strings.Count(log.String(), "is skipped"); n != 1 || !strings.Contains(log.String(), entries[2]) {
		t.Errorf("there are %d warnings, want one of %s", n, entries[2])
	}
}

func TestAMissingListIsAwaited(t *testing.T) {
	zoo := shared(t)
	c, log := configured(t, zoo.Addr)
	c.MaximumConnectionTimeout = 300 * time.Millisecond
	w := watch(t, c)
	err := w.Wait(t.Context())
	if err == nil || !strings.Contains(err.Error(), "has no "+Root+"/"+c.Path+" yet") {
		t.Errorf("waiting for a list that does not exist: %v", err)
	}
	if list, _ := w.Current(); list != nil {
		t.Errorf("the list is %v, want none", list)
	}
	conn := raw(t, zoo.Addr)
	entry := put(t, conn, c, "http://first/Foo")
	shows(t, w, "http://first/Foo")
	if err := w.Wait(canceled()); err != nil {
		t.Errorf("waiting for a list that was read: %v", err)
	}
	if err := w.Err(); err != nil {
		t.Errorf("the list is current, but Err is %v", err)
	}

	// A list that is removed is empty, and awaited again.
	if err := conn.Delete(entry, -1); err != nil {
		t.Fatal(err)
	}
	if err := conn.Delete(Root+"/"+c.Path, -1); err != nil {
		t.Fatal(err)
	}
	shows(t, w)
	put(t, conn, c, "http://second/Foo")
	shows(t, w, "http://second/Foo")
	if n := strings.Count(log.String(), "correct the path"); n > 2 {
		t.Errorf("the missing list was logged %d times, want at most twice", n)
	}
}

func TestTheLastListIsKeptWhileZooKeeperIsAway(t *testing.T) {
	t.Parallel()
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	c, log := configured(t, zoo.Addr)
	w := watch(t, c)
	first := register(t, c, "http://first/Foo")
	second := register(t, c, "http://second/Foo")
	shows(t, w, "http://first/Foo", "http://second/Foo")
	zoo.Kill()
	eventually(t, "the watcher says that ZooKeeper is away", func() bool { return w.Err() != nil && strings.Contains(w.Err().Error(), "refused") })
	time.Sleep(500 * time.Millisecond)
	shows(t, w, "http://first/Foo", "http://second/Foo")

	// The sessions outlive the restart, and so do the places in the list.
	entries := first.Entry() + second.Entry()
	if err := zoo.Restart(); err != nil {
		t.Fatal(err)
	}
	third := register(t, c, "http://third/Foo")
	shows(t, w, "http://first/Foo", "http://second/Foo", "http://third/Foo")
	if got := first.Entry() + second.Entry(); got != entries {
		t.Errorf("the entries are %s, want %s", got, entries)
	}
	if err := third.Close(t.Context()); err != nil {
		t.Error(err)
	}
	shows(t, w, "http://first/Foo", "http://second/Foo")
	if n := strings.Count(log.String(), "\n"); n > 40 {
		t.Errorf("an outage was logged in %d lines", n)
	}
}

func TestAFrozenZooKeeperIsLeftAndFoundAgain(t *testing.T) {
	t.Parallel()
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	c, _ := configured(t, zoo.Addr)
	c.MaximumConnectionTimeout, c.SessionTimeout = 2*time.Second, 2*time.Second
	w := watch(t, c)
	conn := raw(t, zoo.Addr)
	put(t, conn, c, "http://first/Foo")
	shows(t, w, "http://first/Foo")
	if err := zoo.Freeze(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the watcher says that ZooKeeper is away", func() bool { return w.Err() != nil })
	shows(t, w, "http://first/Foo")
	late, err := Watch(c)
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	if err := late.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "waited for 2s") {
		t.Errorf("waiting for a frozen ZooKeeper: %v", err)
	}
	if took := time.Since(start); took > 4*time.Second {
		t.Errorf("it took %v, want 2s", took)
	}
	start = time.Now()
	late.Close()
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("closing took %v", took)
	}
	if err := zoo.Thaw(); err != nil {
		t.Fatal(err)
	}
	put(t, conn, c, "http://second/Foo")
	shows(t, w, "http://first/Foo", "http://second/Foo")
}

func TestTheReadersSessionMayExpire(t *testing.T) {
	zoo := shared(t)
	c, _ := configured(t, zoo.Addr)
	w := watch(t, c)
	conn := raw(t, zoo.Addr)
	put(t, conn, c, "http://0/Foo")
	urls := []string{"http://0/Foo"}
	shows(t, w, urls...)
	for i := range 3 {
		sessions, err := zoo.Sessions()
		if err != nil {
			t.Fatal(err)
		}
		for _, session := range sessions {
			if session != conn.SessionID() {
				if err := zoo.Expire(session); err != nil {
					t.Log(err) // of a test that has ended
				}
			}
		}
		url := fmt.Sprintf("http://%d/Foo", i+1)
		urls = append(urls, url)
		put(t, conn, c, url)
		shows(t, w, urls...)
	}
}

func TestAWrongPasswordNamesTheUser(t *testing.T) {
	t.Parallel()
	zoo := shared(t)
	c, _ := configured(t, zoo.Addr)
	c.User, c.Password = "fabric", "right-secret"
	r := register(t, c, "http://first/Foo")
	shows(t, watch(t, c), "http://first/Foo")
	conn := raw(t, zoo.Addr)
	if err := conn.AddAuth("digest", []byte("fabric:right-secret")); err != nil {
		t.Fatal(err)
	}
	if acl, _, err := conn.GetACL(r.Entry()); err != nil || len(acl) != 1 || acl[0].Scheme != "digest" || !strings.HasPrefix(acl[0].ID, "fabric:") {
		t.Errorf("the entry's ACL is %v, %v; want one for fabric alone", acl, err)
	}

	for user, password := range map[string]Secret{"fabric": "wrong-secret", "": ""} {
		wrong := c
		wrong.User, wrong.Password, wrong.MaximumConnectionTimeout = user, password, time.Second
		log := &logged{}
		wrong.Logger = loggerTo(log)
		w := watch(t, wrong)
		err := w.Wait(t.Context())
		if err == nil || !strings.Contains(err.Error(), "FAILOVER_REGISTRY_PASSWORD") || user != "" && !strings.Contains(err.Error(), `user "fabric"`) {
			t.Errorf("user %q: %v", user, err)
		}
		registration, err := Register(wrong, "cxf", "http://second/Foo")
		if err != nil {
			t.Fatal(err)
		}
		err2 := registration.Wait(t.Context())
		if err2 == nil || !strings.Contains(err2.Error(), "FAILOVER_REGISTRY_PASSWORD") {
			t.Errorf("user %q registers: %v", user, err2)
		}
		if err := registration.Close(t.Context()); err != nil {
			t.Errorf("user %q leaves: %v", user, err)
		}
		if text := fmt.Sprint(err, err2, log); strings.Contains(text, "-secret") {
			t.Errorf("the password shows: %s", text)
		}
	}
}

func TestAnEntryThatMayNotBeReadHidesNoOther(t *testing.T) {
	zoo := shared(t)
	c, log := configured(t, zoo.Addr)
	conn := raw(t, zoo.Addr)
	put(t, conn, c, "http://first/Foo")
	if err := conn.AddAuth("digest", []byte("somebody:else")); err != nil {
		t.Fatal(err)
	}
	hidden := put(t, conn, c, "http://hidden/Foo")
	if _, err := conn.SetACL(hidden, zk.AuthACL(zk.PermAll), -1); err != nil {
		t.Fatal(err)
	}
	put(t, conn, c, "http://third/Foo")
	shows(t, watch(t, c), "http://first/Foo", "http://third/Foo")
	if !strings.Contains(log.String(), hidden) {
		t.Errorf("there is no warning of %s", hidden)
	}
}

func TestUnreachableRegistriesSayWhy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ address, text string }{
		"refused": {"127.0.0.1:1", "127.0.0.1:1 is not reached: dial tcp 127.0.0.1:1: connect: connection refused"},
		"DNS":     {"nowhere.invalid:2181", "nowhere.invalid:2181 is not reached"},
	} {
		t.Run(name, func(t *testing.T) {
			c, log := configured(t, test.address)
			c.MaximumConnectionTimeout = 500 * time.Millisecond
			w := watch(t, c)
			start := time.Now()
			err := w.Wait(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.text) {
				t.Errorf("Wait returned %v, want %q", err, test.text)
			}
			if took := time.Since(start); took < 400*time.Millisecond || took > 5*time.Second {
				t.Errorf("it took %v, want 500ms", took)
			}
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
			defer cancel()
			if err := w.Wait(ctx); err == nil || !strings.Contains(err.Error(), "deadline exceeded") {
				t.Errorf("with a context that ends: %v", err)
			}
			if n := strings.Count(log.String(), "is not reached"); n != 1 {
				t.Errorf("the cause was logged %d times, want once", n)
			}
			start = time.Now()
			w.Close()
			if took := time.Since(start); took > 500*time.Millisecond {
				t.Errorf("closing took %v", took)
			}
			if err := w.Wait(t.Context()); err == nil || !strings.Contains(err.Error(), "closed") {
				t.Errorf("waiting after Close: %v", err)
			}
		})
	}
}

// An outage is logged, but not over and over.
func TestAnOutageIsLoggedInFewLines(t *testing.T) {
	c, log := configured(t, "127.0.0.1:1")
	c.Addresses = append(c.Addresses, "127.0.0.1:2", stranger(t, ""))
	c.ConnectionRetryTime = time.Millisecond
	w := watch(t, c)
	time.Sleep(300 * time.Millisecond)
	w.Close()
	if n := strings.Count(log.String(), "\n"); n != 3 {
		t.Errorf("the log has %d lines, want one for each of three causes:\n%s", n, log)
	}
}

// One living server of several is enough, whatever the others do.
func TestTheLivingServerIsFound(t *testing.T) {
	t.Parallel()
	zoo := shared(t)
	c, _ := configured(t, zoo.Addr)
	c.SessionTimeout = 1500 * time.Millisecond // a third of it for each that is silent
	c.Addresses = []string{"127.0.0.1:1", "nowhere.invalid", stranger(t, "silence"), stranger(t, ""), zoo.Addr}
	register(t, c, "http://first/Foo")
	for range 3 { // the first to be tried is another each time
		shows(t, watch(t, c), "http://first/Foo")
	}
}
