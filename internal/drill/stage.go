package drill

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// stage is one run: the clusters, the project, and what was seen so far.
type stage struct {
	*project
	*field
	ctx     context.Context // ends with the drill
	process *process
	chance  *rand.Rand // seeded: when a fault strikes and whom
	seen    *watch

	started   time.Time // when the project was started
	ended     time.Time // when it had ended
	begins    int       // the target that it must write to first
	fault     time.Time // when the first fault struck
	gap       time.Duration
	gaps      []Span
	switches  int            // how many there must be
	further   int            // how many more there may be
	ackedBy   map[string]int // acked writes by target
	recovered time.Time      // when a write was first acked after the last switch
	since     int            // writes that began later than that
	// ackedSince are those of them that were acked.
	ackedSince int
	misjudged  int // writes that were applied, and are not sent by the project's ledger
	failures   []string
	deeds      []Deed
}

// hold runs one scenario once, with its files below dir.
func hold(ctx context.Context, p *project, sc scenario, binary, dir string, writers int, chance *rand.Rand, seen *watch) (Result, error) {
	f := &field{env: append(inherited(), "FAILOVER_HOME="+dir)}
	defer f.stop()
	if err := p.kind.start(p, f, dir, max(sc.members, 1)); err != nil {
		return Result{}, notStarted(p, err)
	}
	book := filepath.Join(dir, ledgerName)
	env := append(f.env, "FAILOVER_LEDGER="+book, "FAILOVER_WRITERS="+strconv.Itoa(writers))
	s := &stage{project: p, field: f, ctx: ctx, chance: chance, seen: seen, ackedBy: make(map[string]int)}
	if f.book == nil {
		f.book = followEvents(book)
	}
	defer f.book.close()
	seen.begin(f.targets, f.book)
	if sc.dead != nil {
		sc.dead(s)
	}
	s.started = time.Now()
	proc, err := startProcess(ctx, binary, p.work, env)
	if err != nil {
		return Result{}, notRun(p, err)
	}
	defer proc.kill()
	s.process = proc

	settled := sc.dead != nil || s.settle()
	if settled {
		sc.script(s)
	}
	wrong := proc.stop()
	s.ended = time.Now()
	f.book.close() // before its folder is removed
	if ctx.Err() != nil {
		return Result{}, ctx.Err()
	}
	switch {
	case wrong != "" && !settled && len(s.failures) == 0:
		s.fail("%s; %s", wrong, tryCheck)
	case wrong != "":
		s.fail("%s", wrong)
	}
	r := Result{Scenario: sc.name, Events: []string{}, Failures: s.failures}
	if settled { // else there is nothing to judge
		s.drain()
		if f.readBack != nil {
			if err := f.readBack(ctx, s, book); err != nil {
				return Result{}, err
			}
		}
		r, err = s.judge(book)
		r.Scenario = sc.name
	}
	r.About = sc.about
	os.RemoveAll(dir)
	return r, err
}

// ledgerName is the project's ledger in the folder of a run.
const ledgerName = "ledger.jsonl"

func notStarted(p *project, err error) error {
	return fault.Wrap(fault.Environment, fault.Position{},
		"the stand-ins of the "+p.kind.noun+"s, or the proxies before them, cannot be started: "+err.Error(),
		"check that this machine may listen on 127.0.0.1 and that TMPDIR can be written to", err)
}

func notRun(p *project, err error) error {
	return fault.Wrap(fault.Environment, fault.In(p.dir),
		"the project that was built cannot be run: "+err.Error(),
		"set TMPDIR to a folder from which programs may run", err)
}

// What to do about a project that a drill cannot judge.
const (
	tryCheck   = "run it with -check in its folder: it says which file or variable it lacks"
	makeWrites = "a drill needs the writes that %s makes: start that loop in main.go, or a load of your service when FAILOVER_LEDGER is set, as the project's README.md shows under Prove it"
	openLedger = "open it in main.go and call record, as the main.go of a new project does"
)

// settle waits until the project writes to the primary. If the project keeps a
// warm standby, settle also waits for the connection to the next cluster.
func (s *stage) settle() bool {
	start := time.Now()
	writing := s.await(s.startTimeout, func() bool { _, ok := s.targets[0].FirstAckAfter(start); return ok })
	if !writing {
		if s.running() {
			s.fail("the project wrote nothing to %s within %s%s; %s", s.targets[0].Name(), s.startTimeout, s.process.output.said(), fmt.Sprintf(makeWrites, s.kind.loop))
		}
		return false
	}
	if s.warm && !s.await(10*time.Second, func() bool { return s.targets[1].Admitted() > 0 }) {
		s.fail("the project made no standby connection to %s within 10s", s.targets[1].Name())
		return false
	}
	s.settleDown()
	return s.running()
}

// settleDown leaves the project alone for a moment of random length, so that
// faults strike at any point of the project's own timers.
func (s *stage) settleDown() {
	s.pause(s.rest/2 + time.Duration(s.chance.Int64N(int64(s.rest/4))))
}

// drain ends every fault and waits until the members have read all that the
// project sent: what they apply late must be in the ledgers, too.
func (s *stage) drain() {
	for _, t := range s.targets {
		t.Heal()
	}
	s.await(2*time.Second, func() bool {
		open := 0
		for _, t := range s.targets {
			open += t.Connections()
		}
		return open == 0
	})
}

// running reports whether the project has not ended.
func (s *stage) running() bool {
	select {
	case <-s.process.ended:
		return false
	default:
		return true
	}
}

// await asks ok every few milliseconds, for at most d, while the drill and the
// project go on. It returns what ok said last.
func (s *stage) await(d time.Duration, ok func() bool) bool {
	end := time.Now().Add(d)
	for !ok() {
		if time.Now().After(end) || !s.pause(2*time.Millisecond) {
			return ok()
		}
	}
	return true
}

// pause waits for d; false if the drill was cancelled or the project ended meanwhile.
func (s *stage) pause(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.ctx.Done():
		return false
	case <-s.process.ended:
		return false
	}
}

// inherited is our own environment without what belongs to a project.
func inherited() []string {
	var env []string
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "FAILOVER_") {
			env = append(env, v)
		}
	}
	return env
}
