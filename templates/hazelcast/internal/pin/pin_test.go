package pin

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// told is a source that a test sets.
type told struct {
	mu      sync.Mutex
	name    string
	known   bool
	changed chan struct{}
}

func (s *told) Current() (string, bool, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.name, s.known, s.changed
}

func (s *told) say(name string) {
	s.mu.Lock()
	s.name, s.known = name, true
	close(s.changed)
	s.changed = make(chan struct{})
	s.mu.Unlock()
	synctest.Wait()
}

// logged is a log that is written while a test reads it.
type logged struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logged) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// client notes what it was asked for, and fails as a test says.
type client struct {
	mu   sync.Mutex
	pins []string
	at   []time.Time
	err  error
}

func (c *client) Pin(_ context.Context, name string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.pins, c.at = append(c.pins, name), append(c.at, time.Now())
	return c.err
}

func (c *client) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = err
}

type run struct {
	told
	client
	log logged
}

// started runs a follower in the time of a test.
func started(t *testing.T, name string, known bool) *run {
	r := &run{told: told{name: name, known: known, changed: make(chan struct{})}}
	f := &Follower{Source: &r.told, Clusters: []string{"a", "b"}, Patience: time.Second, Log: slog.New(slog.NewTextHandler(&r.log, nil))}
	go f.Run(t.Context(), &r.client, f.First())
	synctest.Wait()
	return r
}

func (r *run) wants(t *testing.T, pins ...string) {
	t.Helper()
	if !slices.Equal(r.pins, pins) {
		t.Errorf("pinned to %q, want %q\n%s", r.pins, pins, &r.log)
	}
}

func TestAPinIsFollowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := started(t, "a", true)
		r.wants(t) // the client has started with it
		r.say("b")
		r.say("b")
		r.say("")
		r.say("a")
		r.wants(t, "b", "", "a")
		if text := r.log.String(); strings.Contains(text, "WARN") || !strings.Contains(text, "taken away") || !strings.Contains(text, "pinned: no other") {
			t.Error(text)
		}
	})
}

func TestWhereThereIsNoPinNothingHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := started(t, "", false)
		time.Sleep(time.Hour)
		r.say("")
		r.wants(t)
		r.say("b") // the registry is read at last
		r.wants(t, "b")
	})
}

func TestAnUnknownNameChangesNothingAndIsLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := started(t, "hidden", true)
		time.Sleep(time.Hour)
		r.say("y")
		r.say("y")
		r.wants(t)
		if n := strings.Count(r.log.String(), "level=WARN"); n != 2 || !strings.Contains(r.log.String(), `clusters="[a b]"`) || strings.Contains(r.log.String(), "hidden") {
			t.Errorf("%d warnings, want one for each name:\n%s", n, &r.log)
		}
		r.say("a")
		r.wants(t, "a")
	})
}

func TestAMoveThatFailsIsTriedAgainAndLoggedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := started(t, "", false)
		r.fail(errors.New("every address refuses connections"))
		begun := time.Now()
		r.say("b")
		time.Sleep(10 * time.Minute)
		synctest.Wait()
		if n := len(r.at); n < 20 || n > 50 {
			t.Errorf("%d attempts in ten minutes", n)
		}
		if second := r.at[1].Sub(begun); second < firstPause/2 || second > firstPause+time.Second {
			t.Errorf("the second attempt came after %v", second)
		}
		for i := 1; i < len(r.at); i++ {
			if pause := r.at[i].Sub(r.at[i-1]); pause > longestPause+time.Second {
				t.Errorf("a pause of %v", pause)
			}
		}
		if n := strings.Count(r.log.String(), "level=WARN"); n != 1 || !strings.Contains(r.log.String(), "every address refuses") {
			t.Errorf("%d warnings, want one:\n%s", n, &r.log)
		}
		r.fail(nil)
		time.Sleep(longestPause + time.Second)
		synctest.Wait()
		n := len(r.pins)
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(r.pins) != n || !strings.Contains(r.log.String(), "pinned: no other") {
			t.Errorf("%d attempts after the move\n%s", len(r.pins)-n, &r.log)
		}
	})
}

// Where the operator gives up a pin that was never reached, there is nothing to do.
func TestAPinThatWasNeverReachedIsForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := started(t, "a", true)
		r.fail(errors.New("down"))
		r.say("b")
		n := len(r.pins)
		r.say("a")
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(r.pins) != n {
			t.Errorf("%q after the pin was what it had been", r.pins[n:])
		}
	})
}
