package bundle

import (
	"strconv"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// LacksStores says why a cluster of the bundle cannot be reached with TLS: the
// sources name no store, or they give it to no client. The cluster is the one at
// index in the bundle. Its number for --set is n, 0 where it has no number yet.
func (b *Bundle) LacksStores(index, n int) fault.List {
	c := &b.Clusters[index]
	number := "N"
	if n > 0 {
		number = strconv.Itoa(n)
	}
	const console = "give the bundle with ClientWithSsl.java and its stores, as the console hands it out"
	var faults fault.List
	fail := func(cause, remedy string) {
		at := c.At
		if at.File == "" {
			at = fault.In(b.Path)
		}
		faults = append(faults, fault.New(fault.Input, at, cause, remedy))
	}
	switch {
	case c.Keystore != nil && c.Truststore != nil:
	case len(b.Loose) > 0:
		return b.Loose
	case c.Keystore == nil && c.Truststore == nil:
		fail("this client connects without TLS: it names neither keystore nor truststore",
			console+", or declare that the cluster has no TLS: --set "+number+".tls=off")
	case c.Keystore == nil:
		fail("this client names a truststore, but no keystore", console)
	default:
		fail("this client names a keystore, but no truststore", console)
	}
	return faults
}
