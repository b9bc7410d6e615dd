// Package pin makes a client follow a pin that is set from outside the program: the
// name of the cluster that every process of a fleet is to use. A Source says what the
// pin is now, such as a File; Follower moves the client. Where the source is away or
// says nothing of use, the client stays where it is.
package pin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
)

// None is what stands for no pin. Nothing at all means the same.
const None = "none"

// Source is where the pin is set.
type Source interface {
	// Current returns the name of a cluster, or "" for no pin, and a channel that is
	// closed once there is another. It is not known until the source has been read.
	Current() (name string, known bool, changed <-chan struct{})
}

// Parse returns the pin that a text stands for: the name of a cluster, or "" for none.
func Parse(data []byte) (string, error) {
	text := strings.TrimSpace(string(data))
	if strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", errors.New("it holds more than one line; it must hold the name of one cluster, or " + None)
	}
	if text == None {
		text = ""
	}
	return text, nil
}

// Client is what follows a pin; *failover.Client is one.
type Client interface {
	Pin(ctx context.Context, cluster string) error
}

// Follower moves a client as a source says.
type Follower struct {
	Source   Source
	Clusters []string      // that the client knows
	Patience time.Duration // bounds one attempt to move
	Log      *slog.Logger
}

// First returns the pin to start a client with, "" for none. That is also what a
// source comes to that is not read yet, or that names a cluster which does not exist.
func (f *Follower) First() string {
	name, _, _ := f.Source.Current()
	if !f.exists(name) {
		return ""
	}
	return name
}

func (f *Follower) exists(name string) bool { return name == "" || slices.Contains(f.Clusters, name) }

// Pauses between attempts to move to a cluster that cannot be reached, and to one that
// refuses the client, which an operator has to repair. The last is that of the engine.
const (
	firstPause   = time.Second
	longestPause = 30 * time.Second
	refusedPause = 5 * time.Minute
)

// Run moves the client after each change of the pin, until ctx ends. The client was
// started with the pin first. An attempt that fails has changed nothing, and is made
// again, after longer and longer pauses, for as long as the pin stays what it is.
func (f *Follower) Run(ctx context.Context, client Client, first string) {
	here, failed, pause := first, false, firstPause
	warned := ""
	for last := first; ctx.Err() == nil; {
		name, known, changed := f.Source.Current()
		if name != last {
			last, failed, pause, warned = name, false, firstPause, ""
		}
		retry := make(<-chan time.Time)
		switch {
		case !known || name == here:
		case !f.exists(name):
			if warned != name {
				warned = name
				// Not what it is: the file may be another, which holds a secret.
				f.Log.Warn("the pin names no cluster of this program, which stays where it is; correct the pin", "clusters", f.Clusters)
			}
		default:
			err := f.move(ctx, client, name, failed)
			if err == nil {
				here = name
				break
			}
			failed = true
			longest := longestPause
			if failover.Refused(err) {
				longest = refusedPause
			}
			pause = min(pause, longest)
			retry = time.After(pause/2 + rand.N(pause/2+1))
			pause = min(2*pause, longest)
		}
		select {
		case <-ctx.Done():
		case <-changed:
		case <-retry:
		}
	}
}

// move pins the client, and logs what came of it: a failure only if it is the first.
func (f *Follower) move(ctx context.Context, client Client, name string, again bool) error {
	if name == "" {
		f.Log.Info("the pin was taken away; this program stays where it is, and is free to leave when its cluster is lost")
	} else if !again {
		f.Log.Info("the pin was set; moving to that cluster", "pin", name)
	}
	ctx, cancel := context.WithTimeout(ctx, f.Patience)
	defer cancel()
	err := client.Pin(ctx, name)
	switch {
	case err == nil && name != "":
		f.Log.Info("pinned: no other cluster is used", "pin", name)
	case err != nil && !again && context.Cause(ctx) != context.Canceled:
		f.Log.Warn("the move to the pinned cluster failed; this program stays where it is, and tries again for as long as the pin is set", "pin", name, "cause", err)
	case err != nil:
		f.Log.Debug("the move to the pinned cluster failed again", "pin", name, "cause", err)
	}
	return err
}

// Says is what a source is told to say now, in words.
func Says(name string) string {
	if name == "" {
		return "no pin"
	}
	return fmt.Sprintf("pinned to %s", name)
}
