package main

import (
	"context"
	"io"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
)

// A service around the package registers the metrics with its own. They know when the
// certificates end that are in the stores, and no password.
func TestAServiceRegistersTheMetrics(t *testing.T) {
	home(t)
	client, err := Open(slog.New(slog.NewTextHandler(io.Discard, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = client.Close(ctx)
	})
	registry := prometheus.NewPedanticRegistry()
	if err := registry.Register(client.Metrics()); err != nil {
		t.Fatal(err)
	}
	if n, err := testutil.GatherAndCount(registry, "failover_certificate_not_after_timestamp_seconds"); err != nil || n != len(compiled) {
		t.Errorf("the ends of %d certificates are told, want %d; %v", n, len(compiled), err)
	}
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		for _, secret := range storePasswords {
			if strings.Contains(f.String(), secret) {
				t.Errorf("%s holds a password", f.GetName())
			}
		}
	}
}
