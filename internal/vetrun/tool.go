package vetrun

import (
	"runtime/debug"
	"strings"

	"golang.org/x/tools/go/analysis/unitchecker"

	"github.com/failover-gen/failover-gen/vet"
)

// IsTool reports whether args are those by which go vet -vettool calls its tool:
// a question about the tool itself, or one package, described by a file.
func IsTool(args []string) bool {
	switch {
	case len(args) == 0:
		return false
	case len(args) == 1 && (args[0] == "-V=full" || args[0] == "-flags"):
		return true
	}
	for _, flag := range args[:len(args)-1] {
		if !strings.HasPrefix(flag, "-") {
			return false
		}
	}
	last := args[len(args)-1]
	return strings.HasSuffix(last, ".cfg") && !strings.HasPrefix(last, "-")
}

// Tool is the tool of go vet. It takes over the process: it reads the process's own
// arguments, prints, and exits.
func Tool() {
	// One package fits into memory, and the process ends soon: collecting garbage as
	// often as by default took a fifth of the processors' time over 100,000 lines.
	debug.SetGCPercent(400)
	unitchecker.Main(vet.Analyzers()...)
}
