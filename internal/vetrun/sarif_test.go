package vetrun

import (
	"bytes"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// essential is what SARIF 2.1.0 demands of the properties that we write: section
// 3.13 of the log, 3.14 of a run, 3.19 of a tool, 3.27 of a result, 3.4 of a place.
const essential = `{
  "type": "object", "required": ["version", "runs"], "additionalProperties": false,
  "properties": {
    "$schema": {"type": "string", "format": "uri"},
    "version": {"const": "2.1.0"},
    "runs": {"type": "array", "items": {
      "type": "object", "required": ["tool", "results"], "additionalProperties": false,
      "properties": {
        "tool": {"type": "object", "required": ["driver"], "properties": {"driver": {
          "type": "object", "required": ["name"], "properties": {
            "name": {"type": "string", "minLength": 1}, "version": {"type": "string"}, "informationUri": {"type": "string", "format": "uri"},
            "rules": {"type": "array", "uniqueItems": true, "items": {
              "type": "object", "required": ["id"], "properties": {
                "id": {"type": "string"}, "helpUri": {"type": "string", "format": "uri"},
                "shortDescription": {"$ref": "#/$defs/text"}, "fullDescription": {"$ref": "#/$defs/text"}}}}}}}},
        "results": {"type": "array", "items": {
          "type": "object", "required": ["message"], "additionalProperties": false,
          "properties": {
            "ruleId": {"type": "string"}, "ruleIndex": {"type": "integer", "minimum": 0},
            "level": {"enum": ["none", "note", "warning", "error"]}, "message": {"$ref": "#/$defs/text"},
            "locations": {"type": "array", "maxItems": 1, "items": {"type": "object", "properties": {"physicalLocation": {
              "type": "object", "required": ["artifactLocation"], "properties": {
                "artifactLocation": {"type": "object", "properties": {
                  "uri": {"type": "string", "format": "uri-reference", "pattern": "^[^/\\\\]"}, "uriBaseId": {"const": "%SRCROOT%"}}},
                "region": {"type": "object", "required": ["startLine"], "properties": {
                  "startLine": {"type": "integer", "minimum": 1}, "endLine": {"type": "integer", "minimum": 1}}}}}}}}}}}}}}},
  "$defs": {"text": {"type": "object", "required": ["text"], "properties": {"text": {"type": "string", "minLength": 1}}}}
}`

// What is printed with --sarif is SARIF, with relative addresses, also of files whose
// names need escapes, and names the rule of each result.
func TestSARIFIsValid(t *testing.T) {
	findings := []Finding{
		{Analyzer: "dropped", File: "a b/ü.go", Line: 3, Column: 2, Message: "m", endLine: 4},
		{Analyzer: "ignore", File: "c.go", Message: "of the whole file"},
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader([]byte(essential)))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	if err := compiler.AddResource("essential.json", schema); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile("essential.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range [][]Finding{findings, nil} {
		log, err := jsonschema.UnmarshalJSON(bytes.NewReader(SARIF(list, "v1.0.0")))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled.Validate(log); err != nil {
			t.Error(err)
		}
		run := log.(map[string]any)["runs"].([]any)[0].(map[string]any)
		rules := run["tool"].(map[string]any)["driver"].(map[string]any)["rules"].([]any)
		results := run["results"].([]any)
		if len(results) != len(list) {
			t.Errorf("%d results of %d findings", len(results), len(list))
		}
		for i, r := range results {
			index, err := r.(map[string]any)["ruleIndex"].(interface{ Int64() (int64, error) }).Int64()
			if err != nil || rules[index].(map[string]any)["id"] != list[i].Analyzer {
				t.Errorf("result %d names the rule of index %d", i, index)
			}
		}
	}
}
