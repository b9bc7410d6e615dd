package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"runtime"
	"time"

	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/optional"
)

// healthOf answers /live while the process runs, /ready while the list has an
// endpoint (503 otherwise), /stats with counters as JSON. A program whose endpoints
// all failed stays ready: only its calls find out that one works again.
func healthOf(transport *failover.Transport) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /live", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "live") })
	mux.HandleFunc("GET /ready", func(w http.ResponseWriter, _ *http.Request) {
		stats := transport.Stats()
		if stats.Known == 0 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		fmt.Fprintf(w, "active: %q; endpoints: %d, of which failed: %d\n", stats.Active, stats.Known, stats.Ignored)
	})
	mux.HandleFunc("GET /stats", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(struct {
			failover.Stats
			Goroutines int `json:"goroutines"`
		}{transport.Stats(), runtime.NumGoroutine()})
	})
	optional.Serve(mux, transport)
	return mux
}

// serveHealth answers health requests at address.
func serveHealth(address string, transport *failover.Transport) (stop func(), err error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("the health endpoint: %w; change -health-port or -health-address", err)
	}
	server := &http.Server{Handler: healthOf(transport), ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }()
	return func() { _ = server.Close() }, nil
}
