package cli

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/drill"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
	"github.com/failover-gen/failover-gen/internal/wizard"
)

// write shows what would be done, asks whether to do it, does it, and drills.
func (r *initRun) write(ctx context.Context, project *generate.Result) error {
	planned, err := tree.Apply(ctx, r.out, &project.Want, tree.Options{DryRun: true})
	if r.canAsk() || r.existing != nil || err != nil {
		r.tellPlan(project, planned)
	}
	inTheWay := planned.Changed() && fault.ExitCode(err) == int(fault.Finding) // the writing tells what becomes of it
	if err != nil && !inTheWay {
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
	r.tellNext(filepath.ToSlash(r.out), project)
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
		r.progress.begin(name+": writing", nil)
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
	r.warnOfWorkspace(moduleOf(r.out, project))
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
	if r.drill || r.noDrill || r.layout == spec.LayoutPackage {
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
	replaced := among(replacedStores(r.out, &project.Want), planned.Files)
	for _, f := range files {
		r.say("  %-8s %s", string(f.Action), f.Path)
		r.tellReplaced(replaced, f.Path)
	}
	differences, _, err := tree.Check(r.out, &project.Want)
	if err != nil {
		return // writing meets it again, and reports it
	}
	for _, d := range differences {
		if d.State != tree.Moved && d.Path != spec.LockName {
			shown := path.Join(name, d.Path)
			r.printSource(string(diff.Diff(shown, d.Old, shown+" (as it will be)", d.New)))
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
	r.tellResults(done)
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
	usual := spec.Default()
	add("--layout", cmp.Or(r.layout, usual.Layout), usual.Layout)
	module, _ := r.defaultModule()
	add("--module", r.module, module)
	add("--map", cmp.Or(r.mapName, usual.Map), usual.Map)
	if !r.isService() {
		add("--standby", r.standby, usual.Failover.Standby)
		add("--failback", r.failback, usual.Failover.Failback)
	}
	add("--pin", cmp.Or(r.pinBy, usual.Pin), usual.Pin)
	add("--metrics", cmp.Or(r.metrics, usual.Metrics), usual.Metrics)
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
