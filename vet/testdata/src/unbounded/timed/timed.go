// Package timed gives its requests a deadline.
package timed

import (
	"net/http"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
)

// Good: http.TimeoutHandler gives the request's context a deadline.
func handler(m *hazelcast.Map) http.Handler {
	return http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		m.Get(r.Context(), "k")
	}), 2*time.Second, "too late")
}
