package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// findSettings notes whether the package limits how long a client tries to
// connect, and whether it gives the client several clusters.
func (f *found) findSettings(pass *analysis.Pass) {
	for cur := range f.root.Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		if id.Name != "Timeout" && id.Name != "Failover" {
			continue
		}
		v, ok := pass.TypesInfo.Uses[id].(*types.Var)
		if !ok || !v.IsField() || !isClientPackage(v.Pkg()) {
			continue
		}
		f.several = f.several || id.Name == "Failover"
		f.limited = f.limited || id.Name == "Timeout"
	}
}

// endless reports whether a start of the client has no limit but that of its
// context: the package sets none, and its configuration comes from nowhere else.
func (f *found) endless(pass *analysis.Pass, start *ast.CallExpr) bool {
	return !f.limited && (len(start.Args) < 2 || f.ownConfig(pass, start.Args[1], map[types.Object]bool{}))
}

// ownConfig reports whether the package makes a configuration itself. One that
// is given to it, or that is read from a file, may have any limit.
func (f *found) ownConfig(pass *analysis.Pass, config ast.Expr, seen map[types.Object]bool) bool {
	switch n := ast.Unparen(config).(type) {
	case *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		fn := typeutil.StaticCallee(pass.TypesInfo, n)
		return fn != nil && (fn.Pkg() == pass.Pkg || isClientPackage(fn.Pkg()))
	case *ast.Ident:
		object := pass.TypesInfo.ObjectOf(n)
		if object == nil || seen[object] {
			return object != nil // it is made of itself, in a function that calls itself
		}
		seen[object] = true
		return !f.givenElsewhere(pass, object, seen)
	}
	return false
}

// givenElsewhere reports whether a variable is a parameter of which callers are
// unknown, is handed out by its address, or gets a value that the package does not make.
func (f *found) givenElsewhere(pass *analysis.Pass, v types.Object, seen map[types.Object]bool) bool {
	for cur := range f.root.Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		if pass.TypesInfo.ObjectOf(id) != v {
			continue
		}
		switch parent := cur.Parent().Node().(type) {
		case *ast.Field:
			if !f.ownArguments(pass, cur, v, seen) {
				return true
			}
		case *ast.UnaryExpr:
			if parent.Op == token.AND {
				return true
			}
		case *ast.AssignStmt:
			for i, left := range parent.Lhs {
				if left != id {
					continue
				}
				value := valueOf(parent.Rhs, i, len(parent.Lhs))
				if other, ok := value.(*ast.Ident); value == nil || !ok && !f.ownConfig(pass, value, seen) || ok && pass.TypesInfo.ObjectOf(other) != v {
					return true
				}
			}
		}
	}
	return false
}

// ownArguments reports whether a parameter belongs to a function that only this
// package calls, each time with a configuration that the package makes.
func (f *found) ownArguments(pass *analysis.Pass, param inspector.Cursor, v types.Object, seen map[types.Object]bool) bool {
	decl, ok := function(param).Node().(*ast.FuncDecl)
	if !ok || decl.Name.IsExported() {
		return false
	}
	fn, ok := pass.TypesInfo.Defs[decl.Name].(*types.Func)
	if !ok {
		return false
	}
	called := false
	for cur := range f.root.Preorder((*ast.Ident)(nil)) {
		if pass.TypesInfo.Uses[cur.Node().(*ast.Ident)] != fn {
			continue
		}
		callee := cur
		if selector, ok := cur.Parent().Node().(*ast.SelectorExpr); ok && selector.Sel == cur.Node() {
			callee = cur.Parent()
		}
		call, ok := callee.Parent().Node().(*ast.CallExpr)
		index := indexOf(fn, v)
		if !ok || call.Fun != callee.Node() || index < 0 || index >= len(call.Args) || !f.ownConfig(pass, call.Args[index], seen) {
			return false
		}
		called = true
	}
	return called
}
