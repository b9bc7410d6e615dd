package registry

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-zookeeper/zk"

	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
	"github.com/failover-gen/failover-gen/templates/zksession"
)

// Watcher follows a list. While the registry is away it keeps the last one.
type Watcher struct {
	c    Config
	stop context.CancelFunc
	done chan struct{}

	mu      sync.Mutex
	list    []failover.Endpoint
	changed chan struct{} // closed and replaced when the list changes
	read    chan struct{} // closed once a list was read
	err     error         // why the list may be out of date; nil if it is not
	told    zksession.Causes

	warned map[string]int64 // by the names of entries: the version that was warned of
}

// Watch starts to follow a list in the background. Its error says what is wrong
// with the configuration.
func Watch(c Config) (*Watcher, error) {
	if err := c.complete(); err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(context.Background())
	w := &Watcher{
		c: c, stop: stop, done: make(chan struct{}),
		changed: make(chan struct{}), read: make(chan struct{}), warned: make(map[string]int64), told: make(zksession.Causes),
	}
	go w.run(ctx)
	return w, nil
}

// Current returns the endpoints in order of preference, and a channel that is
// closed once the list is another. A nil list says that none was read yet.
func (w *Watcher) Current() ([]failover.Endpoint, <-chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.list, w.changed
}

// Err returns why the list may be out of date, or nil if it is not.
func (w *Watcher) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Wait returns once a list was read. After Config.MaximumConnectionTimeout it
// gives up, and returns the last cause.
func (w *Watcher) Wait(ctx context.Context) error {
	if list, _ := w.Current(); list != nil {
		return nil
	}
	timeout := time.NewTimer(w.c.MaximumConnectionTimeout)
	defer timeout.Stop()
	select {
	case <-w.read:
		return nil
	case <-w.done:
		return errors.New("the registry's watcher is closed")
	case <-ctx.Done():
		return w.notRead(ctx.Err())
	case <-timeout.C:
		return w.notRead(fmt.Errorf("waited for %v", w.c.MaximumConnectionTimeout))
	}
}

// notRead says why there is no list yet.
func (w *Watcher) notRead(reason error) error {
	if cause := w.Err(); cause != nil {
		return fmt.Errorf("no list was read from the registry (%w): %w", reason, cause)
	}
	return fmt.Errorf("no list was read from the registry (%w): no server of %s answers", reason, strings.Join(w.c.Addresses, ", "))
}

// Close stops following the list, and returns when everything has stopped.
func (w *Watcher) Close() error {
	w.stop()
	<-w.done
	return nil
}

// run follows the list on one connection after the other. A new connection
// reads everything again, so that no change is missed between two.
func (w *Watcher) run(ctx context.Context) {
	defer close(w.done)
	pause := w.c.ConnectionRetryTime
	for ctx.Err() == nil {
		err := w.follow(ctx)
		if ctx.Err() != nil {
			return
		}
		if zksession.ConnectionLost(err) {
			pause = w.c.ConnectionRetryTime
			if w.Err() == nil {
				w.report(errors.New("the connection to the registry was lost"))
			}
		} else {
			w.report(err)
			pause = min(pause*2, zksession.LongestPause)
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

// report notes why the list may be out of date, and logs each cause once.
func (w *Watcher) report(err error) {
	w.mu.Lock()
	w.err = err
	isNew := w.told.IsNew(err)
	w.mu.Unlock()
	if isNew {
		w.c.Logger.Warn("registry: "+err.Error(), "path", w.c.Path)
	}
}

// follow reads the list and publishes it after each change, until the
// connection is lost or the registry refuses.
func (w *Watcher) follow(ctx context.Context) error {
	r := reader{w: w, wake: make(chan struct{}, 1), entries: make(map[string][]string), stale: make(map[string]bool), listStale: true}
	s, err := zksession.Open(w.c.connection(), false, w.report, r.fired)
	if err != nil {
		return err
	}
	r.s = s
	defer context.AfterFunc(ctx, s.Close)()
	defer s.Close()
	if err := s.Login(); err != nil {
		return r.explain("log in to read", err)
	}
	for {
		exists, err := r.refresh()
		switch {
		case err != nil:
			return err
		case exists:
			w.publish(r.endpoints())
		default:
			w.publishAbsence()
		}
		select {
		case <-r.wake:
		case <-s.Gone():
			return zk.ErrConnectionClosed
		}
	}
}

// publish makes a list the current one.
func (w *Watcher) publish(list []failover.Endpoint) {
	w.mu.Lock()
	back := w.err != nil
	w.err = nil
	clear(w.told)
	w.replace(list)
	w.mu.Unlock()
	if back {
		w.c.Logger.Info("registry: the list was read", "path", w.c.Path, "endpoints", len(list))
	}
}

// publishAbsence notes that the registry has no such list. It is awaited, unless
// there was one.
func (w *Watcher) publishAbsence() {
	w.mu.Lock()
	if w.list != nil {
		w.replace([]failover.Endpoint{})
	}
	w.mu.Unlock()
	w.report(fmt.Errorf("the registry has no %s yet: no server has joined that list; start one, or correct the path", w.c.Path))
}

// replace tells of a list if it is another. Its caller holds mu.
func (w *Watcher) replace(list []failover.Endpoint) {
	if w.list == nil {
		close(w.read)
	} else if slices.Equal(w.list, list) {
		return
	}
	w.list = list
	close(w.changed)
	w.changed = make(chan struct{})
}

// reader is what a watcher knows on one connection.
type reader struct {
	w       *Watcher
	s       *zksession.Session
	exists  bool                // the list does
	entries map[string][]string // the URLs that each offers

	mu        sync.Mutex
	listStale bool            // entries came or went
	stale     map[string]bool // names of the entries whose data changed
	wake      chan struct{}
}

// fired notes which node changed. ZooKeeper fires a watch once, before it
// answers anything that shows the change, so that nothing is missed.
func (r *reader) fired(path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if name, below := strings.CutPrefix(path, r.w.c.Path+"/"); below {
		r.stale[name] = true
	} else {
		r.listStale = true
	}
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// changes returns what has changed since it was last asked.
func (r *reader) changes() (list bool, names map[string]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list, names = r.listStale, r.stale
	r.listStale, r.stale = false, make(map[string]bool)
	return list, names
}

// refresh reads what has changed, and watches it. It reports whether there is a
// list at all.
func (r *reader) refresh() (exists bool, err error) {
	listStale, stale := r.changes()
	maps.DeleteFunc(stale, func(name string, _ bool) bool { _, known := r.entries[name]; return !known })
	if listStale {
		names, err := r.names()
		if err != nil {
			return false, err
		}
		listed := make(map[string]bool, len(names))
		for _, name := range names {
			listed[name] = true
			if _, known := r.entries[name]; !known {
				stale[name] = true
			}
		}
		maps.DeleteFunc(r.entries, func(name string, _ []string) bool { return !listed[name] })
		maps.DeleteFunc(stale, func(name string, _ bool) bool { return !listed[name] })
		maps.DeleteFunc(r.w.warned, func(name string, _ int64) bool { return !listed[name] })
	}
	return r.exists, r.readAll(slices.Collect(maps.Keys(stale)))
}

// names returns the names of all entries and watches for others, or for the
// list if there is none.
func (r *reader) names() ([]string, error) {
	path := r.w.c.Path
	for {
		names, _, _, err := r.s.Conn.ChildrenW(path)
		if err == nil {
			r.exists = true
			return names, nil
		}
		if !errors.Is(err, zk.ErrNoNode) {
			return nil, r.explain("read", err)
		}
		exists, _, _, err := r.s.Conn.ExistsW(path)
		if err != nil {
			return nil, r.explain("read", err)
		}
		if !exists {
			r.exists = false
			return nil, nil
		}
	}
}

// explain adds to what a server refused who was refused.
func (r *reader) explain(verb string, err error) error {
	if zksession.ConnectionLost(err) {
		return err
	}
	return r.w.c.connection().Refusal(verb, r.w.c.Path, err)
}

// readAll reads and watches entries, many at once.
func (r *reader) readAll(names []string) error {
	type answer struct {
		data []byte
		stat *zk.Stat
		err  error
	}
	answers := make([]answer, len(names))
	zksession.Pipeline(len(names), func(i int) {
		a := &answers[i]
		a.data, a.stat, _, a.err = r.s.Conn.GetW(r.w.c.Path + "/" + names[i])
	})
	for i, a := range answers {
		name := names[i]
		switch {
		case a.err == nil:
			urls, err := decode(a.data)
			r.entries[name] = urls
			if err != nil {
				r.warn(name, a.stat.Mzxid, err)
			}
		case errors.Is(a.err, zk.ErrNoNode):
			delete(r.entries, name)
		case zksession.ConnectionLost(a.err):
			return a.err
		default:
			r.entries[name] = nil
			r.warn(name, 0, a.err)
		}
	}
	return nil
}

// warn says once a version why an entry, or a part of it, is not offered.
func (r *reader) warn(name string, version int64, err error) {
	if last, known := r.w.warned[name]; known && last == version {
		return
	}
	r.w.warned[name] = version
	r.w.c.Logger.Warn("registry: an entry is skipped, or a part of it: "+err.Error(), "entry", r.w.c.Path+"/"+name)
}

// endpoints returns what the entries offer, in their order.
func (r *reader) endpoints() []failover.Endpoint {
	list := make([]failover.Endpoint, 0, len(r.entries))
	for _, name := range slices.Sorted(maps.Keys(r.entries)) {
		for i, url := range r.entries[name] {
			id := name
			if i > 0 {
				id += "#" + strconv.Itoa(i)
			}
			list = append(list, failover.Endpoint{URL: url, ID: id})
		}
	}
	return list
}
