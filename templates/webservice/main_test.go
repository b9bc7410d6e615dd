//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/templates/ledger"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/registry"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/settings"
)

// TestMain runs the program itself in the children that these tests make. What CI
// sets for our own tests begins with FAILOVER_ too, and the program would warn of it.
func TestMain(m *testing.M) {
	if os.Getenv("TEST_RUNS_MAIN") != "" {
		main()
		return
	}
	for _, name := range []string{"FAILOVER_LONG", "FAILOVER_REQUIRE_CHROMIUM", "FAILOVER_REQUIRE_JAVA", "FAILOVER_REQUIRE_KUBECTL", "FAILOVER_REQUIRE_PROMTOOL", "FAILOVER_REQUIRE_TMUX", "FAILOVER_REQUIRE_ZOOKEEPER", "FAILOVER_RUNS", "FAILOVER_SOAK"} {
		_ = os.Unsetenv(name)
	}
	os.Exit(m.Run())
}

// endpoint is a server that answers the sample's calls.
func endpoint(t *testing.T) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/xml; charset=utf-8")
		fmt.Fprint(w, done)
	}))
	t.Cleanup(s.Close)
	return s
}

// child is the program, running.
type child struct {
	*exec.Cmd
	stdout bytes.Buffer
	log    lines
}

// lines is what was logged. A test reads it while the program goes on.
type lines struct {
	mu   sync.Mutex
	text string
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text += string(p)
	return len(p), nil
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text
}

// start runs the program with variables of the environment.
func start(t *testing.T, env []string, flags ...string) *child {
	t.Helper()
	c := &child{Cmd: exec.Command(os.Args[0], flags...)}
	c.Env, c.Stdout = append(append(os.Environ(), "TEST_RUNS_MAIN=1", "FAILOVER_HOME="+t.TempDir()), env...), &c.stdout
	stderr, err := c.StderrPipe()
	if err == nil {
		err = c.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Process.Kill() })
	go func() {
		for scanner := bufio.NewScanner(stderr); scanner.Scan(); {
			c.log.mu.Lock()
			c.log.text += scanner.Text() + "\n"
			c.log.mu.Unlock()
		}
	}()
	return c
}

// logs waits until the program has logged a text.
func (c *child) logs(t *testing.T, text string) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(c.log.String(), text); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the program never logged %q, but\n%s", text, &c.log)
		}
	}
}

// The documented story, with a static list: the first endpoint is called; when it
// dies, calls go to the second, and the ledger says so.
func TestTheProgramGoesOnWithTheNextEndpoint(t *testing.T) {
	first, second := endpoint(t), endpoint(t)
	book := filepath.Join(t.TempDir(), "ledger")
	c := start(t, []string{"FAILOVER_ENDPOINTS=" + first.URL + "/Foo," + second.URL + "/Foo", "FAILOVER_LEDGER=" + book, "FAILOVER_WRITERS=4"})
	c.logs(t, "ENDPOINT_SELECTED")
	c.logs(t, "level=INFO msg=calling")
	first.CloseClientConnections()
	first.Close()
	c.logs(t, "ENDPOINT_CHANGED")
	time.Sleep(100 * time.Millisecond)
	_ = c.Process.Signal(syscall.SIGTERM)
	if err := c.Wait(); err != nil || !strings.Contains(c.stdout.String(), "1 switches\n") || !strings.HasPrefix(c.stdout.String(), "stopped: ") {
		t.Errorf("%v, and it printed %q", err, c.stdout.String())
	}
	data, err := os.ReadFile(book)
	if err != nil {
		t.Fatal(err)
	}
	acked, ids, events := make(map[string]int), make(map[string]bool), []string{}
	for line := range bytes.Lines(data) {
		var l ledger.Line
		if err := json.Unmarshal(line, &l); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		switch {
		case l.Type == ledger.Event:
			events = append(events, l.Event)
		case l.ID == "" || ids[l.ID] || l.Op != "call":
			t.Fatalf("not a call of its own: %s", line)
		default:
			ids[l.ID] = true
			if l.Outcome == "acked" {
				acked[l.Cluster]++
			}
		}
	}
	if acked[first.URL+"/Foo"] == 0 || acked[second.URL+"/Foo"] == 0 || len(acked) != 2 {
		t.Errorf("acked: %v", acked)
	}
	if got := strings.Join(events, " "); !strings.Contains(got, "ENDPOINT_SELECTED") || !strings.HasSuffix(got, "ENDPOINT_FAILED ENDPOINT_CHANGED") {
		t.Errorf("events %s", got)
	}
}

func TestASecondSignalEndsTheProgramAtOnce(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0") // accepts, answers nothing
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	c := start(t, []string{"FAILOVER_ENDPOINTS=http://" + silent.Addr().String() + "/Foo"})
	if _, err := silent.Accept(); err != nil { // a call is under way
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- c.Wait() }()
	for running := true; running; {
		_ = c.Process.Signal(os.Interrupt)
		select {
		case <-ended:
			running = false
		case <-time.After(100 * time.Millisecond):
		}
	}
	if status, _ := c.ProcessState.Sys().(syscall.WaitStatus); !status.Signaled() || status.Signal() != syscall.SIGINT {
		t.Errorf("it ended with %v", c.ProcessState)
	}
}

// One that is not answered holds the program for no longer than drainTimeout.
func TestASignalLeavesCallsSomeSeconds(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer silent.Close()
	ctx, stop := context.WithCancel(t.Context())
	transport, err := failover.New(failover.Static("http://"+silent.Addr().String()+"/Foo"), failover.Options{AttemptTimeout: time.Minute, CallTimeout: time.Minute, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	defer transport.Close()
	go func() {
		if conn, err := silent.Accept(); err == nil { // a call is under way
			defer conn.Close()
			stop()
			<-t.Context().Done()
		}
	}()
	start := time.Now()
	total := callLoops(ctx, 1, &http.Client{Transport: transport}, uniqueIDs(), slog.New(slog.DiscardHandler))
	if took := time.Since(start); took < drainTimeout || took > drainTimeout+10*time.Second || total.String() != "0 acked, 0 not sent, 1 unknown, 0 rejected" {
		t.Errorf("after %v: %s", took, total)
	}
}

func TestARegistryThatGivesNoListIsLogged(t *testing.T) {
	var log lines
	s := &setup{Settings: &settings.Settings{}, registry: registry.Config{Addresses: []string{"127.0.0.1:1"}, Path: "demo/fo", MaximumConnectionTimeout: 100 * time.Millisecond}}
	_, stop, err := s.list(t.Context(), slog.New(slog.NewTextHandler(&log, nil)))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	for deadline := time.Now().Add(20 * time.Second); !strings.Contains(log.String(), "has given no list"); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("the log does not tell:\n%s", log.String())
		}
	}
}

// output runs the program to its end.
func output(t *testing.T, env []string, flags ...string) (exit int, stdout, stderr string) {
	t.Helper()
	var out, errors bytes.Buffer
	c := exec.Command(os.Args[0], flags...)
	c.Env, c.Stdout, c.Stderr = append(append(os.Environ(), "TEST_RUNS_MAIN=1", "FAILOVER_HOME="+t.TempDir()), env...), &out, &errors
	_ = c.Run()
	return c.ProcessState.ExitCode(), out.String(), errors.String()
}

func TestArgumentsAreRefused(t *testing.T) {
	if exit, _, stderr := output(t, nil, "-v", "true"); exit != 2 || !strings.Contains(stderr, `"true"`) {
		t.Errorf("exit %d: %s", exit, stderr)
	}
}

func TestCheckTellsWhereTheEndpointsAre(t *testing.T) {
	const end = "calls: select sticky, replay unsent, next endpoint after java.io.IOException\nno fault was found; no connection was made\n"
	for name, test := range map[string]struct {
		env  []string
		want string
	}{
		"compiled in": {nil, "registry: demo/fo at localhost:2181\n  no TLS: what is read crosses the network as plain text, and so does a password\n" + end},
		"a user":      {[]string{"FAILOVER_REGISTRY_USER=u", "FAILOVER_REGISTRY_PASSWORD=battery"}, "registry: demo/fo at localhost:2181\n  user u, with a password\n  no TLS: what is read crosses the network as plain text, and so does a password\n" + end},
		"a list":      {[]string{"FAILOVER_ENDPOINTS=http://a/Foo http://b/Foo"}, "endpoint 1: http://a/Foo\nendpoint 2: http://b/Foo\n" + end},
	} {
		t.Run(name, func(t *testing.T) {
			if exit, stdout, stderr := output(t, test.env, "-check"); exit != 0 || stdout != test.want || stderr != "" {
				t.Errorf("exit %d, stdout\n%sstderr\n%s", exit, stdout, stderr)
			}
		})
	}
}

func TestCheckFindsWhatIsWrong(t *testing.T) {
	for name, test := range map[string]struct {
		env  []string
		want string
	}{
		"no such file": {[]string{"FAILOVER_REGISTRY_CA=/none/such.pem"}, "FAILOVER_REGISTRY_CA: open /none/such.pem"},
		"no password":  {[]string{"FAILOVER_REGISTRY_USER=u"}, "FAILOVER_REGISTRY_PASSWORD is missing"},
		"a user":       {[]string{"FAILOVER_REGISTRY_USER=u:p", "FAILOVER_REGISTRY_PASSWORD=x"}, "colon"},
	} {
		t.Run(name, func(t *testing.T) {
			if exit, stdout, stderr := output(t, test.env, "-check"); exit != 1 || strings.Contains(stdout, "no fault") || !strings.Contains(stderr, test.want) {
				t.Errorf("exit %d, stdout\n%sstderr\n%s", exit, stdout, stderr)
			}
		})
	}
}

func TestCheckWarnsOfWhatTheProgramIgnores(t *testing.T) {
	exit, _, stderr := output(t, []string{"FAILOVER_REGISTRY_PASWORD=battery"}, "-check")
	if exit != 0 || !strings.Contains(stderr, "level=WARN") || !strings.Contains(stderr, "did you mean FAILOVER_REGISTRY_PASSWORD?") || strings.Contains(stderr, "battery") {
		t.Errorf("exit %d: %s", exit, stderr)
	}
}

func TestHealthIsServedAtTheAddressThatIsAsked(t *testing.T) {
	probe, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(probe.Addr().String())
	probe.Close()
	c := start(t, []string{"FAILOVER_ENDPOINTS=" + endpoint(t).URL + "/Foo"}, "-health-port", port, "-health-address", "0.0.0.0")
	c.logs(t, "ENDPOINT_SELECTED")
	for path, want := range map[string]string{"/live": "live", "/ready": "active: \"http://127.0.0.1:", "/stats": `"goroutines"`} {
		answer, err := http.Get("http://127.0.0.1:" + port + path)
		if err != nil {
			t.Fatal(err)
		}
		var body bytes.Buffer
		_, _ = body.ReadFrom(answer.Body)
		answer.Body.Close()
		if answer.StatusCode != http.StatusOK || !strings.Contains(body.String(), want) {
			t.Errorf("%s: %s, %s", path, answer.Status, &body)
		}
	}

	// 192.0.2.1 is for documentation: no machine has it.
	exit, _, stderr := output(t, []string{"FAILOVER_ENDPOINTS=http://a/Foo"}, "-health-port", port, "-health-address", "192.0.2.1")
	if exit != 1 || !strings.Contains(stderr, "192.0.2.1:"+port) || !strings.Contains(stderr, "-health-address") {
		t.Errorf("exit %d: %s", exit, stderr)
	}
}

// nothing is a list that is not known yet.
type nothing struct{}

func (nothing) Current() ([]failover.Endpoint, <-chan struct{}) { return nil, nil }

// A program that waits for work before it calls must be ready without a call, and
// one whose endpoints failed must get the work that tries them again.
func TestReadyIsWhoHasAnEndpoint(t *testing.T) {
	for name, test := range map[string]struct {
		list  failover.List
		calls int
		want  int
	}{
		"no list yet":     {nothing{}, 0, http.StatusServiceUnavailable},
		"before a call":   {failover.Static("http://127.0.0.1:1/Foo"), 0, http.StatusOK},
		"all have failed": {failover.Static("http://127.0.0.1:1/Foo"), 1, http.StatusOK},
	} {
		t.Run(name, func(t *testing.T) {
			transport, err := failover.New(test.list, failover.Options{Logger: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			defer transport.Close()
			for range test.calls {
				if _, err := call(t.Context(), &http.Client{Transport: transport}, "1"); err == nil {
					t.Error("the call did not fail")
				}
			}
			answer := httptest.NewRecorder()
			healthOf(transport).ServeHTTP(answer, httptest.NewRequest("GET", "/ready", nil))
			if want := fmt.Sprintf("of which failed: %d\n", test.calls); answer.Code != test.want || !strings.HasSuffix(answer.Body.String(), want) {
				t.Errorf("%d: %s", answer.Code, answer.Body)
			}
		})
	}
}
