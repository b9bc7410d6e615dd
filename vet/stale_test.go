package vet

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func TestStale(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), Stale, "stale", "example.com/orders/stale")
}
