package tree

import (
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
	got, err := mergeGoMod("go.mod", []byte(oursMod), nil, []byte(theirs))
	if err != nil || string(got) != strings.Replace(theirs, "v1.1.0", "v1.2.0", 1) {
		t.Errorf("%v\n%s", err, got)
	}
	again, err := mergeGoMod("go.mod", []byte(oursMod), nil, got)
	if err != nil || string(again) != string(got) {
		t.Errorf("the second merge changes something: %v\n%s", err, again)
	}
	got, err = mergeGoMod("go.mod", []byte(oursMod), nil, []byte("module example.com/orders\n"))
	if err != nil || !strings.Contains(string(got), "go 1.26.0") || !strings.Contains(string(got), "github.com/b/b v1.0.0 // indirect") {
		t.Errorf("%v\n%s", err, got)
	}
}

// What is new goes where go mod tidy would put it, and what we need ourselves is not
// called indirect.
func TestNewRequirementsAreInOrder(t *testing.T) {
	const theirs = `module example.com/orders

go 1.27

require (
	github.com/mine/mine v0.1.0
	github.com/y/y v1.0.0
)

require (
	github.com/a/a v1.3.0 // indirect
	github.com/z/z v1.0.0 // indirect
)
`
	const want = `module example.com/orders

go 1.27

require (
	github.com/a/a v1.3.0
	github.com/mine/mine v0.1.0
	github.com/y/y v1.0.0
)

require (
	github.com/b/b v1.0.0 // indirect
	github.com/z/z v1.0.0 // indirect
)
`
	got, err := mergeGoMod("go.mod", []byte(oursMod), nil, []byte(theirs))
	if err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
	if again, err := mergeGoMod("go.mod", []byte(oursMod), nil, got); err != nil || string(again) != want {
		t.Errorf("the second merge changes something: %v\n%s", err, again)
	}
}

// Go takes 1.26 for a version before 1.26.0.
func TestTheGoVersionIsRaisedAsGoComparesIt(t *testing.T) {
	for have, want := range map[string]string{"1.24.0": "1.26.0", "1.26": "1.26.0", "1.26rc1": "1.26.0", "1.26.1": "1.26.1", "1.27": "1.27"} {
		got, err := mergeGoMod("go.mod", []byte(oursMod), nil, []byte("module example.com/orders\n\ngo "+have+"\n"))
		if err != nil || !strings.Contains(string(got), "\ngo "+want+"\n") {
			t.Errorf("%s: %v\n%s", have, err, got)
		}
	}
}

func TestAGoModThatIsNotOurs(t *testing.T) {
	_, err := mergeGoMod("orders/go.mod", []byte(oursMod), nil, []byte("module example.com/other\n"))
	hasLine(t, err, "orders/go.mod: its module path is not example.com/orders")
	_, err = mergeGoMod("orders/go.mod", []byte(oursMod), nil, []byte("module\nrequire (\n"))
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
	// Other modules need not have both sums: tidying drops those that no build needs.
	few := strings.ReplaceAll(raised, "github.com/b/b v1.0.0 h1:B=\n", "")
	more := strings.NewReplacer("v1.2.0", "v1.3.0", "github.com/b/b", "github.com/c/c").Replace(oursMod)
	if got := string(mergeGoSum([]byte(ours), []byte(few), []byte(more))); got != few {
		t.Errorf("got\n%s\nwant it unchanged", got)
	}
	// A module that is replaced has no sums.
	replaced := strings.Replace(oursMod, "v1.2.0", "v1.3.0", 1) + "\nreplace github.com/a/a => ../a\n"
	const b = "github.com/b/b v1.0.0 h1:B=\ngithub.com/b/b v1.0.0/go.mod h1:BM=\n"
	if got := string(mergeGoSum([]byte(ours), []byte(b), []byte(replaced))); got != b {
		t.Errorf("got\n%s\nwant it unchanged", got)
	}
}

// A line that old has of a module which only our modules need is raised to what they
// need, because a build with -mod=readonly accepts no lower one.
func TestRequirementsAreRaisedToWhatOurModulesNeed(t *testing.T) {
	const sums = "github.com/c/c v1.1.0/go.mod h1:1=\ngithub.com/c/c v1.10.0/go.mod h1:2=\ngithub.com/d/d v1.0.0 h1:3=\n"
	const theirs = "module example.com/orders\n\ngo 1.27\n\nrequire (\n\tgithub.com/a/a v1.2.0\n\tgithub.com/b/b v1.0.0 // indirect\n\tgithub.com/c/c v1.9.0 // indirect\n\tgithub.com/d/d v0.9.0\n)\n"
	got, err := mergeGoMod("go.mod", []byte(oursMod), []byte(sums), []byte(theirs))
	if want := strings.Replace(theirs, "v1.9.0", "v1.10.0", 1); err != nil || string(got) != want {
		t.Errorf("%v\n%s\nwant\n%s", err, got, want)
	}
}
