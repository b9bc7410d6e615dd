package vetrun_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// Size of the module that is analysed: packages of some lines each, 100,000 together.
const (
	packages = 100
	lines    = 100_000
)

// One service as Go services are: calls to a cluster and over HTTP, helpers that wrap
// them, loops, goroutines and errors. %[1]d is the number of the package, %[2]d that
// of the service, and %[3]s what makes it another text in each round.
const service = `
// Service%[2]d keeps orders%[3]s.
type Service%[2]d struct {
	client *hazelcast.Client
	http   *http.Client
	mu     sync.Mutex
	seen   map[string]time.Time
}

// Store%[2]d writes one order.
func (s *Service%[2]d) Store%[2]d(ctx context.Context, key string, value any) error {
	ctx, cancel := context.WithTimeout(ctx, %[2]d*time.Second)
	defer cancel()
	m, err := s.client.GetMap(ctx, "orders-%[1]d")
	if err != nil {
		return fmt.Errorf("map: %%w", err)
	}
	if _, err := m.Put(ctx, key, value); err != nil {
		return fmt.Errorf("put %%s: %%w", key, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.seen[key] = time.Now()
	return nil
}

// Load%[2]d reads many orders at once.
func (s *Service%[2]d) Load%[2]d(ctx context.Context, keys []string) (map[string]any, error) {
	m, err := s.client.GetMap(ctx, "orders-%[1]d")
	if err != nil {
		return nil, err
	}
	found := make(map[string]any)
	var errs []error
	for i, key := range keys {
		switch value, err := m.Get(ctx, key); {
		case errors.Is(err, context.DeadlineExceeded):
			return nil, err
		case err != nil:
			errs = append(errs, fmt.Errorf("%%d: %%w", i, err))
		case value != nil:
			found[key] = value
		}
	}
	return found, errors.Join(errs...)
}

// Notify%[2]d tells another service of an order, some times.
func (s *Service%[2]d) Notify%[2]d(ctx context.Context, url string, body []byte) (err error) {
	for try := 0; try < 3; try++ {
		var request *http.Request
		request, err = http.NewRequestWithContext(ctx, http.MethodPost, url, bytes.NewReader(body))
		if err != nil {
			return err
		}
		var response *http.Response
		if response, err = s.http.Do(request); err != nil {
			time.Sleep(time.Duration(try) * time.Second)
			continue
		}
		response.Body.Close()
		if response.StatusCode < 500 {
			return nil
		}
		err = fmt.Errorf("status %%d", response.StatusCode)
	}
	return err
}

// Watch%[2]d hands orders to a function until the context ends.
func (s *Service%[2]d) Watch%[2]d(ctx context.Context, orders <-chan string, handle func(string) error) {
	var wait sync.WaitGroup
	defer wait.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case order, ok := <-orders:
			if !ok {
				return
			}
			wait.Add(1)
			go func() {
				defer wait.Done()
				if err := handle(order); err != nil {
					log.Printf("order %%s: %%v", strings.ToUpper(order), err)
				}
			}()
		}
	}
}
`

// source returns a package of the module. It imports the one before it.
func source(number int, round string) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// Package p%[1]d is one of many.\npackage p%[1]d\n\nimport (\n", number)
	for _, name := range []string{"bytes", "context", "errors", "fmt", "log", "net/http", "strings", "sync", "time"} {
		fmt.Fprintf(&b, "\t%q\n", name)
	}
	b.WriteString("\n\t\"github.com/hazelcast/hazelcast-go-client\"\n")
	if number > 0 {
		fmt.Fprintf(&b, "\n\t\"example.com/many/p%d\"\n", number-1)
	}
	b.WriteString(")\n")
	if number > 0 {
		fmt.Fprintf(&b, "\n// Before is a service of the package before.\ntype Before = p%d.Service1\n", number-1)
	}
	for i := 1; bytes.Count(b.Bytes(), []byte("\n")) < lines/packages; i++ {
		fmt.Fprintf(&b, service, number, i, round)
	}
	return b.Bytes()
}

// BenchmarkVetBesideGoVet analyses 100,000 lines with go vet and with failover-gen vet,
// each as a whole process, in turns. Each round changes a comment in every package, so
// that no result of the module is in Go's cache; then go build fills the cache with
// what both need. What is known of dependencies stays in the cache for both.
// It reports the median of each, and that of the ratios of the pairs: of the time by
// the clock, and of that of the processors, on which other work has less influence.
func BenchmarkVetBesideGoVet(b *testing.B) {
	work := b.TempDir()
	binary := filepath.Join(work, "failover-gen")
	inFolder(b, "../..", "go", "build", "-o", binary, ".")
	module := filepath.Join(work, "many")
	for _, name := range []string{"go.mod", "go.sum"} {
		copyOf, err := os.ReadFile("../../templates/hazelcast/" + name + ".tmpl")
		if err != nil {
			b.Fatal(err)
		}
		if name == "go.mod" {
			_, rest, _ := strings.Cut(string(copyOf), "\n")
			copyOf = []byte("module example.com/many\n" + rest)
		}
		write(b, filepath.Join(module, name), copyOf)
	}
	peers := map[string][]string{"go": {"go", "vet", "./..."}, "ours": {binary, "vet", "--quiet", "./..."}}
	took, worked := make(map[string][]float64), make(map[string][]float64)
	round := func(name string, first, second string) {
		for i := range packages {
			write(b, filepath.Join(module, fmt.Sprintf("p%d", i), "p.go"), source(i, name))
		}
		inFolder(b, module, "go", "build", "./...")
		for _, peer := range []string{first, second} {
			start := time.Now()
			state := inFolder(b, module, peers[peer]...)
			took[peer] = append(took[peer], time.Since(start).Seconds())
			worked[peer] = append(worked[peer], (state.UserTime() + state.SystemTime()).Seconds())
		}
	}
	round("", "go", "ours") // both now know the dependencies
	clear(took)
	clear(worked)
	for b.Loop() {
		n := len(took["go"])
		if n%2 == 0 {
			round(fmt.Sprint(" in round ", n), "go", "ours")
		} else {
			round(fmt.Sprint(" in round ", n), "ours", "go")
		}
	}
	b.ReportMetric(median(took["go"]), "s/go-vet")
	b.ReportMetric(median(took["ours"]), "s/failover-gen-vet")
	b.ReportMetric(median(ratios(took)), "ratio")
	b.ReportMetric(median(ratios(worked)), "cpu-ratio")
}

func ratios(of map[string][]float64) (list []float64) {
	for i := range of["go"] {
		list = append(list, of["ours"][i]/of["go"][i])
	}
	return list
}

func median(list []float64) float64 {
	list = slices.Sorted(slices.Values(list))
	return (list[(len(list)-1)/2] + list[len(list)/2]) / 2
}

// inFolder runs a command that must succeed, or at most have findings.
func inFolder(t testing.TB, folder string, command ...string) *os.ProcessState {
	t.Helper()
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Dir = folder
	out, err := cmd.CombinedOutput()
	if err != nil && cmd.ProcessState.ExitCode() != 1 {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, out)
	}
	return cmd.ProcessState
}

func write(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
