package failover

import (
	"context"
	"errors"
	"time"
)

// Pin makes the named cluster the only one to use. It moves there as Switch does, and
// the client is pinned once it has arrived. On an error it has changed nothing: a client
// that was free is still free, and one that was pinned is still pinned to its cluster.
//
// A pinned client keeps no standby and goes nowhere else by itself. When its cluster is
// lost, calls fail until that cluster is back, or until Pin or Switch moves the client.
//
// An empty name takes the pin away. The client stays where it is, and is free again to
// go elsewhere when that cluster is lost.
func (c *Client) Pin(ctx context.Context, cluster string) error {
	if cluster != "" {
		return c.moveTo(ctx, "Pin", cluster, true)
	}
	done := make(unpin)
	select {
	case c.inbox <- done:
	case <-ctx.Done():
		return ctx.Err()
	case <-c.ctx.Done():
		return errClosed
	}
	select {
	case <-done:
		return nil
	case <-c.ctx.Done():
		return errClosed
	}
}

// Refused reports whether an error of Switch or Pin says that the cluster refuses this
// client, or that the OnActive hook does: an operator has to repair that, and each attempt
// leaks a little in hazelcast-go-client v1.6.0.
func Refused(err error) bool {
	var refused *refusedError
	return errors.As(err, &refused)
}

// unpin asks for the pin to be taken away. It is closed when that is done.
type unpin chan struct{}

// unpinned takes the pin away. A client that goes back by itself stays here for as long
// as after a switch.
func (p *policy) unpinned(done unpin) {
	if p.o.Pin != "" {
		p.o.Pin = ""
		p.returnAt = time.Now().Add(p.returnPause + jitter(p.returnPause/4))
	}
	close(done)
}
