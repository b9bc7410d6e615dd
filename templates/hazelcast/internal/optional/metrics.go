package optional

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
)

func init() {
	addMetrics = func(mux *http.ServeMux, client *failover.Client) {
		registry := prometheus.NewRegistry()
		registry.MustRegister(Metrics(client))
		mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	}
}

// metrics is a prometheus.Collector of what Stats says at the time of a scrape.
type metrics struct{ client *failover.Client }

// Metrics collects what Prometheus is told of a client.
func Metrics(client *failover.Client) prometheus.Collector { return metrics{client} }

var switches = prometheus.NewDesc("failover_switches_total", "Changes to another one.", nil, nil)

// Describe implements prometheus.Collector.
func (m metrics) Describe(to chan<- *prometheus.Desc) { to <- switches }

// Collect implements prometheus.Collector.
func (m metrics) Collect(to chan<- prometheus.Metric) {
	to <- prometheus.MustNewConstMetric(switches, prometheus.CounterValue, float64(m.client.Stats().Switches))
}
