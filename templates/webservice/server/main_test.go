package main

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/zookeeper"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/registry"
)

// patience is how long tests wait for what must happen, on a busy machine.
const patience = 30 * time.Second

// The test program is the server as well, where this is set.
const asServer = "SERVER_OF_THE_TEST"

func TestMain(m *testing.M) {
	if os.Getenv(asServer) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// start runs the server as a process of its own, with these variables and
// arguments. The process is killed at the end of the test.
func start(t *testing.T, variables []string, args ...string) (server *exec.Cmd, log *syncBuffer) {
	t.Helper()
	log = &syncBuffer{}
	server = exec.Command(os.Args[0], args...)
	server.Env = append(os.Environ(), append(variables, asServer+"=1", "FAILOVER_HOME="+t.TempDir())...)
	server.Stderr = log
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Process.Kill()
		server.Wait()
		if t.Failed() {
			t.Logf("the server's log:\n%s", log)
		}
	})
	return server, log
}

// syncBuffer is a buffer that one goroutine writes and another reads.
type syncBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

// freeAddress returns an address that nothing listens on now.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return "localhost:" + port
}

// shows waits until the list has these URLs.
func shows(t *testing.T, list failover.List, urls ...string) {
	t.Helper()
	deadline := time.After(patience)
	for {
		endpoints, changed := list.Current()
		var got []string
		for _, e := range endpoints {
			got = append(got, e.URL)
		}
		if strings.Join(got, " ") == strings.Join(urls, " ") {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatalf("the list is %v, want %v", got, urls)
		}
	}
}

// call sends the sample call.
func call(t *testing.T, url, argument string) (status int, answer string) {
	t.Helper()
	body := `<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>` +
		`<f:call xmlns:f="http://failover.example.com/"><arg0>` + argument + `</arg0></f:call></soap:Body></soap:Envelope>`
	if argument == "" {
		body = "no call"
	}
	response, err := http.Post(url, "text/xml; charset=utf-8", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

func TestServersJoinAnswerAndLeave(t *testing.T) {
	const session = 3 * time.Second // in place of the 10 seconds that servers ask for
	zoo := zookeeper.ForTest(t, zookeeper.Options{LongestSession: session})
	const path = "demo/fo"
	variables := []string{"FAILOVER_REGISTRY_ADDRESSES=" + zoo.Addr, "FAILOVER_REGISTRY_PATH=" + path}
	watcher, err := registry.Watch(registry.Config{Addresses: []string{zoo.Addr}, Path: path})
	if err != nil {
		t.Fatal(err)
	}
	defer watcher.Close()
	first, second := freeAddress(t), freeAddress(t)
	firstURL, secondURL := "http://"+first+"/Foo", "http://"+second+"/Foo"
	killed, _ := start(t, variables, "-listen", first)
	shows(t, watcher, firstURL)
	stopped, _ := start(t, variables, "-listen", second)
	shows(t, watcher, firstURL, secondURL)

	if status, answer := call(t, secondURL, "a &amp; b"); status != 200 || !strings.Contains(answer, "<return>a &amp; b from "+secondURL+"</return>") {
		t.Errorf("the answer is %d: %s", status, answer)
	}
	if status, answer := call(t, secondURL, ""); status != 500 || !strings.Contains(answer, "<faultcode>soap:Client</faultcode>") {
		t.Errorf("what is not a call is answered by %d: %s", status, answer)
	}

	// The master is killed. The registry gives it up after the session timeout.
	begin := time.Now()
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	shows(t, watcher, secondURL)
	gone := time.Since(begin)
	t.Logf("killed: the entry was gone after %v, with a session timeout of %v", gone, session)
	if gone < session/2 || gone > session+10*time.Second {
		t.Errorf("it took %v", gone)
	}

	// It starts again, and stands last.
	start(t, variables, "-listen", first)
	shows(t, watcher, secondURL, firstURL)

	// The other one is told to stop, and leaves at once.
	begin = time.Now()
	if err := stopped.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	shows(t, watcher, firstURL)
	left := time.Since(begin)
	t.Logf("stopped: the entry was gone after %v", left)
	if err := stopped.Wait(); err != nil || left > 5*time.Second {
		t.Errorf("it left after %v and ended with %v", left, err)
	}
}

func TestAServerThatNobodyFindsSaysSo(t *testing.T) {
	address := freeAddress(t)
	server, log := start(t, []string{"FAILOVER_REGISTRY_ADDRESSES=127.0.0.1:1", "FAILOVER_REGISTRY_PATH=demo/fo"}, "-listen", address)
	deadline := time.Now().Add(patience)
	for !strings.Contains(log.String(), "127.0.0.1:1 is not reached") {
		if time.Now().After(deadline) {
			t.Fatal("the log does not tell that the registry is not reached")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if status, _ := call(t, "http://"+address+"/Foo", "a"); status != 200 {
		t.Errorf("it answers %d meanwhile", status)
	}
	if err := server.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := server.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
}

func TestAnAddressThatIsTakenEndsTheServer(t *testing.T) {
	l, err := net.Listen("tcp", "localhost:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	t.Setenv("FAILOVER_REGISTRY_ADDRESSES", "127.0.0.1:1")
	t.Setenv("FAILOVER_REGISTRY_PATH", "demo/fo")
	if err := run(ctx, slog.New(slog.DiscardHandler), l.Addr().String(), ""); err == nil || !strings.Contains(err.Error(), "in use") {
		t.Errorf("run returned %v", err)
	}
}
