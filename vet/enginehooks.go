package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// isEngine reports whether a type is an engine of either kind, or the client of a
// generated package, which has an engine embedded.
func isEngine(t types.Type) bool {
	if isType(t, isOurs, "Client") || isType(t, isOurs, "Transport") {
		return true
	}
	if obj := nameOf(t); obj != nil {
		if s, ok := obj.Type().Underlying().(*types.Struct); ok {
			for field := range s.Fields() {
				if field.Embedded() && isType(field.Type(), isOurs, "Client") {
					return true
				}
			}
		}
	}
	return false
}

// callsInHook reports calls of the engine that fail in a hook, or never end.
func (c *code) callsInHook(h hook) {
	h.calls(func(at inspector.Cursor, call *ast.CallExpr) {
		method, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || c.callee(call) == nil {
			return
		}
		name, onEngine := method.Sel.Name, isEngine(c.typeOf(method.X))
		does, _ := directCall(c.pass.TypesInfo, call)
		d := analysis.Diagnostic{Pos: call.Pos(), End: call.End()}
		switch {
		case name == "Close" && onEngine && h.name != "OnResult":
			d.Message = "Close waits for " + h.name + " to return, so inside of it it fails at once and closes nothing; call it after the hook has returned, or in a goroutine of its own"
			d.SuggestedFixes = c.inGoroutine(h, at, call)
		case name == "Switch" && onEngine && h.name == "OnActive":
			d.Message = "a switch waits for OnActive to return, so Switch inside of it fails at once; call it after the hook has returned"
		case h.name == "OnActive" && (does.engine || name == "Wait" && onEngine):
			d.Message = "no cluster is active until OnActive has returned, so at a start and after a loss the engine's calls fail at once inside of it; use the client that the hook is given"
		case h.name == "OnResult" && does.engine && !c.conditional(h, at):
			d.Message = "OnResult is called for the calls that it makes as well, so this call never ends; leave out the results of such calls first"
		default:
			return
		}
		report(c.pass, d)
	})
}

// inGoroutine returns the fix that makes a goroutine of a call whose results nobody
// looks at, unless it uses the context of the hook, which ends with it.
func (c *code) inGoroutine(h hook, at inspector.Cursor, call *ast.CallExpr) []analysis.SuggestedFix {
	stmt, ok := at.Parent().Node().(*ast.ExprStmt)
	own := make(map[types.Object]bool)
	for _, v := range h.args {
		own[v] = true
	}
	if !ok || len(call.Args) == 1 && c.mentions(call.Args[0], own) {
		return nil
	}
	return []analysis.SuggestedFix{{Message: "close it in a goroutine of its own", TextEdits: []analysis.TextEdit{
		{Pos: stmt.Pos(), End: stmt.Pos(), NewText: []byte("go ")},
	}}}
}

// conditional reports whether a node of a hook is not always reached.
func (c *code) conditional(h hook, at inspector.Cursor) bool {
	for up := range at.Enclosing((*ast.IfStmt)(nil), (*ast.CaseClause)(nil), (*ast.CommClause)(nil), (*ast.ForStmt)(nil), (*ast.RangeStmt)(nil)) {
		if h.fn.Contains(up) {
			return true
		}
	}
	early := false // a return before it
	h.own([]ast.Node{(*ast.ReturnStmt)(nil)}, func(ret inspector.Cursor) {
		early = early || ret.Node().Pos() < at.Node().Pos()
	})
	return early
}

// blocks reports what waits in OnResult, which runs in the goroutine of the call,
// and what may wait without end in OnActive.
func (c *code) blocks(h hook) {
	if h.name != "OnResult" && h.name != "OnActive" {
		return
	}
	h.own([]ast.Node{(*ast.CallExpr)(nil), (*ast.UnaryExpr)(nil), (*ast.SelectStmt)(nil)}, func(at inspector.Cursor) {
		how := ""
		switch n := at.Node().(type) {
		case *ast.CallExpr:
			how = c.waitsFor(h, n)
		case *ast.UnaryExpr:
			if n.Op == token.ARROW && !chosen(at) && (h.name == "OnResult" || c.isPlainChannel(n.X)) {
				how = "a receive from a channel"
			}
		case *ast.SelectStmt:
			if len(n.Body.List) == 0 {
				how = "an empty select"
			}
		}
		if how == "" {
			return
		}
		message := how + " in OnResult holds up the call that it was called for: OnResult runs in the caller's goroutine; hand the result to a goroutine of your own"
		if h.name == "OnActive" {
			message = how + " in OnActive may last without end: a hook that has not returned within ConnectTimeout makes its cluster unavailable; wait for the hook's context as well"
		}
		report(c.pass, analysis.Diagnostic{Pos: at.Node().Pos(), End: at.Node().End(), Message: message})
	})
}

// chosen reports whether a receive is one of the cases of a select statement.
func chosen(at inspector.Cursor) bool {
	for at.ParentEdgeKind() != edge.CommClause_Comm {
		switch at.Parent().Node().(type) {
		case *ast.AssignStmt, *ast.ExprStmt, *ast.ParenExpr:
			at = at.Parent()
		default:
			return false
		}
	}
	return true
}

// isPlainChannel reports whether nothing is known to close or fill a channel in
// time, as a context and a timer do.
func (c *code) isPlainChannel(e ast.Expr) bool {
	_, isCall := c.meant(e).(*ast.CallExpr)
	t, ok := c.typeOf(e).Underlying().(*types.Chan)
	return !isCall && ok && !isType(t.Elem(), isPackage("time"), "Time")
}

// waitsFor names the call if it waits: in OnResult for time or the network, in
// OnActive for a network without a deadline.
func (c *code) waitsFor(h hook, call *ast.CallExpr) string {
	f := c.callee(call)
	if f == nil || f.Pkg() == nil {
		return ""
	}
	name := f.Pkg().Name() + "." + f.Name()
	if owner := receiver(f); owner != "" {
		name = owner + "." + f.Name()
	}
	switch f.Pkg().Path() + " " + name {
	case "net/http http.Get", "net/http http.Head", "net/http http.Post", "net/http http.PostForm":
		return name
	case "time time.Sleep", "sync WaitGroup.Wait", "net/http Client.Do", "net/http Client.Get", "net/http Client.Head", "net/http Client.Post", "net/http Client.PostForm",
		"net net.Dial", "net net.DialTimeout", "database/sql DB.Exec", "database/sql DB.ExecContext", "database/sql DB.Query", "database/sql DB.QueryContext":
		if h.name == "OnResult" {
			return name
		}
	}
	return ""
}
