package vet

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// Repeat reports writes that are sent again although the first may have been applied.
var Repeat = &analysis.Analyzer{
	Name: "repeat",
	Doc: "report writes that are repeated on an error that may mean they were applied\n\n" +
		"A write whose connection is lost may have been applied. Sent again, it overwrites a newer value, counts twice, or lands on two clusters.",
	URL:      page("repeat"),
	Requires: []*analysis.Analyzer{directives, calls},
	Run:      run(findRepeats),
}

func findRepeats(pass *analysis.Pass) error {
	f := pass.ResultOf[calls].(*found)
	for _, c := range f.calls {
		if c.fails.Kind == writes && !conditional(c.fails.Name) && repeatsInLoop(pass, f, c) && !mayRepeat(pass, c.at) {
			report(pass, analysis.Diagnostic{Pos: c.call.Pos(), End: c.call.End(),
				Message: fmt.Sprintf("this loop sends %s again after any error: the one that failed may have been applied; look at the error first", spoken(c))})
		}
	}
	if len(f.calls) == 0 && !imports(pass, "github.com/hazelcast/hazelcast-go-client", "github.com/hashicorp/go-retryablehttp") {
		return nil
	}
	for cur := range f.root.Preorder((*ast.CallExpr)(nil), (*ast.AssignStmt)(nil), (*ast.KeyValueExpr)(nil), (*ast.CaseClause)(nil), (*ast.IfStmt)(nil)) {
		switch n := cur.Node().(type) {
		case *ast.CallExpr:
			findRetryModule(pass, f, cur, n)
		case *ast.AssignStmt:
			if len(n.Lhs) == len(n.Rhs) {
				for i := range n.Lhs {
					findRedo(pass, n.Lhs[i], n.Rhs[i])
				}
			}
		case *ast.KeyValueExpr:
			findRedo(pass, n.Key, n.Value)
		case *ast.CaseClause:
			findMerged(pass, f, cur, n.List, n.Body)
		case *ast.IfStmt:
			findMerged(pass, f, cur, alternatives(n.Cond), n.Body.List)
		}
	}
	return nil
}

// conditional reports whether a write changes nothing the second time: it
// happens only if the entry is as expected.
func conditional(name string) bool {
	return strings.Contains(name, "IfAbsent") || strings.Contains(name, "IfSame")
}

// mayRepeat reports whether the function around a call marks its calls as safe to repeat.
func mayRepeat(pass *analysis.Pass, call inspector.Cursor) bool {
	fn := enclosingDecl(call)
	if fn == nil {
		return false
	}
	marked := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && id.Name == "MayRepeat" {
			object := pass.TypesInfo.ObjectOf(id)
			marked = marked || object != nil && isOutcomePackage(object.Pkg())
		}
		return !marked
	})
	return marked
}

// repeatsInLoop reports whether a loop makes a call until it succeeds, whatever
// the error: it ends on success, goes on otherwise, and asks the error nothing.
func repeatsInLoop(pass *analysis.Pass, f *found, c *foundCall) bool {
	loop, ok := loopAround(c.at)
	err, isVar := errorVar(pass.TypesInfo, c.at).(*types.Var)
	if !ok || !isVar {
		return false
	}
	body, cond := bodyOf(loop.Node())
	if asks(pass, f, body, err) {
		return false
	}
	if cond != nil && hasComparison(pass.TypesInfo, cond, err, token.NEQ) {
		return true // for err != nil { err = save() }
	}
	for i, stmt := range body.List {
		branch, ok := stmt.(*ast.IfStmt)
		if !ok || branch.End() < c.call.Pos() {
			continue
		}
		switch comparesNil(pass.TypesInfo, branch.Cond, err) {
		case token.EQL: // if err == nil { return }
			return endsRound(branch.Body, true) && !endsRound(branch.Else, true) && !leavesAfter(body.List[i+1:])
		case token.NEQ: // if err != nil { continue }; return
			if endsRound(branch.Else, true) {
				return !endsRound(branch.Body, true) && !leavesAfter(body.List[i+1:])
			}
			return endsRound(branch.Body, false) && leavesAfter(body.List[i+1:])
		}
	}
	return false
}

// loopAround returns the innermost loop of its function around a node.
func loopAround(cur inspector.Cursor) (inspector.Cursor, bool) {
	for outer := range cur.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		switch outer.Node().(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return outer, true
		}
		break
	}
	return inspector.Cursor{}, false
}

func bodyOf(loop ast.Node) (*ast.BlockStmt, ast.Expr) {
	switch n := loop.(type) {
	case *ast.ForStmt:
		return n.Body, n.Cond
	case *ast.RangeStmt:
		return n.Body, nil
	}
	return nil, nil
}

// hasComparison reports whether an expression compares a variable with nil by an operator.
func hasComparison(info *types.Info, e ast.Expr, v *types.Var, op token.Token) bool {
	has := false
	ast.Inspect(e, func(n ast.Node) bool {
		if binary, ok := n.(*ast.BinaryExpr); ok {
			has = has || comparesNil(info, binary, v) == op
		}
		return !has
	})
	return has
}

// endsRound reports whether a branch ends with a statement that leaves the loop,
// or with one that goes on with the next round.
func endsRound(branch ast.Stmt, leaving bool) bool {
	block, ok := branch.(*ast.BlockStmt)
	if !ok || len(block.List) == 0 {
		return false
	}
	last := block.List[len(block.List)-1]
	if leaving {
		return leavesAfter([]ast.Stmt{last})
	}
	next, ok := last.(*ast.BranchStmt)
	return ok && next.Tok == token.CONTINUE
}

// leavesAfter reports whether statements end with one that leaves the loop.
func leavesAfter(list []ast.Stmt) bool {
	if len(list) == 0 {
		return false
	}
	switch n := list[len(list)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		return n.Tok == token.BREAK
	}
	return false
}

// asks reports whether a node does more with an error than compare it with nil,
// log it, wrap it, keep it or return it.
func asks(pass *analysis.Pass, f *found, n ast.Node, err *types.Var) bool {
	cur, ok := f.root.FindNode(n)
	if !ok {
		return true
	}
	for id := range cur.Preorder((*ast.Ident)(nil)) {
		if pass.TypesInfo.ObjectOf(id.Node().(*ast.Ident)) != err {
			continue
		}
		switch parent := id.Parent().Node().(type) {
		case *ast.AssignStmt, *ast.ReturnStmt, *ast.ValueSpec, *ast.SendStmt, *ast.SelectorExpr:
		case *ast.BinaryExpr:
			if comparesNil(pass.TypesInfo, parent, err) == token.ILLEGAL {
				return true
			}
		case *ast.CallExpr:
			if !tells(pass.TypesInfo, id.Parent(), parent) {
				return true
			}
		default:
			return true
		}
	}
	return false
}

// tells reports whether a call only logs its arguments, wraps them or collects them.
func tells(info *types.Info, cur inspector.Cursor, call *ast.CallExpr) bool {
	switch callee := typeutil.Callee(info, call).(type) {
	case *types.Builtin:
		return callee.Name() == "append" || callee.Name() == "panic"
	case *types.Func:
		if callee.Pkg() == nil {
			return false
		}
		name := callee.Pkg().Path() + "." + callee.Name()
		return isLogging(info, &ast.ExprStmt{X: call}) || ending.MatchString(callee.Name()) || callee.Name() == "Err" ||
			contains("fmt.Errorf fmt.Sprint fmt.Sprintf errors.Join", name) || strings.HasSuffix(callee.Pkg().Path(), "/errors") && strings.HasPrefix(callee.Name(), "W")
	}
	return false
}

// findRedo reports RedoOperation set to true.
func findRedo(pass *analysis.Pass, field, value ast.Expr) {
	var id *ast.Ident
	switch n := field.(type) {
	case *ast.Ident:
		id = n
	case *ast.SelectorExpr:
		id = n.Sel
	}
	if id == nil || id.Name != "RedoOperation" {
		return
	}
	v, ok := pass.TypesInfo.ObjectOf(id).(*types.Var)
	set := pass.TypesInfo.Types[value].Value
	if !ok || !v.IsField() || !isClientPackage(v.Pkg()) || set == nil || set.Kind() != constant.Bool || !constant.BoolVal(set) {
		return
	}
	report(pass, analysis.Diagnostic{Pos: field.Pos(), End: value.End(),
		Message: "RedoOperation sends a write again that may have been applied: one put in flight when its cluster was lost ended on both clusters",
		SuggestedFixes: []analysis.SuggestedFix{{Message: "Turn RedoOperation off", TextEdits: []analysis.TextEdit{
			{Pos: value.Pos(), End: value.End(), NewText: []byte("false")}}}}})
}

// alternatives returns what a condition compares for equality: a and b of
// "x == a || x == b". For any other condition it returns nothing.
func alternatives(cond ast.Expr) []ast.Expr {
	binary, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok {
		return nil
	}
	switch binary.Op {
	case token.EQL:
		return []ast.Expr{binary.Y}
	case token.LOR:
		left, right := alternatives(binary.X), alternatives(binary.Y)
		if left == nil || right == nil {
			return nil
		}
		return append(left, right...)
	}
	return nil
}

// findMerged reports a branch for both NotSent and Unknown that writes again.
func findMerged(pass *analysis.Pass, f *found, cur inspector.Cursor, values []ast.Expr, body []ast.Stmt) {
	seen := map[string]ast.Expr{}
	for _, value := range values {
		selector, ok := ast.Unparen(value).(*ast.SelectorExpr)
		if ok && pass.TypesInfo.ObjectOf(selector.Sel) != nil && isOutcomePackage(pass.TypesInfo.ObjectOf(selector.Sel).Pkg()) {
			seen[selector.Sel.Name] = value
		}
	}
	if seen["Unknown"] == nil || seen["NotSent"] == nil || !writesAgain(f, cur, body) || mayRepeat(pass, cur) {
		return
	}
	report(pass, analysis.Diagnostic{Pos: seen["Unknown"].Pos(), End: seen["Unknown"].End(),
		Message: "an unknown outcome is handled like one that was not sent: what is unknown may have been applied, and this branch sends it again"})
}

// writesAgain reports whether a branch makes a write, or goes on in a loop that
// ends on success.
func writesAgain(f *found, branch inspector.Cursor, body []ast.Stmt) bool {
	if len(body) == 0 {
		return false
	}
	for _, c := range f.calls {
		if c.fails.Kind == writes && body[0].Pos() <= c.call.Pos() && c.call.End() <= body[len(body)-1].End() {
			return true
		}
	}
	next, ok := body[len(body)-1].(*ast.BranchStmt)
	if !ok || next.Tok != token.CONTINUE {
		return false
	}
	loop, ok := loopAround(branch)
	if !ok {
		return false
	}
	block, _ := bodyOf(loop.Node())
	if leavesAfter(block.List) {
		return true
	}
	for cur := range branch.Parent().Children() { // another case or the branch after it returns
		if clause, ok := cur.Node().(*ast.CaseClause); ok && cur != branch && leavesAfter(clause.Body) {
			return true
		}
	}
	return false
}
