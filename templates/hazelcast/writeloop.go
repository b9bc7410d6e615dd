package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/failover-gen/failover-gen/templates/outcome"
)

// keys is how many different keys the loop writes to.
const keys = 100_000

// entries is what the loop needs of a map; *failover.Map has it.
type entries interface {
	Put(ctx context.Context, key, value any) (any, error)
	Get(ctx context.Context, key any) (any, error)
	Size(ctx context.Context) (int, error)
}

// tally counts calls by outcome.
type tally [4]atomic.Int64

func (t *tally) String() string {
	return fmt.Sprintf("%d acked, %d not sent, %d unknown, %d rejected", t[outcome.Acked].Load(),
		t[outcome.NotSent].Load(), t[outcome.Unknown].Load(), t[outcome.Rejected].Load())
}

// writeLoops runs n write loops until ctx ends.
func writeLoops(ctx context.Context, n int, m entries, entry func(n int) (key, value string), log *slog.Logger) *tally {
	total := &tally{}
	var loops sync.WaitGroup
	for range n {
		loops.Go(func() { writeLoop(ctx, m, entry, log, total) })
	}
	loops.Wait()
	return total
}

// writeLoop puts and gets random keys until ctx ends. When a call fails, the
// loop logs its outcome and goes on, while the client connects to another
// cluster. Calls do not use ctx, so that the last one can end; the client gives
// each a deadline.
func writeLoop(ctx context.Context, m entries, entry func(n int) (key, value string), log *slog.Logger, total *tally) {
	call := context.Background()
	reported := time.Now()
	for round := 1; ctx.Err() == nil; round++ {
		key, value := entry(rand.IntN(keys))
		_, err := m.Put(call, key, value)
		trap(ctx, "put", err, log, total)
		if ctx.Err() != nil {
			return
		}

		_, err = m.Get(call, fmt.Sprint("key-", rand.IntN(keys)))
		trap(ctx, "get", err, log, total)

		if round%10 == 0 && ctx.Err() == nil {
			size, err := m.Size(call)
			trap(ctx, "size", err, log, total)
			if err == nil && time.Since(reported) >= time.Second {
				reported = time.Now()
				log.Info("writing", "size", size, "calls", total.String())
			}
		}
	}
}

// trap counts a call and logs a failed one. Decide here what your service does
// then: an unknown put may have been applied, one that was not sent was not, a
// rejected one will be rejected again.
func trap(ctx context.Context, op string, err error, log *slog.Logger, total *tally) {
	o := outcome.Of(err)
	total[o].Add(1)
	if err == nil {
		return
	}
	log.Warn(op+" failed; going on", "outcome", o, "cause", err)
	if o == outcome.Rejected {
		select { // a repeat at full speed would be rejected as well
		case <-ctx.Done():
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// sampleEntry is the nth key with its value.
func sampleEntry(n int) (key, value string) {
	return fmt.Sprint("key-", n), fmt.Sprint("value-", n)
}

// uniqueEntries returns a function that never returns the same value twice. A
// drill sees from the values which write arrived on which cluster. With a prefix,
// as a drill on live clusters gives one, no key is returned twice either, and each
// begins with the prefix, so that the drill finds and removes its own entries only.
func uniqueEntries(prefix string) func(n int) (key, value string) {
	var count atomic.Int64
	run := fmt.Sprintf("%d-%x", os.Getpid(), rand.Uint32())
	return func(n int) (key, value string) {
		value = fmt.Sprintf("%s-%d", run, count.Add(1))
		if prefix != "" {
			return prefix + value, value
		}
		return fmt.Sprint("key-", n), value
	}
}
