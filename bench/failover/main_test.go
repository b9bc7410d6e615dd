package main

import (
	"os"
	"regexp"
	"strings"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == childArg {
		beChild(os.Args[2:])
		return
	}
	os.Exit(m.Run())
}

func testBench(t *testing.T) *bench {
	t.Helper()
	b, err := newBench(1)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.close)
	b.self, b.slice, b.log = os.Args[0], 20*time.Millisecond, t.Output()
	return b
}

// The generated project and, where Java is asked for, the tuned Java client go on
// after a kill; the page has a row of each and compares them.
func TestAPageFromOneKillEach(t *testing.T) {
	b := testBench(t)
	p := newPage(b)
	p.Kill = []*row{b.drill(t.Context(), projects[0], kill, 1)}
	withJava := os.Getenv("FAILOVER_REQUIRE_JAVA") != ""
	if withJava {
		b.java = compileJava(b.work)
	} else {
		t.Log("the Java client is left out: set FAILOVER_REQUIRE_JAVA=1; it needs Java 17 and Maven")
	}
	for _, c := range b.contenders() {
		if c.client == goTuned || withJava && c.client == javaTuned {
			r := c.row(kill, 1)
			b.repeat(t.Context(), c, kill, r, nil)
			p.Kill = append(p.Kill, r)
		}
	}
	for _, r := range p.Kill {
		sum := r.Sum()
		if r.Runs() != 1 || r.worst() == never || sum.acked == 0 || sum.lost > 0 || sum.twice > 0 {
			t.Errorf("%s: %+v", r.Name(), *r)
		}
	}
	p.finish(b)
	text := written(t, p)
	for _, want := range []string{`(?m)^\| generated project, warm standby \| 1 \| [0-9.]+ m?s \| .*\|$`, `(?m)^\| plain Go client, tuned \| 1 \|`, `worst at most 10 ms: [0-9.]+ ms, (met|\*\*not met\*\*)\n`} {
		if !regexp.MustCompile(want).MatchString(text) {
			t.Errorf("the page has no %s:\n%s", want, text)
		}
	}
	if compared := strings.Contains(text, ": 1/"); compared != withJava {
		t.Errorf("compared with the Java client: %t, want %t:\n%s", compared, withJava, text)
	}
	if n := strings.Count(text, "Not measured in this run."); n != 4 { // freeze, puts, clusters, generation
		t.Errorf("%d parts were not measured, want 4:\n%s", n, text)
	}
}

// What does not depend on a fault is measured as well, and rows that could not be had
// say why.
func TestAPageWithoutFaults(t *testing.T) {
	b := testBench(t)
	p := newPage(b)
	var err error
	if p.Puts, err = b.puts(t.Context()); err != nil {
		t.Fatal(err)
	}
	w, err := b.weigh(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	if p.Clusters = []weight{w}; w.Connections != 2 || w.Goroutines == 0 || w.HeapMiB == 0 {
		t.Errorf("three clusters: %+v, want two connections", w)
	}
	if p.Generation, err = b.failoverGen(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, g := range p.Generation {
		if err := b.timeOne(t.Context(), g); err != nil || g.Files < 30 || g.Same != g.Files {
			t.Errorf("%s: %d of %d files are the same; %s, %v", g.Name, g.Same, g.Files, g.Why, err)
		}
	}
	p.Generation = append(p.Generation, &generator{Name: "another", Why: "not installed: no such file"})
	text := written(t, p)
	for _, want := range []string{"| 512 | ", "| 3 | 2 | ", "| failover-gen | this commit | ", "| another |  | not measured: not installed: no such file | | | |"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page has no %q:\n%s", want, text)
		}
	}
}

// written returns a page as its file has it.
func written(t *testing.T, p *page) string {
	t.Helper()
	path := t.TempDir() + "/peers.md"
	if err := p.writeTo(path); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// A run without a switch counts as longer than any other.
func TestMediansOfRunsThatNeverSwitched(t *testing.T) {
	r := &row{limit: slow, runs: []outcome{{gap: time.Second}, {}, {gap: 2 * time.Millisecond}}}
	if r.Median() != "1.00 s" || r.Worst() != "over 150 s" {
		t.Errorf("median %s, worst %s", r.Median(), r.Worst())
	}
	if r.runs = r.runs[1:2]; r.Median() != "over 150 s" {
		t.Errorf("median %s", r.Median())
	}
}

// A judge believes the clusters, not the writer.
func TestReadingAWriter(t *testing.T) {
	w := &writer{failed: make(map[int]string), classes: make(map[string]int)}
	for _, line := range []string{"failed 2 unknown reset_by_peer", "failed 3 unsent offline", "a line of a library", "ended 5 4"} {
		w.read(line)
	}
	if o := w.judge(nil); o.acked != 2 || o.failed != 2 || o.unknown != 1 || o.lost != 2 {
		t.Errorf("%+v", o) // 1 and 4 were acked, and no cluster has them; 5 was in flight
	}
	if !w.said || w.odd != "a line of a library" {
		t.Errorf("said %t, odd %q", w.said, w.odd)
	}
}
