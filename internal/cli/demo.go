package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/drill"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/inspect"
	"github.com/failover-gen/failover-gen/internal/pki"
	"github.com/failover-gen/failover-gen/internal/sample"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/tree"
)

// demoReport is what demo says with --json.
type demoReport struct {
	Bundles []inspect.Report `json:"bundles"`
	Files   []string         `json:"files"`
	Drill   demoDrill        `json:"drill"`
}

type demoDrill struct {
	Results []drill.Result `json:"results"`
}

// demoProject is the project's folder below the one that --keep names. The bundles
// lie beside it.
const demoProject = "project"

func (a *app) demo() verb {
	var keep string
	report := &demoReport{Bundles: []inspect.Report{}, Files: []string{}, Drill: demoDrill{[]drill.Result{}}}
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Show the whole way: two bundles in, a project out, the primary killed, the project goes on writing",
		Long: "Make two client bundles in the console's shape, generate a project from them, build it, run it against stand-in\n" +
			"clusters on this machine, and kill the primary. Everything is removed at the end, unless --keep says otherwise.\n" +
			"The demo needs Go and the modules of the project. It needs neither a cluster nor Java.",
		Example: "  failover-gen demo\n  failover-gen demo --keep demo-folder",
		Args:    atMost(0, "demo takes no arguments"),
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.runDemo(cmd.Context(), keep, report) },
	}
	cmd.Flags().StringVar(&keep, "keep", "", "keep the bundles and the project in this folder, which must not exist yet")
	return verb{cmd, report}
}

// runDemo works in a temporary folder. With --keep it is renamed at the end.
func (a *app) runDemo(ctx context.Context, keep string, report *demoReport) (err error) {
	work, finish, err := demoFolder(ctx, keep)
	if err != nil {
		return err
	}
	defer finish()
	project, err := a.demoGenerate(ctx, work, report)
	if err != nil {
		return err
	}
	dir := filepath.Join(work, demoProject)
	a.say("\nnow the project is built and runs against a stand-in of each cluster; the primary will be killed ...")
	o := drill.Options{Dir: dir}
	defer a.steps("demo", &o)()
	done, err := drill.Run(ctx, o)
	if err != nil {
		return err
	}
	report.Drill.Results = append(report.Drill.Results, done.Results...)
	for _, r := range done.Results {
		a.tellDemo(r, project.Clusters[0].Name, project.Clusters[1].Name)
	}
	if keep != "" {
		if err := errors.Join(os.Chmod(work, 0o755), os.Rename(work, keep)); err != nil {
			return fault.Wrap(fault.Environment, fault.In(filepath.ToSlash(keep)), "cannot be created: "+err.Error(), "give --keep another folder", err)
		}
		a.say("\nkept: %s/bundles and %s/%s", filepath.ToSlash(keep), filepath.ToSlash(keep), demoProject)
	}
	done.Project = ""
	return verdict(done)
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

// demoGenerate makes two bundles in work, and a project from them.
func (a *app) demoGenerate(ctx context.Context, work string, report *demoReport) (*generate.Result, error) {
	samples, err := sample.Make(2, pki.Console)
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(filepath.Join(work, "bundles"), 0o755); err != nil {
		return nil, err
	}
	s := spec.Default()
	s.Module = spec.ModuleFor(demoProject)
	var bundles []string
	a.say("read: two client bundles, made for this demo in the shape that the console hands out")
	for _, made := range samples {
		name := path.Join("bundles", made.FileName)
		if err := os.WriteFile(filepath.Join(work, filepath.FromSlash(name)), made.Data, 0o600); err != nil {
			return nil, err
		}
		b, err := bundle.Read(filepath.Join(work, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		r, err := inspect.Bundle(b, inspect.Options{Now: a.Now(), ExpiresWithin: inspect.Month})
		if err != nil {
			return nil, err
		}
		r.Path = name
		report.Bundles = append(report.Bundles, r)
		bundles = append(bundles, filepath.Join(work, filepath.FromSlash(name)))
		s.Clusters = append(s.Clusters, spec.Cluster{Bundle: "../" + name})
		a.tellBundle(r)
	}
	project, err := generate.Project(ctx, generate.Request{Spec: &s, Bundles: bundles})
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
	for i, c := range project.Clusters {
		a.say("  %-58s the keys of cluster %d, %s", strings.Join(c.Files, ", "), i+1, c.Name)
	}
	a.say("  %-58s the ordered list of clusters", "clusters.go")
	a.say("  %-58s a loop of puts, gets and sizes that goes on when a call fails", "writeloop.go")
	return project, nil
}

// tellBundle prints one line for each cluster of a bundle.
func (a *app) tellBundle(r inspect.Report) {
	for _, c := range r.Clusters {
		var parts []string
		if c.Discovery != nil {
			parts = append(parts, "discovery "+strings.TrimPrefix(c.Discovery.URL, "https://"), "token "+c.Discovery.Token)
		}
		for _, s := range []*inspect.Store{c.Keystore, c.Truststore, c.Cert, c.CA} {
			if s != nil && len(s.Entries) > 0 {
				parts = append(parts, fmt.Sprintf("%s (%s, %s)", path.Base(s.Path), s.Type, s.Entries[0].Key))
			}
		}
		a.say("  %s  %s", c.Name, strings.Join(parts, ", "))
	}
}

// tellDemo tells what happened when the primary was killed.
func (a *app) tellDemo(r drill.Result, primary, secondary string) {
	a.say("\nkilled: %s (its connections were reset and its port closed while the loop was writing)", primary)
	for _, e := range r.Timeline {
		from := ""
		if e.From != "" {
			from = e.From + " -> "
		}
		a.say("  %8.1f ms  %-23s %s", float64(e.Time.Sub(r.Fault))/float64(time.Millisecond), e.Name, from+e.Cluster)
	}
	if r.Passed {
		a.say("  %8.1f ms  %s", r.GapMS, a.colour("32", "the first write that "+oneLine(secondary)+" acked, which means confirmed; this time is the gap"))
	}
	a.say("\nwrites: %d acked (confirmed by a cluster), %d not sent, %d unknown (sent, never answered), %d rejected",
		r.Writes.Acked, r.Writes.NotSent, r.Writes.Unknown, r.Writes.Rejected)
	a.say("lost: %d acked writes; written twice: %d", r.LostAcked, r.Duplicated)
	a.say("at risk: %d acked writes are on %s only, because stand-ins copy nothing to each other;\n"+
		"  between your own clusters, replication must carry such writes over", r.AtRisk, primary)
	for _, f := range r.Failures {
		a.say("  %s", a.colour("31", oneLine("failed: "+f)))
	}
}
