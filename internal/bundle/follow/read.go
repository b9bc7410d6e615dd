package follow

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/lexis"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// Source gives the size up to which a file is read as a source of the language.
func (d *Dialect) Source(name string) int64 {
	if slices.Contains(d.Endings, strings.ToLower(path.Ext(name))) {
		return lexis.MaxSource
	}
	return 0
}

// Read follows each source by itself. The faults are of sources that could not be read
// to their end and mention Hazelcast; others are passed over.
func (d *Dialect) Read(files []said.File) (found []said.Candidate, faults fault.List) {
	var units []unit
	var lost fault.List // clients of which the configuration is not known
	for _, f := range files {
		if d.Source(f.Path) == 0 || f.TooLarge {
			continue
		}
		u := unit{file: f.Name, mentions: bytes.Contains(bytes.ToLower(f.Data), []byte("hazelcast"))}
		if u.trees, u.fault = d.parse(f.Name, f.Data); u.fault != nil {
			if u.mentions {
				faults = append(faults, u.fault)
			}
			continue
		}
		units = append(units, u)
	}
	for i, u := range units {
		m := newMachine(d)
		m.follow(units, i)
		if m.steps > maxSteps {
			if u.mentions {
				faults = append(faults, fault.New(fault.Input, fault.In(u.file), "the source does more than can be followed", "keep only the client's own sources in the bundle"))
			}
			continue
		}
		found = append(found, m.candidates(u.file)...)
		if u.mentions {
			lost = append(lost, m.lost...)
		}
	}
	if len(found) == 0 {
		faults = append(faults, lost...)
	}
	return found, faults
}

// unit is a source that was read.
type unit struct {
	file     string
	trees    []lexis.Stmt
	mentions bool
	fault    *fault.Fault
}

func (d *Dialect) parse(file string, src []byte) ([]lexis.Stmt, *fault.Fault) {
	if d.Trees != nil {
		return d.Trees(file, src)
	}
	return lexis.Parse(d.Lang, file, src)
}

// maxLibrary bounds the sources whose constants others can use.
const maxLibrary = 40

// follow evaluates a source: its top level, then its main function, then each function
// that was not called.
func (m *machine) follow(units []unit, at int) {
	library := &scope{vars: map[string]slot{}, function: true}
	if m.Library && len(units) <= maxLibrary {
		for i, u := range units {
			if i != at {
				m.addLibrary(u.trees, library)
			}
		}
	}
	s := newScope(library)
	s.function = true
	m.functions, m.used, m.lost = nil, nil, nil
	top := &frame{entry: m.branch}
	m.run(units[at].trees, s, top)
	for _, main := range []bool{true, false} {
		for i := 0; i < len(m.functions); i++ { // the list grows
			f := m.functions[i]
			if m.done[f.node] || m.steps > maxSteps || main && f.name != "main" && f.name != "Main" {
				continue
			}
			m.entering = f
			m.call(f, f.self, nil, nil, f.node.At)
		}
	}
}

// addLibrary makes what another source declares known. A name that two sources declare
// is not known.
func (m *machine) addLibrary(list []lexis.Stmt, library *scope) {
	one := newScope(library)
	one.function = true
	var declarations []lexis.Stmt
	for _, st := range list {
		if st.Kind == lexis.Declare || st.Kind == lexis.Class || st.Kind == lexis.Define {
			declarations = append(declarations, st)
		}
	}
	m.run(declarations, one, &frame{entry: m.branch})
	for name, s := range one.vars {
		if have, twice := library.vars[name]; twice {
			s.value = unknown(have.at, "a name that more than one source declares")
		}
		library.vars[name] = s
	}
}

// candidates gathers what the source sets up: failover lists and configurations of
// which it makes clients, or else the configurations themselves.
func (m *machine) candidates(file string) []said.Candidate {
	var list []said.Candidate
	single, left := said.Candidate{Used: true}, said.Candidate{}
	for _, c := range m.used {
		if c.Failover {
			list = append(list, c)
		} else {
			single.Configs = append(single.Configs, c.Configs...)
		}
	}
	if len(single.Configs) > 0 {
		list = append(list, single)
	}
	if len(list) > 0 {
		return list
	}
	for _, o := range m.objects {
		if o.inner || o.at.File != file {
			continue
		}
		if c := m.config(o, o.branch); c.Says() {
			left.Configs = append(left.Configs, c)
		}
	}
	if len(left.Configs) > 0 {
		list = append(list, left)
	}
	return list
}

// failover gives the configurations of a list of clusters, in its order.
func (m *machine) failover(o *object) []said.Config {
	var configs []said.Config
	for _, v := range m.listed(o) {
		if v.kind == isObject {
			configs = append(configs, m.config(m.whole(v.obj), m.branch))
			continue
		}
		why := v.said().Why
		if why == "" {
			why = "something that is not a client configuration"
		}
		configs = append(configs, said.Config{At: v.at, Broken: fault.New(fault.Input, v.at, "the client configuration in this list cannot be followed: it is "+why, "set it up in the same source")})
	}
	return configs
}

// listed gives the elements of a failover list. Go's client has one that counts only
// where it is enabled; then the client's own Cluster does not count.
func (m *machine) listed(o *object) []value {
	var parts []value
	for _, p := range []string{"clientconfigs", "clients"} {
		parts = append(parts, elements(o.get(p, m.branch), m.branch)...)
	}
	f := o.get("failover", m.branch)
	if m.Lang != lexis.Go || f.kind != isObject {
		return parts
	}
	switch enabled := f.obj.get("enabled", m.branch); {
	case enabled.kind == nothing, enabled.kind == isBool && enabled.text == "false":
		return nil
	case enabled.kind != isBool:
		return []value{enabled}
	}
	if calls := f.obj.calls["setconfigs"]; len(calls) > 0 {
		last := calls[len(calls)-1]
		if !m.branch.within(last.branch) {
			return []value{unknown(last.at, "a value that depends on a condition")}
		}
		return last.args
	}
	return elements(f.obj.get("configs", m.branch), m.branch)
}

// whole gives a configuration around the Cluster of Go's client, which is what a
// failover list of that client holds.
func (m *machine) whole(o *object) *object {
	if m.Lang != lexis.Go || o.field("cluster", m.branch).kind != nothing {
		return o
	}
	return &object{at: o.at, branch: o.branch, fields: map[string]slot{"Cluster": {o.value(), o.branch}}}
}
