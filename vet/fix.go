package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

// fresh gives the variables of fixes names that their functions do not have yet.
// Fixes of one function get different ones, so that they can be applied together.
type fresh map[*ast.FuncDecl]map[string]bool

// take returns a name that begins with base and is not used in a function.
func (f fresh) take(fn *ast.FuncDecl, base string) string {
	used := f[fn]
	if used == nil {
		used = map[string]bool{}
		ast.Inspect(fn, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				used[id.Name] = true
			}
			return true
		})
		f[fn] = used
	}
	name := base
	for n := 2; used[name]; n++ {
		name = fmt.Sprint(base, n)
	}
	used[name] = true
	return name
}

// waitsByDesign matches the calls that wait for something else than an answer. A
// deadline of ours would change what they mean.
var waitsByDesign = regexp.MustCompile(`^Queue\.(Take|Put)$|\.(Try)?(Lock|LockWith.*)$|Unlock|Timeout$|Listener|^SQL\.`)

// large matches the calls that are about more than one entry.
var large = regexp.MustCompile(`All|EntrySet|KeySet|Values|OnEntries|OnKeys|Clear|RetainAll|Aggregate|Index|Drain|Destroy|GetDistributedObjectsInfo`)

// boundCall returns the fix that gives a call a deadline of its own: 2 s, as
// the generated engine has it, or 30 s for a call about more than one entry. A
// write whose error is dropped is first given a branch for it, since that decides
// where the context can be cancelled.
func boundCall(pass *analysis.Pass, f *found, c *foundCall) []analysis.SuggestedFix {
	_, plain := pass.TypesInfo.TypeOf(c.call).(*types.Named) // an error and nothing else
	if waitsByDesign.MatchString(c.waits.Name) || c.via != "" && !plain {
		return nil
	}
	if what, at := f.fateOf(pass, c.at); c.fails.Kind == writes && what == ignored && trap(pass, c, at) != nil {
		return nil
	}
	limit := "2*time.Second"
	if large.MatchString(c.waits.Name) {
		limit = "30*time.Second"
	}
	return deadlineFix(pass, c, limit)
}

// deadlineFix returns the fix that gives a call a context with a deadline.
func deadlineFix(pass *analysis.Pass, c *foundCall, limit string) []analysis.SuggestedFix {
	fn := enclosingDecl(c.at)
	if fn == nil {
		return nil
	}
	im := &importer{pass: pass, file: enclosingFile(pass, c.call), at: c.call.Pos()}
	contextName, timeName := im.name("context"), im.name("time")
	arg := c.call.Args[c.ctx]
	if im.failed || c.call.Ellipsis.IsValid() && c.ctx == len(c.call.Args)-1 {
		return nil
	}
	limit = strings.Replace(limit, "time.", timeName+".", 1)
	switch c.at.Parent().Node().(type) {
	case *ast.GoStmt, *ast.DeferStmt: // their arguments are evaluated now, the call is made later
		return nil
	}
	bounded, cancel := c.names[0], c.names[1]
	make := fmt.Sprintf("%s, %s := %s.WithTimeout(%s, %s)\n", bounded, cancel, contextName, types.ExprString(arg), limit)
	edits := append(im.edits(), analysis.TextEdit{Pos: arg.Pos(), End: arg.End(), NewText: []byte(bounded)})
	if stmt, deferred := statementOf(c.at); stmt != nil && !hasGoto(fn) {
		if deferred {
			make += "defer " + cancel + "()\n"
		} else {
			end := endOfLine(pass, im.file, c.at.Parent())
			edits = append(edits, analysis.TextEdit{Pos: end, End: end, NewText: []byte("\n" + cancel + "()")})
		}
		edits = append(edits, analysis.TextEdit{Pos: stmt.Pos(), End: stmt.Pos(), NewText: []byte(make)})
	} else {
		results, ok := im.typeText(pass.TypesInfo.TypeOf(c.call))
		if !ok {
			return nil
		}
		open := fmt.Sprintf("func() %s {\n%sdefer %s()\nreturn ", results, make, cancel)
		edits = append(edits, analysis.TextEdit{Pos: c.call.Pos(), End: c.call.Pos(), NewText: []byte(open)},
			analysis.TextEdit{Pos: c.call.End(), End: c.call.End(), NewText: []byte("\n}()")})
	}
	return []analysis.SuggestedFix{{Message: "Give the call a deadline", TextEdits: edits}}
}

// statementOf returns the statement in a list that a call is all of, and whether
// that is a return.
func statementOf(call inspector.Cursor) (stmt ast.Stmt, returns bool) {
	parent := call.Parent()
	if !inList(parent) {
		return nil, false
	}
	switch n := parent.Node().(type) {
	case *ast.ExprStmt:
		return n, false
	case *ast.AssignStmt:
		if len(n.Rhs) == 1 {
			return n, false
		}
	case *ast.ReturnStmt:
		if len(n.Results) == 1 {
			return n, true
		}
	}
	return nil, false
}

// enclosingDecl returns the declared function that a node stands in, or nil.
func enclosingDecl(cur inspector.Cursor) *ast.FuncDecl {
	for fn := range cur.Enclosing((*ast.FuncDecl)(nil)) {
		return fn.Node().(*ast.FuncDecl)
	}
	return nil
}

// hasGoto reports whether a function has a goto, which may jump over no declaration.
func hasGoto(fn *ast.FuncDecl) bool {
	has := false
	ast.Inspect(fn, func(n ast.Node) bool {
		branch, ok := n.(*ast.BranchStmt)
		has = has || ok && branch.Tok == token.GOTO
		return !has
	})
	return has
}

// endOfLine returns the end of a statement, or of a comment that follows it on
// its line and belongs to it.
func endOfLine(pass *analysis.Pass, file *ast.File, stmt inspector.Cursor) token.Pos {
	end, limit := stmt.Node().End(), stmt.Parent().Node().End()
	if next, ok := stmt.NextSibling(); ok {
		limit = next.Node().Pos()
	}
	for _, group := range file.Comments {
		if end <= group.Pos() && group.Pos() < limit && pass.Fset.Position(group.Pos()).Line == pass.Fset.Position(end).Line {
			return group.List[0].End()
		}
	}
	return end
}

// importer names packages in a file, and adds those that it does not import.
type importer struct {
	pass   *analysis.Pass
	file   *ast.File
	at     token.Pos
	added  []string
	failed bool // a name is taken by something else
}

// name returns what the file calls a package.
func (im *importer) name(path string) string {
	name := path[strings.LastIndex(path, "/")+1:]
	for _, spec := range im.file.Imports {
		if spec.Path.Value == `"`+path+`"` && spec.Name != nil {
			name = spec.Name.Name
		}
	}
	_, object := im.pass.Pkg.Scope().Innermost(im.at).LookupParent(name, im.at)
	pkg, ok := object.(*types.PkgName)
	switch {
	case object == nil:
		im.added = append(im.added, path)
	case !ok || pkg.Imported().Path() != path:
		im.failed = true
	}
	return name
}

// edits returns the edits that import what was added.
func (im *importer) edits() []analysis.TextEdit {
	if len(im.added) == 0 {
		return nil
	}
	at, text := im.file.Name.End(), ""
	for _, path := range im.added {
		text += "\n\nimport \"" + path + "\""
	}
	for _, decl := range im.file.Decls {
		imports, ok := decl.(*ast.GenDecl)
		if !ok || imports.Tok != token.IMPORT {
			continue
		}
		text = ""
		for _, path := range im.added {
			if imports.Lparen.IsValid() {
				at, text = imports.Lparen+1, text+"\n\""+path+"\""
			} else {
				at, text = imports.Pos(), text+"import \""+path+"\"\n"
			}
		}
		break
	}
	return []analysis.TextEdit{{Pos: at, End: at, NewText: []byte(text)}}
}

// typeText returns how the file writes a type, and whether it can.
func (im *importer) typeText(t types.Type) (string, bool) {
	ok := true
	text := types.TypeString(t, func(pkg *types.Package) string {
		if pkg == im.pass.Pkg {
			return ""
		}
		for _, spec := range im.file.Imports {
			if used, isName := im.pass.TypesInfo.Implicits[spec].(*types.PkgName); isName && used.Imported() == pkg {
				return used.Name()
			}
			if spec.Name != nil {
				if used, isName := im.pass.TypesInfo.Defs[spec.Name].(*types.PkgName); isName && used.Imported() == pkg && used.Name() != "." {
					return used.Name()
				}
			}
		}
		ok = false
		return ""
	})
	return text, ok
}

// trap returns the fix that logs or returns an error that a statement drops.
func trap(pass *analysis.Pass, c *foundCall, stmt ast.Node) []analysis.SuggestedFix {
	if !inList(c.at.Parent()) || c.at.Parent().Node() != stmt {
		return nil
	}
	im := &importer{pass: pass, file: enclosingFile(pass, c.call), at: c.call.Pos()}
	title, handling := handle(pass, im, c)
	if im.failed {
		return nil
	}
	test := "if err != nil {\n" + handling + "\n}"
	end := endOfLine(pass, im.file, c.at.Parent())
	var edits []analysis.TextEdit
	switch n := stmt.(type) {
	case *ast.ExprStmt:
		edits = inBranch(pass, c, n.Pos(), handling)
	case *ast.AssignStmt:
		last := n.Lhs[len(n.Lhs)-1]
		switch {
		case allBlank(n):
			edits = inBranch(pass, c, n.Pos(), handling)
		case n.Tok == token.DEFINE && isBlank(last) && fits(pass, c.call.Pos()):
			edits = []analysis.TextEdit{{Pos: last.Pos(), End: last.End(), NewText: []byte("err")}, {Pos: end, End: end, NewText: []byte("\n" + test)}}
		}
	}
	if edits == nil {
		return nil
	}
	return []analysis.SuggestedFix{{Message: title, TextEdits: append(im.edits(), edits...)}}
}

// inBranch returns the edits that make an if statement of one that drops all results.
func inBranch(pass *analysis.Pass, c *foundCall, start token.Pos, handling string) []analysis.TextEdit {
	results := ""
	if tuple, ok := pass.TypesInfo.TypeOf(c.call).(*types.Tuple); ok {
		results = strings.Repeat("_, ", tuple.Len()-1)
	}
	return []analysis.TextEdit{
		{Pos: start, End: c.call.Pos(), NewText: []byte("if " + results + "err := ")},
		{Pos: c.call.End(), End: c.call.End(), NewText: []byte("; err != nil {\n" + handling + "\n}")},
	}
}

// handle returns what to do with an error: return it where the function can and
// no loop would end, else log it.
func handle(pass *analysis.Pass, im *importer, c *foundCall) (title, text string) {
	if !inLoop(c.at) && !cancelsLater(pass, c) {
		if values, ok := zeros(pass, c.at); ok {
			return "Return the error", "return " + values + "err"
		}
	}
	words := c.name() + " failed and may have been applied"
	for _, spec := range im.file.Imports {
		if spec.Path.Value == `"log/slog"` {
			return "Log the error", fmt.Sprintf("%s.Error(%q, \"err\", err)", im.name("log/slog"), words)
		}
	}
	return "Log the error", fmt.Sprintf("%s.Printf(\"%s: %%v\", err)", im.name("log"), words)
}

// cancelsLater reports whether the function calls a context's cancel function
// after a call: a return in between would leave that out.
func cancelsLater(pass *analysis.Pass, c *foundCall) bool {
	fn := enclosingDecl(c.at)
	cancels := false
	if fn != nil {
		ast.Inspect(fn, func(n ast.Node) bool {
			stmt, ok := n.(*ast.ExprStmt)
			if !ok || stmt.Pos() < c.call.End() {
				return !cancels
			}
			if call, ok := stmt.X.(*ast.CallExpr); ok {
				t, ok := types.Unalias(pass.TypesInfo.TypeOf(call.Fun)).(*types.Named)
				cancels = cancels || ok && strings.HasPrefix(t.Obj().Name(), "Cancel") && strings.HasSuffix(t.Obj().Name(), "Func")
			}
			return !cancels
		})
	}
	return cancels
}

// inLoop reports whether a loop of its function stands around a node.
func inLoop(cur inspector.Cursor) bool {
	for outer := range cur.Enclosing((*ast.ForStmt)(nil), (*ast.RangeStmt)(nil), (*ast.FuncLit)(nil), (*ast.FuncDecl)(nil)) {
		switch outer.Node().(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			return true
		}
		return false
	}
	return false
}

// zeros returns the values that a function returns beside its error, which is
// the last: "nil, 0, ". It reports whether they are simple and there is an error.
func zeros(pass *analysis.Pass, call inspector.Cursor) (string, bool) {
	fn := typeOf(function(call))
	if fn.Results == nil {
		return "", false
	}
	var values []string
	for _, field := range fn.Results.List {
		value, ok := zero(pass.TypesInfo.TypeOf(field.Type))
		if !ok {
			return "", false
		}
		for range max(1, len(field.Names)) {
			values = append(values, value)
		}
	}
	last := fn.Results.List[len(fn.Results.List)-1]
	if !isError(pass.TypesInfo.TypeOf(last.Type)) {
		return "", false
	}
	values = values[:len(values)-1]
	if len(values) == 0 {
		return "", true
	}
	return strings.Join(values, ", ") + ", ", true
}

// zero returns the zero value of a type, and whether it can be written without its name.
func zero(t types.Type) (string, bool) {
	if _, isParam := types.Unalias(t).(*types.TypeParam); isParam {
		return "", false
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsBoolean != 0:
			return "false", true
		case u.Info()&types.IsString != 0:
			return `""`, true
		case u.Info()&types.IsNumeric != 0:
			return "0", true
		}
		return "", false
	case *types.Struct, *types.Array:
		return "", false
	}
	return "nil", true
}

func allBlank(n *ast.AssignStmt) bool {
	for _, left := range n.Lhs {
		if !isBlank(left) {
			return false
		}
	}
	return true
}

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// fits reports whether err may be declared at a place: nothing else of the block has the name.
func fits(pass *analysis.Pass, at token.Pos) bool {
	object := pass.Pkg.Scope().Innermost(at).Lookup("err")
	return object == nil || isError(object.Type())
}

// goOn returns the fix that logs an error in a loop and goes on with the next round.
func goOn(pass *analysis.Pass, call inspector.Cursor, end ast.Node) []analysis.SuggestedFix {
	expr, ok := end.(*ast.ExprStmt)
	if !ok {
		return nil
	}
	exit, ok := expr.X.(*ast.CallExpr)
	if !ok {
		return nil
	}
	selector, ok := exit.Fun.(*ast.SelectorExpr)
	if !ok || pass.TypesInfo.ObjectOf(selector.Sel) == nil || !isLogFatal(pass.TypesInfo.ObjectOf(selector.Sel)) {
		return nil
	}
	cur, ok := call.Inspector().Root().FindNode(end)
	if !ok {
		return nil
	}
	branch := cur.Parent().Parent()
	if n, ok := branch.Node().(*ast.IfStmt); !ok || n.Else != nil || function(branch) != function(call) || !leavesLoop(&ast.ReturnStmt{}, branch) {
		return nil
	}
	name := strings.Replace(selector.Sel.Name, "Fatal", "Print", 1)
	return []analysis.SuggestedFix{{Message: "Log the error and go on with the next round", TextEdits: []analysis.TextEdit{
		{Pos: selector.Sel.Pos(), End: selector.Sel.End(), NewText: []byte(name)},
		{Pos: expr.End(), End: expr.End(), NewText: []byte("\ncontinue")},
	}}}
}

// isLogFatal reports whether an object is log.Fatal or one of its kin.
func isLogFatal(object types.Object) bool {
	return object.Pkg() != nil && object.Pkg().Path() == "log" && strings.HasPrefix(object.Name(), "Fatal")
}
