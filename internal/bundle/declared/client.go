package declared

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle/clientconfig"
	"github.com/failover-gen/failover-gen/internal/bundle/properties"
	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// client reads the file of one client with all that it imports.
func (b *bundle) client(f *said.File) said.Config {
	root, scope, wrong := b.whole(f, nil)
	if wrong != nil {
		return said.Config{At: cmp.Or(b.parse(f).at(), fault.In(f.Name)), Broken: wrong}
	}
	config := clientconfig.Read(root)
	config.Warnings = append(config.Warnings, scope.warnings...)
	config.Notes = append(scope.notes, config.Notes...)
	return config
}

func (p *parsed) at() fault.Position {
	if p.root == nil {
		return fault.Position{}
	}
	return p.root.At
}

// copied is a tree of its own: what one client makes of a file must not show in another.
func copied(n *clientconfig.Node) *clientconfig.Node {
	out := *n
	out.Children = make([]*clientconfig.Node, len(n.Children))
	for i, c := range n.Children {
		out.Children[i] = copied(c)
	}
	return &out
}

func size(n *clientconfig.Node) int {
	count := 1
	for _, c := range n.Children {
		count += size(c)
	}
	return count
}

// whole gives the tree of a file, its variables resolved and its imports merged. Chain
// is the files that import this one.
func (b *bundle) whole(f *said.File, chain []*said.File) (*clientconfig.Node, *scope, *fault.Fault) {
	p := b.parse(f)
	if p.wrong != nil {
		return nil, nil, p.wrong
	}
	if p.root == nil {
		return nil, nil, fault.New(fault.Input, fault.In(f.Name), "the file is empty", "put the configuration into it, or do not name it")
	}
	if b.copies += size(p.root); b.copies > maxCopies {
		return nil, nil, fault.New(fault.Input, p.root.At, "the files that name each other hold far more than a client's", "keep those that are in use")
	}
	root, s := copied(p.root), b.scope(f, p.root)
	root.Resolve(s.resolve)
	chain = append(chain, f)
	var imports []*clientconfig.Node
	root.Children = slices.DeleteFunc(root.Children, func(n *clientconfig.Node) bool {
		if n.Name == "import" {
			imports = append(imports, n)
		}
		return n.Name == "import"
	})
	for _, n := range imports {
		for _, named := range importsOf(n) {
			from, wrong := b.importing(f, named, chain)
			if wrong != nil {
				return nil, nil, wrong
			}
			root.Merge(from.root)
			s.warnings, s.notes = append(s.warnings, from.scope.warnings...), append(s.notes, from.scope.notes...)
		}
	}
	return root, s, nil
}

// importsOf lists what an import names: the attribute resource of XML, a sequence in YAML.
func importsOf(n *clientconfig.Node) []said.Value {
	if resource := n.Child("resource"); resource != nil {
		return []said.Value{resource.Value}
	}
	var list []said.Value
	for _, c := range n.Children {
		list = append(list, c.Value)
	}
	if n.Value.State != said.Absent {
		list = append(list, n.Value)
	}
	return list
}

// importedFile is a file that another one imports, ready to be merged.
type importedFile struct {
	root  *clientconfig.Node
	scope *scope
}

func (b *bundle) importing(from *said.File, named said.Value, chain []*said.File) (*importedFile, *fault.Fault) {
	f, wrong := b.find(named, cmp.Or(named.At, fault.In(from.Name)), from)
	switch {
	case wrong != nil:
		return nil, wrong
	case slices.Contains(chain, f):
		return nil, fault.New(fault.Input, named.At, "the file named here imports itself, directly or by others", "remove one of the imports")
	case len(chain) > maxImports:
		return nil, fault.New(fault.Input, named.At, "the imports go deeper than those of any client", "write the values in place")
	}
	b.imported[f] = true
	root, s, wrong := b.whole(f, chain)
	if wrong == nil && root.Name != "" && root.Name != clientRoot {
		wrong = fault.New(fault.Input, named.At, "the file named here is not of a client: its first element is not "+clientRoot, "import the client's file")
	}
	return &importedFile{root, s}, wrong
}

// scope is what variables stand for in one file.
type scope struct {
	values map[string]said.Value
	// replacers are the classes of the file's config-replacers.
	replacers       []string
	warnings, notes []said.Warning
}

// scope gathers the variables of a file. Values of its own properties come first, then
// those of the properties files beside it.
func (b *bundle) scope(f *said.File, root *clientconfig.Node) *scope {
	s := &scope{values: make(map[string]said.Value)}
	for i := range b.files {
		beside := &b.files[i]
		if properties.Limit(beside.Path) == 0 || beside.Data == nil || path.Dir(beside.Path) != path.Dir(f.Path) {
			continue
		}
		for name, v := range b.properties.Values(beside) {
			if have, had := s.values[name]; had && have.Text != v.Text {
				v = said.Unknown(fmt.Sprintf("a variable to which %s and %s give different values", have.At, v.At), have.At)
			}
			s.values[name] = v
		}
	}
	for _, n := range root.Children {
		switch n.Name {
		case "properties":
			for name, v := range clientconfig.Properties(n) {
				s.values[name] = v
			}
		case "config-replacers":
			s.replacersOf(n)
			s.notes = append(s.notes, said.Warning{At: n.At, Text: "config-replacers has no counterpart in a project; what they would make is not read"})
		}
	}
	return s
}

// replacersOf lists the classes below config-replacers, in either language.
func (s *scope) replacersOf(n *clientconfig.Node) {
	if class := n.Child("class-name"); class != nil && said.Plain(class.Value.Text) && class.Value.Text != "" {
		s.replacers = append(s.replacers, class.Value.Text)
	}
	for _, c := range n.Children {
		s.replacersOf(c)
	}
}

// resolve puts the values of variables in place of their names. What is left of a
// placeholder is never a value.
func (s *scope) resolve(v said.Value) said.Value {
	if !strings.Contains(v.Text, "$") {
		return v
	}
	var out strings.Builder
	at, rest := v.At, v.Text
	for {
		before, after, found := strings.Cut(rest, "$")
		out.WriteString(before)
		if !found {
			return said.Of(out.String(), at)
		}
		prefix, inner, opened := strings.Cut(after, "{")
		if !opened || strings.ContainsFunc(prefix, notWord) {
			out.WriteByte('$')
			rest = after
			continue
		}
		name, behind, closed := strings.Cut(inner, "}")
		switch {
		case !closed && prefix == "":
			return said.Unknown("a variable that is not closed", v.At)
		case !closed:
			out.WriteByte('$')
			rest = after
			continue
		case prefix != "":
			return said.Unknown(s.replaced(prefix), v.At)
		}
		got := s.lookup(name, v.At)
		if got.State != said.Known {
			return got
		}
		if before == "" && behind == "" && out.Len() == 0 {
			at = got.At
		}
		if out.WriteString(got.Text); out.Len() > maxSource {
			return said.Unknown("a text that is far too long", v.At)
		}
		rest = behind
	}
}

func notWord(r rune) bool {
	return !(r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z')
}

func (s *scope) lookup(name string, at fault.Position) said.Value {
	got, ok := s.values[name]
	switch {
	case !ok && !said.Plain(name):
		return said.Unknown("a variable that has no value here", at)
	case !ok:
		return said.Unknown("the variable ${"+name+"}, which Java takes from its system properties; neither this file nor a properties file beside it gives it a value", at)
	case got.State != said.Known:
		return said.Unknown(got.Why, at)
	case strings.Contains(got.Text, "${"):
		return said.Unknown("a variable whose value holds a variable", at)
	}
	warning := said.Warning{At: at, Text: "a variable here has the value that stands at " + got.At.String() + "; where Java runs, its system properties can give another one"}
	if !slices.Contains(s.warnings, warning) && len(s.warnings) < maxClients {
		s.warnings = append(s.warnings, warning)
	}
	return got
}

// known are the replacers of Hazelcast by their prefixes.
var known = map[string]string{"ENC": "EncryptionReplacer", "EXEC": "ExecReplacer"}

// replaced words what a config-replacer would make.
func (s *scope) replaced(prefix string) string {
	switch {
	case known[prefix] != "":
		return "what the config-replacer " + known[prefix] + " makes of $" + prefix + "{...} where Java runs"
	case len(s.replacers) > 0:
		return "what a config-replacer makes where Java runs (" + strings.Join(s.replacers[:min(3, len(s.replacers))], ", ") + ")"
	}
	return "a text for a config-replacer, of which this file has none"
}
