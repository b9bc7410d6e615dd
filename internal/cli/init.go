package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/drill"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/wizard"
)

// initRun is one run of init.
type initRun struct {
	*app
	projectFlags
	yes, plain     bool
	drill, noDrill bool
	existing       *spec.Spec // what failover.yaml says, nil for a new project
	wizard         *wizard.Wizard
	report         *initReport
}

// initReport is what init says with --json.
type initReport struct {
	generateReport
	// Equivalent is the command that does the same without questions.
	Equivalent string         `json:"equivalent,omitempty"`
	Drill      []drill.Result `json:"drill,omitempty"`
}

func (a *app) init() verb {
	r := &initRun{app: a, report: &initReport{generateReport: generateReport{Files: []projectFile{}}}}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Ask what a project needs, show what the bundles hold, and write it",
		Long: "Ask for the client bundles of two or more clusters, show at once what each holds, ask what else the project needs, and\n" +
			"write it. Nothing is written before the list of files is confirmed. Ctrl-C or Ctrl-D leaves at any question.\n\n" +
			"If the first answer is the Spring or Blueprint file of a web service's client (Fuse Fabric), or with --kind webservice, the\n" +
			"questions are those of a web service: where its endpoints are listed, and how calls go on to the next.\n\n" +
			"Every question has a flag, and what is given by flag is not asked. --yes takes the default of every other question.\n" +
			"Without a terminal nothing is asked: what is missing is named by its flag. With --plain, or TERM=dumb, questions are\n" +
			"numbered lines, which a screen reader can read. In a folder with a failover.yaml, or with --out for such a folder, the\n" +
			"answers of that project are the defaults, and the difference is shown before it is written.\n\n" + passwordHelp + "\n" + setHelp(),
		Example: "  failover-gen init\n" +
			"  failover-gen init --plain --out orders\n" +
			"  failover-gen init --yes --primary primary.zip --secondary secondary.zip --out orders --drill",
		Args: atMost(0, "init takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			err := r.run(cmd)
			if errors.Is(err, wizard.ErrLeft) {
				a.leave()
			}
			return err
		},
	}
	flags := cmd.Flags()
	r.bindBundles(flags)
	flags.StringVar(&r.from, "from", "", "`SOURCE` of all clusters in order, or of the client of a web service, in place of bundles")
	r.serviceFlags.bind(flags)
	r.bind(flags)
	flags.BoolVar(&r.yes, "yes", false, "ask nothing, and take the default of what no flag gives; a drill is run only with --drill")
	flags.BoolVar(&r.drill, "drill", false, "drill the project once it is written")
	flags.BoolVar(&r.noDrill, "no-drill", false, "do not offer to drill the project")
	flags.BoolVar(&r.plain, "plain", false, "ask in numbered lines, without moving the cursor")
	return verb{cmd, r.report}
}

// passwordHelp says where secrets come from that are not in a bundle.
const passwordHelp = "A secret that a bundle lacks is taken from FAILOVER_N_TOKEN, FAILOVER_N_PASSWORD, FAILOVER_N_KEYSTORE_PASSWORD,\n" +
	"FAILOVER_N_KEY_PASSWORD or FAILOVER_N_TRUSTSTORE_PASSWORD, each also as ..._FILE, where N is the number of the cluster.\n"

func (r *initRun) run(cmd *cobra.Command) error {
	r.note(cmd.Flags())
	r.edits = true
	r.noColor = r.noColor || r.plain // a screen reader would read codes aloud
	if r.drill && r.layout == spec.LayoutPackage {
		return wizard.PackageNotDrilled()
	}
	if r.drill && r.noDrill {
		return fault.New(fault.Input, fault.Position{}, "--drill and --no-drill contradict each other", "keep one")
	}
	if err := r.checkKind(); err != nil {
		return err
	}
	if r.from != "" {
		if err := r.list(r.passwordsOf); err != nil {
			return err
		}
		for _, flag := range []string{"--primary", "--secondary"} {
			if !r.isService() && slices.Contains(r.given, flag) {
				return fromBeside(flag)
			}
		}
	}
	if err := r.openExisting(); err != nil {
		return err
	}
	if err := r.missing(); err != nil {
		return err
	}
	ctx := cmd.Context()
	if err := r.ask(ctx); err != nil {
		return err
	}
	request, err := r.request()
	if err != nil {
		return err
	}
	project, err := r.project(ctx, r.out, request, false)
	if err != nil {
		return err
	}
	if !r.canAsk() { // otherwise they were shown with the bundles
		r.warn(project.Warnings)
	}
	return r.write(ctx, project)
}

// request asks for the project. In one that exists, what the answers change is edited
// in failover.yaml, and the rest of it stays as it is.
func (r *initRun) request() (generate.Request, error) {
	s, err := r.spec()
	if err != nil {
		return generate.Request{}, err
	}
	request := generate.Request{Spec: s, Bundles: r.bundles(), Passwords: r.wizard.Answers.Passwords, Tune: r.existing == nil}
	if r.existing == nil || s.Equal(r.existing) {
		return request, nil
	}
	path := filepath.Join(r.out, spec.FileName)
	text, err := os.ReadFile(path)
	if err != nil {
		return request, err
	}
	if request.SpecText, err = spec.EditClusters(filepath.ToSlash(path), text, s.Clusters); err != nil {
		return request, err
	}
	if request.Spec, err = spec.Parse(filepath.ToSlash(path), request.SpecText); err != nil {
		return request, err
	}
	return request, r.edit(r.out, &request)
}

// openExisting finds out whether there is a project already: in the folder that
// --out names, or here.
func (r *initRun) openExisting() error {
	dir := cmp.Or(r.out, ".")
	s, err := spec.Load(filepath.Join(dir, spec.FileName))
	switch {
	case err != nil && !isAbsent(err):
		return err
	case err == nil && (r.isService() || s.Kind == spec.KindWebservice):
		return fault.New(fault.Input, fault.In(filepath.ToSlash(filepath.Join(dir, spec.FileName))), "is there already, and init asks for new projects of a web service only",
			"edit it, or change it with generate "+shellWord(filepath.ToSlash(dir))+" and flags")
	case err == nil:
		r.existing, r.out = s, dir
	}
	return nil
}

// missing names the flags of the questions that cannot be asked.
func (r *initRun) missing() error {
	if r.canAsk() {
		return nil
	}
	if r.isService() {
		return r.missingOfServiceToAsk()
	}
	needed := []string{"--primary", "--secondary"}
	if r.from != "" || r.existing != nil && r.yes {
		needed = nil
	}
	if !r.yes {
		if _, err := generate.ModuleAround(cmp.Or(r.out, "failover")); err == nil {
			needed = append(needed, "--layout")
		}
		needed = append(needed, "--module", "--standby", "--failback", "--secrets", "--out", "--yes")
	}
	needed = slices.DeleteFunc(needed, func(flag string) bool {
		return slices.Contains(r.given, flag) || (flag == "--out" || flag == "--layout") && r.existing != nil || flag == "--module" && r.layout == spec.LayoutPackage
	})
	if len(needed) == 0 {
		return nil
	}
	cause := "there is no terminal to ask on; missing: "
	switch {
	case r.yes:
		cause = "missing: "
	case r.json:
		cause = "nothing is asked with --json; missing: "
	}
	remedy := "give the client bundles of two clusters"
	if !r.yes {
		remedy = "give these flags, or --primary, --secondary and --yes, which takes the default of every other question"
	}
	return fault.New(fault.Input, fault.Position{}, cause+strings.Join(needed, ", "), remedy)
}

// canAsk reports whether questions are asked.
func (r *initRun) canAsk() bool {
	return !r.yes && !r.json && wizard.CanPrompt(r.Stdin, underlying(r.Stdout))
}

// ask asks for what no flag gives.
func (r *initRun) ask(ctx context.Context) error {
	w := &wizard.Wizard{
		Prompter: r.prompter(ctx), Width: r.width(), Now: r.Now(), Home: cmp.Or(r.Getenv("HOME"), r.Getenv("USERPROFILE")),
		Say: func(line string) { r.say("%s", line) }, Given: r.given, Existing: r.existing,
		PasswordsOf: r.passwordsOf, Drill: r.drill,
		Answers: wizard.Answers{From: r.from, Layout: r.layout, Module: r.module, Standby: r.standby, Failback: r.failback, Secrets: r.secrets, Out: r.out, Set: r.set},
	}
	r.wizard = w
	if r.existing != nil {
		w.Given = append(slices.Clone(w.Given), "--out")
		if err := r.locate(); err != nil {
			return err
		}
	}
	if r.primary != "" {
		w.Answers.Bundles = append(w.Answers.Bundles, r.primary)
	}
	w.Answers.Bundles = append(w.Answers.Bundles, r.secondary...)
	r.welcome()
	ask := w.Ask
	if r.isService() {
		ask = r.askService
	}
	err := ask(ctx)
	if errors.Is(err, wizard.ErrService) && r.existing == nil {
		return r.askService(ctx)
	}
	if err != nil || r.isService() {
		return err
	}
	return r.take()
}

// locate tells the wizard where the bundles of the existing project lie.
func (r *initRun) locate() error {
	if r.existing.Layout == spec.LayoutPackage && r.drill {
		return wizard.PackageNotDrilled()
	}
	for _, c := range r.existing.Clusters {
		if c.Entry > 0 {
			return fault.New(fault.Input, fault.In(filepath.ToSlash(r.out)+"/"+spec.FileName), "lists the clusters of one source, which init does not ask for", "edit it, or change it with generate "+shellWord(filepath.ToSlash(r.out))+" and flags")
		}
		path, err := generate.Located(r.out, c.Bundle)
		if err != nil {
			return err
		}
		r.wizard.Located = append(r.wizard.Located, path)
	}
	return nil
}

// take makes flags of the answers. They can name the folder of a project, which then
// is changed as they say.
func (r *initRun) take() error {
	a := r.wizard.Answers
	r.layout, r.module, r.standby, r.failback, r.secrets, r.out, r.set = a.Layout, a.Module, a.Standby, a.Failback, a.Secrets, a.Out, a.Set
	if r.existing == nil {
		if err := r.openExisting(); err != nil {
			return err
		}
		if r.existing != nil {
			if err := r.locate(); err != nil {
				return err
			}
		}
	}
	if err := r.takeSources(a); err != nil {
		return err
	}
	was := new(spec.Spec)
	if r.existing != nil {
		was = r.existing
	}
	for _, x := range []struct{ flag, is, was string }{
		{"--layout", a.Layout, was.Layout}, {"--module", a.Module, was.Module}, {"--standby", a.Standby, was.Failover.Standby},
		{"--failback", a.Failback, was.Failover.Failback}, {"--secrets", a.Secrets, was.Secrets},
	} {
		if x.is != x.was && !slices.Contains(r.given, x.flag) { // what stays is not written again
			r.given = append(r.given, x.flag)
		}
	}
	return nil
}

// takeSources makes flags of the bundles, or of the source that lists all clusters.
func (r *initRun) takeSources(a wizard.Answers) error {
	if a.From == "" {
		r.primary, r.secondary = a.Bundles[0], a.Bundles[1:]
		return nil
	}
	if r.existing != nil {
		return fault.New(fault.Input, fault.In(filepath.ToSlash(r.out)), "holds a project already, and init takes a source of all clusters for new projects only",
			"give another folder, or change the project with generate "+shellWord(filepath.ToSlash(r.out))+" and flags")
	}
	if r.from == "" {
		r.from, r.given = a.From, append(r.given, "--from")
	}
	return r.list(r.passwordsOf)
}

// welcome says what is going to happen.
func (r *initRun) welcome() {
	if !r.canAsk() {
		return
	}
	lost := "a cluster"
	if r.isService() {
		lost = "an endpoint"
	}
	text := "This writes a Go project that goes on when " + lost + " is lost. Nothing is written before you confirm. Ctrl-C leaves."
	if r.existing != nil {
		text = fmt.Sprintf("There is a project in %s: its answers are the defaults. Nothing is written before you confirm. Ctrl-C leaves.", filepath.ToSlash(r.out))
	}
	r.tell(text)
}

// prompter chooses how questions are asked.
func (r *initRun) prompter(ctx context.Context) wizard.Prompter {
	in, _ := r.Stdin.(*os.File)
	out, _ := underlying(r.Stdout).(*os.File)
	switch {
	case !r.canAsk():
		return wizard.Defaults{}
	case r.plain || r.Getenv("TERM") == "dumb":
		return wizard.InLines(ctx, in, out)
	}
	return wizard.InTerminal(ctx, in, out, !r.noColor && r.wantsColour(r.Stdout))
}

// width is how wide lines are: less than the terminal, or as usual text.
func (r *initRun) width() int {
	const usual, most = 80, 120
	if columns := r.columns(); columns > 0 {
		return min(columns, most)
	}
	return usual
}

// isAbsent reports whether an error says that there is no such file.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
