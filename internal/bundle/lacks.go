package bundle

import (
	"strconv"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// LacksStores lists what keeps a TLS connection from being made: stores that the
// sources do not name, or name and give to no client. The index is of the cluster
// in the bundle, n its number for --set, 0 where it has none yet.
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
