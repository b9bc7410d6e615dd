package kubernetes

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"path"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/failover-gen/failover-gen/internal/bundle/said"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// object is a Secret, a ConfigMap, or a mounted folder.
type object struct {
	kind, name string
	at         fault.Position
	entries    []entry
}

// entry is one key of an object.
type entry struct {
	key  string
	at   fault.Position
	data []byte
	// file is the name inside the bundle of what the entry holds, or in a mounted folder the
	// file itself.
	file string
	// wrong says why there is no data.
	wrong *fault.Fault
	plain bool // it is stringData, which wins over data
}

// Limits on one manifest. Those of Kubernetes itself are about as large.
const (
	maxObjects = 300
	maxKeys    = 1000
	maxNested  = 3 // Lists in Lists
)

// parser collects the objects of one file.
type parser struct {
	file    *said.File
	objects []object
	faults  fault.List
	// elsewhere are objects whose values are not in the manifest. They matter where no
	// other object holds them.
	elsewhere fault.List
}

func (p *parser) fail(at fault.Position, cause, remedy string) {
	p.faults = append(p.faults, fault.New(fault.Input, at, cause, remedy))
}

func (p *parser) pos(n *yaml.Node) fault.Position {
	return fault.Position{File: p.file.Name, Line: n.Line, Column: n.Column}
}

// parse reads all documents of a manifest. A file that is not of Kubernetes gives
// nothing, and no fault.
func parse(f *said.File) *parser {
	p := &parser{file: f}
	decoder := yaml.NewDecoder(bytes.NewReader(f.Data))
	for {
		var document yaml.Node
		err := decoder.Decode(&document)
		if errors.Is(err, io.EOF) {
			return p
		}
		if err != nil {
			if !mentionsSecret(f.Data) {
				return p
			}
			remedy := "correct the file; it must be YAML or JSON"
			if bytes.Contains(f.Data, []byte("{{")) {
				remedy = "it looks like a template of Helm: give what helm template makes of it"
			}
			p.fail(fault.Position{File: f.Name, Line: lineOf(err)}, "the manifest of a Secret is not well-formed YAML", remedy)
			return p
		}
		if len(document.Content) == 1 {
			p.document(document.Content[0], maxNested)
		}
		if len(p.objects) > maxObjects {
			p.fail(fault.In(f.Name), fmt.Sprintf("the file has more than %d Secrets and ConfigMaps", maxObjects), "give the manifests of one cluster's client")
			return p
		}
	}
}

// kindSecret finds a Secret in a file that is not well-formed.
var kindSecret = regexp.MustCompile(`(?m)^\s*["']?kind["']?\s*:\s*["']?Secret`)

func mentionsSecret(data []byte) bool { return kindSecret.Match(data) }

var lineInError = regexp.MustCompile(`line (\d+)`)

// lineOf takes the line out of an error of the YAML module. The rest of its text can
// repeat the file.
func lineOf(err error) int {
	if m := lineInError.FindStringSubmatch(err.Error()); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	return 1
}

// resolved follows an alias; those of Secrets are never nested.
func resolved(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		return n.Alias
	}
	return n
}

// child gives the value of a key of a mapping, nil if there is none.
func child(n *yaml.Node, key string) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return resolved(n.Content[i+1])
		}
	}
	return nil
}

func textOf(n *yaml.Node) string {
	if n == nil || n.Kind != yaml.ScalarNode {
		return ""
	}
	return n.Value
}

// document reads an object, or a List of them.
func (p *parser) document(n *yaml.Node, nested int) {
	n = resolved(n)
	kind := textOf(child(n, "kind"))
	switch kind {
	case "List", "SecretList", "ConfigMapList":
		items := child(n, "items")
		if items == nil || items.Kind != yaml.SequenceNode || nested == 0 {
			return
		}
		for _, item := range items.Content {
			if len(p.objects) <= maxObjects {
				p.document(item, nested-1)
			}
		}
	case "Secret", "ConfigMap":
		p.object(kind, n)
	case "SealedSecret", "ExternalSecret", "SecretProviderClass":
		p.outside(kind, n)
	}
}

// outside refuses an object that has the keys of a client and not their values.
func (p *parser) outside(kind string, n *yaml.Node) {
	for _, data := range []*yaml.Node{
		at(n, "spec", "encryptedData"), at(n, "spec", "target", "template", "data"),
	} {
		if data == nil || data.Kind != yaml.MappingNode {
			continue
		}
		for i := 0; i+1 < len(data.Content) && i < 2*maxKeys; i += 2 {
			if fileRole[roleOf(data.Content[i].Value)] {
				p.elsewhere = append(p.elsewhere, fault.New(fault.Input, p.pos(n),
					"the values of this "+kind+" are in the Kubernetes cluster only",
					"give the Secret that is made from it: kubectl get secret NAME -o yaml"))
				return
			}
		}
	}
}

func at(n *yaml.Node, path ...string) *yaml.Node {
	for _, key := range path {
		if n = child(n, key); n == nil {
			return nil
		}
	}
	return n
}

func (p *parser) object(kind string, n *yaml.Node) {
	o := object{kind: kind, name: textOf(at(n, "metadata", "name")), at: p.pos(n)}
	encrypted := child(n, "sops") != nil
	switch textOf(child(n, "type")) {
	case "kubernetes.io/service-account-token", "kubernetes.io/dockerconfigjson", "kubernetes.io/dockercfg", "helm.sh/release.v1", "bootstrap.kubernetes.io/token":
		return // their token and ca.crt are those of Kubernetes itself
	}
	if o.name == "kube-root-ca.crt" {
		return
	}
	binary, plain := "data", "stringData"
	if kind == "ConfigMap" {
		binary, plain = "binaryData", "data"
	}
	p.entries(&o, child(n, binary), binary, false)
	p.entries(&o, child(n, plain), plain, true)
	if len(o.entries) == 0 {
		return
	}
	if encrypted {
		p.fail(o.at, "the values of this "+kind+" are encrypted by sops", "decrypt it: sops --decrypt FILE")
		return
	}
	p.objects = append(p.objects, o)
}

// entries reads one of an object's two maps. What is plain wins over what is in
// base64, as in Kubernetes.
func (p *parser) entries(o *object, data *yaml.Node, section string, plain bool) {
	if data == nil || data.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(data.Content) && i < 2*maxKeys; i += 2 {
		key, value := data.Content[i], resolved(data.Content[i+1])
		role := roleOf(key.Value)
		if role == "" {
			if key.Tag == "!!merge" {
				p.fail(p.pos(key), "the keys that are merged in here are not followed", "write them out")
			}
			if known := configurations[path.Ext(strings.ToLower(key.Value))]; known && value.Kind == yaml.ScalarNode && isConfiguration(value.Value, plain) {
				p.fail(p.pos(key), "a file with a client's configuration stands here in "+section, "save it as a file of its own, beside its stores, and give that")
			}
			continue
		}
		e := entry{key: key.Value, at: p.pos(key), plain: plain, file: p.file.Path + ": " + section + "." + key.Value}
		if value.Kind != yaml.ScalarNode {
			e.wrong = fault.New(fault.Input, e.at, "the value of "+section+"."+key.Value+" is not a text", "write it as a text")
		} else if plain {
			e.data = []byte(value.Value)
		} else {
			e.decode(section, value.Value)
		}
		p.add(o, e, section)
	}
}

// configurations are the endings of files that other readers know.
var configurations = map[string]bool{".yaml": true, ".yml": true, ".xml": true}

// isConfiguration reports whether a value holds the configuration of a client.
func isConfiguration(text string, plain bool) bool {
	if !plain {
		decoded, _ := base64.StdEncoding.DecodeString(text)
		text = string(decoded)
	}
	return strings.Contains(text, "hazelcast-client")
}

// add puts an entry into the object in place of one that it wins over.
func (p *parser) add(o *object, e entry, section string) {
	for i, have := range o.entries {
		if have.key != e.key {
			continue
		}
		if have.plain == e.plain {
			e.wrong = fault.New(fault.Input, e.at, "the key "+section+"."+e.key+" is there twice, here and at "+have.at.String(), "remove one")
		}
		o.entries[i] = e
		return
	}
	o.entries = append(o.entries, e)
}

// decode reads base64, in which line ends mean nothing.
func (e *entry) decode(section, text string) {
	name := section + "." + e.key
	data, err := base64.StdEncoding.DecodeString(strings.TrimSpace(text))
	switch {
	case err == nil && bytes.HasPrefix(data, []byte("LS0tLS1CRUdJTi")):
		e.wrong = fault.New(fault.Input, e.at, "the value of "+name+" is base64 of base64", "encode the file once")
	case err == nil:
		e.data = data
	case strings.Contains(text, "-----BEGIN"):
		e.wrong = fault.New(fault.Input, e.at, "the value of "+name+" is not base64 but the file itself", "put it under stringData, or encode it with base64")
	case strings.Contains(text, "{{"):
		e.wrong = fault.New(fault.Input, e.at, "the value of "+name+" is an expression of a template", "give what helm template makes of it")
	default:
		e.wrong = fault.New(fault.Input, e.at, "the value of "+name+" is not base64", "encode the file again: base64 -w0 FILE")
	}
}
