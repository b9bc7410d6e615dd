package drill

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// runOnKept runs a project by the environment that Keep gives, and kills its cluster.
func runOnKept(t *testing.T, dir, program string) {
	kept, err := Keep(dir, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Stop()
	proc, err := startProcess(t.Context(), program, dir, append(inherited(), kept.Env()...))
	if err != nil {
		t.Fatal(err)
	}
	defer proc.kill()
	writes := func(to int, since time.Time) bool {
		for end := time.Now().Add(20 * time.Second); time.Now().Before(end); time.Sleep(time.Millisecond) {
			if _, ok := kept.field.targets[to].FirstAckAfter(since); ok {
				return true
			}
		}
		return false
	}
	if !writes(0, time.Time{}) {
		t.Fatalf("the project writes nothing%s", proc.output.said())
	}
	killed := time.Now()
	if said, err := kept.Throw("kill", 1); err != nil || !strings.HasSuffix(said, "kill  cluster 1 ("+kept.Names()[0]+")") {
		t.Fatalf("%q, %v", said, err)
	}
	if !writes(1, killed) {
		t.Errorf("the project writes nothing to the second stand-in%s", proc.output.said())
	}
	if _, err := kept.Throw("restart", 1); err != nil || !strings.Contains(kept.Status()[0], "running") {
		t.Errorf("%v, %v", err, kept.Status())
	}
	if wrong := proc.stop(); wrong != "" {
		t.Error(wrong)
	}
}

func TestStandInsOfEndpointsAreKept(t *testing.T) {
	kept, err := Keep(service(t, spec.Webservice{Registry: staticList}), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer kept.Stop()
	if want := "FAILOVER_ENDPOINTS=" + strings.Join(kept.Names(), ","); !slices.Contains(kept.Env(), want) {
		t.Errorf("%q is missing in %q", want, kept.Env())
	}
	for _, name := range []string{"freeze", "restart", "kill"} {
		if _, err := kept.Throw(name, 2); err != nil {
			t.Error(err)
		}
	}
	if _, err := kept.Throw("blackhole", 1); fault.ExitCode(err) != 1 || !strings.Contains(err.Error(), "cannot be broken") {
		t.Errorf("blackhole: %v", err)
	}
	if status := strings.Join(kept.Status(), " "); !strings.Contains(status, "running") || !strings.Contains(status, "killed") {
		t.Errorf("status: %s", status)
	}
	kept.Stop()
	if _, err := os.Stat(kept.dir); !os.IsNotExist(err) {
		t.Errorf("%s is left behind", kept.dir)
	}
}
