package wizard

import (
	"fmt"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/inspect"
)

// mostListed is up to which cluster of a list passwords are looked for.
const mostListed = 32

// readList reads a source, and shows all clusters of one that lists several in
// order. It reports false for any other source, and for one that cannot be read:
// reading it as a bundle tells why.
func (w *Wizard) readList(path string) (isList bool, err error) {
	var o bundle.Overrides
	for n := range mostListed {
		given, err := w.PasswordsOf(n + 1)
		if err != nil {
			return false, err
		}
		o.Passwords = append(o.Passwords, given)
	}
	b, err := bundle.ReadWith(path, o)
	if err != nil || len(b.Clusters) < 2 {
		return false, nil
	}
	report, err := inspect.Bundle(b, inspect.Options{Now: w.Now, ExpiresWithin: inspect.Month, List: true})
	if err != nil {
		return true, err
	}
	if err := report.Refusals().ErrOrNil(); err != nil {
		return true, err
	}
	w.Say(fmt.Sprintf("It lists %d clusters, in this order:", len(b.Clusters)))
	w.show(report)
	w.Answers.From = path
	return true, nil
}

// readGivenList shows the clusters of the source that --from names.
func (w *Wizard) readGivenList() error {
	w.Say("Source of all clusters: " + w.Answers.From)
	_, err := w.readList(w.Answers.From)
	return err
}
