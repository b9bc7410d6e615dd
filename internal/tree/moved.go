package tree

import (
	"fmt"
	"go/parser"
	"go/token"
	"strconv"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// A project of another module path has other imports in every file. We rewrite
// ours. Those of the user are theirs to change, and first: between the two
// nothing would build.

// mustNotHaveMoved refuses another module path while a file of the user still
// imports the packages of the old one.
func (w *Want) mustNotHaveMoved(d *disk) error {
	was, err := w.oldModule(d)
	if err != nil || was == "" || was == w.Module {
		return err
	}
	var faults fault.List
	for _, f := range w.Files {
		if f.Owner != Scaffolded || !strings.HasSuffix(f.Path, ".go") {
			continue
		}
		text, err := d.read(f.Path)
		if err != nil {
			return err
		}
		for _, i := range imports(text) {
			if strings.HasPrefix(i.path, was+"/") {
				faults = append(faults, fault.New(fault.Input, fault.Position{File: d.display(f.Path), Line: i.at.Line, Column: i.at.Column},
					fmt.Sprintf("imports %q, and the module path is now %s", i.path, w.Module),
					"replace "+was+" by "+w.Module+" in this file and in go.mod, or undo the change of "+w.Spec))
			}
		}
	}
	return faults.ErrOrNil()
}

// oldModule is the module path that the project has had so far. Locks written
// before November 2026 do not tell it; the imports of a generated file do.
func (w *Want) oldModule(d *disk) (string, error) {
	if w.WasModule != "" {
		return w.WasModule, nil
	}
	const known = "clusters.go"
	text, err := d.read(known)
	for _, i := range imports(text) {
		if module, ok := strings.CutSuffix(i.path, "/internal/settings"); ok {
			return module, nil
		}
	}
	return "", err
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
