// Package cli is the command line: flags, calls and printing, nothing else. Each
// verb has a file of its own. All that the package takes from the process comes
// in by Env, except the signals that cancel a command and the disk.
package cli

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/failover-gen/failover-gen/internal/fault"
	"github.com/failover-gen/failover-gen/internal/vetrun"
)

// Env is everything the command line takes from the process.
type Env struct {
	Args           []string
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	LookupEnv      func(string) (string, bool)
	Now            func() time.Time
}

// Getenv returns a variable of the environment, "" if it is not set.
func (e Env) Getenv(name string) string {
	value, _ := e.LookupEnv(name)
	return value
}

// Main runs the command line and returns the exit code: 0 done, 1 a finding,
// 2 wrong use or input, 3 could not run, 128 and a signal's number cancelled by it.
func Main(env Env) int {
	if vetrun.IsTool(env.Args) {
		vetrun.Tool() // and ends
	}
	c := cancelBySignal()
	defer c.stop()
	out := &output{Writer: env.Stdout, closed: func() { c.end(syscall.SIGPIPE) }}
	env.Stdout = out
	a := &app{Env: env, leave: func() { c.end(syscall.SIGINT) }}
	cmd, err := a.root().ExecuteContextC(c.ctx)
	if err != nil && !a.running {
		err = usage(cmd, err)
	}
	code := fault.ExitCode(err)
	if s := c.by.Load(); s != nil && err != nil {
		code = 128 + int(*s)
		err = fault.New(fault.Finding, fault.Position{}, "cancelled", "run it again")
		if *s == syscall.SIGPIPE {
			err = nil // the reader of our output has gone
		}
	}
	a.finish(cmd, code, err)
	return out.exitCode(code, a.Stderr)
}

// cancellation is a context that SIGINT, SIGTERM or SIGHUP ends, and which of them did.
type cancellation struct {
	ctx    context.Context
	cancel context.CancelFunc
	by     atomic.Pointer[syscall.Signal]
	stop   func()
}

// cancelBySignal listens to signals until it is stopped. A signal that the process
// ignores, as under nohup, is ignored further. SIGPIPE is caught, so that writing
// fails instead of ending the process, which has to clean up first.
func cancelBySignal() *cancellation {
	c := new(cancellation)
	c.ctx, c.cancel = context.WithCancel(context.Background())
	signals, pipes := make(chan os.Signal, 1), make(chan os.Signal, 1)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	signal.Notify(pipes, syscall.SIGPIPE)
	go func() {
		select {
		case s := <-signals:
			if s, ok := s.(syscall.Signal); ok {
				c.end(s)
			}
		case <-c.ctx.Done():
		}
	}()
	c.stop = func() { signal.Stop(signals); signal.Stop(pipes); c.cancel() }
	return c
}

// end cancels because of s.
func (c *cancellation) end(s syscall.Signal) {
	c.by.CompareAndSwap(nil, &s)
	c.cancel()
}

// app is one run of the command line.
type app struct {
	Env
	common
	leave   func() // ends the command as Ctrl-C does
	running bool   // a verb has begun, so that errors are not about its flags
	verbs   []verb
	// progress is that of the verb while it tells of one, else nil.
	progress *progress
}

// common are the flags that every verb has.
type common struct{ json, quiet, noColor bool }

// verb is a command with what it reports under --json: a pointer to a struct. Its
// lists are empty, and never nil, until the command has filled them.
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
		Version:       version(),
		SilenceErrors: true, SilenceUsage: true, DisableSuggestions: true,
		Example: "  failover-gen demo\n  failover-gen generate --help",
	}
	root.SetVersionTemplate("failover-gen {{.Version}}\n")
	root.SetHelpCommand(&cobra.Command{
		Use: "help [COMMAND]", Short: "Help about a command",
		RunE: func(_ *cobra.Command, args []string) error {
			about, rest, err := root.Find(args)
			if err == nil && len(rest) > 0 {
				err = fmt.Errorf("unknown command %q for %q", rest[0], about.CommandPath())
			}
			if err != nil {
				return usage(root, err)
			}
			about.InitDefaultHelpFlag()
			return about.Help()
		},
	})
	root.SetArgs(slices.Clone(a.Args))
	root.SetIn(a.Stdin)
	root.SetOut(a.Stdout)
	root.SetErr(a.Stderr)
	common := root.PersistentFlags() // they may stand before the command as well
	common.BoolVar(&a.json, "json", false, "print one JSON document instead of text")
	common.BoolVarP(&a.quiet, "quiet", "q", false, "print errors only")
	common.BoolVar(&a.noColor, "no-color", false, "print without colours")
	common.SortFlags = false
	a.verbs = []verb{a.init(), a.generate(), a.check(), a.diff(), a.schema(), a.inspect(), a.connect(), a.drill(), a.vet(), a.standin(), a.pin(), a.demo(), a.version(), a.man()}
	for _, v := range a.verbs {
		v.cmd.Flags().SortFlags = false
		run := v.cmd.RunE
		v.cmd.RunE = func(cmd *cobra.Command, args []string) error {
			a.running = true
			return run(cmd, args)
		}
		complete(v.cmd)
		root.AddCommand(v.cmd)
	}
	root.InitDefaultCompletionCmd(a.Args...)
	for _, c := range root.Commands() {
		if c.Name() == "completion" {
			c.Example = completionExample
		}
	}
	return root
}
