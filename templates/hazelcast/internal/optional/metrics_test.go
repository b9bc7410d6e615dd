package optional

import (
	"context"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
)

// connected starts two stand-ins and a client on them, warm, with secrets.
func connected(t *testing.T) (*failover.Client, []*standin.Cluster) {
	t.Helper()
	var clusters []*standin.Cluster
	var targets []failover.Cluster
	for _, name := range []string{"c1", "c2"} {
		c, err := standin.Start(standin.Options{Name: name, PrivateAddresses: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Stop)
		clusters = append(clusters, c)
		targets = append(targets, failover.Cluster{Name: name, DiscoveryURL: c.DiscoveryURL(), Token: failover.Secret(c.Token()), TLS: c.ClientTLS()})
	}
	client, err := failover.New(targets, failover.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		_ = client.Close(ctx)
	})
	waitFor(t, "both clusters are connected", func() bool { s := client.Stats(); return s.Active == "c1" && s.Standby == "c2" })
	return client, clusters
}

func waitFor(t *testing.T, what string, is func() bool) {
	t.Helper()
	for start := time.Now(); !is(); time.Sleep(5 * time.Millisecond) {
		if time.Since(start) > 10*time.Second {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// page asks for /metrics as Prometheus does, and returns it as text and parsed.
func page(t *testing.T, client *failover.Client) (string, map[string]*dto.MetricFamily) {
	t.Helper()
	mux := http.NewServeMux()
	Serve(mux, client)
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	text, _ := io.ReadAll(answer.Body)
	parser := expfmt.NewTextParser(model.UTF8Validation)
	families, err := parser.TextToMetricFamilies(strings.NewReader(string(text)))
	if err != nil || answer.Code != http.StatusOK {
		t.Fatalf("%d, %v\n%s", answer.Code, err, text)
	}
	return string(text), families
}

// value is that of the series with a label of that value, or of the only one.
func value(families map[string]*dto.MetricFamily, name, label string) float64 {
	for _, m := range families[name].GetMetric() {
		if label == "" || slices.ContainsFunc(m.Label, func(p *dto.LabelPair) bool { return p.GetValue() == label }) {
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return math.NaN()
}

// After a cluster was killed, the page tells of the next one, of the switch, of each
// call, and of the gap.
func TestThePageTellsOfALostCluster(t *testing.T) {
	client, clusters := connected(t)
	text, before := page(t, client)
	if strings.Contains(text, "failover_last_switch_gap_seconds") {
		t.Error("there is a gap before the first switch")
	}
	for _, c := range clusters {
		if strings.Contains(text, c.Token()) {
			t.Error("the page holds a token")
		}
	}
	if got := value(before, "failover_active_cluster", "c1"); got != 1 {
		t.Errorf("c1 is active: %v, want 1", got)
	}
	m := client.Map("map")
	lost := clusters[0].Kill()
	puts := 0
	for acked := false; !acked; puts++ {
		_, err := m.Put(context.Background(), "k", "v")
		acked = err == nil
	}
	took := time.Since(lost)
	_, after := page(t, client)
	for _, c := range []struct {
		name, label string
		want        float64
	}{
		{"failover_active_cluster", "c1", 0}, {"failover_active_cluster", "c2", 1},
		{"failover_standby_connected", "c1", 0}, {"failover_standby_connected", "c2", 0},
		{"failover_switches_total", "", 1}, {"failover_calls_total", "acked", 1}, {"failover_calls_total", "rejected", 0},
	} {
		if got := value(after, c.name, c.label); got != c.want {
			t.Errorf("%s %s is %v, want %v", c.name, c.label, got, c.want)
		}
	}
	if failed := value(after, "failover_calls_total", "unknown") + value(after, "failover_calls_total", "not_sent"); int(failed) != puts-1 {
		t.Errorf("%v calls failed, want %d", failed, puts-1)
	}
	if gap := value(after, "failover_last_switch_gap_seconds", ""); !(gap > 0 && gap <= took.Seconds()) {
		t.Errorf("the gap is %v s, and the next cluster acked a write %v after the loss", gap, took)
	}
	if ends := value(after, "failover_certificate_not_after_timestamp_seconds", "c1"); !(ends > float64(time.Now().Unix())) {
		t.Errorf("the certificate of c1 ends at %v", ends)
	}
	if at := value(after, "failover_last_answer_timestamp_seconds", ""); math.Abs(float64(time.Now().Unix())-at) > 60 {
		t.Errorf("the last answer came at %v", at)
	}
}

// snapshot is what Stats says of a client whose primary was lost.
func snapshot() failover.Stats {
	return failover.Stats{
		Active: "b", Switches: 2, Calls: map[string]int64{"acked": 7, "not_sent": 0, "unknown": 1, "rejected": 0}, LastGap: 1500 * time.Microsecond,
		LastHeard: time.UnixMilli(1700000000500), Causes: map[string]string{"a": "connect to a: secret"},
		Clusters: []failover.ClusterStats{{Name: "a", CertificateEnds: time.Unix(1800000000, 0)}, {Name: "b"}, {Name: "bad\xff"}},
	}
}

// The text is as client_golang and its linter want it. Descriptions and samples agree.
func TestTheTextOfThePage(t *testing.T) {
	const want = `
# HELP failover_active_cluster 1 for the cluster that calls go to, 0 for the others.
# TYPE failover_active_cluster gauge
failover_active_cluster{cluster="a"} 0
failover_active_cluster{cluster="b"} 1
failover_active_cluster{cluster="bad�"} 0
# HELP failover_calls_total Finished calls by outcome: acked, not_sent, unknown or rejected.
# TYPE failover_calls_total counter
failover_calls_total{outcome="acked"} 7
failover_calls_total{outcome="not_sent"} 0
failover_calls_total{outcome="rejected"} 0
failover_calls_total{outcome="unknown"} 1
# HELP failover_certificate_not_after_timestamp_seconds When the client certificate for a cluster ends. Absent without TLS.
# TYPE failover_certificate_not_after_timestamp_seconds gauge
failover_certificate_not_after_timestamp_seconds{cluster="a"} 1.8e+09
# HELP failover_last_answer_timestamp_seconds When the active cluster last answered. Absent while no cluster is active.
# TYPE failover_last_answer_timestamp_seconds gauge
failover_last_answer_timestamp_seconds 1.7000000005e+09
# HELP failover_last_switch_gap_seconds How long no call was acked in the last change of cluster. Absent before the first.
# TYPE failover_last_switch_gap_seconds gauge
failover_last_switch_gap_seconds 0.0015
# HELP failover_standby_connected 1 for the cluster to which the standby is connected, 0 for the others.
# TYPE failover_standby_connected gauge
failover_standby_connected{cluster="a"} 0
failover_standby_connected{cluster="b"} 0
failover_standby_connected{cluster="bad�"} 0
# HELP failover_switches_total Changes of the active cluster.
# TYPE failover_switches_total counter
failover_switches_total 2
`
	collector := metrics{snapshot}
	if err := testutil.CollectAndCompare(collector, strings.NewReader(want)); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.CollectAndLint(collector); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}
	registry := prometheus.NewPedanticRegistry()
	registry.MustRegister(collector)
	if _, err := registry.Gather(); err != nil {
		t.Error(err)
	}
}
