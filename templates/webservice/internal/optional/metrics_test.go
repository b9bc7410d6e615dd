package optional

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus/testutil"

	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
)

// list is one whose registry may be away.
type list struct {
	failover.List
	err error
}

func (l *list) Err() error { return l.err }

// text is what Prometheus is to be told: of two endpoints of which the first may have
// failed.
func text(failed, current, switches, acked string) string {
	return `
# HELP failover_calls_total Finished calls by outcome: acked, not_sent, unknown or rejected.
# TYPE failover_calls_total counter
failover_calls_total{outcome="acked"} ` + acked + `
failover_calls_total{outcome="not_sent"} 0
failover_calls_total{outcome="rejected"} 0
failover_calls_total{outcome="unknown"} 0
# HELP failover_endpoint_in_use 1 while an endpoint is in use, 0 while none is.
# TYPE failover_endpoint_in_use gauge
failover_endpoint_in_use 1
# HELP failover_endpoint_list_current 1 while the list is up to date, 0 while the registry cannot be read.
# TYPE failover_endpoint_list_current gauge
failover_endpoint_list_current ` + current + `
# HELP failover_endpoints_failed Endpoints in the list that failed and are ignored.
# TYPE failover_endpoints_failed gauge
failover_endpoints_failed ` + failed + `
# HELP failover_endpoints_listed Endpoints in the list.
# TYPE failover_endpoints_listed gauge
failover_endpoints_listed 2
# HELP failover_switches_total Changes of the endpoint in use.
# TYPE failover_switches_total counter
failover_switches_total ` + switches + `
`
}

func TestTheMetricsTellOfALostEndpoint(t *testing.T) {
	ok := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	first, second := httptest.NewServer(ok), httptest.NewServer(ok)
	first.Config.SetKeepAlivesEnabled(false) // or a call could be sent on a connection that is about to be closed
	t.Cleanup(first.Close)
	t.Cleanup(second.Close)
	endpoints := &list{List: failover.Static(first.URL+"/Foo?token=secret", second.URL+"/Foo")}
	transport, err := failover.New(endpoints, failover.Options{Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = transport.Close() })
	call := func() {
		t.Helper()
		answer, err := (&http.Client{Transport: transport}).Get(failover.DefaultAddress)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
	}
	call()
	if err := testutil.CollectAndCompare(Metrics(transport), strings.NewReader(text("0", "1", "0", "1"))); err != nil {
		t.Error(err)
	}
	first.Close()
	call()
	endpoints.err = errors.New("the registry is away")
	if err := testutil.CollectAndCompare(Metrics(transport), strings.NewReader(text("1", "0", "1", "2"))); err != nil {
		t.Error(err)
	}
	if problems, err := testutil.CollectAndLint(Metrics(transport)); err != nil || len(problems) > 0 {
		t.Errorf("%v, %v", problems, err)
	}

	mux := http.NewServeMux()
	Serve(mux, transport)
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	page, _ := io.ReadAll(answer.Body)
	if answer.Code != http.StatusOK || !strings.Contains(string(page), "\nfailover_endpoints_listed 2\n") || !strings.Contains(string(page), "\ngo_goroutines ") || strings.Contains(string(page), "secret") {
		t.Errorf("%d\n%s", answer.Code, page)
	}
}
