package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// calls finds the cluster calls of a package, those through functions of this
// and other packages included. The other analyzers read its result.
var calls = &analysis.Analyzer{
	Name:       "failovercalls",
	Doc:        "find calls to a cluster and the functions that wrap them, for other analyzers",
	Requires:   []*analysis.Analyzer{inspect.Analyzer},
	FactTypes:  []analysis.Fact{(*wrapper)(nil), (*wrappers)(nil)},
	ResultType: reflect.TypeFor[*found](),
	Run:        findCalls,
}

// effect is what a call does in the end, and the name of the call that does it.
type effect struct {
	Kind kind
	Name string // "Map.Put"
}

// wrapper is what callers must know of a function.
type wrapper struct {
	Fails effect // whose error it returns
	Waits effect // to what it passes a context that it does not bound
	Ctx   int    // the index of the parameter that is this context
	Ends  bool   // it ends the process if the error that it is given is not nil
}

func (*wrapper) AFact() {}

func (w *wrapper) String() string {
	var parts []string
	if w.Fails.Kind != notCluster {
		parts = append(parts, "fails with "+w.Fails.Name)
	}
	if w.Waits.Kind != notCluster {
		parts = append(parts, fmt.Sprintf("waits for %s on argument %d", w.Waits.Name, w.Ctx))
	}
	if w.Ends {
		parts = append(parts, "ends the process")
	}
	return strings.Join(parts, ", ")
}

// wrappers marks a package that has a wrapper, so that packages without any
// reach to a cluster are left at once.
type wrappers struct{}

func (*wrappers) AFact()           {}
func (w *wrappers) String() string { return "has wrappers" }

// found is what calls finds in a package.
type found struct {
	calls    []*foundCall // in the order of the source
	of       map[*ast.CallExpr]*foundCall
	wrapped  map[*types.Func]*wrapper
	contexts *contexts
	root     inspector.Cursor
	limited  bool // the package sets how long a client tries to connect
	several  bool // the package gives a client several clusters
}

// foundCall is a call whose error or whose waiting is that of a cluster.
type foundCall struct {
	call   *ast.CallExpr
	at     inspector.Cursor
	fails  effect // kind notCluster: its error is not that of a cluster call alone
	waits  effect // kind notCluster: it needs no deadline from here
	ctx    int
	bound  bound // of its context, if it waits
	engine bool
	names  [2]string // free names for a context with a deadline and its cancel function
	via    string    // the name of the wrapper that is called; empty for a call of the client itself
}

// name returns what a message calls a write.
func (c *foundCall) name() string {
	if c.via != "" {
		return c.via
	}
	return c.fails.Name
}

// deepest is how many functions of one package a call is followed through.
const deepest = 10

func findCalls(pass *analysis.Pass) (any, error) {
	f := &found{of: map[*ast.CallExpr]*foundCall{}, wrapped: map[*types.Func]*wrapper{}}
	f.root = pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root()
	if !reachesCluster(pass) || isClientPackage(pass.Pkg) && pass.Pkg.Name() != "main" || isEnginePackage(pass.Pkg) {
		return f, nil
	}
	f.contexts = newContexts(pass, f.root)
	f.findEnders(pass)
	f.findSettings(pass)
	for round := 0; f.findOnce(pass) && round < deepest; round++ {
	}
	f.nameContexts()
	for fn, w := range f.wrapped {
		pass.ExportObjectFact(fn, w)
	}
	if len(f.wrapped) > 0 {
		pass.ExportPackageFact(&wrappers{})
	}
	return f, nil
}

// reachesCluster reports whether the package imports the client, an engine, or
// a package with wrappers.
func reachesCluster(pass *analysis.Pass) bool {
	for _, imported := range pass.Pkg.Imports() {
		if isClientPackage(imported) || isEnginePackage(imported) || pass.ImportPackageFact(imported, &wrappers{}) {
			return true
		}
	}
	return false
}

// findOnce finds all calls with the wrappers known so far, and reports whether
// that added to the wrappers.
func (f *found) findOnce(pass *analysis.Pass) (more bool) {
	f.calls = nil
	for cur := range f.root.Preorder((*ast.CallExpr)(nil)) {
		call := cur.Node().(*ast.CallExpr)
		if c := f.callAt(pass, cur, call); c != nil {
			f.calls = append(f.calls, c)
			f.of[call] = c
		}
	}
	for _, file := range pass.Files {
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			object, ok := pass.TypesInfo.Defs[fn.Name].(*types.Func)
			if !ok {
				continue
			}
			w := f.wrapperOf(pass, object, fn)
			if old := f.wrapped[object]; old != nil {
				w.Ends = old.Ends
				if *w == *old {
					continue
				}
			} else if *w == (wrapper{}) {
				continue
			}
			f.wrapped[object], more = w, true
		}
	}
	return more
}

// nameContexts gives each call that needs a deadline names for it. They are
// given once for all analyzers, so that their fixes can be applied together.
func (f *found) nameContexts() {
	names := fresh{}
	for _, c := range f.calls {
		if fn := enclosingDecl(c.at); fn != nil && c.bound.is == noDeadline {
			c.names = [2]string{names.take(fn, "bounded"), names.take(fn, "cancel")}
		}
	}
}

// callAt returns the cluster call that a call is, or nil.
func (f *found) callAt(pass *analysis.Pass, at inspector.Cursor, call *ast.CallExpr) *foundCall {
	if direct, ok := directCall(pass.TypesInfo, call); ok {
		return f.directly(pass, at, call, direct)
	}
	fn := typeutil.StaticCallee(pass.TypesInfo, call)
	if fn == nil {
		return nil
	}
	w := f.wrapper(pass, fn.Origin())
	if w == nil || w.Fails.Kind == notCluster && w.Waits.Kind == notCluster {
		return nil
	}
	c := &foundCall{call: call, at: at, fails: w.Fails, waits: w.Waits, ctx: w.Ctx, via: fn.Name()}
	if w.Waits.Kind != notCluster && w.Ctx < len(call.Args) {
		c.bound = f.contexts.bound(call.Args[w.Ctx], at)
	}
	return c
}

// directly returns a call of the client or of an engine. A start waits if it has
// no limit but that of its context; it fails, while the cluster is away, if it
// has one for certain.
func (f *found) directly(pass *analysis.Pass, at inspector.Cursor, call *ast.CallExpr, direct clusterCall) *foundCall {
	c := &foundCall{call: call, at: at, ctx: direct.ctx, engine: direct.engine, fails: effect{direct.kind, direct.name}}
	if direct.engine || direct.ctx >= len(call.Args) {
		return c
	}
	bound := f.contexts.bound(call.Args[direct.ctx], at)
	if direct.kind != starts || f.endless(pass, call) {
		c.waits, c.bound = c.fails, bound
	}
	if direct.kind == starts && !f.limited && bound.is != hasDeadline && bound.is != fromParam {
		c.fails = effect{}
	}
	return c
}

// wrapper returns what is known of a function, or nil.
func (f *found) wrapper(pass *analysis.Pass, fn *types.Func) *wrapper {
	if fn.Pkg() == pass.Pkg {
		return f.wrapped[fn]
	}
	var w wrapper
	if fn.Pkg() == nil || !pass.ImportObjectFact(fn, &w) {
		return nil
	}
	return &w
}

// wrapperOf says what callers of a function must know of it.
func (f *found) wrapperOf(pass *analysis.Pass, object *types.Func, fn *ast.FuncDecl) *wrapper {
	w := &wrapper{}
	if cur, ok := f.root.FindNode(fn.Body); ok && returnsError(object) {
		w.Fails = f.failsWith(pass, cur)
	}
	for _, c := range f.calls {
		if c.call.Pos() < fn.Body.Pos() || c.call.Pos() >= fn.Body.End() || c.bound.is != fromParam {
			continue
		}
		if index := indexOf(object, c.bound.param); index >= 0 {
			w.Waits, w.Ctx = c.waits, index
			break
		}
	}
	return w
}

// indexOf returns the index of a function's parameter, or -1 if it is another's.
func indexOf(fn *types.Func, param types.Object) int {
	for i := range fn.Signature().Params().Len() {
		if fn.Signature().Params().At(i) == param {
			return i
		}
	}
	return -1
}

// failsWith returns the cluster call whose error a function's body returns. A
// body that returns other errors too does not wrap a write: a caller that drops
// its error may have another reason. A start counts however much else the
// function does: it fails with it when the cluster is away.
func (f *found) failsWith(pass *analysis.Pass, body inspector.Cursor) effect {
	var result effect
	thin := true
	for cur := range body.Preorder((*ast.CallExpr)(nil), (*ast.FuncLit)(nil)) {
		call, ok := cur.Node().(*ast.CallExpr)
		if !ok || outermost(cur, body) {
			continue
		}
		c := f.of[call]
		switch {
		case c == nil:
			thin = thin && (!fallible(pass.TypesInfo, call) || harmless(pass.TypesInfo, call))
		case c.fails.Kind == notCluster:
			thin = false
		case c.waits.Kind == starts && c.bound.is == noDeadline: // never fails while the cluster is away
		case c.fails.Kind > result.Kind && flowsOut(pass, cur, body):
			result = c.fails
		}
	}
	if result.Kind != starts && !thin {
		return effect{}
	}
	return result
}

// outermost reports whether a function literal stands between a node and the body.
func outermost(cur, body inspector.Cursor) bool {
	for lit := range cur.Enclosing((*ast.FuncLit)(nil)) {
		return body.Contains(lit)
	}
	return false
}

// fallible reports whether a call returns an error.
func fallible(info *types.Info, call *ast.CallExpr) bool {
	t := info.TypeOf(call)
	if tuple, ok := t.(*types.Tuple); ok && tuple.Len() > 0 {
		t = tuple.At(tuple.Len() - 1).Type()
	}
	return t != nil && isError(t)
}

// harmless reports whether an error that a call returns says nothing about the
// world outside the process, or is made of another error.
func harmless(info *types.Info, call *ast.CallExpr) bool {
	fn, ok := typeutil.Callee(info, call).(*types.Func)
	if !ok || fn.Pkg() == nil {
		return false
	}
	first, _, _ := strings.Cut(fn.Pkg().Path(), "/")
	return strings.HasPrefix(fn.Name(), "Marshal") || contains("fmt errors encoding strconv bytes strings bufio context", first) || fn.Pkg().Path() == "io" ||
		strings.HasSuffix(fn.Pkg().Path(), "/errors")
}

// flowsOut reports whether a call's error reaches a return of the function.
func flowsOut(pass *analysis.Pass, call, body inspector.Cursor) bool {
	for range call.Enclosing((*ast.ReturnStmt)(nil)) {
		return true
	}
	err := errorVar(pass.TypesInfo, call)
	if err == nil {
		return false
	}
	for cur := range body.Preorder((*ast.ReturnStmt)(nil)) {
		ret := cur.Node().(*ast.ReturnStmt)
		if outermost(cur, body) {
			continue
		}
		if len(ret.Results) == 0 && isResult(pass.TypesInfo, cur, err) {
			return true
		}
		if len(ret.Results) > 0 && mentions(pass.TypesInfo, ret.Results[len(ret.Results)-1], err) {
			return true
		}
	}
	return false
}

// errorVar returns the variable that a call's error is assigned to, or nil.
func errorVar(info *types.Info, call inspector.Cursor) types.Object {
	assign, ok := call.Parent().Node().(*ast.AssignStmt)
	if !ok || len(assign.Rhs) != 1 {
		return nil
	}
	id, ok := assign.Lhs[len(assign.Lhs)-1].(*ast.Ident)
	if !ok || id.Name == "_" {
		return nil
	}
	return info.ObjectOf(id)
}

// mentions reports whether a node uses an object.
func mentions(info *types.Info, n ast.Node, object types.Object) bool {
	used := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && info.ObjectOf(id) == object {
			used = true
		}
		return !used
	})
	return used
}
