//go:build pinstmp

package pinstmp

import (
	_ "github.com/hazelcast/hazelcast-go-client"
	_ "github.com/rogpeppe/go-internal/diff"
	_ "github.com/spf13/cobra"
	_ "go.uber.org/goleak"
	_ "go.yaml.in/yaml/v3"
	_ "golang.org/x/crypto/pbkdf2"
	_ "golang.org/x/term"
	_ "golang.org/x/tools/imports"
	_ "golang.org/x/tools/txtar"
	_ "pgregory.net/rapid"
	_ "software.sslmate.com/src/go-pkcs12"
)
