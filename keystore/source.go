package keystore

import "embed"

// Source is the source of this package that projects are given.
//
//go:embed keystore.go
var Source embed.FS
