package fabric

import (
	"fmt"
	"math/rand/v2"
	"net"
	"testing"
	"time"
)

// Ports are random ones from here where the documented ones are taken. They are
// outside the range from which the system takes those of outgoing connections.
const lowestPort, highestPort = 10000, 19999

// freePort returns a port on which nothing listens now.
func freePort(t *testing.T) int {
	t.Helper()
	for range 100 {
		if port := lowestPort + rand.IntN(highestPort-lowestPort+1); isFree(port) {
			return port
		}
	}
	t.Fatal("no port is free")
	return 0
}

// isTaken reports whether something listens at an address.
func isTaken(address string) bool {
	c, err := net.DialTimeout("tcp", address, time.Second)
	if err != nil {
		return false
	}
	c.Close()
	return true
}

func isFree(port int) bool {
	l, err := net.Listen("tcp", fmt.Sprintf("localhost:%d", port))
	if err != nil {
		return false
	}
	l.Close()
	return true
}

// documented returns the two addresses of the documented example, with other
// ports where theirs are taken.
func documented(t *testing.T) (first, second string) {
	t.Helper()
	var urls []string
	for _, port := range []int{8185, 8186} {
		if !isFree(port) {
			port = freePort(t)
		}
		urls = append(urls, fmt.Sprintf("http://localhost:%d/Foo", port))
	}
	return urls[0], urls[1]
}
