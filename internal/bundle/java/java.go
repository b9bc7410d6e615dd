// Package java reads what Java sources say about Hazelcast client
// configurations. It has a lexer, a parser for the part of Java that
// configurations are written in, and a small evaluator that follows statements,
// chains of calls, constants, local variables and helper methods.
//
// It runs nothing and guesses nothing: a value from the environment, from a
// file, or from a library's method is reported as not followed, with its
// position. Archives, placeholders and the choice among several clients are the
// business of other packages.
package java

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/properties"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// Reader is what package bundle lists among its readers.
var Reader = said.Reader{
	Form: "java", Noun: "Java source", Looked: "a .java file that sets up a Hazelcast ClientConfig",
	Source: sourceLimit, Beside: beside, Read: Read,
	Failover: "add both to a ClientFailoverConfig",
	Spelling: said.Spelling{
		Name: "setClusterName", Token: "setDiscoveryToken",
		KeystorePassword: "javax.net.ssl.keyStorePassword", TruststorePassword: "javax.net.ssl.trustStorePassword",
	},
}

func sourceLimit(name string) int64 {
	if strings.EqualFold(path.Ext(name), ".java") {
		return MaxSource
	}
	return 0
}

// program is all sources together.
type program struct {
	units    []*unit
	classes  map[string][]*class
	executed map[*method]bool
	// files are all that the reader sees, properties those of them.
	files      []said.File
	properties *properties.Files
	// steps is the work done, over all entry points.
	steps int
}

// maxProgram bounds the tokens of all sources together, and with them memory.
const maxProgram = 400_000

// Read follows the sources. It returns what each entry point leads to, in the order
// of the sources, with what the pom.xml of the source's project says. The faults
// are of sources that could not be read to their end and contain the word
// ClientConfig; other sources are passed over.
func Read(files []said.File) ([]said.Candidate, fault.List) {
	return read(files, sourceLimit, parseUnit)
}

// read reads the sources of one language.
func read(files []said.File, isSource func(string) int64, parse func(string, []byte) *unit) ([]said.Candidate, fault.List) {
	p := &program{classes: map[string][]*class{}, executed: map[*method]bool{}, files: files, properties: properties.New(files)}
	var sources []said.File
	total := 0
	for _, s := range files {
		if isSource(s.Path) == 0 || s.TooLarge {
			continue
		}
		sources = append(sources, s)
		u := parse(s.Name, s.Data)
		if total += len(u.tokens); total > maxProgram {
			return nil, fault.List{fault.New(fault.Input, fault.In(s.Name),
				"the sources together are longer than any client's",
				"keep only the client's own sources in the bundle")}
		}
		p.units = append(p.units, u)
		for _, c := range u.classes {
			p.classes[c.name] = append(p.classes[c.name], c)
		}
	}
	for _, u := range p.units {
		for _, c := range u.classes {
			p.inherit(c)
		}
	}
	candidates, faults := p.follow()
	candidates = slices.DeleteFunc(candidates, p.halfRead)
	for i, u := range p.units {
		if u.fault != nil && bytes.Contains(sources[i].Data, []byte("ClientConfig")) {
			faults = append(faults, u.fault)
		}
	}
	addPOMs(candidates, files)
	return candidates, faults
}

// halfRead reports whether a configuration is made in a source that turned out
// to be unreadable: what is missing could change it.
func (p *program) halfRead(c said.Candidate) bool {
	for _, u := range p.units {
		made := func(config said.Config) bool { return config.At.File == u.file }
		if u.fault != nil && slices.ContainsFunc(c.Configs, made) {
			return true
		}
	}
	return false
}

// follow starts at every main method, then at every method that nothing calls,
// then at those that were not reached at all.
func (p *program) follow() (found []said.Candidate, faults fault.List) {
	reached := map[*unit]bool{}
	from := func(m *method) {
		if p.steps > maxSteps {
			return
		}
		machine := newMachine(p)
		var self *object
		if !m.static {
			self = newObject(m.class.name, m.at, m.class)
		}
		give(nil, []value{machine.invoke(m, self, nil, m.at)}) // the method's caller is not followed
		if machine.exhausted() && m.class.unit.fault == nil {
			faults = append(faults, fault.New(fault.Input, m.at,
				"the method "+m.name+" does more than can be followed",
				"keep only the client's own sources in the bundle"))
		}
		list := machine.candidates()
		if loose := machine.loose(); len(loose) > 0 {
			if len(list) == 0 {
				list = []said.Candidate{{}}
			}
			list[0].Loose = loose
		}
		for _, c := range list {
			reached[m.class.unit] = reached[m.class.unit] || c.Used
		}
		found = append(found, list...)
	}
	called := p.calledNames()
	for _, m := range p.methods() {
		if m.name == "main" && !p.executed[m] {
			from(m)
		}
	}
	for _, m := range p.methods() {
		if !called[m.name] && !p.executed[m] && !reached[m.class.unit] {
			from(m)
		}
	}
	for _, m := range p.methods() {
		if !p.executed[m] && !reached[m.class.unit] {
			from(m)
		}
	}
	return found, faults
}

// methods lists the methods of sources that were read to their end.
func (p *program) methods() []*method {
	var list []*method
	for _, u := range p.units {
		if u.fault != nil {
			continue
		}
		for _, c := range u.classes {
			for _, m := range c.methods {
				if m.name != "<init>" {
					list = append(list, m)
				}
			}
		}
	}
	return list
}

// calledNames collects the names of all methods that are called. A name before an
// opening parenthesis is a call unless it is a declaration.
func (p *program) calledNames() map[string]bool {
	called := map[string]bool{}
	for _, u := range p.units {
		if u.fault != nil {
			continue
		}
		declared := map[fault.Position]bool{}
		for _, c := range u.classes {
			for _, m := range c.methods {
				declared[m.at] = true
			}
		}
		for i, t := range u.tokens {
			reference := i > 0 && u.is(i-1, "::")
			if t.kind == identifier && (reference || u.is(i+1, "(")) && !declared[u.pos(i)] {
				called[t.text] = true
			}
		}
	}
	return called
}

// candidates gathers what the machine met: failover lists and single clients
// that were made, or else the configurations themselves.
func (m *machine) candidates() []said.Candidate {
	var list []said.Candidate
	single := said.Candidate{Used: true}
	seen := map[*object]bool{}
	for _, client := range m.clients {
		switch {
		case client.kind != isObject:
		case client.obj.class == "ClientFailoverConfig":
			list = appendFailover(list, client.obj, true, m)
		case client.obj.class == "ClientConfig":
			if !seen[client.obj] {
				add(&single, m.config(client.obj))
			}
			seen[client.obj] = true
		}
	}
	if len(single.Configs) > 0 {
		list = append(list, single)
	}
	if len(list) > 0 {
		return list
	}
	for _, o := range m.failovers {
		list = appendFailover(list, o, false, m)
	}
	if len(list) > 0 {
		return list
	}
	var left said.Candidate
	for _, o := range m.configs {
		add(&left, m.config(o))
	}
	if len(left.Configs) > 0 {
		list = append(list, left)
	}
	return list
}

// add appends a configuration that says something.
func add(c *said.Candidate, config said.Config) {
	if config.Says() || config.From.State != said.Absent {
		c.Configs = append(c.Configs, config)
	}
}

func appendFailover(list []said.Candidate, o *object, used bool, m *machine) []said.Candidate {
	added := append(o.lists["ClientConfig"], elements(o.get("ClientConfigs"))...)
	c := said.Candidate{Failover: true, Used: used}
	if o.from.kind != nothing {
		c.Configs = append(c.Configs, said.Config{At: o.at, From: asValue(o.from)})
	} else if len(added) == 0 {
		return list
	}
	for _, v := range added {
		if v.kind == isObject && v.obj.own == nil {
			c.Configs = append(c.Configs, m.config(v.obj))
			continue
		}
		why := "something that is not a client configuration"
		if f := asValue(v); f.State == said.NotFollowed {
			why = f.Why
		}
		c.Configs = append(c.Configs, said.Config{At: v.at, Broken: fault.New(fault.Input, v.at,
			"the client configuration added here cannot be followed: it is "+why,
			"set it up in a method of the same class")})
	}
	return append(list, c)
}
