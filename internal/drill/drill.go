// Package drill proves on the user's own machine that a generated project
// fails over. It builds the project, runs it as a process of its own against
// stand-in clusters, and breaks one of them. Then it compares the ledger of the
// project, which says what the project believes, with the ledgers of the
// clusters, which say what they applied.
//
// It changes no file of the project and gives it only other environment
// variables. It touches no cluster outside this process, and leaves no process
// and no file behind. It judges connections, calls and the order of events. It
// does not judge what a cluster does with its data: a stand-in is not a database.
package drill

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// All stands for every scenario, in the order of Scenarios.
const All = "all"

// Options says what to drill. Dir is the only field without a default.
type Options struct {
	Dir       string   // the project's folder
	Main      string   // for a package: the folder of a program that imports it
	Scenarios []string // default: "kill"
	Repeat    int      // runs of each scenario; default 1
	Writers   int      // concurrent writers in the project; default 1
	Live      *Live    // drill on the project's own clusters; nil: on stand-ins
	// Seed decides when each fault strikes, and which of several members; 0: a
	// random one. It has no influence on when the project makes its calls.
	Seed uint64
	// OnResult, if set, is called with each result at once.
	OnResult func(Result)
	// OnNote, if set, is called with a line on what was checked or left out.
	OnNote func(string)
	// OnStep, if set, is called when a step begins that takes a while.
	OnStep func(Step)

	temp string        // the folder for temporary files; default: the system's
	rest time.Duration // of the project; default: that of load
}

// Step is a part of a drill that takes a while.
type Step struct {
	What  string // what is done, or the name of a scenario
	N, Of int    // which run it is of how many; 0 where it is not a run
	// Look says how a run goes on, at any time and from any goroutine; nil where it
	// is not a run.
	Look func() Look
}

// Report is the outcome of a drill.
type Report struct {
	Project string   `json:"project"`
	Seed    uint64   `json:"seed"` // see Options
	Results []Result `json:"results"`
	// Live is what a drill on live clusters wrote and left; nil without it.
	Live *LiveReport `json:"live,omitempty"`

	// Legend explains the words of a result, a line each.
	Legend string `json:"-"`
	// Noun is what a target is called: "cluster".
	Noun string `json:"-"`
}

// Result is the outcome of one run of one scenario.
type Result struct {
	Scenario string `json:"scenario"`
	Run      int    `json:"run"` // from 1
	Passed   bool   `json:"passed"`
	// GapMS is the time from the fault (for outage: from the return) to the
	// first write acked by the next cluster, by the clock of this process, in
	// milliseconds. Of several it is the longest; 0: the cluster must not change.
	GapMS float64 `json:"gap_ms"`
	// Events are the project's events since the first fault, in order.
	Events []string `json:"events"`
	// Writes are the project's writes by outcome.
	Writes Writes `json:"writes"`
	// LostAcked counts writes that, by the project's ledger, a cluster acked which
	// never applied them.
	LostAcked int `json:"lost_acked"`
	// Duplicated counts writes that were applied more than once, on all clusters together.
	Duplicated int `json:"duplicated"`
	// AtRisk counts writes acked by another cluster than the one that was active in
	// the end. Stand-ins copy nothing to each other, so that the active one has
	// none of them. Between live clusters, replication copies them, and only those
	// count which the active one did not hold when the run ended.
	AtRisk int `json:"at_risk"`
	// Failures says why the run did not pass.
	Failures []string `json:"failures,omitempty"`

	// About says what the scenario breaks, and what must happen then.
	About string `json:"-"`
	// Timeline is Events with their clusters and times.
	Timeline []Event `json:"-"`
	// Deeds are what the drill did, in order.
	Deeds []Deed `json:"-"`
	// Fault is when the first fault struck.
	Fault time.Time `json:"-"`
	// Course is what a picture shows; without targets if there was nothing to judge.
	Course Course `json:"-"`
}

// Writes counts writes by outcome.
type Writes struct {
	Acked    int `json:"acked"`
	NotSent  int `json:"not_sent"`
	Unknown  int `json:"unknown"`
	Rejected int `json:"rejected"`
}

// count adds a write with an outcome of the ledger.
func (w *Writes) count(outcome string) {
	switch outcome {
	case "acked":
		w.Acked++
	case "not_sent":
		w.NotSent++
	case "rejected":
		w.Rejected++
	default:
		w.Unknown++
	}
}

// Event is one event of the project's ledger.
type Event struct {
	Name    string // CLIENT_CONNECTED, CLIENT_DISCONNECTED, CLIENT_CHANGED_CLUSTER
	Cluster string
	From    string // the cluster just left; CLIENT_CHANGED_CLUSTER only
	Time    time.Time
}

// Deed is what the drill did to a target, or to the registry that lists the targets.
type Deed struct {
	Time   time.Time
	What   string // "kill", "restart", and so on
	Target string // Registry for the registry
}

// Breaks reports whether the target is broken until it is restarted.
func (d Deed) Breaks() bool {
	return !d.Restarts() && !slices.Contains([]string{resetOnce.manner, expiry, joined}, d.What)
}

// silences reports whether the target answers nothing until it is restarted. What
// breaks the half of it, or is slow, goes on answering.
func (d Deed) silences() bool {
	return slices.Contains([]string{kill.manner, freeze.manner, blackhole.manner, refuse.manner, expire.manner, shutDown.manner}, d.What)
}

// Restarts reports whether the target is whole again.
func (d Deed) Restarts() bool { return d.What == restart }

// Run builds the project once and runs every scenario as often as asked. The
// error says why a run could not be made. A run that did not pass is not an error:
// see Report.Passed. When ctx ends, Run returns the results so far and ctx's error.
func Run(ctx context.Context, o Options) (Report, error) {
	return run(ctx, o, goBuild)
}

func run(ctx context.Context, o Options, build builder) (report Report, err error) {
	if o.Seed == 0 {
		o.Seed = 1 + rand.Uint64N(math.MaxUint32)
	}
	report = Report{Project: filepath.ToSlash(o.Dir), Seed: o.Seed, Results: []Result{}}
	p, err := load(o.Dir)
	if err == nil {
		err = p.runs(o.Main)
	}
	if err != nil {
		return report, err
	}
	if o.Live != nil {
		if err := p.canGoLive(); err != nil {
			return report, err
		}
		p.kind = p.kind.onLive()
	}
	p.rest, report.Legend, report.Noun = cmp.Or(o.rest, p.rest), p.kind.legend, p.kind.noun
	list, leftOut, err := p.choose(o.Scenarios)
	if err != nil {
		return report, err
	}
	note := func(text string) {
		if o.OnNote != nil && text != "" {
			o.OnNote(text)
		}
	}
	var l *live
	if o.Live != nil {
		if l, err = p.goLive(ctx, *o.Live); err != nil {
			return report, err
		}
		defer l.close()
		if list, leftOut, err = p.choose(o.Scenarios); err != nil { // by what the clusters are
			return report, err
		}
	}
	if p.kind.note != nil {
		note(p.kind.note(p))
	}
	for _, text := range leftOut {
		note(text)
	}
	if l != nil {
		note(l.plan())
		defer func() { err = cmp.Or(err, l.finish(ctx, note, &report)) }()
	}
	err = p.drill(ctx, o, list, build, &report)
	return report, err
}

// drill builds the project and adds the result of each run to the report.
func (p *project) drill(ctx context.Context, o Options, list []scenario, build builder, report *Report) error {
	work, err := os.MkdirTemp(o.temp, "failover-drill-")
	if err != nil {
		return fault.Wrap(fault.Environment, fault.Position{}, "no folder for temporary files: "+err.Error(), "free some space or set TMPDIR", err)
	}
	defer os.RemoveAll(work)
	if work, err = filepath.Abs(work); err != nil { // TMPDIR may be relative, and the project runs elsewhere
		return err
	}
	binary := filepath.Join(work, "project"+exeSuffix)
	step := func(s Step) {
		if o.OnStep != nil {
			o.OnStep(s)
		}
	}
	step(Step{What: "building"})
	if err := build(ctx, p.main, binary); err != nil {
		return err
	}
	step(Step{What: "checking its own settings"})
	note, err := p.checkItself(ctx, binary)
	if err != nil {
		return err
	}
	if o.OnNote != nil {
		o.OnNote(note)
	}
	if p.live != nil {
		step(Step{What: "trying on stand-ins where it writes"})
		if err := p.live.rehearse(ctx, binary, filepath.Join(work, "stand-ins")); err != nil {
			return err
		}
	}
	repeat := max(o.Repeat, 1)
	for n, s := range list {
		for i := 1; i <= repeat; i++ {
			seen := &watch{}
			step(Step{What: s.name, N: n*repeat + i, Of: len(list) * repeat, Look: seen.look})
			chance := rand.New(rand.NewPCG(report.Seed, uint64(i)))
			r, err := hold(ctx, p, s, binary, filepath.Join(work, fmt.Sprintf("%s-%d", s.name, i)), max(o.Writers, 1), chance, seen)
			if err != nil {
				return err
			}
			r.Run = i
			report.Results = append(report.Results, r)
			if o.OnResult != nil {
				o.OnResult(r)
			}
		}
	}
	return nil
}
