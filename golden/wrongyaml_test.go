//go:build unix

package golden

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"
)

// schema is as much of a JSON Schema as failover.yaml's needs.
type schema struct {
	Type, Pattern, Description string
	Const                      any
	Enum                       []string
	Properties                 map[string]*schema
	Required                   []string
	Items                      *schema
	MinLength, MinItems        int
}

// What can be wrong with a value.
const (
	anotherKind  = "another kind of node"
	anotherValue = "another value"
	empty        = "an empty text"
	noMatch      = "a text that is not of the pattern"
	tooSmall     = "too small"
	tooLarge     = "too large"
	tooFew       = "too few"
	unknownKey   = "an unknown key"
	twice        = "a key twice"
	missing      = "no key "
)

// canBe lists what can be wrong with a value of the schema.
func (s *schema) canBe() []string {
	list := []string{anotherKind}
	switch {
	case s.Const != nil || s.Enum != nil:
		list = append(list, anotherValue)
	case s.Pattern != "":
		list = append(list, noMatch, tooSmall, tooLarge)
	case s.MinLength > 0:
		list = append(list, empty)
	case s.Type == "integer":
		list = append(list, tooSmall)
	case s.MinItems > 0:
		list = append(list, tooFew)
	case s.Properties != nil:
		list = append(list, unknownKey, twice)
		for _, key := range s.Required {
			list = append(list, missing+key)
		}
	}
	return list
}

var rangeInWords = regexp.MustCompile(`from (\S+) to (\S+)$`)

// is says what is wrong with a node, "" if the schema says nothing of it.
func (s *schema) is(n *yaml.Node) string {
	scalar := n.Kind == yaml.ScalarNode
	switch {
	case s.Const != nil && n.Tag == "!!int":
		return anotherValue
	case s.Pattern != "" && scalar:
		if !regexp.MustCompile(s.Pattern).MatchString(n.Value) {
			return noMatch
		}
		bounds := rangeInWords.FindStringSubmatch(s.Description)
		least, _ := time.ParseDuration(bounds[1])
		if d, _ := time.ParseDuration(n.Value); d < least {
			return tooSmall
		}
		return tooLarge
	case s.Enum != nil && n.Tag == "!!str":
		return anotherValue
	case s.Type == "integer" && n.Tag == "!!int":
		return tooSmall
	case s.MinLength > 0 && n.Tag == "!!str" && n.Value == "":
		return empty
	case s.MinLength > 0 && n.Tag == "!!str", s.Properties != nil && n.Kind == yaml.MappingNode:
		return ""
	case s.MinItems > 0 && n.Kind == yaml.SequenceNode:
		return tooFew
	}
	return anotherKind
}

// walk calls found for every key of the schema, with its path.
func (s *schema) walk(path string, found func(path string, s *schema)) {
	found(path, s)
	for key, of := range s.Properties {
		of.walk(path+"."+key, found)
	}
	if s.Items != nil {
		s.Items.walk(path+"[]", found)
	}
}

// wrongAt calls found for what is wrong at a place that a fault names: with the node
// there, or with the mapping that begins there.
func (s *schema) wrongAt(at, path string, n *yaml.Node, found func(path, what string)) {
	isHere := func(n *yaml.Node) bool { return fmt.Sprintf("%d:%d", n.Line, n.Column) == at }
	if isHere(n) {
		if what := s.is(n); what != "" {
			found(path, what)
		}
	}
	if s.Properties != nil && n.Kind == yaml.MappingNode {
		given := make(map[string]bool)
		for i := 0; i+1 < len(n.Content); i += 2 {
			key, of := n.Content[i], s.Properties[n.Content[i].Value]
			switch {
			case of == nil && isHere(key):
				found(path, unknownKey)
			case of == nil:
			case given[key.Value] && isHere(key):
				found(path, twice)
			default:
				of.wrongAt(at, path+"."+key.Value, n.Content[i+1], found)
			}
			given[key.Value] = true
		}
		for _, key := range s.Required {
			if isHere(n) && !given[key] {
				found(path, missing+key)
			}
		}
	}
	if s.Items != nil && n.Kind == yaml.SequenceNode {
		for _, item := range n.Content {
			s.Items.wrongAt(at, path+"[]", item, found)
		}
	}
}

var faultOfYAML = regexp.MustCompile(`(?m)^(.*/failover\.yaml):(\d+:\d+): (.*)$`)

// The case wrong-yaml-every-key has every kind of wrong value of every key that the
// published schema has, and each is refused at its line and column.
func TestEveryKeyHasWrongValues(t *testing.T) {
	read := func(name string) *testCase {
		c, err := readCase(filepath.Join("testdata", "cases", name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	var root schema
	if err := json.Unmarshal([]byte(read("schema").want.stdout), &root); err != nil {
		t.Fatal(err)
	}
	c := read("wrong-yaml-every-key")
	texts := byName(c.given)
	shown := make(map[string]bool)
	for _, match := range faultOfYAML.FindAllStringSubmatch(c.want.stderr, -1) {
		var doc yaml.Node
		if err := yaml.Unmarshal(texts[match[1]], &doc); err != nil || len(doc.Content) == 0 {
			continue // the fault is that it is not YAML, or nothing
		}
		root.wrongAt(match[2], "", doc.Content[0], func(path, what string) { shown[path+": "+what] = true })
	}
	count := 0
	root.walk("", func(path string, s *schema) {
		for _, what := range s.canBe() {
			if count++; !shown[path+": "+what] {
				t.Errorf("failover.yaml%s: no case gives it %s", path, what)
			}
		}
	})
	if count < 70 {
		t.Errorf("only %d kinds of wrong values are known", count)
	}
	for _, name := range slices.Sorted(maps.Keys(texts)) {
		if !strings.Contains(c.want.stderr, "\n"+name+":") && !strings.HasPrefix(c.want.stderr, name+":") {
			t.Errorf("nothing is said of %s", name)
		}
	}
}
