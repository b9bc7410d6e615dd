package keystore

import "embed"

// Source is this package's own source, for copying it into projects. Whoever
// copies leaves out this file and the tests.
//
//go:embed *.go
var Source embed.FS
