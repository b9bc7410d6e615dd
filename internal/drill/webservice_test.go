package drill

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/internal/zookeeper"
)

// service generates a project for a web service.
func service(t *testing.T, w spec.Webservice) string {
	t.Helper()
	s := spec.DefaultOf(spec.KindWebservice)
	s.Module, s.Webservice = "example.com/foo", w
	s.Webservice.SpellOut()
	made, err := generate.Project(context.Background(), generate.Request{Spec: &s})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "foo")
	if _, err := tree.Apply(context.Background(), dir, &made.Want, tree.Options{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

var staticList = spec.Registry{Type: spec.RegistryStatic, Endpoints: []string{"http://localhost:8185/Foo", "http://localhost:8186/Foo"}}

func wantPassed(t *testing.T, dir string, o Options) Report {
	t.Helper()
	o.Dir = dir
	report, err := Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if !r.Passed || r.LostAcked > 0 || r.Duplicated > 0 {
			t.Errorf("seed %d: %s", report.Seed, r.Text())
		}
	}
	return report
}

// long chooses what is drilled: all where the tests may take long.
func long(short ...string) []string {
	if os.Getenv("FAILOVER_LONG") != "" {
		return []string{All}
	}
	return short
}

func TestAWebServiceWithAStaticListPasses(t *testing.T) {
	t.Parallel()
	w := spec.Webservice{Registry: staticList, Calls: spec.Calls{AttemptTimeout: 2 * time.Second}}
	report := wantPassed(t, service(t, w), Options{Scenarios: long("story", "fault"), Writers: 4})
	for _, r := range report.Results {
		if r.Scenario == "fault" && (slices.Contains(r.Events, endpointChanged) || r.Writes.Rejected == 0) {
			t.Errorf("a fault that is not listed: %s", r.Text())
		}
	}
}

// A fault that is listed moves the project on, in compat too, where each call begins
// at the first endpoint and may be repeated.
func TestAWebServiceThatListsFaultsMovesOn(t *testing.T) {
	t.Parallel()
	w := spec.Webservice{Registry: staticList, Calls: spec.Calls{Exceptions: []string{"javax.xml.ws.soap.SOAPFaultException"}, Compat: true, AttemptTimeout: 2 * time.Second}}
	for _, r := range wantPassed(t, service(t, w), Options{Scenarios: []string{"fault"}}).Results {
		if r.Writes.Rejected > 0 || !slices.Contains(r.Events, endpointChanged) {
			t.Error(r.Text())
		}
	}
}

func TestAWebServiceWithARegistryPasses(t *testing.T) {
	t.Parallel()
	zookeeper.Need(t)
	w := spec.Webservice{Registry: spec.Registry{FabricPath: "demo/fo"}, Calls: spec.Calls{AttemptTimeout: 2 * time.Second}}
	report := wantPassed(t, service(t, w), Options{Scenarios: long("registry-down", "registry-expired", "story")})
	for _, r := range report.Results {
		if r.Scenario == "story" && !slices.Contains(r.Events, endpointsListed) {
			t.Errorf("the registry told nothing: %v", r.Events)
		}
	}
}

// What needs a registry is left out of all where there is none, and the user is told.
func TestScenariosOfARegistryNeedOne(t *testing.T) {
	t.Parallel()
	p, err := load(service(t, spec.Webservice{Registry: staticList}))
	if err != nil {
		t.Fatal(err)
	}
	list, leftOut, err := p.choose([]string{All})
	if err != nil || len(list) != len(webserviceScenarios)-2 || len(leftOut) != 2 || !strings.Contains(leftOut[0], "registry-down, because the project has no registry, but a static list") {
		t.Errorf("%d scenarios, %q, %v", len(list), leftOut, err)
	}
	if _, _, err := p.choose([]string{"registry-down"}); fault.ExitCode(err) != int(fault.Input) {
		t.Errorf("by name: %v", err)
	}
	if p, err = load(service(t, spec.Webservice{Registry: spec.Registry{FabricPath: "a", TLS: spec.TLSOn}})); err != nil {
		t.Fatal(err)
	}
	if note := noteWebservice(p); !strings.HasPrefix(note, "not drilled: the registry, because the project connects to its registry with TLS") {
		t.Errorf("the note is %q", note)
	}
}

func TestOneEndpointIsNotDrilled(t *testing.T) {
	t.Parallel()
	_, err := load(service(t, spec.Webservice{Registry: spec.Registry{Type: spec.RegistryStatic, Endpoints: []string{"http://localhost:8185/Foo"}}}))
	if fault.ExitCode(err) != int(fault.Input) || !strings.Contains(err.Error(), "failover.yaml: there is only one endpoint") {
		t.Error(err)
	}
}

func TestEventsOfATransport(t *testing.T) {
	event := func(name, from, to string) Event { return Event{Name: name, Cluster: to, From: from} }
	start := []Event{event(selected, "", "a")}
	for _, c := range []struct {
		what          string
		before, after []Event
		passes        bool
	}{
		{"a switch", start, []Event{event(endpointFailed, "", "a"), event(endpointChanged, "a", "b")}, true},
		{"the list changes", append([]Event{event(endpointsListed, "", "")}, start...), []Event{event(endpointsListed, "", ""), event(endpointFailed, "", "a"), event(endpointChanged, "a", "b")}, true},
		{"the server leaves the list", start, []Event{event(endpointsListed, "", ""), event(endpointChanged, "a", "b")}, true},
		{"others fail as well", start, []Event{event(endpointFailed, "", "a"), event(endpointFailed, "", "c"), event(endpointChanged, "a", "b")}, true},
		{"nothing happens", start, nil, false},
		{"a switch without a failure", start, []Event{event(endpointChanged, "a", "b")}, false},
		{"a switch from another endpoint", start, []Event{event(endpointFailed, "", "a"), event(endpointChanged, "c", "b")}, false},
		{"two switches", start, []Event{event(endpointFailed, "", "a"), event(endpointChanged, "a", "b"), event(endpointFailed, "", "b"), event(endpointChanged, "b", "a")}, false},
		{"the wrong endpoint first", []Event{event(selected, "", "b")}, nil, false},
		{"no start", nil, []Event{event(endpointFailed, "", "a"), event(endpointChanged, "a", "b")}, false},
	} {
		s := &stage{project: &project{}, field: &field{targets: []target{&endpoint{name: "a"}, &endpoint{name: "b"}}}, switches: 1}
		s.judgeEndpoints(c.before, c.after)
		if passes := len(s.failures) == 0; passes != c.passes {
			t.Errorf("%s: passes %v, %q", c.what, passes, s.failures)
		}
	}
}
