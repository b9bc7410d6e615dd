package vet

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func TestInsecure(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), Insecure, "insecure", "example.com/orders/insecure", "example.com/foo/insecure")
}
