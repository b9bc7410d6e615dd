package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// shakyMap fails every call in turn with each outcome, and ends the loop after
// a number of puts.
type shakyMap struct {
	puts int
	stop func()
}

func (m *shakyMap) fail(n int) error {
	if o := outcome.Outcome(n % 4); o != outcome.Acked {
		return &outcome.Error{Outcome: o, Target: "primary", Err: errors.New("out of order")}
	}
	return nil
}

func (m *shakyMap) Put(context.Context, any, any) (any, error) {
	m.puts++
	if m.puts == 8 {
		m.stop()
	}
	return nil, m.fail(m.puts)
}

func (m *shakyMap) Get(context.Context, any) (any, error) { return nil, m.fail(m.puts + 1) }
func (m *shakyMap) Size(context.Context) (int, error)     { return 0, m.fail(m.puts + 2) }

func TestWriteLoopGoesOnAfterEveryKindOfFailure(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	m := &shakyMap{stop: stop}
	total := writeLoops(ctx, 1, m, sampleEntry, slog.New(slog.DiscardHandler))
	if m.puts != 8 {
		t.Errorf("the loop ended after %d puts, want 8", m.puts)
	}
	if got, want := total.String(), "3 acked, 4 not sent, 4 unknown, 4 rejected"; got != want {
		t.Errorf("tally %q, want %q", got, want)
	}
}

func TestUniqueEntriesHaveUniqueValues(t *testing.T) {
	entry := uniqueEntries("")
	aKey, a := entry(1)
	bKey, b := entry(1)
	if a == b || aKey != "key-1" || bKey != aKey {
		t.Errorf("%q: %q, then %q: %q", aKey, a, bKey, b)
	}
}

func TestUniqueEntriesWithAPrefixHaveUniqueKeys(t *testing.T) {
	entry := uniqueEntries("drill-")
	a, _ := entry(1)
	b, _ := entry(1)
	if a == b || !strings.HasPrefix(a, "drill-") || !strings.HasPrefix(b, "drill-") {
		t.Errorf("keys %q and %q", a, b)
	}
}
