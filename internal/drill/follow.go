package drill

import (
	"bufio"
	"encoding/json"
	"os"
	"slices"
	"sync"
	"time"

	"github.com/failover-gen/failover-gen/templates/ledger"
)

// follower reads the project's ledger while the project writes it: on live clusters
// it alone tells when a write was acked.
type follower struct {
	path string

	mu   sync.Mutex
	file *os.File // nil until the project has made it
	in   *bufio.Reader
	part []byte                 // of a line that is not complete
	acks map[string][]time.Time // by cluster, in order
}

func newFollower(path string) *follower {
	return &follower{path: path, acks: make(map[string][]time.Time)}
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
		var l ledger.Line
		if json.Unmarshal(f.part, &l) == nil && l.Type == ledger.Call && l.ID != "" && l.Outcome == "acked" {
			f.note(l.Cluster, l.End)
		}
		f.part = f.part[:0]
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

func (f *follower) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.file != nil {
		f.file.Close()
	}
}
