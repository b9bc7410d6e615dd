package spec

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// noteColumn is where the comments beside values start, in bytes.
const noteColumn = 36

// Marshal returns the text of failover.yaml: the keys in a fixed order, with
// the comments that a reader wants. A layout that is the usual one is left out.
// Parse gives the same Spec back.
func (s *Spec) Marshal() []byte {
	var w writer
	w.WriteString("# yaml-language-server: $schema=" + SchemaFile + "\n" +
		"# What failover-gen makes this project from. Edit it, then run: failover-gen generate .\n" +
		"# There is no place for a secret here: those are in .env or in the environment.\n")
	w.line("", "version", fmt.Sprint(s.Version), "")
	for _, t := range slices.Concat(s.texts(), kinds[s.Kind].texts(s)) {
		if (t.usual == "" || t.usual != *t.field) && !(t.optional && *t.field == "") {
			w.text("", t)
		}
	}
	kinds[s.Kind].write(&w, s)
	w.text("", s.secretsText())
	return []byte(w.String())
}

type writer struct{ strings.Builder }

// line writes one key with a value that is safe in YAML.
func (w *writer) line(indent, key, value, note string) {
	line := indent + key + ":"
	if value != "" {
		line += " " + value
	}
	if note != "" {
		line += strings.Repeat(" ", max(1, noteColumn-len(line))) + "# " + note
	}
	w.WriteString(line + "\n")
}

func (w *writer) text(indent string, t text) { w.line(indent, t.key, quote(*t.field), t.note) }

// quote returns v as a YAML scalar on one line, plain where that is safe.
func quote(v string) string {
	plain := quoteIn(v, 0)
	// go.yaml.in/yaml/v3 v3.0.4 writes the text << without quotes and reads it as a merge key, so we quote it.
	if strings.ContainsAny(plain, "\n") || v == "<<" {
		return quoteIn(v, yaml.DoubleQuotedStyle)
	}
	return plain
}

func quoteIn(v string, style yaml.Style) string {
	out, err := yaml.Marshal(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: v, Style: style})
	if err != nil { // bytes that YAML cannot hold as text
		out, _ = yaml.Marshal(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: strings.ToValidUTF8(v, "\uFFFD"), Style: style})
	}
	return strings.TrimSuffix(string(out), "\n")
}

// shortDuration is d as users write it: 1m0s is 1m, 60s stays readable.
func shortDuration(d time.Duration) string {
	if d%time.Second == 0 && d < 2*time.Minute {
		return fmt.Sprintf("%ds", d/time.Second)
	}
	return d.String()
}
