package spring

import (
	"bytes"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/clientconfig"
	"github.com/failover-gen/failover-gen/internal/bundle/properties"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// Boot is what package bundle lists among its readers.
var Boot = said.Reader{
	Form: "spring-boot", Noun: "Spring Boot file", Looked: "Spring Boot's application.properties with hazelcast.cloud",
	Source: isApplication, Beside: namable, Read: readBoot,
	Mentions: hasKeys,
	Spelling: said.Spelling{Name: "hazelcast.cloud.clusterId", Token: "hazelcast.cloud.discoveryToken",
		KeystorePassword: "hazelcast.cloud.keyStorePassword", TruststorePassword: "hazelcast.cloud.trustStorePassword"},
	Failover: "give each by itself, with --primary and --secondary,", One: true,
}

func hasKeys(data []byte) bool { return bytes.Contains(data, []byte("hazelcast")) }

// isApplication knows Spring Boot's files by their names.
func isApplication(name string) int64 {
	stem, ending, _ := strings.Cut(path.Base(name), ".")
	if (stem == "application" || strings.HasPrefix(stem, "application-")) && slices.Contains([]string{"properties", "yaml", "yml"}, ending) {
		return maxSource
	}
	return 0
}

// namable are the files that a configuration can name.
func namable(name string) int64 {
	switch strings.ToLower(path.Ext(name)) {
	case ".xml", ".yaml", ".yml":
		return maxSource
	}
	return 0
}

// settings are keys with their values. They are found by what relaxed makes of the key.
type settings map[string]setting

// setting is one key as the file spells it.
type setting struct {
	key string
	said.Value
}

func (s settings) put(key string, v said.Value) { s[relaxed(key)] = setting{key, v} }

func (s settings) get(key string) said.Value { return s[relaxed(key)].Value }

// document is one document of a file.
type document struct {
	// profile is that under which it counts, "" for always.
	profile string
	at      fault.Position
	values  settings
	// isYAML documents give way to those of properties files.
	isYAML bool
}

// application is the files of one folder.
type application struct {
	documents []document
	files     []said.File
}

func readBoot(files []said.File) (list []said.Candidate, faults fault.List) {
	folders := make(map[string]*application)
	var order []string
	for _, f := range files {
		if isApplication(f.Path) == 0 || f.Data == nil || f.Beside || forTests(f.Path) {
			continue
		}
		documents, wrong := documentsOf(f)
		if wrong != nil {
			if hasKeys(f.Data) {
				faults = append(faults, wrong)
			}
			continue
		}
		folder := path.Dir(f.Path)
		if folders[folder] == nil {
			folders[folder] = &application{files: files}
			order = append(order, folder)
		}
		folders[folder].documents = append(folders[folder].documents, documents...)
	}
	for _, folder := range order {
		candidates, wrong := folders[folder].read()
		list, faults = append(list, candidates...), append(faults, wrong...)
	}
	return list, faults
}

// documentsOf splits a file into its documents.
func documentsOf(f said.File) ([]document, *fault.Fault) {
	stem, _, _ := strings.Cut(path.Base(f.Path), ".")
	_, profile, _ := strings.Cut(stem, "-")
	var list []document
	if strings.HasSuffix(f.Path, ".properties") {
		for _, part := range parts(f.Data) {
			part := said.File{Name: f.Name, Path: f.Path, Data: part}
			d := document{at: fault.Position{File: f.Name, Line: 1, Column: 1}, values: make(settings)}
			values := properties.Read(&part)
			for _, key := range slices.Sorted(maps.Keys(values)) {
				d.values.put(key, values[key])
			}
			list = append(list, d)
		}
	} else {
		documents, wrong := clientconfig.FromYAML(f.Name, f.Data)
		if wrong != nil {
			return nil, wrong
		}
		for _, n := range documents {
			d := document{at: n.At, values: make(settings), isYAML: true}
			flatten("", n, d.values)
			list = append(list, d)
		}
	}
	for i := range list {
		list[i].profile = profile
		for _, key := range []string{"spring.config.activate.on-profile", "spring.profiles"} {
			if on := list[i].values.get(key); on.Text != "" {
				list[i].profile, list[i].at = on.Text, on.At
			}
		}
	}
	return list, nil
}

const (
	// maxParts bounds the documents of a properties file.
	maxParts = 64
	// maxKey bounds the length of a key in YAML.
	maxKey = 1000
)

// parts splits a properties file at lines of #--- or !---. Each part keeps its lines
// by blank ones before it.
func parts(data []byte) [][]byte {
	var list [][]byte
	lines := bytes.SplitAfter(data, []byte("\n"))
	begin := 0
	for i := 0; i <= len(lines); i++ {
		separator := i < len(lines) && slices.Contains([]string{"#---", "!---"}, strings.TrimSpace(string(lines[i])))
		if i == len(lines) || separator && len(list) < maxParts-1 {
			list = append(list, append(bytes.Repeat([]byte("\n"), begin), bytes.Join(lines[begin:i], nil)...))
			begin = i
		}
	}
	return list
}

// flatten spells keys of YAML as those of properties.
func flatten(above string, n *clientconfig.Node, into settings) {
	for i, c := range n.Children {
		key := c.Name
		switch {
		case key == "":
			key = above + "[" + strconv.Itoa(i) + "]"
		case above != "":
			key = above + "." + key
		}
		if c.Value.State != said.Absent {
			into.put(key, c.Value)
		}
		if len(key) < maxKey {
			flatten(key, c, into)
		}
	}
}

// read gives the client of an application. The documents that always count come first.
// Without a cluster in them, each profile stands for itself.
func (a *application) read() (list []said.Candidate, faults fault.List) {
	base := a.layer(nil, "")
	active := base.profiles()
	for _, profile := range active {
		base = a.layer(base, profile)
	}
	config, wrong := a.config(base)
	faults = append(faults, wrong...)
	if config.Name.State != said.Absent {
		for _, d := range a.documents {
			if d.profile != "" && !slices.Contains(active, d.profile) && mentionsCluster(d.values) {
				config.Warnings = append(config.Warnings, said.Warning{At: d.at, Text: "what the file says for a profile is not used: spring.profiles.active does not name it"})
			}
		}
		return append(list, said.Candidate{Used: true, Configs: []said.Config{config}}), faults
	}
	var profiles []string
	for _, d := range a.documents {
		if d.profile != "" && !slices.Contains(profiles, d.profile) && mentionsCluster(d.values) && len(profiles) < maxParts {
			profiles = append(profiles, d.profile)
			of, wrong := a.config(a.layer(base, d.profile))
			list, faults = append(list, said.Candidate{Used: true, Configs: []said.Config{of}}), append(faults, wrong...)
		}
	}
	if len(profiles) == 0 && config.Says() {
		list = append(list, said.Candidate{Used: true, Configs: []said.Config{config}})
	}
	return list, faults
}

// profiles are those that the application turns on by itself.
func (s settings) profiles() []string {
	text := s.get("spring.profiles.active").Text
	for i := range maxParts {
		text += "," + s.get("spring.profiles.active["+strconv.Itoa(i)+"]").Text
	}
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}

// layer puts the documents of a profile over values: those of YAML, then those of
// properties files.
func (a *application) layer(over settings, profile string) settings {
	values := make(settings)
	maps.Copy(values, over)
	for _, isYAML := range []bool{true, false} {
		for _, d := range a.documents {
			if d.profile != profile || d.isYAML != isYAML {
				continue
			}
			maps.Copy(values, d.values)
		}
	}
	return values
}

// relaxed spells a key without what Spring Boot passes over.
func relaxed(key string) string { return strings.ToLower(passedOver.Replace(key)) }

var passedOver = strings.NewReplacer("-", "", "_", "")

// prefixes of the keys about a cluster of the cloud. The second is the older one.
var prefixes = []string{"hazelcast.cloud.", "hazelcast.viridian."}

// mentionsCluster reports whether one of the keys is about a cluster.
func mentionsCluster(values settings) bool {
	for key := range values {
		for _, prefix := range prefixes {
			if strings.HasPrefix(key, prefix) {
				return true
			}
		}
	}
	return false
}
