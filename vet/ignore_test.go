package vet

import (
	"go/parser"
	"go/token"
	"testing"
)

func TestIgnore(t *testing.T) { check(t, Ignore, "ignore") }

// A file that is built with a tag of tests only is for tests; one that such a tag
// leaves out, or that needs another tag as well, is not.
func TestBuildTagsOfTestsAreKnown(t *testing.T) {
	for text, want := range map[string]bool{
		"testing":              true,
		"integration && linux": true,
		"e2e || it":            true,
		"!testing":             false,
		"linux":                false,
		"testing || linux":     false,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "a.go", "//go:build "+text+"\n\npackage a\n", parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		if got := needsTestTag(file); got != want {
			t.Errorf("//go:build %s: for tests only: %v, want %v", text, got, want)
		}
	}
}
