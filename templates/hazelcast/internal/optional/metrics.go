package optional

import (
	"net/http"
	"strings"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
)

func init() {
	addMetrics = func(mux *http.ServeMux, client *failover.Client) {
		registry := prometheus.NewRegistry()
		registry.MustRegister(Metrics(client), collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
		mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	}
}

// Labels hold names of clusters and outcomes only. So there is a bounded number of
// series, and no label holds a secret.
var (
	activeCluster = prometheus.NewDesc("failover_active_cluster", "1 for the cluster that calls go to, 0 for the others.", []string{"cluster"}, nil)
	standby       = prometheus.NewDesc("failover_standby_connected", "1 for the cluster to which the standby is connected, 0 for the others.", []string{"cluster"}, nil)
	switches      = prometheus.NewDesc("failover_switches_total", "Changes of the active cluster.", nil, nil)
	calls         = prometheus.NewDesc("failover_calls_total", "Finished calls by outcome: acked, not_sent, unknown or rejected.", []string{"outcome"}, nil)
	lastGap       = prometheus.NewDesc("failover_last_switch_gap_seconds", "How long no call was acked in the last change of cluster. Absent before the first.", nil, nil)
	lastAnswer    = prometheus.NewDesc("failover_last_answer_timestamp_seconds", "When the active cluster last answered. Absent while no cluster is active.", nil, nil)
	notAfter      = prometheus.NewDesc("failover_certificate_not_after_timestamp_seconds", "When the client certificate for a cluster ends. Absent without TLS.", []string{"cluster"}, nil)
)

// metrics asks for a snapshot when Prometheus does, so that calls cost no more.
type metrics struct{ stats func() failover.Stats }

// Metrics collects what Prometheus is told of a client.
func Metrics(client *failover.Client) prometheus.Collector { return metrics{client.Stats} }

// Describe implements prometheus.Collector.
func (metrics) Describe(to chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{activeCluster, standby, switches, calls, lastGap, lastAnswer, notAfter} {
		to <- d
	}
}

// Collect implements prometheus.Collector.
func (m metrics) Collect(to chan<- prometheus.Metric) {
	s := m.stats()
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		to <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	for _, c := range s.Clusters {
		name := strings.ToValidUTF8(c.Name, "\uFFFD") // Prometheus takes no other text, and the name may come from the environment
		gauge(activeCluster, oneIf(c.Name == s.Active), name)
		gauge(standby, oneIf(c.Name == s.Standby), name)
		if ends := c.CertificateEnds; !ends.IsZero() {
			gauge(notAfter, float64(ends.Unix()), name)
		}
	}
	to <- prometheus.MustNewConstMetric(switches, prometheus.CounterValue, float64(s.Switches))
	for outcome, n := range s.Calls {
		to <- prometheus.MustNewConstMetric(calls, prometheus.CounterValue, float64(n), outcome)
	}
	if s.LastGap > 0 {
		gauge(lastGap, s.LastGap.Seconds())
	}
	if !s.LastHeard.IsZero() {
		gauge(lastAnswer, float64(s.LastHeard.UnixMilli())/1000)
	}
}

// oneIf is how Prometheus writes true and false.
func oneIf(is bool) float64 {
	if is {
		return 1
	}
	return 0
}
