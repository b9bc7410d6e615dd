package java

import (
	"bytes"
	"encoding/xml"
	"io"
	"path"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// maxPOM is the largest pom.xml that is read, in bytes. The console's has 3 KiB.
const maxPOM = 1 << 20

func pomLimit(name string) int64 {
	if path.Base(name) == "pom.xml" {
		return maxPOM
	}
	return 0
}

// pom is what the console's Maven plugin is told about the cluster: a second
// source of the name and the url.
type pom struct {
	name, url said.Value
	// id means that the name was given as clusterId, which may lack the name's prefix.
	id bool
}

// clusterPrefix starts the names of cloud clusters. An id lacks it.
const clusterPrefix = "pr-"

// addPOMs gives each configuration what the pom.xml of its source's project says.
func addPOMs(candidates []said.Candidate, files []said.File) {
	paths, poms := map[string]string{}, map[string]said.File{}
	for _, f := range files {
		if pomLimit(f.Path) > 0 {
			poms[f.Path] = f
		} else {
			paths[f.Name] = f.Path
		}
	}
	read := map[string]*said.Second{}
	for _, c := range candidates {
		for i := range c.Configs {
			name := nearestPOM(paths[c.Configs[i].At.File], poms)
			if name == "" {
				continue
			}
			if read[name] == nil {
				read[name] = readPOM(poms[name])
			}
			c.Configs[i].Second = read[name]
		}
	}
}

// nearestPOM finds the pom.xml in the source's folder, or else in the nearest folder
// above it that has one. It gives "" where there is none.
func nearestPOM(source string, poms map[string]said.File) string {
	for dir := path.Dir(source); ; dir = path.Dir(dir) {
		if _, ok := poms[path.Join(dir, "pom.xml")]; ok {
			return path.Join(dir, "pom.xml")
		}
		if dir == "." || dir == "/" {
			return ""
		}
	}
}

func readPOM(f said.File) *said.Second {
	unread := func(why string) *said.Second {
		return &said.Second{Warnings: []said.Warning{{At: fault.In(f.Name), Text: why + "; its values were not compared"}}}
	}
	if f.TooLarge {
		return unread("is too large to be read")
	}
	p, err := parsePOM(f.Name, f.Data)
	if err != nil {
		return unread("is not well-formed XML")
	}
	second := &said.Second{Name: p.name, URL: p.url}
	if p.id {
		second.NamePrefix = clusterPrefix
	}
	return second
}

// pomReader walks the elements of a pom.xml.
type pomReader struct {
	file       string
	path       []string
	properties map[string]said.Value
	found      pom
	plugin     pom // of the plugin being read
	cloud      bool
}

// parsePOM reads apiBaseUrl and clusterName or clusterId from the configuration
// of Hazelcast's plugin; other plugins may have elements of the same name.
func parsePOM(file string, data []byte) (*pom, error) {
	p := &pomReader{file: file, properties: map[string]said.Value{}}
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
	f := said.Of(text, fault.Position{File: p.file, Line: line, Column: column})
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
	case parent == "configuration" && element == "clusterId" && p.plugin.name.State == said.Absent:
		p.plugin.name, p.plugin.id = f, true
	}
}

// resolve follows one ${property}. It leaves out anything more complicated, since the
// source has the value too.
func (p *pomReader) resolve(f said.Value) said.Value {
	if name, ok := strings.CutPrefix(f.Text, "${"); ok {
		return p.properties[strings.TrimSuffix(name, "}")]
	}
	return f
}
