package vet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// code is what the analyzers of settings and hooks ask about a package. It follows
// a variable only where the package sets it once, in plain sight.
type code struct {
	pass  *analysis.Pass
	root  inspector.Cursor
	decls map[*types.Func]inspector.Cursor // the functions of the package
	given map[*types.Var][]ast.Expr        // what each variable is set to; nil is what can't be followed
}

func newCode(pass *analysis.Pass) *code {
	c := &code{
		pass:  pass,
		root:  pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root(),
		decls: make(map[*types.Func]inspector.Cursor),
		given: make(map[*types.Var][]ast.Expr),
	}
	for at := range c.root.Preorder((*ast.FuncDecl)(nil), (*ast.FuncType)(nil), (*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil),
		(*ast.RangeStmt)(nil), (*ast.IncDecStmt)(nil), (*ast.UnaryExpr)(nil)) {
		c.index(at)
	}
	return c
}

// index takes in what one node declares or sets.
func (c *code) index(at inspector.Cursor) {
	switch n := at.Node().(type) {
	case *ast.FuncDecl:
		if f, ok := c.pass.TypesInfo.Defs[n.Name].(*types.Func); ok {
			c.decls[f] = at
		}
		c.fromElsewhere(n.Recv)
	case *ast.FuncType:
		c.fromElsewhere(n.Params)
		c.fromElsewhere(n.Results)
	case *ast.AssignStmt:
		for i, to := range n.Lhs {
			var value ast.Expr
			if len(n.Lhs) == len(n.Rhs) && (n.Tok == token.ASSIGN || n.Tok == token.DEFINE) {
				value = n.Rhs[i]
			}
			c.gives(to, value)
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			switch {
			case len(n.Values) == len(n.Names):
				c.gives(name, n.Values[i])
			case len(n.Values) > 0:
				c.gives(name, nil)
			}
		}
	case *ast.RangeStmt:
		c.gives(n.Key, nil)
		c.gives(n.Value, nil)
	case *ast.IncDecStmt:
		c.gives(n.X, nil)
	case *ast.UnaryExpr:
		if n.Op == token.AND {
			c.gives(n.X, nil)
		}
	}
}

func (c *code) fromElsewhere(fields *ast.FieldList) {
	if fields == nil {
		return
	}
	for _, field := range fields.List {
		for _, name := range field.Names {
			c.gives(name, nil)
		}
	}
}

func (c *code) gives(to ast.Expr, value ast.Expr) {
	if v := c.variable(to); v != nil {
		c.given[v] = append(c.given[v], value)
	}
}

// variable returns the variable that an identifier names, or nil.
func (c *code) variable(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(orNil(e)).(*ast.Ident)
	if !ok {
		return nil
	}
	v, _ := c.pass.TypesInfo.ObjectOf(id).(*types.Var)
	return v
}

// orNil gives a nil expression a type that can be asked.
func orNil(e ast.Expr) ast.Expr {
	if e == nil {
		return &ast.BadExpr{}
	}
	return e
}

// meant returns what an expression stands for: of a variable that is set once, the
// value that it is set to.
func (c *code) meant(e ast.Expr) ast.Expr {
	for range 8 { // a chain of variables ends somewhere
		e = ast.Unparen(orNil(e))
		v := c.variable(e)
		if v == nil || v.IsField() || v.Exported() && v.Parent() == c.pass.Pkg.Scope() {
			return e
		}
		given := c.given[v]
		if len(given) != 1 || given[0] == nil {
			return e
		}
		e = given[0]
	}
	return e
}

// constant returns the value of an expression, or nil if it is not constant.
func (c *code) constant(e ast.Expr) constant.Value {
	for _, e := range []ast.Expr{orNil(e), c.meant(e)} {
		if v := c.pass.TypesInfo.Types[e].Value; v != nil {
			return v
		}
	}
	return nil
}

// text returns a constant string, and whether the expression is one.
func (c *code) text(e ast.Expr) (string, bool) {
	v := c.constant(e)
	if v == nil || v.Kind() != constant.String {
		return "", false
	}
	return constant.StringVal(v), true
}

// isTrue reports whether an expression is the constant true.
func (c *code) isTrue(e ast.Expr) bool {
	v := c.constant(e)
	return v != nil && v.Kind() == constant.Bool && constant.BoolVal(v)
}

// integer returns a constant integer, such as a duration in nanoseconds, and
// whether the expression is one.
func (c *code) integer(e ast.Expr) (int64, bool) {
	if v := c.constant(e); v != nil {
		return constant.Int64Val(constant.ToInt(v))
	}
	return 0, false
}

// typeOf returns an expression's type, or the invalid type.
func (c *code) typeOf(e ast.Expr) types.Type {
	if t := c.pass.TypesInfo.TypeOf(orNil(e)); t != nil {
		return t
	}
	return types.Typ[types.Invalid]
}

// callee returns the function or method that a call names, or nil.
func (c *code) callee(call *ast.CallExpr) *types.Func {
	f, _ := typeutil.Callee(c.pass.TypesInfo, call).(*types.Func)
	return f
}

// function returns the literal or the declaration of this package that an
// expression stands for.
func (c *code) function(e ast.Expr) (inspector.Cursor, bool) {
	switch meant := c.meant(e).(type) {
	case *ast.FuncLit:
		return c.root.FindNode(meant)
	case *ast.Ident:
		f, _ := c.pass.TypesInfo.Uses[meant].(*types.Func)
		decl, ok := c.decls[f]
		return decl, ok
	case *ast.SelectorExpr:
		f, _ := c.pass.TypesInfo.Uses[meant.Sel].(*types.Func)
		decl, ok := c.decls[f]
		return decl, ok
	}
	return inspector.Cursor{}, false
}

// partsOf returns the type and the body of a function that function found.
func partsOf(at inspector.Cursor) (*ast.FuncType, *ast.BlockStmt) {
	if !at.Valid() {
		return nil, nil
	}
	switch f := at.Node().(type) {
	case *ast.FuncLit:
		return f.Type, f.Body
	case *ast.FuncDecl:
		return f.Type, f.Body
	}
	return nil, nil
}

// nameOf returns the name of a named type, or of the one that a pointer points
// to; nil if it has none.
func nameOf(t types.Type) *types.TypeName {
	if pointer, ok := types.Unalias(t).(*types.Pointer); ok {
		t = pointer.Elem()
	}
	if n, ok := types.Unalias(t).(*types.Named); ok {
		return n.Obj()
	}
	return nil
}

// isType reports whether t, or what it points to, is the named type of a package
// of which is says yes.
func isType(t types.Type, is func(*types.Package) bool, name string) bool {
	obj := nameOf(t)
	return obj != nil && obj.Name() == name && obj.Pkg() != nil && is(obj.Pkg())
}

// isPackage returns a function that reports whether a package has the path.
func isPackage(path string) func(*types.Package) bool {
	return func(pkg *types.Package) bool { return pkg.Path() == path }
}

// source returns a node as it is written.
func (c *code) source(n ast.Node) string {
	file := c.pass.Fset.File(n.Pos())
	text, err := c.pass.ReadFile(file.Name())
	if err != nil {
		return ""
	}
	return string(text[file.Offset(n.Pos()):file.Offset(n.End())])
}
