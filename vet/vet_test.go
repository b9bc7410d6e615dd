package vet

import (
	"slices"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

func TestIgnore(t *testing.T) { analysistest.Run(t, analysistest.TestData(), Ignore, "ignore") }

// Every analyzer is valid, and a directive can name it.
func TestAnalyzersAreComplete(t *testing.T) {
	if err := analysis.Validate(Analyzers()); err != nil {
		t.Error(err)
	}
	for _, a := range Analyzers() {
		if a.URL != page(a.Name) {
			t.Errorf("%s: its URL is %q", a.Name, a.URL)
		}
		if a != Ignore && !slices.Contains(names, a.Name) {
			t.Errorf("%s: no directive can name it", a.Name)
		}
	}
}
