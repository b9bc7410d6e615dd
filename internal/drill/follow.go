package drill

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/failover-gen/failover-gen/templates/ledger"
)

// follower reads the project's ledger while the project writes it. It tells of the
// project's events, and on live clusters it alone tells when a write was acked.
type follower struct {
	path string
	// events says that only events are read. To take in every write of a fast project
	// would cost the machine on which that runs.
	events bool

	mu     sync.Mutex
	closed bool
	file   *os.File // nil until the project has made it
	in     *bufio.Reader
	part   []byte                 // of a line that is not complete
	acks   map[string][]time.Time // by cluster, in order
	told   []Event                // the last ones, in order
}

// followAll reads writes and events, followEvents only these.
func followAll(path string) *follower {
	return &follower{path: path, acks: make(map[string][]time.Time)}
}
func followEvents(path string) *follower { return &follower{path: path, events: true} }

// lastEvents are the last events so far, in order.
func (f *follower) lastEvents() []Event {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read()
	return slices.Clone(f.told)
}

// firstAckAfter is when the first write by this cluster was acked at or after t.
func (f *follower) firstAckAfter(cluster string, t time.Time) (time.Time, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read()
	acks := f.acks[cluster]
	i, _ := slices.BinarySearchFunc(acks, t, time.Time.Compare)
	if i == len(acks) {
		return time.Time{}, false
	}
	return acks[i], true
}

// acked counts the acked writes of a cluster so far.
func (f *follower) acked(cluster string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read()
	return len(f.acks[cluster])
}

// read takes in the lines that were added. A line that is no JSON is judged later.
func (f *follower) read() {
	if f.closed {
		return
	}
	if f.file == nil {
		file, err := os.Open(f.path)
		if err != nil {
			return
		}
		f.file, f.in = file, bufio.NewReaderSize(file, 1<<16)
	}
	for {
		text, err := f.in.ReadBytes('\n')
		f.part = append(f.part, text...)
		if err != nil {
			return
		}
		if !f.events || bytes.Contains(f.part, eventMark) {
			f.take(f.part)
		}
		f.part = f.part[:0]
	}
}

// eventMark stands in a line of an event, and not within a text of any line: there
// its quotation marks would be escaped.
var eventMark = []byte(`"type":"` + ledger.Event + `"`)

// take takes in a line.
func (f *follower) take(line []byte) {
	var l ledger.Line
	switch {
	case json.Unmarshal(line, &l) != nil:
	case l.Type == ledger.Event:
		f.told = last(append(f.told, Event{Name: l.Event, Cluster: l.Cluster, From: l.From, Time: l.Time}))
	case l.Type == ledger.Call && l.ID != "" && l.Outcome == "acked" && !f.events:
		f.note(l.Cluster, l.End)
	}
}

// note adds an ack. Those of several writers come nearly in order.
func (f *follower) note(cluster string, at time.Time) {
	acks := append(f.acks[cluster], at)
	for i := len(acks) - 1; i > 0 && acks[i-1].After(at); i-- {
		acks[i-1], acks[i] = acks[i], acks[i-1]
	}
	f.acks[cluster] = acks
}

// close reads what was added, and lets the file go. It may be called twice.
func (f *follower) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.read()
	f.closed = true
	if f.file != nil {
		f.file.Close()
		f.file = nil
	}
}
