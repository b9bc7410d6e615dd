// Package fabric shows what is claimed of JBoss Fuse's failover clusters with
// its real parts: the FabricFailOverFeature that Fuse 6.2 shipped, on Apache CXF
// and on the ZooKeeper that it embeds, as Maven Central has them. The documented
// story is played by real Fabric servers and our client, by our servers and a real
// Fabric client, and by plain CXF servers and a static list. Ours are those of a
// project that is generated from the XML of the documentation.
package fabric

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
)

// buildDir holds what the tests build for as long as they run.
var buildDir string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

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

// The documented story with Go servers and a real Fabric client: it finds what
// our registrar wrote, follows the list to the second server and back to the
// first, and no call fails. It asks a dead master again for each call until the
// registry has dropped the entry: that is what select: first stands for.
func TestTheStoryWithGoServersAndAFabricClient(t *testing.T) {
	z := startZooKeeper(t)
	firstURL, secondURL := documented(t)
	first, second := goServer(t, firstURL, z), goServer(t, secondURL, z)
	first.launch(t)
	z.waitForList(firstURL)
	second.launch(t)
	z.waitForList(firstURL, secondURL)

	client := fabricClient(t, z)
	client.waitUntilFrom(firstURL)
	first.process.kill()
	client.waitUntilFrom(secondURL)
	z.waitForList(secondURL)
	if moves := strings.Count(client.logged(), "failOver is true"); moves < 3 {
		t.Errorf("the Fabric client moved on from the dead master %d times, want once for each call", moves)
	}
	first.launch(t)
	z.waitForList(secondURL, firstURL)
	client.stays(secondURL, 5)
	second.process.kill()
	client.waitUntilFrom(firstURL)

	for _, a := range client.answers() {
		if a.from == "" {
			t.Errorf("call %s of the Fabric client failed: %s", a.id, a.text)
		}
	}
}

// asFabricWrites is what the feature of Fuse 6.2 writes: a name of "0" and ten
// digits, and these three fields.
var asFabricWrites = regexp.MustCompile(`^0\d{10} \{"id":"cxf","container":"[^"]+","services":\["[^"]+"\]\}$`)

// The documented story with real Fabric servers and our client: our reader
// follows entries that we did not write, each call is applied at most once, and
// those that were answered exactly once. When the registry dies too, our client
// goes on with the last list.
func TestTheStoryWithFabricServersAndAGoClient(t *testing.T) {
	z := startZooKeeper(t)
	firstURL, secondURL := documented(t)
	first, second := javaServer(t, firstURL, z), javaServer(t, secondURL, z)
	first.launch(t)
	z.waitForList(firstURL)
	second.launch(t)
	for _, e := range z.waitForList(firstURL, secondURL) {
		t.Logf("a real Fabric server wrote: %s %s", e.name, e.data)
		if !asFabricWrites.MatchString(e.name + " " + e.data) {
			t.Errorf("that is not of the form %s", asFabricWrites)
		}
	}

	client := goClient(t, "FAILOVER_REGISTRY_ADDRESSES="+z.address)
	client.waitUntilFrom(firstURL)
	first.process.kill()
	client.waitUntilFrom(secondURL)
	z.waitForList(secondURL)
	first.launch(t)
	z.waitForList(secondURL, firstURL)
	client.stays(secondURL, 20)
	second.process.kill()
	client.waitUntilFrom(firstURL)
	z.process.kill()
	client.stays(firstURL, 20)
	judge(t, client, 2, first, second)
}

// The documented story with plain CXF servers and a static list: a client stays
// with the second server although the first is back, and returns when the second dies.
func TestTheStoryWithPlainServersAndAStaticList(t *testing.T) {
	firstURL, secondURL := documented(t)
	first, second := javaServer(t, firstURL, nil), javaServer(t, secondURL, nil)
	first.launch(t)
	second.launch(t)

	client := goClient(t, "FAILOVER_ENDPOINTS="+firstURL+","+secondURL)
	client.waitUntilFrom(firstURL)
	first.process.kill()
	client.waitUntilFrom(secondURL)
	first.launch(t)
	client.stays(secondURL, 20)
	second.process.kill()
	client.waitUntilFrom(firstURL)
	judge(t, client, 2, first, second)
}

// judge holds the client's answers beside the servers' ledgers. A call that was
// under way when its server was killed may fail: it may have been applied, and
// our client does not repeat it unasked.
func judge(t *testing.T, c client, kills int, servers ...*server) {
	t.Helper()
	c.process.kill()
	applied := make(map[string]int)
	for _, s := range servers {
		for _, id := range s.applied() {
			applied[id]++
		}
	}
	failed := 0
	for _, a := range c.answers() {
		switch n := applied[a.id]; {
		case n > 1:
			t.Errorf("call %s was applied %d times", a.id, n)
		case a.from != "" && n == 0:
			t.Errorf("call %s was answered by %s, and applied by no server", a.id, a.from)
		case a.from == "":
			failed++
			t.Logf("call %s failed: %s", a.id, a.text)
		}
	}
	if failed > kills {
		t.Errorf("%d calls failed, although only %d could be under way when a server was killed", failed, kills)
	}
}
