package endpoints

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start returns an endpoint and a client that ends with the test.
func start(t *testing.T) (*Endpoint, *http.Client) {
	t.Helper()
	e, err := Start()
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{}
	t.Cleanup(func() {
		e.Stop()
		transport.CloseIdleConnections()
	})
	return e, &http.Client{Transport: transport, Timeout: 2 * time.Second}
}

// call makes the sample call and returns the status and the body.
func call(t *testing.T, c *http.Client, e *Endpoint, id string) (int, string, error) {
	t.Helper()
	body := fmt.Sprintf(envelope, `<f:call xmlns:f="http://failover.example.com/"><arg0>`+id+`</arg0></f:call>`)
	resp, err := c.Post(e.URL(), "text/xml; charset=utf-8", strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

// wantApplied wants the ledger to say that the call with this id was carried out n times.
func wantApplied(t *testing.T, e *Endpoint, id string, n int) {
	t.Helper()
	if got := e.Applications(id); got != n {
		t.Errorf("%s was carried out %d times, want %d", id, got, n)
	}
}

func TestACallIsCarriedOutOnceAndAcked(t *testing.T) {
	e, c := start(t)
	before := time.Now()
	status, text, err := call(t, c, e, "one")
	if err != nil || status != http.StatusOK || !strings.Contains(text, "callResponse") {
		t.Fatalf("%d %q %v", status, text, err)
	}
	wantApplied(t, e, "one", 1)
	end := time.Now().Add(time.Second)
	for _, ok := e.FirstAckAfter(before); !ok; _, ok = e.FirstAckAfter(before) {
		if time.Now().After(end) {
			t.Fatal("the ledger has no ack")
		}
	}
	if _, ok := e.FirstAckAfter(time.Now()); ok {
		t.Error("an ack after the only call")
	}
	if e.Connections() != 1 || e.Accepted() != 1 {
		t.Errorf("%d connections of %d", e.Connections(), e.Accepted())
	}
}

func TestAKilledEndpointIsRefusedAndKeepsItsLedger(t *testing.T) {
	e, c := start(t)
	if _, _, err := call(t, c, e, "one"); err != nil {
		t.Fatal(err)
	}
	e.Kill()
	if _, _, err := call(t, c, e, "two"); !errors.Is(err, syscall.ECONNREFUSED) && !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, io.EOF) {
		t.Errorf("killed: %v", err)
	}
	if err := e.Restart(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := call(t, c, e, "three"); err != nil {
		t.Error(err)
	}
	wantApplied(t, e, "one", 1)
	wantApplied(t, e, "two", 0)
	wantApplied(t, e, "three", 1)
}

func TestAFrozenEndpointCarriesOutLateWhatItReceived(t *testing.T) {
	e, c := start(t)
	c.Timeout = 100 * time.Millisecond
	e.Freeze()
	if _, _, err := call(t, c, e, "late"); err == nil {
		t.Fatal("a frozen endpoint answered")
	}
	wantApplied(t, e, "late", 0)
	e.Thaw()
	for end := time.Now().Add(2 * time.Second); e.Applications("late") == 0 && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	wantApplied(t, e, "late", 1)
}

func TestAFrozenEndpointThatIsKilledCarriesOutNothing(t *testing.T) {
	e, c := start(t)
	c.Timeout = 100 * time.Millisecond
	e.Freeze()
	if _, _, err := call(t, c, e, "lost"); err == nil {
		t.Fatal("a frozen endpoint answered")
	}
	e.Kill()
	time.Sleep(50 * time.Millisecond)
	wantApplied(t, e, "lost", 0)
}

func TestRefuseEndsCallsInOrder(t *testing.T) {
	e, c := start(t)
	e.Slow(100 * time.Millisecond)
	done := make(chan error, 1)
	go func() {
		_, _, err := call(t, c, e, "in flight")
		done <- err
	}()
	for e.Applications("in flight") == 0 {
		time.Sleep(time.Millisecond)
	}
	e.Refuse()
	if err := <-done; err != nil {
		t.Errorf("the call in flight: %v", err)
	}
	if _, _, err := call(t, c, e, "after"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("after: %v", err)
	}
}

func TestEverySecondCallIsRefused(t *testing.T) {
	e, c := start(t)
	for _, x := range []struct {
		answer Answer
		id     string
		status int
		text   string
	}{
		{Faults, "a", http.StatusInternalServerError, "faultcode"},
		{Unavailable, "b", http.StatusServiceUnavailable, ""},
	} {
		e.Answer(x.answer)
		status, text, err := call(t, c, e, x.id+"1")
		if err != nil || status != x.status || !strings.Contains(text, x.text) {
			t.Errorf("first of two: %d %q %v", status, text, err)
		}
		if status, _, err = call(t, c, e, x.id+"2"); err != nil || status != http.StatusOK {
			t.Errorf("second of two: %d %v", status, err)
		}
		wantApplied(t, e, x.id+"1", 0)
		wantApplied(t, e, x.id+"2", 1)
	}
}

func TestARequestWithoutAnIDIsRefused(t *testing.T) {
	e, c := start(t)
	for _, body := range []string{"", "<a><b/></a>", "<a", "no xml"} {
		resp, err := c.Post(e.URL(), "text/xml", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != http.StatusBadRequest {
			t.Errorf("%q: %s", body, resp.Status)
		}
	}
}
