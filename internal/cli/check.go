package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
)

// checkReport is what check and diff say with --json.
type checkReport struct {
	Files []checkedFile `json:"files"`
}

// checkedFile is a file that is not as generate would make it.
type checkedFile struct {
	Project string     `json:"project"`
	Path    string     `json:"path"`
	Action  tree.State `json:"action"`
	Owner   tree.Owner `json:"owner"`
	Reason  string     `json:"reason,omitempty"`
	Diff    string     `json:"diff,omitempty"` // of diff only
}

// checker is check or diff: they find the same and show it differently.
type checker struct {
	*app
	report         *checkReport
	asDiff         bool
	requireSecrets bool
}

const checkHelp = "It reads failover.yaml, failover.lock and the files of the project, and nothing else: no bundle, no secret, no network.\n" +
	"Files are missing, outdated (generate would update them), edited (since they were generated), or unexpected.\n" +
	"A scaffolded file whose template has moved on is named, but it is yours and no finding."

func (a *app) check() verb {
	c := &checker{app: a, report: &checkReport{Files: []checkedFile{}}}
	cmd := &cobra.Command{
		Use:     "check [DIR ...]",
		Short:   "Say whether projects are as generate would make them, for CI",
		Long:    "Say whether the projects in DIR ... (default: here) are as generate would make them; exit code 1 if one is not.\n" + checkHelp,
		Example: "  failover-gen check orders billing\n  failover-gen check --require-secrets .",
		RunE:    c.run,
	}
	cmd.Flags().BoolVar(&c.requireSecrets, "require-secrets", false, "make a finding of each file of secrets that is absent")
	return verb{cmd, c.report}
}

func (a *app) diff() verb {
	c := &checker{app: a, report: &checkReport{Files: []checkedFile{}}, asDiff: true}
	cmd := &cobra.Command{
		Use:     "diff [DIR ...]",
		Short:   "Show what generate would change in projects, as a unified diff",
		Long:    "Show what generate would change in the projects in DIR ... (default: here), as a unified diff; exit code 1 if anything.\n" + checkHelp,
		Example: "  failover-gen diff orders\n  failover-gen diff --json orders billing",
		RunE:    c.run,
	}
	return verb{cmd, c.report}
}

func (c *checker) run(cmd *cobra.Command, dirs []string) error {
	if len(dirs) == 0 {
		dirs = []string{"."}
	}
	return each(cmd.Context(), c.app, dirs, func(a *app, dir string, of *checkReport) error {
		one := checker{app: a, report: of, asDiff: c.asDiff, requireSecrets: c.requireSecrets}
		return one.one(cmd, dir)
	}, func(of *checkReport) { c.report.Files = append(c.report.Files, of.Files...) })
}

// one checks one project.
func (c *checker) one(cmd *cobra.Command, dir string) error {
	r, err := existing(dir)
	if err != nil {
		return err
	}
	lock := filepath.Join(dir, spec.LockName)
	if r.Lock, err = spec.LoadLock(lock); errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(fault.Input, fault.In(filepath.ToSlash(lock)), "does not exist, and nothing can be checked without it", "take it from version control, or run generate "+shellWord(filepath.ToSlash(dir))+" where the bundles are", err)
	} else if err != nil {
		return err
	}
	r.LockOnly = true
	if r.Module, err = around(dir, r.Spec); err != nil {
		return err
	}
	project, err := generate.Project(cmd.Context(), r)
	if err != nil {
		return err
	}
	differences, absent, err := tree.Check(dir, &project.Want)
	if err != nil {
		return err
	}
	name := filepath.ToSlash(filepath.Clean(dir))
	var faults fault.List
	for _, d := range differences {
		c.tell(name, d)
		if d.State != tree.Moved {
			faults = append(faults, finding(name, d))
		}
	}
	for _, file := range absent {
		c.report.Files = append(c.report.Files, checkedFile{Project: name, Path: file, Action: "absent", Owner: tree.Secret, Reason: "secrets are not in version control"})
		if c.requireSecrets {
			faults = append(faults, fault.New(fault.Finding, fault.In(path.Join(name, file)), "is absent", "run generate "+shellWord(name)+" where the bundles are, or drop --require-secrets"))
		}
	}
	if c.asDiff && len(faults) > 0 {
		cause := "1 file is not as generate would make it"
		if len(faults) > 1 {
			cause = fmt.Sprintf("%d files are not as generate would make them", len(faults))
		}
		return fault.New(fault.Finding, fault.In(name), cause, "run generate "+shellWord(name)+", or undo the edits")
	}
	if !c.asDiff && len(faults) == 0 {
		c.say("%s: in step, %d files%s", name, len(project.Want.Files), absentSecrets(absent))
	}
	return faults.ErrOrNil()
}

func absentSecrets(absent []string) string {
	if len(absent) == 0 {
		return ""
	}
	return fmt.Sprintf("; absent secrets: %s", strings.Join(absent, ", "))
}

// tell reports a difference: diff as such, check what is no finding; the rest is in the errors.
func (c *checker) tell(name string, d tree.Difference) {
	shown := path.Join(name, d.Path) // a file of the module around a package begins with ..
	file := checkedFile{Project: name, Path: d.Path, Action: d.State, Owner: d.Owner, Reason: d.Reason}
	switch {
	case c.asDiff && d.Path == spec.LockName: // digests say nothing to a reader
		c.say("%s: %s", shown, d.Reason)
	case c.asDiff:
		file.Diff = string(diff.Diff(shown, d.Old, shown+" (generated)", d.New))
		c.printSource(file.Diff)
	case d.State == tree.Moved:
		c.say("%s: %s", shown, d.Reason)
	}
	c.report.Files = append(c.report.Files, file)
}

// finding is a difference as an error with its remedy.
func finding(name string, d tree.Difference) *fault.Fault {
	remedy := map[tree.State]string{
		tree.Missing:    "run generate " + shellWord(name),
		tree.Outdated:   "run generate " + shellWord(name),
		tree.Edited:     "undo the edit, or run generate " + shellWord(name) + " and compare with NAME.new",
		tree.Unexpected: "remove it, or move it to a folder of your own",
	}[d.State]
	return fault.New(fault.Finding, fault.In(path.Join(name, d.Path)), string(d.State)+": "+d.Reason, remedy)
}
