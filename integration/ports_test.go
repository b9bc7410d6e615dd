//go:build unix

package integration

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"testing"
	"time"
)

// Ports for members, for proxies and for the writer are random ones from here.
// Stand-ins take theirs from 20000 to 29999.
const lowestPort, highestPort = 10000, 19999

// listenLow listens on a random port outside the range from which the system
// takes the ports of outgoing connections. A port in that range can be taken
// at any time while its member is down.
func listenLow() (net.Listener, error) {
	var l net.Listener
	var err error
	for range 100 {
		l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", lowestPort+rand.IntN(highestPort-lowestPort+1)))
		if err == nil {
			return l, nil
		}
	}
	return nil, err
}

// freePort returns a port on which nothing listens now. Another process can
// still take it before it is used.
func freePort(t *testing.T) int {
	t.Helper()
	l, err := listenLow()
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// No outgoing connection of this machine takes a port of ours.
func TestPortsAreNotThoseOfOutgoingConnections(t *testing.T) {
	const setting = "/proc/sys/net/ipv4/ip_local_port_range"
	text, err := os.ReadFile(setting)
	if err != nil {
		t.Skip("only Linux tells the range: ", err)
	}
	var low, high int
	if _, err := fmt.Sscan(string(text), &low, &high); err != nil {
		t.Fatal(err)
	}
	if low <= highestPort && lowestPort <= high {
		t.Errorf("%s is %d to %d; members take ports from %d to %d, and would lose some to outgoing connections; set another range", setting, low, high, lowestPort, highestPort)
	}
	for range 100 {
		if port := freePort(t); port < lowestPort || port > highestPort {
			t.Errorf("a free port is %d, want one from %d to %d", port, lowestPort, highestPort)
		}
	}
}

// A member whose port was taken meanwhile starts on another, and its cluster
// forms.
func TestAMemberWithoutItsPortTakesAnother(t *testing.T) {
	jar := hazelcastJar(t)
	taken, err := listenLow()
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	c := newCluster(t, "primary", jar)
	c.plan(port)
	c.add(1)
	c.waitSize(2)
	if m := c.members[0]; m.port == port || !m.again {
		t.Errorf("the member is at port %d, which is taken", m.port)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if entries := c.entries(ctx, "map"); entries == nil {
		t.Error("the cluster does not answer")
	}
}
