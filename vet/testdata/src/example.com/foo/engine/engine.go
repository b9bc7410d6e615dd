// Package engine shows what a hook of a web service's engine must not do.
package engine

import (
	"net/http"
	"time"

	"example.com/foo/internal/failover"
)

// Bad: the hook waits for itself, and each call for a monitor.
func waits(list failover.List, monitor *http.Client) (*failover.Transport, error) {
	var transport *failover.Transport
	var err error
	transport, err = failover.New(list, failover.Options{
		OnEvent: func(e failover.Event) {
			_ = transport.Close() // want `Close waits for OnEvent to return, so inside of it it fails at once`
		},
		OnResult: func(r failover.Result) {
			monitor.Get("http://monitor/" + r.Endpoint) // want `Client.Get in OnResult holds up the call that it was called for`
			time.Sleep(time.Millisecond)                // want `time.Sleep in OnResult holds up the call`
		},
	})
	return transport, err
}

// Good: a goroutine of its own does what takes time.
func handsOn(list failover.List, results chan failover.Result) (*failover.Transport, error) {
	var transport *failover.Transport
	var err error
	transport, err = failover.New(list, failover.Options{
		OnEvent: func(failover.Event) { go transport.Close() },
		OnResult: func(r failover.Result) {
			select {
			case results <- r:
			default:
			}
		},
	})
	return transport, err
}
