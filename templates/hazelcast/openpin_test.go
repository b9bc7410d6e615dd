package main

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// A package follows a pin as a project does, from its start.
func TestOpenFollowsThePin(t *testing.T) {
	home(t)
	path := filepath.Join(t.TempDir(), "pin")
	if err := os.WriteFile(path, []byte("pr-5678"), 0o644); err != nil {
		t.Fatal(err)
	}
	t.Setenv("FAILOVER_PIN_FILE", path)
	if _, err := Open(slog.New(slog.DiscardHandler), func(o *Options) { o.Pin = "pr-1234" }); err == nil || !strings.Contains(err.Error(), "keep one") {
		t.Errorf("pinned twice: %v", err)
	}
	log := &lines{}
	client, err := Open(slog.New(slog.NewTextHandler(log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the pinned cluster is tried", func() bool { return client.Stats().Causes["pr-5678"] != "" })
	if cause := client.Stats().Causes["pr-1234"]; cause != "" {
		t.Errorf("another cluster was tried: %s", cause)
	}
	if err := os.WriteFile(path, []byte("none"), 0o644); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the free client tries the other too", func() bool { return client.Stats().Causes["pr-1234"] != "" })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := client.Close(ctx); err != nil {
		t.Error(err)
	}
}
