package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// blocks returns the code blocks of one language in a page.
func blocks(page, language string) (list []string) {
	for _, block := range strings.Split(page, "```"+language+"\n")[1:] {
		block, _, _ = strings.Cut(block, "```")
		list = append(list, block)
	}
	return list
}

// workflow is what the tests know of a GitHub workflow.
type workflow struct {
	Jobs map[string]struct {
		Steps []struct {
			Uses, Run string
			With      map[string]any
		}
	}
}

// Every command of docs/ci.md runs in a clone of a project, which has no bundles and
// no secrets. In a project that is out of step, check and the hook of git fail.
func TestCommandsOfTheCIPage(t *testing.T) {
	t.Parallel()
	needsGit(t)
	page, err := os.ReadFile("docs/ci.md")
	if err != nil {
		t.Fatal(err)
	}
	inYAML, inSh := blocks(string(page), "yaml"), blocks(string(page), "sh")
	if len(inYAML) != 2 || len(inSh) != 1 {
		t.Fatalf("%d blocks of YAML and %d of shell", len(inYAML), len(inSh))
	}
	var w workflow
	if err := yaml.Unmarshal([]byte(inYAML[0]), &w); err != nil {
		t.Fatal(err)
	}
	project, bin := newProject(t)
	clone := cloneOf(t, project, bin, "")
	runs := 0
	for _, step := range w.Jobs["failover"].Steps {
		switch {
		case strings.HasPrefix(step.Run, "go install "+ourModule+"@v"): // newProject has built it from this commit
		case step.Run != "":
			runs++
			inShell(t, clone, bin, step.Run)
		}
		for _, input := range []string{"go-version-file", "path"} {
			if name, ok := step.With[input].(string); ok {
				if _, err := os.Stat(filepath.Join(clone, name)); err != nil {
					t.Errorf("%s: %v", step.Uses, err)
				}
			}
		}
	}
	if runs != 5 {
		t.Errorf("%d steps were run, want 5", runs)
	}
	var hooks struct {
		Repos []struct{ Hooks []struct{ Entry string } }
	}
	if err := yaml.Unmarshal([]byte(inYAML[1]), &hooks); err != nil {
		t.Fatal(err)
	}
	entry := hooks.Repos[0].Hooks[0].Entry
	inShell(t, clone, bin, entry+"\n"+inSh[0])
	inShell(t, clone, bin, "echo '// mine' >> load.go && ! "+entry+" && ! git commit -q -a -m edited")
}
