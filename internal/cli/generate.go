package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
)

type generateFlags struct {
	projectFlags
	dryRun, force bool
	take          []string
}

// generateReport is what generate says with --json.
type generateReport struct {
	Files []projectFile `json:"files"`
	// Notes are what the user has to know or do besides.
	Notes []string `json:"notes,omitempty"`
	// Replaced lists the stores that the bundle's replaced.
	Replaced []replacedStore `json:"replaced,omitempty"`
}

// projectFile is a file of one of the projects given.
type projectFile struct {
	Project string `json:"project"`
	tree.FileReport
}

func (a *app) generate() verb {
	var f generateFlags
	report := &generateReport{Files: []projectFile{}}
	cmd := &cobra.Command{
		Use: "generate --primary BUNDLE --secondary BUNDLE [--secondary BUNDLE ...] --out DIR\n  failover-gen generate --from SOURCE --out DIR\n" +
			"  failover-gen generate --endpoint URL --endpoint URL [--endpoint URL ...] --out DIR\n  failover-gen generate [--registry-address HOST:PORT ...] --fabric-path PATH --out DIR\n" +
			"  failover-gen generate [DIR ...]",
		Short: "Write a Go project from client bundles, or update existing projects from their failover.yaml",
		Long: "Write a Go project from the client bundles of two or more clusters, in order of preference.\n" +
			"A bundle is the .zip or .tar.gz that the console handed out, or the directory unpacked from it.\n" +
			"A source is a file or a bundle that holds the whole ordered list: a Java file with a ClientFailoverConfig.\n\n" +
			"A source can also be a Spring or Blueprint file with the FabricFailOverFeature of Fuse Fabric. Then the project calls a\n" +
			"web service, whose endpoints ZooKeeper lists. Without such a file, --endpoint gives the endpoints themselves, and\n" +
			"--fabric-path says where ZooKeeper lists them.\n\n" +
			"With folders instead of bundles, existing projects are generated again from their failover.yaml.\n" +
			"What you wrote is never lost: edited files are kept, and the new text is put beside them as NAME.new.\n\n" + passwordHelp + "\n" + setHelp(),
		Example: "  failover-gen generate --primary primary.zip --secondary secondary.zip --out orders\n" +
			"  failover-gen generate --primary a.zip --secondary b.zip --out orders --set 2.alias=client\n" +
			"  failover-gen generate --from FailoverClient.java --out orders\n" +
			"  failover-gen generate --from fabric.xml --out foo\n" +
			"  failover-gen generate --endpoint http://a:8185/Foo --endpoint http://b:8185/Foo --out foo --set failover.select=first\n" +
			"  failover-gen generate --dry-run orders billing",
		RunE: func(cmd *cobra.Command, args []string) error { return a.runGenerate(cmd, &f, args, report) },
	}
	flags := cmd.Flags()
	f.bindBundles(flags)
	flags.StringVar(&f.from, "from", "", "`SOURCE` of all clusters in order, in place of --primary and --secondary")
	f.serviceFlags.bind(flags)
	f.bind(flags)
	flags.BoolVar(&f.dryRun, "dry-run", false, "list what would change, and touch nothing")
	flags.BoolVar(&f.force, "force", false, "overwrite generated files that were edited, and take the bundle's secrets where both changed")
	flags.StringArrayVar(&f.take, "take", nil, "write the scaffolded file `NAME` again from its template, whatever you made of it; may be repeated")
	return verb{cmd, report}
}

func (a *app) runGenerate(cmd *cobra.Command, f *generateFlags, dirs []string, report *generateReport) error {
	f.note(cmd.Flags())
	if err := f.checkKind(); err != nil && len(dirs) == 0 {
		return err
	}
	switch {
	case len(f.given) == 0 && len(dirs) == 0:
		dirs = []string{"."}
		if _, err := spec.Load(spec.FileName); errors.Is(err, fs.ErrNotExist) {
			return f.missing()
		}
	case len(dirs) > 0 && f.isNew():
		return f.notBoth(dirs)
	case len(dirs) > 0: // the flags, if there are any, change failover.yaml
	case len(f.given) > 0:
		if err := f.missing(); err != nil {
			return err
		}
		if err := f.list(a.passwordsOf); err != nil {
			return err
		}
		s, err := f.spec()
		if err != nil {
			return err
		}
		return a.generateProject(cmd.Context(), f.out, generate.Request{Spec: s, Bundles: f.bundles(), Tune: f.isFresh}, f, report)
	}
	return each(cmd.Context(), a, dirs, func(a *app, dir string, of *generateReport) error {
		return a.regenerate(cmd.Context(), dir, f, of)
	}, func(of *generateReport) {
		report.Files = append(report.Files, of.Files...)
		report.Notes = append(report.Notes, of.Notes...)
		report.Replaced = append(report.Replaced, of.Replaced...)
	})
}

// notBoth refuses arguments beside the flags of a new project. Bundles among them
// are told their flags.
func (f *projectFlags) notBoth(args []string) error {
	if slices.ContainsFunc(args, func(arg string) bool { return !looksLikeBundle(arg) }) {
		return fault.New(fault.Input, fault.Position{},
			fmt.Sprintf("%s is for a new project, and does not go with folders of existing ones (%s)", f.given[0], strings.Join(args, ", ")),
			"give bundles and --out for a new project, or folders alone")
	}
	var flags []string
	for i, arg := range args {
		flag := "--secondary "
		if i == 0 && f.primary == "" {
			flag = "--primary "
		}
		flags = append(flags, flag+shellWord(arg))
	}
	return fault.New(fault.Input, fault.Position{},
		fmt.Sprintf("generate takes bundles by flags, which say in which order they are preferred, and not as arguments (%s)", strings.Join(args, ", ")),
		"write "+strings.Join(flags, " "))
}

// looksLikeBundle reports whether an argument is a file, or is named like one
// that a bundle can be.
func looksLikeBundle(arg string) bool {
	if info, err := os.Stat(arg); err == nil {
		return info.Mode().IsRegular()
	}
	return bundle.IsSource(arg) || slices.ContainsFunc([]string{".zip", ".tar.gz", ".tgz"}, func(ending string) bool { return strings.HasSuffix(arg, ending) })
}

// missing names the flags that a new project needs and that are not there.
func (f *projectFlags) missing() error {
	switch {
	case f.from != "":
		return f.missingBesideFrom()
	case f.isService():
		return f.missingOfService()
	}
	var names []string
	for _, m := range []struct {
		name   string
		absent bool
	}{{"--primary", f.primary == ""}, {"--secondary", len(f.secondary) == 0 || slices.Contains(f.secondary, "")}, {"--out", f.out == ""}} {
		if m.absent {
			names = append(names, m.name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return fault.New(fault.Input, fault.Position{},
		"missing: "+strings.Join(names, ", "),
		"give the client bundles of two clusters and a folder, or the folder of an existing project")
}

// regenerate generates one existing project from its failover.yaml.
func (a *app) regenerate(ctx context.Context, dir string, f *generateFlags, report *generateReport) error {
	r, err := existing(dir)
	if err != nil {
		return err
	}
	if err := f.edit(dir, &r); err != nil {
		return err
	}
	r.Take = append(r.Take, f.take...)
	return a.generateProject(ctx, dir, r, f, report)
}

// existing asks for the project in dir again, by its failover.yaml.
func existing(dir string) (generate.Request, error) {
	r := generate.Request{InSpec: true}
	path := filepath.Join(dir, spec.FileName)
	s, err := spec.Load(path)
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return r, fault.Wrap(fault.Input, fault.In(filepath.ToSlash(dir)),
			"is not a folder",
			"give the folder of a project, or bundles by --primary and --secondary", err)
	case errors.Is(err, fs.ErrNotExist):
		return r, fault.Wrap(fault.Input, fault.In(filepath.ToSlash(path)),
			"does not exist, so this is not a project of failover-gen",
			"give the folder of a project, or --primary, --secondary and --out for a new one", err)
	case err != nil:
		return r, err
	}
	r.Spec = s
	for _, source := range s.Sources() {
		b, err := generate.Located(dir, source.Path)
		if err != nil {
			return r, err
		}
		r.Bundles = append(r.Bundles, b)
	}
	return r, generate.Outside(dir, r.Bundles)
}

// generateProject makes dir hold the project that is asked for.
func (a *app) generateProject(ctx context.Context, dir string, r generate.Request, f *generateFlags, report *generateReport) error {
	if err := tree.Resume(ctx, dir, f.dryRun); err != nil {
		return err
	}
	project, err := a.project(ctx, dir, r, f.force)
	if err != nil {
		return err
	}
	a.warn(project.Warnings)
	done, err := report.apply(ctx, dir, project, tree.Options{Force: f.force, DryRun: f.dryRun})
	if len(done.Files) > 0 {
		a.tellGenerated(dir, project, done, report.Replaced, f.dryRun)
		a.warnOfWorkspace(moduleOf(dir, project))
	}
	return err
}

// project makes the project that is asked for in memory, with the lock of the one
// in dir. A lock that cannot be read is an error unless force is given.
func (a *app) project(ctx context.Context, dir string, r generate.Request, force bool) (*generate.Result, error) {
	var err error
	if r.Lock, err = spec.LoadLock(filepath.Join(dir, spec.LockName)); err != nil && !force && !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR) {
		return nil, err
	}
	for n := len(r.Passwords); n < len(r.Spec.Clusters); n++ {
		given, err := a.passwordsOf(n + 1)
		if err != nil {
			return nil, err
		}
		r.Passwords = append(r.Passwords, given)
	}
	if r.Module, err = around(dir, r.Spec); err != nil {
		return nil, err
	}
	return generate.Project(ctx, r)
}

// around is the module that a package lies in; nil for a project.
func around(dir string, s *spec.Spec) (*generate.Module, error) {
	if s.Layout != spec.LayoutPackage {
		return nil, nil
	}
	return generate.ModuleAround(dir)
}

// passwordsOf takes from the environment the secrets of cluster n that a bundle may
// lack. Their variables are those of the project.
func (a *app) passwordsOf(n int) (p bundle.Passwords, err error) {
	for _, x := range []struct {
		name string
		into *bundle.Secret
	}{
		{"KEYSTORE_PASSWORD", &p.Keystore}, {"KEY_PASSWORD", &p.Key}, {"TRUSTSTORE_PASSWORD", &p.Truststore},
		{"TOKEN", &p.Token}, {"PASSWORD", &p.Password},
	} {
		variable := fmt.Sprintf("FAILOVER_%d_%s", n, x.name)
		value, found, err := a.secret(variable)
		if err != nil {
			return p, err
		}
		if found {
			*x.into = bundle.NewSecret(value, fault.In(variable))
		}
	}
	return p, nil
}

// apply makes dir hold a project, and reports it.
func (r *generateReport) apply(ctx context.Context, dir string, project *generate.Result, o tree.Options) (tree.Report, error) {
	stores := replacedStores(dir, &project.Want)
	done, err := tree.Apply(ctx, dir, &project.Want, o)
	r.Replaced = append(r.Replaced, among(stores, done.Files)...)
	for _, file := range done.Files {
		r.Files = append(r.Files, projectFile{filepath.ToSlash(dir), file})
	}
	if len(done.Files) > 0 {
		r.Notes = append(r.Notes, project.Notes...)
	}
	return done, err
}

// tellGenerated says in a few lines what was done, or with a dry run what would be:
// what changes first, then how many files stay as they are.
func (a *app) tellGenerated(dir string, p *generate.Result, r tree.Report, replaced []replacedStore, dryRun bool) {
	name := filepath.ToSlash(filepath.Clean(dir))
	ofModule := func(f tree.FileReport) bool { return p.Want.Around != nil && strings.HasPrefix(f.Path, "../") }
	isNew := !slices.ContainsFunc(r.Files, func(f tree.FileReport) bool { return f.Action != tree.Create && !ofModule(f) })
	start := name + ": "
	if dryRun {
		start += "dry run, nothing was touched: "
	}
	switch {
	case !r.Changed():
		a.say("%snothing to change, %d files are as they should be", start, len(r.Files))
	case isNew && !dryRun:
		a.say("%screated, %d files", start, len(r.Files))
	default:
		a.say("%s%s", start, countActions(r.Files, dryRun))
	}
	for _, f := range r.Files {
		if f.Told || f.Action != tree.Keep && f.Action != tree.Absent && (!isNew || dryRun || ofModule(f)) {
			action := styled(fmt.Sprintf("%-8s", f.Action))
			if f.Action == tree.Conflict {
				action = a.colour("31", string(action))
			}
			a.say("  %s %s", action, strings.TrimRight(fmt.Sprintf("%-10s %s  %s", f.Owner, f.Path, f.Reason), " "))
			a.tellReplaced(replaced, f.Path)
		}
	}
	a.tellAbsent(r)
	for _, note := range p.Notes {
		a.say("  note: %s", note)
	}
	if !isNew || dryRun {
		return
	}
	for _, line := range p.Summary {
		a.say("  %s", line)
	}
	a.tellNext(name, p)
}

// tellAbsent names the files that are not there and are not told of one by one, with
// one line for each reason.
func (a *app) tellAbsent(r tree.Report) {
	names := make(map[tree.FileReport][]string)
	var kinds []tree.FileReport
	for _, f := range r.Files {
		kind := tree.FileReport{Owner: f.Owner, Reason: f.Reason}
		if f.Action != tree.Absent || f.Told {
			continue
		}
		if names[kind] == nil {
			kinds = append(kinds, kind)
		}
		names[kind] = append(names[kind], f.Path)
	}
	for _, kind := range kinds {
		a.say("  %-8s %-10s %s  %s", string(tree.Absent), string(kind.Owner), strings.Join(names[kind], ", "), kind.Reason)
	}
}

// tellNext says how to go on with a project that was written.
func (a *app) tellNext(name string, p *generate.Result) {
	if p.Want.Around != nil {
		a.say("use it:    import %q\nprove it:  failover-gen drill %s --main FOLDER\n           where FOLDER holds a program that imports it", p.Want.Module, shellWord(name))
		return
	}
	enter := "cd " + shellWord(name) + " && "
	if name == "." {
		enter = ""
	}
	a.say("run it:    %sgo run .\nprove it:  failover-gen drill %s", enter, shellWord(name))
}

// countActions says how many files each action concerns.
func countActions(files []tree.FileReport, dryRun bool) string {
	counts := make(map[tree.Action]int)
	for _, f := range files {
		counts[f.Action]++
	}
	var parts []string
	for _, x := range []struct {
		action     tree.Action
		done, will string
	}{
		{tree.Create, "created", "to create"}, {tree.Update, "updated", "to update"}, {tree.Remove, "removed", "to remove"},
		{tree.Conflict, "in conflict", "in conflict"}, {tree.Absent, "absent", "absent"}, {tree.Keep, "unchanged", "unchanged"},
	} {
		words := x.done
		if dryRun {
			words = x.will
		}
		if n := counts[x.action]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, words))
		}
	}
	return strings.Join(parts, ", ")
}

// shellWord is text as one word of a shell.
func shellWord(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_./", r)
	}) {
		return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
	}
	return text
}
