package registry

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/failover-gen/failover-gen/templates/zksession"
)

// Registration keeps a server in a list: it joins at the end, joins again after
// the registry has given it up, and leaves on Close.
type Registration struct {
	c     Config
	data  []byte
	leave context.CancelFunc
	done  chan struct{}

	mu      sync.Mutex
	session *zksession.Session
	entry   string        // the path of the entry; empty while there is none
	maybe   bool          // the session may have an entry
	changed chan struct{} // closed and replaced when entry changes
	err     error         // why there is no entry
	told    zksession.Causes
}

// Register joins a list in the background, under an id that readers show, with
// the URLs of the server. Its error says what is wrong with what it was given.
func Register(c Config, id string, urls ...string) (*Registration, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	if len(urls) == 0 {
		return nil, errors.New("there is no URL to register; give the one that clients call the server by")
	}
	for _, url := range urls {
		if err := checkURL(url); err != nil {
			return nil, fmt.Errorf("the text to register %w; give the URL that clients call the server by", err)
		}
	}
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	// A Fabric server takes the entry of a container with its own name for its own
	// (fabric-cxf 1.2.0.redhat-133), so ours is the name of no container.
	container := host + "-" + strings.ToLower(rand.Text()[:8])
	data, err := json.Marshal(state{ID: id, Container: container, Services: urls})
	if err != nil {
		return nil, err
	}
	ctx, leave := context.WithCancel(context.Background())
	r := &Registration{c: c, data: data, leave: leave, done: make(chan struct{}), changed: make(chan struct{}), told: make(zksession.Causes)}
	go r.run(ctx)
	return r, nil
}

// Wait returns once the server stands in the list. After
// Config.MaximumConnectionTimeout it gives up, and returns the last cause; the
// registration goes on trying.
func (r *Registration) Wait(ctx context.Context) error {
	timeout := time.NewTimer(r.c.MaximumConnectionTimeout)
	defer timeout.Stop()
	for {
		entry, changed, _ := r.state()
		if entry != "" {
			return nil
		}
		select {
		case <-changed:
		case <-r.done:
			return errors.New("the registration is closed")
		case <-ctx.Done():
			return r.absent(ctx.Err())
		case <-timeout.C:
			return r.absent(fmt.Errorf("waited for %v", r.c.MaximumConnectionTimeout))
		}
	}
}

// absent says why the server is not in the list.
func (r *Registration) absent(reason error) error {
	_, _, cause := r.state()
	if cause == nil {
		cause = fmt.Errorf("no server of %s answers", strings.Join(r.c.Addresses, ", "))
	}
	return fmt.Errorf("the server is not in the registry's list (%w): %w", reason, cause)
}

// state returns the server's entry, a channel that is closed when there is
// another, and why there is none.
func (r *Registration) state() (entry string, changed <-chan struct{}, cause error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.entry, r.changed, r.err
}

// Entry returns the path of the server's entry, or nothing while it has none.
func (r *Registration) Entry() string {
	entry, _, _ := r.state()
	return entry
}

// Close leaves the list, and returns when everything has stopped. While the
// registry is away it tries until ctx ends, for Config.MaximumConnectionTimeout
// at most. Its error says that the entry may stand until its session ends.
func (r *Registration) Close(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, r.c.MaximumConnectionTimeout)
	defer cancel()
	r.leave()
	r.mu.Lock()
	s, maybe := r.session, r.maybe
	r.mu.Unlock()
	if maybe {
		select {
		case <-r.done:
		case <-ctx.Done():
		}
	}
	if s != nil {
		s.Close()
	}
	<-r.done
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.maybe {
		return fmt.Errorf("the server could not leave the registry's list, since no server of %s answered: its entry stands until the session ends, for about %v",
			strings.Join(r.c.Addresses, ", "), r.c.SessionTimeout)
	}
	return nil
}

// run keeps the server in the list, in one session after the other.
func (r *Registration) run(ctx context.Context) {
	defer close(r.done)
	pause := r.c.ConnectionRetryTime
	for ctx.Err() == nil {
		err := r.hold(ctx)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, zksession.ErrExpired) || zksession.ConnectionLost(err) {
			pause = r.c.ConnectionRetryTime
		} else {
			pause = min(pause*2, zksession.LongestPause)
		}
		r.note("", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// hold joins the list and stays in it until ctx or the session ends. It returns
// an error in both cases.
func (r *Registration) hold(ctx context.Context) error {
	s, err := zksession.Open(r.c.connection(), true, r.unreachable, func(string) {})
	if err != nil {
		return err
	}
	r.mu.Lock()
	r.session, r.maybe = s, false
	r.mu.Unlock()
	defer s.Close()
	select {
	case <-s.Up():
	case <-s.Gone():
		return s.EndOr(zk.ErrConnectionClosed)
	case <-ctx.Done():
		return ctx.Err()
	}
	if err := s.Login(); err != nil {
		if zksession.ConnectionLost(err) {
			return err
		}
		return r.c.connection().Refusal("log in to join", r.c.Path, err)
	}
	for ctx.Err() == nil {
		entry, err := r.join(ctx, s)
		if err == nil {
			r.note(entry, nil)
			err = r.stay(ctx, s, entry)
		}
		switch {
		case errors.Is(err, zksession.ErrExpired):
			r.sure()
			return err
		case !errors.Is(err, errRemoved):
			return err
		}
		r.sure()
		r.note("", err)
	}
	return ctx.Err()
}

// note keeps where the server stands in the list, or why it does not, and logs
// it when that changes.
func (r *Registration) note(entry string, err error) {
	r.mu.Lock()
	back := err == nil && (r.entry != entry || r.err != nil)
	isNew := err != nil && r.told.IsNew(err)
	r.entry, r.err = entry, err
	if err == nil {
		clear(r.told)
	}
	close(r.changed)
	r.changed = make(chan struct{})
	r.mu.Unlock()
	switch {
	case isNew:
		r.c.Logger.Warn("registry: the server is not in the list and joins it again: "+err.Error(), "path", r.c.Path)
	case back:
		r.c.Logger.Info("registry: the server is in the list", "entry", entry)
	}
}

// unreachable notes why no server of the registry is reached, and logs each
// cause once. The entry stands until the registry gives the session up.
func (r *Registration) unreachable(err error) {
	r.mu.Lock()
	r.err = err
	isNew := r.told.IsNew(err)
	r.mu.Unlock()
	if isNew {
		r.c.Logger.Warn("registry: "+err.Error(), "path", r.c.Path)
	}
}

// join makes the server's entry, and the list if there is none. When the answer
// is lost it looks for the entry before it makes another.
func (r *Registration) join(ctx context.Context, s *zksession.Session) (string, error) {
	for r.beginJoin(ctx) {
		entry, err := s.Conn.Create(r.c.Path+"/0", r.data, zk.FlagEphemeral|zk.FlagSequence, r.c.connection().ACL())
		if zksession.ConnectionLost(err) {
			if entry, err = r.find(s); err == nil && entry == "" {
				r.sure()
				continue
			}
		}
		switch {
		case err == nil:
			return entry, nil
		case zksession.ConnectionLost(err):
			return "", s.EndOr(err)
		}
		r.sure()
		if !errors.Is(err, zk.ErrNoNode) {
			return "", r.c.connection().Refusal("join", r.c.Path, err)
		}
		if err := r.makeList(s); err != nil {
			return "", err
		}
	}
	return "", ctx.Err()
}

// beginJoin notes that an entry may exist from now on, unless ctx has ended.
func (r *Registration) beginJoin(ctx context.Context) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if ctx.Err() != nil {
		return false
	}
	r.maybe = true
	return true
}

// sure notes that the session has no entry.
func (r *Registration) sure() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.entry, r.maybe = "", false
}

// makeList makes the nodes above the entries that do not exist yet.
func (r *Registration) makeList(s *zksession.Session) error {
	for end := 1; end <= len(r.c.Path); end++ {
		if end < len(r.c.Path) && r.c.Path[end] != '/' {
			continue
		}
		node := r.c.Path[:end]
		for {
			exists, _, err := s.Conn.Exists(node)
			if err == nil && !exists {
				_, err = s.Conn.Create(node, nil, 0, r.c.connection().ACL())
			}
			switch {
			case zksession.ConnectionLost(err) && !s.IsGone():
				continue
			case zksession.ConnectionLost(err):
				return s.EndOr(err)
			case err != nil && !errors.Is(err, zk.ErrNodeExists):
				return r.c.connection().Refusal("make", node, err)
			}
			break
		}
	}
	return nil
}

// find returns the entry that the session owns, or nothing. It tries until
// there is an answer or the session is gone.
func (r *Registration) find(s *zksession.Session) (entry string, err error) {
	for {
		entry, err = r.findOnce(s)
		if !zksession.ConnectionLost(err) || s.IsGone() {
			return entry, err
		}
	}
}

func (r *Registration) findOnce(s *zksession.Session) (string, error) {
	// Another server than the one that made the entry may not know of it yet.
	if _, err := s.Conn.Sync(r.c.Path); err != nil {
		return "", err
	}
	names, _, err := s.Conn.Children(r.c.Path)
	if errors.Is(err, zk.ErrNoNode) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	owned, failed := make([]bool, len(names)), make([]error, len(names))
	zksession.Pipeline(len(names), func(i int) {
		exists, stat, err := s.Conn.Exists(r.c.Path + "/" + names[i])
		owned[i], failed[i] = err == nil && exists && stat.EphemeralOwner == s.Conn.SessionID(), err
	})
	for i, name := range names {
		if owned[i] {
			return r.c.Path + "/" + name, nil
		}
	}
	return "", errors.Join(failed...)
}

// errRemoved says that the entry went while the session stayed.
var errRemoved = errors.New("somebody removed the server's entry")

// stay watches over the entry until ctx or the session ends, or the entry is
// removed, and leaves the list if ctx ends.
func (r *Registration) stay(ctx context.Context, s *zksession.Session, entry string) error {
	check := time.NewTicker(r.c.SessionTimeout)
	defer check.Stop()
	for {
		select {
		case <-ctx.Done():
			return r.remove(s, entry)
		case <-s.Gone():
			return s.EndOr(zk.ErrConnectionClosed)
		case <-s.Up():
		case <-check.C:
		}
		exists, stat, err := s.Conn.Exists(entry)
		switch {
		case err != nil:
		case !exists || stat.EphemeralOwner != s.Conn.SessionID():
			return errRemoved
		default:
			r.note(entry, nil)
		}
	}
}

// remove deletes the entry, so that readers learn of it at once. While no server
// is reached it tries until the session is gone.
func (r *Registration) remove(s *zksession.Session, entry string) error {
	for {
		err := s.Conn.Delete(entry, -1)
		switch {
		case err == nil, errors.Is(err, zk.ErrNoNode), s.Expired():
			r.sure()
			return context.Canceled
		case !zksession.ConnectionLost(err), s.IsGone():
			return err
		}
	}
}
