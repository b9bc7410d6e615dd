package drill

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// checkFake is the fake project's -check: it fails as .env says.
func checkFake() int {
	for _, name := range []string{"FAILOVER_HOME", "FAILOVER_LEDGER"} {
		if os.Getenv(name) != "" {
			fmt.Fprintln(os.Stderr, name, "is set")
			return 1
		}
	}
	text, err := os.ReadFile(".env")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	fmt.Fprint(os.Stderr, "time=now level=WARN msg=unused\n", string(text))
	if len(text) > 0 {
		return 1
	}
	return 0
}

func TestTheProjectChecksItsOwnSettingsFirst(t *testing.T) {
	t.Setenv("FAILOVER_HOME", "/of/another/project")
	t.Setenv("FAILOVER_LEDGER", "/of/another/project/ledger")
	const withFlag = "package main\n\nimport \"flag\"\n\nvar c = flag.Bool(\"check\", false, \"\")\n"
	for what, c := range map[string]struct {
		source string
		env    []string // the text of .env, nothing if there is none
		note   string
		err    string
	}{
		"passes":           {withFlag, []string{""}, "checked: the project accepts your own settings and stores (-check)", ""},
		"fails":            {withFlag, []string{"FAILOVER_1_TOKEN is missing; set it\n.env:3: no value\n"}, "", "(-check): FAILOVER_1_TOKEN is missing; set it | .env:3: no value; repair what it names; "},
		"no .env":          {withFlag, nil, "not checked: the project has no .env, ", ""},
		"an older project": {"package main\n", []string{"x"}, "not checked: the project's main.go has no flag -check ", ""},
	} {
		dir := fakeProject(t, "good")
		for name, texts := range map[string][]string{"main.go": {c.source}, ".env": c.env} {
			for _, text := range texts {
				if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
		}
		p, err := load(dir)
		if err != nil {
			t.Fatal(err)
		}
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		note, err := p.checkItself(context.Background(), self)
		switch {
		case c.err == "" && (err != nil || !strings.HasPrefix(note, c.note)):
			t.Errorf("%s: %q, %v", what, note, err)
		case c.err != "" && (fault.ExitCode(err) != int(fault.Finding) || !strings.Contains(err.Error(), c.err)):
			t.Errorf("%s: %v, exit code %d", what, err, fault.ExitCode(err))
		}
		if err != nil { // then no run begins
			report, err := run(context.Background(), Options{Dir: dir}, linkSelf)
			if err == nil || len(report.Results) > 0 {
				t.Errorf("%s: %v, %d runs", what, err, len(report.Results))
			}
		}
	}
}
