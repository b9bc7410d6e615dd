package main

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/failover-gen/failover-gen/internal/drill"
	"github.com/failover-gen/failover-gen/internal/standin"
)

// fault is one way to lose a cluster.
type fault struct {
	name   string // also that of the drill's scenario
	strike func(*standin.Cluster) time.Time
}

var (
	kill   = fault{"kill", (*standin.Cluster).Kill}
	freeze = fault{"freeze", (*standin.Cluster).Freeze}
)

const (
	// quick is a limit for runs that take milliseconds, and slow for those that wait
	// for timers of a minute or two.
	quick = 30 * time.Second
	slow  = 150 * time.Second

	slowRuns  = 3 // of what takes minutes
	drillRuns = 5 // of a drill with freeze, which takes 7 s
)

// variant is a project that is measured.
type variant struct {
	client  string
	standby string
	tls     bool
}

// projects are in the order of the table. The first is the one that is compared.
var projects = []variant{
	{"generated project, warm standby", "warm", false},
	{"generated project, cold standby", "cold", false},
	{"generated project, warm standby", "warm", true},
	{"generated project, cold standby", "cold", true},
}

// contender is a peer and how it is measured.
type contender struct {
	client string
	peer   peer
	why    string // why it cannot be measured; "" if it can
	side   bool   // runs of a kill wait side by side, because the gap is made of timers
	few    bool   // they are few, because each takes minutes
}

// contenders are the peers, in the order of the table.
func (b *bench) contenders() []contender {
	goClient := func(settings string) peer {
		return peer{[]string{b.self, childArg, "write", settings}, 500 * time.Millisecond}
	}
	javaClient := func(settings string) peer {
		return peer{append(b.java.command(), settings), time.Second} // a JVM compiles while it runs
	}
	return []contender{
		{client: javaTutorial, peer: javaClient("tutorial"), why: b.java.why, side: true},
		{client: javaTuned, peer: javaClient("tuned"), why: b.java.why},
		{client: goDefaults, peer: goClient("defaults"), side: true, few: true},
		{client: goTuned, peer: goClient("tuned")},
	}
}

// The names of the peers in the tables.
const (
	javaTutorial = "Java client, settings of the tutorial"
	javaTuned    = "Java client, tuned"
	goDefaults   = "plain Go client, defaults"
	goTuned      = "plain Go client, tuned"
)

// row is the row of a contender, to be filled.
func (c contender) row(f fault, runs int) *row {
	r := &row{Client: c.client, Why: c.why, limit: quick, asked: runs}
	if c.side || f.name == freeze.name {
		r.limit = slow
	}
	if c.few || f.name == freeze.name {
		r.asked = min(slowRuns, runs)
	}
	return r
}

// faults measures both faults. What takes milliseconds is measured alone and first.
// What takes minutes waits side by side.
func (b *bench) faults(ctx context.Context) (kills, freezes []*row, err error) {
	for _, v := range projects {
		kills = append(kills, b.drill(ctx, v, kill, b.runs))
	}
	var waiting sync.WaitGroup
	var aside []func()
	var frozen []*row
	for _, c := range b.contenders() {
		killed, silent := c.row(kill, b.runs), c.row(freeze, b.runs)
		kills, frozen = append(kills, killed), append(frozen, silent)
		if c.side {
			aside = append(aside, func() { b.repeat(ctx, c, kill, killed, &waiting) })
		} else {
			b.repeat(ctx, c, kill, killed, nil)
		}
		aside = append(aside, func() { b.repeat(ctx, c, freeze, silent, &waiting) })
	}
	for _, start := range slices.Backward(aside) { // what waits longest first
		start()
	}
	for _, v := range projects {
		freezes = append(freezes, b.drill(ctx, v, freeze, min(drillRuns, b.runs)))
	}
	b.say("waiting for the slow ones")
	waiting.Wait()
	return kills, append(freezes, frozen...), ctx.Err()
}

// drill measures a project with the drill of this tool.
func (b *bench) drill(ctx context.Context, v variant, f fault, runs int) *row {
	r := &row{Client: v.client, TLS: v.tls, limit: quick, asked: runs}
	b.say("%s, TLS %t: %s, %d runs", v.client, v.tls, f.name, runs)
	dir, err := b.project(v)
	if err != nil {
		r.Why = oneLine(err)
		return r
	}
	report, err := drill.Run(ctx, drill.Options{Dir: dir, Scenarios: []string{f.name}, Repeat: runs})
	switch {
	case err != nil && len(report.Results) == 0:
		r.Why = oneLine(err)
	case err != nil:
		r.failed = append(r.failed, oneLine(err))
	}
	for _, d := range report.Results {
		w := d.Writes
		r.runs = append(r.runs, outcome{
			gap:   time.Duration(d.GapMS * float64(time.Millisecond)),
			acked: w.Acked, failed: w.NotSent + w.Unknown + w.Rejected, unknown: w.Unknown,
			lost: d.LostAcked, twice: d.Duplicated,
		})
		r.failed = append(r.failed, d.Failures...)
	}
	return r
}

// repeat measures a peer. With waiting, the runs start one after the other and then
// wait side by side, also after repeat has returned.
func (b *bench) repeat(ctx context.Context, c contender, f fault, r *row, waiting *sync.WaitGroup) {
	if r.Why != "" {
		return
	}
	var mu sync.Mutex
	for i := range r.asked {
		if ctx.Err() != nil {
			return
		}
		b.say("%s: %s, run %d of %d", c.client, f.name, i+1, r.asked)
		s, err := c.peer.open(ctx)
		if err != nil {
			s.close()
			r.failed = append(r.failed, oneLine(err))
			continue
		}
		broken := f.strike(s.clusters[0])
		finish := func() {
			defer s.close()
			o, err := s.outcomeOf(ctx, broken, r.limit)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				r.failed = append(r.failed, oneLine(err))
			} else {
				r.runs = append(r.runs, o)
			}
		}
		if waiting == nil {
			finish()
		} else {
			waiting.Go(finish)
		}
	}
}
