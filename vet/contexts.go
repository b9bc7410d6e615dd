package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// bound is what is known of a context's deadline.
type bound struct {
	is    deadline
	from  string     // with noDeadline: what the context comes from
	param *types.Var // with fromParam
}

type deadline int

const (
	unsure deadline = iota
	// hasDeadline: on every path.
	hasDeadline
	// fromParam: it has what the function's caller gave it.
	fromParam
	// noDeadline: on some path there is none.
	noDeadline
)

// contexts follows the contexts of a package to where they come from.
type contexts struct {
	info    *types.Info
	root    inspector.Cursor
	given   map[types.Object][]given
	taken   map[types.Object]bool // variables whose address is taken
	params  map[types.Object]inspector.Cursor
	values  map[ast.Expr]*bound // of what variables are given; nil while it is being looked up
	bounded bool                // the package gives requests a context of its own
}

// given is one place where a variable or field gets a context.
type given struct {
	at    inspector.Cursor // the statement or expression that gives it
	value ast.Expr         // nil if it cannot be followed
}

// newContexts collects where the contexts of a package are assigned.
func newContexts(pass *analysis.Pass, root inspector.Cursor) *contexts {
	c := &contexts{info: pass.TypesInfo, root: root, given: map[types.Object][]given{}, taken: map[types.Object]bool{}, params: map[types.Object]inspector.Cursor{}, values: map[ast.Expr]*bound{}}
	for cur := range root.Preorder((*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.RangeStmt)(nil), (*ast.UnaryExpr)(nil),
		(*ast.CompositeLit)(nil), (*ast.FuncDecl)(nil), (*ast.FuncLit)(nil), (*ast.SelectorExpr)(nil)) {
		c.collect(cur)
	}
	return c
}

func (c *contexts) collect(cur inspector.Cursor) {
	switch n := cur.Node().(type) {
	case *ast.AssignStmt:
		for i, left := range n.Lhs {
			c.give(left, cur, valueOf(n.Rhs, i, len(n.Lhs)))
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if len(n.Values) > 0 {
				c.give(name, cur, valueOf(n.Values, i, len(n.Names)))
			}
		}
	case *ast.RangeStmt:
		c.give(n.Value, cur, nil)
	case *ast.UnaryExpr:
		if object := c.object(n.X); n.Op == token.AND && object != nil {
			c.taken[object] = true
		}
	case *ast.CompositeLit:
		c.collectFields(cur, n)
	case *ast.FuncDecl:
		c.collectParams(cur, n.Type)
	case *ast.FuncLit:
		c.collectParams(cur, n.Type)
	case *ast.SelectorExpr:
		if fn, ok := c.info.Uses[n.Sel].(*types.Func); ok {
			c.bounded = c.bounded || boundsRequests(fn)
		}
	}
}

// boundsRequests reports whether a function gives HTTP requests a context or a
// deadline of their own: the package is then unsure about all requests.
func boundsRequests(fn *types.Func) bool {
	if fn.Pkg() == nil {
		return false
	}
	path := fn.Pkg().Path()
	return path == "net/http" && (fn.Name() == "TimeoutHandler" || fn.Name() == "WithContext") ||
		strings.Contains(path, "middleware") && strings.Contains(fn.Name(), "Timeout")
}

// valueOf returns the value that the ith of n variables gets. A call that
// returns several is the value of the first: a context is its first result.
func valueOf(values []ast.Expr, i, n int) ast.Expr {
	switch {
	case len(values) == n:
		return values[i]
	case i == 0 && len(values) == 1:
		return values[0]
	}
	return nil
}

func (c *contexts) give(left ast.Expr, at inspector.Cursor, value ast.Expr) {
	if object := c.object(left); object != nil && isContext(object.Type()) {
		c.given[object] = append(c.given[object], given{at, value})
	}
}

// object returns the variable or field that an expression names, or nil.
func (c *contexts) object(e ast.Expr) types.Object {
	switch e := e.(type) {
	case *ast.Ident:
		return c.info.ObjectOf(e)
	case *ast.SelectorExpr:
		return c.info.ObjectOf(e.Sel)
	}
	return nil
}

func (c *contexts) collectFields(cur inspector.Cursor, lit *ast.CompositeLit) {
	structure, ok := types.Unalias(c.info.TypeOf(lit)).Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, element := range lit.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			c.give(pair.Key, cur, pair.Value)
		} else if i < structure.NumFields() && isContext(structure.Field(i).Type()) {
			c.given[structure.Field(i)] = append(c.given[structure.Field(i)], given{cur, element})
		}
	}
}

func (c *contexts) collectParams(cur inspector.Cursor, fn *ast.FuncType) {
	for _, field := range fn.Params.List {
		for _, name := range field.Names {
			if object := c.info.Defs[name]; object != nil && isContext(object.Type()) {
				c.params[object] = cur
			}
		}
	}
}

// bound returns what is known of the deadline of a context at a place.
func (c *contexts) bound(e ast.Expr, at inspector.Cursor) bound {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		return c.followCall(e, at)
	case *ast.Ident:
		if v, ok := c.info.ObjectOf(e).(*types.Var); ok && !c.taken[v] {
			if v.Parent() != nil && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
				return c.followShared(v)
			}
			return c.followLocal(v, at)
		}
	case *ast.SelectorExpr:
		if v, ok := c.info.ObjectOf(e.Sel).(*types.Var); ok && v.IsField() && !v.Exported() && !c.taken[v] {
			return c.followShared(v)
		}
	}
	return bound{}
}

// followCall returns the bound of the context that a call returns.
func (c *contexts) followCall(call *ast.CallExpr, at inspector.Cursor) bound {
	fn, ok := typeutil.Callee(c.info, call).(*types.Func)
	if !ok || fn.Pkg() == nil {
		return bound{}
	}
	switch path, name := fn.Pkg().Path(), fn.Name(); {
	case path == "context" && (name == "Background" || name == "TODO" || name == "WithoutCancel"):
		return bound{is: noDeadline, from: "context." + name}
	case path == "context" && (strings.HasPrefix(name, "WithTimeout") || strings.HasPrefix(name, "WithDeadline")):
		return bound{is: hasDeadline}
	case path == "net/http" && receiver(fn) == "Request" && name == "Context" && !c.bounded:
		return bound{is: noDeadline, from: "http.Request.Context"}
	case passesOn(fn) && len(call.Args) > 0:
		return c.bound(call.Args[0], at)
	}
	return bound{}
}

// passesOn reports whether a function returns its first argument's context with
// the same deadline.
func passesOn(fn *types.Func) bool {
	path, name := fn.Pkg().Path(), fn.Name()
	switch path {
	case "context":
		return strings.HasPrefix(name, "WithCancel") || name == "WithValue"
	case "os/signal":
		return name == "NotifyContext"
	case "golang.org/x/sync/errgroup":
		return name == "WithContext"
	case "go.opentelemetry.io/otel/trace":
		return name == "Start" || strings.HasPrefix(name, "ContextWith")
	}
	return isClientPackage(fn.Pkg()) && name == "NewLockContext" || isOutcomePackage(fn.Pkg()) && name == "MayRepeat"
}

// followShared returns the bound of a package's variable or of a field: that of
// all contexts that the package gives it, if they agree.
func (c *contexts) followShared(v *types.Var) bound {
	var all bound
	for _, g := range c.given[v] {
		b, ok := c.value(g)
		if !ok {
			continue
		}
		if b.is == fromParam || b.is == unsure || all.is != unsure && b.is != all.is {
			return bound{}
		}
		all = b
	}
	return all
}

// value returns the bound of what a variable is given. It reports false while
// that is being looked up: a context may be made of itself, which adds nothing.
func (c *contexts) value(g given) (b bound, ok bool) {
	if g.value == nil {
		return bound{}, true
	}
	known, asked := c.values[g.value]
	if asked {
		if known == nil {
			return bound{}, false
		}
		return *known, true
	}
	c.values[g.value] = nil
	b = c.bound(g.value, g.at)
	c.values[g.value] = &b
	return b, true
}

// followLocal returns the bound of a local variable or parameter at a place.
// On several paths the worst counts.
func (c *contexts) followLocal(v *types.Var, at inspector.Cursor) bound {
	worst, any := bound{}, false
	add := func(b bound) {
		if !any || b.is > worst.is {
			worst = b
		}
		any = true
	}
	conditional := false
	all := c.given[v]
	for i := len(all) - 1; i >= 0; i-- {
		g := all[i]
		switch {
		case at == g.at || g.at.Contains(at) && !isInit(g.at) && !isLoop(g.at): // its own value: ctx := f(ctx)
			continue
		case g.at.Node().Pos() > at.Node().Pos():
			if c.mayComeBefore(g.at, at) {
				return bound{}
			}
			continue
		case function(g.at) != function(at) && !function(g.at).Contains(at):
			return bound{} // another function assigns it, nobody knows when
		}
		b, ok := c.value(g)
		if !ok {
			continue
		}
		if dominates(g.at, at) {
			add(b)
			return worst
		}
		if asksForDeadline(g.at, at) {
			return bound{is: hasDeadline}
		}
		conditional = conditional || b.is == hasDeadline
		add(b)
	}
	param := c.followParam(v)
	if param.is == fromParam && conditional {
		return bound{} // the caller may rely on the condition
	}
	add(param)
	return worst
}

// followParam returns the bound of a parameter: that of a function literal which
// is called where it stands is that of its argument.
func (c *contexts) followParam(v *types.Var) bound {
	at, ok := c.params[v]
	if !ok {
		return bound{}
	}
	lit, ok := at.Node().(*ast.FuncLit)
	if !ok {
		return bound{is: fromParam, param: v}
	}
	call, ok := at.Parent().Node().(*ast.CallExpr)
	if !ok || call.Fun != lit {
		return bound{}
	}
	signature := c.info.TypeOf(lit).(*types.Signature)
	for i := range signature.Params().Len() {
		if signature.Params().At(i) == v && i < len(call.Args) {
			return c.bound(call.Args[i], at.Parent())
		}
	}
	return bound{}
}

// mayComeBefore reports whether a later assignment may run before a place: in a
// loop around both, or because the place is in a function that runs later.
func (c *contexts) mayComeBefore(later, at inspector.Cursor) bool {
	if function(later) != function(at) {
		return true
	}
	for loop := range at.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil)) {
		if loop.Contains(later) {
			return true
		}
	}
	return false
}

// function returns the innermost function that a node stands in, or the file.
func function(cur inspector.Cursor) inspector.Cursor {
	for fn := range cur.Parent().Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil), (*ast.File)(nil)) {
		return fn
	}
	return cur
}

// dominates reports whether an assignment before a place has always run when
// the place is reached: the block that it stands in holds the place too.
func dominates(assign, at inspector.Cursor) bool {
	block := assign.Parent()
	if _, ok := assign.Node().(*ast.ValueSpec); ok { // in a GenDecl in a DeclStmt
		block = block.Parent().Parent()
	}
	return block.Contains(at)
}

// isInit reports whether a statement is the first part of an if, for or switch.
func isInit(cur inspector.Cursor) bool {
	switch cur.Parent().Node().(type) {
	case *ast.IfStmt, *ast.ForStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt:
		return true
	}
	return false
}

// isLoop reports whether a node is a range statement, which gives in each round.
func isLoop(cur inspector.Cursor) bool {
	_, ok := cur.Node().(*ast.RangeStmt)
	return ok
}

// asksForDeadline reports whether an assignment depends on whether a context
// has a deadline already: the condition asks, or the statement before it does.
func asksForDeadline(assign, at inspector.Cursor) bool {
	for cur := range assign.Enclosing((*ast.IfStmt)(nil)) {
		if cur.Contains(at) {
			return false
		}
		branch := cur.Node().(*ast.IfStmt)
		if branch.Init != nil && selects(branch.Init, "Deadline") || selects(branch.Cond, "Deadline") {
			return true
		}
		if before, ok := cur.PrevSibling(); ok && selects(before.Node(), "Deadline") {
			return true
		}
	}
	return false
}

// selects reports whether a node has a selector of the name.
func selects(n ast.Node, name string) bool {
	has := false
	ast.Inspect(n, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		has = has || ok && selector.Sel.Name == name
		return !has
	})
	return has
}
