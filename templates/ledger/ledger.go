// Package ledger writes down what became of each call, one JSON object a line.
// A drill compares it with what the clusters hold. Keys, and values that are
// strings, stand in it as plain text.
package ledger

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"
)

// The types of a line.
const (
	Call  = "call"
	Event = "event"
)

// Line is one line. Each field stands in the file under its own name in lower
// case: what writes a ledger and what reads one share this type.
type Line struct {
	Type    string // Call or Event
	Cluster string // the cluster, or the endpoint, that was last tried or that the event is about

	// Of a call. ID is the value that was written, if it is unique; empty: a read.
	Op, ID, Outcome string
	Key             any
	Start, End      time.Time

	// Of an event. From is the cluster that was left.
	Event, From string
	Time        time.Time
}

// Ledger appends lines to one file. A nil Ledger writes nothing.
type Ledger struct {
	handler slog.Handler
	file    *os.File
}

// Open opens the file at path for appending, mode 0600. It returns nil without
// an error when path is empty.
func Open(path string) (*Ledger, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the ledger that FAILOVER_LEDGER names: %w; name a file that can be written", err)
	}
	return &Ledger{slog.NewJSONHandler(file, &slog.HandlerOptions{ReplaceAttr: rename}), file}, nil
}

// rename gives the message of a record the name type, and drops the level.
func rename(_ []string, a slog.Attr) slog.Attr {
	switch a.Key {
	case slog.LevelKey:
		return slog.Attr{}
	case slog.MessageKey:
		a.Key = "type"
	}
	return a
}

// Write appends a line. It returns no error, because a ledger that cannot be
// written must not stop the program; the drill fails on the lines it misses.
func (l *Ledger) Write(line Line) {
	if l == nil {
		return
	}
	r := slog.NewRecord(line.Time.UTC(), slog.LevelInfo, line.Type, 0) // a call's Time is zero and not written
	r.AddAttrs(slog.String("cluster", line.Cluster))
	if line.Type == Event {
		r.AddAttrs(slog.String("event", line.Event), slog.String("from", line.From))
	} else {
		r.AddAttrs(slog.String("op", line.Op), slog.Any("key", line.Key), slog.String("id", line.ID), slog.String("outcome", line.Outcome),
			slog.Time("start", line.Start.UTC()), slog.Time("end", line.End.UTC()))
	}
	_ = l.handler.Handle(context.Background(), r)
}

// Close closes the file.
func (l *Ledger) Close() error {
	if l == nil {
		return nil
	}
	return l.file.Close()
}
