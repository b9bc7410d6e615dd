package vet

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// retryModules lists functions that call another until it returns no error, by
// the modules' paths without their versions. Only marked: the module repeats
// only what the function marks with RetryableError.
var retryModules = map[string]struct {
	functions  string
	onlyMarked bool
}{
	"github.com/cenkalti/backoff":              {functions: "Retry RetryNotify RetryNotifyWithTimer RetryWithData RetryNotifyWithData RetryNotifyWithTimerAndData"},
	"github.com/avast/retry-go":                {functions: "Do DoWithData"},
	"github.com/sethvargo/go-retry":            {functions: "Do DoValue Constant Exponential Fibonacci", onlyMarked: true},
	"github.com/eapache/go-resiliency/retrier": {functions: "Run RunCtx"},
}

var version = regexp.MustCompile(`/v[0-9]+$`)

// findRetryModule reports a write that a module repeats on any error.
func findRetryModule(pass *analysis.Pass, f *found, cur inspector.Cursor, call *ast.CallExpr) {
	fn, ok := typeutil.Callee(pass.TypesInfo, call).(*types.Func)
	if !ok || fn.Pkg() == nil {
		return
	}
	path := version.ReplaceAllString(fn.Pkg().Path(), "")
	if path == "github.com/hashicorp/go-retryablehttp" {
		findRetriedPost(pass, fn, call)
		return
	}
	module, ok := retryModules[path]
	if !ok || !contains(module.functions, fn.Name()) {
		return
	}
	for _, arg := range call.Args {
		name, at, body := repeatedWrite(pass, f, arg)
		if at == nil || mayRepeat(pass, cur) {
			continue
		}
		if decides(call) || body != nil && decides(body) || module.onlyMarked && !selects(call, "RetryableError") && (body == nil || !selects(body, "RetryableError")) {
			return
		}
		report(pass, analysis.Diagnostic{Pos: at.Pos(), End: at.End(),
			Message: fmt.Sprintf("%s.%s sends %s again after any error: the one that failed may have been applied; look at the error first", fn.Pkg().Name(), fn.Name(), name)})
		return
	}
}

// repeatedWrite returns the name and place of the write whose error a function
// value returns, and the function's body if it is a literal.
func repeatedWrite(pass *analysis.Pass, f *found, value ast.Expr) (name string, at ast.Node, body ast.Node) {
	if fn := named(pass, value); fn != nil {
		if w := f.wrapper(pass, fn); w != nil && w.Fails.Kind == writes && !conditional(w.Fails.Name) {
			return fn.Name() + " (" + w.Fails.Name + ")", value, nil
		}
		return "", nil, nil
	}
	lit, ok := literal(pass, f, value)
	if !ok {
		return "", nil, nil
	}
	block, ok := f.root.FindNode(lit.Body)
	if !ok {
		return "", nil, nil
	}
	for cur := range block.Preorder((*ast.CallExpr)(nil)) {
		c := f.of[cur.Node().(*ast.CallExpr)]
		if c != nil && c.fails.Kind == writes && !conditional(c.fails.Name) && !outermost(cur, block) && flowsOut(pass, cur, block) {
			return spoken(c), c.call, lit.Body
		}
	}
	return "", nil, nil
}

// named returns the declared function or method that a value names, or nil.
func named(pass *analysis.Pass, value ast.Expr) *types.Func {
	var id *ast.Ident
	switch n := ast.Unparen(value).(type) {
	case *ast.Ident:
		id = n
	case *ast.SelectorExpr:
		id = n.Sel
	default:
		return nil
	}
	fn, _ := pass.TypesInfo.ObjectOf(id).(*types.Func)
	return fn
}

// literal returns the function literal that a value is, or that the variable
// which it names got once and for all.
func literal(pass *analysis.Pass, f *found, value ast.Expr) (*ast.FuncLit, bool) {
	switch n := ast.Unparen(value).(type) {
	case *ast.FuncLit:
		return n, true
	case *ast.CallExpr: // a conversion: backoff.Operation(func() error {...})
		if len(n.Args) == 1 && pass.TypesInfo.Types[n.Fun].IsType() {
			return literal(pass, f, n.Args[0])
		}
	case *ast.Ident:
		object := pass.TypesInfo.ObjectOf(n)
		var lit *ast.FuncLit
		times := 0
		for cur := range f.root.Preorder((*ast.AssignStmt)(nil)) {
			assign := cur.Node().(*ast.AssignStmt)
			for i, left := range assign.Lhs {
				if id, ok := left.(*ast.Ident); ok && object != nil && pass.TypesInfo.ObjectOf(id) == object && len(assign.Lhs) == len(assign.Rhs) {
					lit, _ = assign.Rhs[i].(*ast.FuncLit)
					times++
				}
			}
		}
		return lit, lit != nil && times == 1
	}
	return nil, false
}

// decides reports whether code has a say in which errors are repeated: it marks
// some as final, or asks what an error is.
func decides(n ast.Node) bool {
	for _, name := range strings.Fields("Permanent Unrecoverable RetryIf Is As AsType Of") {
		if selects(n, name) {
			return true
		}
	}
	return false
}

// findRetriedPost reports a POST through go-retryablehttp, which sends it again
// after a lost connection and after a status of 500 and more.
func findRetriedPost(pass *analysis.Pass, fn *types.Func, call *ast.CallExpr) {
	posts := contains("Post PostForm", fn.Name())
	if contains("NewRequest NewRequestWithContext", fn.Name()) {
		for _, arg := range call.Args {
			method := pass.TypesInfo.Types[arg].Value
			posts = posts || method != nil && method.Kind() == constant.String && contains("POST PATCH", constant.StringVal(method))
		}
	}
	if !posts {
		return
	}
	for _, file := range pass.Files {
		if selects(file, "CheckRetry") { // the package says itself what is repeated
			return
		}
	}
	report(pass, analysis.Diagnostic{Pos: call.Pos(), End: call.End(),
		Message: "go-retryablehttp sends a POST again after a lost connection: the one that failed may have been applied; set CheckRetry, or send an idempotency key"})
}
