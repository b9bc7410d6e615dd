package standin_test

import (
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
)

func TestMapOperations(t *testing.T) {
	for name, o := range map[string]standin.Options{
		"one member": {}, "three members": {Members: 3, PrivateAddresses: true}, "plain": {Plain: true}, "RSA": {RSA: true},
		"user": {Username: "me", Password: "secret"},
	} {
		t.Run(name, func(t *testing.T) {
			c := start(t, o)
			cfg := config(c)
			cfg.Cluster.Security.Credentials.Username, cfg.Cluster.Security.Credentials.Password = o.Username, o.Password
			m := getMap(t, dial(t, cfg))
			ctx := timeout(t, 5*time.Second)
			for i := range int64(100) {
				if old, err := m.Put(ctx, i, "first"); old != nil || err != nil {
					t.Fatalf("first put of %d: %v, %v", i, old, err)
				}
			}
			if old, err := m.Put(ctx, int64(7), "second"); old != "first" || err != nil {
				t.Fatalf("second put: %v, %v", old, err)
			}
			if err := m.Set(ctx, int64(8), "set"); err != nil {
				t.Fatal(err)
			}
			if v, err := m.Get(ctx, int64(8)); v != "set" || err != nil {
				t.Fatalf("get: %v, %v", v, err)
			}
			if v, err := m.Get(ctx, int64(1000)); v != nil || err != nil {
				t.Fatalf("get of nothing: %v, %v", v, err)
			}
			if v, err := m.Remove(ctx, int64(8)); v != "set" || err != nil {
				t.Fatalf("remove: %v, %v", v, err)
			}
			if err := m.Delete(ctx, int64(9)); err != nil {
				t.Fatal(err)
			}
			if ok, err := m.ContainsKey(ctx, int64(9)); ok || err != nil {
				t.Fatalf("containsKey of a deleted key: %v, %v", ok, err)
			}
			if n, err := m.Size(ctx); n != 98 || err != nil {
				t.Fatalf("size: %v, %v", n, err)
			}
			if err := m.Clear(ctx); err != nil {
				t.Fatal(err)
			}
			if empty, err := m.IsEmpty(ctx); !empty || err != nil {
				t.Fatalf("isEmpty: %v, %v", empty, err)
			}
			if n := c.Applications("first"); n != 100 {
				t.Errorf("first was applied %d times, want 100", n)
			}
		})
	}
}
