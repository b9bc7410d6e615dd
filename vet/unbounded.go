package vet

import (
	"fmt"

	"golang.org/x/tools/go/analysis"
)

// Unbounded reports cluster calls whose context can have no deadline.
var Unbounded = &analysis.Analyzer{
	Name: "unbounded",
	Doc: "report calls to a cluster whose context can have no deadline\n\n" +
		"hazelcast-go-client v1.6.0 can wait forever for the answer to such a call, also on a cluster that is healthy again.",
	URL:      page("unbounded"),
	Requires: []*analysis.Analyzer{directives, calls},
	Run:      run(findUnbounded),
}

func findUnbounded(pass *analysis.Pass) error {
	f := pass.ResultOf[calls].(*found)
	for _, c := range f.calls {
		if c.waits.Kind == starts || c.bound.is != noDeadline {
			continue
		}
		report(pass, analysis.Diagnostic{
			Pos: c.call.Pos(), End: c.call.End(),
			Message: fmt.Sprintf("%s may wait forever: its context comes from %s, which has no deadline; give it one with context.WithTimeout",
				waiting(c), c.bound.from),
			SuggestedFixes: boundCall(pass, f, c),
		})
	}
	return nil
}

// waiting names the call that waits.
func waiting(c *foundCall) string {
	if c.via != "" {
		return c.via + " (" + c.waits.Name + ")"
	}
	return c.waits.Name
}
