package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/vetrun"
)

// vetReport is what vet says with --json.
type vetReport struct {
	Findings []vetrun.Finding `json:"findings"`
	// Files are those that --fix changes.
	Files []vetFile `json:"files"`
}

// vetFile is a file that --fix changes, or with --dry-run would change.
type vetFile struct {
	Path string `json:"path"`
	Diff string `json:"diff"`
}

// vetter is one run of vet.
type vetter struct {
	*app
	report             *vetReport
	only               []string
	fix, dryRun, sarif bool
}

func (a *app) vet() verb {
	v := &vetter{app: a, report: &vetReport{Findings: []vetrun.Finding{}, Files: []vetFile{}}}
	cmd := &cobra.Command{
		Use:   "vet [PACKAGE ...]",
		Short: "Find in Go code what the next outage of a cluster will break",
		Long: "Find in Go code what the next outage of a cluster will break: calls that will hang, writes that will be lost or doubled,\n" +
			"processes that will end. PACKAGE is as for go vet (default: ./...); no code of yours is run. Exit code 1 if anything is found.\n" +
			"Write //failover:ignore ANALYZER reason on the line or above it where a finding is as it shall be. docs/vet.md has the reasons.\n" +
			"Analyzers: " + strings.Join(vetrun.Names(), ", ") + ".\n" +
			"The same as a tool of go vet: go vet -vettool=$(command -v failover-gen) ./...",
		Example: "  failover-gen vet\n  failover-gen vet --fix --dry-run ./internal/...\n  failover-gen vet --sarif ./... > vet.sarif",
		RunE:    v.run,
	}
	flags := cmd.Flags()
	flags.StringSliceVar(&v.only, "only", nil, "run these `ANALYZERS` only, separated by commas")
	flags.BoolVar(&v.fix, "fix", false, "repair what can be repaired safely: print the difference, then write it")
	flags.BoolVar(&v.dryRun, "dry-run", false, "with --fix: print the difference and write nothing")
	flags.BoolVar(&v.sarif, "sarif", false, "print a SARIF 2.1.0 document instead of text")
	return verb{cmd, v.report}
}

func (v *vetter) run(cmd *cobra.Command, packages []string) error {
	if err := v.check(); err != nil {
		return err
	}
	if len(packages) == 0 {
		packages = []string{"./..."}
	}
	request := vetrun.Request{Packages: packages, Only: v.only}
	findings, err := vetrun.Run(cmd.Context(), request)
	if cmd.Context().Err() != nil {
		return err
	}
	switch {
	case v.fix && err == nil:
		findings, err = v.repair(cmd, request, findings)
	case v.fix:
		v.warn([]string{"nothing is repaired while a package cannot be analysed"})
	}
	v.report.Findings = append(v.report.Findings, findings...)
	if v.sarif {
		fmt.Fprintln(v.Stdout, string(vetrun.SARIF(findings, version())))
	}
	var faults fault.List
	for _, f := range findings {
		faults = append(faults, f.Fault())
	}
	faults = append(faults, fault.All(err)...)
	if len(faults) == 0 && !v.sarif {
		v.say("nothing found")
	}
	return faults.ErrOrNil()
}

// check refuses flags that contradict each other, and analyzers that do not exist.
func (v *vetter) check() error {
	switch {
	case v.sarif && v.json:
		return fault.New(fault.Input, fault.Position{}, "--sarif and --json both ask for the document on standard output", "keep one")
	case v.dryRun && !v.fix:
		return fault.New(fault.Input, fault.Position{}, "--dry-run has no meaning without --fix", "add --fix, or drop it: vet alone changes nothing")
	}
	for _, name := range v.only {
		if !slices.Contains(vetrun.Names(), name) {
			return fault.New(fault.Input, fault.Position{}, "--only "+name+": there is no such analyzer",
				didYouMean("", near(name, vetrun.Names()), "say one of "+strings.Join(vetrun.Names(), ", ")))
		}
	}
	return nil
}

// repair shows what --fix changes, and writes it unless --dry-run is given. It
// returns the findings that are left.
func (v *vetter) repair(cmd *cobra.Command, request vetrun.Request, findings []vetrun.Finding) ([]vetrun.Finding, error) {
	repair, err := vetrun.Plan(cmd.Context(), request, findings)
	if err != nil {
		return findings, err
	}
	v.warn(repair.Skipped)
	for _, c := range repair.Changes {
		file := vetFile{c.File, string(diff.Diff(c.File, c.Old, c.File+" (repaired)", c.New))}
		v.report.Files = append(v.report.Files, file)
		if !v.sarif {
			v.printSource(file.Diff)
		}
	}
	if v.dryRun || len(repair.Changes) == 0 {
		return findings, nil
	}
	if err := repair.Write(); err != nil {
		return findings, err
	}
	return repair.Left, nil
}
