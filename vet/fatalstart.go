package vet

import (
	"fmt"
	"go/ast"
	"go/types"

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
	limited, several := settings(pass, f)
	names := fresh{}
	for _, c := range f.calls {
		if c.waits.Kind == starts && !limited && c.ctx < len(c.call.Args) {
			if b := f.contexts.bound(c.call.Args[c.ctx], c.at); b.is == noDeadline {
				d := analysis.Diagnostic{Pos: c.call.Pos(), End: c.call.End(),
					Message: fmt.Sprintf("%s tries forever when the cluster is away: its context comes from %s, which has no deadline, and ConnectionStrategy.Timeout is not set", waiting(c), b.from)}
				if fn := enclosingDecl(c.at); fn != nil && c.via == "" {
					d.SuggestedFixes = deadlineFix(pass, c, fn, names, "30*time.Second")
				}
				report(pass, d)
				continue
			}
		}
		if c.fails.Kind != starts || several {
			continue
		}
		if what, _ := f.fateOf(pass, c.at); what == ends {
			report(pass, analysis.Diagnostic{Pos: c.call.Pos(), End: c.call.End(),
				Message: fmt.Sprintf("the process ends when the first cluster is away, because %s fails then: try the next cluster, or try again later", spoken(c))})
		}
	}
	return nil
}

// settings reports whether the package limits how long a client tries to
// connect, and whether it gives the client several clusters.
func settings(pass *analysis.Pass, f *found) (limited, several bool) {
	if len(f.calls) == 0 {
		return false, false
	}
	for cur := range f.root.Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		if id.Name != "Timeout" && id.Name != "Failover" && id.Name != "ConnectionStrategy" {
			continue
		}
		v, ok := pass.TypesInfo.Uses[id].(*types.Var)
		if !ok || !v.IsField() || !isClientPackage(v.Pkg()) {
			continue
		}
		several = several || id.Name == "Failover"
		limited = limited || id.Name == "Timeout"
	}
	return limited, several
}
