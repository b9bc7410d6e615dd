package standin_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hazelcast/hazelcast-go-client"
	"github.com/hazelcast/hazelcast-go-client/hzerrors"
	"github.com/hazelcast/hazelcast-go-client/types"

	"github.com/failover-gen/failover-gen/internal/standin"
)

// put writes one value with a deadline of its own.
func put(t testing.TB, m *hazelcast.Map, key int, value string, limit time.Duration) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	_, err := m.Put(ctx, int64(key), value)
	return err
}

// eventually fails the test unless ok becomes true within ten seconds.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never happened: %s", what)
		}
	}
}

func TestKillKeepsTheLedgerAndThePort(t *testing.T) {
	for _, keep := range []bool{true, false} {
		c := start(t, standin.Options{Members: 2})
		m := getMap(t, dial(t, config(c)))
		if err := put(t, m, 1, "before", time.Second); err != nil {
			t.Fatal(err)
		}
		addrs := c.Addresses()
		at := c.Kill()
		if err := put(t, m, 2, "while down", 200*time.Millisecond); err == nil {
			t.Fatal("a killed cluster acknowledged a put")
		}
		for _, addr := range addrs {
			if _, err := net.Dial("tcp", addr); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Fatalf("dialling a killed member: %v, want refused", err)
			}
		}
		if err := c.Restart(keep); err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(addrs, c.Addresses()) {
			t.Fatalf("addresses changed from %v to %v", addrs, c.Addresses())
		}
		if n := c.Size("map"); n != map[bool]int{true: 1, false: 0}[keep] {
			t.Fatalf("restart(keep=%v) left %d entries", keep, n)
		}
		if _, ok := c.FirstAckAfter(at); ok {
			t.Fatal("a write was acknowledged after the kill")
		}
		if err := put(t, getMap(t, dial(t, config(c))), 3, "after", time.Second); err != nil {
			t.Fatal(err)
		}
		for id, want := range map[string]int{"before": 1, "while down": 0, "after": 1} {
			if n := c.Applications(id); n != want {
				t.Errorf("%q was applied %d times, want %d", id, n, want)
			}
		}
		var w standin.Write
		eventually(t, "an ack after the kill", func() (ok bool) { w, ok = c.FirstAckAfter(at); return ok })
		if w.ID != "after" || w.Acked.Before(w.Applied) || w.Applied.Before(at) {
			t.Errorf("first ack after the kill: %+v", w)
		}
	}
}

func TestResetOnceLetsTheClientBackIn(t *testing.T) {
	c := start(t, standin.Options{})
	m := getMap(t, dial(t, config(c)))
	if err := put(t, m, 1, "before", time.Second); err != nil {
		t.Fatal(err)
	}
	c.ResetOnce()
	eventually(t, "a put after the reset", func() bool { return put(t, m, 1, "after", time.Second) == nil })
	if n, refused := c.Authentications(); n != 2 || refused != 0 {
		t.Errorf("%d authentications, %d refused; want 2, 0", n, refused)
	}
}

func TestFrozenClusterAnswersNothingUntilThaw(t *testing.T) {
	c := start(t, standin.Options{})
	m := getMap(t, dial(t, config(c)))
	c.Freeze()
	if err := put(t, m, 1, "sent while frozen", 200*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("put on a frozen cluster: %v", err)
	}
	if c.Applied("sent while frozen") {
		t.Fatal("a frozen cluster applied a put")
	}
	raw, err := net.Dial("tcp", c.Addresses()[0])
	if err != nil {
		t.Fatalf("a frozen cluster must accept connections: %v", err)
	}
	defer raw.Close()
	raw.SetDeadline(time.Now().Add(200 * time.Millisecond))
	if err := tls.Client(raw, c.ClientTLS()).Handshake(); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("handshake with a frozen cluster: %v", err)
	}
	c.Thaw()
	eventually(t, "the frozen put", func() bool { return c.Applied("sent while frozen") })
	if err := put(t, m, 1, "after", time.Second); err != nil {
		t.Fatal(err)
	}
}

// reached returns for how many of 40 keys a put succeeds.
func reached(t *testing.T, m *hazelcast.Map) (n int) {
	for key := range 40 {
		if put(t, m, key, "value", 50*time.Millisecond) == nil {
			n++
		}
	}
	return n
}

func TestOneMemberOfTwo(t *testing.T) {
	c := start(t, standin.Options{Members: 2, PrivateAddresses: true})
	m := getMap(t, dial(t, config(c)))
	eventually(t, "a connection to each member", func() bool { return c.Connections() == 2 })
	if n := reached(t, m); n != 40 {
		t.Fatalf("%d of 40 keys reached", n)
	}
	c.FreezeMember(0)
	if n := reached(t, m); n < 5 || n > 35 {
		t.Errorf("%d of 40 keys reached with one member of two frozen; want about half", n)
	}
	c.ThawMember(0)
	eventually(t, "all keys after the thaw", func() bool { return reached(t, m) == 40 })
	c.KillMember(0)
	eventually(t, "all keys on the surviving member", func() bool { return reached(t, m) == 40 })
	if err := c.RestartMember(0); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a connection to the restarted member", func() bool { return c.Connections() == 2 })
}

func TestBlackholeSwallowsConnectionAttempts(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux drops connection attempts to a full accept queue")
	}
	c := start(t, standin.Options{})
	m := getMap(t, dial(t, config(c)))
	c.Blackhole()
	if err := put(t, m, 1, "lost", 100*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("put into a blackhole: %v", err)
	}
	var netErr net.Error
	if _, err := net.DialTimeout("tcp", c.Addresses()[0], 200*time.Millisecond); !errors.As(err, &netErr) || !netErr.Timeout() {
		t.Fatalf("dialling into a blackhole: %v, want no answer", err)
	}
	c.Thaw()
	if err := put(t, getMap(t, dial(t, config(c))), 1, "after", time.Second); err != nil {
		t.Fatal(err)
	}
	c.Blackhole()
	c.Kill()
	if err := c.Restart(true); err != nil {
		t.Fatal(err)
	}
	dial(t, config(c))
}

func TestRefusedAuthentication(t *testing.T) {
	c := start(t, standin.Options{Username: "me", Password: "secret"})
	attempt := func(change func(*hazelcast.Config)) error {
		cfg := config(c)
		cfg.Cluster.ConnectionStrategy.Timeout = types.Duration(300 * time.Millisecond) // below the first pause: one attempt
		cfg.Cluster.Security.Credentials.Username, cfg.Cluster.Security.Credentials.Password = "me", "secret"
		change(&cfg)
		client, err := hazelcast.StartNewClientWithConfig(timeout(t, 5*time.Second), cfg)
		if err == nil {
			client.Shutdown(timeout(t, time.Second))
		}
		return err
	}
	same := func(*hazelcast.Config) {}
	if err := attempt(same); err != nil {
		t.Fatal(err)
	}
	if err := attempt(func(c *hazelcast.Config) { c.Cluster.Name = "other" }); err == nil {
		t.Error("another cluster name was accepted")
	}
	if err := attempt(func(c *hazelcast.Config) { c.Cluster.Security.Credentials.Password = "wrong" }); err == nil {
		t.Error("a wrong password was accepted")
	}
	c.RefuseAuth(standin.NotAllowed)
	if err := attempt(same); !errors.Is(err, hzerrors.ErrClientNotAllowedInCluster) {
		t.Errorf("not allowed: %v", err)
	}
	c.RefuseAuth(standin.Accepted)
	if err := attempt(same); err != nil {
		t.Error(err)
	}
	if n, refused := c.Authentications(); n != 5 || refused != 3 {
		t.Errorf("%d authentications, %d refused; want 5, 3", n, refused)
	}
}

// handshake connects with cfg and returns the server's refusal, nil if there is
// none. In TLS 1.3 a refusal arrives with the first read.
func handshake(t *testing.T, c *standin.Cluster, cfg *tls.Config) error {
	t.Helper()
	k, err := tls.Dial("tcp", c.Addresses()[0], cfg)
	if err != nil {
		return err
	}
	defer k.Close()
	k.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if _, err = k.Read(make([]byte, 1)); errors.Is(err, os.ErrDeadlineExceeded) {
		return nil // accepted: the member waits for a request
	}
	return err
}

func TestCertificates(t *testing.T) {
	c, other := start(t, standin.Options{Name: "pr-1"}), start(t, standin.Options{Name: "pr-2"})
	if err := handshake(t, c, c.ClientTLS()); err != nil {
		t.Fatal(err)
	}
	none := c.ClientTLS()
	none.Certificates = nil
	if err := handshake(t, c, none); err == nil {
		t.Error("a client without a certificate was accepted")
	}
	foreign := c.ClientTLS()
	foreign.Certificates = other.ClientTLS().Certificates
	if err := handshake(t, c, foreign); err == nil {
		t.Error("a client of another cluster was accepted")
	}
	var unknown x509.UnknownAuthorityError
	if err := handshake(t, c, other.ClientTLS()); !errors.As(err, &unknown) {
		t.Errorf("trusting another cluster's authority: %v", err)
	}
	if err := c.Expire(); err != nil {
		t.Fatal(err)
	}
	var invalid x509.CertificateInvalidError
	if err := handshake(t, c, c.ClientTLS()); !errors.As(err, &invalid) || invalid.Reason != x509.Expired {
		t.Errorf("expired: %v", err)
	}
	if err := c.Renew(); err != nil {
		t.Fatal(err)
	}
	if err := handshake(t, c, c.ClientTLS()); err != nil {
		t.Errorf("renewed: %v", err)
	}
}

func TestRefusedOperationsAreNotApplied(t *testing.T) {
	c := start(t, standin.Options{})
	m := getMap(t, dial(t, config(c)))
	c.RefuseOperations(standin.CodeAccessControl)
	if err := put(t, m, 1, "refused", time.Second); !errors.Is(err, hzerrors.ErrAccessControl) {
		t.Errorf("refused put: %v", err)
	}
	if c.Applied("refused") {
		t.Error("a refused put was applied")
	}
	c.RefuseOperations(0)
	if err := put(t, m, 1, "accepted", time.Second); err != nil {
		t.Error(err)
	}
	if _, err := m.GetKeySet(timeout(t, time.Second)); !errors.Is(err, hzerrors.ErrUnsupportedOperation) {
		t.Errorf("an operation that the stand-in does not know: %v", err)
	}
}

func TestSlowDelaysAnswers(t *testing.T) {
	c := start(t, standin.Options{})
	m := getMap(t, dial(t, config(c)))
	c.Slow(100 * time.Millisecond)
	if err := put(t, m, 1, "late", 50*time.Millisecond); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("put with a deadline below the delay: %v", err)
	}
	var wg sync.WaitGroup
	for key := range 20 {
		wg.Go(func() {
			if err := put(t, m, key, "in time", 500*time.Millisecond); err != nil {
				t.Errorf("one of 20 puts at the same time: %v", err)
			}
		})
	}
	wg.Wait()
	c.Slow(0)
	eventually(t, "a fast put", func() bool { return put(t, m, 3, "fast", 20*time.Millisecond) == nil })
}

func TestPartitionCount(t *testing.T) {
	c := start(t, standin.Options{Partitions: 13})
	client := dial(t, config(c))
	m := getMap(t, client)
	c.SetPartitionCount(31)
	c.ResetOnce()
	if err := put(t, m, 1, "value", 300*time.Millisecond); err == nil {
		t.Error("the client must refuse a cluster whose partition count has changed")
	}
	if err := put(t, getMap(t, dial(t, config(c))), 1, "value", time.Second); err != nil {
		t.Error(err)
	}
}

func TestListenersHearOfChanges(t *testing.T) {
	c := start(t, standin.Options{Members: 2})
	client := dial(t, config(c))
	m := getMap(t, client)
	eventually(t, "a connection to each member", func() bool { return c.Connections() == 2 })
	heard := make(chan string, 10)
	say := func(what string) func(*hazelcast.EntryNotified) {
		return func(e *hazelcast.EntryNotified) { heard <- what + " " + e.Key.(string) }
	}
	id, err := m.AddListener(timeout(t, time.Second), hazelcast.MapListener{EntryAdded: say("added"), EntryUpdated: say("updated"), EntryRemoved: say("removed")}, true)
	if err != nil {
		t.Fatal(err)
	}
	ctx := timeout(t, 5*time.Second)
	m.Set(ctx, "key", "1")
	m.Set(ctx, "key", "2")
	m.Remove(ctx, "key")
	var got []string
	for range 3 {
		select {
		case what := <-heard:
			got = append(got, what)
		case <-ctx.Done():
			t.Fatalf("heard only %q", got)
		}
	}
	slices.Sort(got) // the client hands events to concurrent goroutines
	if want := []string{"added key", "removed key", "updated key"}; !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
	if err := m.RemoveListener(ctx, id); err != nil {
		t.Fatal(err)
	}
	m.Set(ctx, "key", "3")
	m.Get(ctx, "key")
	if len(heard) > 0 {
		t.Errorf("a removed listener heard %q", <-heard)
	}
}

func TestGarbageEndsTheConnectionOnly(t *testing.T) {
	c := start(t, standin.Options{Plain: true})
	for _, sent := range []string{
		"GET / HTTP/1.1\r\n\r\n", "CP2\x00\x00\x00\x00\x00\x00", "CP2\xff\xff\xff\xff\x00\xe0", "CP2\x06\x00\x00\x00\x00\xe0",
		"CP2\x16\x00\x00\x00\x00\xe0" + strings.Repeat("\x00", 16),         // a request before authentication
		"CP2\x16\x00\x00\x00\x00\xe0\x00\x01" + strings.Repeat("\x00", 14), // authentication without its strings
	} {
		k, err := net.Dial("tcp", c.Addresses()[0])
		if err != nil {
			t.Fatal(err)
		}
		k.SetDeadline(time.Now().Add(5 * time.Second))
		k.Write([]byte(sent))
		if n, err := io.Copy(io.Discard, k); n != 0 || errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("%q: %d bytes, %v; want the connection closed", sent, n, err)
		}
		k.Close()
	}
	dial(t, config(c))
}
