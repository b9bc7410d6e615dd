package golang

import (
	"go/ast"
	"go/token"
	"strconv"

	"github.com/failover-gen/failover-gen/internal/bundle/lexis"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// converter turns Go's trees into those that package follow evaluates.
type converter struct {
	file string
	set  *token.FileSet
}

func (c *converter) at(n ast.Node) fault.Position {
	p := c.set.PositionFor(n.Pos(), false) // a //line directive names other files
	return fault.Position{File: c.file, Line: p.Line, Column: p.Column}
}

func (c *converter) other(n ast.Node, why string) *lexis.Node {
	return &lexis.Node{Kind: lexis.Other, At: c.at(n), Why: why}
}

func (c *converter) declaration(d ast.Decl) []lexis.Stmt {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Body != nil {
			return []lexis.Stmt{{Kind: lexis.Define, At: c.at(d.Name), Name: d.Name.Name, Value: c.function(d, d.Type, d.Body)}}
		}
	case *ast.GenDecl:
		var all []lexis.Stmt
		for _, spec := range d.Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				all = append(all, c.values(v)...)
			}
		}
		return all
	}
	return nil
}

// values reads variables and constants. A variable without a value is an object where
// its type is that of a package.
func (c *converter) values(v *ast.ValueSpec) []lexis.Stmt {
	var all []lexis.Stmt
	for i, name := range v.Names {
		st := lexis.Stmt{Kind: lexis.Declare, At: c.at(name), Name: name.Name}
		switch {
		case len(v.Values) == len(v.Names) || i == 0 && len(v.Values) == 1:
			st.Value = c.copied(v.Values[i])
		case len(v.Values) > 0:
			st.Value = c.other(name, "a further result of a function")
		default:
			if class, ok := v.Type.(*ast.SelectorExpr); ok {
				st.Value = &lexis.Node{Kind: lexis.Call, New: true, At: st.At, X: c.expression(class)}
			}
		}
		all = append(all, st)
	}
	return all
}

func (c *converter) function(n ast.Node, t *ast.FuncType, body *ast.BlockStmt) *lexis.Node {
	f := &lexis.Node{Kind: lexis.Func, At: c.at(n), Body: c.block(body.List)}
	for _, field := range t.Params.List {
		for _, name := range field.Names {
			f.Params = append(f.Params, name.Name)
		}
		if len(field.Names) == 0 {
			f.Params = append(f.Params, "_")
		}
	}
	return f
}

func (c *converter) block(list []ast.Stmt) []lexis.Stmt {
	var all []lexis.Stmt
	for _, s := range list {
		all = append(all, c.statement(s)...)
	}
	return all
}

func (c *converter) statement(s ast.Stmt) []lexis.Stmt {
	branch := func(init, body ast.Stmt) []lexis.Stmt {
		var list []lexis.Stmt
		if init != nil {
			list = c.statement(init)
		}
		if body != nil {
			list = append(list, lexis.Stmt{Kind: lexis.Branch, At: c.at(body), Body: c.statement(body)})
		}
		return list
	}
	scoped := func(list []lexis.Stmt) []lexis.Stmt {
		return []lexis.Stmt{{Kind: lexis.Block, At: c.at(s), Body: list}}
	}
	switch s := s.(type) {
	case *ast.AssignStmt:
		return c.assignment(s)
	case *ast.ExprStmt:
		return []lexis.Stmt{{Kind: lexis.Do, At: c.at(s), Value: c.expression(s.X)}}
	case *ast.DeclStmt:
		return c.declaration(s.Decl)
	case *ast.BlockStmt:
		return scoped(c.block(s.List))
	case *ast.LabeledStmt:
		return c.statement(s.Stmt)
	case *ast.ReturnStmt:
		st := lexis.Stmt{Kind: lexis.Return, At: c.at(s)}
		if len(s.Results) > 0 {
			st.Value = c.expression(s.Results[0])
		}
		return []lexis.Stmt{st}
	case *ast.IfStmt:
		return scoped(append(branch(s.Init, s.Body), branch(nil, s.Else)...))
	case *ast.ForStmt:
		return scoped(branch(s.Init, s.Body))
	case *ast.RangeStmt:
		return branch(nil, s.Body)
	case *ast.SwitchStmt:
		return scoped(branch(s.Init, s.Body))
	case *ast.TypeSwitchStmt:
		return scoped(branch(s.Init, s.Body))
	case *ast.SelectStmt:
		return branch(nil, s.Body)
	case *ast.CaseClause:
		return branch(nil, &ast.BlockStmt{Lbrace: s.Case, List: s.Body})
	case *ast.CommClause:
		return branch(nil, &ast.BlockStmt{Lbrace: s.Case, List: s.Body})
	case *ast.DeferStmt:
		return branch(nil, &ast.ExprStmt{X: s.Call})
	case *ast.GoStmt:
		return branch(nil, &ast.ExprStmt{X: s.Call})
	}
	return nil
}

// assignment gives the first name the first result of a call; nobody knows the others.
func (c *converter) assignment(s *ast.AssignStmt) []lexis.Stmt {
	var all []lexis.Stmt
	for i, target := range s.Lhs {
		var value *lexis.Node
		switch {
		case len(s.Rhs) == len(s.Lhs) || i == 0:
			value = c.copied(s.Rhs[i])
		default:
			value = c.other(target, "a further result of a function")
		}
		name, isName := target.(*ast.Ident)
		switch {
		case isName && name.Name == "_":
			all = append(all, lexis.Stmt{Kind: lexis.Do, At: c.at(s), Value: value})
		case isName && s.Tok == token.DEFINE:
			all = append(all, lexis.Stmt{Kind: lexis.Declare, At: c.at(name), Name: name.Name, Value: value})
		case s.Tok == token.ADD_ASSIGN:
			old := c.expression(target)
			sum := &lexis.Node{Kind: lexis.Add, At: value.At, Args: []lexis.Arg{{Value: old}, {Value: value}}}
			all = append(all, lexis.Stmt{Kind: lexis.Assign, At: c.at(s), Target: old, Value: sum})
		case s.Tok == token.ASSIGN:
			all = append(all, lexis.Stmt{Kind: lexis.Assign, At: c.at(s), Target: c.expression(target), Value: value})
		default:
			all = append(all, lexis.Stmt{Kind: lexis.Assign, At: c.at(s), Target: c.expression(target), Value: c.other(s, "a computed value")})
		}
	}
	return all
}

// copied is the value of an expression as a variable, a field or a parameter gets it.
// What is no pointer is copied.
func (c *converter) copied(e ast.Expr) *lexis.Node {
	n := c.expression(e)
	switch ast.Unparen(e).(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		return &lexis.Node{Kind: lexis.Copy, At: n.At, X: n}
	case *ast.StarExpr:
		return &lexis.Node{Kind: lexis.Copy, At: n.At, X: n}
	}
	return n
}

func (c *converter) expression(e ast.Expr) *lexis.Node {
	switch e := e.(type) {
	case *ast.BasicLit:
		return c.literal(e)
	case *ast.Ident:
		return &lexis.Node{Kind: lexis.NameNode, At: c.at(e), Text: e.Name}
	case *ast.SelectorExpr:
		return &lexis.Node{Kind: lexis.Member, At: c.at(e.Sel), Text: e.Sel.Name, X: c.expression(e.X)}
	case *ast.CallExpr:
		call := &lexis.Node{Kind: lexis.Call, At: c.at(e), X: c.expression(e.Fun)}
		for i, a := range e.Args {
			call.Args = append(call.Args, lexis.Arg{Spread: e.Ellipsis.IsValid() && i == len(e.Args)-1, Value: c.copied(a)})
		}
		return call
	case *ast.IndexExpr:
		return &lexis.Node{Kind: lexis.Index, At: c.at(e), X: c.expression(e.X), Args: []lexis.Arg{{Value: c.expression(e.Index)}}}
	case *ast.CompositeLit:
		return c.composite(e)
	case *ast.ParenExpr:
		return c.expression(e.X)
	case *ast.StarExpr:
		return &lexis.Node{Kind: lexis.Dereference, At: c.at(e), X: c.expression(e.X)}
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return &lexis.Node{Kind: lexis.Reference, At: c.at(e), X: c.expression(e.X)}
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			return &lexis.Node{Kind: lexis.Add, At: c.at(e), Args: []lexis.Arg{{Value: c.expression(e.X)}, {Value: c.expression(e.Y)}}}
		}
	case *ast.FuncLit:
		return c.function(e, e.Type, e.Body)
	}
	return c.other(e, "a computed value")
}

func (c *converter) literal(l *ast.BasicLit) *lexis.Node {
	if l.Kind != token.STRING {
		return &lexis.Node{Kind: lexis.NumberNode, At: c.at(l), Text: l.Value}
	}
	text, err := strconv.Unquote(l.Value)
	if err != nil {
		return c.other(l, "a text that cannot be read")
	}
	return &lexis.Node{Kind: lexis.TextNode, At: c.at(l), Text: text}
}

// composite reads a literal of a struct or map by its keys, and of a slice as a list.
func (c *converter) composite(e *ast.CompositeLit) *lexis.Node {
	n := &lexis.Node{Kind: lexis.Object, At: c.at(e)}
	for _, element := range e.Elts {
		pair, keyed := element.(*ast.KeyValueExpr)
		if !keyed {
			n.Kind = lexis.List
			n.Args = append(n.Args, lexis.Arg{Value: c.copied(element)})
			continue
		}
		if name, ok := pair.Key.(*ast.Ident); ok && !isMap(e.Type) {
			n.Args = append(n.Args, lexis.Arg{Name: name.Name, Value: c.copied(pair.Value)})
			continue
		}
		n.Args = append(n.Args, lexis.Arg{Key: c.expression(pair.Key), Value: c.copied(pair.Value)})
	}
	if _, isArray := e.Type.(*ast.ArrayType); isArray {
		n.Kind = lexis.List
	}
	return n
}

func isMap(t ast.Expr) bool {
	_, ok := t.(*ast.MapType)
	return ok
}
