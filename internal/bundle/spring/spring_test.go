package spring

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

func source(name, text string) said.File {
	return said.File{Name: name, Path: name, Data: []byte(text)}
}

// Whatever a file holds, reading it ends soon and within bounds of memory.
func TestHostileFiles(t *testing.T) {
	const beans = `<beans xmlns:hz="` + namespace + `">`
	name := "hazelcast.cloud.clusterId="
	var nested strings.Builder
	for i := range 30 {
		fmt.Fprintf(&nested, "a%d=${a%d}${a%d}${a%d}\n", i, i+1, i+1, i+1)
	}
	for name, c := range map[string]struct {
		reader     *said.Reader
		path, text string
		want       string
	}{
		"deep":               {&XML, "a.xml", beans + strings.Repeat("<a>", 300_000), "far more or deeper elements"},
		"wide":               {&XML, "a.xml", beans + strings.Repeat("<a/>", 200_000), "far more or deeper elements"},
		"many clients":       {&XML, "a.xml", beans + strings.Repeat("<hz:client><hz:cluster-name>a</hz:cluster-name></hz:client>", 10_000) + "</beans>", "far more clients"},
		"one long line":      {&XML, "a.xml", beans + "<hz:client><hz:cluster-name>" + strings.Repeat("a", 1_000_000) + "</hz:cluster-name></hz:client></beans>", ""},
		"many variables":     {&XML, "a.xml", beans + "<hz:client><hz:cluster-name>" + strings.Repeat("${a:${a:", 100_000) + "</hz:cluster-name></hz:client></beans>", ""},
		"external entity":    {&XML, "a.xml", `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + beans + "&e;</beans>", "document type"},
		"nested variables":   {&Boot, "application.properties", name + "${a0}\n" + nested.String(), ""},
		"a long line":        {&Boot, "application.properties", name + strings.Repeat("${a:", 200_000), ""},
		"lines that go on":   {&Boot, "application.properties", name + strings.Repeat("a\\\n", 300_000), ""},
		"many documents":     {&Boot, "application.properties", strings.Repeat("#---\nhazelcast.cloud.clusterId=a\n", 30_000), ""},
		"many keys":          {&Boot, "application.properties", strings.Repeat("hazelcast.a=b\n", 70_000), ""},
		"yaml aliases":       {&Boot, "application.yaml", "hazelcast: &a {" + strings.Repeat("k: v", 1) + "}\nb: [" + strings.Repeat("*a,", 200_000) + "]\n", "far more or deeper keys"},
		"yaml of many lines": {&Boot, "application.yaml", "hazelcast:\n" + strings.Repeat("  - a\n", 150_000), "far more or deeper keys"},
		"yaml items":         {&Boot, "application.yaml", "hazelcast: [" + strings.Repeat("a,", 40_000) + "]\n", ""},
		"yaml long keys":     {&Boot, "application.yaml", "hazelcast: " + strings.Repeat("{"+strings.Repeat("k", 10_000)+": ", 60) + "a" + strings.Repeat("}", 60), ""},
		"yaml documents":     {&Boot, "application.yaml", strings.Repeat("---\nhazelcast.cloud.clusterId: a\nspring.profiles: b\n", 15_000), "far more documents"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			_, faults := c.reader.Read([]said.File{source(c.path, c.text), source("b.properties", strings.Repeat("a=${b}${b}\\\n", 40_000)+"\nb=${a}${a}")})
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			if c.want != "" && !strings.Contains(faults.Error(), c.want) {
				t.Errorf("faults %.300q, want %q", faults.Error(), c.want)
			}
			if took > 20*time.Second {
				t.Errorf("took %v", took)
			}
			if used := (after.TotalAlloc - before.TotalAlloc) >> 20; used > 256 {
				t.Errorf("allocated %d MiB", used)
			}
			t.Logf("%v, %d MiB", took, (after.TotalAlloc-before.TotalAlloc)>>20)
		})
	}
}

func fuzz(f *testing.F, reader *said.Reader, names ...string) {
	for _, c := range append(corpus.Load(f, "../testdata/spring"), corpus.Load(f, "../testdata/spring-errors")...) {
		texts := make([]string, len(names))
		for _, file := range c.Files {
			for i, name := range names {
				if filepath.Ext(file.Name) == filepath.Ext(name) && texts[i] == "" {
					texts[i] = string(file.Data)
					break
				}
			}
		}
		f.Add(texts[0], texts[1])
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		texts := map[string]string{names[0]: first, names[1]: second}
		candidates, faults := reader.Read([]said.File{source(names[0], first), source(names[1], second)})
		for _, c := range candidates {
			for i := range c.Configs {
				config := &c.Configs[i]
				if config.Broken != nil {
					faults = append(faults, config.Broken)
				}
				values := append([]said.Value{config.Name, config.URL, config.Token, config.Username, config.Password}, config.Addresses...)
				for _, s := range config.TLS.Stores() {
					values = append(values, s.File, s.Password)
				}
				for _, v := range values {
					if lines := strings.Count(texts[v.At.File], "\n") + 1; v.State != said.Absent && (v.At.Line < 1 || v.At.Line > lines) {
						t.Errorf("a value is at %v of %d lines", v.At, lines)
					}
				}
			}
		}
		for _, w := range faults {
			if w.Kind != fault.Input || w.File == "" || w.Cause == "" || w.Remedy == "" {
				t.Errorf("incomplete fault: %#v", w)
			}
		}
	})
}

func FuzzXML(f *testing.F)  { fuzz(f, &XML, "app.xml", "app.properties") }
func FuzzBoot(f *testing.F) { fuzz(f, &Boot, "application.yaml", "application.properties") }

func benchmark(b *testing.B, reader *said.Reader, name string) {
	for _, c := range corpus.Load(b, "../testdata/spring") {
		if c.Name != name {
			continue
		}
		var files []said.File
		for _, f := range c.Files {
			if reader.Source(f.Name) > 0 {
				files = append(files, said.File{Name: f.Name, Path: f.Name, Data: f.Data})
			}
		}
		b.ReportAllocs()
		for b.Loop() {
			if candidates, faults := reader.Read(files); len(candidates) != 1 || len(faults) > 0 {
				b.Fatal(candidates, faults)
			}
		}
	}
}

func BenchmarkXML(b *testing.B)            { benchmark(b, &XML, "xml-client") }
func BenchmarkXMLFailover(b *testing.B)    { benchmark(b, &XML, "xml-failover") }
func BenchmarkBootProperties(b *testing.B) { benchmark(b, &Boot, "boot-properties") }
func BenchmarkBootYAML(b *testing.B)       { benchmark(b, &Boot, "boot-yaml") }
