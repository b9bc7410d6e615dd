package golang

import (
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
)

// A piece of code stands before a client whose name is n.
func around(code string) string {
	return "package main\n\nfunc main() {\n" + code + "\nconfig := hazelcast.NewConfig()\nconfig.Cluster.Name = n\nhazelcast.StartNewClientWithConfig(ctx, config)\n}\n"
}

func TestFlow(t *testing.T) {
	corpus.Names(t, &Reader, "a.go", around, map[string]string{
		`n := "a\x62\u0063"`:          "abc",
		"n := `a\\b`":                 `a\b`,
		`const n = "a" + ("b" + "c")`: "abc",
		`n := "a" + string("b")`:      "ab",
		`n := "a"; n = "b"`:           "b",
		`n := "a"; n += "b"`:          "ab",
		`var n = "a"`:                 "a",
		`var n string; if x { n = "a" } else { n = "b" }`:               "?",
		`n := "a"; if x := y(); x { n = "b" }`:                          "?",
		`n := "a"; if x { n := "b"; use(n) }`:                           "a",
		`n := "a"; for range 2 { n = "b" }`:                             "?",
		`n := "a"; switch x { case 1: n = "b" }`:                        "?",
		`n := "a"; func() { n = "b" }()`:                                "b",
		`n := "a"; run(func() { n = "b" })`:                             "?",
		`n := "a"; flag.StringVar(&n, "n", "b", "")`:                    "?",
		`n := "a"; p := &n; *p = "b"`:                                   "?",
		`n := *flag.String("n", "a", "")`:                               "?",
		`n, err := f()`:                                                 "?",
		`n, m := "a", "b"`:                                              "a",
		`m, n := "a", "b"`:                                              "b",
		`n, m = m, n`:                                                   "?",
		`n := os.Getenv("N")`:                                           "?",
		`n := cmp.Or(os.Getenv("N"), "a")`:                              "?",
		`n := fmt.Sprintf("%s", "a")`:                                   "?",
		`n := []string{"a"}[0]`:                                         "?",
		`m := map[string]string{"n": "a"}; n := m["n"]`:                 "a",
		`m := map[string]string{"n": "a"}; delete(m, "n"); n := m["n"]`: "?",
		`s := struct{ n string }{n: "a"}; n := s.n`:                     "a",
		`n := strings.TrimSpace("a")`:                                   "a",
		`n := "a"[0:1]`:                                                 "?",
		`n := 'a'`:                                                      "?",
		`n := "a" // n = "b"`:                                           "a",
		`goto end; end: n := "a"`:                                       "a",
		`defer func() { n = "b" }(); n := "a"`:                          "a",
	})
}

func TestConfigs(t *testing.T) {
	corpus.Names(t, &Reader, "a.go", func(code string) string { return "package main\n// hazelcast\n" + code }, map[string]string{
		`func main() { c := hazelcast.NewConfig(); c.Cluster.Name = "a"; json.Unmarshal(data, &c); hazelcast.StartNewClientWithConfig(ctx, c) }`:      "?",
		`func main() { c := hazelcast.NewConfig(); c.Cluster.Name = "a"; d := c; d.Cluster.Name = "b"; hazelcast.StartNewClientWithConfig(ctx, c) }`:  "a",
		`func main() { c := hazelcast.NewConfig(); c.Cluster.Name = "a"; d := &c; d.Cluster.Name = "b"; hazelcast.StartNewClientWithConfig(ctx, c) }`: "b",
		`func main() { c := hazelcast.NewConfig(); c.Cluster.Name = "a"; set(c); hazelcast.StartNewClientWithConfig(ctx, c) }
func set(c hazelcast.Config) { c.Cluster.Name = "b" }`: "a",
		`func main() { c := hazelcast.NewConfig(); c.Cluster.Name = "a"; set(&c); hazelcast.StartNewClientWithConfig(ctx, c) }
func set(c *hazelcast.Config) { c.Cluster.Name = "b" }`: "b",
		`func main() { c := hazelcast.Config{Cluster: cluster.Config{Name: "a"}}; k := &c.Cluster; k.Name = "b"; hazelcast.StartNewClientWithConfig(ctx, c) }`: "b",
		`func main() { c := hazelcast.Config{Cluster: cluster.Config{Name: "a"}}; k := c.Cluster; k.Name = "b"; hazelcast.StartNewClientWithConfig(ctx, c) }`:  "a",
		`func config() hazelcast.Config { c := hazelcast.NewConfig(); c.Cluster.Name = "a"; return c }`:                                                        "a",
		`var c hazelcast.Config
func init() { c.Cluster.Name = "a" }
func main() { hazelcast.StartNewClientWithConfig(ctx, c) }`: "a",
	})
}

func TestHostileSources(t *testing.T) {
	corpus.Names(t, &Reader, "a.go", around, map[string]string{
		"n := " + strings.Repeat("(", 40_000) + `"a"` + strings.Repeat(")", 40_000):        "a",
		"n := " + strings.Repeat("-", 100_000) + "1":                                       "fault: the source cannot be read from here on",
		`n := "a"` + strings.Repeat(` + "a"`, 40_000):                                      strings.Repeat("a", 40_001),
		`n := "a"` + strings.Repeat("\nn = n + n", 100):                                    "?",
		`n := "a"` + strings.Repeat("{", 40_000) + strings.Repeat("}", 40_000):             "fault: the source cannot be read from here on",
		`n := "a"` + "\n" + strings.Repeat("if x {", 20_000) + strings.Repeat("}", 20_000): "a",
	})
}

func FuzzRead(f *testing.F) { corpus.FuzzReader(f, &Reader, "a.go", "../testdata/go") }

func BenchmarkRead(b *testing.B) { corpus.BenchReader(b, &Reader, "../testdata/go", "v1") }
