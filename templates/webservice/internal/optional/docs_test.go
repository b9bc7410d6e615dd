package optional

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
)

// docs/metrics.md has a row for each metric, in the table of web services.
func TestThePageExplainsEachMetric(t *testing.T) {
	page, err := os.ReadFile("../../../../docs/metrics.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(page), "\n## Of a web service\n")
	table, _, _ = strings.Cut(table, "\n## ")
	var explained, names []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(failover_\\w+)").FindAllStringSubmatch(table, -1) {
		explained = append(explained, row[1])
	}
	to := make(chan *prometheus.Desc, 100)
	metrics{}.Describe(to)
	close(to)
	for d := range to {
		names = append(names, regexp.MustCompile(`failover_\w+`).FindString(d.String()))
	}
	slices.Sort(explained)
	slices.Sort(names)
	if !slices.Equal(explained, names) {
		t.Errorf("it explains %q, want %q", explained, names)
	}
}
