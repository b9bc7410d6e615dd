// Package wizard asks the questions of failover-gen init. It reads each bundle as
// soon as it is named, shows what was found, and asks again where an answer cannot
// be used. It writes nothing: what becomes of the answers is for its caller.
//
// How questions look is behind Prompter. There are two for users, one that moves the
// cursor of a terminal and one that prints lines only, and Defaults, which asks nobody.
package wizard

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/failover-gen/failover-gen/generate"
	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/inspect"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// Answers are what the project is to be, each by the flag of its question.
type Answers struct {
	Bundles                                         []string // --primary, then each --secondary
	From                                            string   // --from: one source that lists all clusters, in place of Bundles
	Layout, Module, Standby, Failback, Secrets, Out string
	// Set are values of one cluster, as N.key=value.
	Set []string
	// Passwords are those of the stores, by cluster, that the bundles lack.
	Passwords []bundle.Passwords
}

// Wizard asks for what is not given.
type Wizard struct {
	Prompter
	// Say prints a line.
	Say func(line string)
	// Width is that of the terminal in columns.
	Width int
	Now   time.Time
	// Home is the user's home folder; "" if it is not known.
	Home string
	// Given lists the flags of the questions that are not asked, as in "--out".
	Given []string
	// Existing is what failover.yaml of the project says, nil for a new project. Its
	// bundles are in Located as the user would write them.
	Existing *spec.Spec
	// PasswordsOf gives the passwords of stores that the environment has for cluster n.
	PasswordsOf func(n int) (bundle.Passwords, error)
	Located     []string
	// Drill says that the project is drilled once it is written.
	Drill bool

	// Answers are those that are given, and after Ask all of them.
	Answers Answers
	Service Service

	reports []inspect.Report // of the bundles, each as if it were alone
	offers  []offer
	chosen  chosen // for the bundle that is being read
}

// defaultModule is the module path that is offered for a new project in a folder
// that has no name yet.
const defaultModule = "example.com/failover-client"

// defaultPackage is the folder that is offered for a package.
const defaultPackage = "failover"

// Ask asks all questions of a project for clusters. It returns ErrService where the
// first answer is the file of a web service's client.
func (w *Wizard) Ask(ctx context.Context) error {
	ask := w.askBundles
	if w.Answers.From != "" {
		ask = func(context.Context) error { return w.readGivenList() }
	}
	if err := ask(ctx); err != nil {
		return err
	}
	if w.Existing != nil && w.Answers.Layout == "" {
		w.Answers.Layout = w.Existing.Layout
	}
	for _, q := range w.questions() {
		if slices.Contains(w.Given, q.flag) || q.needless != nil && q.needless() {
			continue
		}
		if err := w.askOne(ctx, q); err != nil {
			return err
		}
	}
	return w.settleModule()
}

// settleModule gives a package its import path, which its folder decides.
func (w *Wizard) settleModule() error {
	a := &w.Answers
	a.Layout = cmp.Or(a.Layout, spec.LayoutProject)
	switch {
	case a.Layout != spec.LayoutPackage || slices.Contains(w.Given, "--module"):
		return nil
	case w.Existing != nil:
		a.Module = w.Existing.Module
		return nil
	}
	m, err := generate.ModuleAround(a.Out)
	if err != nil {
		return err
	}
	a.Module = m.Import
	return nil
}

// question is one question whose answer is a text.
type question struct {
	flag   string
	text   string
	answer *string
	preset func() (string, error)
	// choices are the possible answers, each with its meaning; nil where any text is one.
	choices []choice
	// wrong says why an answer cannot be used.
	wrong func(answer string) error
	// needless reports whether other answers settle this one.
	needless func() bool
}

type choice struct{ value, meaning string }

// questions lists the questions after those for bundles, in order.
func (w *Wizard) questions() []question {
	a := &w.Answers
	base := spec.Default()
	if w.Existing != nil {
		base = *w.Existing
	}
	is := func(value string) func() (string, error) { return func() (string, error) { return value, nil } }
	// The folder is asked for last. Until then, a new project is expected in this one.
	layout := question{flag: "--layout", text: "Layout", answer: &a.Layout, preset: is(base.Layout), wrong: w.wrongLayout, needless: w.layoutIsClear, choices: []choice{
		{spec.LayoutProject, "a module of its own, with a program"},
		{spec.LayoutPackage, "a package for the programs of your module"}}}
	return []question{
		layout,
		{flag: "--module", text: "Module path", answer: &a.Module, preset: w.presetModule, wrong: refusedBySpec("module"), needless: w.isPackage},
		{flag: "--standby", text: "Standby", answer: &a.Standby, preset: is(base.Failover.Standby), choices: []choice{
			{spec.StandbyWarm, "stay connected to the next cluster as well"},
			{spec.StandbyCold, "connect to the next cluster when needed"}}},
		{flag: "--failback", text: "Failback", answer: &a.Failback, preset: is(base.Failover.Failback), choices: []choice{
			{spec.FailbackNever, "stay on a cluster while it works"},
			{spec.FailbackAuto, "return when your own hook says it is time"}}},
		{flag: "--secrets", text: "Secrets", answer: &a.Secrets, preset: is(base.Secrets), choices: []choice{
			{spec.SecretsDotenv, "write them to .env, which git ignores"},
			{spec.SecretsNone, "write none, your environment has them"}}},
		{flag: "--out", text: "Output folder", answer: &a.Out, preset: w.presetFolder, wrong: w.wrongFolder},
		layout,
	}
}

func (w *Wizard) isPackage() bool { return w.Answers.Layout == spec.LayoutPackage }

// layoutIsClear reports whether there is nothing to choose: the layout is settled, or
// there is no module for a package.
func (w *Wizard) layoutIsClear() bool {
	if w.Answers.Layout != "" {
		return true
	}
	_, err := generate.ModuleAround(cmp.Or(w.Answers.Out, defaultPackage))
	return err != nil
}

// wrongLayout refuses a package that is to be drilled at once: a drill needs a program.
func (w *Wizard) wrongLayout(layout string) error {
	if layout == spec.LayoutPackage && w.Drill {
		return PackageNotDrilled()
	}
	return nil
}

// PackageNotDrilled says why a package is not drilled at once.
func PackageNotDrilled() *fault.Fault {
	return fault.New(fault.Input, fault.Position{}, "--drill: a package has no program that could be drilled",
		"leave it out, and run failover-gen drill DIR --main FOLDER once a program imports the package")
}

// presetFolder is the output folder that is offered.
func (w *Wizard) presetFolder() (string, error) {
	if w.isPackage() {
		return defaultPackage, nil
	}
	return path.Base(w.Answers.Module), nil
}

// presetModule is the module path that is offered.
func (w *Wizard) presetModule() (string, error) {
	switch {
	case w.Existing != nil:
		return w.Existing.Module, nil
	case w.Answers.Out != "":
		return generate.DefaultModule(w.Answers.Out)
	}
	return defaultModule, nil
}

// askOne asks a question until its answer can be used.
func (w *Wizard) askOne(ctx context.Context, q question) error {
	preset, err := q.preset()
	if err != nil {
		return err
	}
	for {
		answer, err := w.answer(q, preset)
		if err = w.left(ctx, err); err != nil {
			return err
		}
		err = nil
		if q.wrong != nil {
			err = q.wrong(answer)
		}
		if err == nil {
			*q.answer = answer
			return nil
		}
		if w.asksNobody() {
			return err
		}
		w.explain(err)
	}
}

func (w *Wizard) answer(q question, preset string) (string, error) {
	if q.choices == nil {
		return w.Input(q.text, preset, nil)
	}
	options := make([]string, len(q.choices))
	chosen := 0
	for i, c := range q.choices {
		options[i] = c.value + ": " + c.meaning
		if c.value == preset {
			chosen = i
		}
	}
	i, err := w.Select(q.text, options, chosen)
	return q.choices[i].value, err
}

// left is err, or that the context has ended.
func (w *Wizard) left(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// asksNobody reports whether a wrong answer would come again.
func (w *Wizard) asksNobody() bool {
	_, nobody := w.Prompter.(Defaults)
	return nobody
}

// explain tells why an answer cannot be used.
func (w *Wizard) explain(err error) {
	for _, f := range fault.All(err) {
		w.tell("  not usable  ", f.Error())
	}
}

// tell prints text behind a label, broken into lines that begin below it.
func (w *Wizard) tell(label, text string) {
	lines := Wrapped(oneLine(text), strings.Repeat(" ", len(label)), w.Width)
	lines[0] = label + strings.TrimPrefix(lines[0], strings.Repeat(" ", len(label)))
	for _, line := range lines {
		w.Say(line)
	}
}

// refusedBySpec says why failover.yaml cannot hold an answer.
func refusedBySpec(key string) func(string) error {
	return func(answer string) error {
		s := spec.Default()
		if f := s.Set(key, answer); f != nil {
			return f
		}
		return nil
	}
}

// wrongFolder refuses a folder that holds something else than a project.
func (w *Wizard) wrongFolder(dir string) error {
	sources := w.Answers.Bundles
	if w.Service.From != "" {
		sources = []string{w.Service.From}
	}
	if err := generate.Outside(dir, sources); err != nil {
		return err
	}
	if w.isPackage() {
		if _, err := generate.ModuleAround(dir); err != nil {
			return err
		}
	}
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, syscall.ENOTDIR):
		return fault.Wrap(fault.Input, fault.In(filepath.ToSlash(dir)), "is not a folder", "give another folder", err)
	case errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0:
		return nil
	case err != nil:
		return fault.Wrap(fault.Environment, fault.In(filepath.ToSlash(dir)), "cannot be read", "check its permissions, or give another folder", err)
	}
	_, err = spec.Load(filepath.Join(dir, spec.FileName))
	if errors.Is(err, fs.ErrNotExist) {
		return fault.Wrap(fault.Input, fault.In(filepath.ToSlash(dir)), "holds something else than a project of failover-gen", "give a folder that does not exist yet", err)
	}
	return err
}
