package registry

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/failover-gen/failover-gen/templates/zksession"
)

// A thousand endpoints are read, ordered and watched without a visible pause.
func TestAThousandEndpoints(t *testing.T) {
	const endpoints = 1000
	zoo := shared(t)
	c, _ := configured(t, zoo.Addr)
	conn := raw(t, zoo.Addr)
	full := c
	if err := full.complete(); err != nil {
		t.Fatal(err)
	}
	makeNodes(t, conn, full.Path)
	entries, failed := make([]string, endpoints), make([]error, endpoints)
	zksession.Pipeline(endpoints, func(i int) {
		data := fmt.Appendf(nil, `{"id":"cxf","container":"root","services":["http://localhost:%d/Foo"]}`, 10_000+i)
		entries[i], failed[i] = conn.Create(full.Path+"/0", data, zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
	})
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}

	start := time.Now()
	w := watch(t, c)
	if err := w.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	list, changed := w.Current()
	read := time.Since(start)
	if len(list) != endpoints {
		t.Fatalf("the list has %d endpoints, want %d", len(list), endpoints)
	}
	for i, e := range list {
		if e.ID != fmt.Sprintf("%011d", i) {
			t.Fatalf("endpoint %d is %v", i, e)
		}
	}

	// change makes a change and returns the time until the list shows it.
	change := func(what string, make func() error) time.Duration {
		start := time.Now()
		if err := make(); err != nil {
			t.Fatal(what, ": ", err)
		}
		select {
		case <-changed:
		case <-time.After(patience):
			t.Fatal("no change is seen after ", what)
		}
		took := time.Since(start)
		list, changed = w.Current()
		return took
	}
	var left, joined, updated []time.Duration
	for i := range 21 {
		entry := entries[i*7]
		left = append(left, change("a server left", func() error { return conn.Delete(entry, -1) }))
		joined = append(joined, change("a server joined", func() error {
			_, err := conn.Create(full.Path+"/0", []byte("http://new/Foo"), zk.FlagEphemeral|zk.FlagSequence, zk.WorldACL(zk.PermAll))
			return err
		}))
		updated = append(updated, change("a server changed its data", func() error {
			_, err := conn.Set(entries[i*7+1], []byte("http://changed/Foo"), -1)
			return err
		}))
	}
	if len(list) != endpoints || list[endpoints-1].URL != "http://new/Foo" {
		t.Errorf("the list has %d endpoints and ends with %v", len(list), list[len(list)-1])
	}
	t.Logf("%d endpoints: read in %v; medians until a change is seen, with the write: left %v, joined %v, changed %v",
		endpoints, read, median(left), median(joined), median(updated))
	if limit := 2 * time.Second; read > limit || median(left) > limit/4 || median(joined) > limit/4 {
		t.Errorf("that is a visible pause; the limits are %v and %v", limit, limit/4)
	}
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}
