package generate

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

func fileNamed(t *testing.T, files []File, name string) File {
	t.Helper()
	i := slices.IndexFunc(files, func(f File) bool { return f.Path == name })
	if i < 0 {
		t.Fatalf("no %s among the files", name)
	}
	return files[i]
}

func TestRenderGivesTheSameBytesEverywhere(t *testing.T) {
	first := render(t, resolved(t, nil))
	local := time.Local
	defer func() { time.Local = local }()
	time.Local = time.FixedZone("far", 13*3600)
	second := render(t, resolved(t, nil))
	if !slices.IsSortedFunc(first, func(a, b File) int { return strings.Compare(a.Path, b.Path) }) {
		t.Error("the files are not in order of path")
	}
	for i := range first {
		if first[i].Path != second[i].Path || !bytes.Equal(first[i].Data, second[i].Data) {
			t.Errorf("%s differs from %s", first[i].Path, second[i].Path)
		}
	}
}

func TestSecretsAreInDotenvAndKeystoresAlone(t *testing.T) {
	p := resolved(t, nil)
	for _, f := range render(t, p) {
		if f.Owner == Secret {
			if f.Mode != 0o600 {
				t.Errorf("%s has mode %v", f.Path, f.Mode)
			}
			continue
		}
		for _, secret := range []string{testToken, testPassword, strings.ReplaceAll(testPassword, "'", `'\''`)} {
			if bytes.Contains(f.Data, []byte(secret)) {
				t.Errorf("%s holds a secret", f.Path)
			}
		}
	}
	env := string(fileNamed(t, render(t, p), ".env").Data)
	want := "FAILOVER_1_TOKEN='" + testToken + "pr-1234'\nFAILOVER_1_KEYSTORE_PASSWORD='it'\\''s a $ecret'\nFAILOVER_1_TRUSTSTORE_PASSWORD='it'\\''s a $ecret'\n"
	if !strings.HasPrefix(env, want) {
		t.Errorf(".env starts\n%s\nwant\n%s", env, want)
	}
	p.Spec.Secrets = spec.SecretsNone
	if slices.ContainsFunc(render(t, p), func(f File) bool { return f.Path == ".env" }) {
		t.Error("there is a .env in spite of secrets: none")
	}
}

// The lock must not hold the digest of anything that a password could be
// guessed from.
func TestTheLockHoldsDigestsOfPublicFilesOnly(t *testing.T) {
	files := render(t, resolved(t, nil))
	lock, err := spec.ParseLock(spec.LockName, fileNamed(t, files, spec.LockName).Data)
	if err != nil {
		t.Fatal(err)
	}
	if want := digest(storesOf(t, "pr-5678").key); lock.Clusters[1].Keystore.SHA256 != want {
		t.Errorf("keystore digest %q, want %q", lock.Clusters[1].Keystore.SHA256, want)
	}
	for _, f := range files {
		d, has := lock.Digest(f.Path)
		if should := f.Owner == Generated && f.Path != spec.LockName; has != should || has && d != digest(f.Data) {
			t.Errorf("%s (%s): digest %q", f.Path, f.Owner, d)
		}
	}
}

func TestASecretWithALineBreakIsRefused(t *testing.T) {
	p := resolved(t, nil)
	p.Clusters[0].Token = bundle.NewSecret("a\nFAILOVER_2_TOKEN='stolen'", fault.Position{File: "a.zip!x", Line: 3, Column: 1})
	_, err := Render(p)
	hasLine(t, err, "a.zip!x:3:1: ", "line break", "FAILOVER_1_TOKEN_FILE")
	p.Spec.Secrets = spec.SecretsNone
	render(t, p)
}

// hostile is a text that tries to end every quoting it may land in.
const hostile = "\"`'${x}\\\")}; */ {{.}} # \u202e \u00e9 --> ]]> panic(1) //"

func TestHostileNamesStayValues(t *testing.T) {
	p := resolved(t, func(s *spec.Spec) {
		s.Map = hostile
		s.Clusters[0].Name, s.Clusters[0].Alias, s.Clusters[0].Username = hostile, "", hostile
	})
	p.Clusters[1].Addresses = []string{hostile}
	files := render(t, p)
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, "clusters.go", fileNamed(t, files, "clusters.go").Data, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if lit, ok := n.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if v, err := strconv.Unquote(lit.Value); err == nil && v == hostile {
				found++
			}
		}
		return true
	})
	if found != 4 {
		t.Errorf("the text stands %d times in clusters.go, want 4: map, name, user name, address", found)
	}
	s, err := spec.Parse(spec.FileName, fileNamed(t, files, spec.FileName).Data)
	if err != nil || s.Map != hostile || s.Clusters[0].Name != hostile {
		t.Errorf("failover.yaml: %v %+v", err, s)
	}
	for _, f := range files {
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
	got, err := rewriteImports("x.go", []byte(source), "a.example/b", "hazelcast")
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
	_, err = rewriteImports("x.go", []byte("package x\nimport _ \"github.com/failover-gen/failover-gen/internal/fault\"\n"), "a.example/b", "hazelcast")
	if err == nil {
		t.Error("an import that projects do not get was let through")
	}
}

// Every generated Go file says so in the form that tools look for, and none
// that is the user's.
func TestHeaders(t *testing.T) {
	for _, f := range render(t, resolved(t, nil)) {
		if strings.HasSuffix(f.Path, ".go") && bytes.HasPrefix(f.Data, []byte(header)) != (f.Owner == Generated) {
			t.Errorf("%s (%s) starts %.60q", f.Path, f.Owner, f.Data)
		}
	}
}
