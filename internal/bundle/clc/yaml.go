package clc

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// document is a file on its way to settings.
type document struct {
	file   string
	lines  [][]byte
	values settings
}

// maxSettings bounds the work that aliases can make; CLC knows about 20 settings.
const maxSettings = 1000

// parse gives the settings of a file. JSON is YAML too.
func parse(file string, data []byte) (settings, *fault.Fault) {
	d := &document{file: file, lines: bytes.Split(data, []byte("\n")), values: settings{}}
	var root yaml.Node
	if err := yaml.Unmarshal(data, &root); err != nil {
		return nil, fault.New(fault.Input, fault.Position{File: file, Line: lineOf(err)}, "is not well-formed YAML", "correct the file: it must be YAML or JSON in UTF-8")
	}
	if root.Kind == yaml.DocumentNode {
		if err := d.section("", root.Content[0], 0); err != nil {
			return nil, err
		}
	}
	return d.values, nil
}

// section reads a mapping. CLC takes dots in keys for sections.
func (d *document) section(prefix string, n *yaml.Node, depth int) *fault.Fault {
	n = followed(n)
	if n.Kind != yaml.MappingNode || depth > 3 {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], followed(n.Content[i+1])
		if key.Tag == "!!merge" {
			return fault.New(fault.Input, d.at(key), "the key << is not read", "write the settings in place")
		}
		name := prefix + key.Value
		if value.Kind == yaml.MappingNode {
			if err := d.section(name+".", value, depth+1); err != nil {
				return err
			}
			continue
		}
		if have, twice := d.values[name]; twice {
			return fault.New(fault.Input, d.at(key), fmt.Sprintf("this setting is here for the second time; the first is at %s", have.At), "remove one of them")
		}
		if len(d.values) >= maxSettings {
			return fault.New(fault.Input, d.at(key), fmt.Sprintf("there are more than %d settings, far more than CLC has", maxSettings), "give the file that CLC uses")
		}
		d.values[name] = d.value(value)
	}
	return nil
}

// followed gives the node that an alias stands for.
func followed(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// value reads a scalar. A number counts as it is written only where CLC would write
// it so: it reads 010 as 8.
func (d *document) value(n *yaml.Node) said.Value {
	at := d.at(n)
	switch {
	case n.Kind != yaml.ScalarNode:
		return said.Unknown("something other than a text", at)
	case n.Tag == "!!null":
		return said.Value{}
	case n.Tag == "!!str", n.Tag == "!!bool":
		return said.Of(n.Value, at)
	case n.Tag == "!!int":
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && strconv.FormatInt(i, 10) == n.Value {
			return said.Of(n.Value, at)
		}
	}
	return said.Unknown("a number or a date without quotation marks", at)
}

// at is the position of a node. YAML counts columns in characters.
func (d *document) at(n *yaml.Node) fault.Position {
	at := fault.Position{File: d.file, Line: n.Line, Column: n.Column}
	if n.Line < 1 || n.Line > len(d.lines) {
		return at
	}
	line, column := d.lines[n.Line-1], 1
	if n.Line == 1 && bytes.HasPrefix(line, []byte("\uFEFF")) {
		line, column = line[3:], 4
	}
	for i := 1; i < n.Column && len(line) > 0; i++ {
		_, size := utf8.DecodeRune(line)
		line, column = line[size:], column+size
	}
	at.Column = column
	return at
}

var lineNumber = regexp.MustCompile(`line (\d+)`)

// lineOf takes the line out of an error of the YAML library. The rest of its text may
// repeat the file, and with it a secret.
func lineOf(err error) int {
	if m := lineNumber.FindStringSubmatch(strings.TrimPrefix(err.Error(), "yaml: ")); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 1
}
