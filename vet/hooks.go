package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// isTransportPackage reports whether a package is the engine of a generated
// project for web services. Like isEnginePackage it does not need its source.
func isTransportPackage(pkg *types.Package) bool {
	return declares(pkg, "failover", "New", "Transport", "Options", "Endpoint", "Static", "DefaultAddress")
}

// isRegistryPackage reports whether a package is the reader of ZooKeeper's lists of
// such a project.
func isRegistryPackage(pkg *types.Package) bool {
	return declares(pkg, "registry", "Register", "Watch", "Secret")
}

// isOurs reports whether a package is an engine of either kind.
func isOurs(pkg *types.Package) bool { return isEnginePackage(pkg) || isTransportPackage(pkg) }

// usesEngine reports whether the package imports an engine of which is says yes,
// itself or through the package that a generated project of --layout package puts
// in front of it.
func usesEngine(pass *analysis.Pass, is func(*types.Package) bool) bool {
	for _, imported := range pass.Pkg.Imports() {
		if is(imported) {
			return true
		}
		options, ok := imported.Scope().Lookup("Options").(*types.TypeName)
		if ok && options.IsAlias() && isType(options.Type(), is, "Options") {
			return true
		}
	}
	return false
}

// usesClient reports whether the package imports hazelcast-go-client.
func usesClient(pass *analysis.Pass) bool {
	for _, imported := range pass.Pkg.Imports() {
		if isClientPackage(imported) {
			return true
		}
	}
	return false
}

// hook is a function of the user's that an engine calls.
type hook struct {
	name string           // "OnActive", ...; "Do" for Client.Do and Map.Do
	fn   inspector.Cursor // the literal or the declaration
	body *ast.BlockStmt
	args []*types.Var
	call *ast.CallExpr // of Do; nil for a field of Options
}

// hooks returns the functions that the package gives to an engine, each once by name.
func (c *code) hooks() []hook {
	var found []hook
	type use struct {
		name string
		fn   inspector.Cursor
	}
	seen := make(map[use]bool)
	add := func(name string, f ast.Expr, call *ast.CallExpr) {
		fn, ok := c.function(f)
		typ, body := partsOf(fn)
		if !ok || body == nil || seen[use{name, fn}] {
			return
		}
		seen[use{name, fn}] = true
		found = append(found, hook{name, fn, body, c.params(typ), call})
	}
	for at := range c.root.Preorder((*ast.KeyValueExpr)(nil), (*ast.AssignStmt)(nil), (*ast.CallExpr)(nil)) {
		switch n := at.Node().(type) {
		case *ast.KeyValueExpr:
			lit, inLit := at.Parent().Node().(*ast.CompositeLit)
			key, named := n.Key.(*ast.Ident)
			if inLit && named && isType(c.typeOf(lit), isOurs, "Options") {
				add(key.Name, n.Value, nil)
			}
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				field, ok := ast.Unparen(to).(*ast.SelectorExpr)
				if ok && len(n.Lhs) == len(n.Rhs) && isType(c.typeOf(field.X), isOurs, "Options") {
					add(field.Sel.Name, n.Rhs[i], nil)
				}
			}
		case *ast.CallExpr:
			if f := c.callee(n); f != nil && f.Name() == "Do" && isEnginePackage(f.Pkg()) && len(n.Args) == 2 {
				add("Do", n.Args[1], n)
			}
		}
	}
	return found
}

// params returns the named parameters of a function.
func (c *code) params(typ *ast.FuncType) []*types.Var {
	var found []*types.Var
	for _, field := range typ.Params.List {
		for _, name := range field.Names {
			if v, ok := c.pass.TypesInfo.Defs[name].(*types.Var); ok {
				found = append(found, v)
			}
		}
	}
	return found
}

// calls calls f with each call that a hook makes in its own goroutine: those of
// functions that it only hands on, or starts as goroutines, are left out.
func (h hook) calls(f func(at inspector.Cursor, call *ast.CallExpr)) {
	h.own([]ast.Node{(*ast.CallExpr)(nil)}, func(at inspector.Cursor) { f(at, at.Node().(*ast.CallExpr)) })
}

// own calls f with each node of the types that runs in the hook's own goroutine.
func (h hook) own(nodes []ast.Node, f func(at inspector.Cursor)) { sameGoroutine(h.fn, nodes, f) }

// sameGoroutine calls f with each node of the types in a function or a statement
// that runs where this does: functions that it only hands on are left out.
func sameGoroutine(in inspector.Cursor, nodes []ast.Node, f func(at inspector.Cursor)) {
	in.Inspect(append([]ast.Node{(*ast.FuncLit)(nil), (*ast.GoStmt)(nil)}, nodes...), func(at inspector.Cursor) bool {
		switch at.Node().(type) {
		case *ast.GoStmt:
			return false
		case *ast.FuncLit:
			return at == in || at.ParentEdgeKind() == edge.CallExpr_Fun
		}
		f(at)
		return true
	})
}

// isProxy reports whether a type is the client's, or what it makes: a map, a
// queue, a topic and so on.
func isProxy(t types.Type) bool {
	obj := nameOf(t)
	return obj != nil && isClientPackage(obj.Pkg()) && (obj.Name() == "Client" || written[obj.Name()] != "" || obj.Name() == "FlakeIDGenerator")
}

// addsListener reports whether a function adds a listener to a client or to
// something of a client's.
func addsListener(f *types.Func) bool {
	return f != nil && isClientPackage(f.Pkg()) && receiver(f) != "Config" && strings.HasPrefix(f.Name(), "Add") && strings.Contains(f.Name(), "Listener")
}

// within reports whether a position is in a node.
func within(pos token.Pos, n ast.Node) bool { return n.Pos() <= pos && pos < n.End() }
