// Command failover measures what failover-gen makes beside its peers, in one run:
// how long writes stop when a cluster is killed or freezes, what the engine costs
// while nothing happens, and how long a project takes to generate. It writes the
// result as a page, docs/peers.md:
//
//	go run ./bench/failover
//
// It needs a quiet machine, Go, and for the peers Java 17 with Maven, cookiecutter and
// npm. A peer that cannot be had is named in the page. All clusters are stand-ins
// in this process; all clients are processes of their own on this machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) > 2 && os.Args[1] == childArg {
		beChild(os.Args[2:])
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "bench/failover:", err)
		os.Exit(1)
	}
}

// run measures what the flags ask for and writes the page.
func run(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench/failover", flag.ContinueOnError)
	runs := flags.Int("runs", 20, "runs of each kill; what takes minutes is run less often")
	only := flags.String("only", "", "measure only these parts, separated by commas: "+strings.Join(parts, ", "))
	out := flags.String("out", filepath.Join("docs", "peers.md"), "write the page to this file")
	if err := flags.Parse(args); err != nil {
		return err
	}
	chosen := parts
	if *only != "" {
		chosen = strings.Split(*only, ",")
	}
	for _, part := range chosen {
		if !slices.Contains(parts, part) {
			return fmt.Errorf("--only %s: there is no such part; choose from %s", part, strings.Join(parts, ", "))
		}
	}
	if flags.NArg() > 0 || *runs < 1 {
		return errors.New("give flags only, and at least one run")
	}
	b, err := newBench(*runs)
	if err != nil {
		return err
	}
	defer b.close()
	page, err := b.measure(ctx, chosen)
	if err != nil {
		return err
	}
	return page.writeTo(*out)
}

// The parts of the page, in its order.
const (
	partFaults     = "faults"
	partPuts       = "puts"
	partClusters   = "clusters"
	partGeneration = "generation"
)

var parts = []string{partFaults, partPuts, partClusters, partGeneration}

// bench is one run of this program.
type bench struct {
	runs    int
	self    string   // the path of this program, which is its own child
	work    string   // a folder for everything, which is removed at the end
	bundles []string // paths
	names   []string // of the bundles' clusters
	java    javaSide
	slice   time.Duration // of puts
	started time.Time
	log     io.Writer
}

func newBench(runs int) (*bench, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	work, err := os.MkdirTemp("", "failover-peers-")
	if err != nil {
		return nil, err
	}
	b := &bench{runs: runs, self: self, work: work, slice: 200 * time.Millisecond, started: time.Now(), log: os.Stderr}
	if b.bundles, b.names, err = makeBundles(work); err != nil {
		b.close()
		return nil, err
	}
	return b, nil
}

func (b *bench) close() { os.RemoveAll(b.work) }

// say tells what begins.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(b.log, "%4.0f s  %s\n", time.Since(b.started).Seconds(), fmt.Sprintf(format, args...))
}

// measure measures the chosen parts. A peer that fails is named in the page; an
// error is what makes the page worthless.
func (b *bench) measure(ctx context.Context, chosen []string) (*page, error) {
	p := newPage(b)
	var errs []error
	note := func(err error) { errs = append(errs, err) }
	if slices.Contains(chosen, partFaults) {
		b.java = compileJava(b.work)
		var err error
		p.Kill, p.Freeze, err = b.faults(ctx)
		note(err)
	}
	if slices.Contains(chosen, partPuts) {
		var err error
		p.Puts, err = b.puts(ctx)
		note(err)
	}
	if slices.Contains(chosen, partClusters) {
		var err error
		p.Clusters, err = b.clusters(ctx)
		note(err)
	}
	if slices.Contains(chosen, partGeneration) {
		var err error
		p.Generation, err = b.generation(ctx)
		note(err)
	}
	p.finish(b)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return p, errors.Join(errs...)
}
