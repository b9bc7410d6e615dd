package main

import (
	"bytes"
	_ "embed"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"text/template"
	"time"

	"github.com/failover-gen/failover-gen/internal/maven"
)

//go:embed page.md.tmpl
var pageText string

// page is what docs/peers.md says. What was not measured is empty.
type page struct {
	Kill, Freeze []*row
	Puts         []putsRow
	Clusters     []weight
	Generation   []*generator

	Cores            int
	System           string
	Load, LoadAtEnd  string
	Go, GoClient     string
	Java, JavaClient string
	Took             time.Duration
	Pairs, Rounds    int
	Processes        int
	Slice            int64   // milliseconds
	SlowLimit        float64 // seconds
}

func newPage(b *bench) *page {
	p := &page{
		Cores: runtime.NumCPU(), System: runtime.GOOS + "/" + runtime.GOARCH, Load: load(),
		Go: strings.TrimPrefix(runtime.Version(), "go"), GoClient: "unknown version",
		JavaClient: maven.HazelcastVersion,
		Pairs:      pairs, Rounds: rounds, Processes: processes, Slice: b.slice.Milliseconds(), SlowLimit: slow.Seconds(),
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == "github.com/hazelcast/hazelcast-go-client" {
				p.GoClient = m.Version
			}
		}
	}
	return p
}

// load is how many processes ran in the last minute, on average.
func load() string {
	text, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return "unknown"
	}
	first, _, _ := strings.Cut(string(text), " ")
	return first
}

// finish notes what is known at the end.
func (p *page) finish(b *bench) {
	p.Java, p.LoadAtEnd, p.Took = b.java.version, load(), time.Since(b.started).Round(time.Second)
}

// writeTo writes the page to a file, which is replaced at once.
func (p *page) writeTo(path string) error {
	text, err := p.text()
	if err != nil {
		return err
	}
	beside := path + ".new"
	if err := os.WriteFile(beside, text, 0o644); err != nil {
		return err
	}
	return os.Rename(beside, filepath.Clean(path))
}

func (p *page) text() ([]byte, error) {
	t, err := template.New("page").Parse(pageText)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	err = t.Execute(&text, p)
	return text.Bytes(), err
}

// Targets compares a kill with what was wanted, a line each.
func (p *page) Targets() []string {
	find := func(client string) *row {
		for _, r := range p.Kill {
			if r.Client == client && !r.TLS && r.Runs() > 0 {
				return r
			}
		}
		return nil
	}
	warm, java := find(projects[0].client), find(javaTuned)
	if warm == nil {
		return nil
	}
	lines := []string{
		fmt.Sprintf("median at most 2 ms: %s, %s", warm.Median(), met(warm.median() <= 2*time.Millisecond)),
		fmt.Sprintf("worst at most 10 ms: %s, %s", warm.Worst(), met(warm.worst() <= 10*time.Millisecond)),
	}
	if java == nil || java.median() == never || warm.median() == never {
		return append(lines, "median at most 1/20 of the tuned Java client's: not compared")
	}
	ratio := float64(java.median()) / float64(warm.median())
	return append(lines, fmt.Sprintf("median at most 1/20 of the tuned Java client's, which is %s: 1/%.0f, %s", java.Median(), ratio, met(ratio >= 20)))
}

func met(ok bool) string {
	if ok {
		return "met"
	}
	return "**not met**"
}

// Tables are those of the faults.
func (p *page) Tables() []struct {
	Title string
	Rows  []*row
} {
	return []struct {
		Title string
		Rows  []*row
	}{{"The primary is killed: connections are reset, ports are closed", p.Kill}, {"The primary freezes: connections are accepted, nothing is answered", p.Freeze}}
}

// Notes are those of the rows of a table, each with its client.
func (p *page) Notes(rows []*row) []string {
	var notes []string
	for _, r := range rows {
		for _, note := range r.Notes() {
			notes = append(notes, r.Name()+": "+note)
		}
	}
	return notes
}
