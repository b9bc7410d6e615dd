package vet

import (
	"fmt"

	"golang.org/x/tools/go/analysis"
)

// FatalStart reports clients that a lost cluster keeps from starting, and
// processes that it ends while they start.
var FatalStart = &analysis.Analyzer{
	Name: "fatalstart",
	Doc: "report a start of the client without a bound, and a process that ends when the first cluster is away\n\n" +
		"hazelcast-go-client v1.6.0 tries forever to connect if neither its context nor its configuration has a limit.",
	URL:      page("fatalstart"),
	Requires: []*analysis.Analyzer{directives, calls},
	Run:      run(findFatalStarts),
}

func findFatalStarts(pass *analysis.Pass) error {
	f := pass.ResultOf[calls].(*found)
	for _, c := range f.calls {
		if c.waits.Kind == starts && c.bound.is == noDeadline {
			d := analysis.Diagnostic{Pos: c.call.Pos(), End: c.call.End(),
				Message: fmt.Sprintf("%s tries forever when the cluster is away: its context comes from %s, which has no deadline, and ConnectionStrategy.Timeout is not set", waiting(c), c.bound.from)}
			if c.via == "" {
				d.SuggestedFixes = deadlineFix(pass, c, "30*time.Second")
			}
			report(pass, d)
			continue
		}
		if c.fails.Kind != starts || f.several {
			continue
		}
		if what, _ := f.fateOf(pass, c.at); what == ends {
			when := "the first cluster is away"
			if c.waits.Kind == starts && c.bound.is == fromParam {
				when += " until the context ends"
			}
			report(pass, analysis.Diagnostic{Pos: c.call.Pos(), End: c.call.End(),
				Message: fmt.Sprintf("the process ends when %s, because %s fails then: try the next cluster, or try again later", when, spoken(c))})
		}
	}
	return nil
}
