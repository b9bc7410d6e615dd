package drill

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/logger"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/connect"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/proxy"
	"github.com/failover-gen/failover-gen/internal/sample"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/templates/ledger"
)

// liveMap is the map that the tests let a project write to.
const liveMap = "rehearsal"

// samples are bundles that the tests share: making their keys takes a while.
var samples = sync.OnceValues(func() ([]sample.Bundle, error) { return sample.Make(2, pki.Quick) })

// orders generates a project from two sample bundles.
func orders(t *testing.T) string {
	t.Helper()
	bundles, err := samples()
	if err != nil {
		t.Fatal(err)
	}
	work := t.TempDir()
	s := spec.DefaultOf(spec.KindHazelcast)
	s.Module = "example.com/orders"
	s.Failover.Silence, s.Failover.Confirm = time.Second, 200*time.Millisecond
	var paths []string
	for _, b := range bundles {
		path := filepath.Join(work, b.FileName)
		if err := os.WriteFile(path, b.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
		s.Clusters = append(s.Clusters, spec.Cluster{Bundle: "../" + b.FileName})
	}
	made, err := generate.Project(context.Background(), generate.Request{Spec: &s, Bundles: paths})
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(work, "orders")
	if _, err := tree.Apply(context.Background(), dir, &made.Want, tree.Options{}); err != nil {
		t.Fatal(err)
	}
	return dir
}

// owned starts stand-ins in the place of the user's own clusters, and points the
// project to them by the environment, as an operator would.
func owned(t *testing.T, o standin.Options, discovery bool) (clusters []*standin.Cluster) {
	t.Helper()
	bundles, err := samples()
	if err != nil {
		t.Fatal(err)
	}
	const password = "of-the-stand-in"
	for i, b := range bundles {
		o.Name = b.Cluster
		c, err := standin.Start(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Stop)
		keystore, truststore, err := c.WriteStores(t.TempDir(), password, false)
		if err != nil {
			t.Fatal(err)
		}
		settings := map[string]string{
			"SERVER_NAME": c.ServerName(), "KEYSTORE": keystore, "KEYSTORE_PASSWORD": password, "TRUSTSTORE": truststore, "TRUSTSTORE_PASSWORD": password,
		}
		if discovery {
			settings["DISCOVERY_URL"], settings["TOKEN"] = c.DiscoveryURL(), c.Token()
		} else {
			settings["ADDRESSES"] = c.Addresses()[0] // the members' list leads to the others
		}
		for name, value := range settings {
			t.Setenv(fmt.Sprintf("FAILOVER_%d_%s", i+1, name), value)
		}
		clusters = append(clusters, c)
	}
	return clusters
}

// drillLive drills a project on its own clusters, and returns the notes. They may
// hold no secret.
func drillLive(ctx context.Context, t *testing.T, dir string, o Options, build builder, clusters []*standin.Cluster) (Report, string, error) {
	t.Helper()
	var notes []string
	o.Dir, o.OnNote = dir, func(text string) { notes = append(notes, text) }
	report, err := run(ctx, o, build)
	said := strings.Join(notes, "\n")
	for _, c := range clusters {
		if strings.Contains(said+fmt.Sprint(err), c.Token()) {
			t.Errorf("the token of %s is shown", c.Name())
		}
	}
	return report, said, err
}

// entriesOn counts what the clusters hold, in whatever map.
func entriesOn(clusters []*standin.Cluster) (n int) {
	for _, c := range clusters {
		for _, keys := range c.Keys() {
			n += len(keys)
		}
	}
	return n
}

// The tests share a project and its build, which takes most of their time.
func TestLiveDrill(t *testing.T) {
	dir := orders(t)
	program := filepath.Join(t.TempDir(), "orders"+exeSuffix)
	if err := goBuild(t.Context(), dir, program); err != nil {
		t.Fatal(err)
	}
	built := func(_ context.Context, _, binary string) error { return os.Symlink(program, binary) }
	t.Run("through discovery", func(t *testing.T) { drillThroughDiscovery(t, dir, built) })
	t.Run("on plain addresses", func(t *testing.T) { drillOnPlainAddresses(t, dir, built) })
	t.Run("kept stand-ins", func(t *testing.T) { runOnKept(t, dir, program) })
	t.Run("cancelled", func(t *testing.T) { cancelLiveDrill(t, dir, built) })
}

func drillThroughDiscovery(t *testing.T, dir string, built builder) {
	clusters := owned(t, standin.Options{Members: 2, PrivateAddresses: true}, true)
	o := Options{Scenarios: []string{"kill", "reset-once", "freeze", "freeze-one", "slow"}, Writers: 2, Live: &Live{Map: liveMap, Clean: true}}
	report, said, err := drillLive(t.Context(), t, dir, o, built, clusters)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		feltIt(t, r)
		if !r.Passed || r.Writes.Acked < 30 || r.LostAcked+r.Duplicated > 0 {
			t.Error(r.Text())
		}
		if switching := r.Scenario == "kill" || r.Scenario == "freeze"; switching != (r.AtRisk > 0) || switching != (r.GapMS > 0) {
			t.Errorf("at risk or gap are wrong: %s", r.Text())
		}
	}
	if n := entriesOn(clusters); n != 0 || len(report.Results) != len(o.Scenarios) {
		t.Errorf("%d results, and %d entries are left", len(report.Results), n)
	}
	if !strings.HasPrefix(said, `live: the project will write to the map "rehearsal" of `) || !strings.Contains(said, "none is left") || report.Live.Removed[clusters[0].Name()] == 0 {
		t.Errorf("notes:\n%s\nreport: %+v", said, report.Live)
	}
}

// feltIt checks that a fault which the cluster survives was felt: while one member is
// frozen, writers wait for it for a while; while answers are late, few writes are acked.
func feltIt(t *testing.T, r Result) {
	t.Helper()
	const late = 200 * time.Millisecond
	chart := r.Course.Whole
	before, after, quiet, longest := 0, 0, time.Duration(0), time.Duration(0)
	for i, slot := range chart.Slots {
		if chart.From.Add(time.Duration(i) * chart.Slot).Before(r.Fault) {
			before += slot.Acked
			continue
		}
		after += slot.Acked
		if quiet += chart.Slot; slot.Acked > 0 {
			quiet = 0
		}
		longest = max(longest, quiet)
	}
	if r.Scenario == "freeze-one" && longest < late || r.Scenario == "slow" && after > before/10 {
		t.Errorf("%s was not felt: %d writes acked before and %d after it, at most %s without any", r.Scenario, before, after, longest)
	}
}

// A client that is given one address learns the others from the members' list.
func drillOnPlainAddresses(t *testing.T, dir string, built builder) {
	clusters := owned(t, standin.Options{Members: 2}, false)
	report, said, err := drillLive(t.Context(), t, dir, Options{Scenarios: long("kill", "outage"), Live: &Live{Map: liveMap}}, built, clusters)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range report.Results {
		if !r.Passed {
			t.Error(r.Text())
		}
	}
	left := report.Live.Left[clusters[0].Name()] + report.Live.Left[clusters[1].Name()]
	if left == 0 || left != entriesOn(clusters) || !strings.Contains(said, fmt.Sprintf("left: %d entries", left)) || !strings.Contains(said, "--clean-run "+report.Live.Run) {
		t.Errorf("%d entries left by the report, %d on the clusters; notes:\n%s", left, entriesOn(clusters), said)
	}
	if err := CleanRun(t.Context(), dir, liveMap, report.Live.Run, &Report{}, func(string) {}); err != nil || entriesOn(clusters) != 0 {
		t.Errorf("%v; %d entries are left after --clean-run", err, entriesOn(clusters))
	}
}

func cancelLiveDrill(t *testing.T, dir string, built builder) {
	clusters := owned(t, standin.Options{PrivateAddresses: true}, true)
	_, _, err := drillLive(t.Context(), t, dir, Options{Scenarios: []string{"freeze-one"}, Live: &Live{Map: liveMap}}, built, clusters)
	if want := "it needs 2 members of the primary, and the members' list of " + clusters[0].Name() + " has 1"; fault.ExitCode(err) != 2 || !strings.Contains(err.Error(), want) {
		t.Errorf("freeze-one of one member: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for clusters[0].Size(liveMap) < 100 {
			time.Sleep(10 * time.Millisecond)
		}
		cancel()
	}()
	_, said, err := drillLive(ctx, t, dir, Options{Scenarios: []string{"kill"}, Live: &Live{Map: liveMap, Clean: true}}, built, clusters)
	if !errors.Is(err, context.Canceled) || !strings.Contains(said, "none is left") || entriesOn(clusters) != 0 {
		t.Errorf("%v; %d entries are left; notes:\n%s", err, entriesOn(clusters), said)
	}
}

func TestAProjectThatWritesElsewhereIsKeptFromLiveClusters(t *testing.T) {
	for name, change := range map[string][2]string{
		`the map "map", and not to "rehearsal" only`:  {"main.go", `client.Map(cmp.Or(s.Map, mapName))`},
		"keys that do not begin with failover-drill-": {"writeloop.go", "return prefix + value, value"},
	} {
		clusters := owned(t, standin.Options{PrivateAddresses: true}, true)
		dir := orders(t)
		path := filepath.Join(dir, change[0])
		text, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(text), change[1]) {
			t.Fatalf("%s does not hold %q: %v", change[0], change[1], err)
		}
		with := map[string]string{"main.go": "client.Map(cmp.Or(mapName, s.Map))", "writeloop.go": "return value, value"}[change[0]]
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), change[1], with, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		_, _, err = drillLive(t.Context(), t, dir, Options{Live: &Live{Map: liveMap}}, goBuild, clusters)
		if fault.ExitCode(err) != 1 || !strings.Contains(err.Error(), name) || entriesOn(clusters) != 0 {
			t.Errorf("want %q, got %v; %d entries", name, err, entriesOn(clusters))
		}
	}
}

func TestALiveDrillBeginsOnlyWhereAllStagesPass(t *testing.T) {
	clusters := owned(t, standin.Options{PrivateAddresses: true}, true)
	clusters[1].Kill()
	built := false
	_, err := run(t.Context(), Options{Dir: orders(t), Live: &Live{Map: liveMap}}, func(context.Context, string, string) error {
		built = true
		return nil
	})
	if fault.ExitCode(err) != 1 || !strings.Contains(err.Error(), "tcp") || built {
		t.Errorf("%v, built: %v", err, built)
	}
}

func TestWhatALiveDrillRefuses(t *testing.T) {
	p, err := load(fakeProject(t, "good"))
	if err != nil {
		t.Fatal(err)
	}
	p.kind = p.kind.onLive()
	for name := range whyNotLive {
		if _, _, err := p.choose([]string{name}); fault.ExitCode(err) != 2 {
			t.Errorf("%s: %v", name, err)
		}
	}
	list, leftOut, err := p.choose([]string{All})
	var names []string
	for _, s := range list {
		names = append(names, s.name)
	}
	if want := []string{"kill", "reset-once", "freeze", "freeze-one", "slow", "flap", "failback", "outage"}; err != nil || !slices.Equal(names, want) || len(leftOut) != len(whyNotLive) {
		t.Errorf("all is %v, left out: %v, %v", names, leftOut, err)
	}
	if err := CleanRun(t.Context(), t.TempDir(), liveMap, "%", &Report{}, nil); fault.ExitCode(err) != 2 {
		t.Errorf("--clean-run %%: %v", err)
	}
	web := service(t, spec.Webservice{Registry: staticList})
	if _, err := Run(t.Context(), Options{Dir: web, Live: &Live{Map: liveMap}}); fault.ExitCode(err) != 2 || !strings.Contains(err.Error(), "web service") {
		t.Errorf("a web service: %v", err)
	}
}

// Why the drill gives the project a discovery URL, and not the proxies' addresses: a
// client of hazelcast-go-client v1.6.0 connects to every member of the list by the
// address in the list. Only with Unisocket it stays with the address that it was given.
func TestASmartClientGoesAroundAProxy(t *testing.T) {
	c, err := standin.Start(standin.Options{Members: 2, Plain: true})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Stop()
	p, err := proxy.Listen(c.Addresses()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	for unisocket, around := range map[bool]bool{false: true, true: false} {
		config := hazelcast.NewConfig()
		config.Logger.Level, config.Cluster.Name, config.Cluster.Unisocket = logger.OffLevel, c.Name(), unisocket
		config.Cluster.Network.Addresses = []string{p.Address()}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		client, err := hazelcast.StartNewClientWithConfig(ctx, config)
		if err != nil {
			t.Fatal(err)
		}
		if got := c.Connections() > p.Connections(); got != around {
			t.Errorf("unisocket %v: %d connections, %d of them through the proxy", unisocket, c.Connections(), p.Connections())
		}
		_ = client.Shutdown(ctx)
		for c.Connections() > 0 && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
	}
}

// Where replication copies the writes, a write on both clusters was not sent twice,
// and only what was not copied is at risk.
func TestCopiesAreNeitherDuplicatesNorAtRisk(t *testing.T) {
	on := func(name string, held ...string) *liveCluster {
		c := &liveCluster{plain: &plain{target: &connect.Target{Name: name}}, held: map[string]bool{}}
		for _, id := range held {
			c.held[id] = true
		}
		return c
	}
	for name, tt := range map[string]struct {
		second     *liveCluster
		replicated bool
		missing    int
	}{
		"copied":        {on("b", "1", "2", "3"), true, 0},
		"copied partly": {on("b", "1", "3"), true, 1},
		"not copied":    {on("b", "3"), false, 2},
	} {
		s := &stage{field: &field{targets: []target{on("a", "1", "2"), tt.second}}}
		w := &written{last: "b", acked: []ledger.Line{{ID: "1", Cluster: "a"}, {ID: "2", Cluster: "a"}, {ID: "3", Cluster: "b"}}}
		w.compare(s)
		if s.replicated != tt.replicated || s.missing != tt.missing {
			t.Errorf("%s: replicated %v, at risk %d", name, s.replicated, s.missing)
		}
	}
}
