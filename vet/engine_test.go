package vet

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func TestEngine(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), Engine, "example.com/orders/engine", "example.com/foo/engine")
}
