// Package gate says whether a failover client can be made of what bundles say.
// generate refuses what it finds, and inspect tells of it beforehand: both call the
// same checks. The package changes nothing, and puts no secret into its texts.
package gate

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/failover-gen/failover-gen/internal/bundle"
	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// Cluster is one cluster as a client would be given it: what its bundle says, with
// the values of failover.yaml in place of the bundle's.
type Cluster struct {
	// Number counts from 1 in order of preference; 0 where there is no order yet.
	Number int
	// Path is that of the bundle.
	Path string
	// Said is what the bundle says of the cluster.
	Said *bundle.Cluster

	Name, DiscoveryURL string
	Addresses          []string
	// Alias is of the key in the keystore, "" where it holds only one.
	Alias string
}

// at is where the bundle says something, or the bundle itself.
func (c *Cluster) at(p fault.Position) fault.Position {
	if p.File == "" {
		return fault.In(c.Path)
	}
	return p
}

// One refuses a bundle that does not set up exactly one cluster, nil where it does.
func One(b *bundle.Bundle) *fault.Fault {
	if len(b.Clusters) == 1 {
		return nil
	}
	return fault.New(fault.Input, fault.In(b.Path),
		fmt.Sprintf("the bundle sets up %d clusters where one belongs", len(b.Clusters)),
		"give the whole list with generate --from, or say which of them is meant with --set N.entry=")
}

// Values lists what is wrong with the values of a cluster.
func Values(c *Cluster) (faults fault.List) {
	for _, v := range append([]bundle.Value{c.Said.Name, c.Said.Username}, c.Said.Addresses...) {
		if strings.ContainsFunc(v.Text, unicode.IsControl) {
			faults = append(faults, fault.New(fault.Input, c.at(v.At), fmt.Sprintf("%q holds a control character", v.Text), "write it as it is shown in the console"))
		}
	}
	if c.DiscoveryURL != "" {
		if f := spec.CheckDiscoveryURL(c.DiscoveryURL); f != nil {
			f.Position = c.at(c.Said.DiscoveryURL.At)
			faults = append(faults, f)
		}
	}
	return faults
}

// Same refuses the cluster at i of a list if one before it is the same: they have
// one name, by which the engine, its events and the ledger tell clusters apart, or
// their members are found in one way.
func Same(list []Cluster, i int) *fault.Fault {
	c := &list[i]
	for j := range list[:i] {
		d, why := &list[j], ""
		switch {
		case c.Name == d.Name:
			why = fmt.Sprintf("both have the name %q", c.Name)
		case sameSecret(c.Said.Token, d.Said.Token) && c.DiscoveryURL == d.DiscoveryURL:
			why = "both have the same discovery token"
		case len(c.Addresses) > 0 && slices.Equal(c.Addresses, d.Addresses):
			why = "both have the same addresses"
		default:
			continue
		}
		at, remedy := c.at(c.Said.Name.At), "give the bundle of another cluster"
		if c.Name != c.Said.Name.Text { // the name is given by --set or in failover.yaml
			at, remedy = fault.In(c.Path), remedy+", or another name"
		}
		return fault.New(fault.Input, at,
			fmt.Sprintf("clusters %d and %d are the same: %s (%s and %s)", d.Number, c.Number, why, d.Path, c.Path), remedy)
	}
	return nil
}

func sameSecret(a, b bundle.Secret) bool {
	return a.Present() && b.Present() && a.Reveal() == b.Reveal()
}
