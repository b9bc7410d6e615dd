package clc

import (
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/bundle/corpus"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
)

// read reads one configuration and gives what it says, nil where it says nothing.
func read(name, text string) (*said.Config, string) {
	found, faults := Read([]said.File{{Name: name, Path: name, Data: []byte(text)}})
	if len(found) == 0 {
		return nil, faults.Error()
	}
	return &found[0].Configs[0], faults.Error()
}

func TestValuesOfTheName(t *testing.T) {
	for value, want := range map[string]string{
		`plain`: "plain", `"a\tb\u00e9"`: "a\tbé", `'it''s'`: "it's", `7`: "7", `true`: "true", "|-\n    a\n": "a", `*n`: "pr-1",
		`010`: "?", `1_000`: "?", `1e3`: "?", `0x1f`: "?", `2024-01-01`: "?", `[a]`: "?", `~`: "", `""`: "", ``: "",
	} {
		c, faults := read("config.yaml", "x: &n pr-1\ncluster:\n  address: a\n  name: "+value)
		if c == nil {
			t.Errorf("%s: %s", value, faults)
			continue
		}
		got := c.Name.Text
		if c.Name.State == said.NotFollowed {
			got = "?"
		}
		if got != want || faults != "" {
			t.Errorf("%s is %q, want %q (%s)", value, got, want, faults)
		}
	}
}

// Positions count bytes, as everywhere else.
func TestPositions(t *testing.T) {
	c, _ := read("d/config.json", "\uFEFF{\"cluster\": {\"user\": \"é\", \"name\": \"pr-1\"},\n\t\"ssl\": {\"ca-path\": \"ca.pem\"}}")
	if c == nil || c.Name.At.String() != "d/config.json:1:39" || c.TLS.CA.File.At.String() != "d/config.json:2:21" || c.TLS.CA.File.Text != "d/ca.pem" {
		t.Errorf("got %v, CA %v", c.Name, c.TLS.CA.File)
	}
}

func TestRefusedFiles(t *testing.T) {
	for text, want := range map[string]string{
		"cluster: {name: a, name: b}":                                "config.yaml:1:20: this setting is here for the second time; the first is at config.yaml:1:17; ",
		"cluster: {name: a}\ncluster.name: b":                        "config.yaml:2:1: this setting is here for the second time",
		"cluster: {<<: {name: " + corpus.Canary + "}}":               "the key << is not read",
		"cluster:\n  name: [" + corpus.Canary:                        "is not well-formed YAML",
		"cluster: *" + corpus.Canary:                                 "is not well-formed YAML",
		"cluster: \xff":                                              "is not well-formed YAML",
		"cluster: {" + strings.Repeat("a: 1,", 2) + "}":              "second time",
		"cluster:\n" + manyKeys():                                    "more than 1000 settings",
		"cluster: " + strings.Repeat("[", 20_000):                    "is not well-formed YAML",
		"cluster: " + strings.Repeat("{a: ", 20_000):                 "is not well-formed YAML",
		"a: &a [x,x]\ncluster: &b [*a,*a]\nssl: {enabled: [*b, *b]}": "",
		"other: 1\ncluster: x":                                       "",
		"cluster:\n  names: x":                                       "",
	} {
		start := time.Now()
		c, faults := read("config.yaml", text)
		if c != nil || !strings.Contains(faults, want) || want == "" && faults != "" || strings.Contains(faults, corpus.Canary) {
			t.Errorf("%.60q: got %v, %.300q, want %q", text, c, faults, want)
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("%.60q took %v", text, took)
		}
	}
}

func manyKeys() string {
	var b strings.Builder
	for i := range 3000 {
		b.WriteString("  k" + strings.Repeat("x", i%50) + string(rune('a'+i%26)) + strings.Repeat("y", i/50) + ": 1\n")
	}
	return b.String()
}

func TestSwitches(t *testing.T) {
	for text, want := range map[string]string{
		"ssl: {enabled: false, ca-path: ca.pem}":                             "off, 1 warning",
		"ssl: {enabled: false}":                                              "off",
		"ssl: {enabled: \"False\"}":                                          "off",
		"ssl: {enabled: maybe, ca-path: ca.pem}":                             "broken: ssl.enabled is neither",
		"ssl: {ca-path: ca.pem}":                                             "CA, 1 warning",
		"ssl: {enabled: true, ca-path: ca.pem}":                              "CA",
		"ssl: {enabled: true, skip-verify: true}":                            "broken: ssl.skip-verify turns off",
		"ssl: {enabled: true, skip-verify: false}":                           "",
		"cluster.discovery-token: t\nssl: {enabled: false, ca-path: ca.pem}": "CA, 1 note",
	} {
		c, faults := read("config.yaml", "cluster: {name: n, address: a}\n"+text)
		var got []string
		switch {
		case c.Broken != nil:
			got = append(got, "broken: "+c.Broken.Cause)
		case c.TLS.Off.State == said.Known:
			got = append(got, "off")
		case c.TLS.CA.File.State == said.Known:
			got = append(got, "CA")
		}
		if len(c.Warnings) > 0 {
			got = append(got, "1 warning")
		}
		if len(c.Notes) > 0 {
			got = append(got, "1 note")
		}
		if all := strings.Join(got, ", "); !strings.HasPrefix(all, want) || want == "" && all != "" || faults != "" {
			t.Errorf("%s: got %q, want %q (%s)", text, all, want, faults)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte("cluster:\n  name: a\n  discovery-token: b\nssl: {ca-path: ca.pem, server: x, skip-verify: true}\n"))
	f.Add([]byte(`{"cluster":{"name":"a","api-base":"u","address":"h:1"},"ssl":{"enabled":true,"key-password":"p"}}`))
	f.Add([]byte("a: &a {name: x}\ncluster: *a\nssl: {<<: *a}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		found, faults := Read([]said.File{{Name: "config.yaml", Path: "config.yaml", Data: data}})
		for _, f := range faults {
			if f.File == "" || f.Cause == "" || f.Remedy == "" {
				t.Errorf("incomplete fault %#v", f)
			}
		}
		for _, c := range found {
			if !c.Configs[0].Says() {
				t.Error("a configuration that says nothing")
			}
		}
	})
}

func BenchmarkRead(b *testing.B) {
	data := []byte("cluster:\n  name: pr-1\n  discovery-token: " + strings.Repeat("t", 50) + "\nssl:\n  ca-path: ca.pem\n  cert-path: cert.pem\n  key-path: key.pem\n  key-password: 0123456789a\n")
	for b.Loop() {
		Read([]said.File{{Name: "config.yaml", Path: "config.yaml", Data: data}})
	}
}
