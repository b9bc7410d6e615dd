// Package spring reads what Spring says about clients of Hazelcast: <hz:client> and
// <hz:client-failover> in Spring's XML, with any prefix, and the hazelcast keys in
// Spring Boot's application.properties and application.yaml.
//
// Variables get their values from the files of the bundle. What the environment would
// give, an expression or another bean is reported as not followed.
package spring

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/beans"
	"github.com/failover-gen/failover-gen/internal/bundle/clientconfig"
	"github.com/failover-gen/failover-gen/internal/bundle/properties"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/bundle/xmlpos"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// XML is what package bundle lists among its readers.
var XML = said.Reader{
	Form: "spring-xml", Noun: "Spring XML file", Looked: "a Spring XML with hz:client",
	Source: isXML, Beside: properties.Limit, Read: readXML,
	Mentions: hasClient,
	Spelling: said.Spelling{Name: "hz:cluster-name", Token: "hz:hazelcast-cloud discovery-token",
		KeystorePassword: "keyStorePassword", TruststorePassword: "trustStorePassword"},
	Failover: "give an hz:client-failover that holds both", One: true,
}

// namespace is that of Hazelcast's elements in Spring's XML.
const namespace = "http://www.hazelcast.com/schema/spring"

func hasClient(data []byte) bool { return bytes.Contains(data, []byte(namespace)) }

// maxSource is the largest file that is read, in bytes.
const maxSource = 1 << 20

func isXML(name string) int64 {
	if strings.EqualFold(path.Ext(name), ".xml") && !strings.EqualFold(path.Base(name), "pom.xml") {
		return maxSource
	}
	return 0
}

// maxClients bounds the clients of one file.
const maxClients = 64

func readXML(files []said.File) (list []said.Candidate, faults fault.List) {
	beside := properties.New(files)
	var queue []int
	for i, f := range files {
		if isXML(f.Path) > 0 && f.Data != nil && !f.Beside && hasClient(f.Data) && !forTests(f.Path) {
			queue = append(queue, i)
		}
	}
	for at := 0; at < len(queue); at++ {
		d, wrong := xmlpos.Parse(files[queue[at]].Name, files[queue[at]].Data)
		if wrong != nil {
			faults = append(faults, wrong)
			continue
		}
		x := &file{variables: beans.VariablesOf(d, beside)}
		for _, e := range d.Root.Children {
			if !beans.IsBean(e, "import") {
				continue
			}
			if i := imported(files, e.Attribute("resource")); i < 0 {
				x.warnings = append(x.warnings, said.Warning{At: e.At, Text: "the file imported here is not in the bundle, so it is not read"})
			} else if !slices.Contains(queue, i) && hasClient(files[i].Data) {
				queue = append(queue, i)
			}
		}
		x.visit(d.Root)
		if x.tooMany {
			faults = append(faults, fault.New(fault.Input, d.Root.At, "the file sets up far more clients than an application does", "give the file with the clients that are in use"))
			continue
		}
		list = append(list, x.lists...)
		if len(x.single.Configs) > 0 {
			list = append(list, x.single)
		}
	}
	return list, faults
}

// imported finds the file that an import names, -1 for none.
func imported(files []said.File, resource said.Value) int {
	name, _ := clientconfig.File(resource)
	wanted := path.Clean("/" + strings.TrimSpace(name.Text))
	return slices.IndexFunc(files, func(f said.File) bool {
		return isXML(f.Path) > 0 && f.Data != nil && strings.HasSuffix("/"+f.Path, wanted)
	})
}

// forTests reports whether a file belongs to a project's tests.
func forTests(name string) bool { return strings.Contains("/"+name, "/src/test/") }

// file is one XML file.
type file struct {
	variables *beans.Variables
	// warnings are about the file itself.
	warnings []said.Warning
	lists    []said.Candidate
	single   said.Candidate
	clients  int
	tooMany  bool
}

func (x *file) visit(e *xmlpos.Element) {
	switch {
	case e.In(namespace, "client-failover"):
		x.failover(e)
	case e.In(namespace, "client"):
		if config := x.client(e); config.Says() {
			x.single.Used = true
			x.single.Configs = append(x.single.Configs, config)
		}
	default:
		for _, c := range e.Children {
			x.visit(c)
		}
	}
}

func (x *file) client(e *xmlpos.Element) said.Config {
	if x.clients++; x.clients > maxClients {
		x.tooMany = true
		return said.Config{}
	}
	n := clientconfig.FromXML(e)
	n.Resolve(x.variables.Resolve)
	config := clientconfig.Read(n)
	config.Warnings = append(append(config.Warnings, x.warnings...), x.variables.Warnings...)
	x.warnings, x.variables.Warnings = nil, nil // each is told once
	return config
}

// failover reads an ordered list of clients.
func (x *file) failover(e *xmlpos.Element) {
	c := said.Candidate{Failover: true, Used: true}
	var notes []said.Warning
	for _, a := range e.Attributes {
		if a.Space == "" && a.Name == "try-count" {
			notes = append(notes, said.Warning{At: a.At, Text: "try-count has no counterpart in a project: its rounds over the clusters never end"})
		}
	}
	for _, child := range e.Children {
		if child.In(namespace, "client") {
			c.Configs = append(c.Configs, x.client(child))
		} else {
			notes = append(notes, said.Warning{At: child.At, Text: "an element of the list has no counterpart in a project"})
		}
	}
	if len(c.Configs) == 0 {
		c.Configs = []said.Config{{At: e.At, Broken: fault.New(fault.Input, e.At, "the failover list holds no client", "put the clients into it, in the order of preference")}}
	}
	c.Configs[0].Notes = append(notes, c.Configs[0].Notes...)
	x.lists = append(x.lists, c)
}
