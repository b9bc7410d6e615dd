package keystore

import (
	"bytes"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// A user's security team must own what projects get: it stays short, and on the
// standard library and one module.
func TestWhatProjectsGetIsSmall(t *testing.T) {
	entries, err := Source.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, entry := range entries {
		data, err := Source.ReadFile(entry.Name())
		if err != nil {
			t.Fatal(err)
		}
		lines += bytes.Count(data, []byte("\n"))
		file, err := parser.ParseFile(token.NewFileSet(), entry.Name(), data, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range file.Imports {
			path, err := strconv.Unquote(spec.Path.Value)
			if err != nil || strings.Contains(path, ".") && path != "software.sslmate.com/src/go-pkcs12" {
				t.Errorf("%s imports %s", entry.Name(), path)
			}
		}
	}
	if lines > 300 {
		t.Errorf("%d lines, want 300 at most", lines)
	}
}
