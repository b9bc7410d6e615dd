// Package optional holds what only some projects have, as failover.yaml says. Without
// any of it, its functions do nothing, so that the program calls them in any case.
package optional

import (
	"net/http"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
)

// addMetrics adds /metrics. metrics.go, which a project with "metrics: prometheus" has
// beside this file, sets it.
var addMetrics func(*http.ServeMux, *failover.Client)

// Serve adds the optional pages to those of the health port.
func Serve(mux *http.ServeMux, client *failover.Client) {
	if addMetrics != nil {
		addMetrics(mux, client)
	}
}
