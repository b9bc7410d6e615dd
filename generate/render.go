package generate

import (
	"bytes"
	"fmt"
	"go/format"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"github.com/failover-gen/failover-gen/generate/kind"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/templates"
)

// render returns the files of a project but for its secrets, sorted by path. Those of
// a package that lie in the module around it are apart.
func render(r *Request, made *kind.Made) (files []tree.File, around *tree.Around, err error) {
	s := r.Spec
	sources, list := templates.Sources(s.Kind, made.Choice), templates.Templates(s.Kind, made.Choice)
	if s.Layout == spec.LayoutPackage {
		list = templates.PackageTemplates(s.Kind, made.Choice)
		if sources, err = packageSources(s, made); err != nil {
			return nil, nil, err
		}
	}
	if files, err = renderFiles(s, made, sources, list); err != nil {
		return nil, nil, err
	}
	if s.Layout == spec.LayoutPackage {
		isOfModule := func(f tree.File) bool { return f.Owner == tree.Merged }
		var ofModule []tree.File
		for _, f := range files {
			if isOfModule(f) {
				ofModule = append(ofModule, f)
			}
		}
		files = slices.DeleteFunc(files, isOfModule)
		slices.SortFunc(ofModule, byPath)
		if around, err = r.Module.around(ofModule); err != nil {
			return nil, nil, err
		}
	}
	text := r.SpecText
	if text == nil {
		text = s.Marshal()
	}
	files = append(files,
		tree.File{Path: spec.FileName, Data: text, Mode: 0o644, Owner: tree.Scaffolded},
		tree.File{Path: spec.SchemaFile, Data: spec.Schema(s.Kind), Mode: 0o644, Owner: tree.Generated})
	slices.SortFunc(files, byPath)
	files = append(files, tree.File{Path: spec.LockName, Data: lockOf(s, made, files).Marshal(), Mode: 0o644, Owner: tree.Generated})
	slices.SortFunc(files, byPath)
	return files, around, nil
}

func byPath(a, b tree.File) int { return strings.Compare(a.Path, b.Path) }

// renderFiles makes the files that come from sources and from a list of templates.
func renderFiles(s *spec.Spec, made *kind.Made, sources []templates.Source, list map[string]string) (files []tree.File, err error) {
	add := func(name string, data []byte) {
		f := tree.File{Path: name, Data: data, Mode: 0o644, Owner: tree.Generated}
		switch {
		case slices.Contains(made.Scaffolded, name):
			f.Owner = tree.Scaffolded
		case name == "go.mod" || name == "go.sum":
			f.Owner = tree.Merged
		}
		files = append(files, f)
	}
	for _, source := range sources {
		data, err := rewriteImports(source.Path, source.Data, s.Module, s.Kind, made.Choice.FullReader)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(made.Scaffolded, source.Path) {
			data = append([]byte(header), data...)
		}
		add(source.Path, data)
	}
	for name, template := range list {
		data, err := templates.Render(s.Kind, template, made.Values)
		if err == nil && strings.HasSuffix(name, ".go") {
			data, err = format.Source(data)
		}
		if err == nil && made.Choice.FullReader {
			data, err = withoutSmallReader(name, data)
		}
		if err == nil && name == "go.mod" {
			err = mustNotNeedItself(s.Module, data)
		}
		if err != nil {
			return nil, err
		}
		add(name, data)
	}
	return files, nil
}

// onlySmallReader are the modules that only the small reader of keystores needs.
var onlySmallReader = []string{"software.sslmate.com/src/go-pkcs12", "golang.org/x/crypto"}

// withoutSmallReader drops those modules from a go.mod or go.sum; other files stay as they are.
func withoutSmallReader(name string, text []byte) ([]byte, error) {
	switch name {
	case "go.mod":
		mod, err := modfile.Parse(name, text, nil)
		if err != nil {
			return nil, err // a fault of the template
		}
		for _, m := range onlySmallReader {
			if err := mod.DropRequire(m); err != nil {
				return nil, err
			}
		}
		mod.Cleanup()
		return mod.Format()
	case "go.sum":
		var kept []byte
		for line := range bytes.Lines(text) {
			if module, _, _ := strings.Cut(string(line), " "); !slices.Contains(onlySmallReader, module) {
				kept = append(kept, line...)
			}
		}
		return kept, nil
	}
	return text, nil
}

// mustNotNeedItself refuses the path of a module that goMod requires, or one below.
func mustNotNeedItself(path string, goMod []byte) error {
	mod, err := modfile.Parse("go.mod", goMod, nil)
	if err != nil {
		return err // a fault of the template
	}
	for _, r := range mod.Require {
		if strings.HasPrefix(path+"/", r.Mod.Path+"/") {
			return fault.New(fault.Input, fault.Position{},
				fmt.Sprintf("the module path %q belongs to %s, which the project needs", path, r.Mod.Path),
				"give one of your own by --module, or as module in "+spec.FileName)
		}
	}
	return nil
}

// lockOf lists the files with digests. That of a generated file tells whether it
// was edited, that of a scaffolded one whether its template has changed since. The
// spec is the user's from the start and has none, and neither has .env: a short
// password could be guessed from it.
func lockOf(s *spec.Spec, made *kind.Made, files []tree.File) *spec.Lock {
	locked := made.Locked
	l := &locked
	l.Version, l.Spec, l.Templates, l.Module = spec.Version, s.Digest(), templates.Digest(s.Kind), s.Module
	for _, f := range files {
		entry := spec.LockFile{Path: f.Path, Owner: string(f.Owner)}
		if f.Owner == tree.Generated || f.Owner == tree.Scaffolded && f.Path != spec.FileName {
			entry.SHA256 = tree.Digest(f.Data)
		}
		l.Files = append(l.Files, entry)
	}
	for _, v := range made.Secrets {
		if !slices.ContainsFunc(l.Files, func(f spec.LockFile) bool { return f.Path == v.Path }) {
			l.Files = append(l.Files, spec.LockFile{Path: v.Path, Owner: string(tree.Secret)})
		}
	}
	slices.SortFunc(l.Files, func(a, b spec.LockFile) int { return strings.Compare(a.Path, b.Path) })
	return l
}
