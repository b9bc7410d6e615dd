package optional

import (
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
)

func init() {
	addMetrics = func(mux *http.ServeMux, transport *failover.Transport) {
		registry := prometheus.NewRegistry()
		registry.MustRegister(Metrics(transport), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
		mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	}
}

// There is no label with an endpoint: what the registry lists is not bounded, and a
// URL may hold a secret.
var (
	inUse    = prometheus.NewDesc("failover_endpoint_in_use", "1 while an endpoint is in use, 0 while none is.", nil, nil)
	listed   = prometheus.NewDesc("failover_endpoints_listed", "Endpoints in the list.", nil, nil)
	failed   = prometheus.NewDesc("failover_endpoints_failed", "Endpoints in the list that failed and are ignored.", nil, nil)
	current  = prometheus.NewDesc("failover_endpoint_list_current", "1 while the list is up to date, 0 while the registry cannot be read.", nil, nil)
	switches = prometheus.NewDesc("failover_switches_total", "Changes of the endpoint in use.", nil, nil)
	calls    = prometheus.NewDesc("failover_calls_total", "Finished calls by outcome: acked, not_sent, unknown or rejected.", []string{"outcome"}, nil)
)

// metrics asks for a snapshot when Prometheus does, so that calls cost no more.
type metrics struct{ stats func() failover.Stats }

// Metrics collects what Prometheus is told of a transport.
func Metrics(transport *failover.Transport) prometheus.Collector { return metrics{transport.Stats} }

// Describe implements prometheus.Collector.
func (metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{inUse, listed, failed, current, switches, calls} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (m metrics) Collect(to chan<- prometheus.Metric) {
	s := m.stats()
	gauge := func(d *prometheus.Desc, value float64) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value)
	}
	gauge(inUse, oneIf(s.Active != ""))
	gauge(listed, float64(s.Known))
	gauge(failed, float64(s.Ignored))
	gauge(current, oneIf(s.Current))
	to <- prometheus.MustNewConstMetric(switches, prometheus.CounterValue, float64(s.Switches))
	for outcome, n := range s.Calls {
		to <- prometheus.MustNewConstMetric(calls, prometheus.CounterValue, float64(n), outcome)
	}
}

// oneIf is how Prometheus writes true and false.
func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
