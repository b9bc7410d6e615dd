// Package clientconfig knows what the elements of a declarative configuration of a
// Hazelcast client mean. They have the same names in hazelcast-client.xml, in
// hazelcast-client.yaml and in Spring's XML, so the readers of all three turn their
// files into a tree of Nodes, and this package turns the tree into what is said of one
// cluster.
//
// Nothing is dropped silently: an element without a counterpart in a project becomes a
// note. The package reads no file.
package clientconfig

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/bundle/xmlpos"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// Node is an element or an attribute of XML, or a key of YAML with what it holds. An
// item of a YAML sequence has no name.
type Node struct {
	Name string
	At   fault.Position
	// Value is the text, Absent where there is none.
	Value    said.Value
	Children []*Node
}

// Child gives the first child of a name, nil for none. A nil Node has no children.
func (n *Node) Child(name string) *Node {
	if n == nil {
		return nil
	}
	for _, c := range n.Children {
		if c.is(name) {
			return c
		}
	}
	return nil
}

// text is the value of the first child of a name.
func (n *Node) text(name string) said.Value {
	if c := n.Child(name); c != nil {
		return c.Value
	}
	return said.Value{}
}

// is compares names as Hazelcast does: without regard to case and dashes.
func (n *Node) is(name string) bool { return plain(n.Name) == plain(name) }

func plain(name string) string { return strings.ToLower(strings.ReplaceAll(name, "-", "")) }

// Resolve puts what resolve makes of it in the place of each value.
func (n *Node) Resolve(resolve func(said.Value) said.Value) {
	if n.Value.State == said.Known {
		n.Value = resolve(n.Value)
	}
	for _, c := range n.Children {
		c.Resolve(resolve)
	}
}

// Merge adds the children of another file's node, as an import does. Keys that both
// have are merged in turn. A value that both have is kept twice: Read then refuses it,
// unless both are the same.
func (n *Node) Merge(from *Node) {
	for _, c := range from.Children {
		have := n.Child(c.Name)
		if have == nil || c.Name == "" || len(have.Children) == 0 || len(c.Children) == 0 {
			n.Children = append(n.Children, c)
			continue
		}
		have.Merge(c)
	}
}

// FromXML makes a node of an element: its attributes become children too. Attributes
// of another namespace are about the file itself and are left out.
func FromXML(e *xmlpos.Element) *Node {
	n := &Node{Name: e.Name, At: e.At}
	if text := strings.TrimSpace(string(e.Text)); text != "" || len(e.Children) == 0 && len(e.Attributes) == 0 {
		at := e.TextAt
		if at.Line == 0 {
			at = e.At
		}
		n.Value = said.Of(text, at)
	}
	for _, a := range e.Attributes {
		if a.Space == "" && a.Name != "xmlns" {
			n.Children = append(n.Children, &Node{Name: a.Name, At: a.At, Value: said.Of(strings.TrimSpace(a.Value), a.At)})
		}
	}
	for _, c := range e.Children {
		n.Children = append(n.Children, FromXML(c))
	}
	return n
}

// Limits on a YAML file. Aliases repeat what they name, so they count each time.
const (
	maxDepth = 64
	maxNodes = 50_000
	// maxDocuments is for Spring Boot, which has one for each profile.
	maxDocuments = 64
)

// yamlReader makes nodes of one YAML file.
type yamlReader struct {
	file  string
	lines []string
	// offsets are those of the characters of a line, nil for a line of ASCII alone.
	offsets map[int][]int32
	nodes   int
	wrong   *fault.Fault
}

// FromYAML reads the documents of a YAML file. Each becomes a node without a name. An
// empty document has no children.
func FromYAML(file string, data []byte) ([]*Node, *fault.Fault) {
	r := &yamlReader{file: file, lines: strings.Split(string(data), "\n"), offsets: make(map[int][]int32)}
	decoder := yaml.NewDecoder(strings.NewReader(string(data)))
	var list []*Node
	for {
		var doc yaml.Node
		if err := decoder.Decode(&doc); err != nil {
			if errors.Is(err, io.EOF) {
				return list, nil
			}
			return nil, fault.Wrap(fault.Input, r.broken(err), "is not well-formed YAML", "correct the file: mind the indentation and the quotes", err)
		}
		n := &Node{At: fault.Position{File: file, Line: 1, Column: 1}}
		for _, content := range doc.Content {
			r.fill(n, content, 0)
		}
		if r.wrong != nil {
			return nil, r.wrong
		}
		if list = append(list, n); len(list) > maxDocuments {
			return nil, fault.New(fault.Input, n.At, "the file holds far more documents than a client's", "give the file with the client's configuration alone")
		}
	}
}

// broken takes the line out of the decoder's message, whose words can repeat a secret.
func (r *yamlReader) broken(err error) fault.Position {
	var line int
	if _, number, found := strings.Cut(err.Error(), "line "); found {
		if _, err := fmt.Sscanf(number, "%d", &line); err != nil {
			line = 0
		}
	}
	return fault.Position{File: r.file, Line: min(line, len(r.lines))}
}

func (r *yamlReader) refuse(at fault.Position, cause, remedy string) {
	if r.wrong == nil {
		r.wrong = fault.New(fault.Input, at, cause, remedy)
	}
}

// fill gives n what y holds.
func (r *yamlReader) fill(n *Node, y *yaml.Node, depth int) {
	at := r.position(y)
	for hops := 0; y.Kind == yaml.AliasNode && y.Alias != nil; hops++ {
		if hops > maxDepth {
			r.refuse(at, "an alias here names itself", "write the values in place")
			return
		}
		y = y.Alias
	}
	if r.nodes++; r.nodes > maxNodes || depth > maxDepth {
		r.refuse(at, "the file has far more or deeper keys than a client's, or aliases that multiply", "give the file with the client's configuration alone")
	}
	if r.wrong != nil {
		return
	}
	switch y.Kind {
	case yaml.ScalarNode:
		if y.Tag != "!!null" {
			n.Value = said.Of(strings.TrimSpace(y.Value), r.position(y))
		}
	case yaml.SequenceNode:
		for _, item := range y.Content {
			c := &Node{At: r.position(item)}
			n.Children = append(n.Children, c)
			r.fill(c, item, depth+1)
		}
	case yaml.MappingNode:
		r.mapping(n, y, depth)
	}
}

func (r *yamlReader) mapping(n *Node, y *yaml.Node, depth int) {
	seen := make(map[string]bool)
	for i := 0; i+1 < len(y.Content) && r.wrong == nil; i += 2 {
		key, value := y.Content[i], y.Content[i+1]
		at := r.position(key)
		switch {
		case key.Kind != yaml.ScalarNode:
			r.refuse(at, "a key here is not a text", "correct the file")
		case key.Tag == "!!merge":
			r.fill(n, value, depth+1)
		case seen[key.Value]:
			r.refuse(at, "a key stands here for the second time", "remove one of the two")
		default:
			seen[key.Value] = true
			c := &Node{Name: key.Value, At: at}
			n.Children = append(n.Children, c)
			r.fill(c, value, depth+1)
		}
	}
}

// position counts columns in bytes, the parser does in characters.
func (r *yamlReader) position(y *yaml.Node) fault.Position {
	at := fault.Position{File: r.file, Line: y.Line, Column: y.Column}
	if y.Line < 1 || y.Line > len(r.lines) {
		return at
	}
	offsets, had := r.offsets[y.Line]
	if !had {
		if line := r.lines[y.Line-1]; utf8.RuneCountInString(line) < len(line) {
			for i := range line {
				offsets = append(offsets, int32(i))
			}
		}
		r.offsets[y.Line] = offsets
	}
	if y.Column >= 1 && y.Column <= len(offsets) {
		at.Column = int(offsets[y.Column-1]) + 1
	}
	return at
}
