package cli

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/spec"
)

// task is one of the projects that a command works on.
type task struct {
	dir     string
	after   <-chan struct{} // closed once the project that must be ready before it is; nil for none
	done    chan struct{}   // closed once this one is
	err     error
	printed []printed
}

// printed is what a task writes to one of the streams in one go.
type printed struct {
	to   io.Writer
	text []byte
}

// reported is a task with what it reports.
type reported[R any] struct {
	task
	report R
}

// held keeps what a task writes to a stream until it is the turn of the task.
type held struct {
	task *task
	to   io.Writer
}

// Write never fails: what cannot be written is found when it is the turn of the task.
func (h *held) Write(p []byte) (int, error) {
	h.task.printed = append(h.task.printed, printed{h.to, append([]byte(nil), p...)})
	return len(p), nil
}

// ahead bounds, for each processor, how many projects may be ready before it is
// their turn to be printed.
const ahead = 4

// each runs one for every folder, as many at a time as there are processors. What it
// prints, and what take gets of its reports, comes in the order of the folders. The
// error holds the faults of all of them, unless ctx has ended.
func each[R any](ctx context.Context, a *app, dirs []string, one func(a *app, dir string, report *R) error, take func(report *R)) error {
	processors := runtime.GOMAXPROCS(0)
	begun := make(chan *reported[R], ahead*processors)
	go func() {
		defer close(begun)
		busy := make(chan struct{}, processors)
		last := make(map[string]chan struct{}) // by place
		for _, dir := range dirs {
			t := &reported[R]{task: task{dir: dir, done: make(chan struct{})}}
			if len(dirs) > 1 {
				place := placeOf(dir)
				t.after, last[place] = last[place], t.done
			}
			begun <- t
			busy <- struct{}{}
			go func() {
				defer func() { close(t.done); <-busy }()
				t.run(ctx, func() error { return one(a.onBehalfOf(&t.task), dir, &t.report) })
			}()
		}
	}()
	var faults fault.List
	var cancelled error
	for t := range begun {
		<-t.done
		for _, p := range t.printed {
			_, _ = p.to.Write(p.text) // standard output keeps its error
		}
		take(&t.report)
		if ctx.Err() != nil { // those at work end first
			cancelled = t.err
			continue
		}
		faults = append(faults, t.named(len(dirs) > 1)...)
	}
	if cancelled != nil {
		return cancelled
	}
	return faults.ErrOrNil()
}

// run does the task once the one before it in the same place is ready.
func (t *task) run(ctx context.Context, one func() error) {
	if t.after != nil {
		<-t.after
	}
	if t.err = ctx.Err(); t.err == nil {
		t.err = one()
	}
}

// onBehalfOf is a that prints into t.
func (a *app) onBehalfOf(t *task) *app {
	b := *a
	b.Stdout, b.Stderr = &held{t, a.Stdout}, &held{t, a.Stderr}
	return &b
}

// placeOf tells folders apart that can be worked on side by side. Packages of one
// module share its go.mod, and a folder may be given twice.
func placeOf(dir string) string {
	at, err := filepath.Abs(dir)
	if err != nil {
		return dir
	}
	if physical, err := filepath.EvalSymlinks(at); err == nil {
		at = physical
	}
	for root := at; ; root = filepath.Dir(root) {
		if _, err := os.Stat(filepath.Join(root, "go.mod")); err == nil {
			return root
		}
		if filepath.Dir(root) == root {
			return at
		}
	}
}

// named are the faults of a task. Of several projects each fault says which one it is
// about.
func (t *task) named(several bool) fault.List {
	project := filepath.ToSlash(filepath.Clean(t.dir))
	list := fault.All(t.err)
	for i, f := range list {
		of := *f
		switch {
		case f.File == spec.FileName:
			of.File = filepath.ToSlash(filepath.Join(t.dir, spec.FileName))
		case several && project != "." && f.File != project && !strings.HasPrefix(f.File, project+"/"):
			of.Cause = "in " + project + ": " + f.Cause
		}
		list[i] = &of
	}
	return list
}
