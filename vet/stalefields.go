package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

// keptInFields reports a proxy that lies beside several clients, as a field of the
// same struct or as a variable of the same package, and that is got once, from one
// of them, where the program goes from one client to another.
func (c *code) keptInFields() {
	groups := c.groups()
	if len(groups) == 0 {
		return
	}
	gotFrom := c.gotFrom()
	for _, group := range groups {
		if !c.switches(group.clients) || c.oneForEach(group, gotFrom) {
			continue
		}
		for _, proxy := range group.proxies {
			places := gotFrom[proxy]
			if len(places) != 1 || !group.clients[places[0].client] {
				continue
			}
			report(c.pass, analysis.Diagnostic{Pos: places[0].at.Pos(), End: places[0].at.End(), Message: proxy.Name() + " is got once, from " + places[0].client.Name() +
				", and kept beside other clusters' clients: when that cluster is lost, " + proxy.Name() + " still belongs to it; get it from the client in use, or keep one for each client"})
		}
	}
}

// switches reports whether the program goes from one of the clients to another: it
// puts one in place of another, or two into the same variable.
func (c *code) switches(clients map[*types.Var]bool) bool {
	from := make(map[*types.Var]*types.Var)
	for at := range c.root.Preorder((*ast.AssignStmt)(nil)) {
		assign := at.Node().(*ast.AssignStmt)
		for i, to := range assign.Lhs {
			if len(assign.Lhs) != len(assign.Rhs) {
				break
			}
			v, source := c.fieldOrVariable(to), c.fieldOrVariable(assign.Rhs[i])
			if v == nil || source == nil || v == source || !clients[source] {
				continue
			}
			if clients[v] || from[v] != nil && from[v] != source {
				return true
			}
			from[v] = source
		}
	}
	return false
}

// oneForEach reports whether a group keeps a proxy of one type for several clients.
func (c *code) oneForEach(group group, gotFrom map[*types.Var][]got) bool {
	first := make(map[string]*types.Var)
	for _, proxy := range group.proxies {
		for _, place := range gotFrom[proxy] {
			t := proxy.Type().String()
			if first[t] != nil && first[t] != place.client {
				return true
			}
			first[t] = place.client
		}
	}
	return false
}

// group is several clients and the proxies that lie beside them.
type group struct {
	clients map[*types.Var]bool
	proxies []*types.Var
}

// groups returns the fields of each struct, and the package's variables, that are
// several clients and a proxy.
func (c *code) groups() []group {
	var found []group
	add := func(vars []*types.Var) {
		g := group{clients: make(map[*types.Var]bool)}
		for _, v := range vars {
			switch {
			case isType(v.Type(), isClientPackage, "Client"):
				g.clients[v] = true
			case isProxy(v.Type()):
				g.proxies = append(g.proxies, v)
			}
		}
		if len(g.clients) > 1 && len(g.proxies) > 0 {
			found = append(found, g)
		}
	}
	for at := range c.root.Preorder((*ast.StructType)(nil)) {
		if s, ok := c.typeOf(at.Node().(*ast.StructType)).(*types.Struct); ok {
			var fields []*types.Var
			for field := range s.Fields() {
				fields = append(fields, field)
			}
			add(fields)
		}
	}
	var vars []*types.Var
	for _, name := range c.pass.Pkg.Scope().Names() {
		if v, ok := c.pass.Pkg.Scope().Lookup(name).(*types.Var); ok {
			vars = append(vars, v)
		}
	}
	add(vars)
	return found
}

// got is a place where a proxy is set.
type got struct {
	at     ast.Node
	client *types.Var // from which it is got; nil if that is not in plain sight
}

// gotFrom returns where each field and package variable is set.
func (c *code) gotFrom() map[*types.Var][]got {
	found := make(map[*types.Var][]got)
	for at := range c.root.Preorder((*ast.AssignStmt)(nil), (*ast.KeyValueExpr)(nil)) {
		switch n := at.Node().(type) {
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if v := c.fieldOrVariable(to); v != nil {
					found[v] = append(found[v], got{n, c.clientOf(at, n.Rhs[min(i, len(n.Rhs)-1)])})
				}
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok {
				if v, ok := c.pass.TypesInfo.Uses[key].(*types.Var); ok && v.IsField() {
					found[v] = append(found[v], got{n, c.clientOf(at, n.Value)})
				}
			}
		}
	}
	return found
}

// fieldOrVariable returns the field or variable that an expression names, or nil.
func (c *code) fieldOrVariable(e ast.Expr) *types.Var {
	if selector, ok := ast.Unparen(e).(*ast.SelectorExpr); ok {
		v, _ := c.pass.TypesInfo.Uses[selector.Sel].(*types.Var)
		return v
	}
	return c.variable(e)
}

// clientOf returns the client from which a value is got, directly or through the
// local variable that holds the value.
func (c *code) clientOf(at inspector.Cursor, value ast.Expr) *types.Var {
	if v := c.variable(value); v != nil && isProxy(v.Type()) {
		value = c.result(at, v)
	}
	call, ok := ast.Unparen(orNil(value)).(*ast.CallExpr)
	if !ok {
		return nil
	}
	method, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || !isType(c.typeOf(method.X), isClientPackage, "Client") {
		return nil
	}
	from := c.fieldOrVariable(method.X)
	if from == nil || from.IsField() || from.Parent() == c.pass.Pkg.Scope() {
		return from
	}
	return c.keptAs(from)
}

// result returns the call whose first result a local variable holds, if that is
// all that it ever holds.
func (c *code) result(at inspector.Cursor, v *types.Var) ast.Expr {
	var found []ast.Expr
	for up := range at.Enclosing((*ast.FuncDecl)(nil)) {
		for in := range up.Preorder((*ast.AssignStmt)(nil)) {
			assign := in.Node().(*ast.AssignStmt)
			if c.variable(assign.Lhs[0]) == v && len(assign.Rhs) == 1 {
				found = append(found, assign.Rhs[0])
			}
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return nil
}

// keptAs returns the field that a local client is put into by a literal, or nil.
func (c *code) keptAs(client *types.Var) *types.Var {
	for at := range c.root.Preorder((*ast.KeyValueExpr)(nil)) {
		pair := at.Node().(*ast.KeyValueExpr)
		if key, ok := pair.Key.(*ast.Ident); ok && c.variable(pair.Value) == client {
			field, _ := c.pass.TypesInfo.Uses[key].(*types.Var)
			return field
		}
	}
	return nil
}
