package fleet

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/failover-gen/failover-gen/internal/zookeeper"
	"github.com/failover-gen/failover-gen/templates/zksession"
)

// patience is how long tests wait for what must happen, on a busy machine.
const patience = 20 * time.Second

func TestMain(m *testing.M) {
	code := m.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// logged keeps a log.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var services atomic.Int64

// configured returns how to reach a server for the service of a test.
func configured(t *testing.T, addr string) (Config, *logged) {
	t.Helper()
	log := &logged{}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the log:\n%s", log)
		}
	})
	return Config{Path: fmt.Sprintf("/failover-gen/tests/%d", services.Add(1)), Config: zksession.Config{
		Addresses: []string{addr}, SessionTimeout: 6 * time.Second, MaximumConnectionTimeout: patience,
		Logger: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelInfo})),
	}}, log
}

func join(t *testing.T, c Config) *Member {
	t.Helper()
	m, err := Join(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	return m
}

func operator(t *testing.T, c Config) *Operator {
	t.Helper()
	o, err := Connect(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(o.Close)
	return o
}

func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !condition(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

func (m *Member) waitPin(t *testing.T, want string) {
	t.Helper()
	eventually(t, fmt.Sprintf("the pin is %q", want), func() bool {
		name, known, _ := m.Current()
		return known && name == want
	})
}

// reported waits until the processes tell of these clusters, in any order.
func (o *Operator) reported(t *testing.T, want ...string) (list []Report) {
	t.Helper()
	slices.Sort(want)
	eventually(t, fmt.Sprintf("%q are told", want), func() bool {
		var err error
		if list, err = o.Reports(); err != nil {
			t.Fatal(err)
		}
		var have []string
		for _, r := range list {
			have = append(have, r.Cluster)
		}
		slices.Sort(have)
		return slices.Equal(have, want)
	})
	return list
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAFleetFollowsThePinAndTellsWhereItIs(t *testing.T) {
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	c, _ := configured(t, zoo.Addr)
	first := join(t, c)
	must(t, first.Wait(t.Context()))
	first.waitPin(t, "") // there is not even a node
	o := operator(t, c)
	since := time.Now()
	first.Active("a", since)
	for _, r := range o.reported(t, "a") {
		if !r.Since.Equal(since) || r.PID != os.Getpid() || !strings.HasPrefix(r.Process, r.Host+"-") {
			t.Errorf("%+v", r)
		}
	}
	for _, pin := range []string{"b", "a", "", "b"} {
		must(t, o.SetPin(pin))
		first.waitPin(t, pin)
		if got, err := o.Pin(); got != pin || err != nil {
			t.Errorf("the operator reads %q, %v; want %q", got, err, pin)
		}
	}
	second := join(t, c)
	second.waitPin(t, "b")
	second.Active("b", since)
	o.reported(t, "a", "b")
	first.Active("", time.Now())
	o.reported(t, "", "b")
	first.Close()
	o.reported(t, "b")
}

// While the registry is away the pin stays. What changed meanwhile is read afterwards,
// and what became active meanwhile is told.
func TestTheRegistryAwayMeansStay(t *testing.T) {
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	c, log := configured(t, zoo.Addr)
	o := operator(t, c)
	must(t, o.SetPin("a"))
	o.Close()
	m := join(t, c)
	m.waitPin(t, "a")
	_, _, changed := m.Current()
	zoo.Kill()
	m.Active("b", time.Now())
	time.Sleep(time.Second)
	select {
	case <-changed:
		t.Error("the pin changed when the registry went away")
	default:
	}
	must(t, zoo.Restart())
	again := operator(t, c)
	must(t, again.SetPin("b"))
	m.waitPin(t, "b")
	again.reported(t, "b")
	text := log.String()
	if n := strings.Count(text, "level=WARN"); n == 0 || n > 5 || !strings.Contains(text, "stays as it is") || !strings.Contains(text, "read again") {
		t.Errorf("%d warnings:\n%s", n, text)
	}
}

// A registry that accepts connections and answers nothing is told of once, although each
// attempt has another port.
func TestASilentRegistryIsLoggedOnce(t *testing.T) {
	silent, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	defer silent.Close()
	c, log := configured(t, silent.Addr().String())
	c.MaximumConnectionTimeout = 200 * time.Millisecond
	join(t, c)
	time.Sleep(1500 * time.Millisecond)
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings:\n%s", n, log)
	}
}

// Whoever read that the registry is away reads that it is there, also where no pin is set.
func TestARegistryThatComesLate(t *testing.T) {
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	zoo.Kill()
	c, log := configured(t, zoo.Addr)
	m := join(t, c)
	eventually(t, "it is away", func() bool { return strings.Contains(log.String(), "level=WARN") })
	must(t, zoo.Restart())
	m.waitPin(t, "")
	eventually(t, "it is there", func() bool { return strings.Contains(log.String(), "read again") })
}

func TestAnExpiredSessionIsReplaced(t *testing.T) {
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	c, _ := configured(t, zoo.Addr)
	m := join(t, c)
	m.Active("a", time.Now())
	m.waitPin(t, "")
	o := operator(t, c)
	o.reported(t, "a")
	sessions, err := zoo.Sessions()
	must(t, err)
	for _, session := range sessions {
		if session != o.session.Conn.SessionID() {
			must(t, zoo.Expire(session))
		}
	}
	eventually(t, "another session tells of the process", func() bool {
		children, _, err := o.session.Conn.Children(c.Path + "/active")
		if err != nil || len(children) != 1 {
			return false
		}
		_, stat, err := o.session.Conn.Get(c.Path + "/active/" + children[0])
		return err == nil && !slices.Contains(sessions, stat.EphemeralOwner)
	})
	must(t, o.SetPin("b"))
	m.waitPin(t, "b")
}

// Pins that an operator mistypes with another client, and reports of other versions.
func TestWhatIsOfNoUseIsSkipped(t *testing.T) {
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	c, log := configured(t, zoo.Addr)
	m, o := join(t, c), operator(t, c)
	must(t, o.SetPin("a"))
	m.waitPin(t, "a")
	for _, wrong := range []string{"a\nb", strings.Repeat("x", maxData+1)} {
		_, err := o.session.Conn.Set(c.Path+"/pin", []byte(wrong), -1)
		must(t, err)
		if _, err := o.Pin(); err == nil || !strings.Contains(err.Error(), "of no use") {
			t.Errorf("the operator reads a wrong pin: %v", err)
		}
	}
	eventually(t, "it is logged", func() bool { return strings.Contains(log.String(), "is of no use") })
	m.waitPin(t, "a")
	must(t, o.SetPin(" b "))
	m.waitPin(t, "b")
	if err := o.SetPin("a\nb"); err == nil {
		t.Error("a pin of two lines was set")
	}
	later, err := json.Marshal(map[string]any{"version": 2, "cluster": "c", "more": 1})
	must(t, err)
	for name, data := range map[string][]byte{"later": later, "text": []byte("hello"), "none": []byte("{}"), "long": bytes.Repeat([]byte("x"), maxData+1)} {
		_, err := o.session.Conn.Create(c.Path+"/active/"+name, data, 0, c.ACL())
		must(t, err)
	}
	for _, r := range o.reported(t, "", "", "", "", "c") {
		if r.Cluster == "c" && r.Process != "later" || r.Process == "" {
			t.Errorf("%+v", r)
		}
	}
}

func TestAuthentication(t *testing.T) {
	zoo := zookeeper.ForTest(t, zookeeper.Options{})
	c, _ := configured(t, zoo.Addr)
	c.Path = "/closed/orders"
	c.User, c.Password = "fleet", "hidden"
	o := operator(t, c)
	must(t, o.SetPin("a"))
	m := join(t, c)
	m.waitPin(t, "a")
	for text, other := range map[string]Config{"does not let everybody read": {}, `does not let user "stranger" read`: {Config: zksession.Config{User: "stranger", Password: "hidden"}}} {
		open := c
		open.User, open.Password = other.User, other.Password
		if _, err := operator(t, open).Pin(); err == nil || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%v, want one with %q", err, text)
		}
		member := join(t, open)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := member.Wait(ctx); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("a member: %v, want %q", err, text)
		}
	}
}

func TestWhereNoServerAnswers(t *testing.T) {
	c, _ := configured(t, "127.0.0.1:1")
	c.MaximumConnectionTimeout = 300 * time.Millisecond
	if _, err := Connect(t.Context(), c); err == nil || !strings.Contains(err.Error(), "127.0.0.1:1 is not reached") {
		t.Errorf("Connect: %v", err)
	}
	m := join(t, c)
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	if err := m.Wait(ctx); err == nil || !strings.Contains(err.Error(), "127.0.0.1:1 is not reached") {
		t.Errorf("Wait: %v", err)
	}
	start := time.Now()
	m.Close()
	if took := time.Since(start); took > time.Second {
		t.Errorf("closing took %v", took)
	}
}

func TestWrongConfigurationsAreRefused(t *testing.T) {
	for text, c := range map[string]Config{
		"no address":        {Path: "p"},
		"path in the":       {Path: "/", Config: zksession.Config{Addresses: []string{"h"}}},
		`contains ".."`:     {Path: "a/../b", Config: zksession.Config{Addresses: []string{"h"}}},
		"control character": {Path: "a\x00", Config: zksession.Config{Addresses: []string{"h"}}},
		"no user":           {Path: "p", Config: zksession.Config{Addresses: []string{"h"}, Password: "hidden"}},
	} {
		if _, err := Completed(c); err == nil || !strings.Contains(err.Error(), text) || strings.Contains(err.Error(), "hidden") {
			t.Errorf("%v, want one with %q", err, text)
		}
		if _, err := Join(c); err == nil {
			t.Errorf("joined with %+v", c)
		}
		if _, err := Connect(t.Context(), c); err == nil {
			t.Errorf("connected with %+v", c)
		}
	}
	c := Config{Path: "//failover-gen/example.com//orders/", Config: zksession.Config{Addresses: []string{"h"}}}
	if err := c.complete(); err != nil || c.pinPath() != "/failover-gen/example.com/orders/pin" {
		t.Errorf("%q, %v", c.pinPath(), err)
	}
}
