package bundle

import (
	"errors"
	"strconv"

	"github.com/failover-gen/failover-gen/internal/bundle/java"
	"github.com/failover-gen/failover-gen/internal/fault"
)

// ErrNoTLS is the cause of a fault about a client that sets up no TLS at all. The user
// can declare that its cluster has none.
var ErrNoTLS = errors.New("the client connects without TLS")

// LacksStores says why a cluster of the bundle cannot be reached with TLS: the
// sources name no store, or they give it to no client. The cluster is the one at
// index in the bundle. Its number for --set is n, 0 where it has no number yet.
func (b *Bundle) LacksStores(index, n int) fault.List {
	c := &b.Clusters[index]
	number := "N"
	if n > 0 {
		number = strconv.Itoa(n)
	}
	complete := "name what it trusts in the source, and the client's certificate if the cluster asks for one"
	if b.Form == java.Reader.Form {
		complete = "give the bundle with ClientWithSsl.java and its stores, as the console hands it out"
	}
	var faults fault.List
	fail := func(cause, remedy string) {
		at := c.At
		if at.File == "" {
			at = fault.In(b.Path)
		}
		faults = append(faults, fault.New(fault.Input, at, cause, remedy))
	}
	identified, trusts := c.Keystore != nil || c.Cert != nil && c.Key != nil, c.Truststore != nil || c.CA != nil
	switch {
	case c.NoTLS.Text != "":
	case (c.Cert != nil) != (c.Key != nil):
		fail("this client names only one of a certificate and its key", "name both as PEM files, or neither for a client without a certificate")
	case identified && trusts, c.TLS.Text != "", c.CA != nil:
	case len(b.Loose) > 0:
		return b.Loose
	case c.Cert != nil:
		fail("this client names its certificate and key, but no certificates to trust", complete)
	case c.Keystore == nil && c.Truststore == nil:
		fail("this client connects without TLS: it names neither keystore nor truststore",
			complete+", or declare that the cluster has no TLS: --set "+number+".tls=off")
		faults[0].Err = ErrNoTLS
	case c.Keystore == nil:
		fail("this client names a truststore, but no keystore", complete)
	default:
		fail("this client names a keystore, but no truststore", complete)
	}
	return faults
}
