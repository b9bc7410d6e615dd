// This program calls a web service until it is stopped. When an endpoint fails,
// it goes on with the next. Keep the transport, and replace the loop by your service.
package main

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"syscall"

	"github.com/failover-gen/failover-gen/templates/ledger"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/failover"
)

func main() {
	verbose := flag.Bool("v", false, "log the registry and the endpoints in detail")
	checkOnly := flag.Bool("check", false, "read the settings, print what was found, and exit without connecting")
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

// run starts the transport and the callers, and stops both when ctx ends. With
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
	o.Logger = log
	if checkOnly {
		return check(os.Stdout, s, o)
	}
	book, err := ledger.Open(s.Ledger)
	if err != nil {
		return err
	}
	defer book.Close()
	record(&o, book)
	list, stopList, err := s.list(ctx, log)
	if err != nil {
		return err
	}
	defer stopList()
	transport, err := failover.New(list, o)
	if err != nil {
		return err
	}
	if health != "" {
		stopHealth, err := serveHealth(health, transport)
		if err != nil {
			return err
		}
		defer stopHealth()
	}
	client := &http.Client{Transport: transport}
	total := callLoops(ctx, s.Callers, client, uniqueIDs(), log)
	fmt.Printf("stopped: %s; %d switches\n", total, transport.Stats().Switches)
	return transport.Close()
}

// record logs each change of the endpoint, and writes changes and calls into
// book, which is nil without FAILOVER_LEDGER. failover-gen drill reads it.
func record(o *failover.Options, book *ledger.Ledger) {
	log := o.Logger
	o.OnEvent = func(e failover.Event) {
		logEvent(log, e)
		book.Write(ledger.Line{Type: ledger.Event, Event: string(e.Type), Cluster: e.Endpoint, From: e.From, Time: e.Time})
	}
	if book == nil {
		return
	}
	o.OnResult = func(r failover.Result) {
		book.Write(ledger.Line{Type: ledger.Call, Op: "call", ID: idOf(r.Context), Cluster: r.Endpoint, Outcome: r.Outcome.String(), Start: r.Start, End: r.End})
	}
}

// logEvent logs a change of the endpoint.
func logEvent(log *slog.Logger, e failover.Event) {
	switch e.Type {
	case failover.Failed:
		log.Warn(string(e.Type), "endpoint", e.Endpoint, "reason", e.Reason)
	case failover.Changed:
		log.Warn(string(e.Type), "endpoint", e.Endpoint, "from", e.From)
	case failover.Listed:
		log.Info(string(e.Type))
	default:
		log.Info(string(e.Type), "endpoint", e.Endpoint)
	}
}
