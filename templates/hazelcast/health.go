package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/optional"
)

// serveHealth answers at address: /live while the process runs, /ready while a
// cluster is active (503 otherwise), /stats with counters as JSON, and the
// pages of the project's optional parts.
func serveHealth(address string, client *failover.Client) (stop func(), err error) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "live") })
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		stats := client.Stats()
		if stats.Active == "" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintf(w, "active: %q, standby: %q\n", stats.Active, stats.Standby)
	})
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(struct {
			failover.Stats
			Goroutines int `json:"goroutines"`
		}{client.Stats(), runtime.NumGoroutine()})
	})
	optional.Serve(mux, client)
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("the health endpoint: %w; change -health-port or -health-address", err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }, nil
}
