package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

// isConfig reports whether a type is the configuration of a client or of a cluster.
func isConfig(t types.Type) bool {
	obj := nameOf(t)
	return obj != nil && obj.Name() == "Config" && isClientPackage(obj.Pkg()) && (obj.Pkg().Name() == "hazelcast" || obj.Pkg().Name() == "cluster")
}

// clusterPath returns where in a configuration the settings of its cluster are.
func clusterPath(config *configuration) string {
	if nameOf(config.typ).Pkg().Name() == "hazelcast" {
		return "Cluster."
	}
	return ""
}

const noServerName = "a TLS handshake without a ServerName fails, and hazelcast-go-client v1.6.0 tells only of a deadline, after it has retried for long"

// serverNames reports configurations of clusters whose TLS has no ServerName.
func (c *code) serverNames() {
	tls := c.configurations(isTLS)
	for _, config := range c.configurations(isConfig).all {
		path := clusterPath(config)
		ssl := path + "Network.SSL."
		if !config.whole || config.mayHave(path+"Cloud.Enabled") {
			continue
		}
		if given := config.set(ssl + "SetTLSConfig"); len(given) > 0 {
			c.ownTLS(tls, config, ssl, given)
			continue
		}
		c.lateServerName(config, ssl)
		if enabled := config.set(ssl + "Enabled"); !config.mayHave(ssl+"ServerName") && len(enabled) > 0 && c.isTrue(enabled[0].value) {
			report(c.pass, analysis.Diagnostic{Pos: enabled[0].at.Node().Pos(), End: enabled[0].value.End(),
				Message: "TLS is on and no ServerName is set: " + noServerName + "; set Network.SSL.ServerName before SetCAPath"})
		}
	}
	for _, config := range tls.all {
		c.engineTLS(config)
	}
}

// ownTLS reports a TLS configuration without a ServerName that is given to
// SetTLSConfig. A ServerName that is set beside it has no effect.
func (c *code) ownTLS(tls *configurations, config *configuration, ssl string, given []setting) {
	call, ok := given[len(given)-1].value.(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return
	}
	own := tls.at(call.Args[0])
	if own == nil || !own.whole || own.mayHave("ServerName") || own.mayHave("InsecureSkipVerify") {
		return
	}
	message := "this TLS configuration has no ServerName: " + noServerName + "; set it here"
	if config.mayHave(ssl + "ServerName") {
		message = "this TLS configuration has no ServerName, and SetTLSConfig takes no notice of Network.SSL.ServerName: " + noServerName + "; set it here"
	}
	report(c.pass, analysis.Diagnostic{Pos: call.Args[0].Pos(), End: call.Args[0].End(), Message: message})
}

// at returns the configuration that an expression stands for, or nil.
func (f *configurations) at(e ast.Expr) *configuration {
	e = ast.Unparen(e)
	if and, ok := e.(*ast.UnaryExpr); ok && and.Op == token.AND {
		e = ast.Unparen(and.X)
	}
	if lit, ok := e.(*ast.CompositeLit); ok {
		return f.lits[lit]
	}
	if v := f.variable(e); v != nil {
		return f.of[v]
	}
	return nil
}

// engineTLS reports a TLS configuration without a ServerName in a cluster that an
// engine is given, whose New then fails.
func (c *code) engineTLS(config *configuration) {
	if !config.whole || config.mayHave("ServerName") || config.mayHave("InsecureSkipVerify") {
		return
	}
	for _, at := range config.sinks {
		field, ok := at.Parent().Node().(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		if lit, ok := at.Parent().Parent().Node().(*ast.CompositeLit); ok && isType(c.typeOf(lit), isEnginePackage, "Cluster") {
			report(c.pass, analysis.Diagnostic{Pos: field.Value.Pos(), End: field.Value.End(),
				Message: "this TLS configuration has no ServerName: failover.New refuses the cluster; set it here"})
		}
	}
}

// lateServerName reports a ServerName that is set when the client has made its TLS
// configuration without it.
func (c *code) lateServerName(config *configuration, ssl string) {
	names := config.set(ssl + "ServerName")
	if len(names) == 0 {
		return
	}
	for _, s := range config.settings {
		method, ok := strings.CutPrefix(s.path, ssl)
		if _, called := s.value.(*ast.CallExpr); !ok || !called || !slices.Contains([]string{"SetCAPath", "AddClientCertAndKeyPath", "AddClientCertAndEncryptedKeyPath", "TLSConfig"}, method) {
			continue
		}
		if earlier := before(s.at, names[0].at); earlier != nil {
			c.reportLate(names[0], method, earlier)
			return
		}
	}
}

// before returns the statement that holds first and stands before then in the same
// list of statements, or nil.
func before(first, then inspector.Cursor) ast.Stmt {
	own := then
	for !isStatement(own) {
		own = own.Parent()
	}
	for at := first; at.Node() != nil; at = at.Parent() {
		if isStatement(at) && at.Parent() == own.Parent() {
			if at.Index() < own.Index() {
				return at.Node().(ast.Stmt)
			}
			return nil
		}
	}
	return nil
}

// isStatement reports whether a node stands in a list of statements.
func isStatement(at inspector.Cursor) bool {
	switch at.Parent().Node().(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause, nil:
		return true
	}
	return false
}

// reportLate reports a ServerName that comes too late. It can be moved if it stands
// alone and its value is a constant.
func (c *code) reportLate(name setting, method string, earlier ast.Stmt) {
	d := analysis.Diagnostic{Pos: name.at.Node().Pos(), End: name.at.Node().End(), Message: "ServerName is set after " + method +
		", by which hazelcast-go-client v1.6.0 has made its TLS configuration: it has no effect, and every handshake fails; set it before"}
	at := name.at
	for !isStatement(at) {
		at = at.Parent()
	}
	assign, ok := at.Node().(*ast.AssignStmt)
	if ok && len(assign.Lhs) == 1 && c.pass.TypesInfo.Types[assign.Rhs[0]].Value != nil && c.baseOf(assign.Lhs[0]).Pos() < earlier.Pos() {
		d.SuggestedFixes = []analysis.SuggestedFix{{Message: "set ServerName before " + method, TextEdits: []analysis.TextEdit{
			{Pos: earlier.Pos(), End: earlier.Pos(), NewText: []byte(c.source(assign) + "\n")},
			{Pos: assign.Pos(), End: assign.End()},
		}}}
	}
	report(c.pass, d)
}

// baseOf returns the variable at the beginning of a chain of selectors.
func (c *code) baseOf(e ast.Expr) types.Object {
	for {
		switch n := ast.Unparen(e).(type) {
		case *ast.SelectorExpr:
			e = n.X
		case *ast.Ident:
			return c.pass.TypesInfo.ObjectOf(n)
		default:
			return types.NewVar(token.NoPos, nil, "", nil)
		}
	}
}
