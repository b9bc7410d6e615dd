// Package ledger writes down what became of each call, one JSON object a line,
// so that a drill can compare it with what the clusters hold. Keys and values
// that are strings stand in it as they are.
package ledger

import (
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
)

// Ledger appends lines to one file. A nil Ledger writes nothing.
type Ledger struct {
	mu   sync.Mutex
	file *os.File
}

// Open opens the file at path for appending, mode 0600. It returns nil without
// an error when path is empty.
func Open(path string) (*Ledger, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the ledger that FAILOVER_LEDGER names: %w", err)
	}
	return &Ledger{file: file}, nil
}

// Call notes one finished call. A value that is a string is its id.
func (l *Ledger) Call(r failover.Result) {
	if l == nil {
		return
	}
	id, _ := r.Value.(string)
	key := ""
	if r.Key != nil {
		key = fmt.Sprint(r.Key)
	}
	l.write(map[string]any{"type": "call", "op": r.Op, "key": key, "id": id, "cluster": r.Cluster,
		"outcome": r.Outcome.String(), "start": r.Start.UTC(), "end": r.End.UTC()})
}

// Event notes one event.
func (l *Ledger) Event(e failover.Event) {
	line := map[string]any{"type": "event", "event": e.Type, "cluster": e.Cluster, "time": e.Time.UTC()}
	if e.From != "" {
		line["from"] = e.From
	}
	l.write(line)
}

// Close closes the file.
func (l *Ledger) Close() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}

// write appends one whole line. A ledger that can't be written must not stop
// the program that it watches, so errors end here; a drill notices the gap.
func (l *Ledger) write(line map[string]any) {
	if l == nil {
		return
	}
	data, err := json.Marshal(line)
	if err != nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.file.Write(append(data, '\n'))
}
