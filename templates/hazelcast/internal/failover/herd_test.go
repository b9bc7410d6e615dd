package failover

import (
	"context"
	"fmt"
	"log/slog"
	"math"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
)

// gate is a port that notes when connections come. Until it is opened it closes
// each of them at once, because a port that is closed can't count. Then it waits
// for the other side to speak, which a look does not, and never answers.
type gate struct {
	net.Listener
	opened time.Time

	mu          sync.Mutex
	connections []time.Duration // when they came, from the opening on
	handshakes  []time.Duration // when TLS began
}

func newGate(b *testing.B, opened time.Time) *gate {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	g := &gate{Listener: l, opened: opened}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			g.note(&g.connections)
			if time.Now().Before(g.opened) {
				conn.Close()
				continue
			}
			go g.meet(conn)
		}
	}()
	return g
}

func (g *gate) meet(conn net.Conn) {
	defer conn.Close()
	buffer := make([]byte, 4096)
	if _, err := conn.Read(buffer); err != nil {
		return
	}
	g.note(&g.handshakes)
	_, _ = conn.Read(buffer) // returns when the other side gives up
}

func (g *gate) note(in *[]time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	*in = append(*in, time.Since(g.opened))
}

// bySecond counts times by the second in which they are, from one second up to another.
func (g *gate) bySecond(times *[]time.Duration, from, to int) []int {
	g.mu.Lock()
	defer g.mu.Unlock()
	counts := make([]int, to-from)
	for _, t := range *times {
		if i := int(math.Floor(t.Seconds())) - from; i >= 0 && i < len(counts) {
			counts[i]++
		}
	}
	return counts
}

// BenchmarkHerd has a thousand clients meet a cluster that is down for a minute
// and whose port then answers. It reports how many connections the port sees in
// a second, and how many TLS handshakes begin in a second after the return. The
// clients are the real engine, but no cluster completes a handshake: a thousand
// started clients and their cluster take gigabytes and more processors than two.
// So each client makes one attempt, and a real cluster would see two handshakes
// where the port sees one: that of the probe, and that of the client.
func BenchmarkHerd(b *testing.B) {
	const herd, outage, after = 1000, 60, 32 // clients; seconds, the latter more than RetryMax
	c, err := standin.Start(standin.Options{Name: "herd"})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Stop()
	for b.Loop() {
		g := newGate(b, time.Now().Add(outage*time.Second))
		var clients []*Client
		for range herd {
			client, err := New([]Cluster{{Name: c.Name(), Addresses: []string{g.Addr().String()}, TLS: c.ClientTLS()}},
				Options{Logger: slog.New(slog.DiscardHandler), ConnectTimeout: 2 * after * time.Second})
			if err != nil {
				b.Fatal(err)
			}
			clients = append(clients, client)
		}
		time.Sleep(time.Until(g.opened.Add(after * time.Second)))
		for _, client := range clients {
			_ = client.Close(context.Background())
		}
		_ = g.Close()
		down, starts := g.bySecond(&g.connections, -outage, 0), g.bySecond(&g.handshakes, 0, after)
		b.ReportMetric(float64(slices.Max(down[outage/2:])), "connections/s-down")
		b.ReportMetric(float64(slices.Max(starts)), "handshakes/s-back")
		for _, share := range []int{50, 100} {
			at := max(0, len(g.handshakes)*share/100-1)
			b.ReportMetric(g.handshakes[at].Seconds(), fmt.Sprintf("s-until-%d%%", share))
		}
		b.Logf("connections by second of the outage: %v", down)
		b.Logf("connections by second since the return: %v", g.bySecond(&g.connections, 0, after))
		b.Logf("handshakes by second since the return: %v; clients: %d", starts, len(g.handshakes))
	}
}
