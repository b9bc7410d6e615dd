package fabric

import (
	"fmt"
	"os/exec"
	"strings"
	"testing"
)

// client makes call after call, and prints a line for each.
type client struct {
	*process
	prefix string // of the ids of its calls
}

// fabricClient starts a JAX-WS proxy with the real feature.
func fabricClient(t *testing.T, z *zooKeeper) client {
	t.Helper()
	const prefix = "java-"
	return client{startJava(t, "the Fabric client", nil, "com.example.failover.Client", z.address, fabricPath, prefix, "200"), prefix}
}

// goClient starts a client on our engine, with the list at an address of a
// registry, or with a static one: URLs with commas between.
func goClient(t *testing.T, list, prefix string) client {
	t.Helper()
	return client{start(t, "the Go client", exec.Command(goPart(t, "client"), "forever", list, fabricPath, prefix, "50ms")), prefix}
}

// answer is what came of a call.
type answer struct {
	id   string
	from string // the URL that the server says it has; empty if the call failed
	text string
}

// answers returns what came of all calls until now.
func (c client) answers() []answer {
	c.t.Helper()
	var list []answer
	for line := range strings.Lines(c.printed()) {
		line, complete := strings.CutSuffix(line, "\n")
		fields := strings.SplitN(line, " ", 4)
		if !complete || len(fields) < 4 {
			continue
		}
		a := answer{id: c.prefix + fields[0], text: fields[3]}
		if url, is := strings.CutPrefix(a.text, a.id+" from "); is && fields[2] == "ok" {
			a.from = url
		}
		list = append(list, a)
	}
	return list
}

// waitUntilFrom waits until three calls in a row, made from now on, were
// answered by a server. It returns all answers from now on.
func (c client) waitUntilFrom(url string) []answer {
	c.t.Helper()
	before := len(c.answers())
	var since []answer
	c.await("its calls go to "+url, func() bool {
		since = c.answers()[before:]
		row := since[max(0, len(since)-3):]
		for _, a := range row {
			if a.from != url {
				return false
			}
		}
		return len(row) == 3
	})
	return since
}

// stays fails the test unless the next calls of the client go to a server.
func (c client) stays(url string, calls int) {
	c.t.Helper()
	before := len(c.answers())
	c.await(fmt.Sprintf("it makes %d more calls", calls), func() bool { return len(c.answers()) >= before+calls })
	for _, a := range c.answers()[before:] {
		if a.from != url {
			c.t.Errorf("call %s, which %s should answer: %s", a.id, url, a.text)
		}
	}
}
