package fabric

import (
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

const canary = corpus.Canary

func read(text string, beside ...said.File) (*said.Registry, fault.List) {
	return Read(append([]said.File{{Name: "a.xml", Path: "a.xml", Data: []byte(text)}}, beside...))
}

// Whatever a file holds, reading it ends soon and without a panic.
func TestHostileFiles(t *testing.T) {
	bean := func(path string) string {
		return `<beans><bean class="io.fabric8.cxf.FabricFailOverFeature"><property name="fabricPath" value="` + path + `"/></bean></beans>`
	}
	manyProperties := strings.Repeat(`<property name="x" value="y"/>`, 30_000)
	for name, c := range map[string]struct{ text, want string }{
		"deep":            {strings.Repeat("<a>", 100_000) + Feature, "far more or deeper elements"},
		"wide":            {"<beans>" + strings.Repeat("<a/>", 200_000) + Feature, "far more or deeper elements"},
		"one long line":   {bean(strings.Repeat("a", 1_000_000)), ""},
		"many attributes": {"<beans><bean class='" + Feature + "' " + strings.Repeat(` a="=" b='"'`, 60_000) + "/></beans>", ""},
		"many properties": {strings.Replace(bean("a"), "<property", manyProperties+"<property", 1), ""},
		"many features":   {"<beans>" + strings.Repeat(`<bean class="io.fabric8.cxf.FabricFailOverFeature"/>`, 10_000) + "</beans>", "far more beans of class"},
		"many loads":      {strings.Replace(bean("${a}"), "<bean ", `<p:property-placeholder xmlns:p="http://www.springframework.org/schema/context" location="`+strings.Repeat("a.properties,", 60_000)+`"/><bean `, 1), ""},
		"many variables":  {bean(strings.Repeat("${a:${a:${a:", 50_000)), ""},
		"external entity": {`<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>` + bean("&e;"), "document type"},
		"unknown entity":  {bean("&e;"), "not well-formed"},
		"UTF-16":          {"\xff\xfe<\x00" + Feature, "UTF-16"},
		"no element":      {"<!-- " + Feature + " -->", "no element"},
		"a lone end":      {"</beans>" + Feature, "not well-formed"},
		"other bytes":     {bean("\xff\xfe"), "not well-formed"},
	} {
		t.Run(name, func(t *testing.T) {
			start := time.Now()
			_, faults := read(c.text, said.File{Name: "a.properties", Path: "a.properties", Data: []byte(strings.Repeat("a=${b}${b}${b}${b}\\\n", 40_000) + "\nb=${a}${a}")})
			if c.want != "" && !strings.Contains(faults.Error(), c.want) {
				t.Errorf("faults %.300q, want %q", faults.Error(), c.want)
			}
			if took := time.Since(start); took > 20*time.Second {
				t.Errorf("took %v", took)
			}
		})
	}
}

// No value of a file is in a fault or a warning: any could be a secret.
func TestNoSecretIsTold(t *testing.T) {
	for _, text := range []string{
		`<beans><bean class="io.fabric8.cxf.FabricFailOverFeature"><property name="zooKeeperPassword" value="` + canary + `></bean></beans>`,
		`<beans><bean class="io.fabric8.cxf.FabricFailOverFeature"><property name="fabricPath" value="${` + canary + ` x}"/><property name="` + canary + ` x" value="` + canary + `"/></bean></beans>`,
		`<beans>&` + canary + `;<bean class="io.fabric8.cxf.FabricFailOverFeature"/></beans>`,
		`<` + canary + `><bean class="io.fabric8.cxf.FabricFailOverFeature"/></` + canary + `>`,
	} {
		r, faults := read(text)
		all := faults.Error()
		if r != nil {
			for _, w := range append(r.Warnings, r.NoEffect...) {
				all += w.Text
			}
			for _, v := range r.Values() {
				all += v.Why
			}
		}
		if strings.Contains(all, canary) {
			t.Errorf("%s gives %s", text, all)
		}
	}
}

// FuzzRead reads any text as XML beside any properties file.
func FuzzRead(f *testing.F) {
	for _, c := range append(corpus.Load(f, "../testdata/fabric"), corpus.Load(f, "../testdata/fabric-errors")...) {
		beside := ""
		for _, file := range c.Files[1:] {
			beside += string(file.Data)
		}
		f.Add(string(c.Files[0].Data), beside)
	}
	f.Fuzz(func(t *testing.T, text, beside string) {
		r, faults := read(text, said.File{Name: "client.properties", Path: "client.properties", Data: []byte(beside)})
		for _, w := range faults {
			if w.Kind != fault.Input || w.File == "" || w.Cause == "" || w.Remedy == "" {
				t.Errorf("incomplete fault: %#v", w)
			}
		}
		if r == nil {
			return
		}
		lines := strings.Count(text, "\n") + 1
		for _, v := range r.Values() {
			if v.State != said.Absent && (v.At.Line == 0 || v.At.File == "a.xml" && v.At.Line > lines) {
				t.Errorf("a value is at %v of %d lines", v.At, lines)
			}
		}
	})
}
