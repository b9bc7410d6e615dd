package corpus

import (
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
)

// patience tells a hang from work; this machine may be busy.
const patience = 20 * time.Second

// Name gives the name of the one cluster that a source sets up: "?" where it is not
// known, "" where the source sets up none.
func Name(t *testing.T, form *said.Reader, file, source string) string {
	t.Helper()
	start := time.Now()
	candidates, faults := form.Read([]said.File{{Name: file, Path: file, Data: []byte(source)}})
	if took := time.Since(start); took > patience {
		t.Errorf("%.80q took %v", source, took)
	}
	if len(faults) > 0 {
		return "fault: " + faults[0].Cause
	}
	name := ""
	for _, c := range candidates {
		for _, config := range c.Configs {
			text := config.Name.Text
			if config.Name.State == said.NotFollowed {
				text = "?"
			}
			if name != "" && name != text {
				return "several"
			}
			name = text
		}
	}
	return name
}

// Names checks that sources, each made around a piece of code, give the
// names that are wanted.
func Names(t *testing.T, form *said.Reader, file string, around func(code string) string, want map[string]string) {
	t.Helper()
	for code, name := range want {
		if got := Name(t, form, file, around(code)); got != name {
			t.Errorf("%.300s\ngives %.100q, want %.100q", code, got, name)
		}
	}
}

// FuzzReader reads any bytes as a source.
func FuzzReader(f *testing.F, form *said.Reader, file string, dir string) {
	for _, c := range Load(f, dir) {
		for _, source := range c.Files {
			if form.Source(source.Name) > 0 {
				f.Add(source.Data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		start := time.Now()
		candidates, faults := form.Read([]said.File{{Name: file, Path: file, Data: data}})
		if took := time.Since(start); took > patience {
			t.Errorf("took %v", took)
		}
		for _, one := range faults {
			if one.File == "" || one.Cause == "" || one.Remedy == "" {
				t.Errorf("incomplete fault %#v", one)
			}
		}
		for _, c := range candidates {
			for _, config := range c.Configs {
				if config.At.File == "" || config.Name.State != said.Absent && config.Name.At.Line == 0 {
					t.Errorf("no position: %+v", config)
				}
			}
		}
	})
}

// BenchReader reads the sources of a case again and again.
func BenchReader(b *testing.B, form *said.Reader, dir, name string) {
	var files []said.File
	for _, c := range Load(b, dir) {
		if c.Name != name {
			continue
		}
		for _, f := range c.Files {
			if form.Source(f.Name) > 0 {
				files = append(files, said.File{Name: f.Name, Path: f.Name, Data: f.Data})
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		if found, _ := form.Read(files); len(found) == 0 {
			b.Fatal("nothing is read")
		}
	}
}
