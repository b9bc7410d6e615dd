package failover

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/templates/outcome"
	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/hzerrors"
)

func TestAnotherVersionOfTheClientIsWarnedOf(t *testing.T) {
	t.Parallel()
	other := &debug.Module{Path: clientModule, Version: "v1.7.0"}
	for name, c := range map[string]struct {
		module *debug.Module
		warns  bool
	}{
		"the same":                 {&debug.Module{Path: clientModule, Version: clientVersion}, false},
		"another":                  {other, true},
		"replaced by another":      {&debug.Module{Path: clientModule, Version: clientVersion, Replace: other}, true},
		"replaced by a folder":     {&debug.Module{Path: clientModule, Version: clientVersion, Replace: &debug.Module{Path: "../client"}}, false},
		"another version of other": {&debug.Module{Path: "example.com/other", Version: "v1.7.0"}, false},
	} {
		log := &logCatcher{}
		checkVersion(&debug.BuildInfo{Deps: []*debug.Module{c.module}}, slog.New(log))
		if warned := strings.Contains(log.String(), "linked=v1.7.0 made for="+clientVersion); warned != c.warns {
			t.Errorf("%s: warned: %v; log %q", name, warned, log)
		}
	}
}

// The first of the list counts, whatever else the text holds.
func TestRefusalWithSeveralTextsIsExplainedTheSameWay(t *testing.T) {
	t.Parallel()
	err := fmt.Errorf("%w; remote error: tls: bad certificate; %w", hzerrors.ErrClientNotAllowedInCluster, hzerrors.ErrAuthentication)
	for range 50 {
		got := (&clientLog{}).explain(err)
		if !strings.HasPrefix(got.Error(), "the cluster refuses our credentials: ") {
			t.Fatal(got)
		}
	}
}

func TestNoErrorNamesItsOutcomeTwice(t *testing.T) {
	t.Parallel()
	f := startFleet(t, 1, Options{})
	err := f.Do(context.Background(), func(ctx context.Context, _ *hazelcast.Client) error {
		return f.Map("map").Set(ctx, nil, "v")
	})
	if outcome.Of(err) != outcome.Rejected || strings.Count(err.Error(), "rejected on c1: ") != 1 {
		t.Error(err)
	}
	var inner *outcome.Error
	if !errors.As(err, &inner) || errors.As(inner.Err, &inner) {
		t.Errorf("%#v", err)
	}
}
