// Package page shows the results of a drill as one HTML page that needs nothing
// else: no script, no other file, no network. For each run it draws what the
// drill did, which target was active when, and what became of the writes; tables
// hold the same facts in words.
//
// The page holds what the drill printed and what the project's ledger says of
// events. It holds no key, no value and no setting of the project.
package page

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/drill"
)

// About is what the page says beside the results.
type About struct {
	Command string   // repeats the drill
	Notes   []string // what the drill said of what it checked or left out
	Version string   // of this program
}

var (
	//go:embed page.html.tmpl
	pageText string
	//go:embed picture.svg.tmpl
	pictureText string
	//go:embed page.css
	pageStyle string
	//go:embed picture.css
	pictureStyle string

	templates = template.Must(template.Must(template.New("page").Funcs(template.FuncMap{"gap": drill.GapText, "clean": clean}).Parse(pageText)).New("picture").Parse(pictureText))
)

// view is what the template of the page shows.
type view struct {
	About
	drill.Report
	Style     template.CSS
	Passed    int
	When      string
	Runs      []run
	Legend    []word
	NotTested string
	Live      bool // the clusters were the user's own
	Risk      bool // the legend explains what is at risk
}

// word is a word of the results with what it means.
type word struct{ Word, Meaning string }

// run is one result.
type run struct {
	drill.Result
	ID, Verdict, Gap string
	Pictures         []picture
	Moments          []moment
	More             int  // moments that are not shown
	Risk             bool // the legend explains what is at risk
}

// moment is something that the drill did or that the project told.
type moment struct {
	N                int
	Since, Who, What string
	Where            string
	time             time.Time
	target           string
	deed             bool
}

// HTML makes the page.
func HTML(r drill.Report, about About) ([]byte, error) {
	v := view{About: about, Report: r, Style: template.CSS(pageStyle + pictureStyle)}
	v.Legend, v.NotTested = legend(r.Legend)
	v.Live = r.Live != nil
	v.Risk = slices.ContainsFunc(v.Legend, func(w word) bool { return w.Word == atRisk })
	v.Project = clean(v.Project)
	v.Command = clean(v.Command)
	for i, x := range r.Results {
		if x.Passed {
			v.Passed++
		}
		if v.When == "" && len(x.Course.Targets) > 0 {
			v.When = x.Course.Whole.From.UTC().Format("2 January 2006, 15:04 UTC")
		}
		one := newRun(x, fmt.Sprintf("run%d", i+1), r.Noun)
		one.Risk = v.Risk
		v.Runs = append(v.Runs, one)
	}
	var b bytes.Buffer
	err := templates.ExecuteTemplate(&b, "page", v)
	return b.Bytes(), err
}

// Picture makes the picture of a whole run as an SVG file.
func Picture(r drill.Result, noun string) ([]byte, error) {
	p := newRun(r, "run", noun).Pictures[0]
	p.Style = template.CSS(pictureStyle)
	var b bytes.Buffer
	err := templates.ExecuteTemplate(&b, "picture", p)
	return b.Bytes(), err
}

// maxMoments bounds the table of a run: a project that switches to and fro tells of
// thousands of events.
const maxMoments = 100

func newRun(r drill.Result, id, noun string) run {
	x := run{Result: r, ID: id, Verdict: "passed", Gap: drill.GapText(r.GapMS)}
	if !r.Passed {
		x.Verdict = "FAILED"
	}
	all := moments(r)
	x.Moments = all[:min(len(all), maxMoments)]
	x.More = len(all) - len(x.Moments)
	if len(r.Course.Targets) == 0 {
		return x
	}
	whole := scene{Chart: r.Course.Whole, noun: noun, result: r, moments: x.Moments}
	x.Pictures = append(x.Pictures, whole.draw(id+"-whole", fmt.Sprintf("%s, run %d: the whole run", r.Scenario, r.Run)))
	const worthIt = 4 // a closer look must show that much more
	if near := r.Course.Near; len(near.Slots) > 0 && worthIt*near.Length() < whole.Length() {
		closer := scene{Chart: near, noun: noun, result: r, moments: x.Moments}
		x.Pictures = append(x.Pictures, closer.draw(id+"-near", fmt.Sprintf("%s, run %d: the longest gap", r.Scenario, r.Run)))
	}
	return x
}

// moments are what the drill did and what the project told, in order.
func moments(r drill.Result) (list []moment) {
	for _, d := range r.Deeds {
		list = append(list, moment{Who: "drill", What: d.What, Where: clean(d.Target), time: d.Time, target: d.Target, deed: true})
	}
	for _, e := range r.Course.Events {
		m := moment{Who: "project", What: clean(e.Name), Where: clean(e.Cluster), time: e.Time, target: e.Cluster}
		switch {
		case e.Cluster == "": // the registry's list is another
			m.Where, m.target = drill.Registry, drill.Registry
		case e.From != "":
			m.Where = clean(e.From + " → " + e.Cluster)
		}
		list = append(list, m)
	}
	slices.SortStableFunc(list, func(a, b moment) int { return a.time.Compare(b.time) })
	for i := range list {
		list[i].N, list[i].Since = i+1, since(r, list[i].time)
	}
	return list
}

// The words of a legend that not every page shows among the others.
const (
	atRisk        = "at risk"
	notTestedWord = "not tested"
)

// legend takes the words of the results apart. What was not tested is apart.
func legend(text string) (words []word, notTested string) {
	for line := range strings.Lines(text) {
		name, meaning, _ := strings.Cut(strings.TrimSpace(line), "  ")
		meaning = strings.TrimSpace(meaning)
		if name == notTestedWord {
			notTested = meaning
			continue
		}
		words = append(words, word{name, meaning})
	}
	return words, notTested
}
