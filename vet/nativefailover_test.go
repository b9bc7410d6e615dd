package vet

import (
	"testing"

	"golang.org/x/tools/go/analysis/analysistest"
)

func TestNativeFailover(t *testing.T) {
	analysistest.Run(t, analysistest.TestData(), NativeFailover, "nativefailover")
}
