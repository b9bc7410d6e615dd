package optional

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.yaml.in/yaml/v3"
)

// docs is the folder of the pages that operators get.
const docs = "../../../../docs/"

// metricName is a name of ours in an expression or a page.
var metricName = regexp.MustCompile(`\bfailover_\w+`)

// names lists the metrics that a collector describes.
func names(t *testing.T) (list []string) {
	t.Helper()
	to := make(chan *prometheus.Desc, 100)
	metrics{snapshot}.Describe(to)
	close(to)
	for d := range to {
		list = append(list, metricName.FindString(d.String()))
	}
	slices.Sort(list)
	return list
}

func readDoc(t *testing.T, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(docs + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// panel is as much of a panel of Grafana as matters here.
type panel struct {
	ID      int
	Title   string
	GridPos struct{ X, Y, W, H int }
	Targets []struct{ Expr string }
}

// dashboard returns the panels of docs/grafana.json, and all expressions in it.
func dashboard(t *testing.T) (panels []panel, expressions []string) {
	t.Helper()
	var d struct {
		Panels      []panel
		Annotations struct{ List []struct{ Expr string } }
	}
	if err := json.Unmarshal(readDoc(t, "grafana.json"), &d); err != nil {
		t.Fatal(err)
	}
	for _, p := range d.Panels {
		for _, target := range p.Targets {
			expressions = append(expressions, target.Expr)
		}
	}
	for _, a := range d.Annotations.List {
		expressions = append(expressions, a.Expr)
	}
	return d.Panels, expressions
}

// The dashboard shows each metric, and no other.
func TestTheDashboardShowsTheMetrics(t *testing.T) {
	panels, expressions := dashboard(t)
	shown := metricName.FindAllString(strings.Join(expressions, "\n"), -1)
	slices.Sort(shown)
	if shown = slices.Compact(shown); !slices.Equal(shown, names(t)) {
		t.Errorf("it shows %q, want %q", shown, names(t))
	}
	var taken [100][24]string
	ids := make(map[int]bool)
	for _, p := range panels {
		if len(p.Targets) == 0 || ids[p.ID] {
			t.Errorf("panel %d %q has no target, or the number of another", p.ID, p.Title)
		}
		ids[p.ID] = true
		for y := p.GridPos.Y; y < p.GridPos.Y+p.GridPos.H; y++ {
			for x := p.GridPos.X; x < p.GridPos.X+p.GridPos.W; x++ {
				if x >= len(taken[y]) || taken[y][x] != "" {
					t.Fatalf("panel %q is over another one, or over the edge", p.Title)
				}
				taken[y][x] = p.Title
			}
		}
	}
}

// rules are those of docs/alerts.yaml.
func rules(t *testing.T) (list []struct{ Alert, Expr string }) {
	t.Helper()
	var file struct {
		Groups []struct {
			Rules []struct{ Alert, Expr string }
		}
	}
	if err := yaml.Unmarshal(readDoc(t, "alerts.yaml"), &file); err != nil {
		t.Fatal(err)
	}
	for _, g := range file.Groups {
		list = append(list, g.Rules...)
	}
	return list
}

// The rules name metrics that exist, and each of them fires in alerts_test.yaml.
func TestTheAlertsNameMetricsThatExist(t *testing.T) {
	list := rules(t)
	if len(list) != 4 {
		t.Errorf("%d rules, want 4", len(list))
	}
	tests := string(readDoc(t, "alerts_test.yaml"))
	for _, r := range list {
		used := metricName.FindAllString(r.Expr, -1)
		if len(used) == 0 || slices.ContainsFunc(used, func(name string) bool { return !slices.Contains(names(t), name) }) {
			t.Errorf("%s uses %q", r.Alert, used)
		}
		if !regexp.MustCompile(`alertname: ` + r.Alert + `\n\s+exp_alerts:`).MatchString(tests) {
			t.Errorf("nothing in alerts_test.yaml has %s fire", r.Alert)
		}
	}
}

// docs/metrics.md has a row for each metric, in the table of clusters.
func TestThePageExplainsEachMetric(t *testing.T) {
	_, table, _ := strings.Cut(string(readDoc(t, "metrics.md")), "\n## Of clusters\n")
	table, _, _ = strings.Cut(table, "\n## ")
	var explained []string
	for _, row := range regexp.MustCompile("(?m)^\\| `(failover_\\w+)").FindAllStringSubmatch(table, -1) {
		explained = append(explained, row[1])
	}
	slices.Sort(explained)
	if !slices.Equal(explained, names(t)) {
		t.Errorf("it explains %q, want %q", explained, names(t))
	}
}

// promtool runs it in a folder. CI has it; elsewhere a test without it is skipped.
func promtool(t *testing.T, dir, stdin string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath("promtool"); err != nil {
		if os.Getenv("FAILOVER_REQUIRE_PROMTOOL") != "" {
			t.Fatal("FAILOVER_REQUIRE_PROMTOOL is set, but there is no promtool: ", err)
		}
		t.Skip("there is no promtool here; CI requires it with FAILOVER_REQUIRE_PROMTOOL=1")
	}
	cmd := exec.Command("promtool", args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("promtool %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestPromtoolTakesTheRules(t *testing.T) {
	promtool(t, docs, "", "check", "rules", "alerts.yaml")
	promtool(t, docs, "", "test", "rules", "alerts_test.yaml")
}

// Promtool parses each expression of the dashboard, as a rule in which Grafana's
// variables have values.
func TestPromtoolTakesTheDashboard(t *testing.T) {
	_, expressions := dashboard(t)
	variables := strings.NewReplacer("$job", ".*", "$__rate_interval", "5m", "$__range", "6h")
	var file strings.Builder
	file.WriteString("groups:\n- name: dashboard\n  rules:\n")
	for i, e := range expressions {
		fmt.Fprintf(&file, "  - {record: 'panel:%d', expr: %q}\n", i, variables.Replace(e))
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "rules.yaml"), []byte(file.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	promtool(t, dir, "", "check", "rules", "rules.yaml")
}

// Promtool reads the page as Prometheus does, and its linter finds nothing.
func TestPromtoolTakesThePage(t *testing.T) {
	client, _ := connected(t)
	text, _ := page(t, client)
	promtool(t, docs, text, "check", "metrics")
}
