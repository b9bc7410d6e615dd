package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Stale reports what belongs to one cluster and is kept when another is active.
var Stale = &analysis.Analyzer{
	Name: "stale",
	Doc: "report proxies, listeners and near caches that are kept when the cluster changes\n\n" +
		"A map, queue or topic belongs to the client that made it, and a listener to the cluster where it was added. After a change of cluster their calls fail and no event comes.",
	URL:      page("stale"),
	Requires: []*analysis.Analyzer{directives, inspect.Analyzer},
	Run:      run(stale),
}

func stale(pass *analysis.Pass) error {
	if !usesClient(pass) || isOurs(pass.Pkg) {
		return nil
	}
	c := newCode(pass)
	if usesEngine(pass, isEnginePackage) {
		for _, h := range c.hooks() {
			c.keptByHook(h)
		}
	}
	c.keptInLoops()
	c.keptInFields()
	c.nearCaches()
	return nil
}

// keptByHook reports what a hook keeps of the client that it was given, and
// listeners that it adds where they are not added again.
func (c *code) keptByHook(h hook) {
	if h.name != "Do" && h.name != "OnActive" && h.name != "ReadyToReturn" {
		return
	}
	own := c.proxiesOf(h)
	if len(own) == 0 {
		return
	}
	for at := range h.fn.Preorder((*ast.AssignStmt)(nil), (*ast.SendStmt)(nil), (*ast.GoStmt)(nil), (*ast.CallExpr)(nil)) {
		switch n := at.Node().(type) {
		case *ast.AssignStmt:
			for i, value := range n.Rhs {
				if to := n.Lhs[min(i, len(n.Lhs)-1)]; c.outlives(to, h) && c.holds(value, own, to) {
					c.escapes(h, value, "is kept in "+c.source(to))
				}
			}
		case *ast.SendStmt:
			if c.holds(n.Value, own, nil) {
				c.escapes(h, n.Value, "is sent on a channel")
			}
		case *ast.GoStmt:
			if c.mentions(n.Call, own) && !h.waits() {
				c.escapes(h, n, "is used by a goroutine that outlives the hook")
			}
		case *ast.CallExpr:
			c.storedByCall(h, n, own)
			if h.name == "Do" && addsListener(c.callee(n)) && c.mentions(n.Fun, own) {
				report(c.pass, analysis.Diagnostic{Pos: n.Pos(), End: n.End(), SuggestedFixes: c.toOnActive(h), Message: "a listener that is added in Do is added to the cluster that is active now: " +
					"after a change of cluster no event comes; add it in Options.OnActive, which runs on every activation"})
			}
		}
	}
}

// waits reports whether a hook waits for something, which may be its goroutines.
func (h hook) waits() bool {
	found := false
	h.own([]ast.Node{(*ast.CallExpr)(nil), (*ast.UnaryExpr)(nil), (*ast.RangeStmt)(nil)}, func(at inspector.Cursor) {
		switch n := at.Node().(type) {
		case *ast.CallExpr:
			method, ok := n.Fun.(*ast.SelectorExpr)
			found = found || ok && method.Sel.Name == "Wait"
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.RangeStmt:
			found = true // perhaps over a channel
		}
	})
	return found
}

func (c *code) escapes(h hook, n ast.Node, how string) {
	what := "the client that Do is given, or something of it, "
	if h.name != "Do" {
		what = "the client that " + h.name + " is given, or something of it, "
	}
	report(c.pass, analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Message: what + how +
		": it belongs to one cluster, and once that is lost, its calls fail and none is repeated on the next; use it inside the hook only, and Client.Map or Client.Do elsewhere"})
}

// proxiesOf returns the variables of a hook that hold its client, its map, or what
// was got from them.
func (c *code) proxiesOf(h hook) map[types.Object]bool {
	own := make(map[types.Object]bool)
	for _, v := range h.args {
		if isProxy(v.Type()) {
			own[v] = true
		}
	}
	for at := range h.fn.Preorder((*ast.AssignStmt)(nil)) {
		assign := at.Node().(*ast.AssignStmt)
		for i, value := range assign.Rhs {
			v := c.variable(assign.Lhs[min(i, len(assign.Lhs)-1)])
			if len(assign.Lhs) != len(assign.Rhs) {
				v = c.variable(assign.Lhs[0])
			}
			if v != nil && isProxy(v.Type()) && within(v.Pos(), h.body) && c.mentions(value, own) {
				own[v] = true
			}
		}
	}
	return own
}

// mentions reports whether an expression names one of the variables.
func (c *code) mentions(n ast.Node, own map[types.Object]bool) bool {
	found := false
	ast.Inspect(n, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && own[c.pass.TypesInfo.Uses[id]] {
			found = true
		}
		return !found
	})
	return found
}

// holds reports whether a value that is put somewhere holds one of the proxies, or
// is got from one: what a call of a proxy returns counts if it is put into a proxy's variable.
func (c *code) holds(value ast.Expr, own map[types.Object]bool, to ast.Expr) bool {
	switch v := ast.Unparen(value).(type) {
	case *ast.Ident:
		return own[c.pass.TypesInfo.Uses[v]]
	case *ast.UnaryExpr:
		return v.Op == token.AND && c.holds(v.X, own, to)
	case *ast.KeyValueExpr:
		return c.holds(v.Value, own, to)
	case *ast.CompositeLit:
		for _, element := range v.Elts {
			if c.holds(element, own, to) {
				return true
			}
		}
	case *ast.FuncLit:
		return c.mentions(v.Body, own)
	case *ast.CallExpr:
		if id, ok := v.Fun.(*ast.Ident); ok && id.Name == "append" {
			for _, element := range v.Args {
				if c.holds(element, own, to) {
					return true
				}
			}
		}
		return to != nil && isProxy(c.typeOf(to)) && c.mentions(v.Fun, own)
	}
	return false
}

// outlives reports whether what is assigned to remains after the hook: a variable
// from outside of it, or a field or an element of one.
func (c *code) outlives(to ast.Expr, h hook) bool {
	for part := false; ; part = true {
		switch n := ast.Unparen(to).(type) {
		case *ast.Ident:
			v := c.variable(n)
			return v != nil && v.Name() != "_" && (!within(v.Pos(), h.fn.Node()) || part && !within(v.Pos(), h.body))
		case *ast.SelectorExpr:
			to = n.X
		case *ast.IndexExpr:
			to = n.X
		case *ast.StarExpr:
			to = n.X
		default:
			return false
		}
	}
}

// storedByCall reports a proxy that is stored by a method of package sync or
// sync/atomic.
func (c *code) storedByCall(h hook, call *ast.CallExpr, own map[types.Object]bool) {
	f := c.callee(call)
	if f == nil || f.Pkg() == nil || f.Pkg().Path() != "sync" && f.Pkg().Path() != "sync/atomic" || !contains("Store Swap CompareAndSwap LoadOrStore", f.Name()) {
		return
	}
	for _, arg := range call.Args {
		if c.holds(arg, own, nil) {
			c.escapes(h, arg, "is kept by "+c.source(call.Fun))
		}
	}
}

// nearCaches reports a near cache of a client that goes to other clusters by itself.
func (c *code) nearCaches() {
	found := c.configurations(func(t types.Type) bool { return isConfig(t) || isFailover(t) })
	for _, config := range found.all {
		if _, _, on := found.failover(config); !on {
			continue
		}
		for _, s := range append(config.set("NearCaches"), config.set("AddNearCache")...) {
			report(c.pass, analysis.Diagnostic{Pos: s.at.Node().Pos(), End: s.at.Node().End(), Message: "the client's own failover does not clear near caches when the cluster changes " +
				"(hazelcast-go-client v1.6.0, measured): Get goes on answering from the lost cluster; leave the near cache out, or give each cluster a client of its own"})
		}
	}
}

// keptInLoops reports a proxy that a loop goes on using after it has replaced the
// client from which the proxy was got.
func (c *code) keptInLoops() {
	for at := range c.root.Preorder((*ast.AssignStmt)(nil)) {
		assign := at.Node().(*ast.AssignStmt)
		client := c.variable(assign.Lhs[0])
		if assign.Tok != token.ASSIGN || client == nil || client.IsField() || !isType(client.Type(), isClientPackage, "Client") {
			continue
		}
		if loop, ok := loopReplacing(at, client); ok {
			c.keptInLoop(loop, client)
		}
	}
}

// loopReplacing returns the loop that encloses a node in the same function and runs
// after the variable was declared.
func loopReplacing(at inspector.Cursor, v *types.Var) (inspector.Cursor, bool) {
	for up := range at.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		switch up.Node().(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return up, false
		}
		if !within(v.Pos(), up.Node()) {
			return up, true
		}
	}
	return at, false
}

func (c *code) keptInLoop(loop inspector.Cursor, client *types.Var) {
	seen := make(map[*types.Var]bool)
	for at := range loop.Preorder((*ast.Ident)(nil)) {
		id := at.Node().(*ast.Ident)
		proxy, ok := c.pass.TypesInfo.Uses[id].(*types.Var)
		if !ok || seen[proxy] || proxy.IsField() || within(proxy.Pos(), loop.Node()) || !isProxy(proxy.Type()) || isType(proxy.Type(), isClientPackage, "Client") {
			continue
		}
		if seen[proxy] = true; c.gotOnce(proxy, client) && !c.setIn(loop, proxy) {
			report(c.pass, analysis.Diagnostic{Pos: id.Pos(), End: id.End(), Message: proxy.Name() + " was got from the client that " + client.Name() +
				" held before; this loop replaces the client, and " + proxy.Name() + " still belongs to the lost one: get it again from each new client"})
		}
	}
}

// gotOnce reports whether a proxy is got in one place, from the client of a variable.
func (c *code) gotOnce(proxy, client *types.Var) bool {
	places := 0
	from := false
	for at := range c.root.Preorder((*ast.AssignStmt)(nil)) {
		assign := at.Node().(*ast.AssignStmt)
		for _, to := range assign.Lhs {
			if c.variable(to) != proxy {
				continue
			}
			places++
			call, ok := ast.Unparen(assign.Rhs[0]).(*ast.CallExpr)
			from = ok && len(assign.Rhs) == 1 && c.mentions(call.Fun, map[types.Object]bool{client: true})
		}
	}
	return places == 1 && from
}

// setIn reports whether a variable is set inside of a node.
func (c *code) setIn(in inspector.Cursor, v *types.Var) bool {
	for at := range in.Preorder((*ast.Ident)(nil)) {
		if c.variable(at.Node().(*ast.Ident)) != v {
			continue
		}
		switch at.ParentEdgeKind() {
		case edge.AssignStmt_Lhs, edge.UnaryExpr_X:
			return true
		}
	}
	return false
}
