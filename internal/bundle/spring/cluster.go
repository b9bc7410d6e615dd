package spring

import (
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/clientconfig"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// fields says where the value of a key below one of the prefixes belongs.
var fields = map[string]func(*said.Config) *said.Value{
	"clusterid":          func(c *said.Config) *said.Value { return &c.Name },
	"clustername":        func(c *said.Config) *said.Value { return &c.Name },
	"discoverytoken":     func(c *said.Config) *said.Value { return &c.Token },
	"url":                func(c *said.Config) *said.Value { return &c.URL },
	"keystore":           func(c *said.Config) *said.Value { return &c.TLS.Keystore.File },
	"keystorepassword":   func(c *said.Config) *said.Value { return &c.TLS.Keystore.Password },
	"truststore":         func(c *said.Config) *said.Value { return &c.TLS.Truststore.File },
	"truststorepassword": func(c *said.Config) *said.Value { return &c.TLS.Truststore.Password },
}

// config says what the keys mean.
func (a *application) config(values settings) (said.Config, fault.List) {
	var c said.Config
	var faults fault.List
	r := &resolver{values: values, budget: maxSource}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		field, isCluster := cutPrefix(name)
		hazelcast := strings.HasPrefix(name, "hazelcast.")
		if !hazelcast && name != "spring.hazelcast.config" {
			continue
		}
		v := r.resolve(values[name].Value, 0)
		v.Text = strings.TrimSpace(v.Text)
		if at := values[name].At; c.At.Line == 0 || at.File == c.At.File && at.Line < c.At.Line {
			c.At = at
		}
		switch of := fields[field]; {
		case isCluster && of != nil && v.State == said.Known && v.Text == "": // a template that is not filled in
		case isCluster && of != nil:
			file, absolute := v, false
			if field == "keystore" || field == "truststore" {
				file, absolute = clientconfig.File(v)
			}
			if absolute {
				c.Warnings = append(c.Warnings, said.Warning{At: v.At, Text: "the path here is absolute, and the bundle's own file of this name is used"})
			}
			set(of(&c), file)
		case isCluster && (field == "tlsenabled" || field == "sslenabled"):
			if strings.EqualFold(v.Text, "false") {
				c.TLS.Off = v
			}
		case name == "hazelcast.client.cloud.url":
			set(&c.URL, v)
		case name == "hazelcast.client.cloud.discovery.token":
			set(&c.Token, v)
		case name == "spring.hazelcast.config" || name == "hazelcast.client.config" || name == "hazelcast.client.failover.config":
			if wrong := a.named(v); wrong != nil {
				faults = append(faults, wrong)
			}
		case len(c.Notes) < maxClients:
			c.Notes = append(c.Notes, said.Warning{At: values[name].At, Text: noted(values[name].key) + " has no counterpart in a project"})
		}
	}
	c.Warnings = append(c.Warnings, r.warnings...)
	return c, faults
}

func noted(key string) string {
	if said.Plain(key) {
		return "the key " + key
	}
	return "a key"
}

func cutPrefix(name string) (string, bool) {
	for _, prefix := range prefixes {
		if field, found := strings.CutPrefix(name, prefix); found {
			return field, true
		}
	}
	return "", false
}

// set takes a value once. A second one that differs leaves nothing to choose by.
func set(to *said.Value, v said.Value) {
	switch {
	case to.State == said.Absent:
		*to = v
	case to.State != said.Known || v.State != said.Known || to.Text != v.Text:
		*to = said.Unknown("a value that another key sets too, at "+v.At.String(), to.At)
	}
}

// named checks the file that sets up the client where Spring Boot's own does not. The
// file is a source of its own if it is in the bundle.
func (a *application) named(v said.Value) *fault.Fault {
	file, _ := clientconfig.File(v)
	if v.State != said.Known {
		return fault.New(fault.Input, v.At, "the client's configuration cannot be followed: it is "+v.Why, "write the name of the file in place")
	}
	for _, f := range a.files {
		if path.Base(f.Path) == path.Base(file.Text) {
			if f.Beside {
				return fault.New(fault.Input, v.At, "the client's configuration is in the file that is named here", "give that file, or the directory of the bundle")
			}
			return nil
		}
	}
	return fault.New(fault.Input, v.At, "the configuration file named here is not in the bundle", "put the file into the bundle, or give that file")
}

// resolver puts values in place of variables, as Spring Boot does with its own keys.
type resolver struct {
	values   settings
	warnings []said.Warning
	budget   int
}

// maxNested bounds variables whose values hold variables.
const maxNested = 8

func (r *resolver) resolve(v said.Value, depth int) said.Value {
	if v.State != said.Known || !strings.ContainsAny(v.Text, "$#") {
		return v
	}
	if strings.Contains(v.Text, "#{") {
		return said.Unknown("an expression (#{...})", v.At)
	}
	var out strings.Builder
	at, rest := v.At, v.Text
	for {
		before, after, found := strings.Cut(rest, "${")
		out.WriteString(before)
		if r.budget -= len(before) + 1; r.budget < 0 {
			return said.Unknown("a text that is far too long", v.At)
		}
		if !found {
			return said.Of(out.String(), at)
		}
		end := closing(after)
		if end < 0 || depth == maxNested {
			return said.Unknown("a variable that cannot be resolved", v.At)
		}
		got := r.lookup(after[:end], v.At, depth+1)
		if got.State != said.Known {
			return got
		}
		rest = after[end+1:]
		if before == "" && rest == "" && out.Len() == 0 {
			at = got.At
		}
		out.WriteString(got.Text)
	}
}

// closing gives the offset of the brace that ends a variable, -1 for none. A default
// may hold variables.
func closing(text string) int {
	depth := 0
	for i := 0; i < len(text); i++ {
		switch {
		case strings.HasPrefix(text[i:], "${"):
			depth++
		case text[i] == '}' && depth == 0:
			return i
		case text[i] == '}':
			depth--
		}
	}
	return -1
}

func (r *resolver) lookup(inner string, at fault.Position, depth int) said.Value {
	name, fallback, hasFallback := strings.Cut(inner, ":")
	if v := r.values.get(name); v.State != said.Absent {
		return r.resolve(v, depth)
	}
	switch {
	case hasFallback:
		if w := (said.Warning{At: at, Text: "the value is the default of a variable; the environment may give another one where the program runs"}); !slices.Contains(r.warnings, w) {
			r.warnings = append(r.warnings, w)
		}
		return r.resolve(said.Of(fallback, at), depth)
	case !said.Plain(name):
		return said.Unknown("a variable that has no value here", at)
	}
	return said.Unknown("the variable ${"+name+"}, which the application takes from its environment; no file here gives it a value", at)
}
