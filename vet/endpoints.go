package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// loop is a loop that sends a request until one succeeds: to one endpoint after the
// other, or to the same one again.
type loop struct {
	at   inspector.Cursor
	body *ast.BlockStmt
	each map[types.Object]bool // the endpoint of a round, and what is made of it
	seen map[ast.Node]bool     // what was reported, for this loop or another
}

// endpointLoops reports loops over endpoints that a body or a mute endpoint defeats.
func (c *code) endpointLoops() {
	seen := make(map[ast.Node]bool)
	for at := range c.root.Preorder((*ast.RangeStmt)(nil), (*ast.ForStmt)(nil)) {
		l := loop{at: at, each: make(map[types.Object]bool), seen: seen}
		switch n := at.Node().(type) {
		case *ast.RangeStmt:
			l.body = n.Body
			for _, v := range []ast.Expr{n.Key, n.Value} {
				if v := c.variable(v); v != nil {
					l.each[v] = true
				}
			}
		case *ast.ForStmt:
			l.body = n.Body
		}
		if c.triesOn(l) {
			c.follow(l)
			c.judgeLoop(l)
		}
	}
}

// triesOn reports whether a loop goes on after an error and ends after a success.
func (c *code) triesOn(l loop) bool {
	goesOn, ends := false, false
	sameGoroutine(l.at, []ast.Node{(*ast.IfStmt)(nil), (*ast.ReturnStmt)(nil), (*ast.BranchStmt)(nil)}, func(at inspector.Cursor) {
		switch n := at.Node().(type) {
		case *ast.IfStmt:
			if op, isTest := c.testsError(n.Cond); isTest && op == token.NEQ && !ended(n.Body, token.BREAK) {
				goesOn = true
			} else if isTest && op == token.EQL && ended(n.Body, token.BREAK) {
				goesOn, ends = true, true
			}
		case *ast.ReturnStmt:
			ends = ends || !c.underError(at, l)
		case *ast.BranchStmt:
			ends = ends || n.Tok == token.BREAK && !c.underError(at, l)
		}
	})
	return goesOn && ends
}

// testsError returns the operator of a comparison of an error with nil.
func (c *code) testsError(cond ast.Expr) (token.Token, bool) {
	test, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok {
		return token.ILLEGAL, false
	}
	if test.Op == token.LAND { // err == nil && res.StatusCode == http.StatusOK
		return c.testsError(test.X)
	}
	v := c.variable(test.X)
	return test.Op, v != nil && isError(v.Type()) && c.pass.TypesInfo.Types[test.Y].IsNil()
}

// ended reports whether a block ends by leaving the function or with the statement.
func ended(block *ast.BlockStmt, with token.Token) bool {
	if len(block.List) == 0 {
		return false
	}
	switch n := block.List[len(block.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return n.Tok == with
	}
	return false
}

// underError reports whether a statement of a loop runs only after an error.
func (c *code) underError(at inspector.Cursor, l loop) bool {
	for up := range at.Enclosing((*ast.IfStmt)(nil)) {
		n := up.Node().(*ast.IfStmt)
		if !within(n.Pos(), l.body) {
			return false
		}
		if op, isTest := c.testsError(n.Cond); isTest && op == token.NEQ && within(at.Node().Pos(), n.Body) {
			return true
		}
	}
	return false
}

// follow adds to what a loop makes of its endpoint the variables of the loop that
// are set from it.
func (c *code) follow(l loop) {
	for at := range l.at.Preorder((*ast.AssignStmt)(nil)) {
		assign := at.Node().(*ast.AssignStmt)
		for _, value := range assign.Rhs {
			if c.mentions(value, l.each) {
				for _, to := range assign.Lhs {
					if v := c.variable(to); v != nil && within(v.Pos(), l.body) && !isError(v.Type()) {
						l.each[v] = true
					}
				}
			}
		}
	}
}

func (c *code) judgeLoop(l loop) {
	rewound := c.rewinds(l)
	sameGoroutine(l.at, []ast.Node{(*ast.CallExpr)(nil)}, func(at inspector.Cursor) {
		call := at.Node().(*ast.CallExpr)
		if l.seen[call] {
			return // in a loop inside of this one
		}
		if r, ok := c.requestOf(call); ok {
			if !rewound && r.body != nil {
				c.spentBody(l, r)
			}
			if !r.made && c.mentions(r.url, l.each) {
				l.seen[call] = true
				c.unbounded(r.client, call)
			}
			return
		}
		client, sent := c.sends(call)
		if sent == nil {
			return
		}
		if made, ok := c.madeBy(at, sent); ok {
			if !within(made.body.Pos(), l.body) && !rewound {
				l.seen[call] = true
				c.spentRequest(made, call)
			}
			if c.mentions(made.url, l.each) && c.hasNoDeadline(at, made) {
				l.seen[call] = true
				c.unbounded(client, call)
			}
		}
	})
}

// rewinds reports whether a loop gives a request its body again, or a reader its
// beginning.
func (c *code) rewinds(l loop) bool {
	for at := range l.at.Preorder((*ast.SelectorExpr)(nil)) {
		switch at.Node().(*ast.SelectorExpr).Sel.Name {
		case "GetBody", "Seek", "Reset", "NopCloser":
			return true
		case "Body":
			if at.ParentEdgeKind() == edge.AssignStmt_Lhs {
				return true
			}
		}
	}
	return false
}

// spentBody reports a reader from outside of a loop that each round makes a request of.
func (c *code) spentBody(l loop, r request) {
	v := c.variable(r.body)
	if v == nil || v.IsField() || within(v.Pos(), l.body) || !c.isReader(r) || c.setIn(l.at, v) || l.seen[r.body] {
		return
	}
	l.seen[r.body] = true
	report(c.pass, analysis.Diagnostic{Pos: r.body.Pos(), End: r.body.End(), Message: "a round that fails after it began to send has read " + v.Name() +
		", so the request of the next round lacks what was read; keep the bytes, and make a reader of them in each round"})
}

// isReader reports whether a request surely has a body: its type says so, or its method.
func (c *code) isReader(r request) bool {
	if c.pass.TypesInfo.Types[r.body].IsNil() {
		return false
	}
	if !types.IsInterface(c.typeOf(r.body)) {
		return true
	}
	if meant := c.meant(r.body); !types.IsInterface(c.typeOf(meant)) && !c.pass.TypesInfo.Types[meant].IsNil() {
		return true
	}
	method, ok := c.text(r.method)
	return ok && contains("POST PUT PATCH", method)
}

// spentRequest reports a request with a body that is made before a loop and sent in
// each round.
func (c *code) spentRequest(made request, call *ast.CallExpr) {
	if !c.isReader(made) {
		return
	}
	report(c.pass, analysis.Diagnostic{Pos: call.Pos(), End: call.End(), Message: "a round that fails after it began to send has read the body of this request, so the next round has none to send and fails as well; " +
		"set the request's Body from its GetBody in each round, or make the request there"})
}

// madeBy returns the call that makes a request which is held in a variable, if that
// is set once in the function.
func (c *code) madeBy(at inspector.Cursor, sent ast.Expr) (request, bool) {
	v := c.variable(sent)
	if v == nil {
		return request{}, false
	}
	call, ok := c.result(at, v).(*ast.CallExpr)
	if !ok {
		return request{}, false
	}
	r, ok := c.requestOf(call)
	return r, ok && r.made
}

// hasNoDeadline reports whether a request surely has a context without a deadline.
func (c *code) hasNoDeadline(at inspector.Cursor, r request) bool {
	for in := range enclosing(at).Preorder((*ast.SelectorExpr)(nil)) {
		if contains("WithContext WithTimeout WithDeadline", in.Node().(*ast.SelectorExpr).Sel.Name) {
			return false
		}
	}
	if r.ctx == nil {
		return true
	}
	f := c.calleeOf(r.ctx)
	return f != nil && f.Pkg() != nil && f.Pkg().Path() == "context" && contains("Background TODO", f.Name())
}

// unbounded reports a call of a client without a bound in a loop over endpoints.
func (c *code) unbounded(client ast.Expr, call *ast.CallExpr) {
	d := analysis.Diagnostic{Pos: call.Pos(), End: call.End(), Message: "an endpoint that accepts the connection and stays mute holds this loop up without end, and the next is never tried: " +
		"neither the client nor the request has a deadline; set Timeout of the http.Client"}
	if client == nil || c.isDefaultClient(client) {
		if !c.changesDefaultClient() {
			report(c.pass, d)
		}
		return
	}
	lit := c.clientLiteral(client)
	if lit == nil || len(lit.Elts) > 0 && c.hasKey(lit, "Timeout", "Transport") {
		return
	}
	if c.reaches(lit.Pos(), "time", "time") {
		text := "Timeout: 10 * time.Second"
		if len(lit.Elts) > 0 {
			text = ", " + text
		}
		at := lit.Rbrace
		if len(lit.Elts) > 0 {
			at = lit.Elts[len(lit.Elts)-1].End()
		}
		d.SuggestedFixes = []analysis.SuggestedFix{{Message: "give the client a Timeout of 10 s", TextEdits: []analysis.TextEdit{{Pos: at, End: at, NewText: []byte(text)}}}}
	}
	report(c.pass, d)
}

func (c *code) isDefaultClient(e ast.Expr) bool {
	selector, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	v, ok := c.pass.TypesInfo.Uses[selector.Sel].(*types.Var)
	return ok && v.Pkg() != nil && v.Pkg().Path() == "net/http" && v.Name() == "DefaultClient"
}

// changesDefaultClient reports whether the package sets http.DefaultClient or a
// field of it.
func (c *code) changesDefaultClient() bool {
	for at := range c.root.Preorder((*ast.AssignStmt)(nil)) {
		for _, to := range at.Node().(*ast.AssignStmt).Lhs {
			field, ok := ast.Unparen(to).(*ast.SelectorExpr)
			if c.isDefaultClient(to) || ok && c.isDefaultClient(field.X) {
				return true
			}
		}
	}
	return false
}

// clientLiteral returns the literal that a client is, if it is set once, and its
// Timeout nowhere else.
func (c *code) clientLiteral(client ast.Expr) *ast.CompositeLit {
	v := c.fieldOrVariable(client)
	value := c.meant(client)
	if v != nil && v.IsField() {
		value = c.fieldValue(v)
	}
	if and, ok := ast.Unparen(orNil(value)).(*ast.UnaryExpr); ok && and.Op == token.AND {
		value = and.X
	}
	lit, ok := ast.Unparen(orNil(value)).(*ast.CompositeLit)
	if !ok || !isHTTPClient(c.typeOf(lit)) {
		return nil
	}
	for at := range c.root.Preorder((*ast.AssignStmt)(nil)) {
		for _, to := range at.Node().(*ast.AssignStmt).Lhs {
			field, ok := ast.Unparen(to).(*ast.SelectorExpr)
			if ok && isHTTPClient(c.typeOf(field.X)) {
				return nil // perhaps this one's
			}
		}
	}
	return lit
}

// fieldValue returns what a field is set to, if that is one thing in all of the
// package, and the field is not exported.
func (c *code) fieldValue(field *types.Var) ast.Expr {
	var found []ast.Expr
	for at := range c.root.Preorder((*ast.AssignStmt)(nil), (*ast.KeyValueExpr)(nil)) {
		switch n := at.Node().(type) {
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if c.fieldOrVariable(to) == field {
					found = append(found, n.Rhs[min(i, len(n.Rhs)-1)])
				}
			}
		case *ast.KeyValueExpr:
			if key, ok := n.Key.(*ast.Ident); ok && c.pass.TypesInfo.Uses[key] == field {
				found = append(found, n.Value)
			}
		}
	}
	if len(found) != 1 || field.Exported() {
		return nil
	}
	return found[0]
}

// hasKey reports whether a literal sets one of the fields.
func (c *code) hasKey(lit *ast.CompositeLit, names ...string) bool {
	for _, element := range lit.Elts {
		pair, ok := element.(*ast.KeyValueExpr)
		if !ok {
			return true // who knows
		}
		key, ok := pair.Key.(*ast.Ident)
		for _, name := range names {
			if !ok || key.Name == name {
				return true
			}
		}
	}
	return false
}
