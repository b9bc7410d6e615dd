package generate

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	"golang.org/x/tools/go/ast/astutil"

	"github.com/failover-gen/failover-gen/generate/kind"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/templates"
)

// Module is an existing module that a package lies in.
type Module struct {
	Root   string // its folder
	Up     string // the way from the package to Root, slash-separated
	Path   string // its module path
	Import string // the import path of the package

	vendored []byte // its vendor/modules.txt; nil if there is none
}

// ModuleAround finds the module that the folder dir lies in, which need not exist.
func ModuleAround(dir string) (*Module, error) {
	real, err := realPath(dir)
	if err != nil {
		return nil, notFound(dir, err)
	}
	for root := real; ; root = filepath.Dir(root) {
		text, err := os.ReadFile(filepath.Join(root, "go.mod"))
		isAbsent := errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
		switch {
		case isAbsent && filepath.Dir(root) != root:
			continue
		case isAbsent:
			return nil, fault.New(fault.Input, fault.In(filepath.ToSlash(dir)), "lies in no module: there is no go.mod in a folder above it",
				"give a folder inside your module, or leave out --layout for a module of its own")
		case err != nil:
			return nil, notFound(filepath.Join(root, "go.mod"), err)
		}
		if root == real {
			return nil, fault.New(fault.Input, fault.In(filepath.ToSlash(dir)), "is the folder of a module itself", "give a folder below it, like "+filepath.ToSlash(filepath.Join(dir, "failover")))
		}
		below, err := filepath.Rel(root, real)
		if err != nil {
			return nil, err
		}
		up, err := filepath.Rel(real, root)
		if err != nil {
			return nil, err
		}
		m := &Module{Root: filepath.Join(dir, up), Up: filepath.ToSlash(up), Path: modfile.ModulePath(text)}
		if shown, err := realPath(m.Root); err != nil || shown != root {
			m.Root = root // dir is reached by a link, from which ".." leads elsewhere
		}
		if m.Path == "" {
			return nil, fault.New(fault.Input, fault.In(filepath.ToSlash(filepath.Join(m.Root, "go.mod"))), "names no module", "repair it; go mod init writes one")
		}
		m.Import = m.Path + "/" + filepath.ToSlash(below)
		if module.CheckImportPath(m.Import) != nil {
			return nil, fault.New(fault.Input, fault.In(filepath.ToSlash(dir)), fmt.Sprintf("cannot hold a package: %q is not an import path", m.Import), "give a folder with a plain name, like failover")
		}
		if m.vendored, err = os.ReadFile(filepath.Join(root, "vendor", "modules.txt")); err != nil && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
			return nil, notFound(filepath.Join(root, "vendor", "modules.txt"), err)
		}
		return m, nil
	}
}

// mustVendor says that the vendor folder of the module lacks what the package needs;
// "" where it has it, or where there is none.
func (m *Module) mustVendor(around *tree.Around) (string, error) {
	if m.vendored == nil {
		return "", nil
	}
	has := make(map[string]string)
	for line := range strings.Lines(string(m.vendored)) {
		if fields := strings.Fields(line); len(fields) >= 3 && fields[0] == "#" {
			has[fields[1]] = fields[2]
		}
	}
	goMod := slices.IndexFunc(around.Files, func(f tree.File) bool { return f.Path == "go.mod" })
	mod, err := modfile.Parse("go.mod", around.Files[goMod].Data, nil)
	if err != nil {
		return "", err // a fault of the template
	}
	for _, r := range mod.Require {
		if semver.Compare(has[r.Mod.Path], r.Mod.Version) < 0 {
			return fmt.Sprintf("the vendor folder of the module lacks %s %s, which the package needs; run go mod vendor in %s", r.Mod.Path, r.Mod.Version, filepath.ToSlash(m.Root)), nil
		}
	}
	return "", nil
}

// mustFit refuses a package whose spec says another import path than its place, and
// a project that was generated in another layout or as another kind.
func (r *Request) mustFit() error {
	isPackage := r.Spec.Layout == spec.LayoutPackage
	onlyInOther := "open.go"
	if isPackage {
		onlyInOther = "main.go"
	}
	isWebservice := r.Spec.Kind == spec.KindWebservice
	switch {
	case r.Lock != nil && len(r.Lock.Files) > 0 && isWebservice != (r.Lock.Webservice != nil):
		return fault.New(fault.Input, fault.In(spec.FileName), "the kind cannot be changed to "+r.Spec.Kind+": the files of the other one are here", "undo the change, or generate into a new folder")
	case isWebservice && isPackage:
		return fault.New(fault.Input, fault.In(spec.FileName), "a project of kind "+r.Spec.Kind+" cannot be a package yet",
			"leave out layout, generate a project of its own, and copy its internal/ into your module")
	case r.Lock != nil && slices.ContainsFunc(r.Lock.Files, func(f spec.LockFile) bool { return f.Path == onlyInOther }):
		return fault.New(fault.Input, fault.In(spec.FileName), "the layout cannot be changed to "+r.Spec.Layout+": the files of the other one are here", "undo the change, or generate into a new folder")
	case !isPackage:
		return nil
	case r.Module == nil:
		return fmt.Errorf("no module was given for a package: %w", fs.ErrInvalid) // a fault of the caller
	case r.Module.Import != r.Spec.Module:
		return fault.New(fault.Input, fault.In(spec.FileName),
			fmt.Sprintf("module is %s, but the import path of this folder is %s", r.Spec.Module, r.Module.Import), "say module: "+r.Module.Import+" there, and change the imports of your programs")
	}
	return nil
}

// around is what the module around the package shall have.
func (m *Module) around(files []tree.File) (*tree.Around, error) {
	a := &tree.Around{Root: m.Root, Up: m.Up}
	for _, f := range files {
		if f.Path == "go.mod" {
			mod, err := modfile.Parse(f.Path, f.Data, nil)
			if err != nil {
				return nil, err // a fault of the template
			}
			if err := mod.AddModuleStmt(m.Path); err != nil {
				return nil, err
			}
			if f.Data, err = mod.Format(); err != nil {
				return nil, err
			}
		}
		a.Files = append(a.Files, f)
	}
	return a, nil
}

// packageSources are the Go files of a package, their imports still ours.
func packageSources(s *spec.Spec, made *kind.Made) ([]templates.Source, error) {
	list := templates.PackageSources(s.Kind, made.Choice)
	for i, source := range list {
		if filepath.Base(source.Path) != source.Path {
			continue
		}
		data, err := inPackage(source.Path, source.Data, s.PackageName())
		if err != nil {
			return nil, err
		}
		list[i].Data = data
	}
	for _, p := range templates.Parts(s.Kind) {
		data, err := part(p, s.PackageName())
		if err != nil {
			return nil, err
		}
		list = append(list, templates.Source{Path: p.Path, Data: data})
	}
	return list, nil
}

// inPackage gives a file another package clause.
func inPackage(name string, source []byte, pkg string) ([]byte, error) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, name, source, parser.PackageClauseOnly)
	if err != nil {
		return nil, err
	}
	start, end := set.Position(file.Name.Pos()).Offset, set.Position(file.Name.End()).Offset
	return slices.Concat(source[:start], []byte(pkg), source[end:]), nil
}

// part puts functions of several files into one, with the imports that they use.
func part(p templates.Part, pkg string) ([]byte, error) {
	var imported [2]bytes.Buffer // of Go itself, and others
	var functions bytes.Buffer
	known := make(map[string]bool)
	for _, source := range p.From {
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, source.Path, source.Data, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		for _, i := range file.Imports {
			if !known[i.Path.Value] {
				known[i.Path.Value] = true
				group := 0
				if first, _, _ := strings.Cut(i.Path.Value, "/"); strings.Contains(first, ".") {
					group = 1
				}
				fmt.Fprintln(&imported[group], i.Path.Value)
			}
		}
		for _, d := range file.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok || !slices.Contains(p.Functions, f.Name.Name) {
				continue
			}
			start := f.Pos()
			if f.Doc != nil {
				start = f.Doc.Pos()
			}
			fmt.Fprintf(&functions, "\n%s\n", source.Data[set.Position(start).Offset:set.Position(f.End()).Offset])
		}
	}
	text := fmt.Sprintf("package %s\n\nimport (\n%s\n%s)\n%s", pkg, &imported[0], &imported[1], &functions)
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, p.Path, text, parser.ParseComments)
	if err != nil {
		return nil, err
	}
	for _, i := range slices.Clone(file.Imports) {
		path := i.Path.Value[1 : len(i.Path.Value)-1]
		// astutil of golang.org/x/tools v0.52.0 takes "v2" for the name of math/rand/v2.
		if path != "math/rand/v2" && !astutil.UsesImport(file, path) {
			astutil.DeleteImport(set, file, path)
		}
	}
	var out bytes.Buffer
	if err := format.Node(&out, set, file); err != nil {
		return nil, err
	}
	return format.Source(out.Bytes())
}
