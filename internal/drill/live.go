package drill

import (
	"bufio"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/failover-gen/failover-gen/internal/connect"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/templates/ledger"
)

// Live asks for a drill on the project's own clusters in place of stand-ins. They
// are not touched: what breaks are proxies on this machine, between the project and
// the clusters. The project writes to one map, under keys that begin with the name
// of the run.
type Live struct {
	Map   string // that the project writes to
	Clean bool   // remove the entries at the end, also of a drill that was cancelled
}

// LiveReport is what a drill on live clusters says besides its results.
type LiveReport struct {
	Map     string         `json:"map"`
	Run     string         `json:"run"`     // what the keys begin with
	Left    map[string]int `json:"left"`    // entries of the run that are left, by cluster
	Removed map[string]int `json:"removed"` // entries that were removed, by cluster
}

// live is a drill on live clusters.
type live struct {
	Live
	run      string // what the keys of the project's writes begin with, without the "-"
	project  *project
	clusters []*plain
	standIns kind // what the project is tried on before it may write to live clusters
}

// runName is what runs are called.
var runName = regexp.MustCompile(`^failover-drill-[0-9a-f]{12}$`)

// prefix is what the keys of the run begin with.
func (l *live) prefix() string { return l.run + "-" }

// reachLive puts the clusters of the project through the stages of connect, and
// connects a plain client to each. It writes nothing.
func reachLive(ctx context.Context, p *project, o Live, run string) (*live, error) {
	targets, _, err := connect.Load(ctx, p.dir)
	if err != nil {
		return nil, err
	}
	for i := range targets {
		targets[i].Map = o.Map
	}
	reached, err := connect.Run(ctx, targets, time.Now())
	if err != nil {
		return nil, err
	}
	var faults fault.List
	for _, c := range reached {
		faults = append(faults, c.Faults...)
	}
	if err := faults.ErrOrNil(); err != nil {
		return nil, err
	}
	l := &live{Live: o, run: run, project: p}
	for i := range targets {
		c, err := dialPlain(ctx, &targets[i], o.Map)
		if err != nil {
			l.close()
			return nil, err
		}
		l.clusters = append(l.clusters, c)
	}
	return l, nil
}

// goLive makes the drill of a project one on its own clusters.
func (p *project) goLive(ctx context.Context, o Live) (*live, error) {
	var random [6]byte
	rand.Read(random[:]) // never fails, says its documentation
	l, err := reachLive(ctx, p, o, "failover-drill-"+hex.EncodeToString(random[:]))
	if err != nil {
		return nil, err
	}
	l.standIns = p.kind
	p.live, p.kind.start = l, l.start
	return l, nil
}

// onLive is a kind of project on live clusters.
func (k kind) onLive() kind {
	k.legend, k.unfit, k.instead = liveLegend, unfitLive, "drill it on stand-ins, without --live"
	return k
}

// whyNotLive says why a scenario cannot be had by proxies.
var whyNotLive = map[string]string{
	"blackhole": "a proxy accepts connections, so that packets do not vanish; freeze comes nearest",
	"refuse":    "only the cluster itself can refuse a login",
	"expired":   "only the cluster itself can show a certificate",
	"two-dead":  "it needs packets that vanish, and a proxy accepts connections",
}

// unfitLive knows how many members there are once the clusters were reached.
func unfitLive(p *project, s *scenario) string {
	if why := whyNotLive[s.name]; why != "" {
		return "on live clusters " + why
	}
	if p.live == nil || s.members < 2 {
		return ""
	}
	primary := p.live.clusters[0]
	if n := primary.size(); n < s.members {
		return fmt.Sprintf("it needs %d members of the primary, and the members' list of %s has %d", s.members, primary.target.Name, n)
	}
	return ""
}

// plan says what is about to happen.
func (l *live) plan() string {
	var names []string
	for _, c := range l.clusters {
		names = append(names, c.target.Name)
	}
	after := "they stay there: --clean would remove them"
	if l.Clean {
		after = "they are removed at the end"
	}
	return fmt.Sprintf("live: the project will write to the map %q of %s, under keys that begin with %s; %s. Only proxies on this machine are cut and frozen, not the clusters",
		l.Map, strings.Join(names, ", "), l.prefix(), after)
}

// variables tell the project where and what to write.
func (l *live) variables() []string {
	return []string{"FAILOVER_MAP=" + l.Map, "FAILOVER_KEYS=" + l.prefix()}
}

// rehearseFor is how long the project writes to stand-ins before it may write to
// live clusters.
const rehearseFor = 500 * time.Millisecond

// rehearse runs the project on stand-ins and looks where it writes. A project that
// is older than FAILOVER_MAP, or whose load was written by the user, would write to
// other entries of the live clusters.
func (l *live) rehearse(ctx context.Context, binary, dir string) error {
	p := *l.project
	p.kind = l.standIns
	f := &field{env: append(inherited(), "FAILOVER_HOME="+dir)}
	defer f.stop()
	if err := p.kind.start(&p, f, dir, 1); err != nil {
		return notStarted(&p, err)
	}
	env := append(append(f.env, l.variables()...), "FAILOVER_LEDGER="+filepath.Join(dir, ledgerName), "FAILOVER_WRITERS=1")
	s := &stage{project: &p, field: f, ctx: ctx}
	proc, err := startProcess(ctx, binary, p.work, env)
	if err != nil {
		return notRun(&p, err)
	}
	defer proc.kill()
	s.process = proc
	wrote := s.await(p.startTimeout, func() bool { _, ok := f.targets[0].FirstAckAfter(time.Time{}); return ok })
	s.pause(rehearseFor)
	wrong := proc.stop()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case wrong != "":
		return fault.New(fault.Finding, fault.In(p.dir), "on stand-ins "+wrong, "drill without --live first")
	case !wrote:
		return fault.New(fault.Finding, fault.In(p.dir), fmt.Sprintf("the project wrote nothing to a stand-in within %s", p.startTimeout), "drill without --live first")
	}
	return l.obeyed(f)
}

// obeyed looks where a project wrote on stand-ins.
func (l *live) obeyed(f *field) error {
	refuse := func(what string) error {
		return fault.New(fault.Finding, fault.In(l.project.dir), "on stand-ins the project wrote to "+what+"; nothing was written to your clusters",
			"let its load use FAILOVER_MAP and FAILOVER_KEYS, as uniqueEntries in a new project's writeloop.go does; generate --take main.go --take writeloop.go takes both files anew")
	}
	for _, t := range f.targets {
		for name, keys := range t.(standIn).Keys() {
			if name != l.Map {
				return refuse(fmt.Sprintf("the map %q, and not to %q only", name, l.Map))
			}
			if i := slices.IndexFunc(keys, func(k string) bool { return !strings.HasPrefix(k, l.prefix()) }); i >= 0 {
				return refuse("keys that do not begin with " + l.prefix())
			}
		}
	}
	return nil
}

// start puts proxies between the project and its clusters.
func (l *live) start(p *project, f *field, dir string, _ int) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	home, err := filepath.Abs(p.dir)
	if err != nil {
		return err
	}
	f.book, f.readBack = followAll(filepath.Join(dir, ledgerName)), l.readBack
	env := os.Environ()
	if os.Getenv("FAILOVER_HOME") == "" {
		env = append(env, "FAILOVER_HOME="+home)
	}
	f.env = append(append(env, "FAILOVER_PIN=", "FAILOVER_PIN_FILE=", "FAILOVER_PIN_REGISTRY="), l.variables()...)
	for i, direct := range l.clusters {
		c, err := inFront(direct, f.book)
		if err != nil {
			return err
		}
		f.targets = append(f.targets, c)
		if _, err := c.translated(context.Background()); err != nil {
			return err
		}
		prefix := fmt.Sprintf("FAILOVER_%d_", i+1)
		f.env = slices.DeleteFunc(f.env, func(v string) bool { return strings.HasPrefix(v, prefix+"TOKEN_FILE=") })
		f.env = append(f.env, prefix+"DISCOVERY_URL="+c.url, prefix+"TOKEN="+c.token, prefix+"ADDRESSES=")
	}
	return nil
}

// readBack reads with plain clients what became of the writes in a ledger.
func (l *live) readBack(ctx context.Context, s *stage, path string) error {
	w, err := writesOf(path)
	if err != nil {
		return err
	}
	errs := make([]error, len(s.targets))
	var all sync.WaitGroup
	for i, t := range s.targets {
		c := t.(*liveCluster)
		all.Go(func() {
			held, err := c.plain.read(ctx, w.keys)
			c.mu.Lock()
			c.held = held
			c.mu.Unlock()
			errs[i] = err
		})
	}
	all.Wait()
	if err := firstOf(errs); err != nil {
		return err
	}
	w.compare(s)
	return nil
}

// written is what a ledger says of writes and of the connection.
type written struct {
	keys  []string
	acked []ledger.Line
	last  string // the cluster that was active in the end
}

// writesOf reads a ledger. What is wrong with it is said by judge.
func writesOf(path string) (*written, error) {
	w := &written{}
	f, err := os.Open(path)
	if os.IsNotExist(err) {
		return w, nil
	}
	if err != nil {
		return nil, fault.Wrap(fault.Environment, fault.Position{}, "the project's ledger cannot be read: "+err.Error(), "run the drill again", err)
	}
	defer f.Close()
	in := json.NewDecoder(bufio.NewReaderSize(f, 1<<16))
	for {
		var l ledger.Line
		if in.Decode(&l) != nil {
			return w, nil
		}
		key, isText := l.Key.(string)
		switch {
		case l.Type == ledger.Event && l.Event == connected:
			w.last = l.Cluster
		case l.Type == ledger.Call && l.ID != "" && isText:
			w.keys = append(w.keys, key)
			if l.Outcome == "acked" {
				l.Key = nil
				w.acked = append(w.acked, l)
			}
		}
	}
}

// compare tells whether the clusters copy to each other, and how many acked writes
// the cluster that was active in the end does not hold.
func (w *written) compare(s *stage) {
	s.missing = 0
	for _, l := range w.acked {
		for _, t := range s.targets {
			switch there := t.Applications(l.ID) > 0; {
			case t.Name() == w.last && !there:
				s.missing++
			case t.Name() != l.Cluster && there:
				s.replicated = true // an acked write is never sent again
			}
		}
	}
}

// finish removes the entries of the drill, or tells how many are left. It works
// also when the drill was cancelled.
func (l *live) finish(ctx context.Context, note func(string), report *Report) error {
	ctx = context.WithoutCancel(ctx)
	r := &LiveReport{Map: l.Map, Run: l.run, Left: map[string]int{}, Removed: map[string]int{}}
	report.Live = r
	var errs []error
	total := 0
	for _, c := range l.clusters {
		var n int
		var err error
		if l.Clean {
			n, err = c.remove(ctx, l.prefix())
			r.Removed[c.target.Name] = n
		} else {
			n, err = c.left(ctx, l.prefix())
			r.Left[c.target.Name] = n
		}
		total += n
		errs = append(errs, err)
	}
	err := errors.Join(errs...)
	switch {
	case l.Clean && err == nil:
		note(fmt.Sprintf("removed: %d entries of the map %q whose keys begin with %s; none is left", total, l.Map, l.prefix()))
	case total > 0 || err != nil:
		note(fmt.Sprintf("left: %d entries in the map %q whose keys begin with %s; remove them with: %s", total, l.Map, l.prefix(), l.command()))
	}
	return firstOf(errs)
}

// command removes what a run has left.
func (l *live) command() string {
	return fmt.Sprintf("failover-gen drill %s --live --map %s --clean-run %s", word(filepath.ToSlash(l.project.dir)), word(l.Map), l.run)
}

// word is text as one word of a POSIX shell.
func word(text string) string {
	if strings.ContainsAny(text, " \t'\"$&;|<>()*?`\\#~!") {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return text
}

func firstOf(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (l *live) close() {
	for _, c := range l.clusters {
		c.close()
	}
}

// CleanRun removes what an earlier drill on live clusters has left in a map, and
// says in the report how many entries that were.
func CleanRun(ctx context.Context, dir, mapName, run string, report *Report, note func(string)) error {
	if !runName.MatchString(run) {
		return fault.New(fault.Input, fault.Position{}, fmt.Sprintf("--clean-run %s: is not the name of a run", run), "give the one that the drill printed, like failover-drill-0123456789ab")
	}
	p, err := load(dir)
	if err == nil {
		err = p.canGoLive()
	}
	if err != nil {
		return err
	}
	l, err := reachLive(ctx, p, Live{Map: mapName, Clean: true}, run)
	if err != nil {
		return err
	}
	defer l.close()
	return l.finish(ctx, note, report)
}

// canGoLive refuses a project whose clusters no proxy can stand before.
func (p *project) canGoLive() error {
	if len(p.clusters) == 0 {
		return fault.New(fault.Input, fault.In(filepath.Join(p.dir, spec.FileName)), "is of a web service, and only Hazelcast clusters can be drilled live", "drill without --live")
	}
	return nil
}

// liveLegend explains the words of a result.
var liveLegend = legendOf("write", "a", "cluster") + `at risk     acked writes that the cluster which was active last did not hold at the end: replication had not copied them
live        duplicated are writes found on several clusters, and 0 where these copy to each other
not tested  the loss of a cluster itself: proxies on this machine made the faults
`
