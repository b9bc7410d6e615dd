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

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/drill"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
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
	flags.StringVar(&r.from, "from", "", "Spring or Blueprint `FILE` of the client of a web service, in place of bundles")
	r.serviceFlags.bind(flags)
	r.bind(flags)
	flags.BoolVar(&r.yes, "yes", false, "ask nothing, and take the default of what no flag gives; a drill is run only with --drill")
	flags.BoolVar(&r.drill, "drill", false, "drill the project once it is written")
	flags.BoolVar(&r.noDrill, "no-drill", false, "do not offer to drill the project")
	flags.BoolVar(&r.plain, "plain", false, "ask in numbered lines, without moving the cursor")
	return verb{cmd, r.report}
}

// passwordHelp says where passwords of stores come from that are not in a bundle.
const passwordHelp = "The password of a store that its bundle lacks is taken from FAILOVER_N_KEYSTORE_PASSWORD, FAILOVER_N_KEY_PASSWORD or\n" +
	"FAILOVER_N_TRUSTSTORE_PASSWORD, each also as ..._FILE, where N is the number of the cluster.\n"

func (r *initRun) run(cmd *cobra.Command) error {
	r.note(cmd.Flags())
	r.edits = true
	if r.drill && r.noDrill {
		return fault.New(fault.Input, fault.Position{}, "--drill and --no-drill contradict each other", "keep one")
	}
	if err := r.checkKind(); err != nil {
		return err
	}
	if r.from != "" {
		if err := r.list(); err != nil {
			return err
		}
		if !r.isService() {
			return fault.New(fault.Input, fault.In(filepath.ToSlash(r.from)), "lists all clusters, which init does not ask for", "give it to generate --from")
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

// request asks for the project. In one that exists, a change of values leaves the
// rest of its failover.yaml as it is; another list of bundles writes it anew.
func (r *initRun) request() (generate.Request, error) {
	s, err := r.spec()
	if err != nil {
		return generate.Request{}, err
	}
	request := generate.Request{Spec: s, Bundles: r.bundles(), Passwords: r.wizard.Answers.Passwords}
	if r.existing == nil || s.Equal(r.existing) {
		return request, nil
	}
	same := func(a, b spec.Cluster) bool { return a.Bundle == b.Bundle && a.Entry == b.Entry }
	if slices.EqualFunc(s.Clusters, r.existing.Clusters, same) {
		request.Spec = r.existing
		return request, r.edit(r.out, &request)
	}
	request.SpecText = s.Marshal()
	return request, nil
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
	if r.existing != nil && r.yes {
		needed = nil
	}
	if !r.yes {
		needed = append(needed, "--module", "--standby", "--failback", "--secrets", "--out", "--yes")
	}
	needed = slices.DeleteFunc(needed, func(flag string) bool {
		return slices.Contains(r.given, flag) || flag == "--out" && r.existing != nil
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
		PasswordsOf: r.passwordsOf,
		Answers:     wizard.Answers{Module: r.module, Standby: r.standby, Failback: r.failback, Secrets: r.secrets, Out: r.out, Set: r.set},
	}
	r.wizard = w
	if r.existing != nil {
		w.Given = append(slices.Clone(w.Given), "--out")
		for _, c := range r.existing.Clusters {
			if c.Entry > 0 {
				return fault.New(fault.Input, fault.In(filepath.ToSlash(r.out)+"/"+spec.FileName), "lists the clusters of one source, which init does not ask for", "edit it, or change it with generate "+shellWord(filepath.ToSlash(r.out))+" and flags")
			}
			path, err := generate.Located(r.out, c.Bundle)
			if err != nil {
				return err
			}
			w.Located = append(w.Located, path)
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
	a := w.Answers
	r.primary, r.secondary = a.Bundles[0], a.Bundles[1:]
	r.module, r.standby, r.failback, r.secrets, r.out = a.Module, a.Standby, a.Failback, a.Secrets, a.Out
	was := new(spec.Spec)
	if r.existing != nil {
		was = r.existing
	}
	for _, x := range []struct{ flag, is, was string }{
		{"--module", a.Module, was.Module}, {"--standby", a.Standby, was.Failover.Standby},
		{"--failback", a.Failback, was.Failover.Failback}, {"--secrets", a.Secrets, was.Secrets},
	} {
		if x.is != x.was && !slices.Contains(r.given, x.flag) { // what stays is not written again
			r.given = append(r.given, x.flag)
		}
	}
	return nil
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
	if f, ok := underlying(r.Stdout).(*os.File); ok {
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			return min(width-1, most)
		}
	}
	return usual
}

// write shows what would be done, asks whether to do it, does it, and drills.
func (r *initRun) write(ctx context.Context, project *generate.Result) error {
	planned, err := tree.Apply(ctx, r.out, &project.Want, tree.Options{DryRun: true})
	if r.canAsk() || err != nil {
		r.tellPlan(project, planned)
	}
	if err != nil {
		return err
	}
	doWrite, doDrill := true, r.drill
	if planned.Changed() || r.existing == nil {
		if doWrite, doDrill, err = r.confirm(ctx); err != nil {
			return err
		}
	}
	if !doWrite {
		r.say("nothing was written")
		return nil
	}
	if err := r.writeNow(ctx, project); err != nil {
		return err
	}
	if doDrill {
		err = r.drillNow(ctx)
	}
	command := r.equivalent()
	r.report.Equivalent = strings.Join(command, " ")
	r.say("")
	r.say("run it:    cd %s && go run .", shellWord(filepath.ToSlash(r.out)))
	r.say("prove it:  failover-gen drill %s", shellWord(filepath.ToSlash(r.out)))
	r.say("the same without questions:")
	separator := " "
	if len(r.report.Equivalent)+len("  ") > r.width() {
		separator = " \\\n    "
	}
	r.print("  " + strings.Join(command, separator))
	return err
}

// writeNow writes the project, and says what was done.
func (r *initRun) writeNow(ctx context.Context, project *generate.Result) error {
	name := filepath.ToSlash(filepath.Clean(r.out))
	if r.canAsk() {
		r.progress = r.newProgress()
		r.progress.begin(name + ": writing")
		defer r.progress.end()
	}
	done, err := r.report.apply(ctx, r.out, project, tree.Options{})
	if err != nil {
		return err
	}
	if done.Changed() {
		r.say("\n%s: %s", name, countActions(done.Files, false))
	} else {
		r.say("\n%s: nothing to change", name)
	}
	for _, note := range project.Notes {
		r.tell("note: " + note)
	}
	r.warnOfWorkspace(r.out)
	return nil
}

// tell says a text in lines that fit the terminal.
func (r *initRun) tell(text string) {
	for _, line := range wizard.Wrapped(oneLine(text), "", r.width()) {
		r.say("%s", line)
	}
}

// confirm asks whether to write, and whether to drill then. Both are one question,
// so that leaving it leaves nothing behind.
func (r *initRun) confirm(ctx context.Context) (write, drill bool, err error) {
	if !r.canAsk() {
		return true, r.drill, nil
	}
	if r.drill || r.noDrill {
		write, err = r.wizard.Confirm("Write these files?", true)
		return write, r.drill, cmp.Or(ctx.Err(), err)
	}
	chosen, err := r.wizard.Select("Write these files?", []string{"yes, and drill the project at once", "yes", "no"}, 0)
	return chosen < 2, chosen == 0, cmp.Or(ctx.Err(), err)
}

// tellPlan lists the files, and for a project that exists the difference.
func (r *initRun) tellPlan(project *generate.Result, planned tree.Report) {
	name := filepath.ToSlash(filepath.Clean(r.out))
	if !planned.Changed() {
		return
	}
	r.say("\n%s: %s", name, countActions(planned.Files, true))
	files := folded(planned.Files)
	if r.existing == nil {
		var names []string
		for _, f := range files {
			names = append(names, f.Path)
		}
		r.print(strings.Join(wizard.Wrapped(oneLine(strings.Join(names, " ")), "  ", r.width()), "\n"))
		return
	}
	for _, f := range files {
		r.say("  %-8s %s", string(f.Action), f.Path)
	}
	differences, _, err := tree.Check(r.out, &project.Want)
	if err != nil {
		return // writing meets it again, and reports it
	}
	for _, d := range differences {
		if d.State != tree.Moved && d.Path != spec.LockName {
			r.printSource(string(diff.Diff(name+"/"+d.Path, d.Old, name+"/"+d.Path+" (as it will be)", d.New)))
		}
	}
}

// folded lists the files that change, with one line for all that are created in a
// folder below internal.
func folded(files []tree.FileReport) []tree.FileReport {
	var list []tree.FileReport
	for _, f := range files {
		if f.Action == tree.Keep || f.Action == tree.Absent {
			continue
		}
		if folder, rest, ok := strings.Cut(f.Path, "internal/"); ok && folder == "" && f.Action == tree.Create {
			if pkg, _, below := strings.Cut(rest, "/"); below {
				f.Path = "internal/" + pkg + "/"
			}
		}
		if len(list) == 0 || list[len(list)-1] != f {
			list = append(list, f)
		}
	}
	return list
}

// drillNow drills the project that was written.
func (r *initRun) drillNow(ctx context.Context) error {
	r.say("")
	o := drill.Options{Dir: r.out}
	o.OnNote = func(note string) { r.say("%s", note) }
	o.OnResult = func(result drill.Result) { r.tellResult(result) }
	defer r.steps(filepath.ToSlash(filepath.Clean(r.out)), &o)()
	done, err := drill.Run(ctx, o)
	r.report.Drill = done.Results
	if err != nil {
		return err
	}
	r.print(done.Closing())
	return verdict(done)
}

// equivalent is the command that does the same without questions, in its parts. It
// holds no secret: passwords that were typed are to be given in files.
func (r *initRun) equivalent() []string {
	parts := append(r.passwordFiles(), "failover-gen generate")
	if r.existing != nil { // failover.yaml has the answers now
		parts[len(parts)-1] += " " + shellWord(filepath.ToSlash(r.out))
		return parts
	}
	add := func(flag, value, preset string) {
		if value != preset {
			parts = append(parts, flag+" "+shellWord(value))
		}
	}
	add("--primary", r.primary, "")
	add("--from", r.from, "")
	for _, e := range r.endpoints {
		add("--endpoint", e, "")
	}
	for _, s := range r.servers {
		add("--registry-address", s, "")
	}
	add("--fabric-path", r.fabricPath, "")
	for _, s := range r.secondary {
		add("--secondary", s, "")
	}
	add("--out", r.out, "")
	module, _ := generate.DefaultModule(r.out)
	usual := spec.Default()
	add("--module", r.module, module)
	add("--map", cmp.Or(r.mapName, usual.Map), usual.Map)
	if !r.isService() {
		add("--standby", r.standby, usual.Failover.Standby)
		add("--failback", r.failback, usual.Failover.Failback)
	}
	add("--secrets", cmp.Or(r.secrets, usual.Secrets), usual.Secrets)
	for _, s := range r.set {
		add("--set", s, "")
	}
	return parts
}

// passwordFiles are the variables that name a file for each password which the
// bundles lack.
func (r *initRun) passwordFiles() (words []string) {
	for i, p := range r.wizard.Answers.Passwords {
		for _, x := range []struct {
			name  string
			given bool
		}{{"KEYSTORE", p.Keystore.Present()}, {"KEY", p.Key.Present()}, {"TRUSTSTORE", p.Truststore.Present()}} {
			if x.given {
				words = append(words, fmt.Sprintf("FAILOVER_%d_%s_PASSWORD_FILE=FILE", i+1, x.name))
			}
		}
	}
	return words
}

// isAbsent reports whether an error says that there is no such file.
func isAbsent(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR)
}
