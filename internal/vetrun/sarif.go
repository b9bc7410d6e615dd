package vetrun

import (
	"encoding/json"
	"net/url"
	"path"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/failover-gen/failover-gen/vet"
)

// Names that SARIF 2.1.0 prescribes (OASIS, sarif-v2.1.0-os).
const (
	sarifVersion = "2.1.0"
	sarifSchema  = "https://json.schemastore.org/sarif-2.1.0.json"
)

type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool    sarifTool     `json:"tool"`
		Results []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version,omitempty"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string    `json:"id"`
		ShortDescription sarifText `json:"shortDescription"`
		FullDescription  sarifText `json:"fullDescription"`
		HelpURI          string    `json:"helpUri,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI       string `json:"uri"`
		URIBaseID string `json:"uriBaseId,omitempty"`
	}
	sarifRegion struct {
		StartLine int `json:"startLine"`
		EndLine   int `json:"endLine"`
	}
)

// SARIF gives findings as a SARIF 2.1.0 log of one run by this version of the tool.
// Names of files are relative to the working directory, which the log calls
// %SRCROOT%.
func SARIF(findings []Finding, version string) []byte {
	run := sarifRun{
		Tool:    sarifTool{sarifDriver{Name: "failover-gen", Version: version, InformationURI: "https://github.com/failover-gen/failover-gen", Rules: []sarifRule{}}},
		Results: []sarifResult{},
	}
	index := make(map[string]int)
	for i, a := range vet.Analyzers() {
		index[a.Name] = i
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, ruleOf(a))
	}
	for _, f := range findings {
		run.Results = append(run.Results, sarifResult{
			RuleID: f.Analyzer, RuleIndex: index[f.Analyzer], Level: "warning", Message: sarifText{f.Message},
			Locations: []sarifLocation{{sarifPhysical{artifactOf(f.File), regionOf(f)}}},
		})
	}
	data, _ := json.MarshalIndent(sarifLog{sarifSchema, sarifVersion, []sarifRun{run}}, "", "  ") // texts and numbers only
	return data
}

func ruleOf(a *analysis.Analyzer) sarifRule {
	short, full, _ := strings.Cut(strings.TrimSpace(a.Doc), "\n")
	if full = strings.TrimSpace(full); full == "" {
		full = short
	}
	return sarifRule{a.Name, sarifText{short}, sarifText{full}, a.URL}
}

func artifactOf(file string) sarifArtifact {
	uri := (&url.URL{Path: file}).String()
	if path.IsAbs(file) {
		return sarifArtifact{URI: "file://" + uri}
	}
	return sarifArtifact{uri, "%SRCROOT%"}
}

// regionOf gives the lines of f only: its columns count bytes, and those of SARIF
// characters.
func regionOf(f Finding) *sarifRegion {
	if f.Line == 0 {
		return nil
	}
	return &sarifRegion{StartLine: f.Line, EndLine: max(f.Line, f.endLine)}
}
