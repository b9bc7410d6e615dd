package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// toOnActive returns the fix that makes of a function which Do is given, and which
// does no more than add a listener, the OnActive of the engine. Do stays, with
// nothing to do: it may be there to wait for a cluster.
func (c *code) toOnActive(h hook) []analysis.SuggestedFix {
	lit, ok := h.fn.Node().(*ast.FuncLit)
	if !ok || h.call.Args[1] != ast.Expr(lit) || !c.addsOneListener(h) {
		return nil
	}
	options := c.optionsOf(h)
	if options == nil || !c.canMove(lit, options) {
		return nil
	}
	return []analysis.SuggestedFix{{Message: "add the listener in OnActive", TextEdits: []analysis.TextEdit{
		{Pos: options.Lbrace + 1, End: options.Lbrace + 1, NewText: []byte("\nOnActive: " + c.source(lit) + ",\n")},
		{Pos: lit.Body.Lbrace, End: lit.Body.End(), NewText: []byte("{ return nil }")},
	}}}
}

// addsOneListener reports whether a hook adds a listener, gets what it is added to,
// and asks nothing else of its cluster.
func (c *code) addsOneListener(h hook) bool {
	listeners, others := 0, 0
	for at := range h.fn.Preorder((*ast.CallExpr)(nil)) {
		call := at.Node().(*ast.CallExpr)
		switch _, asks := directCall(c.pass.TypesInfo, call); {
		case addsListener(c.callee(call)):
			listeners++
		case asks && !c.getsProxy(call):
			others++
		}
	}
	for at := range h.fn.Preorder((*ast.AssignStmt)(nil)) {
		for _, to := range at.Node().(*ast.AssignStmt).Lhs {
			if c.outlives(to, h) {
				others++ // it would be set on every activation, in another goroutine
			}
		}
	}
	return listeners == 1 && others == 0
}

// optionsOf returns the literal of the options with which a local engine was made,
// if they have no OnActive; nil if that is not in plain sight.
func (c *code) optionsOf(h hook) *ast.CompositeLit {
	do, ok := ast.Unparen(h.call.Fun).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	client, at := c.variable(do.X), c.root
	if found, ok := c.root.FindNode(h.call); ok {
		at = found
	}
	if client == nil || !isType(client.Type(), isEnginePackage, "Client") {
		return nil
	}
	made, ok := c.result(at, client).(*ast.CallExpr)
	if !ok || len(made.Args) != 2 {
		return nil
	}
	if f := c.callee(made); f == nil || f.Name() != "New" || !isEnginePackage(f.Pkg()) {
		return nil
	}
	options := c.configurations(func(t types.Type) bool { return isType(t, isEnginePackage, "Options") }).at(made.Args[1])
	if options == nil || !options.whole || options.mayHave("OnActive") {
		return nil
	}
	lit, _ := options.made.(*ast.CompositeLit)
	return lit
}

// canMove reports whether all that a function names means the same where the
// options are written.
func (c *code) canMove(lit *ast.FuncLit, options *ast.CompositeLit) bool {
	scope := c.pass.Pkg.Scope().Innermost(options.Pos())
	at, ok := c.root.FindNode(lit)
	if scope == nil || !ok {
		return false
	}
	same := true
	at.Inspect([]ast.Node{(*ast.Ident)(nil)}, func(in inspector.Cursor) bool {
		id := in.Node().(*ast.Ident)
		obj := c.pass.TypesInfo.Uses[id]
		if obj == nil || obj.Parent() == nil || within(obj.Pos(), lit) || in.ParentEdgeKind() == edge.SelectorExpr_Sel {
			return true // a field, a method, its own, or one of another package
		}
		_, there := scope.LookupParent(id.Name, options.Pos())
		same = same && there == obj
		return true
	})
	return same
}
