// Package fabric shows what is claimed of JBoss Fuse's failover clusters with
// its real parts: the FabricFailOverFeature that Fuse 6.2 shipped, on Apache CXF
// and on the ZooKeeper that it embeds, as Maven Central has them. The documented
// story is played by real Fabric servers and our client, by our registrar and a
// real Fabric client, and by plain CXF servers and a static list.
package fabric

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// buildDir holds the compiled Java side for as long as the tests run.
var buildDir string

func TestMain(m *testing.M) {
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "failover-fabric-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	buildDir = dir
	return m.Run()
}

// fabricClient is a JAX-WS proxy with the real feature. It makes a call every
// 200 ms.
type fabricClient struct {
	*process
	t *testing.T
}

// answer is what came of one of its calls.
type answer struct {
	number int
	took   time.Duration
	from   string // the address that answered; empty if the call failed
	text   string
}

func startFabricClient(t *testing.T, z *zooKeeper) fabricClient {
	t.Helper()
	p := startJava(t, "the Fabric client", nil, "com.example.failover.Client", z.address, fabricPath, "java-", "200")
	return fabricClient{p, t}
}

// answers returns what came of all calls until now.
func (c fabricClient) answers() []answer {
	c.t.Helper()
	var list []answer
	for _, line := range c.lines() {
		fields := strings.SplitN(line, " ", 4)
		if len(fields) < 4 {
			continue
		}
		number, err := strconv.Atoi(fields[0])
		if err != nil {
			c.t.Fatalf("the Fabric client printed %q", line)
		}
		ms, err := strconv.Atoi(fields[1])
		if err != nil {
			c.t.Fatalf("the Fabric client printed %q", line)
		}
		a := answer{number: number, took: time.Duration(ms) * time.Millisecond, text: fields[3]}
		if fields[2] == "ok" {
			a.from = fields[3]
		}
		list = append(list, a)
	}
	return list
}

// waitUntilFrom waits until three calls in a row, made from now on, were
// answered by an address. It returns all answers from now on.
func (c fabricClient) waitUntilFrom(url string) []answer {
	c.t.Helper()
	before := len(c.answers())
	var since []answer
	eventually(c.t, "the Fabric client's calls go to "+url, 2*time.Minute, func() error {
		since = c.answers()[before:]
		if len(since) < 3 {
			return fmt.Errorf("it made %d calls", len(since))
		}
		for _, a := range since[len(since)-3:] {
			if a.from != url {
				return fmt.Errorf("call %d: %s", a.number, a.text)
			}
		}
		return nil
	})
	return since
}

// The documented story with Go servers and a real Fabric client: it finds what
// our registrar wrote, follows the list to the second server and back to the
// first, and no call fails.
func TestTheStoryWithGoServersAndAFabricClient(t *testing.T) {
	z := startZooKeeper(t)
	firstURL, secondURL := documented(t)
	first, second := goServer(t, firstURL, z), goServer(t, secondURL, z)
	first.launch()
	second.launch()
	z.waitForList(firstURL, secondURL)

	client := startFabricClient(t, z)
	client.waitUntilFrom(firstURL)
	first.process.kill()
	client.waitUntilFrom(secondURL)
	z.waitForList(secondURL)
	first.launch()
	z.waitForList(secondURL, firstURL)
	client.waitUntilFrom(secondURL)
	second.process.kill()
	client.waitUntilFrom(firstURL)

	seen := make(map[string]bool)
	for _, server := range []*server{first, second} {
		for _, id := range applied(t, server.ledger) {
			seen[id] = true
		}
	}
	for _, a := range client.answers() {
		if a.from == "" {
			t.Errorf("call %d of the Fabric client failed: %s", a.number, a.text)
		} else if !seen[fmt.Sprintf("java-%d", a.number)] {
			t.Errorf("call %d was answered by %s, whose ledger lacks it", a.number, a.from)
		}
	}
}
