package generate

import (
	"bytes"
	"context"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/templates"
)

func TestTheSameRequestGivesTheSameBytesEverywhere(t *testing.T) {
	first := project(t, lockOnly(nil)).Want.Files
	local := time.Local
	defer func() { time.Local = local }()
	time.Local = time.FixedZone("far", 13*3600)
	second := project(t, lockOnly(nil)).Want.Files
	if !slices.IsSortedFunc(first, func(a, b tree.File) int { return strings.Compare(a.Path, b.Path) }) {
		t.Error("the files are not in order of path")
	}
	for i := range first {
		if first[i].Path != second[i].Path || !bytes.Equal(first[i].Data, second[i].Data) {
			t.Errorf("%s differs from %s", first[i].Path, second[i].Path)
		}
	}
}

func TestSecretsAreInDotenvAndKeystoresAlone(t *testing.T) {
	r := bundled(t)
	p := project(t, r)
	texts := 0
	for _, v := range p.Want.Secrets {
		if v.Key == "" {
			continue
		}
		texts++
		for _, f := range p.Want.Files {
			if bytes.Contains(f.Data, v.Data) {
				t.Errorf("%s holds the value of %s", f.Path, v.Key)
			}
		}
	}
	if texts != 6 {
		t.Errorf("%d texts are secret, want token and two passwords of each cluster", texts)
	}
	r.Spec.Secrets = spec.SecretsNone
	if slices.ContainsFunc(project(t, r).Want.Secrets, func(v tree.Value) bool { return v.Key != "" }) {
		t.Error("there are texts for .env in spite of secrets: none")
	}
}

// What the lock keeps is enough to make the same files without the bundles.
func TestTheLockStandsInForTheBundles(t *testing.T) {
	r := bundled(t)
	first := project(t, r)
	lock, err := spec.ParseLock(spec.LockName, fileNamed(t, first, spec.LockName).Data)
	if err != nil {
		t.Fatal(err)
	}
	r.Lock, r.InSpec = lock, true
	r.Bundles = []string{"/none/1.zip", r.Bundles[1]}
	second := project(t, r)
	for i, f := range first.Want.Files {
		if g := second.Want.Files[i]; f.Path != g.Path || !bytes.Equal(f.Data, g.Data) {
			t.Errorf("%s differs from %s", g.Path, f.Path)
		}
	}
	for _, v := range second.Want.Secrets {
		if of1 := strings.HasPrefix(v.Group, "1 "); v.Unknown != of1 {
			t.Errorf("%s%s: unknown %v, want %v", v.Path, v.Key, v.Unknown, of1)
		}
	}
	if len(second.Notes) != 1 || !strings.Contains(second.Notes[0], "cluster 1: ") {
		t.Errorf("notes %q", second.Notes)
	}
}

func TestABundleThatIsNeededAndNotThereIsNamedInTheSpec(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Request)
		want   string
	}{
		"no lock":            {func(r *Request) { r.Lock = nil }, "the bundle pr-1234.zip does not exist; correct the path here"},
		"another path":       {func(r *Request) { r.Spec.Clusters[0].Bundle = "x.zip" }, "the bundle x.zip does not exist, and failover.lock does not know it; "},
		"a lock of 2025":     {func(r *Request) { r.Lock.Clusters[0].Secrets = nil }, "the failover.lock of an older failover-gen does not say enough"},
		"a lock without any": {func(r *Request) { r.Lock.Clusters = nil }, "failover.lock does not know it"},
	} {
		t.Run(name, func(t *testing.T) {
			r := lockOnly(nil)
			c.change(&r)
			_, err := Project(context.Background(), r)
			hasLine(t, err, "failover.yaml:9:13: ", c.want)
			if fault.ExitCode(err) != int(fault.Input) {
				t.Errorf("exit code %d, want 2", fault.ExitCode(err))
			}
		})
	}
}

// The lock must not hold the digest of anything that a password could be
// guessed from.
func TestTheLockHoldsDigestsOfPublicFilesOnly(t *testing.T) {
	p := project(t, bundled(t))
	lock, err := spec.ParseLock(spec.LockName, fileNamed(t, p, spec.LockName).Data)
	if err != nil {
		t.Fatal(err)
	}
	for _, v := range p.Want.Secrets {
		if _, has := lock.Digest(v.Path); has {
			t.Errorf("the lock has a digest of %s", v.Path)
		}
		if v.Path == "resources/client2.keystore" && lock.Clusters[1].Keystore.SHA256 != tree.Digest(v.Data) {
			t.Errorf("keystore digest %q, want %q", lock.Clusters[1].Keystore.SHA256, tree.Digest(v.Data))
		}
	}
	for _, f := range p.Want.Files {
		d, has := lock.Digest(f.Path)
		if should := f.Owner == tree.Generated && f.Path != spec.LockName || f.Owner == tree.Scaffolded && f.Path != spec.FileName; has != should || has && d != tree.Digest(f.Data) {
			t.Errorf("%s (%s): digest %q", f.Path, f.Owner, d)
		}
	}
}

// A project whose stores need the full reader gets that one under the name of the other.
func TestAProjectWithTheFullReaderGetsItInPlaceOfTheSmallOne(t *testing.T) {
	r := lockOnly(ordersModule)
	r.Lock.Clusters[1].Keystore.FullReader = true
	p := project(t, r)
	load := string(fileNamed(t, p, "load.go").Data)
	if !strings.Contains(load, `keystore "example.com/orders/internal/storefile"`) {
		t.Errorf("load.go imports\n%.600s", load)
	}
	for _, f := range p.Want.Files {
		if strings.HasPrefix(f.Path, "internal/keystore/") {
			t.Errorf("the project has %s as well", f.Path)
		}
	}
	if testing.Short() {
		return
	}
	dir := filepath.Join(t.TempDir(), "orders")
	if _, err := tree.Apply(context.Background(), dir, &p.Want, tree.Options{}); err != nil {
		t.Fatal(err)
	}
	goCommand(t, dir, "mod", "tidy", "-diff")
	goCommand(t, dir, "build", "-mod=readonly", "./...")
}

// hostile is a text that tries to end every quoting it may land in.
const hostile = "\"`'${x}\\\")}; */ {{.}} # \u202e \u00e9 --> ]]> panic(1) //"

func TestHostileNamesStayValues(t *testing.T) {
	p := project(t, lockOnly(func(s *spec.Spec) {
		s.Map = hostile
		s.Clusters[0].Name, s.Clusters[0].Username = hostile, hostile
		s.Clusters[1].Addresses = []string{hostile + ":5701"}
	}))
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "clusters.go", fileNamed(t, p, "clusters.go").Data, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if v, err := strconv.Unquote(lit.Value); err == nil && strings.Contains(v, hostile) {
				found++
			}
		}
		return true
	})
	if found != 4 {
		t.Errorf("the text stands %d times in clusters.go, want 4: map, name, user name, address", found)
	}
	s, err := spec.Parse(spec.FileName, fileNamed(t, p, spec.FileName).Data)
	if err == nil && (s.Map != hostile || s.Clusters[0].Name != hostile) {
		t.Errorf("failover.yaml: %+v", s)
	}
	for _, f := range p.Want.Files {
		if f.Path != "clusters.go" && f.Path != spec.FileName && f.Path != spec.LockName && bytes.Contains(f.Data, []byte("panic(1)")) {
			t.Errorf("%s holds the text", f.Path)
		}
	}
}

func TestRewriteImports(t *testing.T) {
	const source = `// Package x.
package x

import (
	"fmt"
	"net"

	alias "github.com/failover-gen/failover-gen/keystore" // why
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
	"github.com/failover-gen/failover-gen/templates/outcome"
)

const text = "github.com/failover-gen/failover-gen/templates/outcome"
`
	got, err := rewriteImports("x.go", []byte(source), "a.example/b", "hazelcast", false)
	const want = `// Package x.
package x

import (
	"fmt"
	"net"

	"a.example/b/internal/failover"
	alias "a.example/b/internal/keystore" // why
	"a.example/b/internal/outcome"
)

const text = "github.com/failover-gen/failover-gen/templates/outcome"
`
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s", err, got)
	}
	_, err = rewriteImports("x.go", []byte("package x\nimport _ \"github.com/failover-gen/failover-gen/internal/fault\"\n"), "a.example/b", "hazelcast", false)
	if err == nil {
		t.Error("an import that projects do not get was let through")
	}
}

// Only the imports of a copied file are formatted. What comes out is as gofmt wants
// it whatever the module path, which decides where our imports are sorted.
func TestCopiesAreFormatted(t *testing.T) {
	for _, module := range []string{"a.example/b", "zz.example/y", "orders", "github.com/a/b"} {
		for _, fullReader := range []bool{false, true} {
			choice := templates.Choice{FullReader: fullReader, Options: []string{"metrics", templates.OptionPEM}}
			sources := templates.Sources("hazelcast", choice)
			for _, source := range slices.Concat(sources, templates.PackageSources("hazelcast", choice)) {
				got, err := rewriteImports(source.Path, source.Data, module, "hazelcast", fullReader)
				if err != nil {
					t.Fatal(err)
				}
				if want, err := format.Source(got); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s in %s is not as gofmt wants it: %v\n%s", source.Path, module, err, got)
				}
			}
		}
	}
}

// Every generated Go file says so in the form that tools look for, and none
// that is the user's.
func TestHeaders(t *testing.T) {
	for _, f := range project(t, lockOnly(nil)).Want.Files {
		if strings.HasSuffix(f.Path, ".go") && bytes.HasPrefix(f.Data, []byte(header)) != (f.Owner == tree.Generated) {
			t.Errorf("%s (%s) starts %.60q", f.Path, f.Owner, f.Data)
		}
	}
}
