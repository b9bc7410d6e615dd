package main

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const ourModule = "github.com/failover-gen/failover-gen"

// layers are the packages of this module, the highest first. A package imports
// packages of its own layer and of lower ones. A name stands for the packages
// below it as well, and may be that of a package that does not exist yet.
var layers = [][]string{
	{".", "golden", "integration", "bench"},
	{"internal/cli"},
	{"internal/wizard", "internal/connect", "internal/pin", "internal/drill", "internal/inspect", "internal/vetrun", "vet", "generate"},
	{"internal/tree", "internal/gate", "internal/bundle", "internal/spec", "internal/standin", "internal/zookeeper", "internal/sample", "internal/proxy", "templates"},
	{"internal/storefile", "keystore", "internal/pki", "internal/maven"},
	{"internal/fault"},
}

// alone lists the packages that import nothing of this module.
var alone = []string{"keystore", "internal/storefile", "internal/fault"}

// forReaders lists what a reader below internal/bundle may import of this module.
var forReaders = []string{"internal/bundle/said", "internal/bundle/files", "internal/bundle/lexis", "internal/bundle/follow", "internal/fault",
	"internal/bundle/xmlpos", "internal/bundle/properties", "internal/bundle/beans", "internal/bundle/clientconfig"}

// Packages import downwards only, projects get only what they can build, and no
// reader of bundles knows another.
func TestPackagesImportDownwards(t *testing.T) {
	imports := importsOf(t)
	if len(imports) < 15 {
		t.Errorf("only %d packages were found", len(imports))
	}
	for _, fault := range wrongImports(imports, requirementsOf(t)) {
		t.Error(fault)
	}
	if t.Failed() {
		var house strings.Builder
		for _, layer := range layers {
			fmt.Fprintf(&house, "\t%s\n", strings.Join(layer, "  "))
		}
		t.Logf("packages may import from their own layer and from those below it:\n%s"+
			"The packages below templates are copied into projects: they import the standard library, the modules of their go.mod.tmpl and each other; their main packages import keystore and keystore/pemfile too.\n"+
			"A new package gets its place in the list of layers in house_test.go.", &house)
	}
}

// wrongImports says what is wrong with the imports of packages, of which each
// is named by its folder, or by its import path where it is not ours.
func wrongImports(imports map[string][]string, required []string) []string {
	var faults []string
	for pkg, list := range imports {
		if layerOf(pkg) < 0 {
			faults = append(faults, pkg+" is in no layer")
		}
		for _, imported := range list {
			if reason := whyNot(pkg, imported, required); reason != "" {
				faults = append(faults, fmt.Sprintf("%s imports %s: %s", pkg, imported, reason))
			}
		}
	}
	slices.Sort(faults)
	return faults
}

// whyNot says why a package may not import another, or nothing if it may.
func whyNot(pkg, imported string, required []string) string {
	below := layerOf(imported)
	ours := below >= 0
	main := path.Dir(pkg) == "templates"
	switch {
	case ours && below < layerOf(pkg):
		return "that is a higher layer"
	case ours && slices.ContainsFunc(alone, within(pkg)):
		return "it may import nothing of this module"
	case strings.HasPrefix(pkg, "templates/") && ours && !strings.HasPrefix(imported, "templates/") && !(main && (imported == "keystore" || imported == "keystore/pemfile")):
		return "projects do not get that package"
	case strings.HasPrefix(pkg, "templates/") && isModule(imported) && !slices.ContainsFunc(required, within(imported)):
		return "no go.mod.tmpl requires its module"
	case strings.HasPrefix(pkg, "internal/bundle/") && ours && !slices.Contains(forReaders, imported):
		return "a reader of bundles imports " + strings.Join(forReaders, ", ") + " only"
	}
	return ""
}

// layerOf returns the number of a package's layer, or -1 if it has none.
func layerOf(pkg string) int {
	return slices.IndexFunc(layers, func(layer []string) bool { return slices.ContainsFunc(layer, within(pkg)) })
}

// within returns whether a package is a folder or lies below it.
func within(pkg string) func(folder string) bool {
	return func(folder string) bool { return pkg == folder || strings.HasPrefix(pkg, folder+"/") }
}

// isModule reports whether an import path is neither ours nor of the standard library.
func isModule(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return layerOf(imported) < 0 && strings.Contains(first, ".")
}

// importsOf returns what the packages of this module import, without their tests.
func importsOf(t *testing.T) map[string][]string {
	t.Helper()
	imports := make(map[string][]string)
	err := filepath.WalkDir(".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && name != "." && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(name))
		list := imports[pkg]
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			imported = strings.TrimPrefix(imported, ourModule+"/")
			if !slices.Contains(list, imported) {
				list = append(list, imported)
			}
		}
		imports[pkg] = list
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return imports
}

// requirementsOf returns the modules that projects require.
func requirementsOf(t *testing.T) []string {
	t.Helper()
	var required []string
	files, _ := filepath.Glob("templates/*/go.mod.tmpl")
	more, _ := filepath.Glob("templates/*/with/*/go.mod.tmpl")
	for _, file := range append(files, more...) {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range regexp.MustCompile(`(?m)^(?:require)?\s+(\S+) v\S+$`).FindAllSubmatch(data, -1) {
			required = append(required, string(match[1]))
		}
	}
	if len(required) == 0 {
		t.Fatal("no go.mod.tmpl requires a module")
	}
	return required
}

// Each kind of import that must not be is noticed, and none that may be.
func TestWrongImportsAreNoticed(t *testing.T) {
	required := []string{"example.com/client"}
	for text, wrong := range map[string]bool{
		"generate imports internal/cli":                            true,
		"internal/spec imports generate/hazelcast":                 true,
		"internal/fault imports internal/fault/deeper":             true,
		"keystore imports internal/fault":                          true,
		"keystore/place imports keystore":                          true,
		"templates/hazelcast/internal/failover imports keystore":   true,
		"templates/ledger imports internal/fault":                  true,
		"templates/ledger imports example.com/other":               true,
		"internal/bundle/java imports internal/bundle/python":      true,
		"internal/bundle/java imports internal/spec":               true,
		"internal/unheard imports fmt":                             true,
		". imports internal/cli":                                   false,
		"internal/drill imports generate":                          false,
		"templates imports keystore":                               false,
		"templates/hazelcast imports keystore":                     false,
		"templates/hazelcast imports templates/outcome":            false,
		"templates/hazelcast imports example.com/client/types":     false,
		"internal/bundle/java imports internal/bundle/said":        false,
		"internal/bundle imports internal/bundle/java":             false,
		"internal/standin imports software.example.com/go-pkcs12":  false,
		"templates/hazelcast/internal/failover imports crypto/tls": false,
	} {
		pkg, imported, _ := strings.Cut(text, " imports ")
		if faults := wrongImports(map[string][]string{pkg: {imported}}, required); (len(faults) > 0) != wrong {
			t.Errorf("%s: faults %q, want some: %v", text, faults, wrong)
		}
	}
}
