package main

import (
	"strings"
	"testing"
)

// The projects that we generate hold what vet looks for: it finds nothing in them, by
// itself and as the tool of go vet. In code that has a finding, both name it.
func TestVetFindsNothingInGeneratedProjects(t *testing.T) {
	t.Parallel()
	for kind, generate := range map[string]func(*testing.T) (project, bin string){"hazelcast": newProject, "webservice": newService} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			project, bin := generate(t)
			const both = "failover-gen vet && go vet -vettool=$(command -v failover-gen) ./..."
			inShell(t, project, bin, both)
			inShell(t, project, bin, "printf 'package main\n\n//failover:ignore unbounded\nvar _ = 1\n' > found.go")
			out := inShell(t, project, bin, "! failover-gen vet && ! go vet -vettool=$(command -v failover-gen) ./...")
			if strings.Count(out, "found.go:3:1: ") != 2 {
				t.Errorf("want the finding twice:\n%s", out)
			}
		})
	}
}

// A package in a service that exists is as clean.
func TestVetFindsNothingInGeneratedPackage(t *testing.T) {
	t.Parallel()
	project, bin := newProject(t)
	inShell(t, project, bin, "mkdir ../service && cd ../service && go mod init example.com/service && "+
		"failover-gen generate --quiet --primary ../primary.zip --secondary ../secondary.zip --layout package --out failover && failover-gen vet")
}
