//go:build unix

package integration

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/cli"
	"github.com/failover-gen/failover-gen/internal/pin"
	"github.com/failover-gen/failover-gen/internal/standin"
	"github.com/failover-gen/failover-gen/internal/zookeeper"
	registry "github.com/failover-gen/failover-gen/templates/fleet"
	"github.com/failover-gen/failover-gen/templates/zksession"
)

// fleet is many processes of one generated project, whose pin is in a ZooKeeper.
type fleet struct {
	t         *testing.T
	project   string
	zoo       *zookeeper.Server
	clusters  []*standin.Cluster // "a" and "b"
	processes []*fleetProcess
}

type fleetProcess struct {
	cmd    *exec.Cmd
	ledger string
	out    bytes.Buffer
}

// TestAFleetMovesTogether moves many processes with a pin in a real ZooKeeper, which is
// killed while they work and while they move.
func TestAFleetMovesTogether(t *testing.T) {
	zookeeper.Need(t)
	size := 12
	if os.Getenv("FAILOVER_LONG") != "" {
		size = 50
	}
	f := newFleet(t, size)
	f.pin("a", 2*time.Minute)
	t.Logf("%d processes with 4 writers each, pinned to a", size)

	f.move("b")
	f.stayWithoutRegistry("b")
	f.move("a")

	restarted := f.killRegistryOnPin("b")
	f.move("b")
	if err := <-restarted; err != nil {
		t.Fatal(err)
	}
	f.pin("none", time.Minute)
	if s := f.pin("", time.Minute); s.Pin != "" || len(s.Processes) != size || slices.ContainsFunc(s.Processes, func(p pin.Process) bool { return p.Cluster != "b" }) {
		t.Errorf("without a pin some have left: %+v", s)
	}
	f.judge([]string{"a", "b", "a", "b"})
}

func newFleet(t *testing.T, size int) *fleet {
	t.Helper()
	f := &fleet{t: t, zoo: zookeeper.ForTest(t, zookeeper.Options{})}
	// On a busy machine many processes on few cores are silent for long.
	f.project = generateProject(t, 2, "--pin", "registry", "--set", "failover.silence=20s", "--set", "failover.opTimeout=8s")
	binary := filepath.Join(t.TempDir(), "orders")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir, build.Env = f.project, append(os.Environ(), "GOFLAGS=-mod=readonly")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	home := t.TempDir()
	env := append(os.Environ(), "FAILOVER_HOME="+home, "FAILOVER_PIN_REGISTRY="+f.zoo.Addr, "FAILOVER_WRITERS=4")
	for i, name := range []string{"a", "b"} {
		c, err := standin.Start(standin.Options{Name: name, PrivateAddresses: true})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Stop)
		c.Slow(40 * time.Millisecond) // or the writers would use up the machine
		f.clusters = append(f.clusters, c)
		const password = "0123456789a"
		stores := filepath.Join(home, name)
		if err := os.Mkdir(stores, 0o700); err != nil {
			t.Fatal(err)
		}
		keystore, truststore, err := c.WriteStores(stores, password, false)
		if err != nil {
			t.Fatal(err)
		}
		for key, value := range map[string]string{
			"NAME": name, "DISCOVERY_URL": c.DiscoveryURL(), "TOKEN": c.Token(), "SERVER_NAME": c.ServerName(),
			"KEYSTORE": keystore, "KEYSTORE_PASSWORD": password, "TRUSTSTORE": truststore, "TRUSTSTORE_PASSWORD": password,
		} {
			t.Setenv(fmt.Sprintf("FAILOVER_%d_%s", i+1, key), value) // for the command as well, which knows the clusters by their names
			env = append(env, fmt.Sprintf("FAILOVER_%d_%s=%s", i+1, key, value))
		}
	}
	t.Setenv("FAILOVER_PIN_REGISTRY", f.zoo.Addr)
	if code, text := f.run(nil, "a", 100*time.Millisecond); code != 1 || !strings.Contains(text, "no process told of itself") { // but all start with this pin
		t.Fatalf("pin a: exit %d\n%s", code, text)
	}
	for i := range size {
		f.start(binary, home, env, i)
	}
	f.eventually("all processes tell of themselves on a", 2*time.Minute, func() bool {
		s := f.pin("", time.Minute)
		return len(s.Processes) == size && s.Left() == 0
	})
	return f
}

func (f *fleet) start(binary, home string, env []string, i int) {
	f.t.Helper()
	p := &fleetProcess{cmd: exec.Command(binary), ledger: filepath.Join(home, fmt.Sprintf("ledger-%d", i))}
	p.cmd.Dir, p.cmd.Env = home, append(slices.Clone(env), "FAILOVER_LEDGER="+p.ledger)
	p.cmd.Stdout, p.cmd.Stderr = &p.out, &p.out
	diesWithUs(p.cmd)
	if err := p.cmd.Start(); err != nil {
		f.t.Fatal(err)
	}
	f.processes = append(f.processes, p)
	f.t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		_ = p.cmd.Wait() // it has ended if the test went well
		if f.t.Failed() && i == 0 {
			f.t.Logf("the end of the log of one process:\n%s", p.out.Bytes()[max(0, p.out.Len()-4000):])
		}
	})
}

// pin runs failover-gen pin, which shows what there is if no name is given.
func (f *fleet) pin(name string, within time.Duration) (status pin.Status) {
	f.t.Helper()
	if code, text := f.run(&status, name, within); code != 0 {
		f.t.Fatalf("pin %s: exit %d\n%s", name, code, text)
	}
	return status
}

// run is pin for those who expect another exit code than 0.
func (f *fleet) run(status *pin.Status, name string, within time.Duration) (code int, text string) {
	f.t.Helper()
	args := []string{"pin", "--json", "--timeout", within.String()}
	if name != "" {
		args = append(args, name, f.project)
	} else {
		args = append(args, "--path", "/failover-gen/example.com/orders")
	}
	var stdout, stderr bytes.Buffer
	code = cli.Main(cli.Env{Args: args, Stdin: strings.NewReader(""), Stdout: &stdout, Stderr: &stderr, LookupEnv: os.LookupEnv, Now: time.Now})
	text = stdout.String() + stderr.String()
	if status != nil {
		if err := json.Unmarshal(stdout.Bytes(), status); err != nil {
			f.t.Fatalf("pin %s: exit %d, %v\n%s", name, code, err, text)
		}
	}
	return code, text
}

func (f *fleet) eventually(what string, within time.Duration, condition func() bool) {
	f.t.Helper()
	for deadline := time.Now().Add(within); !condition(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			f.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// move pins the fleet and waits until all of it has moved, and writes there.
func (f *fleet) move(name string) {
	f.t.Helper()
	begun := time.Now()
	s := f.pin(name, 2*time.Minute)
	if len(s.Processes) != len(f.processes) || s.Left() > 0 {
		f.t.Errorf("%d of %d processes tell that they are on %s", len(s.Processes)-s.Left(), len(f.processes), name)
	}
	f.t.Logf("moved to %s: all %d within %v", name, len(s.Processes), time.Since(begun).Round(time.Millisecond))
	time.Sleep(time.Second)
}

// killRegistryOnPin kills the registry as soon as it holds that pin, of which some
// processes may have heard and others not, and restarts it two seconds later.
func (f *fleet) killRegistryOnPin(name string) (restarted <-chan error) {
	f.t.Helper()
	o, err := registry.Connect(f.t.Context(), registry.Config{Path: "/failover-gen/example.com/orders", Config: zksession.Config{
		Addresses: []string{f.zoo.Addr}, Logger: slog.New(slog.DiscardHandler),
	}})
	if err != nil {
		f.t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		defer o.Close()
		for pinned, err := o.Pin(); pinned != name && err == nil; pinned, err = o.Pin() {
			time.Sleep(time.Millisecond)
		}
		f.zoo.Kill()
		time.Sleep(2 * time.Second)
		done <- f.zoo.Restart()
	}()
	return done
}

// stayWithoutRegistry kills the registry and wants the fleet to write on where it is.
func (f *fleet) stayWithoutRegistry(name string) {
	f.t.Helper()
	c := f.clusters[slices.IndexFunc(f.clusters, func(c *standin.Cluster) bool { return c.Name() == name })]
	before := c.Acked()
	f.zoo.Kill()
	const away = 4 * time.Second
	time.Sleep(away)
	acked := c.Acked() - before
	if err := f.zoo.Restart(); err != nil {
		f.t.Fatal(err)
	}
	if acked < len(f.processes) {
		f.t.Errorf("%s acked %d writes of %d processes while the registry was away", name, acked, len(f.processes))
	}
	f.t.Logf("without the registry for %v: %s acked %d writes", away, name, acked)
	f.eventually("all processes tell of themselves again", time.Minute, func() bool { return len(f.pin("", time.Minute).Processes) == len(f.processes) })
}

// judge ends the fleet, and compares the ledgers of its processes, which went over these
// clusters in turn, with those of the stand-ins.
func (f *fleet) judge(way []string) {
	f.t.Helper()
	for _, p := range f.processes {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
	}
	for _, p := range f.processes {
		if err := p.cmd.Wait(); err != nil {
			f.t.Errorf("a process ended with %v\n%s", err, p.out.Bytes()[max(0, p.out.Len()-2000):])
		}
	}
	outcomes := make(map[string]int)
	onTwo := make([]span, len(way)-1) // by move: when the fleet as a whole wrote to two clusters
	lost, twice, slowest := 0, 0, time.Duration(0)
	for _, p := range f.processes {
		var writes []fleetWrite
		for _, l := range f.lines(p.ledger) {
			if l.Type != "call" || l.ID == "" {
				continue
			}
			outcomes[l.Outcome]++
			applied := 0
			for _, c := range f.clusters {
				w, ok := c.Write(l.ID)
				if applied += w.Count; ok && c.Name() == l.Cluster && l.Outcome == "acked" {
					writes = append(writes, fleetWrite{cluster: l.Cluster, Write: w})
				} else if c.Name() == l.Cluster && l.Outcome == "acked" {
					lost++
				}
			}
			if applied > 1 {
				twice++
			}
		}
		slowest = max(slowest, f.judgeProcess(writes, way, onTwo))
	}
	f.t.Logf("writes: %d acked, %d not sent, %d unknown, %d rejected; lost %d, applied twice %d; the longest gap of a process at a move was %v",
		outcomes["acked"], outcomes["not_sent"], outcomes["unknown"], outcomes["rejected"], lost, twice, slowest.Round(time.Millisecond))
	for i, s := range onTwo {
		f.t.Logf("move %d: from its first write on %s to its last on %s the fleet was on two clusters, for %v", i+1, way[i+1], way[i], s.to.Sub(s.from).Round(time.Millisecond))
	}
	if lost+twice > 0 || outcomes["acked"] == 0 {
		f.t.Errorf("lost %d, twice %d, acked %d", lost, twice, outcomes["acked"])
	}
}

// span is from the first write on the next cluster to the last on the one before.
type span struct{ from, to time.Time }

// fleetWrite is an acked write, by the clock of its stand-in.
type fleetWrite struct {
	standin.Write
	cluster string
}

// judgeProcess wants the acked writes of one process to be on one cluster after the
// other: no ack from an old one after the first write on the next. It returns the
// longest time without an applied write at a move.
func (f *fleet) judgeProcess(writes []fleetWrite, way []string, onTwo []span) (gap time.Duration) {
	f.t.Helper()
	slices.SortFunc(writes, func(a, b fleetWrite) int { return a.Applied.Compare(b.Applied) })
	var went []string
	var last time.Time // ack of the present cluster
	for i, w := range writes {
		if i == 0 || writes[i-1].cluster != w.cluster {
			if w.Applied.Before(last) {
				f.t.Errorf("%s acked at %v, after the first write on %s at %v", writes[i-1].cluster, last, w.cluster, w.Applied)
			}
			if n := len(went) - 1; n >= 0 && n < len(onTwo) {
				onTwo[n].from = earlier(onTwo[n].from, w.Applied)
				onTwo[n].to = later(onTwo[n].to, last)
				gap = max(gap, w.Applied.Sub(last))
			}
			went = append(went, w.cluster)
			last = time.Time{}
		}
		last = later(last, w.Acked)
	}
	if !slices.Equal(went, way) {
		f.t.Errorf("a process went %s, want %s", strings.Join(went, " "), strings.Join(way, " "))
	}
	return gap
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// lines reads a ledger whose process has ended.
func (f *fleet) lines(path string) (list []line) {
	f.t.Helper()
	file, err := os.Open(path)
	if err != nil {
		f.t.Fatal(err)
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	for in.Scan() {
		var l line
		if err := json.Unmarshal(in.Bytes(), &l); err != nil {
			f.t.Fatalf("%s: %v: %s", path, err, in.Bytes())
		}
		list = append(list, l)
	}
	if err := in.Err(); err != nil {
		f.t.Fatal(err)
	}
	slices.SortStableFunc(list, func(a, b line) int { return cmp.Compare(a.Start.UnixNano(), b.Start.UnixNano()) })
	return list
}
