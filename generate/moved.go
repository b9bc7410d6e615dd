package generate

import (
	"fmt"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// A project of another module path has other imports in every file. Ours are
// made anew; those of the user are theirs to change, and first: between the two
// nothing would build.

// mustNotHaveMoved refuses files whose module path is not that of the project
// where a file of the user still imports the packages of the old one.
func (t *tree) mustNotHaveMoved(files []File) error {
	const known = "clusters.go" // ours, and imports packages of the project
	at := slices.IndexFunc(files, func(f File) bool { return f.Path == known })
	old, err := t.read(known)
	if err != nil || at < 0 {
		return err
	}
	was, is := moduleOf(old), moduleOf(files[at].Data)
	if was == "" || was == is {
		return nil
	}
	var faults fault.List
	for _, f := range files {
		if f.Owner != Scaffolded || !strings.HasSuffix(f.Path, ".go") {
			continue
		}
		text, err := t.read(f.Path)
		if err != nil {
			return err
		}
		for _, i := range imports(text) {
			if strings.HasPrefix(i.path, was+"/") {
				faults = append(faults, fault.New(fault.Input, fault.Position{File: t.display(f.Path), Line: i.at.Line, Column: i.at.Column},
					fmt.Sprintf("imports %q, and the module path is now %s", i.path, is),
					"replace "+was+" by "+is+" in this file and in go.mod, or take the change of failover.yaml back"))
			}
		}
	}
	return faults.ErrOrNil()
}

// imported is one import of a Go file.
type imported struct {
	path string
	at   token.Position
}

// imports lists the imports of a Go file, as far as it can be read.
func imports(text []byte) (list []imported) {
	set := token.NewFileSet()
	file, _ := parser.ParseFile(set, "", text, parser.ImportsOnly)
	if file == nil {
		return nil
	}
	for _, i := range file.Imports {
		if path, err := strconv.Unquote(i.Path.Value); err == nil {
			list = append(list, imported{path, set.Position(i.Path.Pos())})
		}
	}
	return list
}

// moduleOf is the module path of a project by the imports of one of its files.
func moduleOf(text []byte) string {
	for _, i := range imports(text) {
		if module, ok := strings.CutSuffix(i.path, "/internal/settings"); ok {
			return module
		}
	}
	return ""
}
