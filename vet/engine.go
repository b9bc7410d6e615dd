package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Engine reports uses of a generated project's engine that its rules forbid.
var Engine = &analysis.Analyzer{
	Name: "engine",
	Doc: "report misuse of the engine that failover-gen generates\n\n" +
		"Do makes one call, because what was not sent runs again; hooks neither block nor close the engine that waits for them; and what was sent and not answered is handled for itself.",
	URL:      page("engine"),
	Requires: []*analysis.Analyzer{directives, inspect.Analyzer},
	Run:      run(engine),
}

func engine(pass *analysis.Pass) error {
	if isOurs(pass.Pkg) || !usesEngine(pass, isOurs) && !importsOutcome(pass) {
		return nil
	}
	c := newCode(pass)
	for _, h := range c.hooks() {
		switch h.name {
		case "Do":
			c.callsInDo(h)
		case "OnActive", "ReadyToReturn", "OnEvent", "OnResult":
			c.callsInHook(h)
			c.blocks(h)
		}
	}
	c.outcomeSwitches()
	return nil
}

func importsOutcome(pass *analysis.Pass) bool {
	for _, imported := range pass.Pkg.Imports() {
		if isOutcomePackage(imported) {
			return true
		}
	}
	return false
}

// callsInDo reports calls that are carried out twice when Do runs again because a
// later one was not sent.
func (c *code) callsInDo(h hook) {
	if f := c.calleeOf(h.call.Args[0]); f != nil && f.Name() == "MayRepeat" {
		return // its author says that it may run twice
	}
	var first inspector.Cursor
	var name string
	h.calls(func(at inspector.Cursor, call *ast.CallExpr) {
		does, ok := directCall(c.pass.TypesInfo, call)
		if !ok || does.kind != reads && does.kind != writes || c.getsProxy(call) || addsListener(c.callee(call)) {
			return
		}
		switch {
		case name != "" && follows(first, at):
			report(c.pass, analysis.Diagnostic{Pos: call.Pos(), End: call.End(), Message: "a second call in one Do: if it is not sent, Do runs again, on the next cluster too, and " +
				name + " is applied twice; give each call a Do of its own"})
		case does.kind == writes && loopsIn(h, at):
			report(c.pass, analysis.Diagnostic{Pos: call.Pos(), End: call.End(), Message: does.name + " in a loop is many calls in one Do: if one of them is not sent, " +
				"Do runs again, on the next cluster too, and those before it are applied twice; put the loop around Do"})
		case does.name == "Map.PutAll":
			report(c.pass, analysis.Diagnostic{Pos: call.Pos(), End: call.End(), Message: "Map.PutAll is a call for each partition, and Do may make one: the outcome is that of the one that failed, " +
				"and what the others wrote is written again; give each entry a call of its own"})
		}
		if name == "" && does.kind == writes {
			first, name = at, does.name
		}
	})
}

// calleeOf returns the function that an expression calls, or nil.
func (c *code) calleeOf(e ast.Expr) *types.Func {
	if call, ok := c.meant(e).(*ast.CallExpr); ok {
		return c.callee(call)
	}
	return nil
}

// getsProxy reports whether a call gets a map, a queue or the like, which may be
// repeated.
func (c *code) getsProxy(call *ast.CallExpr) bool {
	f := c.callee(call)
	return f != nil && f.Signature().Results().Len() > 0 && isProxy(f.Signature().Results().At(0).Type())
}

// loopsIn reports whether a node of a hook stands in a loop of the hook.
func loopsIn(h hook, at inspector.Cursor) bool {
	for up := range at.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		switch up.Node().(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return true
		}
		if up == h.fn {
			return false
		}
	}
	return false
}

// follows reports whether a second node may run after a first in the same run of
// their function: no return lies between them, and they are not in two branches of
// one statement.
func follows(first, second inspector.Cursor) bool {
	for at := first; ; at = at.Parent() {
		up := at.Parent()
		if up.Node() == nil {
			return false
		}
		if up.Contains(second) {
			return !branches(at, up, second)
		}
		if leavesFunc(up) {
			return false
		}
	}
}

// branches reports whether a node and one that follows it are in two branches of
// the statement that holds both.
func branches(at, up, second inspector.Cursor) bool {
	switch n := up.Node().(type) {
	case *ast.IfStmt:
		return at.ParentEdgeKind() == edge.IfStmt_Body && n.Else != nil && within(second.Node().Pos(), n.Else)
	case *ast.BlockStmt:
		switch at.Node().(type) {
		case *ast.CaseClause, *ast.CommClause:
			return true
		}
	}
	return false
}

// leavesFunc reports whether a statement or a block of them ends by leaving its function or loop.
func leavesFunc(at inspector.Cursor) bool {
	var list []ast.Stmt
	switch n := at.Node().(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	case *ast.BlockStmt:
		list = n.List
	case *ast.CaseClause:
		list = n.Body
	}
	if len(list) == 0 {
		return false
	}
	switch list[len(list)-1].(type) {
	case *ast.ReturnStmt, *ast.BranchStmt:
		return true
	}
	return false
}
