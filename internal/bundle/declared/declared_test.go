package declared

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

func file(name, text string) said.File {
	return said.File{Name: name, Path: name, Data: []byte(text)}
}

// Whatever a file holds, reading it ends soon and within bounds of memory.
func TestHostileFiles(t *testing.T) {
	const megabyte = 1_000_000
	yamlClient, xmlClient := "hazelcast-client:\n  cluster-name: a\n", "<hazelcast-client><cluster-name>a</cluster-name>"
	var aliases strings.Builder
	aliases.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
	for i := range 40 {
		fmt.Fprintf(&aliases, "a%d: &a%d [%s*a%d]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d,", i), 8), i)
	}
	var imports []said.File
	for i := range 299 {
		imports = append(imports, file(fmt.Sprintf("%d.yaml", i), fmt.Sprintf("hazelcast-client: {import: [%s]}", strings.Repeat(fmt.Sprintf("%d.yaml,", i+1), 50))))
	}
	for name, c := range map[string]struct {
		reader *said.Reader
		files  []said.File
		want   string
	}{
		"aliases that multiply":    {&YAML, []said.File{file("a.yaml", aliases.String()+yamlClient+"  properties: *a40\n")}, "far more or deeper keys"},
		"aliases of maps":          {&YAML, []said.File{file("a.yaml", "a: &a {"+strings.Repeat("k: v, ", 1)+"}\n"+yamlClient+"  properties: ["+strings.Repeat("*a,", 200_000)+"]\n")}, "far more or deeper keys"},
		"deep flow":                {&YAML, []said.File{file("a.yaml", yamlClient+"  a: "+strings.Repeat("[", megabyte))}, "not well-formed"},
		"deep flow that ends":      {&YAML, []said.File{file("a.yaml", yamlClient+"  a: "+strings.Repeat("[", 5000)+strings.Repeat("]", 5000))}, "far more or deeper keys"},
		"deep block":               {&YAML, []said.File{file("a.yaml", "hazelcast-client:\n  "+strings.Repeat("- ", 9000))}, "far more or deeper keys"},
		"one long line":            {&YAML, []said.File{file("a.yaml", "hazelcast-client:\n  cluster-name: "+strings.Repeat("a", megabyte))}, ""},
		"one long line of keys":    {&YAML, []said.File{file("a.yaml", "hazelcast-client: {"+strings.Repeat("é: 1, ", 100_000)+"}")}, "the second time"},
		"one long line of items":   {&YAML, []said.File{file("a.yaml", "hazelcast-client: {network: {cluster-members: ["+strings.Repeat("é, ", 40_000)+"]}}")}, ""},
		"many documents":           {&YAML, []said.File{file("a.yaml", yamlClient+strings.Repeat("---\n", 200_000))}, "far more documents"},
		"many variables":           {&YAML, []said.File{file("a.yaml", "hazelcast-client:\n  cluster-name: "+strings.Repeat("${a}", 200_000)), file("a.properties", "a="+strings.Repeat("x", 500_000))}, ""},
		"imports of imports":       {&YAML, append([]said.File{file("x.yaml", "hazelcast-client: {import: [0.yaml]}")}, imports...), "deeper than those of any client"},
		"many imports":             {&YAML, []said.File{file("a.yaml", "hazelcast-client: {import: ["+strings.Repeat("b.yaml, ", 40_000)+"]}"), file("b.yaml", yamlClient)}, "far more others"},
		"a list of many":           {&YAML, []said.File{file("a.yaml", "hazelcast-client-failover: {clients: ["+strings.Repeat("b.yaml, ", 40_000)+"]}"), file("b.yaml", yamlClient)}, ""},
		"a list of large ones":     {&YAML, []said.File{file("a.yaml", "hazelcast-client-failover: {clients: ["+strings.Repeat("b.yaml, ", 60)+"]}"), file("b.yaml", yamlClient+"  x: ["+strings.Repeat("a,", 49_000)+"]")}, "hold far more than a client's"},
		"a key that is a map":      {&YAML, []said.File{file("a.yaml", "hazelcast-client: {? {a: b} : c}")}, "a key here is not a text"},
		"binary":                   {&YAML, []said.File{file("a.yaml", "hazelcast-client: \x00\xff")}, "not well-formed"},
		"entities":                 {&XML, []said.File{file("a.xml", `<!DOCTYPE x [<!ENTITY a "`+strings.Repeat("x", 1000)+`"><!ENTITY b "&a;&a;&a;&a;">]>`+xmlClient)}, "document type"},
		"an external entity":       {&XML, []said.File{file("a.xml", `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><hazelcast-client><cluster-name>&e;</cluster-name></hazelcast-client>`)}, "document type"},
		"deep elements":            {&XML, []said.File{file("a.xml", "<hazelcast-client>"+strings.Repeat("<a>", megabyte/3))}, "far more or deeper elements"},
		"wide elements":            {&XML, []said.File{file("a.xml", "<hazelcast-client>"+strings.Repeat("<a/>", megabyte/4))}, "far more or deeper elements"},
		"many attributes":          {&XML, []said.File{file("a.xml", "<hazelcast-client "+strings.Repeat(`a="=" `, megabyte/6)+"/>")}, ""},
		"one long line of XML":     {&XML, []said.File{file("a.xml", "<hazelcast-client><cluster-name>"+strings.Repeat("a", megabyte)+"</cluster-name></hazelcast-client>")}, ""},
		"UTF-16":                   {&XML, []said.File{file("a.xml", "\xff\xfe<hazelcast-client/>")}, "UTF-16"},
		"a list that lists itself": {&XML, []said.File{file("a.xml", "<hazelcast-client-failover><clients><client>a.xml</client></clients></hazelcast-client-failover>")}, "does not set up a client"},
	} {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			candidates, faults := c.reader.Read(c.files)
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			for _, list := range candidates {
				for _, config := range list.Configs {
					if config.Broken != nil {
						faults = append(faults, config.Broken)
					}
				}
			}
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

// Fuzz reads any text as a configuration beside another one and properties.
func fuzz(f *testing.F, reader *said.Reader, ending string) {
	for _, c := range append(corpus.Load(f, "../testdata/declared"), corpus.Load(f, "../testdata/declared-errors")...) {
		texts := make([]string, 3)
		for _, file := range c.Files {
			switch {
			case strings.HasSuffix(file.Name, ".properties"):
				texts[2] = string(file.Data)
			case strings.HasSuffix(file.Name, ending) && texts[0] == "":
				texts[0] = string(file.Data)
			case strings.HasSuffix(file.Name, ending):
				texts[1] = string(file.Data)
			}
		}
		f.Add(texts[0], texts[1], texts[2])
	}
	f.Fuzz(func(t *testing.T, first, second, beside string) {
		texts := map[string]string{"a" + ending: first, "b" + ending: second, "c.properties": beside}
		files := []said.File{file("a"+ending, first), file("b"+ending, second), file("c.properties", beside)}
		candidates, faults := reader.Read(files)
		for _, c := range candidates {
			for i := range c.Configs {
				if c.Configs[i].Broken != nil {
					faults = append(faults, c.Configs[i].Broken)
				}
				for _, v := range valuesOf(&c.Configs[i]) {
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

func valuesOf(c *said.Config) []said.Value {
	t := &c.TLS
	list := append([]said.Value{c.Name, c.URL, c.Token, c.Username, c.Password, t.On, t.Off}, c.Addresses...)
	for _, s := range t.Stores() {
		list = append(list, s.File, s.Password)
	}
	return list
}

func FuzzXML(f *testing.F)  { fuzz(f, &XML, ".xml") }
func FuzzYAML(f *testing.F) { fuzz(f, &YAML, ".yaml") }

func benchmark(b *testing.B, reader *said.Reader, name string) {
	for _, c := range corpus.Load(b, "../testdata/declared") {
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

func BenchmarkXML(b *testing.B)          { benchmark(b, &XML, "xml-5") }
func BenchmarkXMLFailover(b *testing.B)  { benchmark(b, &XML, "xml-failover") }
func BenchmarkYAML(b *testing.B)         { benchmark(b, &YAML, "yaml-5") }
func BenchmarkYAMLFailover(b *testing.B) { benchmark(b, &YAML, "yaml-failover") }
