// This program serves a sample call over SOAP, and stands in the registry's list
// of endpoints while it does. Keep what registers, and replace the call by your
// service.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/failover-gen/failover-gen/templates/webservice/internal/registry"
	"github.com/failover-gen/failover-gen/templates/webservice/internal/settings"
)

const (
	leaveTimeout = 5 * time.Second  // to tell the registry that the server goes
	drainTimeout = 10 * time.Second // for the calls that are under way then
)

func main() {
	listen := flag.String("listen", "localhost:8185", "serve on this `address`")
	url := flag.String("url", "", "register this `URL`, by which clients reach the server; http://ADDRESS/Foo unless given")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "there is no argument %q; -h lists the flags\n", flag.Arg(0))
		os.Exit(2)
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // so that a second signal ends the program at once
	if err := run(ctx, log, *listen, *url); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run serves until ctx ends. The server joins the list when it can take calls,
// and leaves it while it still can.
func run(ctx context.Context, log *slog.Logger, listen, url string) error {
	s, err := settings.Load()
	if err != nil {
		return err
	}
	for _, warning := range s.Warnings {
		log.Warn(warning)
	}
	config, err := s.Registry()
	if err != nil {
		return err
	}
	config.Logger = log
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return err
	}
	if url == "" {
		url = "http://" + listener.Addr().String() + "/Foo"
		if host, _, err := net.SplitHostPort(listen); err == nil && host != "" {
			_, port, _ := net.SplitHostPort(listener.Addr().String())
			url = "http://" + net.JoinHostPort(host, port) + "/Foo"
		}
	}
	mux := http.NewServeMux()
	mux.Handle("POST /Foo", answerCalls(url))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	log.Info("serving", "url", url)

	leave := func() {}
	if len(s.Endpoints) == 0 {
		leave, err = join(ctx, log, config, url)
	} else {
		log.Warn("the server joins no list, since the endpoints are a static one; set FAILOVER_REGISTRY_ADDRESSES and FAILOVER_REGISTRY_PATH")
	}
	if err != nil {
		return errors.Join(err, server.Close())
	}
	select {
	case err = <-served:
	case <-ctx.Done():
	}
	leave()
	draining, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	return errors.Join(err, server.Shutdown(draining))
}

// join puts the server into the list, and returns what takes it out. A server
// that nobody finds must not go unnoticed: it is logged until it is in the list.
func join(ctx context.Context, log *slog.Logger, config registry.Config, url string) (leave func(), err error) {
	registration, err := registry.Register(config, "cxf", url)
	if err != nil {
		return nil, err
	}
	ctx, stop := context.WithCancel(ctx)
	go func() {
		for ctx.Err() == nil {
			err := registration.Wait(ctx)
			if err == nil {
				return
			}
			if ctx.Err() == nil {
				log.Error("no client finds this server yet", "err", err)
			}
		}
	}()
	return func() {
		stop()
		leaving, cancel := context.WithTimeout(context.Background(), leaveTimeout)
		defer cancel()
		if err := registration.Close(leaving); err != nil {
			log.Error("clients may still call this server", "err", err)
		}
	}, nil
}
