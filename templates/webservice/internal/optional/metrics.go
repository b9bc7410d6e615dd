package optional

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
)

func init() {
	addMetrics = func(mux *http.ServeMux, transport *failover.Transport) {
		registry := prometheus.NewRegistry()
		registry.MustRegister(Metrics(transport))
		mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	}
}

// metrics is a prometheus.Collector of what Stats says at the time of a scrape.
type metrics struct{ transport *failover.Transport }

// Metrics collects what Prometheus is told of a transport.
func Metrics(transport *failover.Transport) prometheus.Collector { return metrics{transport} }

var switches = prometheus.NewDesc("failover_switches_total", "Changes to another one.", nil, nil)

// Describe implements prometheus.Collector.
func (m metrics) Describe(to chan<- *prometheus.Desc) { to <- switches }

// Collect implements prometheus.Collector.
func (m metrics) Collect(to chan<- prometheus.Metric) {
	to <- prometheus.MustNewConstMetric(switches, prometheus.CounterValue, float64(m.transport.Stats().Switches))
}
