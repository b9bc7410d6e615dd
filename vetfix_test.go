package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// faultyOrders takes the place of main.go in a Hazelcast project. It keeps a ledger,
// so that drill can judge it, and has a fault for each fix that such a program can need.
const faultyOrders = `package main

import (
	"context"
	"log"
	"math/rand/v2"
	"os/signal"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hazelcast/hazelcast-go-client"

	"example.com/orders/internal/failover"
	"example.com/orders/internal/ledger"
	"example.com/orders/internal/outcome"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	s, err := load()
	if err != nil {
		log.Fatal(err)
	}
	book, err := ledger.Open(s.Ledger)
	if err != nil {
		log.Fatal(err)
	}
	defer book.Close()
	if err := run(ctx, s, book); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, s *setup, book *ledger.Ledger) error {
	var engine atomic.Pointer[failover.Client]
	var added atomic.Int64
	changes := 0
	client, err := failover.New(s.targets, failover.Options{
		OnEvent: func(e failover.Event) {
			book.Write(ledger.Line{Type: ledger.Event, Event: string(e.Type), Cluster: e.Cluster, From: e.From, Time: e.Time})
			if changes++; changes > 100 {
				engine.Load().Close(context.Background())
			}
		},
		OnResult: func(r failover.Result) {
			id, _ := r.Value.(string)
			book.Write(ledger.Line{Type: ledger.Call, Op: r.Op, Key: r.Key, ID: id, Cluster: r.Cluster, Outcome: r.Outcome.String(), Start: r.Start, End: r.End})
		},
	})
	if err != nil {
		return err
	}
	engine.Store(client)
	err = client.Do(ctx, func(ctx context.Context, hz *hazelcast.Client) error {
		orders, err := hz.GetMap(context.Background(), mapName)
		if err != nil {
			return err
		}
		_, err = orders.AddListener(ctx, hazelcast.MapListener{EntryAdded: func(*hazelcast.EntryNotified) { added.Add(1) }}, false)
		return err
	})
	if err != nil {
		return err
	}
	write(ctx, client.Map(mapName), s.Writers)
	log.Print(added.Load(), " orders were added")
	closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return client.Close(closing)
}

func write(ctx context.Context, orders *failover.Map, writers int) {
	entry := uniqueEntries("")
	var loops sync.WaitGroup
	for range writers {
		loops.Go(func() {
			for ctx.Err() == nil {
				key, value := entry(rand.IntN(keys))
				if _, err := orders.Put(context.Background(), key, value); err != nil {
					log.Fatal(err)
				}
				key, value = entry(rand.IntN(keys))
				_ = orders.Set(context.Background(), key, value)
				key, value = entry(rand.IntN(keys))
				orders.Put(context.Background(), key, value)
				key, value = entry(rand.IntN(keys))
				tell(orders.Set(context.Background(), key, value))
			}
		})
	}
	loops.Wait()
}

func tell(err error) {
	switch outcome.Of(err) {
	case outcome.Acked:
	case outcome.NotSent:
		log.Print("not sent: ", err)
	}
}
`

// ofOrders are what vet must say of it, each with what its fix writes.
var ofOrders = map[string]string{
	"engine: Close waits for OnEvent":                            "\t\t\t\tgo engine.Load().Close(",
	"unbounded: Client.GetMap may wait forever":                  "context.WithTimeout(context.Background(), 2*time.Second)\n\t\t\torders, err := hz.GetMap(bounded, mapName)",
	"stale: a listener that is added in Do":                      "OnActive: func(ctx context.Context, hz *hazelcast.Client) error {\n\t\t\tbounded",
	"dropped: a failed Map.Put ends the process":                 "log.Print(err)\n\t\t\t\t\tcontinue",
	"dropped: the error of Map.Set is dropped":                   "if err := orders.Set(",
	"dropped: the error of Map.Put is dropped":                   `log.Printf("Map.Put failed and may have been applied`,
	"engine: this switch has no case for outcome.Unknown, which": "case outcome.Unknown:",
}

// faultyWake is added to a project for a web service, and called before its loop.
const faultyWake = `package main

import (
	"net/http"
	"time"

	"example.com/orders/internal/failover"
)

// wake asks the first endpoint that answers, and returns how long that took.
func wake(list failover.List) time.Duration {
	start := time.Now()
	endpoints, known := list.Current()
	if endpoints == nil {
		<-known
		endpoints, _ = list.Current()
	}
	client := &http.Client{}
	for _, endpoint := range endpoints {
		answer, err := client.Get(endpoint.URL)
		if err != nil {
			continue
		}
		answer.Body.Close()
		return time.Since(start)
	}
	return 0
}
`

// What --fix makes of a program passes the tests of its project, has no more
// findings, and survives the loss of its cluster. The fault that OnActive and a
// deadline repair at one place shows that one call of --fix is enough.
func TestRepairedProjectSurvivesTheDrill(t *testing.T) {
	t.Parallel()
	t.Run("hazelcast", func(t *testing.T) {
		t.Parallel()
		project, bin := newProject(t)
		putFile(t, project, "main.go", faultyOrders)
		repairAndDrill(t, project, bin, "main.go", ofOrders)
	})
	t.Run("webservice", func(t *testing.T) {
		t.Parallel()
		project, bin := newService(t)
		main, err := os.ReadFile(filepath.Join(project, "main.go"))
		if err != nil {
			t.Fatal(err)
		}
		const loop = "\tclient := &http.Client{Transport: transport}\n"
		if strings.Count(string(main), loop) != 1 {
			t.Fatalf("main.go has no place for the fault:\n%s", main)
		}
		putFile(t, project, "main.go", strings.Replace(string(main), loop, "\tlog.Info(\"awake\", \"after\", wake(list))\n"+loop, 1))
		putFile(t, project, "wake.go", faultyWake)
		repairAndDrill(t, project, bin, "wake.go", map[string]string{
			"webservice: an endpoint that accepts the connection and stays mute": "&http.Client{Timeout: 10 * time.Second}",
		})
	})
}

func putFile(t *testing.T, project, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(project, name), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// repairAndDrill repairs a project, of which vet must say what want has.
func repairAndDrill(t *testing.T, project, bin, name string, want map[string]string) {
	t.Helper()
	before := inShell(t, project, bin, "! failover-gen vet")
	if n := strings.Count(before, name+":"); n != len(want) {
		t.Errorf("%d findings, want %d", n, len(want))
	}
	inShell(t, project, bin, "failover-gen vet --fix")
	fixed, err := os.ReadFile(filepath.Join(project, name))
	if err != nil {
		t.Fatal(err)
	}
	for finding, fix := range want {
		if !strings.Contains(before, finding) || !strings.Contains(string(fixed), fix) {
			t.Errorf("no finding %q, or no fix %q", finding, fix)
		}
	}
	if t.Failed() {
		t.Fatalf("found:\n%s\nrepaired:\n%s", before, fixed)
	}
	inShell(t, project, bin, "failover-gen vet && go vet ./... && go test ./... && failover-gen drill --scenario kill")
}
