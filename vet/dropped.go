package vet

import (
	"fmt"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

// Dropped reports writes whose failure nobody learns of, and those whose failure
// ends the process or the loop that writes.
var Dropped = &analysis.Analyzer{
	Name: "dropped",
	Doc: "report writes to a cluster whose error is ignored or ends the process or the write loop\n\n" +
		"When a cluster is lost, the writes that are on their way fail. A program that drops their error does not know which were applied; one that ends on it does not survive.",
	URL:      page("dropped"),
	Requires: []*analysis.Analyzer{directives, calls},
	Run:      run(findDropped),
}

func findDropped(pass *analysis.Pass) error {
	f := pass.ResultOf[calls].(*found)
	for _, c := range f.calls {
		if c.fails.Kind != writes {
			continue
		}
		what, at := f.fateOf(pass, c.at)
		d := analysis.Diagnostic{Pos: c.call.Pos(), End: c.call.End()}
		switch {
		case what == ignored:
			d.Message = fmt.Sprintf("the error of %s is dropped: when the cluster is lost, nobody learns whether the write was applied", spoken(c))
			d.SuggestedFixes = trap(pass, c, at)
		case what == ends && !setsUp(c.at):
			d.Message = fmt.Sprintf("a failed %s ends the process: the first write that fails in an outage stops all that follow; log it and go on", spoken(c))
			d.SuggestedFixes = goOn(pass, c.at, at)
		case what == leaves && loopIsService(pass, f, c.at):
			d.Message = fmt.Sprintf("a failed %s ends this loop: the first write that fails in an outage stops all that follow; log it and go on", spoken(c))
		default:
			continue
		}
		report(pass, d)
	}
	return nil
}

// spoken names a call in a message: "Map.Put", or "save (Map.Put)" for a function
// that wraps it.
func spoken(c *foundCall) string {
	if c.via != "" {
		return c.via + " (" + c.fails.Name + ")"
	}
	return c.fails.Name
}

// setsUp reports whether a call stands in main or init and in no loop. A program
// that writes once before it starts to serve may end when that fails.
func setsUp(call inspector.Cursor) bool {
	fn, ok := function(call).Node().(*ast.FuncDecl)
	if !ok || fn.Recv != nil || !contains("main init", fn.Name.Name) {
		return false
	}
	for range call.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil)) {
		return false
	}
	return true
}

// loopIsService reports whether nobody starts the loop around a call again: it
// is endless, or runs in main or in a goroutine.
func loopIsService(pass *analysis.Pass, f *found, call inspector.Cursor) bool {
	fn := function(call)
	if results := typeOf(fn).Results; results != nil && len(results.List) > 0 {
		return false // it may say by other means that it failed
	}
	loops := 0
	endless := false
	for cur := range call.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		if cur == fn {
			break
		}
		loops++
		loop, ok := cur.Node().(*ast.ForStmt)
		endless = ok && loop.Init == nil && loop.Post == nil
	}
	if loops != 1 {
		return false
	}
	switch n := fn.Node().(type) {
	case *ast.FuncLit:
		return isGoroutine(fn)
	case *ast.FuncDecl:
		return endless || n.Recv == nil && n.Name.Name == "main" || startedByGo(pass, f, n)
	}
	return false
}

// isGoroutine reports whether a function literal is started by a go statement.
func isGoroutine(lit inspector.Cursor) bool {
	call, ok := lit.Parent().Node().(*ast.CallExpr)
	if !ok || call.Fun != lit.Node() {
		return false
	}
	_, ok = lit.Parent().Parent().Node().(*ast.GoStmt)
	return ok
}

// startedByGo reports whether the package starts a function with a go statement.
func startedByGo(pass *analysis.Pass, f *found, fn *ast.FuncDecl) bool {
	object := pass.TypesInfo.Defs[fn.Name]
	for cur := range f.root.Preorder((*ast.GoStmt)(nil)) {
		var used types.Object
		switch callee := ast.Unparen(cur.Node().(*ast.GoStmt).Call.Fun).(type) {
		case *ast.Ident:
			used = pass.TypesInfo.ObjectOf(callee)
		case *ast.SelectorExpr:
			used = pass.TypesInfo.ObjectOf(callee.Sel)
		}
		if used != nil && used == object {
			return true
		}
	}
	return false
}
