package drill

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// endpoint is a web server as the target of a drill: it applies the ids that
// are posted to it.
type endpoint struct {
	name, address string
	server        *http.Server

	mu      sync.Mutex
	applied map[string]int
	acks    []time.Time
}

// startHTTP starts an endpoint for each cluster of the project.
func startHTTP(p *project, f *field, dir string, _ int) error {
	for i, c := range p.clusters {
		e := &endpoint{name: c.Name, address: "127.0.0.1:0", applied: make(map[string]int)}
		if err := e.Restart(); err != nil {
			return err
		}
		f.targets = append(f.targets, e)
		f.env = append(f.env, fmt.Sprintf("FAILOVER_%d_NAME=%s", i+1, e.name), fmt.Sprintf("FAILOVER_%d_URL=http://%s", i+1, e.address))
	}
	return os.MkdirAll(dir, 0o700)
}

func (e *endpoint) Restart() error {
	l, err := net.Listen("tcp", e.address)
	if err != nil {
		return err
	}
	e.address, e.server = l.Addr().String(), &http.Server{Handler: e}
	go func(s *http.Server) { _ = s.Serve(l) }(e.server) // ends when the server is closed
	return nil
}

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id, err := io.ReadAll(r.Body)
	if err != nil || r.Method != http.MethodPost {
		return
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.applied[string(id)]++
	w.WriteHeader(http.StatusNoContent)
	e.acks = append(e.acks, time.Now())
}

func (e *endpoint) Name() string { return e.name }

func (e *endpoint) Break(b breakage) (time.Time, error) {
	at := time.Now()
	if b != kill {
		return at, errors.New("an endpoint can only be killed")
	}
	return at, e.server.Close()
}

func (e *endpoint) FirstAckAfter(t time.Time) (time.Time, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, at := range e.acks {
		if !at.Before(t) {
			return at, true
		}
	}
	return time.Time{}, false
}

func (e *endpoint) Acked() int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return len(e.acks)
}

func (e *endpoint) Applications(id string) int {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.applied[id]
}

func (e *endpoint) Heal()            {}
func (e *endpoint) Connections() int { return 0 }
func (e *endpoint) Admitted() int    { return 0 }
func (e *endpoint) Stop()            { _ = e.server.Close() }

// postIDs is a project that knows nothing of Hazelcast: it posts to one endpoint, and goes on with
// the next when that one is lost.
func postIDs() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	book, err := os.Create(os.Getenv("FAILOVER_LEDGER"))
	if err != nil {
		return 1
	}
	lines := json.NewEncoder(book)
	var names, urls []string
	for n := 1; os.Getenv(fmt.Sprintf("FAILOVER_%d_NAME", n)) != ""; n++ {
		names, urls = append(names, os.Getenv(fmt.Sprintf("FAILOVER_%d_NAME", n))), append(urls, os.Getenv(fmt.Sprintf("FAILOVER_%d_URL", n)))
	}
	event := func(fields map[string]any) {
		fields["type"], fields["time"] = "event", time.Now().UTC()
		_ = lines.Encode(fields)
	}
	active := 0
	for len(urls) > active+1 { // what refuses connections is passed over
		resp, err := http.Get(urls[active])
		if err == nil {
			resp.Body.Close()
			break
		}
		active++
	}
	event(map[string]any{"event": connected, "cluster": names[active]})
	for n := 0; ctx.Err() == nil; n++ {
		id, start, outcome := fmt.Sprint("id-", n), time.Now().UTC(), "acked"
		resp, err := http.Post(urls[active], "text/plain", strings.NewReader(id))
		if err != nil {
			outcome = "unknown"
		} else {
			resp.Body.Close()
		}
		_ = lines.Encode(map[string]any{"type": "call", "op": "post", "id": id, "cluster": names[active], "start": start, "outcome": outcome})
		if err != nil {
			lost := active
			active = (active + 1) % len(urls)
			event(map[string]any{"event": disconnected, "cluster": names[lost]})
			event(map[string]any{"event": connected, "cluster": names[active]})
			event(map[string]any{"event": changed, "cluster": names[active], "from": names[lost]})
		}
	}
	return 0
}

// kindOfPosts is the kind of a project that posts ids.
func kindOfPosts(list ...scenario) kind {
	return kind{noun: "cluster", scenarios: list, start: startHTTP, judgeEvents: (*stage).judgeClients, copies: true}
}

// A drill needs of a target what the interface says and nothing else, and asks
// the kind of the project which scenarios there are and how targets start.
func TestAnotherKindIsDrilledByTheSameStage(t *testing.T) {
	t.Parallel()
	p, err := load(fakeProject(t, "posts ids"))
	if err != nil {
		t.Fatal(err)
	}
	p.warm = false // there is no standby to wait for
	p.kind = kindOfPosts(hazelcastScenarios[0])
	_, _, err = p.choose([]string{"blackhole"})
	if fault.ExitCode(err) != int(fault.Input) || !strings.Contains(err.Error(), `no scenario "blackhole"; choose from kill or all`) {
		t.Errorf("a scenario of another kind: %v", err)
	}
	report := Report{}
	if err := p.drill(context.Background(), Options{}, p.kind.scenarios, linkSelf, &report); err != nil {
		t.Fatal(err)
	}
	if r := report.Results[0]; !r.Passed || r.GapMS <= 0 || r.AtRisk == 0 {
		t.Error(r.Text())
	}
}

// posting is a project with three endpoints, and one scenario: the first ones are
// killed before the project starts.
func posting(t *testing.T, killed int, limit time.Duration) *project {
	t.Helper()
	p, err := load(fakeProject(t, "posts ids"))
	if err != nil {
		t.Fatal(err)
	}
	third := p.clusters[0]
	third.Name = "pr-9"
	p.clusters, p.size = append(p.clusters, third), 3
	p.warm = false
	p.kind = kindOfPosts(scenario{name: "dead", targets: 3,
		dead: func(s *stage) {
			for i := range killed {
				s.strike(i, kill)
			}
		},
		script: func(s *stage) { s.mustBegin(2, limit) },
	})
	return p
}

func TestAProjectIsStartedAfterTheFault(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		killed int
		limit  time.Duration
		want   string // a failure; "" for none
	}{
		{2, 5 * time.Second, ""},
		{2, time.Nanosecond, "after the start, the limit is 1ns"},
		{1, -4 * time.Second, "pr-9 acked no write within 1s of the start"},
	} {
		report := Report{}
		p := posting(t, c.killed, c.limit)
		if err := p.drill(context.Background(), Options{}, p.kind.scenarios, linkSelf, &report); err != nil {
			t.Fatal(err)
		}
		r := report.Results[0]
		if got := strings.Join(r.Failures, "\n"); c.want == "" && !r.Passed || !strings.Contains(got, c.want) {
			t.Errorf("%d killed, limit %s: %s", c.killed, c.limit, r.Text())
		}
		if c.killed == 2 && (r.GapMS <= 0 || len(r.Events) != 1 || r.Events[0] != connected) {
			t.Errorf("%d killed, limit %s: gap %v, events %v", c.killed, c.limit, r.GapMS, r.Events)
		}
	}
}

// All leaves out what a project has too few clusters for, and says so. Asked for
// by name, it is refused.
func TestAScenarioNeedsEnoughClusters(t *testing.T) {
	p := posting(t, 0, 0)
	if list, leftOut, err := p.choose([]string{All}); len(list) != 1 || len(leftOut) > 0 || err != nil {
		t.Errorf("three clusters: %d scenarios, %q, %v", len(list), leftOut, err)
	}
	p.size = 2
	p.kind.scenarios = append(p.kind.scenarios, scenario{name: "kill", script: hazelcastScenarios[0].script})
	list, leftOut, err := p.choose([]string{All})
	if len(list) != 1 || err != nil || !slices.Equal(leftOut, []string{"left out: dead, because it needs 3 clusters, and the project has 2"}) {
		t.Errorf("two clusters: %d scenarios, %q, %v", len(list), leftOut, err)
	}
	_, _, err = p.choose([]string{"dead"})
	if fault.ExitCode(err) != int(fault.Input) || !strings.Contains(err.Error(), `failover.yaml: the scenario "dead" does not fit this project: it needs 3 clusters, and the project has 2; choose another`) {
		t.Errorf("two clusters, by name: %v", err)
	}
}
