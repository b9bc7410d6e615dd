package vet

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/packages"
)

// check runs an analyzer on packages of testdata. Their comments say what it must
// find, and the files *.golden beside theirs are what its fixes make of them.
func check(t *testing.T, a *analysis.Analyzer, packages ...string) {
	t.Helper()
	results := analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), a, packages...)
	// RunWithSuggestedFixes compares a golden file only where there is a fix.
	fixed := make(map[string]bool)
	for _, r := range results {
		for _, d := range r.Diagnostics {
			for _, fix := range d.SuggestedFixes {
				for _, edit := range fix.TextEdits {
					fixed[filepath.Base(r.Pass.Fset.Position(edit.Pos).Filename)] = true
				}
			}
		}
	}
	for _, pkg := range packages {
		golden, err := filepath.Glob(filepath.Join(analysistest.TestData(), "src", filepath.FromSlash(pkg), "*.golden"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range golden {
			if !fixed[strings.TrimSuffix(filepath.Base(name), ".golden")] {
				t.Errorf("%s: no fix was offered for this file", name)
			}
		}
	}
}

// The wrappers of calls are known in their package and in others.
func TestWrappers(t *testing.T) { check(t, calls, "calls") }

// What the fixes of all analyzers make of testdata compiles.
func TestFixedCodeCompiles(t *testing.T) {
	overlay := map[string][]byte{}
	var folders []string
	err := filepath.WalkDir("testdata/src", func(name string, _ fs.DirEntry, err error) error {
		fixed, isGolden := strings.CutSuffix(name, ".golden")
		if err != nil || !isGolden {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if fixed, err = filepath.Abs(fixed); err != nil {
			return err
		}
		overlay[fixed] = data
		folder, err := filepath.Rel("testdata/src", filepath.Dir(name))
		if folder = filepath.ToSlash(folder); !slices.Contains(folders, folder) {
			folders = append(folders, folder)
		}
		return err
	})
	if err != nil || len(folders) < 4 {
		t.Fatalf("golden files in %q: %v", folders, err)
	}
	loaded, err := packages.Load(&packages.Config{
		Mode:    packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports | packages.NeedDeps | packages.NeedTypes | packages.NeedSyntax | packages.NeedTypesInfo,
		Env:     append(os.Environ(), "GOPATH="+analysistest.TestData(), "GO111MODULE=off", "GOPROXY=off", "GOWORK=off"),
		Overlay: overlay,
	}, folders...)
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range loaded {
		for _, fault := range pkg.Errors {
			t.Errorf("%s, once it is fixed: %v", pkg.PkgPath, fault)
		}
	}
}

// Every analyzer is valid, has a section in docs/vet.md, and can be named by a directive.
func TestAnalyzersAreComplete(t *testing.T) {
	if err := analysis.Validate(Analyzers()); err != nil {
		t.Error(err)
	}
	written, err := os.ReadFile("../docs/vet.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range Analyzers() {
		if !strings.Contains(string(written), "\n## "+a.Name+"\n") {
			t.Errorf("%s: docs/vet.md has no section on it", a.Name)
		}
		if a.URL != page(a.Name) {
			t.Errorf("%s: its URL is %q", a.Name, a.URL)
		}
		if a != Ignore && !slices.Contains(names, a.Name) {
			t.Errorf("%s: no directive can name it", a.Name)
		}
	}
}
