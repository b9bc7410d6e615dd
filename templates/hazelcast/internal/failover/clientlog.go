package failover

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hazelcast/hazelcast-go-client/hzerrors"
	"github.com/hazelcast/hazelcast-go-client/logger"
)

// clientLog takes the client's own log lines, without secrets. It also makes
// good what is wrong with a start that fails (v1.6.0), which can be told from
// these lines only: its true cause is named nowhere else, and parts of it go on.
type clientLog struct {
	to       *slog.Logger
	redacted *strings.Replacer
	returned chan struct{} // closed when the start has come back
	started  atomic.Bool   // with a client
	mu       sync.Mutex
	cause    string
}

// Log implements the client's logger.Logger.
func (l *clientLog) Log(weight logger.Weight, text func() string) {
	if !l.started.Load() {
		select {
		case <-l.returned:
			l.leftBehind(text())
		default:
			if weight == logger.WeightDebug {
				l.starting(text())
			}
		}
	}
	level := slog.LevelDebug
	if weight <= logger.WeightWarn {
		level = slog.LevelWarn
	}
	if weight < logger.WeightDebug && l.to.Enabled(context.Background(), level) {
		l.to.Log(context.Background(), level, "hazelcast client: "+l.redacted.Replace(strings.TrimSpace(text())))
	}
}

// schemaInvoker is what a goroutine logs first that every start makes.
const schemaInvoker = "Started the schema invoker"

func (l *clientLog) starting(line string) {
	if _, cause, ok := strings.Cut(line, "error connecting to cluster, attempt 1: "); ok {
		l.mu.Lock()
		l.cause = cause
		l.mu.Unlock()
	}
	if line == schemaInvoker {
		if <-l.returned; !l.started.Load() {
			l.leftBehind(line)
		}
	}
}

// leftBehind stops what goes on in a client that did not start. The schema
// invoker would wait for ever, and hold half a megabyte. And if the member went
// mute after authentication, these two lines' functions call each other without
// end, until the stack is full and the process dies; so they wait in between
// until the connection is closed, which ends them.
func (l *clientLog) leftBehind(line string) {
	switch {
	case line == schemaInvoker:
		runtime.Goexit()
	case strings.HasPrefix(line, "cluster.ViewListenerService.try"):
		time.Sleep(time.Second)
	}
}

// explain returns why a start failed, as a refusedError if it was refused.
func (l *clientLog) explain(err error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cause != "" {
		err = errors.New(l.redacted.Replace(l.cause))
	}
	for sign, what := range map[string]string{
		hzerrors.ErrAuthentication.Error():            "the cluster refuses our credentials",
		hzerrors.ErrClientNotAllowedInCluster.Error(): "the cluster does not allow this client",
		"remote error: tls:":                          "the cluster refuses our certificate",
	} {
		if strings.Contains(err.Error(), sign) {
			return &refusedError{what, err}
		}
	}
	return fmt.Errorf("starting the client: %w", err)
}
