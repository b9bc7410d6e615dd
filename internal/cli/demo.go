package cli

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/drill"
	"github.com/failover-gen/failover-gen/internal/drill/page"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/inspect"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
)

// demoReport is what demo says with --json.
type demoReport struct {
	Bundles []inspect.Report `json:"bundles"`
	Files   []string         `json:"files"`
	Drill   demoDrill        `json:"drill"`
	Page    string           `json:"report,omitempty"` // the file of --report, once it is written
}

type demoDrill struct {
	Results []drill.Result `json:"results"`
}

// demoProject is the project's folder below the one that --keep names. The bundles
// lie beside it.
const demoProject = "project"

// demoKind is what the demo does for one kind of project.
type demoKind struct {
	name     string
	scenario string
	begins   string // what is said before the drill
	// sources makes what the project is generated from below a folder, tells of it, and
	// returns the spec with the paths of the sources.
	sources func(a *app, work string, report *demoReport) (*spec.Spec, []string, error)
	parts   func(*generate.Result) [][2]string // which files are told of, and what is in them
	tell    func(*app, drill.Result, *generate.Result)
}

var demoKinds = map[string]demoKind{
	spec.KindHazelcast: {spec.KindHazelcast, "kill", "now the project is built and runs against a stand-in of each cluster; the primary will be killed ...",
		(*app).demoBundles, bundleParts, (*app).tellClusters},
	spec.KindWebservice: {spec.KindWebservice, "story", "now the project is built and calls two stand-in endpoints; the master will be killed and restarted, then the second killed ...",
		(*app).demoFabric, fabricParts, (*app).tellEndpoints},
}

func (a *app) demo() verb {
	var keep, kind, file string
	report := &demoReport{Bundles: []inspect.Report{}, Files: []string{}, Drill: demoDrill{[]drill.Result{}}}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole way: two bundles in, a project out, the primary killed, the project goes on writing",
		Long: "Make two client bundles in the console's shape, generate a project from them, build it, run it against stand-in\n" +
			"clusters on this machine, and kill the primary. With --kind webservice, do the same with a Blueprint file of Fuse\n" +
			"Fabric and with endpoints. Everything is removed at the end, unless --keep says otherwise.\n" +
			"The demo needs Go and the modules of the project. It needs neither a cluster nor Java.",
		Example: "  failover-gen demo\n  failover-gen demo --kind webservice\n  failover-gen demo --keep demo-folder --report demo.html",
		Args:    atMost(0, "demo takes no arguments"),
		RunE: func(cmd *cobra.Command, _ []string) error {
			of, ok := demoKinds[kind]
			if !ok {
				return fault.New(fault.Input, fault.Position{}, fmt.Sprintf("--kind %s: there is no such kind", kind), "give "+strings.Join(spec.Kinds(), " or "))
			}
			if err := checkPage(file); err != nil {
				return err
			}
			return a.runDemo(cmd.Context(), of, keep, file, report)
		},
	}
	cmd.Flags().StringVar(&keep, "keep", "", "keep the bundles and the project in this folder, which must not exist yet")
	cmd.Flags().StringVar(&kind, "kind", spec.KindHazelcast, "the `KIND` of project: "+strings.Join(spec.Kinds(), " or "))
	bindReport(cmd.Flags(), &file)
	return verb{cmd, report}
}

// runDemo works in a temporary folder. With --keep it is renamed at the end.
func (a *app) runDemo(ctx context.Context, of demoKind, keep, file string, report *demoReport) (err error) {
	work, finish, err := demoFolder(ctx, keep)
	if err != nil {
		return err
	}
	defer finish()
	project, err := a.demoGenerate(ctx, of, work, report)
	if err != nil {
		return err
	}
	dir := filepath.Join(work, demoProject)
	a.say("\n%s", of.begins)
	var notes []string
	o := drill.Options{Dir: dir, Scenarios: []string{of.scenario}, OnNote: func(note string) { notes = append(notes, note) }}
	defer a.steps("demo", &o)()
	done, err := drill.Run(ctx, o)
	if err != nil {
		return err
	}
	report.Drill.Results = append(report.Drill.Results, done.Results...)
	for _, r := range done.Results {
		of.tell(a, r, project)
		for _, f := range r.Failures {
			a.say("  %s", a.colour("31", oneLine("failed: "+f)))
		}
	}
	if keep != "" {
		if err := errors.Join(os.Chmod(work, 0o755), os.Rename(work, keep)); err != nil {
			return fault.Wrap(fault.Environment, fault.In(filepath.ToSlash(keep)), "cannot be created: "+err.Error(), "give --keep another folder", err)
		}
		a.say("\nkept: %s/bundles and %s/%s", filepath.ToSlash(keep), filepath.ToSlash(keep), demoProject)
	}
	done.Project = "the demo"
	report.Page, err = a.writePage(file, done, page.About{Command: of.again(keep, done.Seed), Notes: notes, Version: version()})
	done.Project = ""
	return append(fault.All(err), fault.All(verdict(done))...).ErrOrNil()
}

// again is the command that drills a project like that of the demo, or the one that was
// kept, with the same seed.
func (of demoKind) again(keep string, seed uint64) string {
	o := drill.Options{Dir: filepath.Join(cmp.Or(keep, "demo-folder"), demoProject), Scenarios: []string{of.scenario}, Repeat: 1, Writers: 1}
	if keep != "" {
		return again(o, seed)
	}
	return fmt.Sprintf("failover-gen demo --kind %s --keep demo-folder && %s", of.name, again(o, seed))
}

// demoFolder makes a folder to work in. Where it is to be kept it lies beside its
// place, and the next demo or generate removes it there if this one is killed.
func demoFolder(ctx context.Context, keep string) (work string, finish func(), err error) {
	if keep == "" {
		work, err := os.MkdirTemp("", "failover-demo-")
		if err != nil {
			return "", nil, fault.Wrap(fault.Environment, fault.Position{}, "a folder to work in cannot be made: "+err.Error(), "check the permissions and the space of the disk, or set TMPDIR", err)
		}
		return work, func() { os.RemoveAll(work) }, nil
	}
	if _, err := os.Lstat(keep); err == nil {
		return "", nil, fault.New(fault.Input, fault.In(filepath.ToSlash(keep)), "exists already", "give --keep a folder that does not exist yet")
	}
	stage, err := tree.NewStage(ctx, keep)
	if err != nil {
		return "", nil, err
	}
	work = stage.Folder("demo")
	if err := os.Mkdir(work, 0o700); err != nil {
		stage.Release()
		return "", nil, fault.Wrap(fault.Environment, fault.In(filepath.ToSlash(keep)), "cannot be created: "+err.Error(), "give --keep another folder", err)
	}
	return work, stage.Release, nil
}

// demoGenerate makes the sources in work, and a project from them.
func (a *app) demoGenerate(ctx context.Context, of demoKind, work string, report *demoReport) (*generate.Result, error) {
	if err := os.Mkdir(filepath.Join(work, "bundles"), 0o755); err != nil {
		return nil, err
	}
	s, sources, err := of.sources(a, work, report)
	if err != nil {
		return nil, err
	}
	s.Module = spec.ModuleFor(demoProject)
	project, err := generate.Project(ctx, generate.Request{Spec: s, Bundles: sources})
	if err != nil {
		return nil, err
	}
	done, err := tree.Apply(ctx, filepath.Join(work, demoProject), &project.Want, tree.Options{})
	if err != nil {
		return nil, err
	}
	a.say("\nwritten: a Go project of %d files, among them", len(done.Files))
	for _, f := range done.Files {
		report.Files = append(report.Files, f.Path)
	}
	for _, part := range of.parts(project) {
		a.say("  %-58s %s", part[0], part[1])
	}
	return project, nil
}

// demoSource writes a source below work, and reads and describes it. It returns its path.
func (a *app) demoSource(work, name string, data []byte, report *demoReport) (string, error) {
	file := filepath.Join(work, filepath.FromSlash(name))
	if err := os.WriteFile(file, data, 0o600); err != nil {
		return "", err
	}
	b, err := bundle.Read(file)
	if err != nil {
		return "", err
	}
	r, err := inspect.Bundle(b, inspect.Options{Now: a.Now(), ExpiresWithin: inspect.Month})
	if err != nil {
		return "", err
	}
	r.Path = name
	report.Bundles = append(report.Bundles, r)
	return file, nil
}

// tellTimeline prints what the drill did and the project's events, with the time
// since the first fault.
func (a *app) tellTimeline(r drill.Result, deeds map[string]string) {
	type line struct {
		at         time.Time
		what, text string
	}
	var lines []line
	for _, d := range r.Deeds {
		if text := deeds[d.What]; text != "" {
			lines = append(lines, line{d.Time, text, d.Target})
		}
	}
	for _, e := range r.Timeline {
		from := ""
		if e.From != "" {
			from = e.From + " -> "
		}
		if e.Cluster == "" {
			from = "the registry's list is another"
		}
		lines = append(lines, line{e.Time, e.Name, from + e.Cluster})
	}
	slices.SortStableFunc(lines, func(a, b line) int { return a.at.Compare(b.at) })
	for _, l := range lines {
		a.say("  %8.1f ms  %-23s %s", float64(l.at.Sub(r.Fault))/float64(time.Millisecond), l.what, l.text)
	}
}

// tellWrites prints what became of the calls.
func (a *app) tellWrites(r drill.Result, what, by string) {
	a.say("\n%s: %d acked (confirmed by %s), %d not sent, %d unknown (sent, never answered), %d rejected",
		what, r.Writes.Acked, by, r.Writes.NotSent, r.Writes.Unknown, r.Writes.Rejected)
}
