package wizard

import (
	"context"
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/inspect"
	"github.com/failover-gen/failover-gen/internal/storefile"
)

// anotherPath is the option for a bundle that was not found.
const anotherPath = "another path"

// errOther says that the user wants to name another bundle.
var errOther = errors.New("another bundle")

// askBundles asks for the bundles of two or more clusters, and reads each.
func (w *Wizard) askBundles(ctx context.Context) error {
	given := w.Answers.Bundles
	w.Answers.Bundles = nil
	for n := 1; ; n++ {
		primary, fixed := n == 1, slices.Contains(w.Given, "--secondary")
		if primary {
			fixed = slices.Contains(w.Given, "--primary")
		} else if !slices.Contains(w.Given, "--primary") && len(given) > 0 && n == 2 {
			given = append([]string{""}, given...) // the primary was asked for
		}
		if fixed && n > len(given) {
			return nil
		}
		if !fixed && n > 2 {
			more, err := w.Confirm("Another secondary?", n <= len(w.Located))
			if err = w.left(ctx, err); err != nil || !more {
				return err
			}
		}
		var err error
		if fixed {
			w.Say(bundleOf(n) + ": " + given[n-1])
			err = w.read(ctx, n, given[n-1])
		} else {
			err = w.askBundle(ctx, n)
		}
		if errors.Is(err, errOther) {
			err = fault.New(fault.Input, fault.In(filepath.ToSlash(given[n-1])), "no password was typed", "give another bundle")
		}
		if err != nil {
			return err
		}
	}
}

// askBundle asks for the bundle of cluster n until one can be used.
func (w *Wizard) askBundle(ctx context.Context, n int) error {
	for {
		path, err := w.bundlePath(n)
		if err = w.left(ctx, err); err != nil {
			return err
		}
		if n == 1 && isOfService(path) {
			w.Service.From = path
			return ErrService
		}
		switch err = w.read(ctx, n, path); {
		case err == nil || errors.Is(err, ErrLeft) || ctx.Err() != nil || w.asksNobody():
			return err
		case !errors.Is(err, errOther):
			w.explain(err)
		}
	}
}

// bundleOf names the bundle of cluster n.
func bundleOf(n int) string {
	switch n {
	case 1:
		return "Primary bundle"
	case 2:
		return "Secondary bundle"
	}
	return fmt.Sprintf("Bundle of cluster %d", n)
}

// bundlePath lets the user choose among the bundles that were found, or name one.
func (w *Wizard) bundlePath(n int) (string, error) {
	text := bundleOf(n)
	offers := w.offersFor(n)
	if len(offers) > 0 {
		options := make([]string, len(offers), len(offers)+1)
		for i, o := range offers {
			options[i] = o.label(w.Width - len("? : ") - len(text))
		}
		preset := -1 // nobody but the user chooses among what was found
		if !w.asksNobody() || n <= len(w.Located) {
			preset = 0
		}
		i, err := w.Select(text, append(options, anotherPath), preset)
		if err != nil || i < len(offers) {
			return offers[min(i, len(offers)-1)].path, err
		}
	}
	typed, err := w.Input("Path of the bundle", "", func(typed string) []string { return completions(typed, w.Home) })
	return typedPath(typed, w.Home), err
}

// offersFor lists the bundles that can be the n-th, the one of the project first.
func (w *Wizard) offersFor(n int) []offer {
	var offers []offer
	add := func(o offer) {
		known := slices.ContainsFunc(offers, func(have offer) bool { return have.path == o.path })
		if !known && !slices.Contains(w.Answers.Bundles, o.path) {
			offers = append(offers, o)
		}
	}
	if n <= len(w.Located) {
		add(offer{path: w.Located[n-1], shown: w.Located[n-1] + " (as it is)"})
	}
	for _, o := range w.found() {
		add(o)
	}
	return offers
}

// read reads the bundle of cluster n, asks for passwords that it lacks, and shows
// what was found. It returns errOther where the user would rather name another.
func (w *Wizard) read(ctx context.Context, n int, path string) error {
	if path == "" {
		return fault.New(fault.Input, fault.Position{}, "no path was given", "type one, or drop the file into the terminal")
	}
	given, err := w.PasswordsOf(n)
	if err != nil {
		return err
	}
	w.Answers.Passwords = append(w.Answers.Passwords[:n-1], given)
	for {
		b, report, err := w.inspect(n, path)
		if err == nil {
			w.Answers.Bundles = append(w.Answers.Bundles, path)
			w.show(report)
			return nil
		}
		lacking := passwordsLacking(b, err)
		if lacking == nil {
			return err
		}
		if err := w.askPassword(ctx, n, lacking, err); err != nil {
			return err
		}
	}
}

// inspect reads the bundle of cluster n, and says whether generate takes it.
func (w *Wizard) inspect(n int, path string) (*bundle.Bundle, inspect.Report, error) {
	o := bundle.Overrides{Numbers: []int{n}, Passwords: w.Answers.Passwords[n-1 : n], Fields: w.overridden(n, path)}
	b, err := bundle.ReadWith(path, o)
	if err != nil {
		return nil, inspect.Report{}, err
	}
	if wrong := b.LacksClusters(); wrong != nil {
		return nil, inspect.Report{}, wrong
	}
	report, err := inspect.Bundle(b, inspect.Options{Now: w.Now, ExpiresWithin: inspect.Month})
	if err != nil {
		return b, report, err
	}
	together := append(slices.Clone(w.reports), report)
	inspect.Together(together)
	last := together[len(together)-1]
	if len(o.Fields) == 0 { // otherwise only the whole project tells
		if err := last.Refusals().ErrOrNil(); err != nil {
			return b, report, err
		}
	}
	w.reports = append(w.reports, report)
	return b, last, nil
}

// overridden lists the fields of cluster n that --set gives, and those that
// failover.yaml of the project has for its bundle.
func (w *Wizard) overridden(n int, path string) (fields []string) {
	for _, set := range w.Answers.Set {
		if field, _, _ := strings.Cut(set, "="); strings.HasPrefix(field, fmt.Sprintf("%d.", n)) {
			fields = append(fields, field)
		}
	}
	if n <= len(w.Located) && w.Located[n-1] == path {
		for _, key := range w.Existing.Clusters[n-1].Overridden() {
			fields = append(fields, fmt.Sprintf("%d.%s", n, key))
		}
	}
	return fields
}

// lack is a password that is missing or wrong.
type lack struct {
	what string // the store as the question names it
	give func(*bundle.Passwords, bundle.Secret)
}

// passwordsLacking lists the passwords without which b cannot be used, nil if
// anything else is wrong. Where b could not be read at all it is nil.
func passwordsLacking(b *bundle.Bundle, err error) (list []lack) {
	keystore := func(p *bundle.Passwords, s bundle.Secret) { p.Keystore = s }
	truststore := func(p *bundle.Passwords, s bundle.Secret) { p.Truststore = s }
	for _, f := range fault.All(err) {
		var missing *bundle.NoPassword
		var refused *storefile.Error
		l := lack{what: path.Base(f.File), give: keystore}
		switch {
		case errors.As(f.Err, &missing):
			l.what = "the " + missing.Store
			if missing.Store == "truststore" {
				l.give = truststore
			}
		case !errors.As(f.Err, &refused) || b == nil:
			return nil
		case refused.Reason == storefile.WrongKeyPassword:
			l = lack{"the key in " + l.what, func(p *bundle.Passwords, s bundle.Secret) { p.Key = s }}
		case refused.Reason != storefile.WrongPassword:
			return nil
		case b.Clusters[0].Truststore != nil && f.File == b.Clusters[0].Truststore.Path:
			l.give = truststore
		}
		list = append(list, l)
	}
	return list
}

// askPassword asks for the password that is lacking first.
func (w *Wizard) askPassword(ctx context.Context, n int, lacking []lack, cause error) error {
	w.tell("  ", fault.All(cause)[0].Error())
	typed, err := w.Password("Password of " + lacking[0].what)
	if errors.Is(err, ErrNoAnswer) {
		return cause
	}
	if err = w.left(ctx, err); err != nil {
		return err
	}
	if typed == "" {
		return errOther
	}
	for _, l := range lacking { // the console's stores have one password, so it is tried for each
		l.give(&w.Answers.Passwords[n-1], bundle.NewSecret(typed, fault.In("your answer")))
	}
	return nil
}
