package vet_test

import (
	"golang.org/x/tools/go/analysis/multichecker"

	"github.com/failover-gen/failover-gen/vet"
)

// A program of one's own, with other analyzers beside these.
func Example() {
	multichecker.Main(vet.Analyzers()...)
}
