package keystore

import "embed"

// Source is the source of this package that projects are given: without this
// file, the tests, and explain.go, whose long explanations are for the tool.
//
//go:embed jks.go keystore.go pbe.go pkcs12.go rc2.go tls.go
var Source embed.FS
