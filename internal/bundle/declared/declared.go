// Package declared reads the declarative configuration of Hazelcast's Java client:
// hazelcast-client.xml and .yaml from 3.x to 5.x, and the ordered lists in
// hazelcast-client-failover.xml and .yaml. A file is known by its first element or key,
// never by its name.
//
// Imports and the files of a list are read from the bundle. A variable gets its value
// from a properties file beside the configuration or from its own properties. Java
// takes it from system properties, which are not known here, so any other variable is
// reported as not followed. So is what a config-replacer would make.
package declared

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/clientconfig"
	"github.com/failover-gen/failover-gen/internal/bundle/properties"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/bundle/xmlpos"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// XML and YAML are what package bundle lists among its readers.
var (
	XML = said.Reader{
		Form: "hazelcast-xml", Noun: "XML file", Looked: "a hazelcast-client.xml",
		Source: isXML, Mentions: xmlRoot.Match, Beside: properties.Limit, Read: xmlLanguage.read,
		Failover: "give a hazelcast-client-failover.xml that lists both", One: true, Spelling: spelling,
	}
	YAML = said.Reader{
		Form: "hazelcast-yaml", Noun: "YAML file", Looked: "a hazelcast-client.yaml",
		Source: isYAML, Mentions: yamlRoot.Match, Beside: properties.Limit, Read: yamlLanguage.read,
		Failover: "give a hazelcast-client-failover.yaml that lists both", One: true, Spelling: spelling,
	}
)

var spelling = said.Spelling{Name: "cluster-name", Token: "hazelcast-cloud.discovery-token",
	KeystorePassword: "keyStorePassword", TruststorePassword: "trustStorePassword"}

// maxSource is the largest file that is read, in bytes.
const maxSource = 1 << 20

func isXML(name string) int64 {
	if strings.EqualFold(path.Ext(name), ".xml") && !strings.EqualFold(path.Base(name), "pom.xml") {
		return maxSource
	}
	return 0
}

func isYAML(name string) int64 {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml":
		return maxSource
	}
	return 0
}

// Names of the first element or key.
const (
	clientRoot   = "hazelcast-client"
	failoverRoot = "hazelcast-client-failover"
)

// forTests reports whether a file belongs to a project's tests.
func forTests(name string) bool { return strings.Contains("/"+name, "/src/test/") }

// xmlRoot and yamlRoot find the first element or key. Other files name the same words:
// that of an image, or of a file.
var (
	xmlRoot  = regexp.MustCompile(`<([\w.-]+:)?hazelcast-client(-failover)?[\s/>]`)
	yamlRoot = regexp.MustCompile(`hazelcast-client(-failover)?["']?[ \t]*:(\s|$)`)
)

// language is XML or YAML.
type language struct {
	name   string
	root   *regexp.Regexp
	source func(name string) int64
	parse  func(f *said.File) (*clientconfig.Node, *fault.Fault)
}

var (
	xmlLanguage  = &language{"XML", xmlRoot, isXML, parseXML}
	yamlLanguage = &language{"YAML", yamlRoot, isYAML, parseYAML}
)

// parseXML gives the root. One of another vocabulary is nil, unless it is imported.
func parseXML(f *said.File) (*clientconfig.Node, *fault.Fault) {
	d, wrong := xmlpos.Parse(f.Name, f.Data)
	if wrong != nil {
		return nil, wrong
	}
	return clientconfig.FromXML(d.Root), nil
}

// parseYAML gives the root key of the first document. Without one, the document itself
// can still be imported.
func parseYAML(f *said.File) (*clientconfig.Node, *fault.Fault) {
	documents, wrong := clientconfig.FromYAML(f.Name, f.Data)
	if wrong != nil || len(documents) == 0 {
		return nil, wrong
	}
	for _, name := range []string{failoverRoot, clientRoot} {
		for _, c := range documents[0].Children {
			if c.Name == name {
				return c, nil
			}
		}
	}
	return documents[0], nil
}

// bundle is all files together, each parsed once.
type bundle struct {
	*language
	files      []said.File
	properties *properties.Files
	parsed     map[*said.File]*parsed
	// listed are the files in a failover list, imported those that another one imports.
	listed, imported map[*said.File]bool
	// loads counts the files that were read for others.
	loads int
	// copies counts the nodes of the trees that were made for clients.
	copies int
}

type parsed struct {
	root  *clientconfig.Node
	wrong *fault.Fault
}

func (l *language) read(files []said.File) ([]said.Candidate, fault.List) {
	b := &bundle{language: l, files: files, properties: properties.New(files),
		parsed: make(map[*said.File]*parsed), listed: make(map[*said.File]bool), imported: make(map[*said.File]bool)}
	var lists, singles []said.Candidate
	var faults fault.List
	var clients []*said.File
	for i := range files {
		f := &files[i]
		if l.source(f.Path) == 0 || f.Data == nil || f.Beside || !l.root.Match(f.Data) || forTests(f.Path) {
			continue
		}
		p := b.parse(f)
		switch {
		case p.wrong != nil:
			faults = append(faults, p.wrong)
		case p.root == nil:
		case p.root.Name == failoverRoot:
			lists = append(lists, b.list(f, p.root))
		case p.root.Name == clientRoot:
			clients = append(clients, f)
		}
	}
	configs := make([]said.Config, len(clients))
	for i, f := range clients {
		configs[i] = b.client(f)
	}
	for i, f := range clients {
		switch config := configs[i]; {
		case config.Broken != nil && !b.listed[f]: // the list has the fault
			if !slices.ContainsFunc(faults, func(have *fault.Fault) bool { return *have == *config.Broken }) {
				faults = append(faults, config.Broken)
			}
		case b.listed[f] || b.imported[f]:
		case config.Says():
			singles = append(singles, said.Candidate{Used: true, Configs: []said.Config{config}})
		default:
			singles = append(singles, said.Candidate{Silent: []said.Config{config}})
		}
	}
	return append(lists, singles...), faults
}

func (b *bundle) parse(f *said.File) *parsed {
	if b.parsed[f] == nil {
		root, wrong := b.language.parse(f)
		b.parsed[f] = &parsed{root, wrong}
	}
	return b.parsed[f]
}

// Limits on lists and imports.
const (
	maxClients = 64
	maxLoads   = 256
	maxImports = 16 // imports in imports
	maxCopies  = 300_000
)

// list reads a failover list: its clients in order, each from its own file.
func (b *bundle) list(f *said.File, root *clientconfig.Node) said.Candidate {
	c := said.Candidate{Failover: true, Used: true}
	var notes []said.Warning
	scope := b.scope(f, root)
	root = copied(root)
	root.Resolve(scope.resolve)
	for _, n := range root.Children {
		switch n.Name {
		case "clients":
			for _, entry := range n.Children {
				if len(c.Configs) == maxClients {
					c.Configs = append(c.Configs, broken(entry.At, "the list goes on with more clients than are read", "keep those that are in use"))
					break
				}
				c.Configs = append(c.Configs, b.entry(f, entry))
			}
		case "try-count":
			notes = append(notes, said.Warning{At: n.At, Text: "try-count has no counterpart in a project: its rounds over the clusters never end"})
		case "import":
			c.Configs = append(c.Configs, broken(n.At, "an import in a failover list is not followed", "write the list in place"))
		default:
			notes = append(notes, said.Warning{At: n.At, Text: "an element of the list has no counterpart in a project"})
		}
	}
	if len(c.Configs) == 0 {
		c.Configs = []said.Config{broken(root.At, "the failover list names no client", "name the clients' files in it, in the order of preference")}
	}
	c.Configs[0].Notes = append(append(notes, scope.notes...), c.Configs[0].Notes...)
	return c
}

func broken(at fault.Position, cause, remedy string) said.Config {
	return said.Config{At: at, Broken: fault.New(fault.Input, at, cause, remedy)}
}

// entry reads the client that one line of a list names.
func (b *bundle) entry(from *said.File, entry *clientconfig.Node) said.Config {
	at := entry.At
	if entry.Value.At.Line > 0 {
		at = entry.Value.At
	}
	f, wrong := b.find(entry.Value, at, from)
	if wrong != nil {
		return said.Config{At: at, Broken: wrong}
	}
	b.listed[f] = true
	switch p := b.parse(f); {
	case p.wrong != nil:
		return said.Config{At: at, Broken: p.wrong}
	case p.root == nil || p.root.Name != clientRoot:
		return broken(at, "the file named here does not set up a client: it has no "+clientRoot, "name the client's file")
	}
	return b.client(f)
}

// find gives the file of the bundle that another one names.
func (b *bundle) find(named said.Value, at fault.Position, from *said.File) (*said.File, *fault.Fault) {
	const remedy = "put the file into the bundle, beside this one, and give the folder or this file"
	if named.State == said.NotFollowed {
		return nil, fault.New(fault.Input, at, "the file named here cannot be followed: it is "+named.Why, "write its name in place")
	}
	if strings.Contains(named.Text, "://") && !strings.HasPrefix(named.Text, "file://") {
		return nil, fault.New(fault.Input, at, "the file named here is somewhere on the network, and is not fetched", remedy)
	}
	file, _ := clientconfig.File(named)
	wanted := path.Clean("/" + file.Text)[1:]
	if wanted == "" {
		return nil, fault.New(fault.Input, at, "no file is named here", "name one, or remove the line")
	}
	var match []*said.File
	for _, same := range []func(f *said.File) bool{
		func(f *said.File) bool { return f.Path == path.Join(path.Dir(from.Path), wanted) },
		func(f *said.File) bool { return strings.HasSuffix("/"+f.Path, "/"+wanted) },
	} {
		for i := range b.files {
			if f := &b.files[i]; b.source(f.Path) > 0 && same(f) {
				match = append(match, f)
			}
		}
		if len(match) > 0 {
			break
		}
	}
	b.loads++
	switch {
	case b.loads > maxLoads:
		return nil, fault.New(fault.Input, at, "the files name far more others than a client's do", "keep those that are in use")
	case len(match) == 0:
		return nil, fault.New(fault.Input, at, fmt.Sprintf("the %s file named here is not in the bundle", b.name), remedy)
	case len(match) > 1:
		return nil, fault.New(fault.Input, at, "the file named here is in the bundle more than once", "name it with its folder")
	case match[0].Data == nil:
		return nil, fault.New(fault.Input, at, "the file named here is too large to be a client's", "name the client's file")
	}
	return match[0], nil
}
