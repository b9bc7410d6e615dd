package standin

import (
	"fmt"
	"net"
	"time"
)

// Every fault returns its instant. Nothing is applied after it, but an answer that
// was being sent may still arrive after it.

// Kill resets every connection, closes the members' ports and returns the
// instant. The maps and the ledger stay for Restart.
func (c *Cluster) Kill() time.Time { return c.kill(c.members) }

// KillMember is Kill for one member, counted from 0. The others take over its
// partitions with all entries, and tell the clients at once.
func (c *Cluster) KillMember(i int) time.Time {
	at := c.kill(c.members[i : i+1])
	c.announce()
	return at
}

func (c *Cluster) kill(members []*member) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := time.Now()
	for _, m := range members {
		if m.listener != nil {
			m.listener.Close()
			m.listener = nil
		}
		m.set(down)
		m.reset()
		m.dropFillers()
	}
	return at
}

// announce sends the current view to every client that listens for it.
func (c *Cluster) announce() {
	var told []*conn
	c.mu.Lock()
	for _, m := range c.members {
		for k := range m.conns {
			if k.viewer != 0 && !k.closed {
				c.appendView(k)
				told = append(told, k)
			}
		}
	}
	c.mu.Unlock()
	for _, k := range told {
		c.wg.Go(k.flush) // on a frozen member it waits
	}
}

// Restart brings up every member that is down, on its old port and with a new
// identity. If none was up the cluster gets a new identity too; then keep says
// whether its maps still hold what they held. It fails if a port was taken.
func (c *Cluster) Restart(keep bool) error {
	c.mu.Lock()
	var ups int
	for _, m := range c.members {
		if m.state != down {
			ups++
		}
	}
	if ups == 0 {
		c.id = newUUID()
		if !keep {
			c.maps = map[string]*table{}
		}
	}
	c.mu.Unlock()
	for i := range c.members {
		if err := c.bringUp(i); err != nil {
			return err
		}
	}
	c.announce()
	return nil
}

// RestartMember brings up one member that is down, counted from 0.
func (c *Cluster) RestartMember(i int) error {
	if err := c.bringUp(i); err != nil {
		return err
	}
	c.announce()
	return nil
}

func (c *Cluster) bringUp(i int) error {
	m := c.members[i]
	c.mu.Lock()
	if m.state != down {
		c.mu.Unlock()
		return nil
	}
	m.id = newUUID()
	c.mu.Unlock()
	return m.listen()
}

// ResetOnce resets every connection; the members can be reached again at once.
func (c *Cluster) ResetOnce() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := time.Now()
	for _, m := range c.members {
		m.reset()
	}
	return at
}

// Freeze stops every member: connections stay open and new ones are accepted, but
// nothing is read, applied or answered until Thaw. Then the members carry out the
// requests that were sent meanwhile, like a process that is continued.
func (c *Cluster) Freeze() time.Time { return c.hold(c.members, frozen) }

// FreezeMember is Freeze for one member, counted from 0.
func (c *Cluster) FreezeMember(i int) time.Time { return c.hold(c.members[i:i+1], frozen) }

// Blackhole comes as near as a process can to a network that loses all packets.
// On open connections nothing is read, applied or answered any more, and the
// accept queues are filled. On Linux, attempts to connect then wait without an
// answer, as in a real blackhole. On other systems they may be refused, or
// accepted and never answered. Two things differ from a real blackhole: the
// kernel still acknowledges what arrives on open connections, until their buffers
// are full, and it may accept new connections for about 50 ms after the returned
// instant. Thaw ends it.
func (c *Cluster) Blackhole() time.Time {
	at := c.hold(c.members, vanished)
	for _, m := range c.members {
		m.fill()
	}
	return at
}

func (c *Cluster) hold(members []*member, s condition) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := time.Now()
	for _, m := range members {
		if m.state == down {
			continue
		}
		m.set(s)
		if s == vanished {
			m.listener.SetDeadline(time.Unix(1, 0)) // wakes the accepting goroutine
		}
	}
	return at
}

// fill occupies the member's accept queue with connections of our own.
func (m *member) fill() {
	m.c.mu.Lock()
	l := m.listener
	m.c.mu.Unlock()
	if l == nil {
		return
	}
	setBacklog(l, 0)
	for try, full := 0, 0; try < 16 && full < 2; try++ { // on a busy machine one failure may be chance
		k, err := net.DialTimeout("tcp", m.public(), 50*time.Millisecond)
		if err != nil {
			full++
			continue
		}
		full = 0
		m.c.mu.Lock()
		if m.state == vanished {
			m.fillers = append(m.fillers, k)
		} else {
			k.Close()
		}
		m.c.mu.Unlock()
	}
}

// dropFillers frees the accept queue. The caller holds the cluster's mutex.
func (m *member) dropFillers() {
	for _, k := range m.fillers {
		k.Close()
	}
	m.fillers = nil
}

// Thaw ends Freeze, FreezeMember and Blackhole, and returns the instant.
func (c *Cluster) Thaw() time.Time { return c.thaw(c.members) }

// ThawMember is Thaw for one member, counted from 0.
func (c *Cluster) ThawMember(i int) time.Time { return c.thaw(c.members[i : i+1]) }

func (c *Cluster) thaw(members []*member) time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, m := range members {
		if m.state != frozen && m.state != vanished {
			continue
		}
		m.listener.SetDeadline(time.Time{})
		if m.state == vanished {
			setBacklog(m.listener, 4096) // the kernel caps it
		}
		m.dropFillers()
		m.set(running)
	}
	return time.Now()
}

// Slow makes every connection answer only once in d from now on; 0 ends it. A
// request waits up to d, and exactly d if no other waited before it. Requests do
// not wait for each other.
func (c *Cluster) Slow(d time.Duration) { c.slow.Store(int64(d)) }

// RefuseAuth answers authentication requests with status from now on
// (CredentialsFailed, SerializationFailed, NotAllowed); Accepted ends it.
// Connections that are authenticated stay so: follow it with ResetOnce.
func (c *Cluster) RefuseAuth(status byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuse = status
}

// HideMembers leaves requests for the member list without an answer from now on,
// as a member does that freezes right after it has authenticated a client.
func (c *Cluster) HideMembers(hide bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.hideView = hide
}

// RefuseOperations answers every map operation with an error of the given
// code (CodeIllegalArgument, ...) from now on, and applies none; 0 ends it.
func (c *Cluster) RefuseOperations(code int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.refuseOp = code
}

// Expire makes the members show a certificate that is no longer valid in new
// handshakes. Open connections stay: follow it with ResetOnce.
func (c *Cluster) Expire() error { return c.serveCertificate(true) }

// Renew ends Expire.
func (c *Cluster) Renew() error { return c.serveCertificate(false) }

func (c *Cluster) serveCertificate(stale bool) error {
	if c.auth == nil {
		return fmt.Errorf("stand-in %s: has no TLS, hence no certificate", c.opts.Name)
	}
	if stale {
		c.auth.serving.Store(&c.auth.stale)
	} else {
		c.auth.serving.Store(&c.auth.server)
	}
	return nil
}

// SetPartitionCount changes the count that members tell to clients which
// authenticate from now on. Open connections keep theirs.
func (c *Cluster) SetPartitionCount(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.partitions = n
}
