package spec

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// Change is one value of a failover.yaml that is to be another.
type Change struct {
	Cluster int // counted from 1; 0 for a value outside the clusters
	Key     string
	Value   string
}

// Edit returns the text of a failover.yaml with the values changed and all else,
// comments included, as it was. The text must be valid; faults name path.
func Edit(path string, text []byte, changes []Change) ([]byte, error) {
	for _, c := range changes {
		s, err := Parse(path, text)
		if err != nil {
			return nil, err
		}
		var wrong *fault.Fault
		if c.Cluster == 0 {
			wrong = s.Set(c.Key, c.Value)
		} else {
			wrong = s.SetCluster(c.Cluster, c.Key, c.Value)
		}
		if wrong != nil {
			return nil, wrong
		}
		edited, err := edit(text, c, s)
		if err != nil {
			return nil, err
		}
		again, err := Parse(path, edited)
		if errors.Is(err, errContradiction) {
			return nil, err
		}
		if err != nil || !again.Equal(s) {
			return nil, fault.New(fault.Input, fault.In(path), fmt.Sprintf("the value %s cannot be changed in this layout of the file", c.Key), "edit the file by hand")
		}
		text = edited
	}
	return text, nil
}

// edit changes one value in a text that was parsed before. The spec has the new value.
func edit(data []byte, c Change, s *Spec) ([]byte, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil {
		return nil, err
	}
	m := resolve(doc.Content[0])
	value := quote(c.Value)
	switch {
	case c.Cluster > 0:
		m = resolve(resolve(valueOf(m, keyClusters)).Content[c.Cluster-1])
		switch {
		case slices.ContainsFunc(new(Cluster).numbers(), func(x number) bool { return x.key == c.Key }):
			value = c.Value
		case c.Key == keyAddresses:
			value = "[" + strings.Join(quoteAll(strings.Split(c.Value, ",")), ", ") + "]"
		}
	default:
		in, field := s.inSection(c.Key)
		if field == nil {
			break
		}
		switch field.(type) {
		case text, span: // as the user wrote it
		default:
			value = field.text()
		}
		section := valueOf(m, in.key)
		if section == nil {
			return insertLine(data, lastLine(m), 0, in.key+":\n  "+c.Key+": "+value), nil
		}
		m = resolve(section)
	}
	if old := valueOf(m, c.Key); old != nil && m.Style&yaml.FlowStyle == 0 {
		return replaceValue(data, old, value), nil
	}
	return insertLine(data, lastLine(m), m.Column-1, c.Key+": "+value), nil
}

// valueOf is the value of a key, nil if the mapping does not have it.
func valueOf(m *yaml.Node, key string) *yaml.Node {
	for i := 0; i+1 < len(m.Content); i += 2 {
		if m.Content[i].Value == key {
			return m.Content[i+1]
		}
	}
	return nil
}

func quoteAll(list []string) []string {
	for i, v := range list {
		list[i] = quoteIn(strings.TrimSpace(v), yaml.DoubleQuotedStyle)
	}
	return list
}

// lastLine is the last line of what is below n.
func lastLine(n *yaml.Node) int {
	line := n.Line
	for _, c := range n.Content {
		line = max(line, lastLine(c))
	}
	return line
}

// replaceValue puts a value in place of the rest of the line in which the old one
// begins, up to a comment.
func replaceValue(text []byte, old *yaml.Node, value string) []byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	line := lines[old.Line-1]
	rest := string(line[old.Column-1:])
	comment := ""
	if old.LineComment != "" {
		if at := strings.LastIndex(rest, old.LineComment); at >= 0 {
			comment = rest[:at]
			comment = comment[len(strings.TrimRight(comment, " \t")):] + strings.TrimRight(rest[at:], "\r\n")
		}
	}
	end := rest[len(strings.TrimRight(rest, "\r\n")):]
	lines[old.Line-1] = []byte(string(line[:old.Column-1]) + value + comment + end)
	return bytes.Join(lines, nil)
}

// insertLine puts a line behind another one.
func insertLine(text []byte, after, indent int, content string) []byte {
	lines := bytes.SplitAfter(text, []byte("\n"))
	end := "\n"
	if bytes.HasSuffix(lines[after-1], []byte("\r\n")) {
		end = "\r\n"
	}
	if !bytes.HasSuffix(lines[after-1], []byte("\n")) {
		lines[after-1] = append(lines[after-1], end...)
	}
	lines = slices.Insert(lines, after, []byte(strings.Repeat(" ", indent)+content+end))
	return bytes.Join(lines, nil)
}
