// This program writes to a map until it is stopped. When its cluster is lost, it
// goes on with the next. Keep the client, and replace the loop by your service.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/hazelcast/hazelcast-go-client"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
	"github.com/failover-gen/failover-gen/templates/ledger"
)

func main() {
	verbose := flag.Bool("v", false, "log the connection in detail")
	checkOnly := flag.Bool("check", false, "read the settings, open every keystore, print what was found, and exit without connecting")
	healthPort := flag.Int("health-port", 0, "serve /live, /ready and /stats on this port, and /metrics if failover.yaml asks for it; 0 serves nothing")
	healthAddress := flag.String("health-address", "127.0.0.1", "listen for health requests on this address of the machine; 0.0.0.0 listens on all")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "there is no argument %q; -h lists the flags\n", flag.Arg(0))
		os.Exit(2)
	}
	level := slog.LevelInfo
	if *verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	health := ""
	if *healthPort != 0 {
		health = net.JoinHostPort(*healthAddress, strconv.Itoa(*healthPort))
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second signal ends the program at once
	if err := run(ctx, log, *checkOnly, health); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run starts the client and the writers, and stops both when ctx ends. With
// checkOnly it starts nothing.
func run(ctx context.Context, log *slog.Logger, checkOnly bool, health string) error {
	s, err := load()
	if err != nil {
		return err
	}
	for _, warning := range s.Warnings {
		log.Warn(warning)
	}
	o := options()
	o.Logger, o.Pin, o.ReadyToReturn = log, s.Pin, readyToReturn
	if checkOnly {
		return check(os.Stdout, s, o)
	}
	go warnOfExpiry(ctx, s.targets, log)
	book, err := ledger.Open(s.Ledger)
	if err != nil {
		return err
	}
	defer book.Close()
	entry := sampleEntry
	if book != nil {
		entry = uniqueEntries(s.Keys)
	}
	record(&o, book)
	client, stopPin, err := startClient(s, o)
	if err != nil {
		return err
	}
	defer stopPin()
	if health != "" {
		stopHealth, err := serveHealth(health, client)
		if err != nil {
			return err
		}
		defer stopHealth()
	}
	total := writeLoops(ctx, s.Writers, client.Map(cmp.Or(s.Map, mapName)), entry, log)
	fmt.Printf("stopped: %s; %d switches\n", total, client.Stats().Switches)

	closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return client.Close(closing)
}

// record logs each change of the connection, and writes changes and calls into
// book, which is nil without FAILOVER_LEDGER. failover-gen drill reads it.
func record(o *failover.Options, book *ledger.Ledger) {
	log := o.Logger
	o.OnEvent = func(e failover.Event) {
		logEvent(log, e)
		book.Write(ledger.Line{Type: ledger.Event, Event: string(e.Type), Cluster: e.Cluster, From: e.From, Time: e.Time})
	}
	if book == nil {
		return
	}
	o.OnResult = func(r failover.Result) {
		id, _ := r.Value.(string)
		book.Write(ledger.Line{Type: ledger.Call, Op: r.Op, Key: r.Key, ID: id, Cluster: r.Cluster, Outcome: r.Outcome.String(), Start: r.Start, End: r.End})
	}
}

// logEvent logs a change of connection. The client logs what happens in between.
func logEvent(log *slog.Logger, e failover.Event) {
	switch e.Type {
	case failover.Disconnected:
		log.Warn(string(e.Type), "cluster", e.Cluster, "reason", e.Reason)
	case failover.ChangedCluster:
		log.Warn(string(e.Type), "cluster", e.Cluster, "from", e.From)
	default:
		log.Info(string(e.Type), "cluster", e.Cluster)
	}
}

// readyToReturn says whether a better cluster than the active one has received
// what was written meanwhile. It may look for a marker that your replication
// copies. The client calls it only with "failback: auto"; an error means no.
func readyToReturn(context.Context, *hazelcast.Client) error {
	return errors.New("readyToReturn in main.go is not written yet")
}
