package page

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/drill"
)

var (
	update = flag.Bool("update", false, "write the golden pages and the picture of docs again")
	record = flag.String("record", "", "drill the project in this `FOLDER`, and keep in testdata what the pages are made from")
	shots  = flag.String("shots", "", "keep in this `FOLDER` what the browser shows")
)

// recorded is a report of a real drill, with what its JSON leaves out.
type recorded struct {
	drill.Report
	Legend, Noun string
	Extras       []extra
}

type extra struct {
	About  string
	Deeds  []drill.Deed
	Fault  time.Time
	Course drill.Course
}

// scenarios are those that are drilled for each of the golden pages.
var scenarios = map[string][]string{"clusters": {"kill", "freeze", "slow"}, "endpoints": {"story"}}

// reportOf reads a recorded report.
func reportOf(t *testing.T, name string) drill.Report {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var r recorded
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	r.Report.Legend, r.Report.Noun = r.Legend, r.Noun
	for i, x := range r.Extras {
		of := &r.Results[i]
		of.About, of.Deeds, of.Fault, of.Course = x.About, x.Deeds, x.Fault, x.Course
	}
	return r.Report
}

// With -record, TestRecord drills a real project: its noun says which page it is for.
func TestRecord(t *testing.T) {
	if *record == "" {
		t.Skip("records only with -record FOLDER")
	}
	name := "endpoints"
	if _, err := os.Stat(*record + "/clusters.go"); err == nil {
		name = "clusters"
	}
	report, err := drill.Run(t.Context(), drill.Options{Dir: *record, Scenarios: scenarios[name], Seed: 1})
	if err != nil || !report.Passed() {
		t.Fatal(report, err)
	}
	report.Project = map[string]string{"clusters": "orders", "endpoints": "foo"}[name]
	kept := recorded{Report: report, Legend: report.Legend, Noun: report.Noun}
	for _, x := range report.Results {
		kept.Extras = append(kept.Extras, extra{x.About, x.Deeds, x.Fault, x.Course})
	}
	data, err := json.Marshal(kept)
	if err == nil {
		err = os.WriteFile("testdata/"+name+".json", append(data, '\n'), 0o644)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// golden compares a file with what was made, or writes it with -update.
func golden(t *testing.T, path string, got []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s is not what is made now; look at it after go test ./internal/drill/page -update", path)
	}
}

func pageOf(t *testing.T, name string) []byte {
	t.Helper()
	r := reportOf(t, name)
	html, err := HTML(r, About{
		Command: "failover-gen drill " + r.Project + " --scenario " + strings.Join(scenarios[name], " --scenario ") + " --seed 1",
		Notes:   []string{"checked: the project accepts your own settings and stores (-check)"},
		Version: "v1.2.3",
	})
	if err != nil {
		t.Fatal(err)
	}
	return html
}

func TestThePagesOfRealDrills(t *testing.T) {
	for name := range scenarios {
		golden(t, "testdata/"+name+".html", pageOf(t, name))
	}
}

func TestThePictureOfTheReadme(t *testing.T) {
	r := reportOf(t, "clusters")
	svg, err := Picture(r.Results[0], r.Noun)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../../../docs/drill.svg", svg)
}

// crowded is a page that is hard to draw: long and odd names, a failed run, many
// events, all outcomes, and a run without a picture.
func crowded(t *testing.T) []byte {
	t.Helper()
	at := time.Date(2026, 11, 22, 3, 0, 0, 0, time.UTC)
	after := func(ms int) time.Time { return at.Add(time.Duration(ms) * time.Millisecond) }
	names := []string{strings.Repeat("a-very-long-cluster-name-", 8), "<script>alert(1)</script>", strings.Repeat("東京", 40)}
	c := drill.Course{Targets: names, Whole: drill.Chart{Span: drill.Span{From: after(-1000), To: after(9000)}, Slot: 100 * time.Millisecond}}
	for i := range 100 {
		c.Whole.Slots = append(c.Whole.Slots, drill.Writes{Acked: i * 1234, NotSent: i % 3, Unknown: i % 5, Rejected: i % 7})
	}
	r := drill.Result{Scenario: "flap", Run: 12, Fault: at, GapMS: 1234.5, Failures: []string{"the <gap> was \x1b[31mlong: " + strings.Repeat("x", 300)},
		Writes: drill.Writes{Acked: 12345678, NotSent: 12345, Unknown: 12345, Rejected: 12345}, LostAcked: 1234, Duplicated: 1234, AtRisk: 12345678}
	c.Events = append(c.Events, drill.Event{Name: "CLIENT_CONNECTED", Cluster: names[0], Time: after(-900)})
	for i := range 60 {
		from, to := names[i%3], names[(i+1)%3]
		r.Deeds = append(r.Deeds, drill.Deed{Time: after(i * i * 2), What: "kill", Target: from}, drill.Deed{Time: after(i*i*2 + 50), What: "restart", Target: from})
		c.Events = append(c.Events, drill.Event{Name: "CLIENT_CHANGED_CLUSTER", Cluster: to, From: from, Time: after(i*i*2 + 10)})
		c.Gaps = append(c.Gaps, drill.Span{From: after(i * i * 2), To: after(i*i*2 + 11)})
	}
	r.Course = c
	html, err := HTML(drill.Report{Project: "../" + strings.Repeat("deep/", 40) + "orders", Seed: 4294967295, Noun: "cluster",
		Legend: "gap  a time\nat risk  some\nnot tested  all else\n", Results: []drill.Result{r, {Scenario: "registry-expired", Run: 1, Failures: []string{"it did not start"}}, r}},
		About{Command: "failover-gen drill " + strings.Repeat("deep/", 40), Version: "v0.0.0-20261122030000-0123456789ab"})
	if err != nil {
		t.Fatal(err)
	}
	return html
}

func TestAPageHoldsNoScriptAndNothingFromElsewhere(t *testing.T) {
	for name, page := range map[string]string{"clusters": string(pageOf(t, "clusters")), "endpoints": string(pageOf(t, "endpoints")), "crowded": string(crowded(t))} {
		for _, part := range []string{"<script", "<link", "<img", "@import", "url(", "src=", "onload", "\x1b", "ZgotmplZ"} {
			if strings.Contains(page, part) {
				t.Errorf("%s holds %q", name, part)
			}
		}
		for line := range strings.Lines(page) {
			if _, address, ok := strings.Cut(line, "href=\""); ok && !strings.HasPrefix(address, "#") {
				t.Errorf("%s leads elsewhere: %s", name, line)
			}
		}
	}
}

func TestAPageSaysWhyARunFailed(t *testing.T) {
	page := string(crowded(t))
	for _, part := range []string{"0 of 3 runs passed", "FAILED", "it did not start", "There is no picture", "81 more are not shown", "the &lt;gap&gt; was \ufffd[31mlong", "Not tested: all else."} {
		if !strings.Contains(page, part) {
			t.Errorf("the page lacks %q", part)
		}
	}
}

func TestLabelsThatWouldOverlapBecomeOne(t *testing.T) {
	got := place([]labelled{{100, []int{1}, " kill"}, {105, []int{2}, " restart"}, {110, []int{4}, " kill"}, {400, []int{7}, " kill"}, {right, []int{9}, " kill"}})
	var texts []string
	for _, l := range got {
		texts = append(texts, l.Text)
	}
	if all := strings.Join(texts, "; "); all != "1–2, 4; 7 kill; 9 kill" {
		t.Errorf("labels %s", all)
	}
}

func TestAPageSaysWhoseClustersWereDrilled(t *testing.T) {
	r := reportOf(t, "clusters")
	for live, want := range map[*drill.LiveReport]string{nil: "The clusters of this drill were stand-ins on one machine.", {}: "The clusters of this drill were your own."} {
		r.Live = live
		if html, err := HTML(r, About{}); err != nil || !strings.Contains(string(html), want) {
			t.Errorf("the page lacks %q: %v", want, err)
		}
	}
}
