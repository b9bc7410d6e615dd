// Package outcome names what became of a call to a cluster. In an outage one
// distinction matters: a call that never left this process may be repeated
// freely; one that was sent and not answered may have been applied, and must not.
package outcome

import (
	"context"
	"errors"
	"fmt"
)

// Outcome is what is known of a call once it has returned.
type Outcome int

const (
	// Unknown: the call was sent, and no answer came. It may have been applied.
	// This is the zero value, because a caller that cannot prove more must not claim more.
	Unknown Outcome = iota
	// Acked: the cluster answered that it is done.
	Acked
	// NotSent: the call never left this process, or was refused before execution.
	NotSent
	// Rejected: the cluster, or the client before sending, refused the call. A
	// repeat would be refused again.
	Rejected
)

// String returns the outcome as it is written in ledgers and logs.
func (o Outcome) String() string {
	switch o {
	case Acked:
		return "acked"
	case NotSent:
		return "not_sent"
	case Rejected:
		return "rejected"
	default:
		return "unknown"
	}
}

// Error is a failed call together with what is known of it.
type Error struct {
	Outcome Outcome
	Target  string // the cluster or endpoint last tried; empty if there was none
	Err     error
}

// Error names the outcome, the target and the cause.
func (e *Error) Error() string {
	if e.Target == "" {
		return fmt.Sprintf("%s: %v", e.Outcome, e.Err)
	}
	return fmt.Sprintf("%s on %s: %v", e.Outcome, e.Target, e.Err)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Of returns the outcome that err stands for: Acked for nil, Unknown for an
// error that carries none.
func Of(err error) Outcome {
	if err == nil {
		return Acked
	}
	var e *Error
	if errors.As(err, &e) {
		return e.Outcome
	}
	return Unknown
}

type mayRepeat struct{}

// MayRepeat marks the calls made with the returned context as safe to repeat
// although their outcome is unknown: for keys that are written once, or by a
// single writer. A repeat may reach another cluster than the first attempt.
func MayRepeat(ctx context.Context) context.Context {
	return context.WithValue(ctx, mayRepeat{}, true)
}

// Repeatable reports whether ctx was marked by MayRepeat.
func Repeatable(ctx context.Context) bool {
	v, _ := ctx.Value(mayRepeat{}).(bool)
	return v
}
