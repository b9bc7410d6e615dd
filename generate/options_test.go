package generate

import (
	"slices"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
)

// withMetrics asks for metrics.
func withMetrics(s *spec.Spec) {
	ordersModule(s)
	s.Metrics = spec.MetricsPrometheus
}

// A project without options has no file of them, and requires no module for them.
func TestAProjectWithoutOptionsHasNothingOfThem(t *testing.T) {
	for kind, sample := range samples {
		t.Run(kind, func(t *testing.T) {
			without, with := project(t, sample(ordersModule)), project(t, sample(withMetrics))
			var more []string
			for _, f := range with.Want.Files {
				i := slices.IndexFunc(without.Want.Files, func(g tree.File) bool { return f.Path == g.Path })
				switch {
				case i < 0:
					more = append(more, f.Path)
				case f.Path == "go.mod" && strings.Contains(string(without.Want.Files[i].Data), "prometheus"):
					t.Error("go.mod requires the module of the metrics without them")
				case f.Path == "go.mod" && !strings.Contains(string(f.Data), "\tgithub.com/prometheus/client_golang v1"):
					t.Errorf("go.mod lacks the module of the metrics:\n%s", f.Data)
				}
			}
			if want := []string{"internal/optional/metrics.go"}; !slices.Equal(more, want) {
				t.Errorf("the files of the option are %q, want %q", more, want)
			}
			if text := string(fileNamed(t, without, spec.FileName).Data); strings.Contains(text, "metrics") {
				t.Errorf("failover.yaml names the option:\n%s", text)
			}
		})
	}
}

// Who gets an option later learns which call it needs, if health.go is older.
func TestAnOptionThatIsNewNamesItsCaller(t *testing.T) {
	for kind, call := range map[string]string{spec.KindHazelcast: "optional.Serve(mux, client)", spec.KindWebservice: "optional.Serve(mux, transport)"} {
		t.Run(kind, func(t *testing.T) {
			lock := parsedLock(t, project(t, samples[kind](ordersModule)))
			r := samples[kind](withMetrics)
			r.Lock, r.LockOnly = lock, true
			if notes := project(t, r).Notes; len(notes) > 0 {
				t.Errorf("notes %q although health.go is of today", notes)
			}
			i := slices.IndexFunc(lock.Files, func(f spec.LockFile) bool { return f.Path == "health.go" })
			lock.Files[i].SHA256 = "older"
			if notes := project(t, r).Notes; len(notes) != 1 || !strings.Contains(notes[0], call+" in health.go") {
				t.Errorf("notes %q", notes)
			}
			r.Take = []string{"health.go"}
			if notes := project(t, r).Notes; len(notes) > 0 {
				t.Errorf("notes %q although health.go is taken", notes)
			}
		})
	}
}
