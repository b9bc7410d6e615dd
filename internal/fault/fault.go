// Package fault is how failover-gen says that something is wrong: where it
// was found, what the cause is, and what the user can do about it. Every error
// that reaches the user is a Fault or a List of them, and the command line
// turns its Kind into the exit code. The package prints nothing. The maker
// of a Fault keeps secrets out of its texts.
package fault

import (
	"errors"
	"fmt"
	"strings"
)

// Kind says whose turn it is to act. Its value is the exit code.
type Kind int

const (
	// Finding: the command ran, and what it looked at is not in order.
	Finding Kind = 1
	// Input: the user gave something wrong or unusable.
	Input Kind = 2
	// Environment: the machine stood in the way (disk, permission, toolchain, network).
	Environment Kind = 3
)

// Position is where something stands in a file. The zero Position means nowhere.
type Position struct {
	// File is named as the user would name it: slash-separated, relative to where
	// they stand, and "archive.zip!inner/path" inside an archive.
	File string
	// Line and Column count from 1; 0 means unknown. Column counts bytes.
	Line, Column int
}

// In is the position of a file as a whole.
func In(file string) Position { return Position{File: file} }

// String gives "file:line:column" as far as it is known, "" for nowhere.
func (p Position) String() string {
	switch {
	case p.File == "" || p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Fault is one thing that is wrong.
type Fault struct {
	Kind     Kind
	Position // where it was found; may be nowhere
	// Cause says what is wrong, Remedy what to do. Neither ends in a full stop.
	Cause, Remedy string
	// Err is the underlying error, for errors.Is and errors.As. It is never printed.
	Err error
}

// New makes a fault found at a position.
func New(kind Kind, at Position, cause, remedy string) *Fault {
	return &Fault{Kind: kind, Position: at, Cause: cause, Remedy: remedy}
}

// Wrap makes a fault as New does, with the error that led to it.
func Wrap(kind Kind, at Position, cause, remedy string, err error) *Fault {
	return &Fault{Kind: kind, Position: at, Cause: cause, Remedy: remedy, Err: err}
}

// Error gives the one line "file:line:column: cause; remedy".
func (f *Fault) Error() string {
	var b strings.Builder
	if at := f.Position.String(); at != "" {
		b.WriteString(at + ": ")
	}
	b.WriteString(f.Cause)
	if f.Remedy != "" {
		b.WriteString("; ")
		b.WriteString(f.Remedy)
	}
	return b.String()
}

// Unwrap returns the underlying error, if there is one.
func (f *Fault) Unwrap() error { return f.Err }

// List is several faults found in one pass, in the order in which a reader
// would meet them.
type List []*Fault

// Error gives one line per fault.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, f := range l {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the faults as errors.
func (l List) Unwrap() []error {
	errs := make([]error, len(l))
	for i, f := range l {
		errs[i] = f
	}
	return errs
}

// ErrOrNil returns the list as an error, or nil when it is empty.
func (l List) ErrOrNil() error {
	if len(l) == 0 {
		return nil
	}
	return l
}

// All returns every fault in err. An error that is not a fault becomes one of
// kind Environment whose cause is its text: by then it came from the system.
func All(err error) List {
	if err == nil {
		return nil
	}
	var list List
	if errors.As(err, &list) {
		return list
	}
	var one *Fault
	if errors.As(err, &one) {
		return List{one}
	}
	return List{{Kind: Environment, Cause: err.Error(), Err: err}}
}

// ExitCode returns the exit code for err: the worst kind in it, 0 for nil.
func ExitCode(err error) int {
	code := 0
	for _, f := range All(err) {
		code = max(code, int(f.Kind))
	}
	return code
}
