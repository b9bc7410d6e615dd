package cli

import (
	"slices"
	"strings"
	"testing"
)

func TestWhatWasProbablyMeantIsNamed(t *testing.T) {
	names := []string{"generate", "inspect", "drill", "demo", "primary", "secondary", "secrets", "set", "dry-run"}
	for word, want := range map[string]string{
		"generat": "generate", "gen": "generate", "genrate": "generate", "GENERATE": "generate",
		"isnpect": "inspect", "dirll": "drill", "drlil": "drill", "demos": "demo",
		"primry": "primary", "sec": "secondary secrets", "secondry": "secondary", "dryrun": "dry-run",
		"s": "", "x": "", "": "", "catalogue": "", "name": "",
	} {
		if got := near(word, names); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s: %q, want %q", word, got, want)
		}
	}
}

// With --json there is one document, or the text that was asked for instead.
func TestCommonFlagsStandBeforeTheCommandToo(t *testing.T) {
	folder(t)
	before, after := run(t, nil, "--json", "inspect", "a.zip"), run(t, nil, "inspect", "a.zip", "--json")
	if before != after || len(document(t, before.stdout).Bundles) != 1 {
		t.Errorf("before %+v\nafter %+v", before, after)
	}
	if r := run(t, nil, "-q", "--no-color", "inspect", "a.zip"); r.code != 0 || r.stdout+r.stderr != "" {
		t.Errorf("%+v", r)
	}
	for _, args := range []string{"--help --json", "--json generate --help", "--version --json", "help drill --json"} {
		if r := run(t, nil, strings.Fields(args)...); r.code != 0 || r.stderr != "" || strings.Contains(r.stdout, "{\n") {
			t.Errorf("%s: %+v", args, r)
		}
	}
}
