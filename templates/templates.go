// Package templates holds what projects are made of. Each kind of project has a
// folder with a complete program, which is built and tested with this module.
// A file that depends on the project is a template, NAME.tmpl; NAME beside it is
// its rendering for a sample project. The package lists and renders files; it
// knows nothing of bundles and writes nothing.
package templates

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"text/template"
	"time"

	"github.com/failover-gen/failover-gen/internal/storefile"
	"github.com/failover-gen/failover-gen/keystore"
	"github.com/failover-gen/failover-gen/keystore/pemfile"
)

//go:embed dotenv/*.go ledger/*.go outcome/*.go fleet/*.go zksession/*.go
//go:embed hazelcast/*.go hazelcast/*.tmpl hazelcast/package/*.tmpl hazelcast/with hazelcast/internal
//go:embed webservice/*.go webservice/*.tmpl webservice/with webservice/internal webservice/server
var files embed.FS

// Shared lists the packages here that projects of every kind get as internal/NAME.
var Shared = []string{"dotenv", "ledger", "outcome"}

// sharedBy lists by kind the packages that its projects get besides.
var sharedBy = map[string][]string{"webservice": {"zksession"}}

// userTests lists by kind the tests of the main package that projects get. The
// other tests of that package need files of this repository.
var userTests = map[string][]string{"hazelcast": {"writeloop_test.go"}, "webservice": {"calls_test.go"}}

// withKeystores lists the kinds whose projects get a reader of keystores.
var withKeystores = []string{"hazelcast"}

// packageFolder is the folder, below that of a kind, of the templates that only a
// package has. One of them replaces the template of that name that a project has.
const packageFolder = "package"

// onlyInProjects lists the templates that a package does not have: the program
// around it decides how it is deployed.
var onlyInProjects = []string{"Dockerfile", ".dockerignore"}

// packageFiles lists by kind the files of the main package that a package gets. Those
// in onlyInPackages are not in projects.
var (
	packageFiles   = map[string][]string{"hazelcast": {"check.go", "fleet.go", "load.go", "metrics.go", "open.go", "pem.go", "pinregistry.go"}}
	onlyInPackages = map[string][]string{"hazelcast": {"metrics.go", "open.go"}}
)

// Part is a file of a package that holds functions of the main package's files,
// which are the user's in projects.
type Part struct {
	Path      string   // in the package
	From      []Source // the files that hold the functions
	Functions []string
}

// Parts lists the parts of a package of a kind.
func Parts(kind string) []Part {
	if kind != "hazelcast" {
		return nil
	}
	p := Part{Path: "record.go", Functions: []string{"record", "logEvent", "uniqueEntries"}}
	for _, name := range []string{"main.go", "writeloop.go"} {
		data, _ := files.ReadFile(path.Join(kind, name)) // it is embedded
		p.From = append(p.From, Source{Path: name, Data: data})
	}
	return []Part{p}
}

// Root is the import path under which this package's folders are built here.
const Root = "github.com/failover-gen/failover-gen/templates"

// KeystoreRoot is the import path of the package that projects get as internal/keystore.
const KeystoreRoot = "github.com/failover-gen/failover-gen/keystore"

// PEMRoot is the import path of the package that projects with PEM files get as
// internal/pemfile.
const PEMRoot = KeystoreRoot + "/pemfile"

// Source is a Go file that is copied into projects, its import paths still ours.
type Source struct {
	Path string // in the project, slash-separated
	Data []byte
}

// Sources lists the Go files that projects of a kind get as they are, sorted by
// path. The tests of packages stay here, and so do renderings of templates. Kinds
// that have keystores get a reader of them.
func Sources(kind string, c Choice) []Source {
	return sources(kind, c, func(name string) bool {
		isTest := strings.HasSuffix(name, "_test.go")
		return !slices.Contains(onlyInPackages[kind], name) && (!isTest || slices.Contains(userTests[kind], name))
	})
}

// PackageSources is Sources for a package. Their package clause is still ours.
func PackageSources(kind string, c Choice) []Source {
	return sources(kind, c, func(name string) bool { return slices.Contains(packageFiles[kind], name) })
}

// sources lists the Go files of internal and those files of the main package that
// are wanted.
func sources(kind string, c Choice, wanted func(name string) bool) []Source {
	var list []Source
	add := func(from fs.FS, root, to string, wanted func(name string) bool) {
		_ = fs.WalkDir(from, root, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() && strings.HasSuffix(name, ".go") && wanted(name) {
				data, _ := fs.ReadFile(from, name) // an embedded file that was just listed
				list = append(list, Source{Path: path.Join(to, strings.TrimPrefix(name, root+"/")), Data: data})
			}
			return nil
		})
	}
	noTest := func(name string) bool { return !strings.HasSuffix(name, "_test.go") }
	add(files, kind, "", func(name string) bool {
		if _, err := fs.Stat(files, name+".tmpl"); err == nil {
			return false // it is a rendering
		}
		name = strings.TrimPrefix(name, kind+"/")
		if c.lacks(kind, name) {
			return false
		}
		if strings.Contains(name, "/") {
			return noTest(name)
		}
		return wanted(name)
	})
	for _, name := range c.packages(kind) {
		add(files, name, "internal/"+name, noTest)
	}
	switch {
	case !slices.Contains(withKeystores, kind):
	case c.FullReader:
		add(storefile.Source, ".", "internal/storefile", noTest)
	default:
		add(keystore.Source, ".", "internal/keystore", noTest)
	}
	if slices.Contains(c.Options, OptionPEM) {
		add(pemfile.Source, ".", "internal/pemfile", noTest)
	}
	slices.SortFunc(list, func(a, b Source) int { return strings.Compare(a.Path, b.Path) })
	return list
}

// dotted lists the templates whose files begin with a dot, which go:embed leaves out.
var dotted = []string{"env.example", "gitignore", "gitattributes", "dockerignore"}

// Templates lists the templates of a kind by the path of the file in the project.
func Templates(kind string, c Choice) map[string]string {
	list := make(map[string]string)
	addTemplates(list, kind, "")
	if with := c.With(kind); with != "" {
		addTemplates(list, kind, with)
	}
	_ = fs.WalkDir(files, path.Join(kind, "internal"), func(name string, _ fs.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(strings.TrimPrefix(name, kind+"/"), ".tmpl"); ok && err == nil {
			list[name] = name
		}
		return nil
	})
	return list
}

// PackageTemplates is Templates for a package. Among them are the go.mod and go.sum
// of a project, which say what the package needs.
func PackageTemplates(kind string, c Choice) map[string]string {
	list := Templates(kind, c)
	maps.DeleteFunc(list, func(target, _ string) bool { return slices.Contains(onlyInProjects, target) })
	addTemplates(list, kind, packageFolder)
	return list
}

func addTemplates(list map[string]string, kind, folder string) {
	entries, _ := files.ReadDir(path.Join(kind, folder)) // of an embedded folder
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), ".tmpl"); ok {
			target := name
			if slices.Contains(dotted, name) {
				target = "." + name
			}
			list[target] = path.Join(folder, name)
		}
	}
}

// Requirement is the version of a module that projects of a kind require, "" for none.
func Requirement(kind, module string) string {
	text, _ := files.ReadFile(path.Join(kind, "go.mod.tmpl")) // each kind has one
	for line := range strings.Lines(string(text)) {
		if words := strings.Fields(line); len(words) > 1 && words[0] == module {
			return words[1]
		}
	}
	return ""
}

// Render executes the template kind/name.tmpl with data. The error is a fault
// of ours: of the template or of the data made for it.
func Render(kind, name string, data any) ([]byte, error) {
	t, err := parsed(path.Join(kind, name+".tmpl"))
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if err := t.Execute(&b, data); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// parsedTemplates and digests keep what is the same for every project of a run.
var parsedTemplates, digests sync.Map

// parsed is the template in an embedded file.
func parsed(name string) (*template.Template, error) {
	if t, ok := parsedTemplates.Load(name); ok {
		return t.(*template.Template), nil
	}
	text, err := files.ReadFile(name)
	if err != nil {
		return nil, err
	}
	t, err := template.New(strings.TrimSuffix(path.Base(name), ".tmpl")).Option("missingkey=error").Funcs(functions).Parse(string(text))
	if err != nil {
		return nil, err
	}
	parsedTemplates.Store(name, t)
	return t, nil
}

// Digest returns the SHA-256, in lower-case hex, of everything that projects of
// a kind are made of: it changes when the templates move on.
func Digest(kind string) string {
	if d, ok := digests.Load(kind); ok {
		return d.(string)
	}
	d := digest(kind)
	digests.Store(kind, d)
	return d
}

func digest(kind string) string {
	h := sha256.New()
	add := func(name string, data []byte) {
		fmt.Fprintf(h, "%s %d\n", name, len(data))
		h.Write(data)
	}
	for _, c := range everyChoice(kind) {
		for _, s := range slices.Concat(Sources(kind, c), PackageSources(kind, c)) {
			add(s.Path, s.Data)
		}
		for _, list := range []map[string]string{Templates(kind, c), PackageTemplates(kind, c)} {
			for _, target := range slices.Sorted(maps.Keys(list)) {
				data, _ := files.ReadFile(path.Join(kind, list[target]+".tmpl")) // it was just listed
				add(target, data)
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// functions are what templates may call.
var functions = template.FuncMap{
	"quote":    strconv.Quote, // escapes all that could end the literal or hide in it
	"duration": duration,
	"inc":      func(n int) int { return n + 1 },
	"label":    label,
}

// label makes of name one that Kubernetes and Docker accept: an RFC 1123 label, of at
// most 40 characters so that there is room for a suffix.
func label(name string) string {
	name = notInLabel.ReplaceAllString(strings.ToLower(name), "-")
	return cmp.Or(strings.Trim(name[:min(len(name), 40)], "-"), "app")
}

var notInLabel = regexp.MustCompile(`[^a-z0-9]+`)

// duration is d as Go source, in the largest unit that divides it.
func duration(d time.Duration) string {
	for _, u := range []struct {
		unit time.Duration
		name string
	}{{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}} {
		if d%u.unit == 0 {
			return fmt.Sprintf("%d * time.%s", d/u.unit, u.name)
		}
	}
	return fmt.Sprintf("%d * time.Nanosecond", d)
}
