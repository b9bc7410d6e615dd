package wizard

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/inspect"
	"github.com/failover-gen/failover-gen/internal/spec"
	"github.com/failover-gen/failover-gen/internal/storefile"
	"github.com/failover-gen/failover-gen/keystore/pemfile"
)

// notThisBundle is the option for a bundle that turns out to be the wrong one.
const notThisBundle = "another bundle"

// chosen is what the user chose because a bundle leaves it open.
type chosen struct {
	alias      string // of the key
	withoutTLS bool
}

// settings are what was chosen for cluster n as --set has it.
func (c chosen) settings(n int) (list []string) {
	if c.alias != "" {
		list = append(list, fmt.Sprintf("%d.alias=%s", n, c.alias))
	}
	if c.withoutTLS {
		list = append(list, fmt.Sprintf("%d.tls=%s", n, spec.TLSOff))
	}
	return list
}

// fields are the names of the settings.
func (c chosen) fields(n int) (list []string) {
	for _, set := range c.settings(n) {
		field, _, _ := strings.Cut(set, "=")
		list = append(list, field)
	}
	return list
}

// complete asks for what would make the bundle of cluster n usable. It returns cause,
// which says why it is not, where no answer helps.
func (w *Wizard) complete(ctx context.Context, n int, b *bundle.Bundle, report inspect.Report, cause error) error {
	if w.asksNobody() {
		return cause
	}
	faults := fault.All(cause)
	if lacking := passwordsLacking(b, cause); lacking != nil {
		return w.askPassword(ctx, n, lacking, cause)
	}
	if !slices.ContainsFunc(faults, func(f *fault.Fault) bool { return !hasSeveralKeys(f) }) {
		return w.askAlias(ctx, report, cause)
	}
	if !slices.ContainsFunc(faults, func(f *fault.Fault) bool { return !errors.Is(f.Err, bundle.ErrNoTLS) }) {
		return w.askWithoutTLS(ctx, cause)
	}
	return cause
}

func hasSeveralKeys(f *fault.Fault) bool {
	var refused *storefile.Error
	return errors.As(f.Err, &refused) && refused.Reason == storefile.SeveralKeys
}

// askAlias lets the user choose among the keys of a keystore.
func (w *Wizard) askAlias(ctx context.Context, report inspect.Report, cause error) error {
	store := report.Clusters[0].Keystore
	text := "Key in " + path.Base(store.Path)
	var aliases, options []string
	for _, e := range store.Entries {
		if e.Kind == string(storefile.KindKey) {
			aliases = append(aliases, e.Alias)
			options = append(options, elided(oneLine(joined(fmt.Sprintf("%q", e.Alias), e.Key, e.Validity)), w.Width-len("? : ")-len(text)))
		}
	}
	w.tell("  ", fault.All(cause)[0].Cause)
	i, err := w.Select(text, append(options, notThisBundle), 0)
	if err = w.left(ctx, err); err != nil {
		return err
	}
	if i == len(aliases) {
		return &anotherBundle{cause}
	}
	w.chosen.alias = aliases[i]
	return nil
}

// askWithoutTLS asks whether a client without TLS is meant so.
func (w *Wizard) askWithoutTLS(ctx context.Context, cause error) error {
	w.tell("  ", fault.All(cause)[0].Cause)
	yes, err := w.Confirm("Does this cluster take connections without TLS?", false)
	if err = w.left(ctx, err); err != nil {
		return err
	}
	if !yes {
		return &anotherBundle{cause}
	}
	w.chosen.withoutTLS = true
	return nil
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
	key := func(p *bundle.Passwords, s bundle.Secret) { p.Key = s }
	for _, f := range fault.All(err) {
		var missing *bundle.NoPassword
		var refused *storefile.Error
		var locked *pemfile.Error
		l := lack{what: path.Base(f.File), give: keystore}
		switch {
		case errors.As(f.Err, &missing):
			l.what = "the " + missing.Store
			switch missing.Store {
			case "truststore":
				l.give = truststore
			case "key":
				l.give = key
			}
		case errors.As(f.Err, &locked) && locked.Password && b != nil:
			l.give = key
		case !errors.As(f.Err, &refused) || b == nil:
			return nil
		case refused.Reason == storefile.WrongKeyPassword:
			l = lack{"the key in " + l.what, key}
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
	if err = w.left(ctx, err); err != nil {
		return err
	}
	if typed == "" {
		return &anotherBundle{cause}
	}
	for _, l := range lacking { // the console's stores have one password, so it is tried for each
		l.give(&w.Answers.Passwords[n-1], bundle.NewSecret(typed, fault.In("your answer")))
	}
	return nil
}
