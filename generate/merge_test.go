package generate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const oursMod = `module example.com/orders

go 1.26.0

require github.com/a/a v1.2.0

require github.com/b/b v1.0.0 // indirect
`

func TestRequirementsAreRaisedAndNeverLowered(t *testing.T) {
	const theirs = `module example.com/orders

go 1.27

require (
	github.com/a/a v1.1.0 // pinned
	github.com/b/b v1.9.0 // indirect
	github.com/mine/mine v0.1.0
)

replace github.com/mine/mine => ../mine
`
	got, err := mergeGoMod("go.mod", []byte(oursMod), []byte(theirs))
	if err != nil || string(got) != strings.Replace(theirs, "v1.1.0", "v1.2.0", 1) {
		t.Errorf("%v\n%s", err, got)
	}
	again, err := mergeGoMod("go.mod", []byte(oursMod), got)
	if err != nil || string(again) != string(got) {
		t.Errorf("the second merge changes something: %v\n%s", err, again)
	}
	got, err = mergeGoMod("go.mod", []byte(oursMod), []byte("module example.com/orders\n"))
	if err != nil || !strings.Contains(string(got), "go 1.26.0") || !strings.Contains(string(got), "github.com/b/b v1.0.0 // indirect") {
		t.Errorf("%v\n%s", err, got)
	}
}

func TestAGoModThatIsNotOurs(t *testing.T) {
	_, err := mergeGoMod("orders/go.mod", []byte(oursMod), []byte("module example.com/other\n"))
	hasLine(t, err, "orders/go.mod: its module path is not example.com/orders")
	_, err = mergeGoMod("orders/go.mod", []byte(oursMod), []byte("module\nrequire (\n"))
	hasLine(t, err, "orders/go.mod: cannot be read as go.mod")
}

func TestSumsAreAddedWhereTheyAreMissing(t *testing.T) {
	const ours = "github.com/a/a v1.2.0 h1:A=\ngithub.com/a/a v1.2.0/go.mod h1:AM=\ngithub.com/b/b v1.0.0 h1:B=\ngithub.com/b/b v1.0.0/go.mod h1:BM=\n"
	const old = "github.com/a/a v1.10.0 h1:X=\ngithub.com/a/a v1.2.0 h1:A=\ngithub.com/c/c v1.0.0 h1:C=\n"
	got := string(mergeGoSum([]byte(ours), []byte(old), []byte(oursMod)))
	want := "github.com/a/a v1.2.0 h1:A=\ngithub.com/a/a v1.2.0/go.mod h1:AM=\ngithub.com/a/a v1.10.0 h1:X=\n" +
		"github.com/b/b v1.0.0 h1:B=\ngithub.com/b/b v1.0.0/go.mod h1:BM=\ngithub.com/c/c v1.0.0 h1:C=\n"
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	// Raised and tidied by the user: no older sums come back.
	raised := strings.NewReplacer("v1.2.0", "v1.3.0").Replace(ours)
	if got := string(mergeGoSum([]byte(ours), []byte(raised), []byte(strings.Replace(oursMod, "v1.2.0", "v1.3.0", 1)))); got != raised {
		t.Errorf("got\n%s\nwant it unchanged", got)
	}
}

func TestDotenvKeepsWhatIsNotOurs(t *testing.T) {
	const old = "# mine\nOTHER='x'\n FAILOVER_1_TOKEN = 'old'\n#FAILOVER_2_TOKEN='no'"
	got, set := mergeDotenv([]byte("FAILOVER_1_TOKEN='new'\nFAILOVER_2_TOKEN='n2'\n"), []byte(old))
	want := "# mine\nOTHER='x'\nFAILOVER_1_TOKEN='new'\n#FAILOVER_2_TOKEN='no'\nFAILOVER_2_TOKEN='n2'\n"
	if string(got) != want || strings.Join(set, " ") != "FAILOVER_1_TOKEN FAILOVER_2_TOKEN" {
		t.Errorf("got\n%s\nwant\n%s\nset %v", got, want, set)
	}
	if again, set := mergeDotenv([]byte("FAILOVER_1_TOKEN='new'\n"), []byte("FAILOVER_1_TOKEN='new'")); string(again) != "FAILOVER_1_TOKEN='new'" || len(set) > 0 {
		t.Errorf("changed without need: %q, set %v", again, set)
	}
}

func TestDotenvLeavesAKeyThatAFileGives(t *testing.T) {
	const old = "FAILOVER_1_TOKEN='a'\nFAILOVER_2_TOKEN_FILE='/run/secrets/token'\n"
	got, set := mergeDotenv([]byte("FAILOVER_1_TOKEN='a'\nFAILOVER_2_TOKEN='b'\n"), []byte(old))
	if string(got) != old || len(set) > 0 {
		t.Errorf("got\n%s\nset %v", got, set)
	}
}

func TestWhereAProjectMayLie(t *testing.T) {
	base := t.TempDir()
	for _, d := range []string{"bundle/src", "beside"} {
		if err := os.MkdirAll(filepath.Join(base, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Join(base, "bundle"), filepath.Join(base, "link")); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(base, name) }
	for dir, inside := range map[string]bool{"bundle": true, "bundle/x/y": true, "link/x": true, "beside/x": false, "bundle2": false} {
		err := Outside(in(dir), []string{in("bundle")})
		if (err != nil) != inside {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if rel, err := Relative(in("link/x"), in("beside/b.zip")); err != nil || rel != "../../beside/b.zip" {
		t.Errorf("%q %v", rel, err)
	}
	for dir, bundle := range map[string]string{"link/x": "../b.zip", "beside": "../link/b.zip", "new/deep": "../../link/b.zip"} {
		if rel, err := Relative(in(dir), in("link/b.zip")); err != nil || rel != bundle {
			t.Errorf("from %s: %q %v, want %q", dir, rel, err, bundle)
		}
	}
	if err := os.Symlink(filepath.Join(base, "bundle/src"), filepath.Join(base, "beside/src")); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"bundle/src", "beside/src"} { // the same folder
		if got, err := Located(in(dir), "../../beside/b.zip"); err != nil || got != in("beside/b.zip") {
			t.Errorf("from %s: %q %v", dir, got, err)
		}
	}
	if m, err := DefaultModule(in("My Orders")); err != nil || m != "example.com/my-orders" {
		t.Errorf("%q %v", m, err)
	}
}
