package drill

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// target is one cluster under a project, or one endpoint of a web service. A
// drill breaks it on command, and it knows what it applied and when.
type target interface {
	// Name is the name by which the project's ledger calls the target.
	Name() string
	// Break makes the target fail in one way, and returns the instant at which
	// it began to.
	Break(breakage) (time.Time, error)
	// Restart brings a killed target back with the data that it held.
	Restart() error
	// Heal ends a freeze, a blackhole and slowness, so that the target carries out
	// the requests that it has received.
	Heal()
	// FirstAckAfter is when the first write was acked at or after t; false if
	// none was yet.
	FirstAckAfter(t time.Time) (time.Time, bool)
	// Acked counts the writes that were acked so far.
	Acked() int
	// Applications counts how often the write with this id was applied.
	Applications(id string) int
	// Connections counts the open connections, whatever their stage.
	Connections() int
	// Admitted counts the clients that were authenticated so far.
	Admitted() int
	// Stop ends the target and frees what it holds.
	Stop()
}

// breakage is one way for a target to fail.
type breakage struct {
	manner string
	member int           // freezeMember: which one, counted from 0
	delay  time.Duration // slow: how long an answer takes
}

var (
	kill      = breakage{manner: "kill"}       // connections are reset, ports closed
	resetOnce = breakage{manner: "reset once"} // connections are reset, new ones accepted
	freeze    = breakage{manner: "freeze"}     // connections are accepted, nothing is answered
	blackhole = breakage{manner: "blackhole"}  // packets vanish
	refuse    = breakage{manner: "refuse"}     // new connections are refused authentication
	expire    = breakage{manner: "expire"}     // new connections see a certificate that is no longer valid
)

// freezeMember freezes one member of several.
func freezeMember(i int) breakage { return breakage{manner: "freeze member", member: i} }

// slow makes every answer take d.
func slow(d time.Duration) breakage { return breakage{manner: "slow", delay: d} }

// field is what a project runs on during one run of a scenario.
type field struct {
	targets []target // in order of preference
	env     []string // the whole environment in which the project uses the targets
	// registry lists the targets for the project; nil where env does.
	registry *registry
	// book follows the project's ledger during the run. Where start leaves it nil, as
	// for stand-ins, which know what they acked, it is one that reads only events.
	book *follower

	// Of live clusters, which keep no ledger: readBack finds out what became of the
	// writes in the project's ledger, how many acked ones the last active cluster does
	// not hold, and whether the clusters copy to each other. It is nil for stand-ins.
	readBack   func(ctx context.Context, s *stage, ledger string) error
	missing    int
	replicated bool
}

// stop frees what the targets hold.
func (f *field) stop() {
	for _, t := range f.targets {
		t.Stop()
	}
	if f.registry != nil {
		f.registry.stop()
	}
}

// kind is what a drill asks of the kind of project that it drills.
type kind struct {
	title string // of its scenarios in the help
	noun  string // what a target is called: "cluster"
	loop  string // the file that makes the writes
	// legend explains the words of a result, a line each.
	legend string
	// load takes from the spec and the lock what a drill must know. The fault has no position.
	load func(*project, *spec.Spec, *spec.Lock) *fault.Fault
	// scenarios are those that make sense for this kind, in the order in which
	// All runs them.
	scenarios []scenario
	// note says what the user has to know before a drill, "" for nothing; it may be nil.
	note func(*project) string
	// unfit says why a scenario does not fit the project, "" where it does. A nil
	// function fits all.
	unfit func(p *project, s *scenario) string
	// instead is what else to do about a scenario that does not fit; "": change the project.
	instead string
	// start adds the targets and the environment to the field, with files below dir.
	// What it has added when it fails is stopped by the caller.
	start func(p *project, f *field, dir string, members int) error
	// judgeEvents compares the project's events with what had to happen.
	judgeEvents func(s *stage, before, after []Event)
	// copies says that acked writes stay on the target that acked them unless something
	// copies them, so that those on a lost target are at risk.
	copies bool
}

// kinds are the kinds of project by their names in failover.yaml.
var kinds = map[string]kind{
	spec.KindHazelcast: {
		title: "Hazelcast clusters", noun: "cluster", loop: "writeloop.go", legend: hazelcastLegend, copies: true,
		load: loadHazelcast, scenarios: hazelcastScenarios, unfit: unfitHazelcast, start: startHazelcast, judgeEvents: (*stage).judgeClients,
	},
	spec.KindWebservice: {
		title: "web services", noun: "endpoint", loop: "calls.go", legend: webserviceLegend,
		load: loadWebservice, scenarios: webserviceScenarios, note: noteWebservice, unfit: unfitWebservice, start: startEndpoints, judgeEvents: (*stage).judgeEndpoints,
	},
}

// choose looks the scenarios up by name; none means kill. Of all, it leaves out
// those that do not fit the project, with a line for each.
func (p *project) choose(names []string) (list []scenario, leftOut []string, err error) {
	if len(names) == 0 {
		names = []string{"kill"}
	}
	if slices.Contains(names, All) {
		for _, s := range p.kind.scenarios {
			if why := p.unfit(&s); why != "" {
				leftOut = append(leftOut, fmt.Sprintf("left out: %s, because %s", s.name, why))
			} else {
				list = append(list, s)
			}
		}
		return list, leftOut, nil
	}
	for _, name := range names {
		i := slices.IndexFunc(p.kind.scenarios, func(s scenario) bool { return s.name == name })
		if i < 0 {
			return nil, nil, fault.New(fault.Input, fault.Position{},
				fmt.Sprintf("there is no scenario %q", name),
				"choose from "+strings.Join(p.kind.names(), ", ")+" or "+All)
		}
		if why := p.unfit(&p.kind.scenarios[i]); why != "" {
			return nil, nil, fault.New(fault.Input, fault.In(filepath.ToSlash(filepath.Join(p.dir, spec.FileName))),
				fmt.Sprintf("the scenario %q does not fit this project: %s", name, why),
				"choose another, or "+cmp.Or(p.kind.instead, "change the "+p.kind.noun+"s there and generate the project again"))
		}
		list = append(list, p.kind.scenarios[i])
	}
	return list, nil, nil
}

// unfit says why a scenario does not fit the project, "" where it does.
func (p *project) unfit(s *scenario) string {
	switch {
	case p.size < s.targets:
		return fmt.Sprintf("it needs %d %ss, and the project has %d", s.targets, p.kind.noun, p.size)
	case p.kind.unfit != nil:
		return p.kind.unfit(p, s)
	}
	return ""
}

// names are the names of the kind's scenarios.
func (k kind) names() []string {
	var names []string
	for _, s := range k.scenarios {
		names = append(names, s.name)
	}
	return names
}

// Names lists the scenarios of all kinds, sorted by kind.
func Names() []string {
	var names []string
	for _, k := range sortedKinds() {
		for _, name := range k.names() {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

func sortedKinds() []kind {
	var list []kind
	for _, name := range slices.Sorted(maps.Keys(kinds)) {
		list = append(list, kinds[name])
	}
	return list
}

// Help lists by kind the scenarios, each with what it breaks and what must happen
// then, and the words of a result.
func Help() string {
	var b strings.Builder
	for _, k := range sortedKinds() {
		fmt.Fprintf(&b, "Scenarios of %s (--scenario, which may be repeated):\n", k.title)
		for _, s := range k.scenarios {
			fmt.Fprintf(&b, "  %-16s  %s\n", s.name, s.about)
		}
		fmt.Fprintf(&b, "  %-16s  every scenario that fits the project, one after the other\n\n", All)
		fmt.Fprintf(&b, "What the results say of %s:\n", k.title)
		for line := range strings.Lines(k.legend) {
			b.WriteString("  " + line)
		}
		b.WriteString("\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
