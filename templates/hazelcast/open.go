package main

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"sync"
	"time"

	"github.com/failover-gen/failover-gen/templates/hazelcast/internal/failover"
	"github.com/failover-gen/failover-gen/templates/ledger"
	"github.com/failover-gen/failover-gen/templates/outcome"
)

// What a service needs of the packages below internal, which it cannot import.
type (
	// Map is a map of whichever cluster is active; see Client.Map.
	Map = failover.Map
	// Options is what Open can be told besides failover.yaml.
	Options = failover.Options
	// Event is one change of the connection; see Options.OnEvent.
	Event = failover.Event
	// Result is one finished call; see Options.OnResult.
	Result = failover.Result
	// Stats is a snapshot of the client; see Client.Stats.
	Stats = failover.Stats
	// Outcome is what is known of a call once it has returned.
	Outcome = outcome.Outcome
)

// The outcomes of a call.
const (
	Acked    = outcome.Acked    // the cluster answered that it is done
	NotSent  = outcome.NotSent  // the call never left this process
	Unknown  = outcome.Unknown  // the call was sent and not answered: it may have been applied
	Rejected = outcome.Rejected // the call was refused, and would be again
)

// The changes of the connection that an Event tells of.
const (
	Connected      = failover.Connected
	Disconnected   = failover.Disconnected
	ChangedCluster = failover.ChangedCluster
)

// OutcomeOf returns the outcome that the error of a call stands for.
func OutcomeOf(err error) Outcome { return outcome.Of(err) }

// MayRepeat marks the calls made with the returned context as safe to repeat
// although their outcome is unknown: for keys that are written once, or by a
// single writer.
func MayRepeat(ctx context.Context) context.Context { return outcome.MayRepeat(ctx) }

// Client is connected to one cluster at a time, and goes on with the next when that
// one is lost. Its methods may be called from any goroutine.
type Client struct {
	*failover.Client
	writers int
	mapName string // that MakeLoad fills
	keys    string // what the keys of MakeLoad begin with
	book    *ledger.Ledger
	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	stopPin func() // ends the following of a pin
	loads   sync.WaitGroup
}

// Open reads the settings, opens the stores of every cluster, and connects in the
// background; Client.Wait waits for that. Its error tells of everything that is
// wrong with settings and stores. Each change may set options, such as hooks.
func Open(log *slog.Logger, changes ...func(*Options)) (*Client, error) {
	s, o, err := prepare(log, changes)
	if err != nil {
		return nil, err
	}
	for _, warning := range s.Warnings {
		o.Logger.Warn(warning)
	}
	book, err := ledger.Open(s.Ledger)
	if err != nil {
		return nil, err
	}
	onEvent, onResult := o.OnEvent, o.OnResult
	record(&o, book)
	o.OnEvent, o.OnResult = both(o.OnEvent, onEvent), both(o.OnResult, onResult)
	engine, stopPin, err := startClient(s, o)
	if err != nil {
		_ = book.Close() // nothing was written
		return nil, err
	}
	c := &Client{Client: engine, stopPin: stopPin, writers: s.Writers, mapName: cmp.Or(s.Map, mapName), keys: s.Keys, book: book}
	c.ctx, c.stop = context.WithCancel(context.Background())
	go warnOfExpiry(c.ctx, s.targets, o.Logger)
	return c, nil
}

// Check prints which clusters would be used with which certificates. Its error
// tells of everything that is wrong with settings and stores. It makes no
// connection. A flag -check of a service may call it.
func Check(out io.Writer, changes ...func(*Options)) error {
	s, o, err := prepare(nil, changes)
	if err != nil {
		return err
	}
	return check(out, s, o)
}

// prepare reads the settings and puts the options together.
func prepare(log *slog.Logger, changes []func(*Options)) (*setup, Options, error) {
	s, err := load()
	if err != nil {
		return nil, Options{}, err
	}
	o := options()
	o.Logger, o.Pin = log, s.Pin
	for _, change := range changes {
		change(&o)
	}
	o.Logger = cmp.Or(o.Logger, slog.Default())
	return s, o, nil
}

// both calls two functions, of which either may be nil.
func both[T any](first, second func(T)) func(T) {
	if first == nil || second == nil {
		if first == nil {
			return second
		}
		return first
	}
	return func(v T) {
		first(v)
		second(v)
	}
}

// MakeLoad gives failover-gen drill the writes that it judges: it puts unique
// values into the map of failover.yaml, or that of FAILOVER_MAP, until ctx ends or the client is closed. It
// does so only where FAILOVER_LEDGER is set, as a drill sets it. It returns at once.
func (c *Client) MakeLoad(ctx context.Context) {
	if c.book == nil {
		return
	}
	entry, m := uniqueEntries(c.keys), c.Map(c.mapName)
	for range c.writers {
		c.loads.Go(func() {
			for n := 0; ctx.Err() == nil && c.ctx.Err() == nil; n++ {
				key, value := entry(n % 1000)
				_, err := m.Put(context.Background(), key, value)
				if OutcomeOf(err) == Rejected {
					time.Sleep(100 * time.Millisecond) // a repeat at full speed would be rejected as well
				}
			}
		})
	}
}

// Close ends the connections and the ledger. Calls under way have until ctx ends.
func (c *Client) Close(ctx context.Context) error {
	c.stop()
	c.stopPin()
	ended := make(chan struct{})
	go func() {
		c.loads.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	err := c.Client.Close(ctx)
	_ = c.book.Close() // it was written line by line
	return err
}
