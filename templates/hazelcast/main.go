// This program fills a map without end and goes on when a cluster is lost. It
// is a starting point: keep the client, replace the loop with your service.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/ledger"
	"github.com/hazelcast/hazelcast-go-client"
)

func main() {
	verbose := flag.Bool("v", false, "log the connection in detail")
	healthPort := flag.Int("health-port", 0, "serve /live, /ready and /stats on this port of 127.0.0.1; 0 serves nothing")
	flag.Parse()
	level := slog.LevelInfo
	if *verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, log, *healthPort); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run starts the client and the writers, and stops both when ctx ends.
func run(ctx context.Context, log *slog.Logger, healthPort int) error {
	writers, err := writerCount()
	if err != nil {
		return err
	}
	list, err := clusters()
	if err != nil {
		return err
	}
	book, err := ledger.Open()
	if err != nil {
		return err
	}
	defer book.Close()

	value := valueOfKey
	o := options()
	o.Logger = log
	o.Pin = os.Getenv("FAILOVER_PIN")
	o.ReadyToReturn = readyToReturn
	o.OnEvent = func(e failover.Event) {
		log.Info(string(e.Type), "cluster", e.Cluster)
		book.Event(e)
	}
	if book != nil {
		value = uniqueValues()
		o.OnResult = book.Call
	}
	client, err := failover.New(list, o)
	if err != nil {
		return err
	}
	if healthPort != 0 {
		stopHealth, err := serveHealth(healthPort, client)
		if err != nil {
			return err
		}
		defer stopHealth()
	}
	total := writeLoops(ctx, writers, client.Map(mapName), value, log)
	fmt.Printf("stopped: %s; %d switches\n", total, client.Stats().Switches)

	closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	return client.Close(closing)
}

// readyToReturn says whether a cluster that stands before the active one has
// caught up, for instance by a marker that your replication has carried over.
// It is asked only with "failback: auto", and an error means no.
func readyToReturn(context.Context, *hazelcast.Client) error {
	return errors.New("readyToReturn in main.go is not written yet")
}

// writerCount is the number of concurrent write loops: FAILOVER_WRITERS, or 1.
func writerCount() (int, error) {
	text := os.Getenv("FAILOVER_WRITERS")
	if text == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		return 0, errors.New("FAILOVER_WRITERS must be a number from 1")
	}
	return n, nil
}
