package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"go.yaml.in/yaml/v3"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// maxSize bounds both files, in bytes. A real one has a few thousand.
const maxSize = 1 << 20

// A fault of syntax is searched for in files of at most so many lines and bytes.
const (
	maxSearchLines = 1000
	maxSearchSize  = 64 << 10
)

// Load reads the failover.yaml at path. What it leaves out has its default.
// The error is a fault.List with everything that is wrong, in file order.
func Load(path string) (*Spec, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, err
	}
	return Parse(path, data)
}

// Parse reads data as Load does; path is how faults name the file.
func Parse(path string, data []byte) (*Spec, error) {
	p := &parser{path: path}
	var doc yaml.Node
	decoder := yaml.NewDecoder(strings.NewReader(string(data)))
	switch err := decoder.Decode(&doc); {
	case errors.Is(err, io.EOF):
		return nil, fault.List{p.fault(1, 1, "the file is empty", "start from the failover.yaml that generate --out writes")}
	case err != nil:
		line, column := brokenAt(data)
		return nil, fault.List{p.fault(line, column, syntaxError(err), "this is YAML: mind the indentation and the quotes")}
	}
	if decoder.Decode(new(yaml.Node)) != io.EOF {
		return nil, fault.List{p.fault(1, 1, "the file holds more than one document", "keep one")}
	}
	var s Spec
	p.spec(doc.Content[0], &s)
	if len(p.faults) > 0 {
		return nil, p.faults
	}
	return &s, nil
}

// readFile reads a bounded file and makes faults of what goes wrong.
func readFile(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fileFault(path, err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxSize+1))
	if err != nil {
		return nil, fileFault(path, err)
	}
	if len(data) > maxSize {
		return nil, fault.New(fault.Input, fault.In(path), "is larger than 1 MiB", "this cannot be a file of failover-gen")
	}
	return data, nil
}

func fileFault(path string, err error) error {
	kind, cause := fault.Environment, err
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		kind = fault.Input
	}
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		cause = pathErr.Err
	}
	return fault.Wrap(kind, fault.In(path), "cannot be read: "+cause.Error(), "check the path and its permissions", err)
}

var yamlLine = regexp.MustCompile(`^(?:yaml: )?(?:line \d+: )?(.*)$`)

// syntaxError takes the cause out of an error of the YAML package. The line in
// it is left out: often it is that before, or that of what encloses the fault.
func syntaxError(err error) string {
	first, _, _ := strings.Cut(err.Error(), "\n")
	return yamlLine.FindStringSubmatch(first)[1]
}

// brokenAt finds the first line behind which no further line repairs the text,
// and the column in which it starts.
func brokenAt(data []byte) (line, column int) {
	lines := bytes.SplitAfter(data, []byte("\n"))
	if len(lines) > maxSearchLines || len(data) > maxSearchSize {
		return 0, 0
	}
	for line = len(lines); line > 1; line-- {
		var doc yaml.Node
		if err := yaml.Unmarshal(bytes.Join(lines[:line-1], nil), &doc); err == nil {
			break
		}
	}
	text := lines[line-1]
	return line, 1 + len(text) - len(bytes.TrimLeft(text, " \t"))
}

// parser collects what is wrong with one file.
type parser struct {
	path   string
	faults fault.List
	// then looks at the values together once all were read, nil if nothing is to do.
	// It gets the whole file.
	then func(file *yaml.Node)
}

func (p *parser) fault(line, column int, cause, remedy string) *fault.Fault {
	return fault.New(fault.Input, fault.Position{File: p.path, Line: line, Column: column}, cause, remedy)
}

func (p *parser) add(n *yaml.Node, cause, remedy string) {
	p.faults = append(p.faults, p.fault(n.Line, n.Column, cause, remedy))
}

// reader takes the value of one key.
type reader func(n *yaml.Node)

// object reads a mapping key by key. Keys that are unknown or stand twice are faults.
func (p *parser) object(n *yaml.Node, what string, known map[string]reader) (given map[string]*yaml.Node) {
	n = resolve(n)
	given = make(map[string]*yaml.Node)
	if n.Kind != yaml.MappingNode {
		p.add(n, what+" is "+kindOf(n)+" where keys with values belong", "write it as key: value lines")
		return given
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		read, ok := known[key.Value]
		switch {
		case !ok && secretKeys[key.Value]:
			p.add(key, fmt.Sprintf("%q has no place in this file", key.Value), "secrets are given in .env or in the environment; see .env.example")
		case !ok:
			p.add(key, fmt.Sprintf("unknown key %q in %s", key.Value, what), "remove it or correct its spelling")
		case given[key.Value] != nil:
			p.add(key, fmt.Sprintf("key %q stands here again, first in line %d", key.Value, given[key.Value].Line), "keep one")
		default:
			given[key.Value] = key
			read(value)
		}
	}
	return given
}

// secretKeys are tried by users who look for a place to write a secret.
var secretKeys = map[string]bool{"token": true, "discoveryToken": true, "password": true,
	"keystorePassword": true, "keyPassword": true, "truststorePassword": true, "registryPassword": true, "zooKeeperPassword": true}

func (p *parser) spec(n *yaml.Node, s *Spec) {
	*s = DefaultOf(p.kind(n))
	of := kinds[s.Kind]
	known := of.keys(p, s)
	known["version"] = p.version
	for _, f := range slices.Concat(s.texts(), of.texts(s), []text{s.secretsText()}) {
		known[f.key] = p.text(f)
	}
	given := p.object(n, "the file", known)
	for _, key := range append([]string{"version", "module"}, of.required...) {
		if given[key] == nil && resolve(n).Kind == yaml.MappingNode {
			p.add(n, fmt.Sprintf("key %q is missing", key), "add it; the failover.yaml of a fresh project shows the whole file")
		}
	}
	if p.then != nil && len(p.faults) == 0 {
		p.then(n)
	}
}

// kind looks ahead for the kind: which other keys there can be depends on it. A
// value that is not a kind is reported when its turn comes.
func (p *parser) kind(n *yaml.Node) string {
	found := KindHazelcast
	n = resolve(n)
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if _, known := kinds[resolve(n.Content[i+1]).Value]; n.Content[i].Value == "kind" && known {
			found = resolve(n.Content[i+1]).Value
		}
	}
	return found
}

func (p *parser) version(n *yaml.Node) {
	n = resolve(n)
	switch v, err := strconv.Atoi(n.Value); {
	case n.Tag != "!!int" || err != nil:
		p.add(n, "version is "+kindOf(n)+" where a number belongs", "write version: 1")
	case v != Version:
		p.add(n, fmt.Sprintf("version %d of this file is not known", v), "use the failover-gen that wrote it, or a newer one")
	}
}

func (p *parser) text(t text) reader {
	return func(n *yaml.Node) {
		n = resolve(n)
		if n.Kind != yaml.ScalarNode || n.Tag != "!!str" {
			p.add(n, t.key+" is "+kindOf(n)+" where a text belongs", "put it in quotes if it is meant as a text")
			return
		}
		if t.at != nil {
			*t.at = fault.Position{File: p.path, Line: n.Line, Column: n.Column}
		}
		p.take(n, t.set)
	}
}

func (p *parser) span(s span) reader {
	return func(n *yaml.Node) {
		n = resolve(n)
		if n.Kind != yaml.ScalarNode {
			p.add(n, s.key+" is "+kindOf(n)+" where a duration belongs", "write it like 2s or 100ms")
			return
		}
		p.take(n, s.set)
	}
}

func (p *parser) number(x number) reader {
	return func(n *yaml.Node) {
		n = resolve(n)
		if n.Kind != yaml.ScalarNode || n.Tag != "!!int" {
			p.add(n, x.key+" is "+kindOf(n)+" where a number belongs", "write it like "+x.key+": 1")
			return
		}
		p.take(n, x.set)
	}
}

// take sets a value, or adds the fault with its position.
func (p *parser) take(n *yaml.Node, set check) {
	if f := set(n.Value); f != nil {
		p.add(n, f.Cause, f.Remedy)
	}
}

// resolve follows an alias to what it stands for.
func resolve(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// kindOf names what stands where something else was expected.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a group of keys"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.Tag {
	case "!!null":
		return "empty"
	case "!!int", "!!float":
		return "the number " + n.Value
	case "!!bool":
		return "the truth value " + n.Value
	case "!!str":
		return "a text"
	}
	return "a value of type " + strconv.Quote(n.Tag)
}
