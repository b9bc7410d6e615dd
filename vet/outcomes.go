package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

// outcomeSwitches reports switches that tell what was not sent from the rest, and
// forget what was sent and not answered.
func (c *code) outcomeSwitches() {
	for at := range c.root.Preorder((*ast.SwitchStmt)(nil)) {
		n := at.Node().(*ast.SwitchStmt)
		if n.Tag == nil || !isType(c.typeOf(n.Tag), isOutcomePackage, "Outcome") {
			continue
		}
		notSent := c.forgetsUnknown(n)
		if notSent == nil || c.namesUnknown(at) {
			continue
		}
		report(c.pass, analysis.Diagnostic{Pos: n.Pos(), End: n.Body.Lbrace, SuggestedFixes: c.logUnknown(n, notSent), Message: "this switch has no case for outcome.Unknown, " +
			"which is a call that was sent and not answered: it may have been applied, so it must be neither repeated nor given up as not sent"})
	}
}

// forgetsUnknown returns the expression for NotSent of a switch that has neither a
// case for Unknown nor a default; nil if there is none.
func (c *code) forgetsUnknown(n *ast.SwitchStmt) ast.Expr {
	var notSent ast.Expr
	for _, stmt := range n.Body.List {
		clause := stmt.(*ast.CaseClause)
		if clause.List == nil {
			return nil
		}
		for _, e := range clause.List {
			value := c.pass.TypesInfo.Types[e].Value
			if value == nil {
				return nil // who knows
			}
			switch value.ExactString() {
			case c.outcome(n.Tag, "Unknown"):
				return nil
			case c.outcome(n.Tag, "NotSent"):
				notSent = e
			}
		}
	}
	return notSent
}

// outcome returns the value of one of the constants of an outcome's package.
func (c *code) outcome(tag ast.Expr, name string) string {
	constant, ok := nameOf(c.typeOf(tag)).Pkg().Scope().Lookup(name).(*types.Const)
	if !ok {
		return ""
	}
	return constant.Val().ExactString()
}

// namesUnknown reports whether the function around a switch names Unknown anywhere,
// and so may have handled it already.
func (c *code) namesUnknown(at inspector.Cursor) bool {
	for fn := range at.Enclosing((*ast.FuncDecl)(nil)) {
		for in := range fn.Preorder((*ast.Ident)(nil)) {
			if constant, ok := c.pass.TypesInfo.Uses[in.Node().(*ast.Ident)].(*types.Const); ok && constant.Name() == "Unknown" && isType(constant.Type(), isOutcomePackage, "Outcome") {
				return true
			}
		}
	}
	return false
}

// logUnknown returns the fix that adds a case which logs the error, where the file
// has log or log/slog at hand, and an error that the outcome was read from.
func (c *code) logUnknown(n *ast.SwitchStmt, notSent ast.Expr) []analysis.SuggestedFix {
	tag, ok := ast.Unparen(n.Tag).(*ast.CallExpr)
	if !ok || len(tag.Args) != 1 || c.variable(tag.Args[0]) == nil {
		return nil
	}
	selector, ok := ast.Unparen(notSent).(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	where, ok := c.pass.TypesInfo.Uses[baseIdent(selector.X)].(*types.PkgName)
	if !ok || where.Imported().Scope().Lookup("Unknown") == nil {
		return nil
	}
	failed, words := c.source(tag.Args[0]), `"sent and not answered: it may have been applied, so it is not repeated`
	var line string
	switch {
	case c.reaches(n.Pos(), "slog", "log/slog"):
		line = "slog.Warn(" + words + `", "cause", ` + failed + ")"
	case c.reaches(n.Pos(), "log", "log"):
		line = "log.Print(" + words + `: ", ` + failed + ")"
	default:
		return nil
	}
	text := "case " + where.Name() + ".Unknown:\n" + line + "\n"
	return []analysis.SuggestedFix{{Message: "log what may have been applied", TextEdits: []analysis.TextEdit{
		{Pos: n.Body.Rbrace, End: n.Body.Rbrace, NewText: []byte(strings.TrimSpace(text) + "\n")},
	}}}
}

func baseIdent(e ast.Expr) *ast.Ident {
	id, _ := ast.Unparen(e).(*ast.Ident)
	return id
}

// reaches reports whether a name is that of an imported package at a position.
func (c *code) reaches(pos token.Pos, name, path string) bool {
	scope := c.pass.Pkg.Scope().Innermost(pos)
	if scope == nil {
		return false
	}
	_, obj := scope.LookupParent(name, pos)
	pkg, ok := obj.(*types.PkgName)
	return ok && pkg.Imported().Path() == path
}
