package failover

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// deeds counts by id how often calls were carried out, on all servers together.
type deeds struct {
	mu sync.Mutex
	by map[string]int
}

func (d *deeds) handle(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("id")
	d.mu.Lock()
	d.by[id]++
	d.mu.Unlock()
	answer(w, id)
}

// While servers are killed and restarted at random under 32 callers, no call that
// was acked is lost, none that was not sent was carried out, and none was carried
// out twice, whatever its method. Restarted servers stand last, as new entries. What
// the engine keeps of entries and attempts goes with them; TestMain sees that no
// goroutine stays.
func TestRandomKillsLoseAndRepeatNothing(t *testing.T) {
	kills := 30
	if os.Getenv("FAILOVER_LONG") == "1" {
		kills = 1000
	}
	ledger := &deeds{by: make(map[string]int)}
	var servers []*server
	var urls []string
	for range 3 {
		s := serve(t, ledger.handle)
		s.quiet = true
		servers, urls = append(servers, s), append(urls, s.URL)
	}
	list := &changing{list: entries(0, urls...)}
	tr := start(t, list, Options{CallTimeout: 20 * time.Second})

	var outcomes sync.Map // id -> outcome
	var stopped atomic.Bool
	var callers sync.WaitGroup
	for caller := range 32 {
		callers.Go(func() {
			for n := 0; !stopped.Load(); n++ {
				id := fmt.Sprintf("%d-%d", caller, n)
				outcomes.Store(id, callOnce(t, tr, caller%2 == 0, id))
			}
		})
	}
	random := rand.New(rand.NewPCG(1, uint64(kills)))
	for i := range kills {
		time.Sleep(time.Duration(random.IntN(8000)) * time.Microsecond)
		victim := servers[random.IntN(len(servers))]
		victim.kill()
		time.Sleep(time.Duration(random.IntN(3000)) * time.Microsecond) // the session lives on
		now, _ := list.Current()
		var left []Endpoint
		for _, e := range now {
			if e.URL != victim.URL {
				left = append(left, e)
			}
		}
		list.set(left...)
		victim.start(t)
		list.set(append(left, Endpoint{URL: victim.URL, ID: fmt.Sprintf("0%010d", 100+i)})...)
	}
	stopped.Store(true)
	callers.Wait()
	for _, s := range servers {
		s.kill() // no handler is at work after this
	}
	total := make(map[outcome.Outcome]int)
	ledger.mu.Lock()
	defer ledger.mu.Unlock()
	outcomes.Range(func(id, o any) bool {
		total[o.(outcome.Outcome)]++
		switch done := ledger.by[id.(string)]; {
		case done > 1:
			t.Errorf("call %s (%v) was carried out %d times", id, o, done)
		case o == outcome.Acked && done == 0:
			t.Errorf("call %s was acked and is lost", id)
		case o == outcome.NotSent && done > 0:
			t.Errorf("call %s is not_sent and was carried out", id)
		case o == outcome.Rejected:
			t.Errorf("call %s was rejected", id)
		}
		return true
	})
	if known, watched := tr.Stats().Known, tr.overdue.watched(); known != len(servers) || watched > 0 {
		t.Errorf("%d entries are kept of a list of %d, and %d attempts that ended are still watched", known, len(servers), watched)
	}
	if total[outcome.Acked] < kills {
		t.Errorf("only %d calls were acked", total[outcome.Acked])
	}
	t.Logf("%d kills, %d switches; calls: %v", kills, tr.Stats().Switches, total)
}

// watched counts the attempts that have not ended.
func (o *overdue) watched() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.inFlight)
}

// callOnce makes a call and returns its outcome, that of its body included.
func callOnce(t *testing.T, tr *transport, get bool, id string) outcome.Outcome {
	method, content := "POST", callEnvelope(id)
	if get {
		method, content = "GET", ""
	}
	resp, err := tr.Do(newRequest(t, method, DefaultAddress+"?id="+id, content))
	if err != nil {
		return outcome.Of(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return outcome.Of(err)
	}
	if resp.StatusCode != 200 || !strings.Contains(string(text), ">"+id+"<") {
		t.Errorf("call %s: status %d, %s", id, resp.StatusCode, text)
	}
	return outcome.Acked
}

// The first call after the master's death costs one attempt more, and those that
// come after it none.
func TestTheFirstCallAfterADeathCostsOneAttempt(t *testing.T) {
	a, b := serve(t, nil), serve(t, nil)
	tr := start(t, &changing{list: entries(0, a.URL, b.URL)}, Options{})
	for range 3 {
		if _, _, err := post(t, tr, context.Background(), callEnvelope("1")); err != nil {
			t.Fatal(err)
		}
	}
	a.kill()
	time.Sleep(50 * time.Millisecond) // the kept connection ends
	for i, want := range []int{2, 1, 1} {
		status, _, err := post(t, tr, context.Background(), callEnvelope("2"))
		if r := tr.lastResult(); status != 200 || r.Attempts != want || r.Endpoint != b.URL {
			t.Errorf("call %d: %v, %d attempts, %s; want %d and %s", i, err, r.Attempts, r.Endpoint, want, b.URL)
		}
	}
	wantEvents(t, tr.seen(letters(a.URL, b.URL)), "SELECTED A", "FAILED A", "CHANGED A B")
}
