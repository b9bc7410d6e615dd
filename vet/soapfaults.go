package vet

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// unseenFaults reports SOAP calls whose response is decoded without a look at its
// status or for a fault.
func (c *code) unseenFaults() {
	for at := range c.root.Preorder((*ast.FuncDecl)(nil)) {
		if !c.speaksSOAP(at) || c.knowsFaults(at) {
			continue
		}
		for in := range at.Preorder((*ast.AssignStmt)(nil)) {
			assign := in.Node().(*ast.AssignStmt)
			call, ok := assign.Rhs[0].(*ast.CallExpr)
			response := c.variable(assign.Lhs[0])
			if ok && len(assign.Rhs) == 1 && response != nil && isType(response.Type(), isPackage("net/http"), "Response") && c.onlyBody(at, response) {
				report(c.pass, analysis.Diagnostic{Pos: call.Pos(), End: call.End(), Message: "a SOAP fault comes as an answer with status 500, and what is decoded here looks for neither: " +
					"a call that the service refused is taken for one that it carried out; look at StatusCode, and decode Fault"})
			}
		}
	}
}

// speaksSOAP reports whether a function sends a SOAP message and decodes XML.
func (c *code) speaksSOAP(fn inspector.Cursor) bool {
	sends, decodes := false, false
	for at := range fn.Preorder((*ast.CallExpr)(nil)) {
		call := at.Node().(*ast.CallExpr)
		f := c.callee(call)
		if f == nil || f.Pkg() == nil {
			continue
		}
		switch f.Pkg().Path() {
		case "net/http":
			for _, arg := range call.Args {
				text, _ := c.text(arg)
				text = strings.ToLower(text)
				sends = sends || text == "soapaction" || strings.HasPrefix(text, "application/soap+xml")
			}
		case "encoding/xml":
			decodes = decodes || f.Name() == "Unmarshal" || f.Name() == "Decode"
		}
	}
	return sends && decodes
}

// knowsFaults reports whether a function names a fault, or decodes into something
// that may hold one.
func (c *code) knowsFaults(fn inspector.Cursor) bool {
	for at := range fn.Preorder((*ast.Ident)(nil), (*ast.BasicLit)(nil), (*ast.CallExpr)(nil)) {
		switch n := at.Node().(type) {
		case *ast.Ident:
			if saysFault(n.Name) {
				return true
			}
		case *ast.BasicLit:
			if saysFault(n.Value) {
				return true
			}
		case *ast.CallExpr:
			f := c.callee(n)
			if f == nil || f.Pkg() == nil || f.Pkg().Path() != "encoding/xml" || f.Name() != "Unmarshal" && f.Name() != "Decode" {
				continue
			}
			if holdsFault(c.typeOf(n.Args[len(n.Args)-1]), 0) {
				return true
			}
		}
	}
	return false
}

// saysFault reports whether a name or a text has the word fault in it.
func saysFault(text string) bool {
	return strings.Contains(strings.ReplaceAll(strings.ToLower(text), "default", ""), "fault")
}

// holdsFault reports whether a type may take in a fault: it has a field for one, or
// what it has is not in plain sight.
func holdsFault(t types.Type, depth int) bool {
	switch t := types.Unalias(t).(type) {
	case *types.Pointer:
		return holdsFault(t.Elem(), depth)
	case *types.Slice:
		return holdsFault(t.Elem(), depth)
	case *types.Named:
		return depth > 6 || holdsFault(t.Underlying(), depth)
	case *types.Interface, *types.TypeParam:
		return true
	case *types.Struct:
		for i := range t.NumFields() {
			tag := t.Tag(i)
			if saysFault(t.Field(i).Name()) || saysFault(tag) || strings.Contains(tag, ",any") || strings.Contains(tag, ",innerxml") || holdsFault(t.Field(i).Type(), depth+1) {
				return true
			}
		}
	}
	return false
}

// onlyBody reports whether a function uses a response for its body alone.
func (c *code) onlyBody(fn inspector.Cursor, response *types.Var) bool {
	used := false
	for at := range fn.Preorder((*ast.Ident)(nil)) {
		if c.pass.TypesInfo.Uses[at.Node().(*ast.Ident)] != response {
			continue
		}
		selector, ok := at.Parent().Node().(*ast.SelectorExpr)
		if at.ParentEdgeKind() == edge.AssignStmt_Lhs {
			continue
		}
		if !ok || selector.Sel.Name != "Body" {
			return false
		}
		used = true
	}
	return used
}
