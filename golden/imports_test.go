//go:build unix

package golden

import (
	"go/parser"
	"go/token"
	"path"
	"strconv"
	"strings"
	"testing"
)

// goimports takes packages of a module path of one element, as in "orders", for
// those of Go itself, and would put them in another group than other modules. A
// file that it rewrites would count as edited.
func TestImportsOfTheProjectStandInAGroupOfTheirOwn(t *testing.T) {
	files, err := expand(wholeCase(t).want.files)
	if err != nil {
		t.Fatal(err)
	}
	own := 0
	for _, f := range files {
		if path.Ext(f.Name) != ".go" {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, f.Name, f.Data, parser.ImportsOnly)
		if err != nil {
			t.Fatal(err)
		}
		last, wasOwn := 0, false
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			line, isOwn := set.Position(spec.Pos()).Line, strings.HasPrefix(name, "example.com/orders/")
			if line == last+1 && isOwn != wasOwn {
				t.Errorf("%s:%d: %s is in a group with packages of another module", f.Name, line, name)
			}
			last, wasOwn = line, isOwn
			if isOwn {
				own++
			}
		}
	}
	if own < 10 {
		t.Errorf("only %d imports of the project's own packages were found", own)
	}
}
