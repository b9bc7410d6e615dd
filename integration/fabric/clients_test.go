package fabric

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/templates/ledger"
	"github.com/failover-gen/failover-gen/templates/outcome"
)

// client makes call after call, and prints a line for each.
type client struct {
	*process
	prefix string // of the ids of its calls
	ledger string // the file of a Go client's calls, in place of lines; empty for a Java client
}

// fabricClient starts a JAX-WS proxy with the real feature.
func fabricClient(t *testing.T, z *zooKeeper) client {
	t.Helper()
	const prefix = "java-"
	return client{startJava(t, "the Fabric client", nil, "com.example.failover.Client", z.address, fabricPath, prefix, "200"), prefix, ""}
}

// goClient starts the client of the generated project. The variable says where its
// endpoints are.
func goClient(t *testing.T, variable string) client {
	t.Helper()
	home := t.TempDir()
	cmd := exec.Command(goPart(t, "client"))
	c := client{ledger: filepath.Join(home, "ledger")}
	cmd.Env = append(os.Environ(), variable, "FAILOVER_HOME="+home, "FAILOVER_LEDGER="+c.ledger)
	c.process = start(t, "the Go client", cmd)
	return c
}

// answer is what came of a call.
type answer struct {
	id   string
	from string // the URL of the server that answered; empty if the call failed
	text string
}

// answers returns what came of all calls until now.
func (c client) answers() []answer {
	c.t.Helper()
	if c.ledger != "" {
		return c.inLedger()
	}
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

// inLedger returns what came of a Go client's calls.
func (c client) inLedger() (list []answer) {
	c.t.Helper()
	for line := range strings.Lines(read(c.ledger)) {
		var l ledger.Line
		if !strings.HasSuffix(line, "\n") {
			break
		}
		if err := json.Unmarshal([]byte(line), &l); err != nil {
			c.t.Fatal(err)
		}
		if l.Type != ledger.Call {
			continue
		}
		a := answer{id: l.ID, text: l.Outcome}
		if l.Outcome == outcome.Acked.String() {
			a.from = l.Cluster
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
