package spec

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"
)

// compiled is the schema of a kind as a validator of another hand reads it.
func compiled(t *testing.T, kind string) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(Schema(kind))))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("failover.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("failover.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// validate holds a YAML text to the schema, as an editor does.
func validate(t *testing.T, schema *jsonschema.Schema, text string) error {
	t.Helper()
	var value any
	if err := yaml.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(data)))
	if err != nil {
		t.Fatal(err)
	}
	return schema.Validate(doc)
}

func TestTheSchemaTakesWhatParseTakes(t *testing.T) {
	s := Default()
	s.Module = "example.com/orders"
	s.Clusters = []Cluster{{Bundle: "a.zip", Name: "n", DiscoveryURL: "https://d.example.com", ServerName: "s", Alias: "a", Addresses: []string{"10.0.0.1"}, Username: "u", TLS: TLSOff}, {Bundle: "b.zip"}}
	schema := compiled(t, KindHazelcast)
	text := string(s.Marshal())
	if !strings.HasPrefix(text, "# yaml-language-server: $schema="+SchemaFile+"\n") {
		t.Errorf("failover.yaml begins\n%.200s", text)
	}
	if err := validate(t, schema, text); err != nil {
		t.Errorf("%v\n%s", err, text)
	}
	const head = "version: 1\nmodule: a.b/c\nclusters: [{bundle: a}, {bundle: b}]\n"
	for _, wrong := range []string{
		"version: 2\nmodule: a.b/c\nclusters: [{bundle: a}, {bundle: b}]\n", "module: a.b/c\n", "version: 1\nmodule: a.b/c\nclusters: [{bundle: a}]\n",
		"version: 1\nmodule: a.b/c\nclusters: [{bundle: a}, {name: b}]\n", "version: 1\nmodule: a.b/c\nclusters: [{bundle: a, token: x}, {bundle: b}]\n",
		head + "kind: cassandra\n", head + "failover: {standby: hot}\n", head + "failover: {silence: 5}\n", head + "failover: {silence: '5'}\n",
		head + "failover: {speed: 5s}\n", head + "notes: x\n", head + "secrets: ''\n",
	} {
		if err := validate(t, schema, wrong); err == nil {
			t.Errorf("the schema takes\n%s", wrong)
		}
		if _, err := Parse("f.yaml", []byte(wrong)); err == nil {
			t.Errorf("Parse takes\n%s", wrong)
		}
	}
}
