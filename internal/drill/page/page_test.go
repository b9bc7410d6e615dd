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
		Notes:   []string{"not run: expired: the primary has no TLS, so no certificate of it can expire"},
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
