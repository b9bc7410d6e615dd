package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// configuration is a struct with settings, as one function makes or changes it.
type configuration struct {
	made     ast.Node // the literal, or the name of the variable
	typ      types.Type
	settings []setting          // in the order of the source
	sinks    []inspector.Cursor // where it is given to something else
	// whole: the function made the struct and gave it to nothing that could
	// change it, so a setting that is missing here is missing.
	whole bool
}

// setting is what a configuration's field is set to, or a call of one of its methods.
type setting struct {
	path  string           // from the configuration down: "Network.SSL.Enabled"
	value ast.Expr         // nil: it can't be followed; of a method, the call
	at    inspector.Cursor // the name of the field or method
}

// configurations are those of a package.
type configurations struct {
	*code
	is    func(types.Type) bool // which types are configurations
	all   []*configuration
	of    map[*types.Var]*configuration
	lits  map[*ast.CompositeLit]*configuration
	alias map[*types.Var]place
}

// place is a part of a configuration that a pointer points to.
type place struct {
	in   *configuration
	path string
}

// configurations finds the configurations of a package: the values of the types of
// which is says yes.
func (c *code) configurations(is func(types.Type) bool) *configurations {
	found := &configurations{code: c, is: is, of: make(map[*types.Var]*configuration),
		lits: make(map[*ast.CompositeLit]*configuration), alias: make(map[*types.Var]place)}
	for at := range c.root.Preorder((*ast.CompositeLit)(nil)) {
		found.literal(at)
	}
	for at := range c.root.Preorder((*ast.Ident)(nil)) {
		found.declared(at)
	}
	for at := range c.root.Preorder((*ast.Ident)(nil)) {
		if v, ok := c.pass.TypesInfo.Uses[at.Node().(*ast.Ident)].(*types.Var); ok && !v.IsField() {
			found.use(at, v)
		}
	}
	return found
}

// literal takes in a literal that stands for itself. One that is a field of
// another, or the value of a variable, is a part of that.
func (f *configurations) literal(at inspector.Cursor) {
	lit := at.Node().(*ast.CompositeLit)
	if !f.is(f.typeOf(lit)) || f.lits[lit] != nil {
		return
	}
	top := at
	if and, ok := at.Parent().Node().(*ast.UnaryExpr); ok && and.Op == token.AND {
		top = at.Parent()
	}
	made := &configuration{made: lit, typ: f.typeOf(lit), whole: f.keeps(top.Parent()), sinks: []inspector.Cursor{top}}
	f.lits[lit] = made
	f.all = append(f.all, made)
	f.flatten(made, "", at)
}

// keeps reports whether a literal is given to something that changes nothing in
// it: the client, its configuration, the engine's, or a list.
func (f *configurations) keeps(at inspector.Cursor) bool {
	switch up := at.Node().(type) {
	case *ast.CallExpr:
		return f.isClients(up)
	case *ast.KeyValueExpr:
		return f.keeps(at.Parent())
	case *ast.CompositeLit:
		t := f.typeOf(up)
		if list, ok := t.Underlying().(*types.Slice); ok {
			t = list.Elem()
		}
		owner := nameOf(t)
		return owner != nil && (isClientPackage(owner.Pkg()) || isEnginePackage(owner.Pkg()))
	}
	return false
}

// isClients reports whether a call is one of the functions of the client or an
// engine, which copy what they are given, or of a list's.
func (f *configurations) isClients(call *ast.CallExpr) bool {
	if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok {
		if _, ok := f.pass.TypesInfo.Uses[id].(*types.Builtin); ok {
			return true
		}
	}
	fn := f.callee(call)
	return fn != nil && (isClientPackage(fn.Pkg()) || isOurs(fn.Pkg()))
}

// flatten takes in the fields of a literal.
func (f *configurations) flatten(to *configuration, path string, at inspector.Cursor) {
	for child := range at.Children() {
		field, ok := child.Node().(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		key, ok := field.Key.(*ast.Ident)
		if !ok {
			continue
		}
		name := join(path, key.Name)
		if inner, ok := field.Value.(*ast.CompositeLit); ok && isStruct(f.typeOf(inner)) {
			f.lits[inner] = to
			f.flatten(to, name, child.ChildAt(edge.KeyValueExpr_Value, -1))
			continue
		}
		to.settings = append(to.settings, setting{name, field.Value, child.ChildAt(edge.KeyValueExpr_Key, -1)})
	}
}

func isStruct(t types.Type) bool {
	_, ok := t.Underlying().(*types.Struct)
	return ok
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

// declared takes in a variable that holds a configuration.
func (f *configurations) declared(at inspector.Cursor) {
	id := at.Node().(*ast.Ident)
	v, ok := f.pass.TypesInfo.Defs[id].(*types.Var)
	if !ok || v.IsField() || !f.is(v.Type()) {
		return
	}
	made := &configuration{made: id, typ: v.Type(), whole: v.Parent() != f.pass.Pkg.Scope()}
	value := f.valueOf(at)
	if and, ok := ast.Unparen(orNil(value)).(*ast.UnaryExpr); ok && and.Op == token.AND {
		value = and.X
	}
	switch value := ast.Unparen(orNil(value)).(type) {
	case *ast.CompositeLit:
		if lit := f.lits[value]; lit != nil {
			lit.whole, lit.sinks = made.whole, nil
			made = lit
		}
	case *ast.CallExpr: // NewConfig, which returns an empty one
		if fn := f.callee(value); fn == nil || fn.Name() != "NewConfig" || !isClientPackage(fn.Pkg()) {
			made.whole = false
		}
	case *ast.BadExpr: // a variable without a value, or a parameter
		_, isSpec := at.Parent().Node().(*ast.ValueSpec)
		made.whole = made.whole && isSpec && !isPointer(v.Type())
	default:
		made.whole = false
	}
	if made.made == ast.Node(id) {
		f.all = append(f.all, made)
	}
	f.of[v] = made
}

func isPointer(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.Pointer)
	return ok
}

// valueOf returns what the variable that is declared at gets, or nil.
func (f *configurations) valueOf(at inspector.Cursor) ast.Expr {
	i := at.ParentEdgeIndex()
	switch parent := at.Parent().Node().(type) {
	case *ast.AssignStmt:
		if at.ParentEdgeKind() == edge.AssignStmt_Lhs && len(parent.Lhs) == len(parent.Rhs) {
			return parent.Rhs[i]
		}
		return parent.Rhs[0]
	case *ast.ValueSpec:
		if i < len(parent.Values) {
			return parent.Values[i]
		}
	}
	return nil
}

// use takes in one use of a variable: it sets a field, calls a method, makes a
// pointer to a part, or gives the configuration to something that may change it.
func (f *configurations) use(at inspector.Cursor, v *types.Var) {
	where, ok := f.alias[v]
	if in := f.of[v]; in != nil {
		where, ok = place{in, ""}, true
	}
	if !ok {
		return
	}
	path, last, top := where.path, at, at
	for {
		up := top.Parent()
		if selector, ok := up.Node().(*ast.SelectorExpr); ok && top.ParentEdgeKind() == edge.SelectorExpr_X {
			path, last, top = join(path, selector.Sel.Name), up.ChildAt(edge.SelectorExpr_Sel, -1), up
			continue
		}
		switch up.Node().(type) {
		case *ast.ParenExpr, *ast.StarExpr:
			top = up
			continue
		}
		break
	}
	f.used(place{where.in, path}, last, top)
}

// used takes in what becomes of a part of a configuration.
func (f *configurations) used(part place, last, top inspector.Cursor) {
	if part.path == "" && top.ParentEdgeKind() != edge.AssignStmt_Lhs {
		part.in.sinks = append(part.in.sinks, top)
	}
	switch up := top.Parent().Node().(type) {
	case *ast.AssignStmt:
		if top.ParentEdgeKind() == edge.AssignStmt_Lhs {
			var value ast.Expr
			if len(up.Lhs) == len(up.Rhs) {
				value = up.Rhs[top.ParentEdgeIndex()]
			}
			if part.path != "" {
				f.set(part, value, last)
			} else if up.Tok == token.ASSIGN {
				part.in.whole = false // it becomes another one
			}
			return
		}
		f.copied(part, top)
	case *ast.CallExpr:
		switch {
		case top.ParentEdgeKind() == edge.CallExpr_Fun:
			f.set(part, up, last)
		case part.path == "" || isPointer(f.typeOf(top.Node().(ast.Expr))):
			part.in.whole = part.in.whole && f.isClients(up)
		}
	case *ast.UnaryExpr:
		if up.Op == token.AND {
			f.pointed(part, top.Parent())
		}
	case *ast.ReturnStmt, *ast.KeyValueExpr, *ast.CompositeLit, *ast.SendStmt, *ast.ValueSpec:
		f.copied(part, top)
	}
}

// set takes in what a part is set to. The fields of a literal become its own.
func (f *configurations) set(part place, value ast.Expr, at inspector.Cursor) {
	if lit, ok := ast.Unparen(orNil(value)).(*ast.CompositeLit); ok && isStruct(f.typeOf(lit)) {
		f.all = slices.DeleteFunc(f.all, func(c *configuration) bool { return c.made == ast.Node(lit) })
		if found, ok := f.root.FindNode(lit); ok {
			f.flatten(part.in, part.path, found)
		}
		return
	}
	part.in.settings = append(part.in.settings, setting{part.path, value, at})
}

// copied takes in a part whose value goes elsewhere, where it may get more
// settings unless it is kept as it is.
func (f *configurations) copied(part place, top inspector.Cursor) {
	t := f.typeOf(top.Node().(ast.Expr))
	if (isStruct(t) || isPointer(t)) && !f.keeps(top.Parent()) {
		part.in.whole = false
	}
}

// pointed takes in the address of a part.
func (f *configurations) pointed(part place, at inspector.Cursor) {
	if part.path == "" {
		part.in.sinks[len(part.in.sinks)-1] = at
	}
	switch up := at.Parent().Node().(type) {
	case *ast.AssignStmt:
		if i := at.ParentEdgeIndex(); up.Tok == token.DEFINE && i < len(up.Lhs) {
			if v, ok := f.pass.TypesInfo.Defs[up.Lhs[i].(*ast.Ident)].(*types.Var); ok {
				f.alias[v] = part
				return
			}
		}
	case *ast.CallExpr:
		part.in.whole = part.in.whole && f.isClients(up)
		return
	}
	part.in.whole = part.in.whole && f.keeps(at.Parent())
}

// set returns the settings of one path, in the order of the source.
func (c *configuration) set(path string) []setting {
	var found []setting
	for _, s := range c.settings {
		if s.path == path {
			found = append(found, s)
		}
	}
	return found
}

// mayHave reports whether a field may have been set: it was, or something that
// holds it was set as a whole to what can't be followed.
func (c *configuration) mayHave(path string) bool {
	return slices.ContainsFunc(c.settings, func(s setting) bool {
		return s.path == path || strings.HasPrefix(path, s.path+".") || strings.HasPrefix(s.path, path+".")
	})
}
