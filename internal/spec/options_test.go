package spec

import (
	"slices"
	"strings"
	"testing"
)

// A spec that asks for no option is the same, byte for byte, as one that is older than
// the option.
func TestASpecWithoutOptionsIsAsBefore(t *testing.T) {
	for _, kind := range Kinds() {
		s := DefaultOf(kind)
		s.Module = "example.com/orders"
		older := s
		older.Metrics = ""
		if s.Digest() != older.Digest() || strings.Contains(string(s.Marshal()), "metrics") || len(s.Options()) > 0 || len(older.Options()) > 0 {
			t.Errorf("%s: options %q, failover.yaml\n%s", kind, s.Options(), s.Marshal())
		}
		s.Metrics = MetricsPrometheus
		if s.Digest() == older.Digest() || !slices.Equal(s.Options(), []string{"metrics"}) {
			t.Errorf("%s: with metrics the options are %q, or the digest is the same", kind, s.Options())
		}
	}
}

// The option is set, read and written under its key.
func TestMetricsAreAKeyOfEveryKind(t *testing.T) {
	for kind, rest := range map[string]string{KindHazelcast: "clusters: [{bundle: a}, {bundle: b}]\n", KindWebservice: "registry: {type: static, endpoints: [\"http://a/Foo\"]}\n"} {
		s, err := Parse(FileName, []byte("version: 1\nkind: "+kind+"\nmodule: a.b/c\nmetrics: prometheus\n"+rest))
		if err != nil || s.Metrics != MetricsPrometheus {
			t.Fatalf("%s: %v, metrics %q", kind, err, s.Metrics)
		}
		again, err := Parse(FileName, s.Marshal())
		if err != nil || !again.Equal(s) {
			t.Errorf("%s: %v\n%s", kind, err, s.Marshal())
		}
		if f := again.Set("metrics", MetricsNone); f != nil || again.Equal(s) {
			t.Errorf("%s: %v, metrics %q", kind, f, again.Metrics)
		}
		if f := again.Set("metrics", "graphite"); f == nil || !strings.Contains(f.Error(), "say none or prometheus") {
			t.Errorf("%s: %v", kind, f)
		}
	}
}
