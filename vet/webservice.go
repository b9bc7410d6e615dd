package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"time"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// WebService reports calls of web services that can't go on with the next endpoint,
// and faults that are taken for answers.
var WebService = &analysis.Analyzer{
	Name: "webservice",
	Doc: "report calls of web services that the loss of an endpoint breaks\n\n" +
		"A body that was read can't be sent to the next endpoint, an endpoint that stays mute holds up a client without a bound, and a SOAP fault comes with a body that decodes as an empty answer.",
	URL:      page("webservice"),
	Requires: []*analysis.Analyzer{directives, inspect.Analyzer},
	Run:      run(webService),
}

func webService(pass *analysis.Pass) error {
	if isOurs(pass.Pkg) || !importsPackage(pass, "net/http") {
		return nil
	}
	c := newCode(pass)
	if usesEngine(pass, isTransportPackage) {
		c.streamedBodies()
		c.impatientClients()
	}
	c.endpointLoops()
	if importsPackage(pass, "encoding/xml") {
		c.unseenFaults()
	}
	return nil
}

func importsPackage(pass *analysis.Pass, path string) bool {
	for _, imported := range pass.Pkg.Imports() {
		if imported.Path() == path {
			return true
		}
	}
	return false
}

// request is a call that makes or sends a request.
type request struct {
	method, url, body ast.Expr // nil where it has none
	ctx               ast.Expr // nil: it has no deadline
	client            ast.Expr // nil: http.DefaultClient, or it only makes the request
	made              bool     // it makes the request, and another call sends it
}

// requestOf returns what a call of package net/http says of a request.
func (c *code) requestOf(call *ast.CallExpr) (request, bool) {
	f := c.callee(call)
	if f == nil || f.Pkg() == nil || f.Pkg().Path() != "net/http" || len(call.Args) == 0 {
		return request{}, false
	}
	args := call.Args
	switch owner := receiver(f); {
	case owner == "" && f.Name() == "NewRequest" && len(args) == 3:
		return request{method: args[0], url: args[1], body: args[2], made: true}, true
	case owner == "" && f.Name() == "NewRequestWithContext" && len(args) == 4:
		return request{ctx: args[0], method: args[1], url: args[2], body: args[3], made: true}, true
	case owner != "" && owner != "Client" || !contains("Get Head Post PostForm", f.Name()):
		return request{}, false
	}
	r := request{url: args[0]}
	if method, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && receiver(f) != "" {
		r.client = method.X
	}
	if f.Name() == "Post" && len(args) == 3 {
		r.body = args[2]
	}
	return r, true
}

// sends returns the request that a call sends, by the Do or RoundTrip of a client or
// a transport.
func (c *code) sends(call *ast.CallExpr) (client, request ast.Expr) {
	method, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	f := c.callee(call)
	if !ok || f == nil || len(call.Args) != 1 || f.Name() != "Do" && f.Name() != "RoundTrip" || !isType(c.typeOf(call.Args[0]), isPackage("net/http"), "Request") {
		return nil, nil
	}
	return method.X, call.Args[0]
}

// streamedBodies reports bodies that the failover transport can send only once.
func (c *code) streamedBodies() {
	for at := range c.root.Preorder((*ast.CallExpr)(nil)) {
		r, ok := c.requestOf(at.Node().(*ast.CallExpr))
		if !ok || r.body == nil || !c.toTransport(at, r) || c.setsField(at, "GetBody") {
			continue
		}
		t := c.typeOf(c.meant(r.body))
		if isType(t, isPackage("os"), "File") || isType(t, isPackage("io"), "PipeReader") {
			report(c.pass, analysis.Diagnostic{Pos: r.body.Pos(), End: r.body.End(), Message: fmt.Sprintf("a body of type %s can be read only once: the failover transport keeps up to 1 MiB of it, "+
				"and a larger one whose first endpoint fails is not sent to the next; set GetBody of the request, which opens it again", types.TypeString(t, nil))})
		}
	}
}

// toTransport reports whether a request is made for the failover transport: its URL
// begins with DefaultAddress, or the transport itself sends it.
func (c *code) toTransport(at inspector.Cursor, r request) bool {
	found := false
	ast.Inspect(c.meant(r.url), func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			address, isConst := c.pass.TypesInfo.Uses[id].(*types.Const)
			found = found || isConst && address.Name() == "DefaultAddress" && isTransportPackage(address.Pkg())
		}
		return !found
	})
	assign, ok := at.Parent().Node().(*ast.AssignStmt)
	if found || !ok || !r.made {
		return found
	}
	made := c.variable(assign.Lhs[0])
	for in := range enclosing(at).Preorder((*ast.CallExpr)(nil)) {
		client, sent := c.sends(in.Node().(*ast.CallExpr))
		if sent != nil && made != nil && c.variable(sent) == made && isType(c.typeOf(client), isTransportPackage, "Transport") {
			return true
		}
	}
	return false
}

// enclosing returns the declared function around a node, or the whole package.
func enclosing(at inspector.Cursor) inspector.Cursor {
	for up := range at.Enclosing((*ast.FuncDecl)(nil)) {
		return up
	}
	return at.Inspector().Root()
}

// setsField reports whether the function around a node sets a field of the name.
func (c *code) setsField(at inspector.Cursor, name string) bool {
	for in := range enclosing(at).Preorder((*ast.AssignStmt)(nil)) {
		for _, to := range in.Node().(*ast.AssignStmt).Lhs {
			if field, ok := ast.Unparen(to).(*ast.SelectorExpr); ok && field.Sel.Name == name {
				return true
			}
		}
	}
	return false
}

// impatientClients reports clients of the failover transport whose Timeout ends a
// call before the transport gives up an endpoint.
func (c *code) impatientClients() {
	attempt, ok := c.attemptTimeout()
	if !ok {
		return
	}
	for _, config := range c.configurations(isHTTPClient).all {
		over := config.set("Transport")
		if len(over) == 0 || !isType(c.typeOf(over[len(over)-1].value), isTransportPackage, "Transport") {
			continue
		}
		for _, s := range config.set("Timeout") {
			timeout, ok := c.integer(s.value)
			if ok && timeout > 0 && time.Duration(timeout) <= attempt {
				report(c.pass, analysis.Diagnostic{Pos: s.at.Node().Pos(), End: s.value.End(), Message: fmt.Sprintf("this Timeout of %v ends a call before the transport's AttemptTimeout of %v does: "+
					"an endpoint that hangs is never given up, and every call to it fails; make it longer, or leave it to CallTimeout", time.Duration(timeout), attempt)})
			}
		}
	}
}

func isHTTPClient(t types.Type) bool { return isType(t, isPackage("net/http"), "Client") }

// attemptTimeout returns the shortest AttemptTimeout that the package gives a
// transport, and whether it is in plain sight.
func (c *code) attemptTimeout() (time.Duration, bool) {
	shortest, known := time.Duration(0), false
	isOptions := func(t types.Type) bool { return isType(t, isTransportPackage, "Options") }
	for _, config := range c.configurations(isOptions).all {
		if _, made := config.made.(*ast.CompositeLit); !made {
			continue
		}
		timeout := 10 * time.Second // the default
		for _, s := range config.set("AttemptTimeout") {
			given, ok := c.integer(s.value)
			if !ok {
				return 0, false
			}
			timeout = time.Duration(given)
		}
		if !known || timeout < shortest {
			shortest, known = timeout, true
		}
	}
	return shortest, known
}
