//go:build unix

package integration

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestSoak breaks real members at random for as long as FAILOVER_SOAK says
// ("30m"), from a seed that it logs and takes from FAILOVER_SEED.
func TestSoak(t *testing.T) {
	length, err := time.ParseDuration(os.Getenv("FAILOVER_SOAK"))
	if err != nil {
		t.Skip("no soak is asked for: set FAILOVER_SOAK=30m, and FAILOVER_REQUIRE_JAVA=1; it needs Java 17 and Maven")
	}
	jar := hazelcastJar(t)
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("FAILOVER_SEED"); text != "" {
		if _, err := fmt.Sscan(text, &seed); err != nil {
			t.Fatal(err)
		}
	}
	dice := rand.New(rand.NewPCG(seed, 0))
	t.Logf("seed %d", seed)

	clusters := []*cluster{newCluster(t, "primary", jar), newCluster(t, "secondary", jar)}
	for _, c := range clusters {
		c.add(2)
	}
	for _, c := range clusters {
		c.waitSize(2)
	}
	port := freePort(t)
	w := startOnFirst(t, buildProject(t), clusters, fmt.Sprintf("-health-port=%d", port))
	start := time.Now()
	before := w.health(port)

	emptied := make(map[string]time.Time)
	faults := make(map[string]int)
	for time.Since(start) < length {
		c := clusters[dice.IntN(len(clusters))]
		fault := soakFaults[dice.IntN(len(soakFaults))]
		faults[fault.name]++
		if fault.make(c, dice) {
			emptied[c.name] = time.Now()
		}
		c.waitSize(2)
		time.Sleep(5 * time.Second) // backups and the standby are back
		w.waitAcked("", time.Now(), 30*time.Second)
	}
	after := w.health(port)
	list := w.stop()

	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	held := make(map[string]map[string]string)
	for _, c := range clusters {
		held[c.name] = c.entries(ctx, "map")
	}
	a := settle(list, start, held, emptied)
	t.Logf("%v, faults %v", time.Since(start).Round(time.Second), faults)
	t.Logf("%d switches, longest gap %v, outcomes %v, lost %d, twice %d, at risk %d", after.Switches, a.gap.Round(time.Millisecond), a.outcomes, a.lost, a.twice, a.atRisk)
	t.Logf("start: %d goroutines, %s; end: %d goroutines, %s", before.Goroutines, before.memory, after.Goroutines, after.memory)
	if a.lost > 0 || a.twice > 0 {
		t.Errorf("%d acked writes lost, %d written twice", a.lost, a.twice)
	}
	if after.Goroutines > before.Goroutines+20 {
		t.Errorf("%d goroutines at the end, %d at the start", after.Goroutines, before.Goroutines)
	}
}

// soakFaults break one cluster and repair it. They report whether it lost its memory.
var soakFaults = []struct {
	name string
	make func(c *cluster, dice *rand.Rand) bool
}{
	{"kill one", func(c *cluster, dice *rand.Rand) bool {
		m := c.members[dice.IntN(2)]
		m.kill()
		m.proxy.down()
		time.Sleep(time.Second)
		c.launch(m)
		m.proxy.up(c.t)
		return false
	}},
	{"kill all", func(c *cluster, _ *rand.Rand) bool {
		c.killAll()
		c.proxiesDown()
		c.relaunchAll()
		c.proxiesUp()
		c.waitSize(2)
		return true
	}},
	{"stop all", func(c *cluster, dice *rand.Rand) bool {
		c.signalAll(syscall.SIGSTOP)
		time.Sleep(time.Duration(1000+dice.IntN(8000)) * time.Millisecond)
		c.signalAll(syscall.SIGCONT)
		return false
	}},
	{"stop one", func(c *cluster, dice *rand.Rand) bool {
		m := c.members[dice.IntN(2)]
		_ = m.cmd.Process.Signal(syscall.SIGSTOP)
		time.Sleep(time.Duration(1000+dice.IntN(8000)) * time.Millisecond)
		_ = m.cmd.Process.Signal(syscall.SIGCONT)
		return false
	}},
	{"blackhole", func(c *cluster, dice *rand.Rand) bool {
		for _, m := range c.members {
			m.proxy.blackhole()
		}
		time.Sleep(time.Duration(1000+dice.IntN(8000)) * time.Millisecond)
		for _, m := range c.members {
			m.proxy.release()
		}
		return false
	}},
	{"reset", func(c *cluster, _ *rand.Rand) bool {
		c.proxiesDown()
		c.proxiesUp()
		return false
	}},
}

// health is what the writer says of itself.
type health struct {
	Switches   int64
	Goroutines int
	memory     string // resident, as the system counts it
}

func (w *writer) health(port int) health {
	w.t.Helper()
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/stats", port))
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	var h health
	if err := json.NewDecoder(response.Body).Decode(&h); err != nil {
		w.t.Fatal(err)
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", w.cmd.Process.Pid))
	if err != nil {
		w.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(status), "VmRSS:")
	h.memory, _, _ = strings.Cut(strings.TrimSpace(rest), "\n")
	return h
}
