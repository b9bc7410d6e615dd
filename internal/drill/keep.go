package drill

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// Kept are stand-ins that stay up for a project that is run by hand, until Stop.
type Kept struct {
	project *project
	field   *field
	dir     string   // with what the stand-ins' stores need
	states  []string // of each target
}

// The states of a stand-in that is kept.
const (
	isRunning = "running"
	isKilled  = "killed"
)

// Fault is something that can be done to a stand-in that is kept.
type Fault struct {
	Name  string
	Key   byte // that does it on a terminal
	About string

	breaks breakage
	state  string // that it leads to; "": as before
}

// Faults are those that Throw knows. The last one ends the others.
var Faults = []Fault{
	{"kill", 'k', "reset its connections and close its ports", kill, isKilled},
	{"freeze", 'f', "answer nothing any more", freeze, "frozen"},
	{"blackhole", 'b', "let all packets vanish", blackhole, "vanished"},
	{"reset", 'c', "reset its connections once", resetOnce, ""},
	{"restart", 'r', "bring it back with its data, or end what holds it", breakage{}, isRunning},
}

// Keep starts stand-ins for the project in dir: so many members for each cluster.
func Keep(dir string, members int) (*Kept, error) {
	p, err := load(dir)
	if err != nil {
		return nil, err
	}
	home, err := os.MkdirTemp("", "failover-standin-")
	if err == nil {
		home, err = filepath.Abs(home) // the project runs elsewhere
	}
	if err != nil {
		return nil, fault.Wrap(fault.Environment, fault.Position{}, "no folder for temporary files: "+err.Error(), "free some space or set TMPDIR", err)
	}
	k := &Kept{project: p, field: &field{env: []string{"FAILOVER_HOME=" + home}}, dir: home}
	if err := p.kind.start(p, k.field, home, members); err != nil {
		k.Stop()
		return nil, notStarted(p, err)
	}
	for range k.field.targets {
		k.states = append(k.states, isRunning)
	}
	return k, nil
}

// Env is the environment, as NAME=VALUE, in which the project uses the stand-ins.
func (k *Kept) Env() []string { return slices.Clone(k.field.env) }

// Noun is what a stand-in stands for: "cluster".
func (k *Kept) Noun() string { return k.project.kind.noun }

// Names are those of the stand-ins, in order of preference.
func (k *Kept) Names() []string {
	var names []string
	for _, t := range k.field.targets {
		names = append(names, t.Name())
	}
	return names
}

// Throw does to the nth stand-in, counted from 1, what a fault of that name does. It
// returns what was done.
func (k *Kept) Throw(name string, n int) (string, error) {
	refuse := func(cause, remedy string) (string, error) {
		return "", fault.New(fault.Input, fault.Position{}, cause, remedy)
	}
	i := slices.IndexFunc(Faults, func(f Fault) bool { return f.Name == name })
	if i < 0 {
		return refuse(fmt.Sprintf("there is no %q", name), "choose from "+faultNames())
	}
	if n < 1 || n > len(k.states) {
		return refuse(fmt.Sprintf("there is no %s %d", k.Noun(), n), fmt.Sprintf("give a number from 1 to %d", len(k.states)))
	}
	f, t, state := Faults[i], k.field.targets[n-1], &k.states[n-1]
	at := time.Now()
	var err error
	switch {
	case f.state == isRunning:
		if *state == isKilled {
			err = t.Restart()
		}
		t.Heal()
	case *state != isRunning:
		return refuse(fmt.Sprintf("%s %d (%s) is %s", k.Noun(), n, t.Name(), *state), "restart it first")
	default:
		at, err = t.Break(f.breaks)
	}
	if err != nil {
		return "", fault.Wrap(fault.Finding, fault.Position{}, err.Error(), "choose another fault", err)
	}
	if f.state != "" {
		*state = f.state
	}
	return fmt.Sprintf("%s  %s  %s %d (%s)", at.Format("15:04:05.000"), f.Name, k.Noun(), n, t.Name()), nil
}

// faultNames lists the names of Faults.
func faultNames() string {
	var names []string
	for _, f := range Faults {
		names = append(names, f.Name)
	}
	return strings.Join(names, ", ")
}

// Status says how each stand-in is, a line each.
func (k *Kept) Status() (lines []string) {
	for i, t := range k.field.targets {
		lines = append(lines, fmt.Sprintf("%d  %s  %s, %d connections", i+1, t.Name(), k.states[i], t.Connections()))
	}
	return lines
}

// Stop ends the stand-ins and removes their files.
func (k *Kept) Stop() {
	k.field.stop()
	_ = os.RemoveAll(k.dir) // it is in the folder for temporary files
}
