package vet

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func TestWebService(t *testing.T) {
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), WebService, "webservice", "example.com/foo/webservice")
}
