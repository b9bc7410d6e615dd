package wizard

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/inspect"
)

// anotherPath is the option for a bundle that was not found.
const anotherPath = "another path"

// anotherBundle says that the user wants to name another bundle, and why this one
// could not be used as it is.
type anotherBundle struct{ cause error }

func (e *anotherBundle) Error() string { return e.cause.Error() }

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
		if another := (*anotherBundle)(nil); errors.As(err, &another) {
			return another.cause
		}
		if err != nil || w.Answers.From != "" {
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
		if n == 1 && w.Existing == nil {
			is, err := w.readList(path)
			if is && err == nil {
				return nil
			}
			if is {
				w.explain(err)
				continue
			}
		}
		another := (*anotherBundle)(nil)
		switch err = w.read(ctx, n, path); {
		case err == nil || errors.Is(err, ErrLeft) || ctx.Err() != nil || w.asksNobody():
			return err
		case !errors.As(err, &another):
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
	typed, err := w.Input("Path of the "+strings.ToLower(text[:1])+text[1:], "", func(typed string) []string { return completions(typed, w.Home) })
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

// read reads the bundle of cluster n, asks for what it lacks, and shows what was
// found. It returns anotherBundle where the user would rather name another.
func (w *Wizard) read(ctx context.Context, n int, path string) error {
	if path == "" {
		return fault.New(fault.Input, fault.Position{}, "no path was given", "type one, or drop the file into the terminal")
	}
	given, err := w.PasswordsOf(n)
	if err != nil {
		return err
	}
	w.Answers.Passwords = append(w.Answers.Passwords[:n-1], given)
	w.chosen = chosen{}
	for {
		b, report, err := w.inspect(n, path)
		if err == nil {
			w.Answers.Bundles = append(w.Answers.Bundles, path)
			w.Answers.Set = append(w.Answers.Set, w.chosen.settings(n)...)
			w.show(report)
			return nil
		}
		if err := w.complete(ctx, n, b, report, err); err != nil {
			return err
		}
	}
}

// inspect reads the bundle of cluster n, and says whether generate takes it.
func (w *Wizard) inspect(n int, path string) (*bundle.Bundle, inspect.Report, error) {
	fields := w.overridden(n, path)
	o := bundle.Overrides{Numbers: []int{n}, Passwords: w.Answers.Passwords[n-1 : n], Fields: slices.Concat(fields, w.chosen.fields(n))}
	b, err := bundle.ReadWith(path, o)
	if err != nil {
		return nil, inspect.Report{}, err
	}
	if wrong := b.LacksClusters(); wrong != nil {
		return nil, inspect.Report{}, wrong
	}
	report, err := inspect.Bundle(b, inspect.Options{Now: w.Now, ExpiresWithin: inspect.Month, Number: n, Alias: w.chosen.alias, WithoutTLS: w.chosen.withoutTLS})
	if err != nil {
		return b, report, err
	}
	together := append(slices.Clone(w.reports), report)
	inspect.Together(together)
	last := together[len(together)-1]
	if len(fields) == 0 { // otherwise only the whole project tells
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
