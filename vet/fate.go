package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// fate says what becomes of the error of a call.
type fate int

const (
	// decided: the code does something with it, or it is unclear what.
	decided fate = iota
	// ignored: nothing reads it.
	ignored
	// ends: the process ends, and nothing else is done about it.
	ends
	// leaves: the loop around the call ends, and the error is logged at most.
	leaves
)

// fateOf returns what becomes of a call's error, and the node that decides it.
func (f *found) fateOf(pass *analysis.Pass, call inspector.Cursor) (fate, ast.Node) {
	parent := call.Parent()
	switch n := parent.Node().(type) {
	case *ast.ExprStmt, *ast.GoStmt, *ast.DeferStmt:
		return ignored, n
	case *ast.CallExpr: // log.Fatal(save(ctx))
		if n.Fun != call.Node() && f.endsProcess(pass, n) {
			return ends, n
		}
	case *ast.AssignStmt:
		if len(n.Rhs) != 1 {
			return decided, nil
		}
		if id, ok := n.Lhs[len(n.Lhs)-1].(*ast.Ident); ok && id.Name == "_" {
			return ignored, n
		}
		if err, ok := errorVar(pass.TypesInfo, call).(*types.Var); ok {
			return f.follow(pass, parent, err)
		}
	}
	return decided, nil
}

// follow returns what becomes of an error after the statement that assigns it.
func (f *found) follow(pass *analysis.Pass, stmt inspector.Cursor, err *types.Var) (fate, ast.Node) {
	if branch, ok := stmt.Parent().Node().(*ast.IfStmt); ok && branch.Init == stmt.Node() {
		return f.ofBranch(pass, stmt.Parent(), branch, err)
	}
	if stmt.Parent().Node() == nil || !inList(stmt) {
		return decided, nil
	}
	for next, ok := stmt.NextSibling(); ok; next, ok = next.NextSibling() {
		if !mentions(pass.TypesInfo, next.Node(), err) {
			continue
		}
		switch n := next.Node().(type) {
		case *ast.IfStmt:
			return f.ofBranch(pass, next, n, err)
		case *ast.ExprStmt: // check(err)
			if call, ok := n.X.(*ast.CallExpr); ok && f.checks(pass, call, err) {
				return ends, n
			}
		case *ast.AssignStmt:
			if overwrites(pass.TypesInfo, n, err) && local(err, stmt) && !isResult(pass.TypesInfo, stmt, err) && !f.escapes(pass, err) {
				return ignored, n
			}
		}
		return decided, nil
	}
	if endsFunction(stmt) && local(err, stmt) && !isResult(pass.TypesInfo, stmt, err) && !f.escapes(pass, err) {
		return ignored, stmt.Node()
	}
	return decided, nil
}

// endsFunction reports whether what follows a statement is the end of its function.
func endsFunction(stmt inspector.Cursor) bool {
	switch stmt.Parent().Parent().Node().(type) {
	case *ast.FuncDecl, *ast.FuncLit:
		return true
	}
	return false
}

// isResult reports whether a variable is a result of the function that a
// statement stands in: a return reads it without a word.
func isResult(info *types.Info, stmt inspector.Cursor, v types.Object) bool {
	results := typeOf(function(stmt)).Results
	if results == nil {
		return false
	}
	for _, field := range results.List {
		for _, name := range field.Names {
			if info.Defs[name] == v {
				return true
			}
		}
	}
	return false
}

// typeOf returns the type of a function that function returned.
func typeOf(fn inspector.Cursor) *ast.FuncType {
	switch n := fn.Node().(type) {
	case *ast.FuncDecl:
		return n.Type
	case *ast.FuncLit:
		return n.Type
	}
	return &ast.FuncType{}
}

// inList reports whether a statement stands in a list of statements.
func inList(stmt inspector.Cursor) bool {
	switch stmt.Parent().Node().(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
		return true
	}
	return false
}

// overwrites reports whether an assignment gives a variable a new value without
// a look at the old one.
func overwrites(info *types.Info, assign *ast.AssignStmt, v *types.Var) bool {
	for _, right := range assign.Rhs {
		if mentions(info, right, v) {
			return false
		}
	}
	for _, left := range assign.Lhs {
		if id, ok := left.(*ast.Ident); ok && info.ObjectOf(id) == v {
			return true
		}
	}
	return false
}

// local reports whether a variable belongs to the function of a statement.
func local(v *types.Var, stmt inspector.Cursor) bool {
	fn := function(stmt).Node()
	return fn.Pos() <= v.Pos() && v.Pos() < fn.End()
}

// escapes reports whether a variable's address is taken or a function literal
// uses it, so that it may be read at any time.
func (f *found) escapes(pass *analysis.Pass, v *types.Var) bool {
	for cur := range f.root.Preorder((*ast.Ident)(nil)) {
		id := cur.Node().(*ast.Ident)
		if pass.TypesInfo.Uses[id] != v {
			continue
		}
		if !local(v, cur) {
			return true
		}
		if unary, ok := cur.Parent().Node().(*ast.UnaryExpr); ok && unary.Op == token.AND {
			return true
		}
	}
	return false
}

// ofBranch returns what an if statement that looks at an error does with it.
func (f *found) ofBranch(pass *analysis.Pass, cur inspector.Cursor, branch *ast.IfStmt, err *types.Var) (fate, ast.Node) {
	failed := branch.Body
	switch comparesNil(pass.TypesInfo, branch.Cond, err) {
	case token.NEQ:
	case token.EQL:
		block, ok := branch.Else.(*ast.BlockStmt)
		if !ok {
			return decided, nil
		}
		failed = block
	default:
		return decided, nil
	}
	if len(failed.List) == 0 {
		return ignored, branch
	}
	for i, stmt := range failed.List {
		last := i == len(failed.List)-1
		if last && f.isEnd(pass, stmt) {
			return ends, stmt
		}
		if last && leavesLoop(stmt, cur) {
			return leaves, stmt
		}
		if !isLogging(pass.TypesInfo, stmt) {
			return decided, nil
		}
	}
	return decided, nil // logged, and the program goes on
}

// comparesNil returns the operator that compares a variable with nil, or
// ILLEGAL if the expression is anything else.
func comparesNil(info *types.Info, cond ast.Expr, v *types.Var) token.Token {
	binary, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok {
		return token.ILLEGAL
	}
	id, ok := ast.Unparen(binary.X).(*ast.Ident)
	if !ok || info.ObjectOf(id) != v || !info.Types[binary.Y].IsNil() {
		return token.ILLEGAL
	}
	return binary.Op
}

// leavesLoop reports whether a statement in a branch ends the loop that the
// branch stands in, directly or in a plain block.
func leavesLoop(stmt ast.Stmt, branch inspector.Cursor) bool {
	loop := branch.Parent().Parent() // the block, and what it is the body of
	switch loop.Node().(type) {
	case *ast.ForStmt, *ast.RangeStmt:
	default:
		return false
	}
	switch n := stmt.(type) {
	case *ast.ReturnStmt:
		return len(n.Results) == 0
	case *ast.BranchStmt:
		return n.Tok == token.BREAK && n.Label == nil
	}
	return false
}

var (
	logging = regexp.MustCompile(`^(Print|Debug|Info|Warn|Error|Log|Fprint|Notice|Trace|Msg|Send|Critical)`)
	loggers = regexp.MustCompile(`(^|/)(log|slog|klog|glog|zlog|zerolog|logr|logrus|logger|logging|zap|log15)(/|\.v[0-9]+|$)`)
	ending  = regexp.MustCompile(`^(Fatal|Panic|Exit)`)
)

// isLogging reports whether a statement prints or logs and does nothing else.
func isLogging(info *types.Info, stmt ast.Stmt) bool {
	expr, ok := stmt.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := expr.X.(*ast.CallExpr)
	if !ok {
		return false
	}
	fn, ok := typeutil.Callee(info, call).(*types.Func)
	if !ok || fn.Pkg() == nil || !logging.MatchString(fn.Name()) {
		return false
	}
	path := fn.Pkg().Path()
	if path == "fmt" && strings.HasPrefix(fn.Name(), "Fprint") {
		return len(call.Args) > 0 && isStandardStream(info, call.Args[0])
	}
	return path == "fmt" || loggers.MatchString(path)
}

// isStandardStream reports whether an expression is os.Stdout or os.Stderr.
func isStandardStream(info *types.Info, e ast.Expr) bool {
	selector, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	object := info.ObjectOf(selector.Sel)
	return object != nil && object.Pkg() != nil && object.Pkg().Path() == "os" && contains("Stdout Stderr", object.Name())
}

// isEnd reports whether a statement ends the process.
func (f *found) isEnd(pass *analysis.Pass, stmt ast.Stmt) bool {
	expr, ok := stmt.(*ast.ExprStmt)
	if !ok {
		return false
	}
	call, ok := expr.X.(*ast.CallExpr)
	return ok && f.endsProcess(pass, call)
}

// endsProcess reports whether a call ends the process: panic, os.Exit, and what
// logging packages call Fatal or Panic. A test's Fatal ends the test only.
func (f *found) endsProcess(pass *analysis.Pass, call *ast.CallExpr) bool {
	switch callee := typeutil.Callee(pass.TypesInfo, call).(type) {
	case *types.Builtin:
		return callee.Name() == "panic" && !f.recovers(pass, call)
	case *types.Func:
		if callee.Pkg() == nil || callee.Pkg().Path() == "testing" {
			return false
		}
		if ending.MatchString(callee.Name()) && (callee.Pkg().Path() != "runtime") {
			return true
		}
	}
	// zerolog's log.Fatal().Err(err).Msg("...")
	if selector, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && logging.MatchString(selector.Sel.Name) {
		return f.startsWithEnd(pass, selector.X)
	}
	return false
}

// recovers reports whether a panic is caught: a function around it recovers, or
// handles requests, for which servers and frameworks recover.
func (f *found) recovers(pass *analysis.Pass, n ast.Node) bool {
	cur, ok := f.root.FindNode(n)
	if !ok {
		return true
	}
	for fn := range cur.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		for _, field := range typeOf(fn).Params.List {
			if t := pass.TypesInfo.TypeOf(field.Type); !isContext(t) && contains("Request Context Ctx", nameOfType(t)) {
				return true
			}
		}
		for call := range fn.Preorder((*ast.CallExpr)(nil)) {
			builtin, ok := typeutil.Callee(pass.TypesInfo, call.Node().(*ast.CallExpr)).(*types.Builtin)
			if ok && builtin.Name() == "recover" {
				return true
			}
		}
	}
	return false
}

// startsWithEnd reports whether a chain of calls begins with one that ends the process.
func (f *found) startsWithEnd(pass *analysis.Pass, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	if selector, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return contains("Fatal Panic", selector.Sel.Name) || f.startsWithEnd(pass, selector.X)
	}
	return false
}

// checks reports whether a call hands an error to a function that ends the
// process if there is one.
func (f *found) checks(pass *analysis.Pass, call *ast.CallExpr, err *types.Var) bool {
	fn := typeutil.StaticCallee(pass.TypesInfo, call)
	if fn == nil || len(call.Args) == 0 {
		return false
	}
	w := f.wrapper(pass, fn)
	if w == nil || !w.Ends {
		return false
	}
	for _, arg := range call.Args {
		if id, ok := ast.Unparen(arg).(*ast.Ident); ok && pass.TypesInfo.ObjectOf(id) == err {
			return true
		}
	}
	return false
}

// findEnders marks the functions that end the process if the error that they
// are given is not nil, and do nothing else.
func (f *found) findEnders(pass *analysis.Pass) {
	for _, file := range pass.Files {
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok || fn.Body == nil || len(fn.Body.List) != 1 {
				continue
			}
			branch, ok := fn.Body.List[0].(*ast.IfStmt)
			object, isFunc := pass.TypesInfo.Defs[fn.Name].(*types.Func)
			if !ok || !isFunc || branch.Init != nil || len(branch.Body.List) == 0 || !f.isEnd(pass, branch.Body.List[len(branch.Body.List)-1]) {
				continue
			}
			params := object.Signature().Params()
			for i := range params.Len() {
				if isError(params.At(i).Type()) && comparesNil(pass.TypesInfo, branch.Cond, params.At(i)) == token.NEQ {
					f.wrapped[object] = &wrapper{Ends: true}
				}
			}
		}
	}
}
