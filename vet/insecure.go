package vet

import (
	"go/ast"
	"go/types"
	"regexp"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/edge"
	"golang.org/x/tools/go/ast/inspector"
)

// Insecure reports configurations of clusters and endpoints that trust any server,
// that name none, and that hold a secret in the source.
var Insecure = &analysis.Analyzer{
	Name: "insecure",
	Doc: "report cluster connections that trust any server or name none, and secrets in the source\n\n" +
		"A client that does not check who answers gives its credentials and its writes to any server that takes over an address of the cluster. " +
		"A secret in the source can't be renewed in an outage.",
	URL:      page("insecure"),
	Requires: []*analysis.Analyzer{directives, inspect.Analyzer},
	Run:      run(insecure),
}

func insecure(pass *analysis.Pass) error {
	if isOurs(pass.Pkg) || !usesClient(pass) && !usesEngine(pass, func(pkg *types.Package) bool { return isOurs(pkg) || isRegistryPackage(pkg) }) {
		return nil
	}
	c := newCode(pass)
	c.secrets()
	c.skippedVerification()
	c.serverNames()
	return nil
}

// secretFields are the fields that hold a secret, by type.
var secretFields = map[string]string{
	"CloudConfig":       "Token",
	"CredentialsConfig": "Password",
}

// secrets reports secrets that are constants.
func (c *code) secrets() {
	for at := range c.root.Preorder((*ast.KeyValueExpr)(nil), (*ast.AssignStmt)(nil), (*ast.CallExpr)(nil)) {
		switch n := at.Node().(type) {
		case *ast.KeyValueExpr:
			lit, inLit := at.Parent().Node().(*ast.CompositeLit)
			if key, ok := n.Key.(*ast.Ident); ok && inLit {
				c.secret(c.typeOf(lit), key.Name, n.Value)
			}
		case *ast.AssignStmt:
			for i, to := range n.Lhs {
				if field, ok := ast.Unparen(to).(*ast.SelectorExpr); ok && len(n.Lhs) == len(n.Rhs) {
					c.secret(c.typeOf(field.X), field.Sel.Name, n.Rhs[i])
				}
			}
		case *ast.CallExpr:
			if f := c.callee(n); f != nil && isClientPackage(f.Pkg()) && f.Name() == "AddClientCertAndEncryptedKeyPath" && len(n.Args) == 3 {
				c.constantSecret("the passphrase of a private key", n.Args[2])
			}
		}
	}
}

// secret reports the value of a field that holds a secret, if it is a constant.
func (c *code) secret(owner types.Type, field string, value ast.Expr) {
	obj := nameOf(owner)
	switch {
	case obj == nil:
	case isClientPackage(obj.Pkg()) && secretFields[obj.Name()] == field:
		c.constantSecret(obj.Name()+"."+field, value)
	case isOurs(obj.Pkg()) || isRegistryPackage(obj.Pkg()):
		if t := nameOf(c.fieldType(owner, field)); t != nil && t.Name() == "Secret" {
			c.constantSecret(obj.Name()+"."+field, value)
		}
	}
}

// fieldType returns the type of a struct's field, or nil.
func (c *code) fieldType(owner types.Type, field string) types.Type {
	obj, _, _ := types.LookupFieldOrMethod(owner, true, c.pass.Pkg, field)
	if v, ok := obj.(*types.Var); ok {
		return v.Type()
	}
	return nil
}

// placeholder matches what stands for a secret in an example: <token>, ${TOKEN},
// YOUR_TOKEN, the name of a variable, or a word that asks to be replaced.
var placeholder = regexp.MustCompile(`(?i)^(<.*>|\[.*\]|\$?\{.*\}|\$\w+|%\w+%|x+|\*+|\.+)$|your|change.?me|replace|insert|placeholder|example|todo|token.?here`)

var variableName = regexp.MustCompile(`^[A-Z]+(_[A-Z0-9]+)+$`)

func (c *code) constantSecret(what string, value ast.Expr) {
	if call, ok := ast.Unparen(value).(*ast.CallExpr); ok && len(call.Args) == 1 && c.pass.TypesInfo.Types[call.Fun].IsType() {
		value = call.Args[0]
	}
	text, ok := c.text(value)
	if !ok || text == "" || placeholder.MatchString(text) || variableName.MatchString(text) {
		return
	}
	report(c.pass, analysis.Diagnostic{Pos: value.Pos(), End: value.End(), Message: what +
		" is a constant: everyone who reads the source or the binary has the secret, and it can't be renewed without a new build; read it from the environment or from a file"})
}

// isTLS reports whether a type is crypto/tls.Config.
func isTLS(t types.Type) bool { return isType(t, isPackage("crypto/tls"), "Config") }

// skippedVerification reports InsecureSkipVerify.
func (c *code) skippedVerification() {
	for _, config := range c.configurations(isTLS).all {
		if config.mayHave("VerifyConnection") || config.mayHave("VerifyPeerCertificate") {
			continue // it checks in its own way
		}
		for _, s := range config.set("InsecureSkipVerify") {
			if c.isTrue(s.value) && !c.goesElsewhere(config) {
				report(c.pass, analysis.Diagnostic{Pos: s.at.Node().Pos(), End: s.value.End(), Message: "InsecureSkipVerify accepts any certificate: " +
					"a server that takes over an address of the cluster gets the credentials and the writes; trust the cluster's authority in RootCAs and set ServerName"})
			}
		}
	}
}

// goesElsewhere reports whether a TLS configuration is made for something that is
// neither the cluster's client nor an engine, and for nothing else.
func (c *code) goesElsewhere(config *configuration) bool {
	for _, at := range config.sinks {
		if c.mayReach(at) {
			return false
		}
	}
	return len(config.sinks) > 0
}

// mayReach reports whether a TLS configuration that is given away at a place may
// reach a cluster's client or an engine: it does not if it is given to another
// package, for example to an http.Transport of a program without such an engine.
func (c *code) mayReach(at inspector.Cursor) bool {
	var to *types.Package
	switch up := at.Parent(); n := up.Node().(type) {
	case *ast.KeyValueExpr:
		if lit, ok := up.Parent().Node().(*ast.CompositeLit); ok {
			to = c.packageOf(c.typeOf(lit))
		}
	case *ast.AssignStmt:
		if i := at.ParentEdgeIndex(); i < len(n.Lhs) && at.ParentEdgeKind() == edge.AssignStmt_Rhs {
			if field, ok := ast.Unparen(n.Lhs[i]).(*ast.SelectorExpr); ok {
				to = c.packageOf(c.typeOf(field.X))
			}
		}
	case *ast.CallExpr:
		if f := c.callee(n); f != nil {
			to = f.Pkg()
		}
	}
	if to == nil || to == c.pass.Pkg {
		return c.fileConnects(at.Node())
	}
	return isClientPackage(to) || isOurs(to) || to.Path() == "net/http" && usesEngine(c.pass, isTransportPackage)
}

// fileConnects reports whether the file of a node imports the client or an engine,
// so that what it makes is probably for them.
func (c *code) fileConnects(n ast.Node) bool {
	for _, spec := range enclosingFile(c.pass, n).Imports {
		if name := c.pass.TypesInfo.PkgNameOf(spec); name != nil && (isClientPackage(name.Imported()) || isOurs(name.Imported())) {
			return true
		}
	}
	return false
}

// packageOf returns the package of a named type, or nil.
func (c *code) packageOf(t types.Type) *types.Package {
	if obj := nameOf(t); obj != nil {
		return obj.Pkg()
	}
	return nil
}
