// Package handlers shows the context of an HTTP request. It ends when the other
// side hangs up, and has no deadline, whatever the server's timeouts.
package handlers

import (
	"net/http"

	"github.com/hazelcast/hazelcast-go-client"
)

// Bad: a patient caller, or a proxy, keeps this call waiting forever.
func get(m *hazelcast.Map) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		m.Get(r.Context(), "k") // want `Map.Get may wait forever: its context comes from http.Request.Context`
		ctx := r.Context()
		m.Get(ctx, "k") // want `Map.Get may wait forever`
	}
}
