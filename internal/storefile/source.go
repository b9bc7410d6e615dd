package storefile

import "embed"

// Source is the source of this package for a project whose stores the small
// reader in keystore/ cannot open. What only the tool needs is left out: this
// file, explain.go, protection.go and the tests.
//
//go:embed ber.go jks.go pbe.go pkcs12.go rc2.go storefile.go tls.go
var Source embed.FS
