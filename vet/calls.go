package vet

import (
	"go/ast"
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/types/typeutil"
)

// kind says what a call does.
type kind int

const (
	notCluster kind = iota
	// reads: the call asks a cluster and changes nothing that would be missed.
	reads
	// writes: the call changes what a cluster holds.
	writes
	// starts: the call starts a client.
	starts
)

// clusterCall is a call that a cluster answers.
type clusterCall struct {
	kind   kind
	name   string // as messages give it: "Map.Put"
	ctx    int    // the index of the argument that is its context
	engine bool   // of the engine of a generated project, which gives each call a deadline
}

// clientPath matches the import paths of hazelcast-go-client and of what lies below it.
var clientPath = regexp.MustCompile(`^github\.com/hazelcast/hazelcast-go-client(/v[0-9]+)?(/|$)`)

// isClientPackage reports whether a package is hazelcast-go-client or belongs to it.
func isClientPackage(pkg *types.Package) bool {
	return pkg != nil && clientPath.MatchString(pkg.Path())
}

// isEnginePackage reports whether a package is the engine of a generated
// project. Its source is often out of reach, so it is known by its path and by
// what it declares.
func isEnginePackage(pkg *types.Package) bool {
	return declares(pkg, "failover", "New", "Cluster", "Options", "Client", "Map", "ChangedCluster")
}

// isOutcomePackage reports whether a package is that of a generated project
// which names outcomes.
func isOutcomePackage(pkg *types.Package) bool {
	return declares(pkg, "outcome", "Of", "MayRepeat", "Unknown", "NotSent", "Acked", "Rejected")
}

// declares reports whether a package lies in an internal folder, has the name,
// and declares what is listed.
func declares(pkg *types.Package, name string, objects ...string) bool {
	if pkg == nil || pkg.Name() != name || !strings.Contains("/"+pkg.Path(), "/internal/") && !strings.HasSuffix(pkg.Path(), "/templates/"+name) {
		return false
	}
	for _, object := range objects {
		if pkg.Scope().Lookup(object) == nil {
			return false
		}
	}
	return true
}

// written lists the methods that write, by type. Locks are left out, because
// giving one up is often tried and no more, and taking one twice is allowed. So is
// Destroy, which cleans up.
var written = map[string]string{
	"Map": "Put PutAll PutIfAbsent PutIfAbsentWithTTL PutIfAbsentWithTTLAndMaxIdle PutTransient PutTransientWithMaxIdle PutTransientWithTTL " +
		"PutTransientWithTTLAndMaxIdle PutWithMaxIdle PutWithTTL PutWithTTLAndMaxIdle Set SetTTL SetTTLAffected SetWithTTL SetWithTTLAndMaxIdle " +
		"TryPut TryPutWithTimeout Replace ReplaceIfSame Remove RemoveAll RemoveIfSame TryRemove TryRemoveWithTimeout Delete Clear " +
		"ExecuteOnEntries ExecuteOnEntriesWithPredicate ExecuteOnKey ExecuteOnKeys",
	"MultiMap":      "Put PutAll Remove RemoveEntry Delete Clear",
	"ReplicatedMap": "Put PutAll Remove Clear",
	"Queue":         "Add AddAll AddWithTimeout Put Poll PollWithTimeout Take Drain DrainWithMaxSize Remove RemoveAll RetainAll Clear",
	"List":          "Add AddAll AddAllAt AddAt Set Remove RemoveAll RemoveAt RetainAll Clear",
	"Set":           "Add AddAll Remove RemoveAll RetainAll Clear",
	"Topic":         "Publish PublishAll",
	"Ringbuffer":    "Add AddAll",
	"AtomicLong":    "AddAndGet Alter AlterAndGet DecrementAndGet GetAndAdd GetAndAlter GetAndDecrement GetAndIncrement GetAndSet IncrementAndGet Set",
	"AtomicRef":     "Alter AlterAndGet Clear GetAndAlter GetAndSet Set",
	"PNCounter":     "AddAndGet DecrementAndGet GetAndAdd GetAndDecrement GetAndIncrement GetAndSubtract IncrementAndGet SubtractAndGet",
}

// directCall returns what a call of hazelcast-go-client or of a generated
// engine does. A call through any other function is none of these.
func directCall(info *types.Info, call *ast.CallExpr) (clusterCall, bool) {
	fn, ok := typeutil.Callee(info, call).(*types.Func)
	if !ok || !takesContext(fn) {
		return clusterCall{}, false
	}
	owner := receiver(fn)
	switch {
	case isClientPackage(fn.Pkg()):
		return ofClient(info, call, fn, owner)
	case isEnginePackage(fn.Pkg()):
		return ofEngine(fn, owner)
	}
	return clusterCall{}, false
}

func ofClient(info *types.Info, call *ast.CallExpr, fn *types.Func, owner string) (clusterCall, bool) {
	found := clusterCall{kind: reads, name: fn.Name()}
	switch {
	case owner == "" && (fn.Name() == "StartNewClient" || fn.Name() == "StartNewClientWithConfig"):
		found.kind = starts
		return found, true
	case owner == "" || fn.Name() == "Shutdown" || fn.Name() == "NewLockContext":
		return clusterCall{}, false
	case owner == "Service": // of package sql, an interface
		found.name = "SQL." + fn.Name()
		if len(call.Args) > 1 && changes(info, call.Args[1]) {
			found.kind = writes
		}
		return found, true
	}
	if selector, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && !ast.IsExported(owner) { // embedded in Map, Queue, ...
		owner = nameOfType(info.TypeOf(selector.X))
	}
	found.name = owner + "." + fn.Name()
	if contains(written[owner], fn.Name()) {
		found.kind = writes
	}
	return found, returnsError(fn)
}

func ofEngine(fn *types.Func, owner string) (clusterCall, bool) {
	found := clusterCall{kind: reads, name: owner + "." + fn.Name(), engine: true}
	switch {
	case owner == "Map" && contains("Put Set Remove Delete", fn.Name()):
		found.kind = writes
		return found, true
	case owner == "Map" || owner == "Client" && fn.Name() == "Do":
		return found, true
	}
	return clusterCall{}, false
}

var changing = regexp.MustCompile(`(?i)^\s*(insert|sink|update|delete|create|drop|alter)\b`)

// changes reports whether an SQL statement, if it is a constant, changes data.
func changes(info *types.Info, statement ast.Expr) bool {
	if call, ok := ast.Unparen(statement).(*ast.CallExpr); ok && len(call.Args) > 0 { // sql.NewStatement("...")
		statement = call.Args[0]
	}
	text := info.Types[statement].Value
	return text != nil && changing.MatchString(strings.Trim(text.ExactString(), `"`))
}

// takesContext reports whether a function's first parameter is a context.
func takesContext(fn *types.Func) bool {
	params := fn.Signature().Params()
	return params.Len() > 0 && isContext(params.At(0).Type())
}

// isContext reports whether a type is context.Context.
func isContext(t types.Type) bool {
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Context" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "context"
}

// returnsError reports whether a function's last result is an error.
func returnsError(fn *types.Func) bool {
	results := fn.Signature().Results()
	return results.Len() > 0 && isError(results.At(results.Len()-1).Type())
}

// isError reports whether a type is error.
func isError(t types.Type) bool { return types.Identical(t, types.Universe.Lookup("error").Type()) }

// receiver returns the name of the type that a method belongs to, or nothing
// for a function.
func receiver(fn *types.Func) string {
	recv := fn.Signature().Recv()
	if recv == nil {
		return ""
	}
	return nameOfType(recv.Type())
}

// nameOfType returns the name of a type or of what it points to, or nothing.
func nameOfType(t types.Type) string {
	t = types.Unalias(t)
	if pointer, ok := t.(*types.Pointer); ok {
		t = types.Unalias(pointer.Elem())
	}
	if named, ok := t.(*types.Named); ok {
		return named.Obj().Name()
	}
	return ""
}

// contains reports whether a list of words has one.
func contains(words, word string) bool { return strings.Contains(" "+words+" ", " "+word+" ") }

// enclosingFile returns the file of the package that a node stands in.
func enclosingFile(pass *analysis.Pass, n ast.Node) *ast.File {
	for _, file := range pass.Files {
		if file.FileStart <= n.Pos() && n.Pos() < file.FileEnd {
			return file
		}
	}
	return nil
}
