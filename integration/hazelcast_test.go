//go:build unix

// Package integration shows what is claimed of real Hazelcast with real
// Hazelcast: members of the Community edition, each a JVM of its own, and a
// generated project, built and run as a user would.
package integration

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/cli"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/sample"
)

// generateProject generates a project from as many sample bundles.
func generateProject(t *testing.T, clusters int, flags ...string) (dir string) {
	t.Helper()
	work := t.TempDir()
	bundles, err := sample.Make(clusters, pki.Console)
	if err != nil {
		t.Fatal(err)
	}
	dir = filepath.Join(work, "project")
	args := []string{"generate", "--out", dir, "--module", "example.com/orders"}
	for i, b := range bundles {
		path := filepath.Join(work, b.FileName)
		if err := os.WriteFile(path, b.Data, 0o600); err != nil {
			t.Fatal(err)
		}
		role := "--secondary"
		if i == 0 {
			role = "--primary"
		}
		args = append(args, role, path)
	}
	var stderr bytes.Buffer
	code := cli.Main(cli.Env{
		Args:  append(args, flags...),
		Stdin: strings.NewReader(""), Stdout: &bytes.Buffer{}, Stderr: &stderr, LookupEnv: os.LookupEnv, Now: time.Now,
	})
	if code != 0 {
		t.Fatalf("generate: exit %d\n%s", code, &stderr)
	}
	return dir
}

// buildProject generates a project from two sample bundles and builds it.
func buildProject(t *testing.T) (binary string) {
	t.Helper()
	project := generateProject(t, 2)
	binary = filepath.Join(t.TempDir(), "orders")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir = project
	build.Env = append(os.Environ(), "GOFLAGS=-mod=readonly")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return binary
}

// writer is the generated project at work, told by the environment alone where
// the clusters are.
type writer struct {
	t      *testing.T
	cmd    *exec.Cmd
	ledger string
	log    string
	out    bytes.Buffer
	read   []line // of the ledger, so far
	offset int64
}

func startWriter(t *testing.T, binary string, clusters []*cluster, flags ...string) *writer {
	t.Helper()
	dir := t.TempDir()
	w := &writer{t: t, cmd: exec.Command(binary, flags...), ledger: filepath.Join(dir, "ledger"), log: filepath.Join(dir, "log")}
	w.cmd.Dir = dir
	w.cmd.Env = append(os.Environ(), "FAILOVER_HOME="+dir, "FAILOVER_LEDGER="+w.ledger)
	const password = "0123456789a"
	for i, c := range clusters {
		stores := filepath.Join(dir, strconv.Itoa(i+1))
		if err := os.Mkdir(stores, 0o700); err != nil {
			t.Fatal(err)
		}
		keystore, truststore, err := c.keys.WriteStores(stores, password, true)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{
			"NAME": c.name, "DISCOVERY_URL": c.discovery.URL, "TOKEN": c.keys.Token(), "SERVER_NAME": c.keys.ServerName(),
			"KEYSTORE": keystore, "KEYSTORE_PASSWORD": password, "TRUSTSTORE": truststore, "TRUSTSTORE_PASSWORD": password,
		} {
			w.cmd.Env = append(w.cmd.Env, fmt.Sprintf("FAILOVER_%d_%s=%s", i+1, name, value))
		}
	}
	log, err := os.Create(w.log)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	w.cmd.Stdout, w.cmd.Stderr = &w.out, log
	diesWithUs(w.cmd)
	if err := w.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = w.cmd.Process.Kill()
		if t.Failed() {
			data, _ := os.ReadFile(w.log)
			t.Logf("end of the writer's log:\n%s", data[max(0, len(data)-4000):])
		}
	})
	return w
}

// line is one line of the ledger.
type line struct {
	Type, Op, Key, ID, Cluster, Outcome, Event, From string
	Start, End, Time                                 time.Time
}

// lines reads the ledger as far as it is written, each part once.
func (w *writer) lines() []line {
	f, err := os.Open(w.ledger)
	if err != nil {
		return w.read
	}
	defer f.Close()
	if _, err := f.Seek(w.offset, io.SeekStart); err != nil {
		return w.read
	}
	in := bufio.NewReaderSize(f, 1<<20)
	for {
		text, err := in.ReadBytes('\n')
		if err != nil { // the last line may be written only in part
			return w.read
		}
		var l line
		if err := json.Unmarshal(text, &l); err != nil {
			w.t.Fatalf("ledger: %v: %s", err, text)
		}
		w.offset += int64(len(text))
		w.read = append(w.read, l)
	}
}

// startOnFirst starts the writer and waits until the first cluster has acked a
// put. A member that has just started can be slower than the engine waits
// before it takes the next cluster; the writer is then started once more.
func startOnFirst(t *testing.T, binary string, clusters []*cluster, flags ...string) *writer {
	t.Helper()
	for range 2 {
		w := startWriter(t, binary, clusters, flags...)
		if w.acked(clusters[0].name, time.Time{}, 20*time.Second) {
			return w
		}
		w.stop()
		t.Logf("%s acked nothing within 20s of the writer's start", clusters[0].name)
	}
	t.Fatal("the writer does not write to the first cluster")
	return nil
}

// waitAcked waits until the named cluster, or any if name is empty, has acked a
// put that was begun after a time.
func (w *writer) waitAcked(name string, after time.Time, patience time.Duration) {
	w.t.Helper()
	if !w.acked(name, after, patience) {
		w.t.Fatalf("%s acked nothing within %v; %d lines in the ledger", cmp.Or(name, "no cluster"), patience, len(w.lines()))
	}
}

// acked waits as waitAcked does, and reports whether it came to it.
func (w *writer) acked(name string, after time.Time, patience time.Duration) bool {
	for deadline := time.Now().Add(patience); ; time.Sleep(50 * time.Millisecond) {
		for _, l := range slices.Backward(w.lines()) {
			if l.End.Before(after) && l.Type == "call" {
				break
			}
			if l.Op == "put" && l.Outcome == "acked" && (name == "" || l.Cluster == name) && l.Start.After(after) {
				return true
			}
		}
		if time.Now().After(deadline) {
			return false
		}
	}
}

// stop ends the writer as Ctrl-C does and returns its ledger.
func (w *writer) stop() []line {
	w.t.Helper()
	_ = w.cmd.Process.Signal(os.Interrupt)
	ended := make(chan error, 1)
	go func() { ended <- w.cmd.Wait() }()
	select {
	case err := <-ended:
		if err != nil {
			w.t.Errorf("the writer ended with %v", err)
		}
	case <-time.After(20 * time.Second):
		w.t.Fatal("the writer did not stop")
	}
	return w.lines()
}

// account is what a run came to.
type account struct {
	outcomes map[string]int
	gap      time.Duration // the longest time without an acked put since the fault
	events   []string
	atRisk   int // acked by a cluster that is not the last active one, and not on that
	lost     int // acked, and neither there nor overwritten where it was acked
	twice    int // one id found on two clusters
}

// settle compares the ledger with what the clusters hold since the fault. A put is lost if its
// cluster shows, for its key, nothing or a value whose put had ended before
// this one began. What a cluster acked before the time in
// emptied it has lost by intent.
func settle(list []line, fault time.Time, held map[string]map[string]string, emptied map[string]time.Time) account {
	a := account{outcomes: make(map[string]int)}
	puts := make(map[string]line)
	last, lastAck := "", fault
	for _, l := range list {
		switch {
		case l.Type == "event":
			a.events = append(a.events, l.Event+" "+l.Cluster)
			if l.Event == "CLIENT_CONNECTED" {
				last = l.Cluster
			}
		case l.Op == "put":
			a.outcomes[l.Outcome]++
			puts[l.ID] = l
			if l.Outcome == "acked" && l.End.After(lastAck) {
				a.gap = max(a.gap, l.End.Sub(lastAck))
				lastAck = l.End
			}
		default:
			a.outcomes[l.Outcome]++
		}
	}
	found := make(map[string]int)
	for _, entries := range held {
		for _, id := range entries {
			found[id]++
		}
	}
	for id, p := range puts {
		if found[id] > 1 {
			a.twice++
		}
		if p.Outcome != "acked" {
			continue
		}
		if p.Cluster != last && held[last][p.Key] != id {
			a.atRisk++
		}
		if p.Start.Before(emptied[p.Cluster]) {
			continue
		}
		shown, ok := held[p.Cluster][p.Key]
		if !ok || shown != id && puts[shown].End.Before(p.Start) {
			a.lost++
		}
	}
	return a
}

// scenario is one course of events. The fault is made while the writer writes;
// then the primary must ack writes, or the secondary if the writer moves to it.
type scenario struct {
	name    string
	start   func(primary, secondary *cluster) // before the writer starts
	fault   func(primary, secondary *cluster)
	moves   bool // to the secondary
	empties bool // the primary loses its memory
	repair  func(primary, secondary *cluster)
}

func TestGeneratedProjectOnRealMembers(t *testing.T) {
	jar := hazelcastJar(t)
	binary := buildProject(t)
	var rows table
	for _, s := range scenarios {
		t.Run(strings.ReplaceAll(s.name, " ", "-"), func(t *testing.T) {
			for run := range max(1, askedRuns(t)) {
				rows.add(s.name, s.run(t, jar, binary, run))
			}
		})
	}
	t.Logf("\n%s", &rows)
}

func (s scenario) run(t *testing.T, jar, binary string, run int) result {
	primary, secondary := newCluster(t, "primary", jar), newCluster(t, "secondary", jar)
	primary.add(2)
	secondary.add(2)
	primary.waitSize(2)
	secondary.waitSize(2)
	if s.start != nil {
		s.start(primary, secondary)
	}
	w := startOnFirst(t, binary, []*cluster{primary, secondary})
	time.Sleep(500 * time.Millisecond)

	at := time.Now()
	s.fault(primary, secondary)
	over := time.Now()
	emptied := make(map[string]time.Time)
	if s.empties {
		emptied[primary.name] = time.Now()
	}
	then := primary
	if s.moves {
		then = secondary
	}
	w.waitAcked(then.name, time.Now(), 60*time.Second)
	time.Sleep(2 * time.Second)
	if s.repair != nil {
		s.repair(primary, secondary)
	}
	list := w.stop()
	held := make(map[string]map[string]string)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for _, c := range []*cluster{primary, secondary} {
		held[c.name] = c.entries(ctx, "map")
	}
	a := settle(list, at, held, emptied)
	switched := slices.Contains(a.events, "CLIENT_CHANGED_CLUSTER "+secondary.name)
	t.Logf("%s, run %d: gap %v, outcomes %v, lost %d, twice %d, at risk %d, events %v", s.name, run+1,
		a.gap.Round(100*time.Microsecond), a.outcomes, a.lost, a.twice, a.atRisk, a.events)
	if i := slices.IndexFunc(list, func(l line) bool { return l.Op == "put" && l.Outcome == "acked" && l.Cluster == secondary.name }); i >= 0 {
		t.Logf("the fault and what followed it took %v; %s acked its first put %v later", over.Sub(at), secondary.name, list[i].End.Sub(over))
	}
	if a.lost > 0 || a.twice > 0 {
		t.Errorf("%d acked writes lost, %d written twice", a.lost, a.twice)
	}
	if switched != s.moves {
		t.Errorf("switched: %v, want %v", switched, s.moves)
	}
	return result{switched, a.gap, a.outcomes, a.lost, a.twice, a.atRisk}
}

var scenarios = []scenario{
	{
		name:  "kill -9 of one member",
		fault: func(p, _ *cluster) { p.members[0].kill(); p.members[0].proxy.down() },
	},
	{
		name: "kill -9 of all members", moves: true, empties: true,
		fault: func(p, _ *cluster) { p.killAll(); p.proxiesDown() },
	},
	{
		name: "kill -9 of all members behind a proxy that still accepts", moves: true, empties: true,
		fault: func(p, _ *cluster) { p.killAll() },
	},
	{
		// Shorter than the 60 s after which the others would expel it: coming
		// back then is a split brain, and its merge drops acked writes.
		name: "SIGSTOP of one member for 5 s",
		fault: func(p, _ *cluster) {
			_ = p.members[0].cmd.Process.Signal(syscall.SIGSTOP)
			time.Sleep(5 * time.Second)
			_ = p.members[0].cmd.Process.Signal(syscall.SIGCONT)
		},
	},
	{
		name: "SIGSTOP of all members", moves: true,
		fault:  func(p, _ *cluster) { p.signalAll(syscall.SIGSTOP) },
		repair: func(p, _ *cluster) { p.signalAll(syscall.SIGCONT); time.Sleep(time.Second) },
	},
	{
		name: "proxy blackhole", moves: true,
		fault: func(p, _ *cluster) {
			for _, m := range p.members {
				m.proxy.blackhole()
			}
		},
		repair: func(p, _ *cluster) {
			for _, m := range p.members {
				m.proxy.release()
			}
		},
	},
	{
		name: "rolling restart",
		fault: func(p, _ *cluster) {
			for _, m := range p.members {
				m.leave(p.t)
				m.proxy.down()
				p.launch(m)
				m.proxy.up(p.t)
				p.waitSize(2)
			}
		},
	},
	{
		name:  "scale from two to three members",
		fault: func(p, _ *cluster) { p.add(1); p.waitSize(3) },
	},
	{
		name:  "secondary down at start",
		start: func(_, s *cluster) { s.killAll(); s.proxiesDown() },
		fault: func(_, _ *cluster) { time.Sleep(time.Second) },
	},
	{
		name: "both down, then the secondary back", moves: true, empties: true,
		fault: func(p, s *cluster) {
			for _, c := range []*cluster{p, s} {
				c.killAll()
				c.proxiesDown()
			}
			time.Sleep(3 * time.Second)
			s.relaunchAll()
			s.proxiesUp()
			s.waitSize(2)
		},
	},
	{
		name: "primary restarted empty", moves: true, empties: true,
		fault: func(p, _ *cluster) {
			p.killAll()
			p.proxiesDown()
			p.relaunchAll()
			p.proxiesUp()
			p.waitSize(2)
		},
	},
}

func (c *cluster) proxiesDown() {
	for _, m := range c.members {
		m.proxy.down()
	}
}

func (c *cluster) proxiesUp() {
	for _, m := range c.members {
		m.proxy.up(c.t)
	}
}
