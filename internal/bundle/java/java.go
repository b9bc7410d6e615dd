// Package java reads what Java sources say about Hazelcast client
// configurations. It has a lexer, a parser for the part of Java that
// configurations are written in, and a small evaluator that follows statements,
// chains of calls, constants, local variables and helper methods.
//
// It runs nothing and guesses nothing: a value from the environment, from a
// file, or from a library's method is reported as not followed, with its
// position. It knows nothing of archives, clusters' meaning or placeholders.
package java

import (
	"bytes"
	"slices"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// Source is one Java file.
type Source struct {
	// File is its name as the user would write it; it is repeated in positions.
	File string
	// Data is its content: UTF-8, at most MaxSource bytes.
	Data []byte
}

// State says how much is known of a Field.
type State uint8

const (
	// Absent: the source sets no such value.
	Absent State = iota
	// Known: Text is the value.
	Known
	// NotFollowed: the source sets it to something that would need running; Text says to what.
	NotFollowed
)

// Field is one value of a configuration. It may be a secret: never print a Known Text.
type Field struct {
	State State
	Text  string
	// At is where the value stands, or where it ceases to be followed.
	At fault.Position
}

// Config is what the sources say about one ClientConfig.
type Config struct {
	// At is where the configuration is made.
	At fault.Position
	// NotFollowed says why nothing is known of a configuration that is added to
	// a ClientFailoverConfig; it is "" otherwise.
	NotFollowed                    string
	Name, URL, Token               Field
	Username, Password             Field
	Keystore, KeystorePassword     Field
	Truststore, TruststorePassword Field
	Addresses                      []Field
	// Group: the name was given in a GroupConfig, which only Hazelcast 3.x has.
	Group bool
	// CloudOff and TLSOff say that discovery or TLS is set up but not enabled.
	CloudOff, TLSOff bool
}

// Candidate is what following the sources from one place led to.
type Candidate struct {
	// Failover: Configs are those of one ClientFailoverConfig, in its order.
	// Otherwise each stands for itself, and there may be any number.
	Failover bool
	// Used: a client is made of it, so it is no left-over.
	Used    bool
	Configs []Config
}

// program is all sources together.
type program struct {
	units    []*unit
	classes  map[string][]*class
	executed map[*method]bool
	// steps is the work done, over all entry points.
	steps int
}

// maxProgram bounds the tokens of all sources together, and with them memory.
const maxProgram = 400_000

// Read follows the sources and returns what each entry point leads to, in the
// order of the sources. The faults are of sources that could not be read to
// their end and speak of a ClientConfig; the others are passed over.
func Read(sources []Source) ([]Candidate, fault.List) {
	p := &program{classes: map[string][]*class{}, executed: map[*method]bool{}}
	total := 0
	for _, s := range sources {
		u := parseUnit(s.File, s.Data)
		if total += len(u.tokens); total > maxProgram {
			return nil, fault.List{fault.New(fault.Input, fault.In(s.File),
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
	return candidates, faults
}

// halfRead reports whether a configuration is made in a source that turned out
// to be unreadable: what is missing could change it.
func (p *program) halfRead(c Candidate) bool {
	for _, u := range p.units {
		made := func(config Config) bool { return config.At.File == u.file }
		if u.fault != nil && slices.ContainsFunc(c.Configs, made) {
			return true
		}
	}
	return false
}

// follow starts at every main method, then at every method that nothing calls,
// then at those that were not reached at all.
func (p *program) follow() (found []Candidate, faults fault.List) {
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
		machine.invoke(m, self, nil, m.at)
		if machine.exhausted() && m.class.unit.fault == nil {
			faults = append(faults, fault.New(fault.Input, m.at,
				"the method "+m.name+" does more than can be followed",
				"keep only the client's own sources in the bundle"))
		}
		list := machine.candidates()
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

// calledNames collects the names before an opening parenthesis, declarations left out.
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
func (m *machine) candidates() []Candidate {
	var list []Candidate
	single := Candidate{Used: true}
	seen := map[*object]bool{}
	for _, client := range m.clients {
		switch {
		case client.kind != isObject:
		case client.obj.class == "ClientFailoverConfig":
			list = appendFailover(list, client.obj, true, m)
		case client.obj.class == "ClientConfig":
			if !seen[client.obj] {
				single.add(m.config(client.obj))
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
	var left Candidate
	for _, o := range m.configs {
		left.add(m.config(o))
	}
	if len(left.Configs) > 0 {
		list = append(list, left)
	}
	return list
}

// add appends a configuration that says something.
func (c *Candidate) add(config Config) {
	if config.says() {
		c.Configs = append(c.Configs, config)
	}
}

func appendFailover(list []Candidate, o *object, used bool, m *machine) []Candidate {
	added := append(o.lists["ClientConfig"], elements(o.get("ClientConfigs"))...)
	if len(added) == 0 {
		return list
	}
	c := Candidate{Failover: true, Used: used}
	for _, v := range added {
		if v.kind == isObject && v.obj.own == nil {
			c.Configs = append(c.Configs, m.config(v.obj))
			continue
		}
		f := asField(v)
		if f.State != NotFollowed {
			f.Text = "something that is no client configuration"
		}
		c.Configs = append(c.Configs, Config{At: v.at, NotFollowed: f.Text})
	}
	return append(list, c)
}
