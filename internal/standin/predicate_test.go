package standin_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/predicate"

	"github.com/failover-gen/failover-gen/internal/standin"
)

func TestEntriesAreFoundAndRemovedByThePrefixOfTheirKeys(t *testing.T) {
	c := start(t, standin.Options{Plain: true})
	client, err := hazelcast.StartNewClientWithConfig(t.Context(), config(c))
	if err != nil {
		t.Fatal(err)
	}
	defer client.Shutdown(t.Context())
	m, err := client.GetMap(t.Context(), "map")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []any{"run-1", "run-2", "other", int64(7)} {
		if err := m.Set(t.Context(), key, "x"); err != nil {
			t.Fatal(err)
		}
	}
	keys, err := m.GetKeySetWithPredicate(t.Context(), predicate.Like("__key", "run-%"))
	if got := fmt.Sprint(len(keys), slices.Contains(keys, any("run-1")), err); got != "2 true <nil>" {
		t.Errorf("keys %v, %v", keys, err)
	}
	if err := m.RemoveAll(t.Context(), predicate.Like("__key", "run-%")); err != nil {
		t.Error(err)
	}
	left := c.Keys()["map"]
	if slices.Sort(left); !slices.Equal(left, []string{"", "other"}) {
		t.Errorf("left: %q", left)
	}
	for _, unknown := range []predicate.Predicate{predicate.Like("this", "x%"), predicate.Like("__key", "a_%"), predicate.Equal("__key", "other")} {
		if err := m.RemoveAll(t.Context(), unknown); err == nil {
			t.Errorf("%s was carried out", unknown)
		}
	}
}
