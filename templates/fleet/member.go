package fleet

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/failover-gen/failover-gen/templates/zksession"
)

// Member is one process of a fleet. While the registry is away its pin stays as it was.
type Member struct {
	c    Config
	stop context.CancelFunc
	done chan struct{}
	tell chan struct{} // holds a value when there is something new to tell

	watching bool // a watch on the pin is out; run's goroutine alone uses it

	mu      sync.Mutex
	report  Report
	name    string // the pin
	known   bool
	changed chan struct{} // closed and replaced when the pin changes
	err     error         // why the pin may be out of date; nil if it is not
	told    zksession.Causes
}

// Join follows the pin, and tells of this process, in the background until Close. Its
// error says what is wrong with the configuration.
func Join(c Config) (*Member, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	host := hostname()
	ctx, stop := context.WithCancel(context.Background())
	m := &Member{c: c, stop: stop, done: make(chan struct{}), tell: make(chan struct{}, 1), changed: make(chan struct{}), told: make(zksession.Causes)}
	m.report = Report{
		Version: reportVersion, Host: host, PID: os.Getpid(), Since: time.Now().UTC(),
		Process: fmt.Sprintf("%s-%d-%s", strings.ReplaceAll(host, "/", "-"), os.Getpid(), strings.ToLower(rand.Text()[:6])),
	}
	go m.run(ctx)
	return m, nil
}

// Current returns the pin, "" for none, and a channel that is closed once there is
// another. It is not known until the registry has been read.
func (m *Member) Current() (name string, known bool, changed <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.name, m.known, m.changed
}

// Wait returns once the pin is known, or with the reason why it is not when ctx ends.
func (m *Member) Wait(ctx context.Context) error {
	for {
		_, known, changed := m.Current()
		if known {
			return nil
		}
		select {
		case <-changed:
		case <-m.done:
			return errors.New("the fleet's member is closed")
		case <-ctx.Done():
			m.mu.Lock()
			defer m.mu.Unlock()
			if m.err != nil {
				return m.err
			}
			return fmt.Errorf("no server of %s answers", strings.Join(m.c.Addresses, ", "))
		}
	}
}

// Active tells the fleet which cluster this process uses since then, "" for none.
func (m *Member) Active(cluster string, since time.Time) {
	m.mu.Lock()
	m.report.Cluster, m.report.Since = cluster, since.UTC()
	m.mu.Unlock()
	select {
	case m.tell <- struct{}{}:
	default:
	}
}

// Close takes this process out of the fleet. It does not wait for a registry that is away.
func (m *Member) Close() {
	m.stop()
	<-m.done
}

// run takes part in one session after the other.
func (m *Member) run(ctx context.Context) {
	defer close(m.done)
	pause := m.c.ConnectionRetryTime
	for ctx.Err() == nil {
		err := m.takePart(ctx)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, zksession.ErrExpired) || zksession.ConnectionLost(err) {
			pause = m.c.ConnectionRetryTime
			m.away(errors.New("the connection to the registry was lost"))
		} else {
			pause = min(pause*2, zksession.LongestPause)
			m.away(err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// away notes why the pin may be out of date, and logs each cause once.
func (m *Member) away(err error) {
	m.mu.Lock()
	m.err = err
	isNew := m.told.IsNew(err)
	m.mu.Unlock()
	if isNew {
		m.c.Logger.Warn("registry: the pin can't be read, and stays as it is: "+err.Error(), "path", m.c.Path)
	}
}

// takePart follows the pin and tells of this process until the session ends.
func (m *Member) takePart(ctx context.Context) error {
	fired := make(chan struct{}, 1)
	s, err := zksession.Open(&m.c.Config, true, m.away, func(string) {
		select {
		case fired <- struct{}{}:
		default:
		}
	})
	if err != nil {
		return err
	}
	defer context.AfterFunc(ctx, s.Close)()
	defer s.Close()
	m.watching = false
	select {
	case <-s.Up():
	case <-s.Gone():
		return s.EndOr(zk.ErrConnectionClosed)
	}
	if err := s.Login(); err != nil {
		return m.c.explain("log in to read", m.c.Path, err)
	}
	if err := m.readPin(s); err != nil {
		return s.EndOr(err)
	}
	if err := m.c.makeNodes(s, m.c.activePath()); err != nil {
		return s.EndOr(err)
	}
	check := time.NewTicker(m.c.SessionTimeout)
	defer check.Stop()
	if err := m.put(s); err != nil {
		return s.EndOr(err)
	}
	for {
		again := []func(*zksession.Session) error{m.readPin, m.put}
		select {
		case <-fired:
			m.watching = false
			again = again[:1]
		case <-m.tell:
			again = again[1:]
		case <-s.Up():
		case <-check.C:
		case <-s.Gone():
			return s.EndOr(zk.ErrConnectionClosed)
		}
		for _, do := range again {
			// A session that was interrupted is resumed, and then everything is done again.
			if err := do(s); err != nil && (s.IsGone() || !zksession.ConnectionLost(err)) {
				return s.EndOr(err)
			}
		}
	}
}

// readPin reads the pin, and watches it unless a watch is out.
func (m *Member) readPin(s *zksession.Session) error {
	node := m.c.pinPath()
	for {
		data, err := m.get(s, node)
		if err == nil {
			name, wrong := parsePin(data)
			if wrong != nil {
				m.away(fmt.Errorf("%s is of no use: %w", node, wrong))
				return nil
			}
			m.publish(name)
			return nil
		}
		if !errors.Is(err, zk.ErrNoNode) {
			return m.c.explain("read", node, err)
		}
		exists, err := m.exists(s, node)
		if err != nil {
			return m.c.explain("read", node, err)
		}
		if !exists {
			m.publish("")
			return nil
		}
	}
}

func (m *Member) get(s *zksession.Session, node string) (data []byte, err error) {
	if m.watching {
		data, _, err = s.Conn.Get(node)
		return data, err
	}
	data, _, _, err = s.Conn.GetW(node)
	m.watching = err == nil
	return data, err
}

func (m *Member) exists(s *zksession.Session, node string) (exists bool, err error) {
	if m.watching {
		exists, _, err = s.Conn.Exists(node)
		return exists, err
	}
	exists, _, _, err = s.Conn.ExistsW(node)
	m.watching = err == nil && !exists // else it is the watch of a read that waits
	return exists, err
}

// publish makes a pin the current one.
func (m *Member) publish(name string) {
	m.mu.Lock()
	back := m.err != nil
	m.err = nil
	clear(m.told)
	if !m.known || m.name != name {
		m.name, m.known = name, true
		close(m.changed)
		m.changed = make(chan struct{})
	}
	m.mu.Unlock()
	if back {
		m.c.Logger.Info("registry: the pin was read again", "path", m.c.Path)
	}
}

// put writes this process's node, which the session owns. A node of that name of an
// earlier session is our own, and would go with that.
func (m *Member) put(s *zksession.Session) error {
	m.mu.Lock()
	node, data := m.c.activePath()+"/"+m.report.Process, m.report.marshal()
	m.mu.Unlock()
	for {
		exists, stat, err := s.Conn.Exists(node)
		switch {
		case err == nil && exists && stat.EphemeralOwner == s.Conn.SessionID():
			_, err = s.Conn.Set(node, data, -1)
		case err == nil && exists:
			if err = s.Conn.Delete(node, -1); err == nil || errors.Is(err, zk.ErrNoNode) {
				continue
			}
		case err == nil:
			_, err = s.Conn.Create(node, data, zk.FlagEphemeral, m.c.ACL())
		}
		if errors.Is(err, zk.ErrNoNode) || errors.Is(err, zk.ErrNodeExists) {
			if err = m.c.makeNodes(s, m.c.activePath()); err == nil {
				continue
			}
		}
		return m.c.explain("write", node, err)
	}
}
