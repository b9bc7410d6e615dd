package spec

import (
	"bytes"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// EditClusters returns the text of a failover.yaml with another list of bundles, of
// which only Bundle and Entry count. A cluster that stays keeps its values and its
// comments, wherever it stands now. One that takes the place of another keeps the
// comments above it and behind its bundle. All else stays. The text must be valid;
// faults name path.
func EditClusters(path string, text []byte, clusters []Cluster) ([]byte, error) {
	s, err := Parse(path, text)
	if err != nil {
		return nil, err
	}
	was := s.Clusters
	from := SameClusters(was, clusters)
	same := len(was) == len(clusters)
	for i, j := range from {
		same = same && i == j
	}
	if same {
		return text, nil
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(text, &doc); err != nil {
		return nil, err
	}
	s.Clusters = make([]Cluster, len(clusters))
	for i, c := range clusters {
		s.Clusters[i] = Cluster{Bundle: c.Bundle, Entry: c.Entry}
		if from[i] >= 0 {
			s.Clusters[i] = was[from[i]]
		}
	}
	refused := fault.New(fault.Input, fault.In(path), "the list of clusters cannot be changed in this layout of the file", "edit the file by hand")
	list := valueOf(resolve(doc.Content[0]), keyClusters)
	if list.Kind != yaml.SequenceNode || list.Style&yaml.FlowStyle != 0 {
		return nil, refused
	}
	edited := editList(text, list, clusters, from)
	if again, err := Parse(path, edited); err != nil || !again.Equal(s) {
		return nil, refused
	}
	return edited, nil
}

// SameClusters gives for each cluster of a new list the place of the same one in the
// old list, -1 for none. Clusters are the same if their bundle and entry are.
func SameClusters(old, list []Cluster) []int {
	same := func(a, b Cluster) bool { return a.Bundle == b.Bundle && a.Entry == b.Entry }
	from := make([]int, len(list))
	for i, c := range list {
		if from[i] = -1; i < len(old) && same(old[i], c) {
			from[i] = i
		}
	}
	for i, c := range list {
		for j := range old {
			if from[i] < 0 && same(old[j], c) && !slices.Contains(from, j) {
				from[i] = j
			}
		}
	}
	return from
}

// item is one cluster in the lines of a file: its comments, itself, and the blank
// lines and comments between it and the comments of the next one.
type item struct{ head, body, rest []string }

// editList writes the list anew from its parts.
func editList(text []byte, list *yaml.Node, clusters []Cluster, from []int) []byte {
	lines := strings.SplitAfter(string(text), "\n")
	end := "\n"
	if bytes.Contains(text, []byte("\r\n")) {
		end = "\r\n"
	}
	items, first, after := split(lines, list)
	var out strings.Builder
	out.WriteString(strings.Join(lines[:first], ""))
	for i, c := range clusters {
		part := item{}
		switch {
		case from[i] >= 0:
			part = items[from[i]]
		default:
			comment := ""
			if i < len(items) && !slices.Contains(from, i) {
				part, comment = items[i], commentOf(list.Content[i])
			}
			part.body = newItem(c, list.Column-1, comment, end)
		}
		for _, line := range slices.Concat(part.head, part.body, part.rest) {
			out.WriteString(strings.TrimRight(line, "\r\n") + end)
		}
	}
	out.WriteString(strings.Join(lines[after:], ""))
	return []byte(out.String())
}

// split finds the items of a list in the lines of its file. They stand from line
// first to before line after, counted from 0.
func split(lines []string, list *yaml.Node) (items []item, first, after int) {
	isComment := func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "#") }
	after = list.Line - 1
	first = -1
	for _, node := range list.Content {
		dash := node.Line - 1
		for dash > after && !strings.HasPrefix(strings.TrimSpace(lines[dash]), "-") {
			dash--
		}
		head := dash
		for head > after && isComment(lines[head-1]) {
			head--
		}
		if first < 0 {
			for first = dash; first > 0 && isComment(lines[first-1]); first-- {
			}
			head = first
		} else {
			items[len(items)-1].rest = lines[after:head]
		}
		after = lastLine(node)
		items = append(items, item{head: lines[head:dash], body: lines[dash:after]})
	}
	return items, first, after
}

// commentOf is the comment behind the bundle of a cluster.
func commentOf(n *yaml.Node) string {
	if value := valueOf(resolve(n), keyBundle); value != nil {
		return value.LineComment
	}
	return ""
}

// newItem is a cluster of which nothing but the bundle is known.
func newItem(c Cluster, indent int, comment, end string) (lines []string) {
	var w writer
	w.cluster(&Cluster{Bundle: c.Bundle, Entry: c.Entry})
	for line := range strings.Lines(w.String()) {
		line = strings.Repeat(" ", indent) + strings.TrimSuffix(line[len("  "):], "\n")
		if len(lines) == 0 && comment != "" {
			line += "  " + comment
		}
		lines = append(lines, line+end)
	}
	return lines
}
