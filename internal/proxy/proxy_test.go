package proxy

import (
	"errors"
	"io"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// echo starts a server that sends back what it receives.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				_, _ = io.Copy(c, c)
				c.Close()
			}()
		}
	}()
	return l.Addr().String()
}

func listen(t *testing.T, server string) *Proxy {
	t.Helper()
	p, err := Listen(server)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Close)
	return p
}

// dial connects to the proxy and wants it to pass a few bytes both ways.
func dial(t *testing.T, p *Proxy) net.Conn {
	t.Helper()
	c, err := net.Dial("tcp", p.Address())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	if err := c.SetDeadline(time.Now().Add(5 * time.Second)); err != nil {
		t.Fatal(err)
	}
	got := make([]byte, 5)
	if _, err := c.Write([]byte("hello")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "hello" {
		t.Fatalf("%q, %v", got, err)
	}
	return c
}

func TestCutClosesAndRefusesAndRestoreAccepts(t *testing.T) {
	p := listen(t, echo(t))
	c := dial(t, p)
	p.Cut()
	if _, err := c.Read(make([]byte, 1)); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("a connection that was cut: %v", err)
	}
	if _, err := net.Dial("tcp", p.Address()); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("while cut: %v", err)
	}
	if err := p.Restore(); err != nil {
		t.Fatal(err)
	}
	dial(t, p)
}

func TestAServerThatIsAwayClosesTheConnection(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := listen(t, l.Addr().String())
	l.Close()
	c, err := net.Dial("tcp", p.Address())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Read(make([]byte, 1)); err == nil {
		t.Error("bytes came from a server that is away")
	}
}

func TestResetEndsConnectionsAndAcceptsNewOnes(t *testing.T) {
	p := listen(t, echo(t))
	c := dial(t, p)
	p.Reset()
	if _, err := c.Read(make([]byte, 1)); !errors.Is(err, syscall.ECONNRESET) {
		t.Errorf("a connection that was reset: %v", err)
	}
	dial(t, p)
}

func TestFreezeHoldsBytesUntilThaw(t *testing.T) {
	p := listen(t, echo(t))
	c := dial(t, p)
	p.Freeze()
	if _, err := c.Write([]byte("late")); err != nil {
		t.Fatal(err)
	}
	fresh, err := net.Dial("tcp", p.Address())
	if err != nil {
		t.Fatalf("while frozen no connection is accepted: %v", err)
	}
	defer fresh.Close()
	got := make([]byte, 4)
	_ = c.SetReadDeadline(time.Now().Add(100 * time.Millisecond))
	if n, err := c.Read(got); n > 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("while frozen %d bytes came back, %v", n, err)
	}
	p.Thaw()
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != "late" {
		t.Errorf("after the thaw: %q, %v", got, err)
	}
}

func TestSlowHoldsAnswersForAWhile(t *testing.T) {
	const late = 150 * time.Millisecond
	p := listen(t, echo(t))
	c := dial(t, p)
	ask := func() time.Duration {
		t.Helper()
		begun, got := time.Now(), make([]byte, 4)
		if _, err := c.Write([]byte("late")); err != nil {
			t.Fatal(err)
		}
		if _, err := io.ReadFull(c, got); err != nil || string(got) != "late" {
			t.Fatalf("%q, %v", got, err)
		}
		return time.Since(begun)
	}
	p.Slow(late)
	for range 3 {
		if took := ask(); took < late {
			t.Errorf("an answer took %s, want %s at least", took, late)
		}
	}
	p.Slow(time.Hour)
	ended := time.AfterFunc(late, func() { p.Slow(0) })
	defer ended.Stop()
	if took := ask(); took < late {
		t.Errorf("an answer took %s while answers were held for an hour", took)
	}
	if p.Slow(time.Hour); p.Lasting(0) != 1 {
		t.Error("the connection did not stay")
	}
	p.Close() // does not wait for an hour
}

func TestAFrozenProxyCanBeCutAndClosed(t *testing.T) {
	p := listen(t, echo(t))
	dial(t, p)
	p.Freeze()
	p.Cut()
	if n := p.Connections(); n != 0 {
		t.Errorf("%d connections after the cut", n)
	}
	p.Close()
}

func TestLastingCountsConnectionsThatStay(t *testing.T) {
	p := listen(t, echo(t))
	if n := p.Lasting(0); n != 0 {
		t.Errorf("%d connections before the first", n)
	}
	dial(t, p)
	if p.Lasting(0) != 1 || p.Lasting(time.Hour) != 0 || p.Connections() != 1 {
		t.Errorf("lasting %d, for an hour %d, open %d; want 1, 0, 1", p.Lasting(0), p.Lasting(time.Hour), p.Connections())
	}
}
