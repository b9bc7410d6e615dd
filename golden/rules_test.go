//go:build unix

package golden

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// ownerRules are the rules about who owns what in a project. Each has cases that
// hold it, with what is to be found in their output and their trees.
var ownerRules = []struct {
	rule, name string
	shows      []string
}{
	{"a generated file is replaced if it is unedited", "generate-again-from-yaml", []string{`~ -rw-r--r-- orders/clusters\.go`}},
	{"an edited one is not, and the new text is put beside it", "generate-again-after-edit", []string{`= -rw-r--r-- orders/clusters\.go$`, `\+ -rw-r--r-- orders/clusters\.go\.new`, "^exit 1$"}},
	{"then nothing else is replaced either", "generate-again-edited-and-changed", []string{`= -rw-r--r-- orders/clusters\.go$`, `\+ -rw-r--r-- orders/clusters\.go\.new`, `\+ -rw-r--r-- orders/load\.go\.new`, `= -rw-r--r-- orders/failover\.lock`, "^exit 1$"}},
	{"--force overwrites what was edited", "generate-again-after-edit-force", []string{`~ -rw-r--r-- orders/clusters\.go$`, "^exit 0$"}},
	{"NAME.new is removed once it is no longer needed", "generate-again-after-edit-force", []string{`- -rw-r--r-- orders/clusters\.go\.new`}},
	{"a file that equals today's output is never edited", "generate-again-older-files", []string{`= -rw-r--r-- orders/clusters\.go$`, "^exit 0$"}},
	{"a generated file that is gone is made again", "generate-again-after-scaffold-edit", []string{`\+ -rw-r--r-- orders/clusters\.go`}},
	{"what is no longer generated is removed if unedited", "generate-again-older-files", []string{`- -rw-r--r-- orders/internal/old/old\.go`}},
	{"and kept if edited", "generate-again-older-files", []string{`= -rw-r--r-- orders/internal/old/edited\.go`, "keep .*edited\\.go  no longer generated, but it was edited"}},
	{"a scaffolded file is never touched, not even with --force", "generate-again-after-scaffold-edit", []string{`= -rw-r--r-- orders/main\.go`, `= -rw-r--r-- orders/README\.md`}},
	{"one that was removed stays away", "generate-again-scaffold-removed", []string{"nothing to change"}},
	{"diff shows where its template has moved on", "diff-moved-template", []string{`^diff orders/health\.go orders/health\.go \(generated\)`, `= -rw-r--r-- orders/health\.go`}},
	{"check names how to take it", "check-moved-template", []string{"generate --take health\\.go takes it"}},
	{"--take writes it again", "generate-take", []string{`~ -rw-r--r-- orders/main\.go`, `\+ -rw-r--r-- orders/health\.go`, `= -rw-r--r-- orders/README\.md`}},
	{"requirements are raised, never lowered, and the user's lines stay", "generate-again-go-mod", []string{`hazelcast-go-client v1\.6\.0`, `testify v1\.11\.1 // newer`, `go-internal v1\.16\.0 // ours alone`}},
	{"also those of the module around a package", "generate-package-again", []string{"nothing to change"}},
	{"a secret that the operator renewed stays, and is named", "generate-again-renewed", []string{`keep     secret     \.env  .*yours, kept`, `keep     secret     resources/client\.keystore  yours, kept`, `= -rw------- orders/\.env`}},
	{"one that was removed stays away", "generate-again-secrets-removed", []string{`absent   secret     \.env  removed, and stays away`}},
	{"the bundle's replaces it where only the bundle has changed", "generate-again-after-rotation", []string{`~ -rw------- orders/\.env`, `~ -rw------- orders/resources/client\.keystore`}},
	{"both changed is a conflict", "generate-again-renewed-and-rotated", []string{`= -rw------- orders/resources/client\.keystore$`, `\+ -rw------- orders/resources/client\.keystore\.new`, "^exit 1$"}},
	{"about which the user is asked once", "generate-again-renewed-and-rotated-twice", []string{"keep .*yours, kept", "^exit 0$"}},
	{"and --force takes the bundle's", "generate-again-renewed-force", []string{`~ -rw------- orders/resources/client\.keystore`, "replaced by --force"}},
	{"what was last written is remembered beside the secrets, mode 0600", "generate-whole-project", []string{`\+ -rw------- orders/resources/\.written`}},
	{"secrets that others can read are closed again", "generate-again-after-chmod", []string{`~ -rw------- orders/\.env`}},
	{"secrets move with clusters that change places", "generate-again-reordered", []string{`moved from client2\.keystore`, `FAILOVER_1_\*: now FAILOVER_2_\*`, "note: .* where you deploy"}},
	{"those of a removed cluster are set aside", "generate-again-removed-in-the-middle", []string{`\+ -rw------- orders/resources/client2\.keystore\.removed`, "commented out"}},
	{"a fresh clone is generated from its lock", "generate-fresh-clone", []string{"5 absent", `~ -rw-r--r-- orders/clusters\.go`, "^exit 0$"}},
	{"and checked, without bundles and secrets", "check-fresh-clone", []string{"in step, NN files; absent secrets: ", "^exit 0$"}},
	{"unless secrets are required", "check-require-secrets", []string{"is absent", "^exit 1$"}},
	{"flags that contradict failover.yaml are refused", "generate-again-contradicting-flags", []string{"says something other than --map other", "^exit 2$"}},
	{"with secrets: none no .env is written", "generate-secrets-none", []string{`\+ -rw-r--r-- orders/\.env\.example`, `!orders/\.env$`}},
	{"a dry run touches nothing", "generate-dry-run-of-update", []string{"dry run, nothing was touched", `!^[+~-] [d-]r`}},
}

// Every rule about who owns what has a case that shows it. What a "!" stands before
// must not be there.
func TestEveryOwnerRuleHasItsCase(t *testing.T) {
	for _, r := range ownerRules {
		c, err := readCase(filepath.Join("testdata", "cases", r.name+".txtar"))
		if err != nil {
			t.Fatal(err)
		}
		text := c.expected()
		for _, show := range r.shows {
			pattern, absent := strings.CutPrefix(show, "!")
			if regexp.MustCompile("(?m)"+pattern).MatchString(text) == absent {
				t.Errorf("%s: %s does not show it: %s", r.rule, r.name, show)
			}
		}
	}
}

// expected is what a case expects, as one text.
func (c *testCase) expected() string {
	text := fmt.Sprintf("%s%sexit %d\n%s", c.want.stdout, c.want.stderr, c.want.exit, c.want.tree)
	for _, f := range c.want.files {
		text += string(f.Data)
	}
	return text
}

// Every exit code is seen: those below 128 in cases, those of signals in tests that
// send them.
func TestEveryExitCodeIsSeen(t *testing.T) {
	seen := make(map[int]int)
	files, err := filepath.Glob("testdata/cases/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		c, err := readCase(file)
		if err != nil {
			t.Fatal(err)
		}
		seen[c.want.exit]++
	}
	for code := range 4 {
		if seen[code] < 5 {
			t.Errorf("only %d cases end with exit code %d", seen[code], code)
		}
	}
	if len(seen) != 4 {
		t.Errorf("exit codes of cases: %v, want 0 to 3", seen)
	}
	bySignal := map[string][]string{
		"TestASignalCancelsAndLeavesNothing":     {"SIGHUP: 129", "SIGINT: 130", "SIGTERM: 143"},
		"TestABrokenPipeCancelsAndLeavesNothing": {"141"},
	}
	const file = "../internal/cli/signal_test.go"
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range parsed.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		for _, code := range bySignal[f.Name.Name] {
			if !strings.Contains(string(source[set.Position(f.Pos()).Offset:set.Position(f.End()).Offset]), code) {
				t.Errorf("%s does not look for %s", f.Name.Name, code)
			}
		}
		delete(bySignal, f.Name.Name)
	}
	for name := range bySignal {
		t.Errorf("%s has no test %s", file, name)
	}
}
