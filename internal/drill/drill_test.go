package drill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// The test binary is also the project that is drilled.
func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "-check" {
		os.Exit(checkFake())
	}
	if home := os.Getenv("FAILOVER_HOME"); home != "" {
		manner, err := os.ReadFile("manner")
		if err != nil {
			panic(err)
		}
		os.Exit(runFake(string(manner)))
	}
	goleak.VerifyTestMain(m)
}

// fakeProject makes a project folder whose program behaves in the given manner.
func fakeProject(t *testing.T, manner string) string { return fakeProjectWith(t, manner, "") }

// fakeProjectWith makes one whose first cluster has more keys in failover.yaml.
func fakeProjectWith(t *testing.T, manner, first string) string {
	t.Helper()
	dir := t.TempDir()
	failover := "version: 1\nkind: hazelcast\nmodule: example.com/fake\nclusters:\n  - bundle: a.zip\n" + first + "  - bundle: b.zip\n    name: pr-5678\n    alias: other\n    username: me\n" +
		"failover:\n  silence: 1s\n  confirm: 200ms\n  connectTimeout: 500ms\n  opTimeout: 200ms\n"
	s, err := spec.Parse("failover.yaml", []byte(failover))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"failover.yaml": failover,
		"failover.lock": `{"version":1,"spec":"` + s.Digest() + `","templates":"","clusters":[{"name":"pr-1234"},{"name":"ignored"}],"files":[]}`,
		"manner":        manner,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// linkSelf stands in for the Go toolchain.
func linkSelf(_ context.Context, _, binary string) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	return os.Symlink(self, binary)
}

// drillFake drills a fake project.
func drillFake(t *testing.T, manner string, o Options) Report {
	t.Helper()
	o.Dir, o.rest = fakeProject(t, manner), 200*time.Millisecond
	report, err := run(context.Background(), o, linkSelf)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// A cluster that is declared to have no TLS gets a stand-in without TLS, and the
// scenario that needs a certificate is left out.
func TestAClusterWithoutTLSIsDrilledWithoutTLS(t *testing.T) {
	t.Parallel()
	dir := fakeProjectWith(t, "good", "    tls: off\n")
	report, err := run(context.Background(), Options{Dir: dir, Scenarios: []string{"kill"}}, linkSelf)
	if err != nil || len(report.Results) != 1 || !report.Results[0].Passed {
		t.Errorf("%+v, %v", report, err)
	}
	p, err := load(dir)
	if err != nil {
		t.Fatal(err)
	}
	all, leftOut, err := p.choose([]string{All})
	if err != nil || len(all) != len(hazelcastScenarios)-2 || !slices.Contains(leftOut, "left out: expired, because the primary has no TLS, so no certificate of it can expire") || slices.ContainsFunc(all, func(s scenario) bool { return s.name == "expired" }) {
		t.Errorf("all is %v, %v", all, err)
	}
	if _, _, err := p.choose([]string{"expired"}); fault.ExitCode(err) != 2 || !strings.Contains(err.Error(), `"expired" does not fit this project: the primary has no TLS`) {
		t.Errorf("expired: %v", err)
	}
}

// checkCourse compares what is drawn of a run, and what was seen of it, with its counts.
func checkCourse(t *testing.T, r Result, seen Look) {
	t.Helper()
	var drawn Writes
	for _, w := range r.Course.Whole.Slots {
		drawn.Acked, drawn.NotSent, drawn.Unknown, drawn.Rejected = drawn.Acked+w.Acked, drawn.NotSent+w.NotSent, drawn.Unknown+w.Unknown, drawn.Rejected+w.Rejected
	}
	if drawn != r.Writes || len(r.Course.Whole.Slots) > maxSlots {
		t.Errorf("%s: %d slots hold %+v of %+v", r.Scenario, len(r.Course.Whole.Slots), drawn, r.Writes)
	}
	if seen.Acked < r.Writes.Acked || seen.Active == "" || !slices.Equal(seen.Deeds, r.Deeds) || !slices.Equal(seen.Events, last(r.Course.Events)) {
		t.Errorf("%s: seen %+v, acked %d, deeds %v, events %v", r.Scenario, seen, r.Writes.Acked, r.Deeds, r.Course.Events)
	}
	if gaps := r.Course.Gaps; len(gaps) == 0 != (r.GapMS == 0) || len(gaps) == 0 != (len(r.Course.Near.Slots) == 0) {
		t.Errorf("%s: gap %v ms, drawn %v", r.Scenario, r.GapMS, gaps)
	}
}

func TestASlotLastsARoundTime(t *testing.T) {
	at := time.Now()
	for length, want := range map[time.Duration]time.Duration{
		0: 10 * time.Microsecond, 10 * time.Millisecond: 100 * time.Microsecond, 6 * time.Second: 50 * time.Millisecond, 30 * time.Second: 200 * time.Millisecond, time.Hour: 50 * time.Second,
	} {
		c := newChart(Span{at, at.Add(length)})
		if c.Slot != want || len(c.Slots) > maxSlots || time.Duration(len(c.Slots))*c.Slot < length {
			t.Errorf("%s: %d slots of %s, want %s", length, len(c.Slots), c.Slot, want)
		}
	}
}

// It does not run beside other tests, since it must find nothing.
func TestAGoodProjectPasses(t *testing.T) {
	tmp := t.TempDir()
	var told []string
	var steps []string
	var looks []func() Look
	report := drillFake(t, "good", Options{temp: tmp, OnStep: func(s Step) {
		steps = append(steps, fmt.Sprintf("%s %d/%d", s.What, s.N, s.Of))
		if s.Look != nil {
			looks = append(looks, s.Look)
		}
	}, Scenarios: []string{"kill", "reset-once", "freeze", "blackhole", "slow"}, Writers: 3, OnResult: func(r Result) { told = append(told, r.Scenario) }})
	for i, r := range report.Results {
		if !r.Passed {
			t.Error(r.Text())
		}
		checkCourse(t, r, looks[i]())
		switching := r.Scenario != "reset-once" && r.Scenario != "slow"
		if want := []string{disconnected, connected, changed}; switching && !slices.Equal(r.Events, want) {
			t.Errorf("%s: events %v, want %v", r.Scenario, r.Events, want)
		}
		if switching != (r.GapMS > 0) {
			t.Errorf("%s: gap %v ms", r.Scenario, r.GapMS)
		}
		if atRisk := r.AtRisk > 0 && r.AtRisk < r.Writes.Acked; atRisk != switching {
			t.Errorf("%s: %d of %d acked writes at risk", r.Scenario, r.AtRisk, r.Writes.Acked)
		}
		if r.Writes.Acked < 100 || r.Fault.IsZero() || len(r.Timeline) != len(r.Events) {
			t.Error(r.Text(), r.Fault, r.Events)
		}
	}
	if r := report.Results[2]; r.GapMS < 900 {
		t.Errorf("the freeze was noticed after %v ms, before the silence of the fake was over", r.GapMS)
	}
	if len(told) != 5 || !report.Passed() {
		t.Errorf("told of %v, passed: %v", told, report.Passed())
	}
	if want := []string{"building 0/0", "checking its own settings 0/0", "kill 1/5", "reset-once 2/5", "freeze 3/5", "blackhole 4/5", "slow 5/5"}; !slices.Equal(steps, want) {
		t.Errorf("steps %v, want %v", steps, want)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestEachMisbehaviourIsNoticed(t *testing.T) {
	t.Parallel()
	var all sync.WaitGroup // they mostly wait: on two processors t.Parallel would run two at a time
	defer all.Wait()
	for manner, c := range map[string]struct{ scenario, want string }{
		"lies":               {"kill", "never applied by the cluster"},
		"repeats":            {"kill", "applied more than once"},
		"understates":        {"kill", "they are not sent by the project's ledger"},
		"confuses the order": {"kill", "each loss must be"},
		"crashes":            {"kill", "ended by itself: exit status 7; its last line: out of ideas"},
		"does not start":     {"kill", "ended by itself: exit status 1; its last line: FAILOVER_1_TOKEN is not set; run it with -check in its folder"},
		"never switches":     {"kill", "no other cluster acked a write"},
		"panics":             {"kill", "ended by itself: exit status 2; it said: panic: out of ideas"},
		"gives up":           {"kill", "writes that began after the last switch were acked"},
		"exits with 3":       {"kill", "after SIGINT the project ended with exit status 3"},
		"no ledger":          {"kill", "wrote no ledger, although FAILOVER_LEDGER names one; open it in main.go"},
		"is jumpy":           {"reset-once", "there must be no switch"},
	} {
		all.Go(func() {
			t.Run(manner, func(t *testing.T) {
				report := drillFake(t, manner, Options{Scenarios: []string{c.scenario}})
				r := report.Results[0]
				if text := strings.Join(r.Failures, "\n"); r.Passed || report.Passed() || !strings.Contains(text, c.want) {
					t.Errorf("passed: %v, failures %q, want %q", r.Passed, text, c.want)
				}
				if manner == "lies" && r.LostAcked == 0 || manner == "repeats" && r.Duplicated != 1 {
					t.Errorf("%d lost, %d duplicated", r.LostAcked, r.Duplicated)
				}
			})
		})
	}
}

func TestAProjectThatWritesNothingIsToldWhatToDo(t *testing.T) {
	t.Parallel()
	p, err := load(fakeProject(t, "is idle"))
	if err != nil {
		t.Fatal(err)
	}
	p.startTimeout = time.Second
	report := Report{}
	if err := p.drill(context.Background(), Options{}, p.kind.scenarios[:1], linkSelf, &report); err != nil {
		t.Fatal(err)
	}
	const want = "the project wrote nothing to pr-1234 within 1s; its last line: what now?; a drill needs the writes that writeloop.go makes: "
	if r := report.Results[0]; r.Passed || len(r.Failures) != 1 || !strings.HasPrefix(r.Failures[0], want) {
		t.Errorf("%+v", r)
	}
}

func TestCancellationLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	tmp := t.TempDir()
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(700*time.Millisecond, cancel)
	start := time.Now()
	report, err := run(ctx, Options{temp: tmp, Dir: fakeProject(t, "good"), Scenarios: []string{All}}, linkSelf)
	if !errors.Is(err, context.Canceled) || report.Passed() {
		t.Errorf("error %v, passed: %v", err, report.Passed())
	}
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("ended %v after the start", d)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestInheritedSettingsDoNotReachTheProject(t *testing.T) {
	t.Setenv("FAILOVER_PIN", "pr-9")
	t.Setenv("FAILOVER_1_TOKEN_FILE", "/secret")
	for _, v := range inherited() {
		if strings.HasPrefix(v, "FAILOVER_") {
			t.Errorf("%s is inherited", v)
		}
	}
}

func TestWhatCannotBeDrilled(t *testing.T) {
	expect := func(what string, err error, kind fault.Kind, text string) {
		t.Helper()
		if fault.ExitCode(err) != int(kind) || !strings.Contains(err.Error(), text) {
			t.Errorf("%s: %v, exit code %d; want %q, %d", what, err, fault.ExitCode(err), text, kind)
		}
	}
	ctx := context.Background()
	_, err := Run(ctx, Options{Dir: t.TempDir()})
	expect("no project", err, fault.Input, "failover.yaml: ")
	_, err = Run(ctx, Options{Dir: fakeProject(t, ""), Scenarios: []string{"kill", "earthquake"}})
	expect("unknown scenario", err, fault.Input, `"earthquake"; choose from kill, reset-once, freeze,`)

	single := t.TempDir()
	os.WriteFile(filepath.Join(single, "failover.yaml"), []byte("version: 1\nkind: hazelcast\nmodule: example.com/x\nclusters:\n  - bundle: a.zip\n"), 0o600)
	_, err = Run(ctx, Options{Dir: single})
	expect("one cluster", err, fault.Input, "cluster")

	_, err = Run(ctx, Options{Dir: filepath.Join(single, "failover.yaml")})
	expect("a file", err, fault.Input, "failover.yaml: is not a folder; give the folder of a project")

	stale := fakeProject(t, "")
	text, _ := os.ReadFile(filepath.Join(stale, "failover.yaml"))
	os.WriteFile(filepath.Join(stale, "failover.yaml"), []byte(strings.Replace(string(text), "confirm: 200ms", "confirm: 300ms", 1)), 0o600)
	_, err = Run(ctx, Options{Dir: stale})
	expect("an edited spec", err, fault.Finding, "generate it again first")
	os.WriteFile(filepath.Join(stale, "failover.yaml"), []byte("# a remark\n"+string(text)), 0o600)
	if _, err := load(stale); err != nil {
		t.Errorf("a remark in the spec: %v", err)
	}
	os.Remove(filepath.Join(stale, "failover.lock"))
	_, err = Run(ctx, Options{Dir: stale})
	expect("no lock", err, fault.Finding, "generate it again first")

	broken := fakeProject(t, "")
	os.WriteFile(filepath.Join(broken, "go.mod"), []byte("module example.com/x\n\ngo 1.26\n"), 0o600)
	os.WriteFile(filepath.Join(broken, "main.go"), []byte("package main\n\nfunc main() { undefined() }\n"), 0o600)
	_, err = Run(ctx, Options{Dir: broken})
	expect("a project that does not build", err, fault.Finding, "undefined: undefined")
	t.Setenv("PATH", "")
	_, err = Run(ctx, Options{Dir: broken})
	expect("no toolchain", err, fault.Environment, "no Go toolchain")
}

// What a user's environment says about builds of their own does not reach the drill's.
func TestGoBuildMakesAProgram(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "project")
	os.Mkdir(dir, 0o755)
	os.WriteFile(filepath.Join(dir, "..", "go.work"), []byte("go 1.26\n"), 0o600)
	t.Setenv("GOOS", "plan9")
	t.Setenv("GOARCH", "386")
	os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/x\n\ngo 1.26\n"), 0o600)
	os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nfunc main() { println(\"hello\") }\n"), 0o600)
	binary := filepath.Join(t.TempDir(), "program")
	if err := goBuild(context.Background(), dir, binary); err != nil {
		t.Fatal(err)
	}
	p, err := startProcess(context.Background(), binary, dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	<-p.ended
	if p.err != nil || p.output.said() != "; its last line: hello" {
		t.Errorf("%v, %q", p.err, p.output.said())
	}
}

func TestACancelledBuildLeavesNothingBehind(t *testing.T) {
	tmp := t.TempDir()
	dir := fakeProject(t, "")
	os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/fake\n\ngo 1.26\n"), 0o600)
	os.WriteFile(filepath.Join(dir, "main.go"), []byte("package main\n\nimport \"net/http\"\n\nfunc main() { http.Get(\"\") }\n"), 0o600)
	t.Setenv("GOFLAGS", "")
	t.Setenv("GOCACHE", t.TempDir()) // so that there is much to build
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(time.Second, cancel)
	if _, err := Run(ctx, Options{temp: tmp, Dir: dir}); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

func TestWhatStandsInTheWayOfABuild(t *testing.T) {
	for out, want := range map[string]struct {
		kind fault.Kind
		text string
	}{
		"go: downloading a/b v1.0.0\nx.go:1:2: a/b@v1.0.0: Get \"https://p/a\": dial tcp: lookup p: no such host\n":   {fault.Environment, "cannot be fetched: x.go:1:2: a/b@v1.0.0: Get"},
		"x.go:11:2: module lookup disabled by GOPROXY=off\n":                                                          {fault.Environment, "cannot be fetched: x.go:11:2: module"},
		"x.go:11:2: reading a/b/go.mod at revision v1.6.0: git ls-remote -q in /tmp: exit status 128:\n\tfatal: no\n": {fault.Environment, "cannot be fetched: x.go:11:2: reading a/b/go.mod"},
		"go: go.mod requires go >= 1.99.0 (running go 1.26.8; GOTOOLCHAIN=local)\n":                                   {fault.Environment, "needs a newer Go: go: go.mod requires"},
		"x.go:1:2: missing go.sum entry for module providing package a/b; to add:\n\tgo get example.com/x\n":          {fault.Finding, "does not build: x.go:1:2: missing go.sum entry"},
		"failed to initialize build cache at /n/c: mkdir /n: permission denied\n":                                     {fault.Environment, "keeps the project from being built: failed to initialize"},
		"build cache is required, but could not be located: GOCACHE is not defined\n":                                 {fault.Environment, "built: build cache is required"},
		"go: module cache not found: neither GOMODCACHE nor GOPATH is set\n":                                          {fault.Environment, "built: go: module cache not found"},
		"go: could not create module cache: stat /r/mod: permission denied\n":                                         {fault.Environment, "built: go: could not create"},
		"go: creating work dir: stat /n: no such file or directory\n":                                                 {fault.Environment, "built: go: creating work dir"},
		"open /p/main.go: permission denied\n":                                                                        {fault.Environment, "built: open /p/main.go: permission denied; let your user"},
		"main.go:2:8: open /p/sub: permission denied\n":                                                               {fault.Environment, "built: main.go:2:8: open"},
		"go: example.com/x: mkdir /c/00: read-only file system\n":                                                     {fault.Environment, "read-only file system"},
		"# example.com/x\n./x.go:1:2: write $WORK/b001/_pkg_.a: no space left on device\n":                            {fault.Environment, "built: ./x.go:1:2: write"},
		"# example.com/x\n./x.go:1:2: undefined: x\n":                                                                 {fault.Finding, "does not build: ./x.go:1:2: undefined: x; repair"},
	} {
		err := buildFault("orders", out, errors.New("exit status 1"))
		if fault.ExitCode(err) != int(want.kind) || !strings.Contains(err.Error(), want.text) {
			t.Errorf("%v, exit code %d; want %q, %d", err, fault.ExitCode(err), want.text, want.kind)
		}
	}
}

func TestAPanicIsKeptBeforeLongStacks(t *testing.T) {
	var out tail
	for _, text := range []string{strings.Repeat("busy\n", 5000), "pan", "ic: out of ideas\n", strings.Repeat("goroutine 1 [running]:\n", 5000)} {
		if _, err := out.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if got := out.said(); got != "; it said: panic: out of ideas" || len(out.kept) > tailSize {
		t.Errorf("%q, %d bytes kept", got, len(out.kept))
	}
}

func TestReport(t *testing.T) {
	r := Report{Project: "DIR", Seed: 7, Legend: hazelcastLegend, Results: []Result{
		{Scenario: "kill", Run: 1, Passed: true, GapMS: 4.1, Events: []string{disconnected, connected, changed}, Writes: Writes{Acked: 18233, Unknown: 1}},
		{Scenario: "kill", Run: 2, GapMS: 9.5, Events: []string{}, Failures: []string{"too late"}},
	}}
	data, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"project":"DIR","seed":7,"results":[` +
		`{"scenario":"kill","run":1,"passed":true,"gap_ms":4.1,"events":["CLIENT_DISCONNECTED","CLIENT_CONNECTED","CLIENT_CHANGED_CLUSTER"],"writes":{"acked":18233,"not_sent":0,"unknown":1,"rejected":0},"lost_acked":0,"duplicated":0,"at_risk":0},` +
		`{"scenario":"kill","run":2,"passed":false,"gap_ms":9.5,"events":[],"writes":{"acked":0,"not_sent":0,"unknown":0,"rejected":0},"lost_acked":0,"duplicated":0,"at_risk":0,"failures":["too late"]}]}`
	if string(data) != want {
		t.Errorf("JSON %s\nwant %s", data, want)
	}
	text := r.Results[0].Text() + r.Results[1].Text() + r.Closing()
	for _, part := range []string{"kill              run 1   passed  gap     4.1 ms", "FAILED", "    too late\n", "1 of 2 passed; gap median 6.8 ms, longest 9.5 ms\n\ngap  ", "\nseed 7: with --seed 7 the faults"} {
		if !strings.Contains(text, part) {
			t.Errorf("text lacks %q:\n%s", part, text)
		}
	}
	if !strings.HasSuffix(text, "\n1 of 2 passed\n") || strings.Count(text, "at risk     ") != 1 {
		t.Errorf("the text does not end in the count, or the legend does not stand there once:\n%s", text)
	}
	stayed := Result{Scenario: "slow", Run: 1, Passed: true}.Text()
	if !strings.Contains(stayed, "passed  gap          -  acked") {
		t.Errorf("a run without a switch shows a gap: %s", stayed)
	}
	if r.Passed() || (Report{}).Passed() {
		t.Error("passed, although a run failed or there was none")
	}
}

// What a bundle said of TLS is in the lock: that there is none, or that there are PEM
// files in place of both stores.
func TestTheLockSaysWhatAStandInGives(t *testing.T) {
	pem, p := &spec.LockStore{}, &project{}
	s := &spec.Spec{Hazelcast: spec.Hazelcast{Clusters: make([]spec.Cluster, 4)}}
	if f := loadHazelcast(p, s, &spec.Lock{Clusters: []spec.LockCluster{{CA: pem, Cert: pem, Key: pem}, {Keystore: pem, CA: pem}, {TLS: spec.TLSOff}}}); f != nil {
		t.Fatal(f)
	}
	if !slices.Equal(p.pem, []bool{true, false, false, false}) {
		t.Errorf("PEM files: %v", p.pem)
	}
	for i, want := range []string{"", "", spec.TLSOff, ""} {
		if p.clusters[i].TLS != want {
			t.Errorf("cluster %d: TLS is %q, want %q", i+1, p.clusters[i].TLS, want)
		}
	}
}
