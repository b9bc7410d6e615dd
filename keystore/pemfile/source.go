package pemfile

import "embed"

// Source is the source of this package that projects are given.
//
//go:embed decrypt.go pemfile.go
var Source embed.FS
