package vetrun

import (
	"testing"

	"github.com/failover-gen/failover-gen/internal/fault"
)

const document = `{
	"example.com/m/a": {
		"unbounded": [
			{
				"posn": "/m/a/a.go:3:12",
				"end": "/m/a/a.go:3:25",
				"message": "may hang; bound it",
				"suggested_fixes": [
					{
						"message": "bound",
						"edits": [
							{
								"filename": "/m/a/a.go",
								"start": 35,
								"end": 48,
								"new": "x"
							}
						]
					}
				]
			}
		],
		"dropped": {
			"error": "no facts"
		}
	}
}
`

// Documents and complaints are told apart, whichever stream they came from, and every
// complaint has its kind and its place.
func TestWhatGoVetPrintsIsUnderstood(t *testing.T) {
	said, err := parse([]byte("{}\n# example.com/m/a\n"+document+"# example.com/m/b\nb/b.go:4:27: undefined: x\n"+
		"vet: /m/c/c.go:2:13: expected '}', found 'EOF'\ngo: downloading example.com/x v1.0.0\n"+
		"d.go:3:8: no required module provides package x.org/y; to add it:\n\tgo get x.org/y\n"+
		"go: x.org/z@v1.0.0: module lookup disabled by GOPROXY=off\n"), "/m")
	if err != nil {
		t.Fatal(err)
	}
	if said.packages != 2 || len(said.found) != 1 {
		t.Fatalf("%d packages, findings %v", said.packages, said.found)
	}
	f := said.found[0]
	if f.File != "a/a.go" || f.Line != 3 || f.Column != 12 || f.endColumn != 25 || len(f.Fixes) != 1 || f.Fixes[0].Edits[0] != (Edit{"a/a.go", 35, 48, "x"}) {
		t.Errorf("finding %+v", f)
	}
	want := []struct {
		kind fault.Kind
		text string
	}{
		{fault.Environment, `dropped failed on package example.com/m/a: {
				"error": "no facts"
			}; report it, with the code if you can`},
		{fault.Input, "b/b.go:4:27: undefined: x; repair it: this package was not analysed"},
		{fault.Input, "c/c.go:2:13: expected '}', found 'EOF'; repair it: this package was not analysed"},
		{fault.Input, "d.go:3:8: no required module provides package x.org/y; to add it: go get x.org/y; repair it: this package was not analysed"},
		{fault.Environment, "go: x.org/z@v1.0.0: module lookup disabled by GOPROXY=off; let go build succeed here first"},
	}
	if len(said.faults) != len(want) {
		t.Fatalf("faults:\n%v", said.faults)
	}
	for i, w := range want {
		if got := said.faults[i]; got.Kind != w.kind || i > 0 && got.Error() != w.text {
			t.Errorf("%d: kind %d, %q", i, got.Kind, got.Error())
		}
	}
}

// An analyzer that panics is one fault, without the stacks of its goroutines.
func TestPanicOfAnalyzerIsOneFault(t *testing.T) {
	said, err := parse([]byte("# example.com/m\npanic: no such index\n\ngoroutine 1 [running]:\nmain.main()\n\t/x/y.go:3 +0x1\nexit status 2\n"), "/m")
	if err != nil {
		t.Fatal(err)
	}
	if len(said.faults) != 1 || said.faults[0].Kind != fault.Environment || said.faults[0].Cause != "an analyzer failed: panic: no such index" {
		t.Errorf("faults %v", said.faults)
	}
}

func TestCutDocumentIsAFault(t *testing.T) {
	if _, err := parse([]byte("{\n\t\"a\": [\n}\n"), "/m"); fault.ExitCode(err) != 3 {
		t.Error(err)
	}
}

// The tool is recognised by the three ways in which go vet calls it, and by nothing
// that a user types.
func TestToolIsRecognised(t *testing.T) {
	for _, args := range [][]string{{"-V=full"}, {"-flags"}, {"/tmp/b001/vet.cfg"}, {"-json", "-dropped", "/tmp/b001/vet.cfg"}} {
		if !IsTool(args) {
			t.Errorf("%q is not taken for the tool", args)
		}
	}
	for _, args := range [][]string{nil, {"vet"}, {"--version"}, {"inspect", "a.cfg"}, {"-V=full", "x"}, {"--json", "inspect"}} {
		if IsTool(args) {
			t.Errorf("%q is taken for the tool", args)
		}
	}
}
