package bundle

import (
	"bytes"
	"encoding/xml"
	"io"
	"path"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/java"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// maxPOM is the largest pom.xml that is read; the console's has 3 KiB.
const maxPOM = 1 << 20

// pom is what the console's Maven plugin is told about the cluster: a second
// source of the name and the url.
type pom struct {
	name, url java.Field
	// id: the name was given as clusterId, which may lack the name's prefix.
	id bool
}

// readPOM reads the pom.xml of the source's project, nil when there is none.
func (r *reader) readPOM(source string) (*pom, error) {
	for dir := path.Dir(source); ; dir = path.Dir(dir) {
		name := path.Join(dir, "pom.xml")
		if i, ok := r.tree.find(name); ok {
			if r.tree.files[i].size > maxPOM {
				r.warn(fault.Position{File: r.tree.display(name)}, "is too large to be read; its values were not compared")
				return nil, nil
			}
			content, err := r.tree.read([]string{name}, maxPOM)
			if err != nil {
				return nil, err
			}
			p, err := parsePOM(r.tree.display(name), content[name])
			if err != nil {
				r.warn(fault.Position{File: r.tree.display(name)}, "is not well-formed XML; its values were not compared")
				return nil, nil
			}
			return p, nil
		}
		if dir == "." || dir == "/" {
			return nil, nil
		}
	}
}

// pomReader walks the elements of a pom.xml.
type pomReader struct {
	file       string
	path       []string
	properties map[string]java.Field
	found      pom
	plugin     pom // of the plugin being read
	cloud      bool
}

// parsePOM reads apiBaseUrl and clusterName or clusterId from the configuration
// of Hazelcast's plugin; other plugins may have elements of the same name.
func parsePOM(file string, data []byte) (*pom, error) {
	p := &pomReader{file: file, properties: map[string]java.Field{}}
	d := xml.NewDecoder(bytes.NewReader(data))
	d.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	for {
		line, column := d.InputPos()
		token, err := d.Token()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		switch token := token.(type) {
		case xml.StartElement:
			p.path = append(p.path, token.Name.Local)
			if token.Name.Local == "plugin" {
				p.plugin, p.cloud = pom{}, false
			}
		case xml.EndElement:
			if token.Name.Local == "plugin" && p.cloud {
				p.found = p.plugin
			}
			p.path = p.path[:len(p.path)-1]
		case xml.CharData:
			p.text(string(token), line, column)
		}
	}
	p.found.name, p.found.url = p.resolve(p.found.name), p.resolve(p.found.url)
	return &p.found, nil
}

func (p *pomReader) text(raw string, line, column int) {
	lead := raw[:len(raw)-len(strings.TrimLeft(raw, " \t\r\n"))]
	text := strings.TrimSpace(raw)
	if text == "" || len(p.path) < 2 {
		return
	}
	if n := strings.Count(lead, "\n"); n > 0 {
		line, column = line+n, len(lead)-strings.LastIndexByte(lead, '\n')
	} else {
		column += len(lead)
	}
	f := java.Field{State: java.Known, Text: text, At: fault.Position{File: p.file, Line: line, Column: column}}
	parent, element := p.path[len(p.path)-2], p.path[len(p.path)-1]
	switch {
	case parent == "properties":
		p.properties[element] = f
	case parent == "plugin" && (element == "groupId" && strings.HasPrefix(text, "com.hazelcast") || element == "artifactId" && strings.HasPrefix(text, "hazelcast-cloud")):
		p.cloud = true
	case parent == "configuration" && element == "apiBaseUrl":
		p.plugin.url = f
	case parent == "configuration" && element == "clusterName":
		p.plugin.name, p.plugin.id = f, false
	case parent == "configuration" && element == "clusterId" && p.plugin.name.State == java.Absent:
		p.plugin.name, p.plugin.id = f, true
	}
}

// resolve follows one ${property}; anything more is left out, for the source has it too.
func (p *pomReader) resolve(f java.Field) java.Field {
	if name, ok := strings.CutPrefix(f.Text, "${"); ok {
		return p.properties[strings.TrimSuffix(name, "}")]
	}
	return f
}

// fillFromPOM takes from pom.xml what the source does not set.
func (r *reader) fillFromPOM(c *java.Config, p *pom) {
	if c.Name.State == java.Absent {
		c.Name = p.name
	}
	if c.URL.State == java.Absent {
		c.URL = p.url
	}
}

// comparePOM refuses a pom.xml that speaks of another cluster, and lists its
// placeholders where the source has its own.
func (r *reader) comparePOM(configs []java.Config, p *pom) {
	if p == nil || len(configs) > 1 {
		return // one pom.xml cannot speak of several clusters
	}
	for _, s := range []struct {
		setting
		second java.Field
		same   func(a, b string) bool
	}{
		{nameSetting, p.name, func(a, b string) bool { return a == b || p.id && a == "pr-"+b }},
		{urlSetting, p.url, func(a, b string) bool { return strings.TrimRight(a, "/") == strings.TrimRight(b, "/") }},
	} {
		first := *s.of(&configs[0])
		switch {
		case first.State != java.Known || s.second.State != java.Known || r.overrides.has(0, s.field):
		case placeholder(s.second.Text) != "":
			if placeholder(first.Text) != "" {
				r.checkSetting(0, s.setting, &s.second)
			}
		case placeholder(first.Text) == "" && !s.same(first.Text, s.second.Text):
			r.faults = append(r.faults, r.disagreement(0, s.setting, first.At, first, s.second.At, s.second))
		}
	}
}
