package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/failover-gen/failover-gen/internal/standin"
)

// peer is a program that writes through another client than ours. It gets a name
// and an address for each cluster and writes to the first. The value of its nth
// put is "value-N".
//
// It prints "failed N unknown|unsent CLASS" for each put that failed. When its
// standard input ends it prints "ended BEGUN RETURNED", which are the puts that it
// began and those that returned, and ends.
type peer struct {
	command []string      // and its arguments, before those of the clusters
	settle  time.Duration // it writes for so long, or half as long again, before the fault
}

// outcome is what one run showed. Puts are counted.
type outcome struct {
	gap             time.Duration // 0: no put was acked by the next cluster in time
	acked           int
	failed, unknown int
	lost, twice     int
	classes         map[string]int // of failed puts, by the class of the error
}

const (
	startLimit = time.Minute     // to the first put, also of a JVM beside other ones
	stopLimit  = 5 * time.Second // to the end once it was asked to end
	afterwards = 200 * time.Millisecond
)

// scene is a peer that writes to the first of two stand-ins.
type scene struct {
	clusters [2]*standin.Cluster
	w        *writer
}

// outcomeOf waits for the first put that the second cluster acks after the first one
// was broken, for limit at most, and judges all puts.
func (s *scene) outcomeOf(ctx context.Context, broken time.Time, limit time.Duration) (outcome, error) {
	var first standin.Write
	switched := s.w.await(ctx, limit, func() (ok bool) {
		first, ok = s.clusters[1].FirstAckAfter(broken)
		return ok
	})
	if switched {
		s.w.pause(ctx, afterwards)
	}
	ended := s.w.stop()
	switch {
	case ctx.Err() != nil:
		return outcome{}, ctx.Err()
	case !ended:
		return outcome{}, fmt.Errorf("the writer did not say how its puts ended: %s", s.w.complaint())
	}
	s.drain()
	o := s.w.judge(s.clusters[:])
	if switched {
		o.gap = first.Acked.Sub(broken)
	}
	return o, nil
}

// open starts the stand-ins and the peer, and lets it write for a while. The scene
// is to be closed, also after an error.
func (p peer) open(ctx context.Context) (*scene, error) {
	s := &scene{}
	args := slices.Clone(p.command[1:])
	for i, name := range []string{"primary", "secondary"} {
		c, err := standin.Start(standin.Options{Name: name, Plain: true})
		if err != nil {
			return s, err
		}
		s.clusters[i], args = c, append(args, name, c.Addresses()[0])
	}
	var err error
	if s.w, err = startWriter(ctx, p.command[0], args); err != nil {
		return s, err
	}
	start := time.Now()
	if !s.w.await(ctx, startLimit, func() bool { _, ok := s.clusters[0].FirstAckAfter(start); return ok }) {
		return s, cmp.Or(ctx.Err(), fmt.Errorf("the writer wrote nothing within %s: %s", startLimit, s.w.complaint()))
	}
	s.w.pause(ctx, p.settle+rand.N(p.settle/2))
	return s, nil
}

// close frees what the scene holds.
func (s *scene) close() {
	if s.w != nil {
		s.w.kill()
	}
	for _, c := range s.clusters {
		if c != nil {
			c.Stop()
		}
	}
}

// drain ends a freeze and lets the members carry out what they were sent: what they
// apply late counts as well.
func (s *scene) drain() {
	s.clusters[0].Thaw()
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if s.clusters[0].Connections()+s.clusters[1].Connections() == 0 {
			return
		}
	}
}

// writer is a peer that runs.
type writer struct {
	cmd   *exec.Cmd
	input io.Closer
	ended chan struct{} // closed when the process has ended

	// Of its output; to be read once ended is closed.
	begun, returned int
	said            bool // how many puts there were
	failed          map[int]string
	classes         map[string]int
	odd             string // the last line that is not understood
	stderr          strings.Builder
}

func startWriter(ctx context.Context, name string, args []string) (*writer, error) {
	w := &writer{cmd: exec.CommandContext(ctx, name, args...), ended: make(chan struct{}), failed: make(map[int]string), classes: make(map[string]int)}
	w.cmd.Stderr = &w.stderr
	output, err := w.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	input, err := w.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	w.input = input
	if err := w.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		defer close(w.ended)
		for lines := bufio.NewScanner(output); lines.Scan(); {
			w.read(lines.Text())
		}
		_ = w.cmd.Wait() // how it ended is in its output
	}()
	return w, nil
}

// read takes one line of the output.
func (w *writer) read(line string) {
	f := strings.Fields(line)
	switch {
	case len(f) == 4 && f[0] == "failed":
		if n, err := strconv.Atoi(f[1]); err == nil {
			w.failed[n] = f[2]
			w.classes[f[3]]++
			return
		}
	case len(f) == 3 && f[0] == "ended":
		begun, err1 := strconv.Atoi(f[1])
		returned, err2 := strconv.Atoi(f[2])
		if errors.Join(err1, err2) == nil {
			w.begun, w.returned, w.said = begun, returned, true
			return
		}
	}
	w.odd = line
}

// await asks ok every few milliseconds, for at most d, while the writer runs. It
// returns what ok said last.
func (w *writer) await(ctx context.Context, d time.Duration, ok func() bool) bool {
	for end := time.Now().Add(d); !ok() && time.Now().Before(end); {
		select {
		case <-time.After(2 * time.Millisecond):
		case <-w.ended:
			return ok()
		case <-ctx.Done():
			return false
		}
	}
	return ok()
}

// pause waits for d, unless the writer ends.
func (w *writer) pause(ctx context.Context, d time.Duration) {
	w.await(ctx, d, func() bool { return false })
}

// stop ends the writer's input and reports whether it said how its puts ended.
func (w *writer) stop() bool {
	w.input.Close()
	select {
	case <-w.ended:
	case <-time.After(stopLimit):
		w.kill()
	}
	return w.said
}

// kill ends the writer at once and waits for it.
func (w *writer) kill() {
	_ = w.cmd.Process.Kill() // it may have ended
	<-w.ended
}

// complaint is what the writer said beside its puts. It must have ended.
func (w *writer) complaint() string {
	w.kill()
	text := strings.TrimSpace(w.odd + "\n" + w.stderr.String())
	return text[max(0, len(text)-500):]
}

// judge compares what the writer says of its puts with what the clusters applied.
func (w *writer) judge(clusters []*standin.Cluster) outcome {
	o := outcome{failed: len(w.failed), classes: w.classes}
	for n := 1; n <= w.begun; n++ {
		applied := 0
		for _, c := range clusters {
			applied += c.Applications(fmt.Sprint("value-", n))
		}
		if applied > 1 {
			o.twice++
		}
		switch how, failed := w.failed[n]; {
		case failed && how == "unknown":
			o.unknown++
		case !failed && n <= w.returned:
			o.acked++
			if applied == 0 {
				o.lost++
			}
		}
	}
	return o
}
