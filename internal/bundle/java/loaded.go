package java

import (
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/failover-gen/failover-gen/internal/bundle/properties"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
)

// This file follows what a source takes from files beside it: properties files are
// read here, and a client's configuration in XML or YAML is named to package bundle,
// which has readers for those.

// maxProperties is the largest properties file that is read, in bytes.
const maxProperties = 256 << 10

// listed makes files known by name, without their content.
const listed = 1

func beside(name string) int64 {
	if limit := pomLimit(name); limit > 0 {
		return limit
	}
	if slices.Contains(defaultFiles, path.Base(name)) || slices.Contains(defaultLists, path.Base(name)) {
		return listed
	}
	return min(properties.Limit(name), maxProperties)
}

// Where Java looks for a configuration that nothing names, first to last.
var (
	defaultFiles = []string{"hazelcast-client.xml", "hazelcast-client.yaml", "hazelcast-client.yml"}
	defaultLists = []string{"hazelcast-client-failover.xml", "hazelcast-client-failover.yaml", "hazelcast-client-failover.yml"}
)

// streams are classes whose first argument is the file that they read.
var streams = map[string]bool{
	"FileInputStream": true, "FileReader": true, "InputStreamReader": true, "BufferedInputStream": true, "BufferedReader": true,
	"ClassPathResource": true, "FileSystemResource": true,
}

// lose makes all properties of o unknown that it had: a file that is not followed may
// replace any of them.
func (o *object) lose(why value) {
	o.props = map[string]slot{}
	o.loaded = why
}

// load takes the properties of a file into o.
func (m *machine) load(o *object, x *expr, from value) {
	if from.kind != isText {
		o.lose(unknown(x.at, "a property that is loaded from a file"))
		return
	}
	f := m.properties.Find(strings.TrimPrefix(from.text, "classpath:"), x.at.File)
	if f == nil {
		o.lose(unknown(x.at, "a property of "+fileOf(from.text)+", which is not in the bundle"))
		return
	}
	o.file = path.Base(f.Path)
	values := m.properties.Values(f)
	if !m.spend(len(values)) {
		return
	}
	for key, v := range values {
		m.noteStore(o, value{kind: isText, text: key}, x.at)
		o.props[key] = m.put(o.props[key], fromFile(v))
	}
}

// fromFile takes over a value of a properties file. Java reads such files as ISO 8859-1
// or as UTF-8, which differ beyond ASCII.
func fromFile(v said.Value) value {
	if strings.ContainsFunc(v.Text, func(r rune) bool { return r > unicode.MaxASCII }) {
		return unknown(v.At, "a text beyond ASCII in a properties file, whose encoding is not known")
	}
	return value{kind: isText, text: v.Text, at: v.At}
}

// fileOf names a file in a reason, where its name can be shown.
func fileOf(name string) string {
	if base := path.Base(name); said.Plain(base) && strings.Contains(base, ".") {
		return "the file " + base
	}
	return "a file"
}

// called names what an argument names, where that can be shown.
func called(what string, args []value) string {
	if len(args) > 0 && args[0].kind == isText && said.Plain(args[0].text) && args[0].text != "" {
		return "the " + what + " " + args[0].text
	}
	return "a " + what
}

// propertyOf follows getProperty and its like.
func (m *machine) propertyOf(o *object, x *expr, args []value) value {
	if s, ok := o.props[args[0].text]; ok && args[0].kind == isText {
		return s.value
	}
	switch {
	case o == m.system:
		return unknown(x.at, called("system property", args))
	case o.loaded.kind != nothing:
		return o.loaded
	case o.file == "" || args[0].kind != isText || slices.Contains(o.takers, nil):
		return unknown(x.at, "the result of "+o.class+"."+x.name+"()")
	case len(args) == 2:
		return args[1]
	}
	return unknown(x.at, called("property", args)+", which "+fileOf(o.file)+" does not set")
}

// bundleOf makes a ResourceBundle. One with files for several languages is not followed.
func (m *machine) bundleOf(x *expr, args []value) value {
	o := newObject("ResourceBundle", x.at, nil)
	if len(args) != 1 || args[0].kind != isText {
		o.lose(unknown(x.at, "a property that is loaded from a file"))
		return o.value()
	}
	name := strings.ReplaceAll(args[0].text, ".", "/")
	if slices.ContainsFunc(m.files, func(f said.File) bool { return strings.Contains("/"+f.Path, "/"+name+"_") }) {
		o.lose(unknown(x.at, "a property of a file of which there is one for each language"))
		return o.value()
	}
	m.load(o, x, value{kind: isText, text: name + ".properties", at: args[0].at})
	return o.value()
}

// configLoaders are the classes that make a configuration from a file. Those of the
// second kind are themselves the configuration.
var (
	configBuilders = map[string]string{
		"XmlClientConfigBuilder": "ClientConfig", "YamlClientConfigBuilder": "ClientConfig",
		"XmlClientFailoverConfigBuilder": "ClientFailoverConfig", "YamlClientFailoverConfigBuilder": "ClientFailoverConfig",
	}
	configsOfFiles = map[string]string{
		"ClientClasspathXmlConfig": "ClientConfig", "ClientFileSystemXmlConfig": "ClientConfig", "ClientUrlXmlConfig": "ClientConfig",
		"ClientClasspathYamlConfig": "ClientConfig", "ClientFileSystemYamlConfig": "ClientConfig",
		"ClientFailoverClasspathXmlConfig": "ClientFailoverConfig", "ClientFailoverFileSystemXmlConfig": "ClientFailoverConfig",
		"ClientFailoverClasspathYamlConfig": "ClientFailoverConfig", "ClientFailoverFileSystemYamlConfig": "ClientFailoverConfig",
	}
)

// newLoaded makes an object of one of these classes. The remaining arguments give
// variables or a class loader.
func (m *machine) newLoaded(class string, x *expr, args []value) (value, bool) {
	o := newObject(class, x.at, nil)
	if made, ok := configsOfFiles[class]; ok {
		o.class = made
	} else if _, ok := configBuilders[class]; !ok {
		return value{}, false
	}
	o.from = m.sourceOf(x, args, strings.Contains(class, "Failover"))
	m.remember(o)
	return o.value(), true
}

// sourceOf gives the file that arguments name: the first text among them.
func (m *machine) sourceOf(x *expr, args []value, list bool) value {
	for _, arg := range args {
		if arg.kind == isText {
			return arg
		}
	}
	if len(args) > 0 {
		return unknown(x.at, "something that is not the name of a file")
	}
	property, names := "hazelcast.client.config", defaultFiles
	if list {
		property, names = "hazelcast.client.failover.config", defaultLists
	}
	if s, ok := m.system.props[property]; ok {
		return s.value
	}
	for _, name := range names {
		if slices.ContainsFunc(m.files, func(f said.File) bool { return path.Base(f.Path) == name }) {
			return value{kind: isText, text: name, at: x.at}
		}
	}
	return value{kind: isText, text: names[0], at: x.at}
}

// loadedBy follows the static methods that load a configuration: ClientConfig.load and
// its like.
func (m *machine) loadedBy(class string, x *expr, args []value) (value, bool) {
	if class != "ClientConfig" && class != "ClientFailoverConfig" || !strings.HasPrefix(x.name, "load") {
		return value{}, false
	}
	o := newObject(class, x.at, nil)
	o.from = m.sourceOf(x, args, class == "ClientFailoverConfig")
	if x.name == "loadFromString" {
		o.from = unknown(x.at, "a text in the source")
	}
	m.remember(o)
	return o.value(), true
}

// byDefault is the configuration of a client that is made without one. It is nothing
// where there is no file for it.
func (m *machine) byDefault(x *expr) {
	class, names := "ClientConfig", defaultFiles
	if x.name == "newHazelcastFailoverClient" {
		class, names = "ClientFailoverConfig", defaultLists
	}
	o := newObject(class, x.at, nil)
	o.from = m.sourceOf(x, nil, class != "ClientConfig")
	if !slices.ContainsFunc(m.files, func(f said.File) bool { return slices.Contains(names, path.Base(f.Path)) }) && o.from.text == names[0] {
		return
	}
	m.remember(o)
	m.clients = append(m.clients, o.value())
}
