package vet

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/go/packages"
)

// catalogue runs an analyzer on packages of testdata, whose comments say what it
// must find.
func catalogue(t *testing.T, a *analysis.Analyzer, packages ...string) {
	t.Helper()
	analysistest.Run(t, analysistest.TestData(), a, packages...)
}

// fixes runs an analyzer on a package of testdata, and compares the package with
// its fixes to the files *.golden, which must compile.
func fixes(t *testing.T, a *analysis.Analyzer, pkg string) {
	t.Helper()
	analysistest.RunWithSuggestedFixes(t, analysistest.TestData(), a, pkg)
	golden, err := filepath.Glob(filepath.Join("testdata/src", pkg, "*.golden"))
	if err != nil || len(golden) == 0 {
		t.Fatalf("%s has no golden files: %v", pkg, err)
	}
	overlay := map[string][]byte{}
	for _, name := range golden {
		fixed, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		name, err := filepath.Abs(strings.TrimSuffix(name, ".golden"))
		if err != nil {
			t.Fatal(err)
		}
		overlay[name] = fixed
	}
	loaded, err := packages.Load(&packages.Config{
		Mode:    packages.LoadAllSyntax,
		Env:     append(os.Environ(), "GOPATH="+analysistest.TestData(), "GO111MODULE=off", "GOPROXY=off", "GOWORK=off"),
		Overlay: overlay,
	}, pkg)
	if err != nil {
		t.Fatal(err)
	}
	if packages.PrintErrors(loaded) > 0 {
		t.Errorf("%s does not compile once it is fixed", pkg)
	}
}

func TestIgnore(t *testing.T) { catalogue(t, Ignore, "ignore") }

// The wrappers of calls are known in their package and in others.
func TestWrappers(t *testing.T) { catalogue(t, calls, "calls") }

// Every analyzer is valid, and a directive can name it.
func TestAnalyzersAreComplete(t *testing.T) {
	if err := analysis.Validate(Analyzers()); err != nil {
		t.Error(err)
	}
	for _, a := range Analyzers() {
		if a.URL != page(a.Name) {
			t.Errorf("%s: its URL is %q", a.Name, a.URL)
		}
		if a != Ignore && !slices.Contains(names, a.Name) {
			t.Errorf("%s: no directive can name it", a.Name)
		}
	}
}
