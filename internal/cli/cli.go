// Package cli is the command line: flags, calls and printing, nothing else. One
// file holds one verb. Everything it takes from the process comes in by Env,
// but for the signals that cancel a command and the disk that commands work on.
package cli

import (
	"context"
	"io"
	"os"
	"os/signal"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/internal/fault"
)

// Env is everything the command line takes from the process.
type Env struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Getenv         func(string) string
	Now            func() time.Time
}

// Main runs the command line and returns the exit code: 0 done, 1 a finding,
// 2 wrong use or input, 3 could not run, 130 and 143 cancelled.
func Main(env Env) int {
	ctx, cancelled, stop := cancelBySignal()
	defer stop()
	a := &app{Env: env}
	cmd, err := a.root().ExecuteContextC(ctx)
	if err != nil && !a.running {
		err = usage(cmd, err)
	}
	code := fault.ExitCode(err)
	if s := cancelled.Load(); s != nil && ctx.Err() != nil && err != nil {
		code = 128 + int(*s)
		err = &fault.Fault{Kind: fault.Finding, Cause: "cancelled", Remedy: "run it again"}
	}
	a.finish(cmd, code, err)
	return code
}

// cancelBySignal returns a context that SIGINT and SIGTERM end, and which did.
func cancelBySignal() (context.Context, *atomic.Pointer[syscall.Signal], func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	var got atomic.Pointer[syscall.Signal]
	go func() {
		select {
		case s := <-signals:
			if s, ok := s.(syscall.Signal); ok {
				got.Store(&s)
			}
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, &got, func() { signal.Stop(signals); cancel() }
}

// app is one run of the command line.
type app struct {
	Env
	common
	running bool // a verb has begun: errors are no longer about its flags
	verbs   []verb
}

// common are the flags that every verb has.
type common struct{ json, quiet, noColor bool }

// verb is a command, and what it reports with --json: a pointer to a struct,
// with empty lists until the command has filled it.
type verb struct {
	cmd    *cobra.Command
	report any
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "failover-gen",
		Short: "Turn client bundles into a Go client that survives the loss of a cluster",
		Long: "failover-gen turns the client bundles of two or more clusters into a Go project that survives\n" +
			"the loss of one, and proves on your own machine that it does. Start with: failover-gen demo",
		SilenceErrors: true, SilenceUsage: true, DisableSuggestions: true,
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetArgs(slices.Clone(a.Args))
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	a.verbs = []verb{a.generate(), a.inspect(), a.drill(), a.demo()}
	for _, v := range a.verbs {
		flags := v.cmd.Flags()
		flags.BoolVar(&a.json, "json", false, "print one JSON document instead of text")
		flags.BoolVarP(&a.quiet, "quiet", "q", false, "print errors only")
		flags.BoolVar(&a.noColor, "no-color", false, "print without colours")
		flags.SortFlags = false
		run := v.cmd.RunE
		v.cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.running = true
			return run(cmd, args)
		}
		root.AddCommand(v.cmd)
	}
	return root
}

// usage makes a fault of an error about flags and arguments.
func usage(cmd *cobra.Command, err error) error {
	remedy := "see " + cmd.CommandPath() + " --help"
	cause, _, _ := strings.Cut(err.Error(), "\n")
	if name, ok := strings.CutPrefix(cause, `unknown command "`); ok {
		name, _, _ = strings.Cut(name, `"`)
		if near := cmd.SuggestionsFor(name); len(near) > 0 {
			remedy = "did you mean " + strings.Join(near, " or ") + "? " + remedy
		}
	}
	return &fault.Fault{Kind: fault.Input, Cause: cause, Remedy: remedy, Err: err}
}
