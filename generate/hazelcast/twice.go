package hazelcast

import (
	"fmt"
	"slices"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// twice finds clusters that stand in the list more than once: under one name,
// by which the engine, its events and the ledger tell clusters apart, or behind
// one way in.
func twice(clusters []cluster, sources []source) (faults fault.List) {
	for i, c := range clusters {
		for j, d := range clusters[:i] {
			why := ""
			switch {
			case c.Name == d.Name:
				why = fmt.Sprintf("both have the name %q", c.Name)
			case sameToken(sources[i], sources[j]) && c.DiscoveryURL == d.DiscoveryURL:
				why = "both have the same discovery token"
			case len(c.Addresses) > 0 && slices.Equal(c.Addresses, d.Addresses):
				why = "both have the same addresses"
			default:
				continue
			}
			said := sources[i].cluster().Name
			at, remedy := said.At, "give the bundle of another cluster"
			if c.Name != said.Text { // the spec's, by --set or in failover.yaml
				at, remedy = fault.Position{}, remedy+", or another name"
			}
			if at.File == "" {
				at = fault.In(sources[i].bundle.Path)
			}
			faults = append(faults, fault.New(fault.Input, at,
				fmt.Sprintf("clusters %d and %d are the same: %s (%s and %s)", j+1, i+1, why, sources[j].bundle.Path, sources[i].bundle.Path), remedy))
			break
		}
	}
	return faults
}

func sameToken(a, b source) bool {
	x, y := a.cluster().Token, b.cluster().Token
	return x.Present() && y.Present() && x.Reveal() == y.Reveal()
}
