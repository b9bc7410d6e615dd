// Package vet finds in Go code what the next outage of a cluster will break: the
// calls that will hang, the writes that will be lost or applied twice, and the
// processes that will end. Its analyzers are those of golang.org/x/tools/go/analysis,
// so that a command, go vet -vettool, an editor or another linter can run them.
//
// They read code and run none. They are silent where they are unsure: a call
// through an interface, a context that comes from elsewhere, an error that a
// function of the user's decides on. They report nothing in code for tests,
// which no outage meets. They judge no style, and they do not prove that code survives:
// a drill does that.
//
// The page docs/vet.md has a section for each analyzer, with the reasons.
package vet

import "golang.org/x/tools/go/analysis"

// Analyzers returns all analyzers of this package, in the order of docs/vet.md.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		Dropped, Unbounded, Repeat, FatalStart,
		Stale, Insecure, NativeFailover, Engine, WebService,
		Ignore,
	}
}

// names are those that a directive may ignore. A list of its own, since a
// directive is checked by an analyzer of the list that Analyzers returns.
var names = []string{
	"dropped", "unbounded", "repeat", "fatalstart",
	"stale", "insecure", "nativefailover", "engine", "webservice",
}

// page returns the address of an analyzer's section in docs/vet.md.
func page(name string) string {
	return "https://github.com/failover-gen/failover-gen/blob/main/docs/vet.md#" + name
}
