package pin

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"time"
)

const (
	poll    = time.Second            // how often the file is read
	settle  = 100 * time.Millisecond // what is new counts if it is the same so much later
	maxFile = 4096                   // bytes that a file may have
)

// File is a source that is a file. It is read once a second, since what tells of changes
// does not work on every file system; a path through symbolic links that are replaced,
// as those of a mounted ConfigMap are, is followed with each look.
type File struct {
	path string
	log  *slog.Logger

	mu      sync.Mutex
	name    string
	known   bool
	failed  bool // the last look
	changed chan struct{}
}

// ReadFile returns the pin that a file holds.
func ReadFile(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() { // to open a pipe would wait for its writer
		return "", fmt.Errorf("%s is not a regular file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, maxFile+1))
	if err != nil {
		return "", err
	}
	if len(data) > maxFile {
		err = errors.New("it is longer than the name of a cluster")
	} else {
		var name string
		if name, err = Parse(data); err == nil {
			return name, nil
		}
	}
	return "", fmt.Errorf("%s: %w", path, err)
}

// WatchFile reads the file, and then follows it until ctx ends.
func WatchFile(ctx context.Context, path string, log *slog.Logger) *File {
	f := &File{path: path, log: log, changed: make(chan struct{})}
	var last look
	last.name, last.err = ReadFile(path)
	f.take(last)
	go f.follow(ctx, last)
	return f
}

// look is what one look at the file came to.
type look struct {
	name string
	err  error
}

func (l look) same(m look) bool {
	return l.name == m.name && (l.err == nil) == (m.err == nil) && (l.err == nil || l.err.Error() == m.err.Error())
}

// follow looks at the file once a second. What is new must be there a moment later as
// well: a file that is being written may be empty, or hold half a name.
func (f *File) follow(ctx context.Context, last look) {
	for wait(ctx, poll) {
		var now, soon look
		if now.name, now.err = ReadFile(f.path); now.same(last) || !wait(ctx, settle) {
			continue
		}
		if soon.name, soon.err = ReadFile(f.path); soon.same(now) {
			last = now
			f.take(now)
		}
	}
}

// wait reports whether ctx has not ended meanwhile.
func wait(ctx context.Context, d time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(d):
		return true
	}
}

// take makes a look at the file the current one. One that failed changes nothing, and
// is logged.
func (f *File) take(l look) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if l.err != nil {
		f.failed = true
		if f.known {
			f.log.Warn("the file of FAILOVER_PIN_FILE can't be used; the pin stays as it is", "cause", l.err)
		} else {
			f.log.Warn("the file of FAILOVER_PIN_FILE can't be used, so the client has no pin; it follows the file as soon as that can be used", "cause", l.err)
		}
		return
	}
	if f.failed && f.name == l.name {
		f.log.Info("the file of FAILOVER_PIN_FILE is usable again", "says", Says(l.name))
	}
	f.failed = false
	if f.known && f.name == l.name {
		return
	}
	f.name, f.known = l.name, true
	close(f.changed)
	f.changed = make(chan struct{})
}

// Current implements Source.
func (f *File) Current() (name string, known bool, changed <-chan struct{}) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.name, f.known, f.changed
}
